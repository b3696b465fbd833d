"""The blocks of a Markdown document."""

from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_block.table import table as table_rule
from markdown_it.token import Token

from knowledge.documents.blocks import Block, Row, block, plain, table


def markdown_blocks(text: str) -> list[Block]:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100})
    parser.block.ruler.at("table", _table_with_all_cells, {"alt": ["paragraph", "reference"]})
    blocks: list[Block] = []
    rows: list[Row] = []
    links: dict[str, Any] = {}  # defined in the document
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
    """The table rule, which also stores the source cells of each row: markdown-it itself cuts or
    fills up rows with another number of cells than the header.
    """
    before = len(state.tokens)
    found = table_rule(state, start, end, silent)
    for token in state.tokens[before:]:
        if token.type == "tr_open" and token.map:
            cells = escapedSplit(mdTrim(getLine(state, token.map[0])))
            # before the first pipe, and after the last
            outer = (not cells[0], len(cells) > 1 and not cells[-1])
            token.meta["cells"] = cells[outer[0] : len(cells) - outer[1]]
    return found


def _markdown_line(inline: Token) -> str:
    parts = inline.children or []
    return "".join("\n" if p.type.endswith("break") else p.content for p in parts)
