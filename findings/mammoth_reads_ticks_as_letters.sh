#!/usr/bin/env bash
# mammoth 1.13.0: a tick in Word's font Wingdings is read as "ü" or as "✓", by how it got there. Word
# shows both alike. What its menu inserts is an element of its own (w:sym with font and code), for
# which mammoth has a table of what such fonts draw. What is typed, pasted or set by a template is
# text in that font, and for this the table is not asked: a tick becomes "ü", a cross "û", an arrow
# "à". A run that is struck out twice (w:dstrike) is also read as if it were not, while one struck
# out once can be told by a style map ("strike => s").
#
# Seen: the cells "✓" and "ü", and "<s>old</s>" and "old".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check mammoth==1.13.0

"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys
import zipfile

import mammoth

OFFICE = "http://schemas.openxmlformats.org"
WORDS = f'xmlns:w="{OFFICE}/wordprocessingml/2006/main"'
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
FONT = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
RUNS = {
    "inserted tick": '<w:sym w:font="Wingdings" w:char="F0FC"/>',
    "typed tick": f"{FONT}<w:t>\xfc</w:t>",
    "struck out once": "<w:rPr><w:strike/></w:rPr><w:t>old</w:t>",
    "struck out twice": "<w:rPr><w:dstrike/></w:rPr><w:t>old</w:t>",
}
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types">'
    f'<Override PartName="/document.xml" ContentType="{TYPE}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship '
    f'Id="r" Type="{OFFICE}/officeDocument/2006/relationships/officeDocument" '
    'Target="document.xml"/></Relationships>',
}


def read(run: str) -> str:
    body = f"<w:document {WORDS}><w:body><w:p><w:r>{run}</w:r></w:p></w:body></w:document>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in (PARTS | {"document.xml": body}).items():
            packed.writestr(name, content)
    read = mammoth.convert_to_html(file, style_map="strike => s").value
    return read.removeprefix("<p>").removesuffix("</p>")


seen = {name: read(run) for name, run in RUNS.items()}
for name, text in seen.items():
    print(f"{name:17} {text}")
sys.exit(None if list(seen.values()) == ["✓", "ü", "<s>old</s>", "old"] else "changed: its text")
PYTHON
echo "as described"
