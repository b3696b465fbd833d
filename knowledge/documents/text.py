"""The blocks of plain text without markup: its headings, bullets and tables."""

import re
from collections.abc import Sequence

from knowledge.documents.blocks import Block, Row, block, is_title, plain, table
from knowledge.documents.drawn import drawn_tables

BULLET = re.compile(r"^(\s*)([-*•–·‣▪●+]|\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
RULE = re.compile(r"\s*([-=_*~#])(?:\s*\1){2,}\s*$")
NAMED = re.compile(r"\s*[^\s:][^:]{1,60}:\s+\S")
NUMBER = re.compile(r"\s*(\d{1,2}(?:\.\d{1,2})*)\.?\s+[^\W\d]")
MIN_NAMED_LINES = 3  # of a list without marks
MAX_HEADING_CHARS = 80


def text_blocks(text: str) -> list[Block]:
    lines = text.split("\n")
    reader = _Reader()
    at = 0
    for drawn in drawn_tables(lines):
        reader.read(lines[at : drawn.start], at + 1)
        reader.blocks.append(table(drawn.rows, drawn.start + 1))
        at = drawn.end
    reader.read(lines[at:], at + 1)
    return reader.blocks


class _Reader:
    """Collects the blocks of paragraphs in document order."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._titled = False

    def read(self, lines: Sequence[str], at: int) -> None:
        """Reads lines of which the first is line `at` of the document."""
        found: list[tuple[int, list[str]]] = []
        for paragraph in re.split(r"\n[ \t]*\n", "\n".join(lines)):
            parts = paragraph.split("\n")
            found.append((at, [line for line in parts if plain(line)]))
            at += len(parts) + 1
        listed = [len(kept) == 1 and bool(BULLET.match(kept[0])) for _, kept in found]
        for i, (start, kept) in enumerate(found):
            beside = listed[max(i - 1, 0) : i] + listed[i + 1 : i + 2]
            if listed[i] and NUMBER.match(kept[0]) and not any(beside) and _may_head(kept[0]):
                self._heading(kept[0], start)
            else:
                self._paragraph(kept, start)

    def _paragraph(self, kept: list[str], start: int) -> None:
        at = 0
        if len(kept) == 3 and RULE.match(kept[2]) and all(map(_may_head, kept[:2])):
            self._heading(f"{kept[0]} {kept[1]}", start)  # in two lines
            return
        while at < len(kept):
            if RULE.match(kept[at]):
                at += 1
            elif RULE.match("".join(kept[at + 1 : at + 2])):
                self._heading(kept[at].rstrip().rstrip(":"), start + at)
                at += 2
            else:
                break
        kept, start = kept[at:], start + at
        if not kept:
            return
        tabbed = [line for line in kept if "\t" in line.strip()]
        if len(tabbed) > 1 and len(tabbed) == len(kept):
            rows = [Row(tuple(map(plain, each.split("\t")))) for each in kept]
            self.blocks.append(table(rows, start))
        elif any(map(BULLET.match, kept)):
            self.blocks += _bullets(kept, start)
        elif len(kept) == 1 and _may_head(kept[0]):
            self._heading(kept[0], start)
        elif len(kept) > 1 and _heads(kept):
            self._heading(kept[0].rstrip(":"), start)
            self.blocks += block(0, " ".join(kept[1:]), line=start + 1)
        elif len(kept) >= MIN_NAMED_LINES and all(map(NAMED.match, kept)):
            for i, line in enumerate(kept):
                self.blocks += block(0, line, item=1, line=start + i)
        else:
            self.blocks += block(0, " ".join(kept), line=start)

    def _heading(self, text: str, line: int) -> None:
        """A heading of level 2 or, with a number such as 2.1, below it; the first is the title."""
        number = NUMBER.match(text)
        level = min(1 + len(number[1].split(".")), 6) if number else 2
        self.blocks += block(level if self._titled else 1, text, line=line)
        self._titled = True


def _may_head(line: str, chars: int = MAX_HEADING_CHARS) -> bool:
    return is_title(plain(line)) and len(plain(line)) < chars


def _heads(lines: list[str]) -> bool:
    """Whether the first line is a heading over the sentences below it."""
    return _may_head(lines[0], MAX_HEADING_CHARS // 2) and plain(lines[1])[-1:] in ".!?"


def _bullets(lines: list[str], start: int) -> list[Block]:
    """A list, with the line above it; a line without a mark goes on with the bullet above.

    The marks of a list with pluses and minuses are part of its text.
    """
    marks = {match[2] for line in lines if (match := BULLET.match(line))}
    signed = "+" in marks and bool(marks & {"-", "–"})
    parts: list[tuple[int, str, int]] = []
    for i, line in enumerate(lines):
        mark = BULLET.match(line)
        if mark:
            depth = 1 + len(mark[1].replace("\t", "  ")) // 2
            parts.append((depth, line[mark.start(2) if signed else mark.end() :], start + i))
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
