"""The blocks of plain text without markup: its headings, bullets and rows with tabs."""

import re

from knowledge.documents.blocks import Block, Row, block, is_title, plain, table

BULLET = re.compile(r"^(\s*)(?:[-*•–·‣▪●]|\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
MAX_HEADING_CHARS = 80


def text_blocks(text: str) -> list[Block]:
    blocks: list[Block] = []
    at = 1
    titled = False
    for paragraph in re.split(r"\n[ \t]*\n", text):
        lines = paragraph.split("\n")
        start, at = at, at + len(lines) + 1
        kept = [line for line in lines if plain(line)]
        if not kept:
            continue
        tabbed = [line for line in kept if "\t" in line.strip()]
        if len(tabbed) > 1 and len(tabbed) == len(kept):
            blocks.append(table([Row(tuple(map(plain, each.split("\t")))) for each in kept], start))
        elif any(map(BULLET.match, kept)):
            blocks += _bullets(kept, start)
        elif (
            len(kept) == 1 and is_title(plain(kept[0])) and len(plain(kept[0])) < MAX_HEADING_CHARS
        ):
            blocks += block(2 if titled else 1, kept[0], line=start)
            titled = True
        elif len(kept) > 1 and _heads(kept):
            blocks += block(2 if titled else 1, kept[0].rstrip(":"), line=start)
            titled = True
            blocks += block(0, " ".join(kept[1:]), line=start + 1)
        else:
            blocks += block(0, " ".join(kept), line=start)
    return blocks


def _heads(lines: list[str]) -> bool:
    """Whether the first line is a heading over the sentences below it."""
    first = plain(lines[0])
    return is_title(first) and len(first) < MAX_HEADING_CHARS // 2 and plain(lines[1])[-1:] in ".!?"


def _bullets(lines: list[str], start: int) -> list[Block]:
    """A list, with the line above it; a line without a mark goes on with the bullet above."""
    parts: list[tuple[int, str, int]] = []
    for i, line in enumerate(lines):
        mark = BULLET.match(line)
        if mark:
            depth = 1 + len(mark[1].replace("\t", "  ")) // 2
            parts.append((depth, line[mark.end() :], start + i))
        elif parts and (parts[-1][0] or not is_title(plain(line))):
            depth, text, at = parts[-1]
            parts[-1] = (depth, f"{text} {line}", at)
        else:
            parts.append((0, line, start + i))
    found: list[Block] = []
    for depth, text, at in parts:
        heading = depth == 0 and is_title(plain(text).rstrip(":"))
        found += block(2 if heading else 0, text, item=depth, line=at)
    return found
