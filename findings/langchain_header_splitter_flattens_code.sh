#!/usr/bin/env bash
# langchain-text-splitters 1.1.3: MarkdownHeaderTextSplitter takes the indentation from every line.
# It is there to divide a document at its headings, and knows of fenced code, in which it looks for
# none, so one expects the text between two headings as it stood. But each line is stripped before
# it is kept: code in a fence is no longer the code, a bullet below another stands beside it, and
# two spaces at an end, a line break in Markdown, are gone. No parameter keeps them.
#
# Seen: a function of three lines that compiles does not any more, and three levels of bullets are
# one level. Two sections in a row of the same heading come back as one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check langchain-text-splitters==1.1.3

"$folder/venv/bin/python" - <<'PYTHON'
import re
import sys

from langchain_text_splitters import MarkdownHeaderTextSplitter

CODE = "def price(kayak):\n    if kayak == 'plastic':\n        return 1450\n"
BULLETS = "- repairs\n    - at home\n        - with a patch\n"
USE = f"# Use\n\n```python\n{CODE}```\n\n{BULLETS}"
TEXT = f"{USE}\n# Trial\n\nFirst day\n\n# Trial\n\nSecond day\n"


def compiles(code):
    try:
        return bool(compile(code, "", "exec"))
    except SyntaxError:
        return False


parts = MarkdownHeaderTextSplitter([("#", "heading")]).split_text(TEXT)
use = parts[0].page_content
code = re.search(r"```python\n(.*?)```", use, re.DOTALL)[1]
indents = sorted({len(found[1]) for found in re.finditer(r"^( *)- ", use, re.MULTILINE)})
print(f"code: {code!r}\nindents of bullets: {indents}\nsections: {len(parts)}")
assert compiles(CODE)
seen = compiles(code), indents, len(parts)
sys.exit(None if seen == (False, [0], 2) else "changed: what becomes of indented lines")
PYTHON
echo "as described"
