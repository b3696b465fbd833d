"""Names of options that a text counts: "Three ways to cross" over as many names, "We have two
options:" above a list of two.
"""

import re
from collections.abc import Sequence
from itertools import islice

from knowledge.comparison import MAX_OPTIONS
from knowledge.documents.blocks import Block
from knowledge.documents.headed import CONSIDERED, MAX_USUAL_WORDS
from knowledge.documents.names import Names, cleaned
from knowledge.documents.sections import NUMBER, numberless

COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": MAX_OPTIONS}
COUNTED = re.compile(rf"(?i)(?<![\w.,])({'|'.join(COUNTS)}|[2-6])\s+[^\W\d]")
MAX_LISTS = 20  # each takes a search of the whole text
NAME_ENDS = re.compile(r"\s*(?::|–|—|;|,|\s-\s|\.\s)\s*")


def counted_options(titles: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """As many names as a title, or the line above their list, counts; or those under "Options:".

    They are the bullets of that list, numbered headings, or the bold words that paragraphs begin
    with. The text names each elsewhere too, if only by a word of it, else they are no options.
    """
    lists = (_listed(blocks, i) for i in range(len(blocks)))
    found = [*islice(filter(None, lists), MAX_LISTS)]
    counts = {count for title in titles for count in _counts(title)}
    for name in (_numbered, _lead):
        named = {i: name(block) for i, block in enumerate(blocks) if name(block)}
        found += [named] if len(named) in counts else []
    return next(([*each.values()] for each in found if _are_options(each, blocks)), [])


def _counts(text: str) -> set[int]:
    return {COUNTS.get(said.lower()) or int(said) for said in COUNTED.findall(text)}


def _numbered(block: Block) -> str:
    return cleaned(numberless(block.text)) if block.level and NUMBER.match(block.text) else ""


def _lead(block: Block) -> str:
    return cleaned(block.lead) if not (block.level or block.rows) else ""


def _listed(blocks: Sequence[Block], at: int) -> dict[int, str]:
    """The names in the list below the line `at`, by their places, if that counts them or says that
    they are options; else none.
    """
    line = blocks[at]
    if line.level or line.item or not line.text.endswith(":"):
        return {}
    found: dict[int, str] = {}
    for i, block in enumerate(blocks[at + 1 :], at + 1):
        if not block.item:
            break
        if block.item == blocks[at + 1].item:
            found[i] = cleaned(block.lead or NAME_ENDS.split(block.text)[0])
    says = CONSIDERED.search(line.text) or len(found) in _counts(line.text)
    return found if says else {}


def _are_options(named: dict[int, str], blocks: Sequence[Block]) -> bool:
    names = [*named.values()]
    if not 2 <= len(names) <= MAX_OPTIONS or not all(names):
        return False
    known = Names(names)
    rest = [b.text for i, b in enumerate(blocks) if i not in named and not (b.rows or b.code)]
    told = {each.option for text in rest for each in known.mentions(text)}
    short = all(len(name.split()) <= MAX_USUAL_WORDS for name in names)
    return short and len(told) == len(names)
