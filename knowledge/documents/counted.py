"""Names of options that a text counts: "Three ways to cross" over as many names, "We have two
options:" above a list of two.
"""

import re
from collections.abc import Sequence
from itertools import islice

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import Block, plain
from knowledge.documents.headed import CONSIDERED, MAX_USUAL_WORDS, REMARK
from knowledge.documents.names import Names, cleaned
from knowledge.documents.sections import NUMBER, numberless

COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": MAX_OPTIONS}
COUNTED = re.compile(rf"(?i)(?<![\w.,])({'|'.join(COUNTS)}|[2-6])\s+[^\W\d]")
NAME = r"[\"'“‘*]*[A-Z0-9][\w'’.-]*(?: [A-Z0-9][\w'’.-]*){0,3}[\"'”’*]*"
CALLED = re.compile(
    rf"\b((?i:{'|'.join(COUNTS)})|[2-6]) (?:[\w'’-]+ ){{0,4}}?[\w'’-]+,? "
    r"(?:called|named|namely)[:,]? "
    rf"({NAME}(?:, {NAME})*,? (?:and|or) {NAME})"
)
AND = re.compile(r",? (?:and|or) |, ")
MAX_LISTS = 20  # each takes a search of the whole text
NAME_ENDS = re.compile(r"\s*(?::|–|—|;|,|\s-\s|\.\s)\s*")


def counted_options(titles: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """As many names as a title, or the line above their list, counts; or those under "Options:".

    They are the bullets of that list, the headings below a heading that counts them, numbered
    headings, the bold words that paragraphs begin with, or those of one that counts them. The text
    names each elsewhere too, if only by a word of it, else they are no options.
    """
    ways = (_listed, _headed, _in_bold)
    lists = (way(blocks, i) for i in range(len(blocks)) for way in ways)
    found = [*islice(filter(None, lists), MAX_LISTS)]
    counts = {count for title in titles for count in _counts(title)}
    for name in (_numbered, _lead):
        named = {name(block): i for i, block in enumerate(blocks) if name(block)}
        found += [named] if len(named) in counts else []
    return next(([*each] for each in found if _are_options(each, blocks)), [])


def called_options(blocks: Sequence[Block]) -> list[str]:
    """As many names as a sentence counts: "There are three ferries, called Alba, Brig and Cora"."""
    for block in blocks:
        for match in () if block.rows or block.code else CALLED.finditer(plain(block.text)):
            names = [cleaned(name) for name in AND.split(match[2])]
            count = COUNTS.get(match[1].lower()) or int(match[1])
            if len({*names}) == len(names) == count and all(names):
                return names
    return []


def _counts(text: str) -> set[int]:
    return {COUNTS.get(said.lower()) or int(said) for said in COUNTED.findall(text)}


def _numbered(block: Block) -> str:
    return cleaned(numberless(block.text)) if block.level and NUMBER.match(block.text) else ""


def _lead(block: Block) -> str:
    return cleaned(block.lead) if not (block.level or block.rows) else ""


def _listed(blocks: Sequence[Block], at: int) -> dict[str, int]:
    """The names in the list below the line `at`, by their places, if that counts them or says that
    they are options; else none.
    """
    line = blocks[at]
    opens = line.text.endswith(":")
    if line.level or line.item or not (opens or _counts(line.text)):
        return {}
    found: dict[str, int] = {}
    for i, block in enumerate(blocks[at + 1 :], at + 1):
        if not block.item:
            break
        if block.item == blocks[at + 1].item:
            named = block.lead or NAME_ENDS.split(REMARK.sub("", block.text))[0]
            found.setdefault(cleaned(named), i)
    says = (opens and CONSIDERED.search(line.text)) or len(found) in _counts(line.text)
    return found if says else {}


def _headed(blocks: Sequence[Block], at: int) -> dict[str, int]:
    """The headings one level below a heading that counts them: "The two schemes in brief"."""
    over = blocks[at]
    counts = _counts(over.text) if over.level else set()
    if not counts:
        return {}
    ends = (i for i, each in enumerate(blocks) if i > at and 0 < each.level <= over.level)
    below = [i for i in range(at + 1, next(ends, len(blocks))) if blocks[i].level]
    top = min((blocks[i].level for i in below), default=0)
    found = {cleaned(numberless(blocks[i].text)): i for i in below if blocks[i].level == top}
    return found if len(found) in counts else {}


def _in_bold(blocks: Sequence[Block], at: int) -> dict[str, int]:
    """The bold words of a paragraph that counts them: "Of the three on offer, an **inn** is …"."""
    text = blocks[at]
    if text.level or text.rows or text.item or text.lead or len(text.bold) < 2:
        return {}
    found = dict.fromkeys(map(cleaned, text.bold), at)
    return found if len(found) in _counts(text.text) else {}


def _are_options(named: dict[str, int], blocks: Sequence[Block]) -> bool:
    names = [*named]
    if not 2 <= len(names) <= MAX_OPTIONS or not all(names):
        return False
    known = Names(names)
    places = {*named.values()}
    rest = [b.text for i, b in enumerate(blocks) if i not in places and not (b.rows or b.code)]
    told = {each.option for text in rest for each in known.mentions(text)}
    short = all(len(name.split()) <= MAX_USUAL_WORDS for name in names)
    return short and len(told) == len(names)
