#!/usr/bin/env bash
# tokenizers 0.23.3 with python-pptx 1.0.2: the last word of a line and the first of the next become
# one token, and two numbers become another number. A line break within a paragraph of a slide is
# read as a vertical tab, which Python counts as white space: split() and \s part there, so one
# expects the tokenizer of BERT models to do so too. But BertNormalizer turns only tab, newline and
# carriage return into spaces; it takes a vertical tab, and a form feed, for a control character to
# be removed. What is embedded is not the text that a reader, or a search for words, sees.
#
# Seen, of a title "Rated 4" over "5 years on the market": the words are rated, 45, years, ... Of
# the line ends that split() knows, \v, \f, \x1c, \x1d, \x1e and \x85 join words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check tokenizers==0.23.3 python-pptx==1.0.2

"$folder/venv/bin/python" - "$folder/some.pptx" <<'PYTHON'
import sys

from pptx import Presentation
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer


def words(text):
    """What a tokenizer of a BERT model looks up, or splits further, in its vocabulary."""
    normalized = BertNormalizer().normalize_str(text)
    return [word for word, _ in BertPreTokenizer().pre_tokenize_str(normalized)]


deck = Presentation()
slide = deck.slides.add_slide(deck.slide_layouts[5])
paragraph = slide.shapes.title.text_frame.paragraphs[0]
paragraph.add_run().text = "Rated 4"
paragraph.add_line_break()
paragraph.add_run().text = "5 years on the market"
deck.save(sys.argv[1])

title = Presentation(sys.argv[1]).slides[0].shapes.title.text_frame.text
print(f"read: {title!r}\nsplit: {title.split()}\nwords: {words(title)}")
ends = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
assert all(f"4{end}5".split() == ["4", "5"] for end in ends)
joined = "".join(end for end in ends if words(f"4{end}5") == ["45"])
print(f"joined at: {joined!r}")
seen = words(title)[:3], joined
described = ["rated", "45", "years"], "\v\f\x1c\x1d\x1e\x85"
sys.exit(None if seen == described else "changed: at which line ends words are joined")
PYTHON
echo "as described"
