"""The blocks that every document is read into: headings, paragraphs and tables.

Each format has a reader of its own beside this module; what blocks mean is for
knowledge.documents.reader to say.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
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
NOTHING_SAID = "—"  # in a cell
DEFAULT_BOTH = "Both / Depends"
MAX_TITLE_CHARS = 100
MAX_DIMENSION_CHARS = 60
RAISED_FROM = "0123456789+-=()n,* "
RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")


@dataclass(frozen=True)
class Row:
    """The cells of a table row; `doubt` says why a fused one could not be split, `group` which rows
    it belongs to.
    """

    cells: tuple[str, ...]
    doubt: str = ""
    group: str = ""


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6), a paragraph (0, its lines kept), or a table (0, with `rows`).

    `item` is how deep a bullet stands in lists, 0 for none; `bold` are the stretches of `text` in
    bold type; `line` is where it stands in its file, from 1, 0 where that is not known; `of_table`
    is a title or a note that stood in a table.
    """

    level: int
    text: str
    rows: tuple[Row, ...] = ()
    item: int = 0
    bold: tuple[str, ...] = ()
    code: bool = False
    line: int = 0
    of_table: bool = False

    @property
    def lead(self) -> str:
        """The bold words that a paragraph begins with, "" if it begins with none."""
        first = self.bold[0] if self.bold else ""
        return first if first and self.text.startswith(first) else ""


def plain(text: str) -> str:
    """`text` in one line: NFC, whitespace folded, no control or invisible format characters."""
    words = " ".join(text.split())
    if words.isascii() and words.isprintable():  # most are, and a long document has many
        return words
    joiners = "\u200c\u200d"  # they shape the words of some scripts
    kept = "".join(
        char
        for char in text
        if char.isspace() or char in joiners or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def block(
    level: int, text: str, bold: Iterable[str] = (), item: int = 0, line: int = 0
) -> list[Block]:
    """`text` as a block, without its empty lines; no block if nothing is left."""
    lines = [line for line in map(plain, text.split("\n")) if line]
    marked = tuple(filter(None, map(plain, bold)))
    joined = (" " if level else "\n").join(lines)
    return [Block(level, joined, (), item, marked, line=line)] if lines else []


def table(rows: Sequence[Row], line: int = 0) -> Block:
    text = "\n".join(" | ".join(row.cells) for row in rows)
    return Block(0, text, tuple(rows), line=line)


def grid(rows: Iterable[Iterable[tuple[str, int, int]]]) -> list[Row]:
    """Rows with a cell for each column, from cells given as text and how many columns and rows each
    spans (HTML and reStructuredText leave out what an earlier cell covers). A row that is one wide
    cell stays one.
    """
    found: list[Row] = []
    covered: dict[int, tuple[int, str]] = {}  # by a cell of an earlier row: for how many more rows
    for row in rows:
        cells: list[str] = []
        below = {at: (left - 1, text) for at, (left, text) in covered.items() if left > 1}
        given = [*row]
        for text, width, height in given:
            while len(cells) in covered:
                cells.append(covered[len(cells)][1])
            if height > 1:
                below |= dict.fromkeys(range(len(cells), len(cells) + width), (height - 1, text))
            cells += [text] * width
        while len(cells) in covered:
            cells.append(covered[len(cells)][1])
        filled = [(text, width) for text, width, _ in given if text]
        alone = not covered and len(filled) == 1 and filled[0][1] > 1 and bool(cells[0])
        found.append(Row(tuple(cells[:1] if alone else cells)))
        covered = below
    return found


def raised(text: str) -> str:
    """What stands above the line as a sign of its own: 25 with a raised 1 is 25¹, never 251."""
    return text.translate(RAISED) if all(char in RAISED_FROM for char in text) else text


def struck_out_note(pieces: int) -> list[str]:
    """That so many pieces of text were left out, as their writer struck them out; empty for 0."""
    counted = f"{pieces} piece{'s' if pieces > 1 else ''}"
    return [f"Struck-out text was left out: {counted}."] if pieces else []


def left_of_cell(text: str, struck: bool, header: bool) -> str:
    """What is left of a cell; all of it `struck` out leaves a dash, as an empty row names a group.

    A header stays empty.
    """
    return NOTHING_SAID if struck and not text and not header else text


def same(label: str) -> str:
    """What two spellings of a label have in common."""
    return plain(label).casefold()


def short(text: str) -> str:
    text = plain(text)
    return text if len(text) <= MAX_DIMENSION_CHARS else text[: MAX_DIMENSION_CHARS - 1] + "…"


def section_named(heading: str) -> Kind | None:
    """The section that `heading` opens, if it is the name of one."""
    name = re.sub(r"^(?:\d+-)?(?:the-)?", "", slug(heading))
    return next((kind for kind in KINDS if name in SECTION_NAMES[kind].split()), None)


def sides_of(title: str) -> tuple[str, ...]:
    """A and B of "A vs B", else nothing."""
    sides = tuple(map(plain, re.split(r"(?i) (?:vs\.?|versus) ", title)))
    return sides if len(sides) == 2 and all(sides) else ()


def is_title(line: str) -> bool:
    """Whether `line` reads as a heading or label: short, no sentence's end, no list item."""
    ends = re.search(r"[.!;:,…][\"'”’)\]]*$|^[-*•–·] ", line)
    return len(line) <= MAX_TITLE_CHARS and not ends


def defined(term: str, meaning: Sequence[Block], item: int, line: int = 0) -> list[Block]:
    """An entry of a list of definitions as a bullet that begins with its term in bold type, and
    what else hangs on it.
    """
    name = plain(term).rstrip(":")
    first = meaning[0] if meaning else Block(0, "")
    if first.level or first.rows or first.code or not first.text:
        return [*block(0, name, [name], item, line), *meaning]
    text = f"{name}: {first.text}"
    return [*block(0, text, [name, *first.bold], item, line), *meaning[1:]]
