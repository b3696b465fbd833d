"""A table's header as one line of names: what else stands in it becomes a row below.

| | Basic (€5) | Full (€9) |      ->  | | Basic | Full |
                                      | In the table's header | €5 | €9 |
"""

import re
from collections.abc import Sequence

from knowledge.documents.blocks import Block, Row, same, table
from knowledge.documents.names import NO_NAME

IN_HEADER = "In the table's header"
MONEY = r"(?:[€£$¥]\s?\d|\d[\d.,]*\s?(?:[€£$¥]|(?:EUR|USD|GBP|CHF)\b)|(?:EUR|USD|GBP|CHF)\s?\d)"
PRICED = re.compile(
    rf"(?P<name>.*\w\S*?)\s*(?:[–—:,(-]\s*)?(?P<price>\b(?:from |about )?{MONEY}.*?|(?<=\()free.*?"
    rf"|(?<![\w€£$¥]){MONEY}.*?)\)?$"
)
LEADING = NO_NAME | {"under", "over", "below", "above", "up", "than", "from", "about"}


def one_header(block: Block) -> Block:
    """`block` with a header of one line, and names in it without prices."""
    filled = [i for i, row in enumerate(block.rows) if any(row.cells)]
    if len(filled) < 3:
        return block
    first, second = (block.rows[i].cells for i in filled[:2])
    below = block.rows[filled[1] :]
    if _goes_on(first, second):
        names, beside, below = first, second, below[1:]
    elif priced := _priced(first):
        names, beside = priced
    else:
        return block
    said = ["" if a == b else a for a, b in zip(beside, names, strict=True)]
    return table([Row(names), Row((IN_HEADER, *said[1:])), *below], block.line)


def _goes_on(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the `second` line is below names of the `first` and in the same header: what stands
    over the names of the rows spans both.
    """
    return (
        len(first) == len(second)
        and second[0] == first[0] != ""
        and len({*map(same, first)}) == len(first)
        and any(a != b for a, b in zip(first, second, strict=True))
    )


def _priced(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The names of a header and the prices beside them, if two or more have one."""
    found = [PRICED.match(cell) for cell in header]
    names = [match["name"] if match else cell for match, cell in zip(found, header, strict=True)]
    whole = all(name.split()[-1].lower().strip("([") not in LEADING for name in names if name)
    if sum(map(bool, found[1:])) < 2 or not whole or len({*map(same, names)}) < len(names):
        return None
    return tuple(names), tuple(match["price"] if match else "" for match in found)
