#!/usr/bin/env bash
# openpyxl 3.1.5: a formula that Excel stored once for a filled-down column is read with another
# name in each row. Such a shared formula is translated by moving its cell references; a defined
# name stays what it is, so one expects YTD2024 in each row. But whatever looks like letters and
# digits is moved as a cell, also beyond the last column, XFD, where Excel allows it as a name. Of
# names that end in a year the next row reads the next year, which may be defined as well.
#
# Seen, of "A1*YTD2024" shared by B1 to B3: B2 is =A2*YTD2025, B3 is =A3*YTD2026. The name YTD_2024
# stays in all three.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check openpyxl==3.1.5

"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
import zipfile

from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName


def formulas(name):
    """What is read of three rows that share a formula, as Excel stores a filled-down column."""
    book = Workbook()
    book.defined_names[name] = DefinedName(name, attr_text="Sheet!$D$1")
    for row in (1, 2, 3):
        book.active[f"A{row}"] = row
        book.active[f"B{row}"] = f"=ROW{row}()"
    book.save(f"{sys.argv[1]}/plain.xlsx")
    shared = {
        "<f>ROW1()</f>": f'<f t="shared" ref="B1:B3" si="0">A1*{name}</f>',
        "<f>ROW2()</f>": '<f t="shared" si="0"/>',
        "<f>ROW3()</f>": '<f t="shared" si="0"/>',
    }
    with zipfile.ZipFile(f"{sys.argv[1]}/plain.xlsx") as old:
        with zipfile.ZipFile(f"{sys.argv[1]}/shared.xlsx", "w") as new:
            for part in old.namelist():
                text = old.read(part).decode()
                for plain, replacement in shared.items():
                    assert (plain in text) == part.endswith("sheet1.xml")
                    text = text.replace(plain, replacement)
                new.writestr(part, text)
    read = load_workbook(f"{sys.argv[1]}/shared.xlsx")
    assert list(read.defined_names) == [name]
    return [cell.value for cell in read.active["B"]]


seen = {name: formulas(name) for name in ("YTD2024", "YTD_2024")}
print("read in rows 1 to 3:", *seen.values(), sep="\n  ")
described = {
    "YTD2024": ["=A1*YTD2024", "=A2*YTD2025", "=A3*YTD2026"],
    "YTD_2024": ["=A1*YTD_2024", "=A2*YTD_2024", "=A3*YTD_2024"],
}
sys.exit(None if seen == described else "changed: which names are counted up")
PYTHON
echo "as described"
