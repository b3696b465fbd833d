"""The blocks of a Markdown or MDX document.

Of HTML inside Markdown and of MDX components, the tags and comments go and the text stays where it
stands; headings, bold type, bullets, breaks, and raised and lowered signs are read, and what is
struck out is left out. Not covered: tables in HTML, which stay text.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_block.table import table as table_rule
from markdown_it.token import Token

from knowledge.documents.blocks import (
    NOTHING_SAID,
    Block,
    Row,
    block,
    left_of_cell,
    plain,
    raised,
    struck_out_note,
    table,
)
from knowledge.documents.drawn import ruled_tables
from knowledge.documents.footnotes import MarkdownNotes
from knowledge.documents.pictures import PICTURE, named_in_cells, sign_of

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
ADMONITION = re.compile(r"\s*:{3,}\s*[\w-]*.*$|[\s>]*\[!\w+\]\s*$")
MDX_LINE = re.compile(r"(?:import\s.+\sfrom\s+['\"].+|export\s+(?:const|default)\s.+)$")
COMPONENT = re.compile(r"</?[A-Z][\w.]*(?:\s[^<>]*)?/?>")
COMMENT = re.compile(r"<!--.*?-->|\{/\*.*?\*/\}")
TAG = re.compile(
    r"</?(?:a|abbr|article|aside|blockquote|center|cite|code|del|details|div|em|figcaption|figure"
    r"|font|footer|header|hr|i|img|ins|kbd|main|mark|nav|ol|p|picture|s|section|small"
    r"|source(?=\s)|span|strike|summary|u|ul|video|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
BOLD_TAG = re.compile(r"<(b|strong)(?:\s[^<>]*)?>\s*([^<>]+?)\s*</\1>", re.IGNORECASE)
BULLET_TAG = re.compile(r"^(\s*)<li(?:\s[^<>]*)?>\s*(.*?)\s*(?:</li>)?\s*$", re.IGNORECASE)
HEADING_TAG = re.compile(r"^\s*<h([1-6])(?:\s[^<>]*)?>\s*(.+?)\s*</h\1>\s*$", re.IGNORECASE)
OUTER_TAG = re.compile(r"</?[A-Za-z][\w.]*(?:\s[^<>]*)?(?<!/)>\s*$")
CODE = r"`[^`]*`"
STRUCK_TAG = re.compile(rf"{CODE}|<(/?)(?:del|s|strike)(?:\s[^<>]*)?>", re.IGNORECASE)
RAISED_TAG = re.compile(r"<(su[bp])>\s*([^<>]{1,12}?)\s*</\1>")
TASK = re.compile(r"^\[[ xX]\]\s+")  # that a bullet of a list of tasks begins with
TABLE_LINE = re.compile(r"(?<!\\)\|")
IMAGE_ALONE = re.compile(r"(?m)^\s*!\[[^\]]*\]\([^)]*\)\s*$")


def markdown_blocks(text: str) -> tuple[list[Block], list[str]]:
    """The blocks of a text, and a note on what was left out, if anything."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
    parser.block.ruler.at("table", _table_with_all_cells, {"alt": ["paragraph", "reference"]})
    blocks: list[Block] = []
    rows: list[Row] = []
    links: dict[str, Any] = {}  # that the document defines
    depth = table_line = 0
    written, struck = _without_markup(text)
    tokens = parser.enable(["table", "strikethrough"]).parse(written, links)
    for opening, token in pairwise(tokens):
        line = token.map[0] + 1 if token.map else 0
        depth += token.nesting if token.type.startswith("list_item") else 0
        if token.type == "tr_open":
            cells = [parser.parseInline(cell, links)[0] for cell in token.meta["cells"]]
            rows.append(Row(tuple(_cell(cell, header=not rows) for cell in cells)))
            struck += sum(map(_struck, cells))
        elif token.type == "inline":
            level = int(opening.tag[1]) if opening.type == "heading_open" else 0
            if opening.tag not in ("th", "td"):
                bold = _bold(token)
                struck += _struck(token)
                said = _markdown_line(token)
                said = TASK.sub("", said) if depth else said
                blocks += block(level, said, bold, 0 if level else depth, line)
        elif token.type == "table_open":
            table_line = line
        elif token.type == "table_close":
            blocks.append(table(rows, table_line))
            rows = []
        else:  # code; other tokens have no content
            blocks += [
                Block(0, each.text, code=True, line=line) for each in block(0, token.content)
            ]
    return blocks, struck_out_note(struck)


def _without_markup(text: str) -> tuple[str, int]:
    """`text` without what is no Markdown outside its code, and with its drawn tables as those of
    Markdown: as many lines as before; and how many pieces were struck out by tags.
    """
    struck = 0
    lines: list[str] = []
    fence = ""
    indent: int | None = None  # of what stands between two tags on lines of their own
    written = _with_pipes(text.split("\n"))
    notes = MarkdownNotes(written)
    for line in written:
        table_line = TABLE_LINE.search(line)
        if OUTER_TAG.match(line):
            indent = -1 if line[1] != "/" else None
        elif indent is not None and line.strip():
            indent = len(line) - len(line.lstrip()) if indent < 0 else indent
            line = line[:indent].lstrip() + line[indent:]
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        elif ADMONITION.match(line) or MDX_LINE.match(line) or IMAGE_ALONE.match(line):
            line = ""
        else:
            line, pieces = _without_struck_out(COMMENT.sub("", line))
            struck += pieces
            parts = re.split(f"({CODE})", _html_as_markdown(line))
            parts[::2] = map(notes.signed, parts[::2])
            if table_line:
                parts[::2] = (_in_one_line(named_in_cells(part)) for part in parts[::2])
            parts[::2] = map(_without_tags, parts[::2])
            shown = "".join(parts)
            line = shown.strip() if line.lstrip()[:1] == "<" != shown.lstrip()[:1] else shown
        lines.append(line)
    return "\n".join(lines), struck


def _without_struck_out(line: str) -> tuple[str, int]:
    """A line without what its tags strike out, and how many pieces that is; the line as it is, if
    they do not end in it. A dash stays for a whole cell.
    """
    kept, at, depth, pieces = "", 0, 0, 0
    for tag in STRUCK_TAG.finditer(line):
        if tag[1] is None:  # code
            continue
        if not depth:
            kept += line[at : tag.start()]
        depth += -1 if tag[1] else 1
        if depth < 0:
            return line, 0
        if not depth:
            at, pieces = tag.end(), pieces + 1
            whole = kept.rstrip()[-1:] == "|" and line[at:].lstrip()[:1] == "|"
            kept += NOTHING_SAID if whole else ""
    return (line, 0) if depth else (kept + line[at:], pieces)


def _html_as_markdown(line: str) -> str:
    """A line with a heading, a bullet or bold type in HTML as Markdown has it; a table's row as it
    is.
    """
    if line.lstrip().startswith("|"):
        return line
    line = HEADING_TAG.sub(lambda tag: f"{'#' * int(tag[1])} {tag[2]}", line)
    return BOLD_TAG.sub(r"**\2**", BULLET_TAG.sub(r"\1- \2", line))


def _without_tags(part: str) -> str:
    part = RAISED_TAG.sub(lambda tag: raised(tag[2]), COMPONENT.sub("", part))
    return TAG.sub("", BREAK.sub(" ", part))


def _in_one_line(cells: str) -> str:
    """The cells of a row without the tags of lists and line breaks."""
    cells = re.sub(r"(?i)</li>\s*<li>|<br\s*/?>\s*(?=[-–•*]\s)", "; ", cells)
    return re.sub(r"(?i)<br\s*/?>|</?[uo]l>|</?li>", " ", cells)


def _with_pipes(lines: list[str]) -> list[str]:
    """`lines` with the tables that Pandoc draws with spaces and dashes drawn with pipes."""
    found: list[str] = []
    fences = 0
    for drawn in ruled_tables(lines):
        before = lines[len(found) : drawn.start]
        fences += sum(bool(FENCE.match(line)) for line in before)
        taken = lines[drawn.start : drawn.end]
        if not fences % 2 and not all(line.startswith("    ") for line in taken if line):
            rows = [[cell.replace("|", "\\|") for cell in row.cells] for row in drawn.rows]
            header, *body = (f"| {' | '.join(row)} |" for row in rows)
            written = [header, f"|{'---|' * len(rows[0])}", *body]
            taken = [*written, *[""] * (len(taken) - len(written))]
        found += [*before, *taken]
    return [*found, *lines[len(found) :]]


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


def _cell(inline: Token, header: bool) -> str:
    text = plain(_markdown_line(inline, PICTURE))
    return left_of_cell(text, _struck(inline) > 0, header)


def _markdown_line(inline: Token, picture: str = "") -> str:
    """The text of a line, with `picture` for an image without words of its own."""
    return "".join(
        "\n"
        if p.type.endswith("break")
        else ((picture and sign_of(p.content)) or p.content or picture)
        if p.type == "image"
        else p.content
        for p in _shown(inline)
    )


def _shown(inline: Token) -> Iterator[Token]:
    """The parts of a line that are not struck out."""
    depth = 0
    for part in inline.children or []:
        depth += (part.type == "s_open") - (part.type == "s_close")
        if not depth:
            yield part


def _struck(inline: Token) -> int:
    """How many stretches of a line are struck out."""
    return sum(part.type == "s_open" for part in inline.children or [])


def _bold(inline: Token) -> list[str]:
    """The stretches of a line in bold type."""
    found: list[str] = []
    depth = 0
    for part in _shown(inline):
        if part.type == "strong_open":
            depth += 1
            found.append("") if depth == 1 else None
        depth -= part.type == "strong_close"
        if depth:
            found[-1] += " " if part.type.endswith("break") else part.content
    return found
