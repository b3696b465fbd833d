"""Blocks: headings, paragraphs and tables, the common form of every document format.

Each format has a module next to this one; knowledge.documents.reader gives blocks their meaning.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import get_args

from knowledge.comparison import Kind, slug

KINDS: tuple[Kind, ...] = get_args(Kind)
SECTION_NAMES: dict[Kind, str] = {  # slugs, without "the-"
    "introduction": "introduction intro comparison overview",
    "dimension": "feature-comparison features feature-table comparison-table side-by-side",
    "analysis": "detailed-analysis analysis in-depth-analysis deep-dive",
    "best-for": "best-for use-cases best-use-cases recommendations",
    "bottom-line": "bottom-line verdict final-verdict conclusion summary",
}
DEFAULT_BOTH = "Both / Depends"
MAX_SIZE_BYTES = 5_000_000
MAX_TITLE_CHARS = 100
MAX_DIMENSION_CHARS = 60
MAX_SEAMS = 50
MAX_FRONT_MATTER_CHARS = 10_000


@dataclass(frozen=True)
class Row:
    """The cells of a table row; `doubt` is the reason why it could not be read for certain."""

    cells: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6), a paragraph (0, with its lines), or a table (0, with `rows`)."""

    level: int
    text: str
    rows: tuple[Row, ...] = ()


def plain(text: str) -> str:
    """`text` in one line: NFC, whitespace folded, without control and invisible characters."""
    joiners = "\u200c\u200d"  # they shape words in some scripts
    kept = "".join(
        char
        for char in text
        if char.isspace() or char in joiners or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def block(level: int, text: str) -> list[Block]:
    """`text` as a block without empty lines; [] if nothing is left."""
    lines = [line for line in map(plain, text.split("\n")) if line]
    return [Block(level, (" " if level else "\n").join(lines))] if lines else []


def table(rows: list[Row]) -> Block:
    return Block(0, "\n".join(" | ".join(row.cells) for row in rows), tuple(rows))


def same(label: str) -> str:
    """The common form of different spellings of a label."""
    return plain(label).casefold()


def short(text: str) -> str:
    text = plain(text)
    return text if len(text) <= MAX_DIMENSION_CHARS else text[: MAX_DIMENSION_CHARS - 1] + "…"


def section_named(heading: str) -> Kind | None:
    """The section with the name `heading`, if there is one."""
    name = re.sub(r"^(?:\d+-)?(?:the-)?", "", slug(heading))
    return next((kind for kind in KINDS if name in SECTION_NAMES[kind].split()), None)


def sides_of(title: str) -> tuple[str, ...]:
    """A and B of "A vs B", otherwise ()."""
    sides = tuple(map(plain, re.split(r"(?i) (?:vs\.?|versus) ", title)))
    return sides if len(sides) == 2 and all(sides) else ()


def is_title(line: str) -> bool:
    """Whether `line` looks like a heading or label: short, without a sentence end or a bullet."""
    ends = re.search(r"[.!;:,…][\"'”’)\]]*$|^[-*•–·] ", line)
    return len(line) <= MAX_TITLE_CHARS and not ends
