"""Options of a document on a move, "from Alder to Birch", that says who should stay as well."""

import re
from collections.abc import Sequence
from itertools import islice

from knowledge.documents.blocks import Block
from knowledge.documents.names import Names, cleaned

NAME = r"[^\W\d_a-z][\w+-]*(?: (?:[^\W\d_a-z][\w+-]*|\d[\w.]*\w|\d)){0,3}"
MOVED = re.compile(
    r"(?i:\b(?:mov|migrat|switch|chang|upgrad|transition|convert)\w*\b)[^.!?;]{0,40}?"
    rf"\b(?i:from) (?:the )?({NAME}) (?:over )?to (?:the )?({NAME})"
)
STAYS = re.compile(r"(?i)\b(?:stay|stick|remain|keep)\b[^.!?;«]{0,20}«0»")
MOVES = re.compile(r"(?i)\b(?:move|migrate|switch|change|upgrade|go|start)\b[^.!?;«]{0,20}«1»")
MAX_MOVES = 10  # each takes a search of the whole text


def moved_options(blocks: Sequence[Block]) -> list[str]:
    """What the text moves from and what to, if it advises to stay with the one and to move to the
    other; else none.
    """
    lines = [" ".join(each.text.split()) for each in blocks if not (each.rows or each.code)]
    for match in islice(filter(None, map(MOVED.search, lines)), MAX_MOVES):
        options = [cleaned(match[1]), cleaned(match[2])]
        names = Names(options)
        marked = [_marked(names, line) for line in lines]
        if any(map(STAYS.search, marked)) and any(map(MOVES.search, marked)):
            return options
    return []


def _marked(names: Names, text: str) -> str:
    parts, at = [], 0
    for each in names.mentions(text):
        parts += [text[at : each.start], f"«{each.option}»"]
        at = each.end
    return "".join([*parts, text[at:]])
