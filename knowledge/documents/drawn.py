"""Tables that are drawn with spaces: columns aligned under a header, with or without a rule of
dashes below it (as Pandoc's simple and multiline tables have).

Not covered: a table without a rule whose columns are fewer than three, or one space apart. Only
where the header leaves the place above the names of the rows empty, the names may reach below it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import dedent

from knowledge.documents.blocks import Row, plain

DASHES = re.compile(r"\s*-{2,}(?:\s+-{2,})+\s*$")  # a run for each column
RULE = re.compile(r"\s*(?:-{3,}|={3,})\s*$")  # one across
NO_TABLE = re.compile(r"\s*(?:[-*•+|>#]|\d+[.)])(?:\s|$)|\s*\|")
CELL = re.compile(r"\S+(?: \S+)*")
MIN_LINES = 3
MIN_NAME_CHARS = 6  # of the place above the names of the rows
MAX_HEADER_LINES = 5
MIN_COLUMNS = 3  # of a table without a rule


@dataclass(frozen=True)
class Drawn:
    """The rows of a table that takes up the lines from `start` until before `end`."""

    start: int
    end: int
    rows: tuple[Row, ...]


def ruled_tables(lines: Sequence[str]) -> list[Drawn]:
    """The tables with a rule of dashes for each column below their header."""
    found: list[Drawn] = []
    for at, line in enumerate(lines):
        after = found[-1].end if found else 0
        if at > after and DASHES.match(line) and (each := _ruled(lines, at, after)):
            found.append(each)
    return found


def drawn_tables(lines: Sequence[str]) -> list[Drawn]:
    """All drawn tables, in their order."""
    found = ruled_tables(lines)
    taken = {i for each in found for i in range(each.start, each.end)}
    start = 0
    for end in range(len(lines) + 1):
        if end < len(lines) and lines[end].strip() and end not in taken:
            continue
        last = _closed(lines, start, end)
        shown = [line for line in lines[start:last] if not RULE.match(line)]
        if len(shown) >= MIN_LINES and (rows := _below(shown) or _aligned(shown, MIN_COLUMNS)):
            found.append(Drawn(start, last, rows))
        start = end + 1
    return sorted(found, key=lambda each: each.start)


def _closed(lines: Sequence[str], start: int, end: int) -> int:
    """Where a table ends whose header has a rule below it: with its last rule, before a legend."""
    rules = [i for i in range(start + 1, end) if RULE.match(lines[i])]
    return rules[-1] + 1 if len(rules) > 1 and rules[0] <= start + 2 else end


def _ruled(lines: Sequence[str], at: int, after: int) -> Drawn | None:
    """The table whose header stands above the rule in line `at`."""
    first = at
    while first > max(after, at - MAX_HEADER_LINES) and not _ends(lines[first - 1], False):
        first -= 1
    if first == at:
        return None
    framed = first > after and bool(RULE.match(lines[first - 1]))
    found = _ruled_until(lines, first, at, framed)
    return found or (_ruled_until(lines, first, at, False) if framed else None)


def _ruled_until(lines: Sequence[str], first: int, at: int, framed: bool) -> Drawn | None:
    """The table from the header in line `first` until an empty line or, `framed`, a rule."""
    last = next((i for i in range(at + 1, len(lines)) if _ends(lines[i], framed)), len(lines))
    wrapped = framed and any(not line.strip() for line in lines[at + 1 : last])
    body = [*lines[first:at], "", *lines[at + 1 : last]]
    starts = [match.start() for match in re.finditer("-+", lines[at].expandtabs())]
    if any(line.expandtabs()[: starts[0]].strip() for line in body):
        starts = [0, *starts]
    rows = _cut(body, starts, wrapped) or _aligned([line for line in body if line.strip()], 2)
    closed = last < len(lines) and bool(lines[last].strip())
    return Drawn(first - framed, last + closed, rows) if len(rows) > 1 else None


def _ends(line: str, framed: bool) -> bool:
    return bool(RULE.match(line) or DASHES.match(line)) or not (line.strip() or framed)


def _aligned(lines: Sequence[str], columns: int) -> tuple[Row, ...]:
    """The rows of lines that leave the same gaps of two spaces free; () if they are no table."""
    if any(NO_TABLE.match(line) or "\t" in line.strip() for line in lines):
        return ()
    shown = dedent("\n".join(lines)).split("\n")
    filled = [any(line[i : i + 1].strip() for line in shown) for i in range(max(map(len, shown)))]
    starts = [
        i for i, here in enumerate(filled) if here and (not i or not any(filled[max(i - 2, 0) : i]))
    ]
    rows = _cut(shown, starts, False)
    header = next((row.cells for row in rows if any(row.cells[1:])), ())
    return rows if len(starts) >= columns and len(rows) > 1 and all(header[1:]) else ()


def _below(lines: Sequence[str]) -> tuple[Row, ...]:
    """The rows of lines below a header of names alone, each of which stands over its column; () if
    they are no table. A line without cells is the beginning of the next row's name.
    """
    if any(NO_TABLE.match(line) or "\t" in line.strip() for line in lines):
        return ()
    header, *body = lines
    names = [*CELL.finditer(header)]
    left = min(len(line) - len(line.lstrip()) for line in body)
    if len(names) < 2 or names[0].start() < left + MIN_NAME_CHARS:
        return ()
    rows = [Row(("", *(plain(each[0]) for each in names)))]
    begun = ""
    for line in body:
        cells = [*CELL.finditer(line)]
        if len(cells) == 1 and cells[0].start() < names[0].start():
            begun = f"{begun} {cells[0][0]}"
            continue
        placed = _placed(line, cells, names)
        if not placed:
            return ()
        rows.append(Row((plain(f"{begun} {placed[0]}"), *placed[1:])))
        begun = ""
    return tuple(rows) if len(rows) > 2 and not begun else ()


def _placed(line: str, cells: Sequence[re.Match[str]], names: Sequence[re.Match[str]]) -> list[str]:
    """The name of a row and its cells; [] unless it has one for each of `names`. The first cell may
    be one space away from the row's name: at the space that is nearest to where its header begins.
    """
    named = [each for each in cells if each.end() <= names[0].start()]
    if len(cells) - len(named) == len(names) and named:  # a name may have a gap
        return [plain(line[: named[-1].end()]), *(plain(each[0]) for each in cells[len(named) :])]
    if len(cells) == len(names) + 1:
        return [plain(each[0]) for each in cells]
    first = cells[0]
    spaces = [i for i in range(first.start(), first.end()) if line[i] == " "]
    if len(cells) != len(names) or not spaces or first.end() <= names[0].start():
        return []
    at = min(spaces, key=lambda i: abs(i - names[0].start()))
    return [plain(each) for each in (line[:at], line[at : first.end()], *(c[0] for c in cells[1:]))]


def _cut(lines: Sequence[str], starts: Sequence[int], wrapped: bool) -> tuple[Row, ...]:
    """The rows of lines whose cells begin at `starts`; () if a word stands across one. A line
    without a name goes on with the row above; where lines are `wrapped`, each does until an empty
    one.
    """
    rows: list[list[str]] = []
    spans = [slice(a, b) for a, b in pairwise([0, *starts[1:], None])]
    new = True
    for line in map(str.expandtabs, lines):
        if any(line[i - 1 : i].strip() and line[i : i + 1].strip() for i in starts if i):
            return ()
        cells = [plain(line[span]) for span in spans]
        if not any(cells):
            new = True
        elif rows and not new and (wrapped or not cells[0]):
            rows[-1] = [plain(f"{a} {b}") for a, b in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
            new = False
    return tuple(Row(tuple(cells)) for cells in rows)
