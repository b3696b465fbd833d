"""The blocks of a saved HTML page. Not covered: pages that a script fills."""

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.builder import ParserRejectedMarkup

from knowledge.documents.blocks import Block, Row, block, plain, table
from knowledge.errors import DocumentError

MAX_COLUMNS = 20  # that a cell can span
SPANNING = "a cell spans several columns or rows"
HTML_HEADING = re.compile(r"^h[1-6]$")
HTML_BLOCK = re.compile(
    "^(h[1-6]|p|div|[uod]l|li|d[td]|t[hd]|caption|blockquote|pre|hr|table|article|section|main|header"
    "|figure|figcaption|details|summary|address|fieldset|form)$"
)
HTML_DROPPED = re.compile("^(script|style|nav|template|noscript|footer|aside|svg|iframe|title)$")


def html_blocks(text: str) -> list[Block]:
    try:
        with warnings.catch_warnings(action="ignore"):  # a text like a file name causes one
            soup = BeautifulSoup(text, "html.parser")
    except (ParserRejectedMarkup, AssertionError) as exc:
        raise DocumentError("its HTML is broken.") from exc
    blocks = [] if soup.h1 else block(1, soup.title.get_text() if soup.title else "")
    for tag in soup.find_all(HTML_DROPPED):
        tag.decompose()
    tables: dict[int, list[Block]] = {}
    around = {id(found.find_parent("table")) for found in soup.find_all("table")}
    for found in soup.find_all("table"):
        if id(found) not in around:  # an outer table only lays out the page
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
    """The rows of a table with a cell for each column; "" where a spanning cell continues."""
    covered: dict[int, int] = {}  # column -> rows that a cell above still covers
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
    """The number of columns or rows that `cell` spans; 1 if it is unclear."""
    digits = re.match(r"\s*(\d{1,9})", str(cell.get(name, "")), re.ASCII)
    return max(int(digits[1]), 1) if digits else 1


def _html_cell(cell: Tag) -> str:
    return plain(" ".join(line for _, line in _html_lines(cell)))


def _html_lines(root: Tag) -> Iterator[tuple[Tag, str]]:
    """The runs of text in `root`, each with its enclosing heading or block; "" for a table."""
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
