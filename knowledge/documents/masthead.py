"""The title of a document: its heading, or what the lines above its text say that it is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.documents.blocks import Block, section_named, sides_of
from knowledge.documents.sections import NUMBER

MAIL = r"(?:From|To|Cc|Date|Newsgroups|Organization|Version|Expires|[A-Z][a-z]+-[A-Za-z]+)"
SUBJECT = re.compile(  # of a mail, a memo or a proposal, up to the next such line
    r"(?:^|(?<=\s))(?:Subject|SUBJECT|Title|Re|RE|Feature Name|Topic):\s+(.{3,200}?)"
    rf"(?=\s+{MAIL}:\s|$)",
    re.MULTILINE,
)
HEADER = re.compile(rf"(?:^|(?<=\s)){MAIL}:\s", re.MULTILINE)
NAMED = re.compile(r"[\w -]{1,20}:\s")
MAX_BLOCKS_ABOVE = 20  # a text without a heading


@dataclass(frozen=True)
class Masthead:
    """The title of a document, "" if it has none, its blocks without that, and notes on it."""

    title: str
    body: tuple[Block, ...]
    notes: tuple[str, ...] = ()


def masthead(blocks: Sequence[Block]) -> Masthead:
    """The title and the rest. Headings of the first level that are sections ("Summary" and
    "Motivation", "1. Purpose" and "2. Options") are no titles; a subject line above the first of
    them is one, and the other lines of a mail's header are left out.
    """
    firsts = [i for i, block in enumerate(blocks) if block.level == 1]
    at = _heading(blocks, firsts)
    above = range(firsts[0] if firsts else min(len(blocks), MAX_BLOCKS_ABOVE))
    told = next((i for i in above if _subject(blocks[i])), None)
    if told is not None and not (at >= 0 and sides_of(blocks[at].text)):
        header = _header(blocks, told)
        body = tuple(block for i, block in enumerate(blocks) if i not in header)
        notes = ("The header of a mail was left out.",) if header else ()
        return Masthead(_subject(blocks[told]), body, notes)
    body = tuple(block for i, block in enumerate(blocks) if i != at)
    return Masthead(blocks[at].text if at >= 0 else "", body)


def top_headings(blocks: Sequence[Block]) -> list[str]:
    """Other headings that may name the options, those of two sides first."""
    tops = [block.text for block in blocks if block.level == 1 and not section_named(block.text)]
    seconds = [block.text for block in blocks if block.level == 2 and sides_of(block.text)]
    return [*sorted(tops, key=lambda text: not sides_of(text))[:3], *seconds[:3]]


def _heading(blocks: Sequence[Block], firsts: Sequence[int]) -> int:
    """The place of the heading that is the title, -1 if none is."""
    tops = [i for i in firsts if not section_named(blocks[i].text)]
    if not tops:
        return -1
    numbered = sum(bool(NUMBER.match(blocks[i].text)) for i in firsts)
    sections = firsts[0] != tops[0] or (numbered > 1 and NUMBER.match(blocks[tops[0]].text))
    return next((i for i in tops if sides_of(blocks[i].text)), -1 if sections else tops[0])


def _subject(block: Block) -> str:
    """The subject that a line of a paragraph or a row of a table states, "" if none does."""
    rows = [": ".join(cell.rstrip(":") for cell in row.cells if cell) for row in block.rows]
    match = SUBJECT.search("\n".join(rows) if rows else block.text)
    return match[1] if match else ""


def _header(blocks: Sequence[Block], at: int) -> range:
    """The places of the lines of a mail's header around the one with its subject, none of them if
    there is no such header.
    """
    start = end = at
    while start and _names_itself(blocks[start - 1]):
        start -= 1
    while end < len(blocks) and _names_itself(blocks[end]):
        end += 1
    lines = "\n".join(block.text for block in blocks[start:end])
    return range(start, end) if len(HEADER.findall(lines)) > 1 else range(0)


def _names_itself(block: Block) -> bool:
    return not block.level and not block.rows and bool(NAMED.match(block.text))
