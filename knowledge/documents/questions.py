"""Questions with answers, "Q: … A: …", as headings with what stands under them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block

ASKED = re.compile(r"\W{0,4}(?:Q|Question)\s?\d{0,2}\s?[:.)]\W{0,4}\s(?=\S)")
ANSWERED = re.compile(r"(?:^|(?<=\s))\W{0,4}(?:A|Answer)\s?\d{0,2}\s?[:.)]\W{0,4}\s(?=\S)")
MIN_ASKED = 2
LEVEL = 6


def with_questions(blocks: Sequence[Block]) -> list[Block]:
    """`blocks`, with a heading for each question that a paragraph asks and answers, or that the
    next one answers, where several are.
    """
    found: list[Block] = []
    count = 0
    for i, each in enumerate(blocks):
        parts = _asked(each, blocks[i + 1 : i + 2])
        count += bool(parts)
        last = found[-1] if found else None
        if not parts and last is not None and last.level == LEVEL and ANSWERED.match(each.text):
            parts = [replace(each, text=ANSWERED.sub("", each.text, count=1), bold=())]
        found += parts or [each]
    return found if count >= MIN_ASKED else [*blocks]


def _asked(block: Block, following: Sequence[Block]) -> list[Block]:
    """The question of a paragraph as a heading, and its answer if that stands there too."""
    start = None if block.level or block.rows or block.code else ASKED.match(block.text)
    if not start:
        return []
    answer = ANSWERED.search(block.text, start.end())
    if not answer and not any(ANSWERED.match(each.text) for each in following):
        return []
    question = block.text[start.end() : answer.start() if answer else None]
    heading = Block(LEVEL, " ".join(question.split()), line=block.line)
    if not answer:
        return [heading]
    return [heading, replace(block, text=block.text[answer.end() :], bold=(), item=0)]
