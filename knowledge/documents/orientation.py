"""Which way a table compares: with the options as columns, or as rows.

    way(table) -> "rows"      Model | Price | Weight: each column holds cells of one type
    way(table) -> "columns"   Criterion | Sparrow | Orion: each row does

A type is a figure with its unit, a date, a yes/no mark, stars, or words. None where types tell
nothing: every cell is of one, or both ways are as mixed.
"""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from knowledge.documents.blocks import Block
from knowledge.documents.headers import CORNER, VALUE, WEIGHT, body_rows, header_row
from knowledge.documents.marks import NO, PARTLY, YES
from knowledge.documents.names import stem

Way = Literal["columns", "rows"]

CLEARLY = 0.2  # by which one way's share of cells of one type is above the other's
MARKED = re.compile(rf"(?i)[{YES}{NO}{PARTLY}]|(?:[-–—−+x]+|yes|no|partly|n/?a)\s*(?:$|[,;:(])")
STARS = re.compile(r"[★☆⭐½\s]+$")
DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
FIGURE = re.compile(
    r"(?i)(?:(?:from|up to|about|over|under)\s)?[~≈<>≤≥±+−-]?\s*([€£$¥]|[A-Z]{3}\s)?\s*"
    r"\d[\d.,’]*(?:\s*(?:to|-|–)\s*[€£$¥]?\d[\d.,’]*)?\s*([€£$¥%]|[^\W\d_]+)?(.*)$",
    re.DOTALL,
)
MAX_FIGURE_WORDS = 6


def way(block: Block) -> Way | None:
    """Which way `block` compares, as the types of its cells tell, else the names of its header and
    first column: "Noise (dB)" and "Best for" are no options.
    """
    header = header_row(block)
    rows = body_rows(block)
    kept = [i for i in range(1, len(header)) if not WEIGHT.match(header[i])]
    if len(rows) < 2 or len(kept) < 2:
        return None
    types = [[_type(row[i]) if i < len(row) else "" for i in kept] for row in rows]
    across, down = _alike(types), _alike([*zip(*types, strict=True)])
    if across - down > CLEARLY:
        return "columns"
    if down - across > CLEARLY:
        return "rows"
    values_below = sum(bool(VALUE.search(row[0])) for row in rows)
    values_above = sum(bool(VALUE.search(header[i])) for i in kept)
    if values_above != values_below:
        return "rows" if values_above > values_below else "columns"
    return "columns" if CORNER.match(header[0]) else None


def _alike(lines: Sequence[Sequence[str]]) -> float:
    """The share of pairs in the same line that are of one type; empty cells are of none."""
    pairs = [pair for line in lines for pair in combinations(filter(None, line), 2)]
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 0.0


def _type(cell: str) -> str:
    if not cell:
        return ""
    if MARKED.match(cell):
        return "mark"
    if STARS.match(cell):
        return "stars"
    if DATE.match(cell):
        return "date"
    figure = FIGURE.match(cell)
    if figure and len(figure[3].split()) < MAX_FIGURE_WORDS:
        return f"figure {(figure[1] or stem(figure[2] or '')).strip()}"
    return "words"
