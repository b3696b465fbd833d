"""The blocks of a document (headings, paragraphs, tables), read from Markdown and saved HTML.

    markdown_blocks("# Tea vs Coffee")     ->  [Block(1, "Tea vs Coffee")]

Pasted text is read by knowledge.documents.pasted; what blocks mean is for
knowledge.documents.reader to say. Not covered: pages that a script fills, tables made without
<table>.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.builder import ParserRejectedMarkup
from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_block.table import table as table_rule
from markdown_it.token import Token

from knowledge.comparison import Kind, slug
from knowledge.errors import DocumentError

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
    """The cells of a table row; `doubt` says why a fused one could not be split."""

    cells: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Block:
    """A heading (`level` 1 to 6), a paragraph (0, its lines kept), or a table (0, with `rows`)."""

    level: int
    text: str
    rows: tuple[Row, ...] = ()


def plain(text: str) -> str:
    """`text` in one line: NFC, whitespace folded, no control or invisible format characters."""
    joiners = "\u200c\u200d"  # they shape the words of some scripts
    kept = "".join(
        char
        for char in text
        if char.isspace() or char in joiners or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def block(level: int, text: str) -> list[Block]:
    """`text` as a block, without its empty lines; no block if nothing is left."""
    lines = [line for line in map(plain, text.split("\n")) if line]
    return [Block(level, (" " if level else "\n").join(lines))] if lines else []


def table(rows: list[Row]) -> Block:
    return Block(0, "\n".join(" | ".join(row.cells) for row in rows), tuple(rows))


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


# --- Markdown ---


def markdown_blocks(text: str) -> list[Block]:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
    parser.block.ruler.at("table", _table_with_all_cells, {"alt": ["paragraph", "reference"]})
    blocks: list[Block] = []
    rows: list[Row] = []
    links: dict[str, Any] = {}  # that the document defines
    for opening, token in pairwise(parser.enable("table").parse(text, links)):
        if token.type == "tr_open":
            cells = (parser.parseInline(cell, links)[0] for cell in token.meta["cells"])
            rows.append(Row(tuple(plain(_markdown_line(cell)) for cell in cells)))
        elif token.type == "inline":
            level = int(opening.tag[1]) if opening.type == "heading_open" else 0
            blocks += block(level, _markdown_line(token)) if opening.tag not in ("th", "td") else []
        elif token.type == "table_close":
            blocks.append(table(rows))
            rows = []
        else:
            blocks += block(0, token.content)  # code; other tokens have no content
    return blocks


def _table_with_all_cells(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The rule for tables, with the source of each row's cells: it cuts or fills up a row that has
    more or fewer of them than the first.
    """
    before = len(state.tokens)
    found = table_rule(state, start, end, silent)
    for token in state.tokens[before:]:
        if token.type == "tr_open" and token.map:
            cells = escapedSplit(mdTrim(getLine(state, token.map[0])))
            outer = (not cells[0], len(cells) > 1 and not cells[-1])  # before the first pipe, after
            token.meta["cells"] = cells[outer[0] : len(cells) - outer[1]]
    return found


def _markdown_line(inline: Token) -> str:
    parts = inline.children or []
    return "".join("\n" if p.type.endswith("break") else p.content for p in parts)


# --- HTML ---

MAX_COLUMNS = 20  # that a cell is taken to span
SPANNING = "a cell spans several columns or rows"
HTML_HEADING = re.compile(r"^h[1-6]$")
HTML_BLOCK = re.compile(
    "^(h[1-6]|p|div|[uod]l|li|d[td]|t[hd]|caption|blockquote|pre|hr|table|article|section|main|header"
    "|figure|figcaption|details|summary|address|fieldset|form)$"
)
HTML_DROPPED = re.compile("^(script|style|nav|template|noscript|footer|aside|svg|iframe|title)$")


def html_blocks(text: str) -> list[Block]:
    try:
        with warnings.catch_warnings(action="ignore"):  # one comes for a text like a file name
            soup = BeautifulSoup(text, "html.parser")
    except (ParserRejectedMarkup, AssertionError) as exc:
        raise DocumentError("its HTML is broken.") from exc
    blocks = [] if soup.h1 else block(1, soup.title.get_text() if soup.title else "")
    for tag in soup.find_all(HTML_DROPPED):
        tag.decompose()
    tables: dict[int, list[Block]] = {}
    around = {id(found.find_parent("table")) for found in soup.find_all("table")}
    for found in soup.find_all("table"):
        if id(found) not in around:  # a table around another only lays out the page
            captions = found("caption", recursive=False)
            above = [each for caption in captions for each in block(0, _html_cell(caption))]
            own = [row for row in found("tr") if row.find_parent(["tr", "table"]) is found]
            tables[id(found)] = [*above, table([row for row in _html_rows(own) if any(row.cells)])]
            found.clear()
    for owner, line in _html_lines(soup):
        level = int(owner.name[1]) if HTML_HEADING.match(owner.name) else 0
        blocks += tables.get(id(owner)) or block(level, line)
    return blocks


def _html_rows(rows: list[Tag]) -> Iterator[Row]:
    """The rows of a table with a cell for each column: "" where one that spans several goes on."""
    covered: dict[int, int] = {}  # by a cell of an earlier row: column -> how many rows from here
    for row in rows:
        cells: list[str] = []
        doubt = SPANNING if covered else ""
        below = {column: left - 1 for column, left in covered.items() if left > 1}
        for cell in row(["th", "td"], recursive=False):
            while len(cells) in covered:
                cells.append("")
            width, height = min(_span(cell, "colspan"), MAX_COLUMNS), _span(cell, "rowspan")
            doubt = SPANNING if width > 1 else doubt
            if height > 1:
                below |= dict.fromkeys(range(len(cells), len(cells) + width), height - 1)
            cells += [_html_cell(cell), *[""] * (width - 1)]
        yield Row(tuple(cells), doubt)
        covered = below


def _span(cell: Tag, name: str) -> int:
    """How many columns or rows `cell` spans; 1 if it is unclear."""
    digits = re.match(r"\s*(\d{1,9})", str(cell.get(name, "")), re.ASCII)
    return max(int(digits[1]), 1) if digits else 1


def _html_cell(cell: Tag) -> str:
    return plain(" ".join(line for _, line in _html_lines(cell)))


def _html_lines(root: Tag) -> Iterator[tuple[Tag, str]]:
    """The runs of text in `root`, each with the heading or block around it; a table has ""."""
    owners = {id(root): root}
    owner, line = root, ""
    for node in root.descendants:
        around = owners[id(node.parent)]
        if isinstance(node, Tag):
            opens = HTML_BLOCK.match(node.name) and not HTML_HEADING.match(around.name)
            owners[id(node)] = around = node if opens else around
            text = "\n" if node.name == "br" else ""
        else:  # a string, or a comment or the like
            text = re.sub(r"\s+", " ", node) if type(node) is NavigableString else ""
        if around is not owner:
            yield owner, line
            owner, line = around, ""
        line += text
    yield owner, line
