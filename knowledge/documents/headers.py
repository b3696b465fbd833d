"""The header of a table, and which of its columns, or of its rows, may be options."""

import re

from knowledge.comparison import slug
from knowledge.documents.blocks import Block
from knowledge.documents.headed import CHOICE_HEADING
from knowledge.documents.labelled import unlabelled
from knowledge.documents.names import cleaned

META = re.compile(  # of a column that is no option's
    r"(?i)^(?:.*\b)?(?:winner|verdict|recommend\w*|notes?|remarks?|comments?|sources?|why|reasons?"
    r"|links?|details|better|best|advantage|edge|difference|ref(?:erence)?s?|unit|where)\b.*$"
)
WEIGHT = re.compile(
    r"(?i)\W*(?:weight(?:ing|s)?|importance|priority|units?)\W*(?:in\s\S+|%|\([^()]*\))?[\W¹²³⁰⁴-⁹]*$"
)
CORNER = re.compile(  # above the names of rows that compare
    r"(?i)\W*(?:criteri\w+|features?|aspects?|propert\w+|attributes?|dimensions?|traits?"
    r"|characteristics?)\W*$"
)
VALUE = re.compile(  # the name of a row or column of values: "Noise (dB)", "Has a lid?", "Best for"
    r"(?i)\((?:[€£$¥%°]\w?|[^\W\d_]{1,4}(?:/\w+)?)\)$|\?$"
    r"|^(?:best|ideal|suited|suitable|recommended) for\b"
)
MAX_NAME_WORDS = 7


def header_row(block: Block) -> tuple[str, ...]:
    """The cells of a table's header: of its first row that is not empty."""
    return next((row.cells for row in block.rows if any(row.cells)), ())


def body_rows(block: Block) -> list[tuple[str, ...]]:
    """The cells of the rows below the header that have more than a name."""
    rows = [row.cells for row in block.rows if any(row.cells)][1:]
    return [cells for cells in rows if len(set(filter(None, cells))) > 1]


def possible_options(block: Block, first: int = 1) -> list[str]:
    """The header cells of a table that may be options, from the `first`: no winners, no reasons."""
    header = header_row(block)
    named = [cleaned(unlabelled(cell)) for cell in header]
    return [
        cell
        for cell in dict.fromkeys(named[first:])
        if cell and slug(cell) and not META.match(cell) and not CHOICE_HEADING.match(cell)
    ]


def column_options(block: Block) -> list[str]:
    """The header cells that may be options, without those over names of rows and weights."""
    header = header_row(block)
    first = 1
    while first < len(header) - 1 and (
        header[first] == header[0] or CORNER.match(header[first]) or _groups(block, first)
    ):
        first += 1
    return [each for each in possible_options(block, first) if not WEIGHT.match(each)]


def _groups(block: Block, column: int) -> bool:
    """Whether the columns before `column` name groups of rows, and so it names the rows."""
    rows = body_rows(block)
    before = [cells[:column] for cells in rows]
    names = [cells[column] for cells in rows if column < len(cells)]
    repeated = len(set(before)) < len(before) or not all(any(each) for each in before)
    return repeated and len(rows) > 1 and all(names) and len(set(names)) == len(rows)


def row_options(block: Block) -> list[str]:
    """The first cells of a table's rows, if all of them may be options: names with letters."""
    names = [cleaned(cells[0]) for cells in body_rows(block)]
    good = all(
        re.search(r"[^\W\d_]", name) and slug(name) and len(name.split()) <= MAX_NAME_WORDS
        for name in names
    )
    return names if good and len(set(names)) == len(names) else []
