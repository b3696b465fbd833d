#!/usr/bin/env bash
# html2text 2025.4.15 with markdown-it-py 4.0.0: a table cell that is empty moves figures under the
# heading of another column, or unmakes the table. html2text writes a row without the pipes at its
# ends, which Markdown allows, so one expects a parser of Markdown to read the same table. But a row
# whose first cell is empty then begins with a pipe, and that is read as the optional one: the row
# has a cell less, all others move to the left, and the last stays empty. Is it the header, as in
# any comparison with an empty corner, it has fewer cells than the line below: no table at all.
#
# Seen, of the rows "Price, 1450, 3150" and, below it, "(empty), 1200, 2900" under "Plastic" and
# "Laminate": the second price of Plastic becomes 2900. With pad_tables=True all is read right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check html2text==2025.4.15 \
  markdown-it-py==4.0.0

"$folder/venv/bin/python" - <<'PYTHON'
import sys

from html2text import HTML2Text
from markdown_it import MarkdownIt


def read(header, *rows, padded=False):
    """The rows of cells of an HTML table, after it was Markdown."""
    lines = [("th", header), *(("td", row) for row in rows)]
    cells = ("".join(f"<{tag}>{text}</{tag}>" for text in row) for tag, row in lines)
    writer = HTML2Text(bodywidth=0)
    writer.pad_tables = padded
    markdown = writer.handle(f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>")
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and found:
            found[-1].append(token.content)
    return found


options, price, sale = ["Plastic", "Laminate"], ["Price", "1450", "3150"], ["", "1200", "2900"]
whole = [["Material", *options], price, sale]
moved, unmade = read(*whole), read(["", *options], price)
print(f"first cell empty in the body: {moved}\nin the header: {unmade}")
assert read(*whole, padded=True) == whole
assert read(["Material", *options], price) == [["Material", *options], price]
seen = moved[-1], unmade
sys.exit(None if seen == (["1200", "2900", ""], []) else "changed: what an empty cell does")
PYTHON
echo "as described"
