#!/usr/bin/env bash
# markdown-it-py 4.3.0: a bullet that is nested ten deep or deeper loses its text, and its inner
# list, without a word. `MarkdownIt()` is the preset "commonmark" here, with maxNesting 20, and each
# bullet takes two levels, its list and its item. CommonMark knows no such limit, and in JavaScript
# `markdownit()` is another preset, with 100.
#
# Seen: of 13 bullets, each one deeper than the last, 10 to 13 are missing in the default preset,
# with tables switched on too; none in "js-default", or with maxNesting 100.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check markdown-it-py==4.3.0

"$folder/venv/bin/python" - <<'PYTHON'
import sys

from markdown_it import MarkdownIt

text = "\n".join(f"{'  ' * depth}- bullet-{depth + 1}." for depth in range(13))
parsers = {
    "default": MarkdownIt(),
    "with tables": MarkdownIt().enable("table"),
    "js-default": MarkdownIt("js-default"),
    "maxNesting 100": MarkdownIt("commonmark", {"maxNesting": 100}),
}
missing = {
    name: [depth for depth in range(1, 14) if f"bullet-{depth}." not in parser.render(text)]
    for name, parser in parsers.items()
}
print("missing, of bullets 1 to 13:", missing)
deep = [10, 11, 12, 13]
described = {"default": deep, "with tables": deep, "js-default": [], "maxNesting 100": []}
sys.exit(None if missing == described else "changed: which bullets are dropped")
PYTHON
echo "as described"
