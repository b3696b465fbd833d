#!/usr/bin/env bash
# pandas 3.1.1 with odfpy 1.4.1: of an OpenDocument sheet, a cell that is true is read as False when
# it is not displayed as "TRUE". The value stands in the attribute boolean-value, as "true"; the
# text is only what the office program displayed, in its user's language. pandas takes numbers,
# currencies and percentages from their attributes, so one expects booleans from theirs. But it
# compares the text with "TRUE" and calls all else False: every "yes" of a German sheet is a no.
#
# Seen, of cells that are all true: False for the texts WAHR, VRAI and true, True only for TRUE. The
# engine python-calamine 0.9.1 reads the same file as four times True.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check pandas==3.1.1 odfpy==1.4.1 \
  python-calamine==0.9.1

"$folder/venv/bin/python" - "$folder/some.ods" <<'PYTHON'
import sys

import pandas as pd
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

TEXTS = ["WAHR", "VRAI", "true", "TRUE"]
document, table, row = OpenDocumentSpreadsheet(), Table(name="some"), TableRow()
for text in TEXTS:
    cell = TableCell(valuetype="boolean", booleanvalue="true")
    cell.addElement(P(text=text))
    row.addElement(cell)
table.addElement(row)
document.spreadsheet.addElement(table)
document.save(sys.argv[1])

seen = {}
for engine in ("odf", "calamine"):
    cells = pd.read_excel(sys.argv[1], engine=engine, header=None).loc[0]
    seen[engine] = [bool(cell) for cell in cells]
    print(f"true, displayed as {', '.join(TEXTS)}; read by {engine}:", seen[engine])
described = {"odf": [False, False, False, True], "calamine": [True] * 4}
sys.exit(None if seen == described else "changed: which true cells are read as False")
PYTHON
echo "as described"
