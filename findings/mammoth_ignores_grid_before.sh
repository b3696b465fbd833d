#!/usr/bin/env bash
# mammoth 1.13.0: in a Word table with an indented row, cells move to another column, and a vertical
# merge is given to another cell. Such a row says with gridBefore how many columns it leaves out on
# its left. mammoth reads merges and spans, so one expects it to count columns as Word does, with an
# empty cell for what is left out. But it counts cells from the left, and gives no message.
#
# Seen, of a header "Option | Cost | Risk", "Cost" merged with the cell below it, and a second row
# that starts in column 2 and has "high" in column 3: in HTML "Option" spans two rows and "high"
# stands below "Cost". python-docx 1.2.0 repeats "Cost" in the second row, and "high" comes third.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check mammoth==1.13.0 python-docx==1.2.0

"$folder/venv/bin/python" - "$folder/some.docx" <<'PYTHON'
import sys

import mammoth
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

document = Document()
table = document.add_table(2, 3)
for cell, text in zip(table.rows[0].cells, ("Option", "Cost", "Risk")):
    cell.text = text
table.cell(0, 1).merge(table.cell(1, 1))
table.cell(1, 2).text = "high"
second = table.rows[1]._tr
second.remove(second.tc_lst[0])
before = OxmlElement("w:gridBefore")
before.set(qn("w:val"), "1")
second.get_or_add_trPr().append(before)
document.save(sys.argv[1])

row = Document(sys.argv[1]).tables[0].rows[1]
print(f"python-docx: {row.grid_cols_before} column left out, then {[c.text for c in row.cells]}")
assert row.grid_cols_before == 1 and [cell.text for cell in row.cells] == ["Cost", "high"]
with open(sys.argv[1], "rb") as file:
    result = mammoth.convert_to_html(file)
html = result.value.replace("<p>", "").replace("</p>", "")
print("mammoth:", html, "messages:", result.messages)
described = (
    '<table><tr><td rowspan="2">Option</td><td>Cost</td><td>Risk</td></tr>'
    "<tr><td>high</td></tr></table>"
)
same = html == described and not result.messages
sys.exit(None if same else "changed: where the cells of an indented row are put")
PYTHON
echo "as described"
