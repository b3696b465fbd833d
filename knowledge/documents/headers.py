"""The header of a table, and which of its columns may be options."""

import re

from knowledge.comparison import slug
from knowledge.documents.blocks import Block
from knowledge.documents.headed import CHOICE_HEADING
from knowledge.documents.names import cleaned

META = re.compile(  # of a column that is no option's
    r"(?i)^(?:.*\b)?(?:winner|verdict|recommend\w*|notes?|remarks?|comments?|sources?|why|reasons?"
    r"|links?|details|better|best|advantage|edge|difference|ref(?:erence)?s?|unit|where)\b.*$"
)


def possible_options(block: Block, first: int = 1) -> list[str]:
    """The header cells of a table that may be options, from the `first`: no winners, no reasons."""
    header = header_row(block)
    named = [cleaned(cell) for cell in header]
    return [
        cell
        for cell in dict.fromkeys(named[first:])
        if cell and slug(cell) and not META.match(cell) and not CHOICE_HEADING.match(cell)
    ]


def header_row(block: Block) -> tuple[str, ...]:
    """The cells of a table's header: of its first row that is not empty."""
    return next((row.cells for row in block.rows if any(row.cells)), ())
