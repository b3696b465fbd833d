"""Tables with one row of header, and what is no row of theirs beside them.

A title above the header and a legend below the last row are paragraphs. A row with nothing but a
name is the group of the rows below it. A header of two levels becomes one: the names below a common
word, or the name above what each of its columns holds ("Points", "Price").
"""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import MAX_DIMENSION_CHARS, Block, Row, block, table
from knowledge.documents.headers import CORNER

Span = range  # of columns that one cell of a header stands over


def shaped(blocks: Sequence[Block]) -> list[Block]:
    """`blocks`, each of its tables with one row of header, and with its titles, groups and notes
    set apart.
    """
    return [each for found in blocks for each in (_parts(found) if found.rows else [found])]


def _parts(found: Block) -> list[Block]:
    rows = [row for row in found.rows if any(row.cells)]
    alone = [_alone(row) for row in rows]
    if all(alone):
        return [found]
    first = alone.index("")
    last = len(alone) - alone[::-1].index("")
    notes = [text for text in alone[first:last] if text and not _is_group(text)]
    header, body, levels = _one_header(rows[first:last])
    kept = _grouped([header, *body])
    above = _paragraphs(alone[:first], found.line)
    below = _paragraphs([levels, *notes, *alone[last:]], found.line)
    told = table(rows[first:last], found.line)
    return [*above, replace(told, rows=tuple(kept)), *below]


def _paragraphs(texts: Sequence[str], line: int) -> list[Block]:
    found = [each for text in texts for each in block(0, text, line=line)]
    return [replace(each, of_table=True) for each in found]


def _alone(row: Row) -> str:
    """The text of a row that has nothing but its first cell, "" for other rows."""
    alone = bool(row.cells[0]) and not any(row.cells[1:]) and len(row.cells) != 2
    return row.cells[0] if alone and not row.doubt else ""


def _is_group(text: str) -> bool:
    return len(text) <= MAX_DIMENSION_CHARS and not text.endswith(".")


def _grouped(rows: Sequence[Row]) -> list[Row]:
    """The rows that have more than a name, each with the group that it stands in."""
    groups: list[str] = []
    found: list[Row] = []
    named = False  # whether a row has had the groups
    for row in rows:
        alone = _alone(row)
        if not alone:
            found.append(replace(row, group=", ".join(groups)))
            named = True
        elif _is_group(alone):
            groups = [*([] if named else groups), alone.rstrip(":")]
            named = False
    return found


def _one_header(rows: Sequence[Row]) -> tuple[Row, list[Row], str]:
    """The header in one row, the rows below it, and what a level of the header says besides."""
    upper, *rest = rows
    if not rest or len(rest[0].cells) != len(upper.cells) or rest[0].doubt:
        return upper, rest, ""
    lower, *body = rest
    spans = _spans(upper, lower)
    wide = [span for span in spans if len(span) > 1]
    corner = lower.cells[0] in ("", upper.cells[0]) or CORNER.match(lower.cells[0])
    if not wide or not corner:
        return upper, rest, ""
    inner = [tuple(lower.cells[i] for i in span) for span in wide]
    if any(len({*labels}) < len(labels) for labels in inner):
        return upper, rest, ""
    if len(wide) > 1 and len({*inner}) == 1:  # the same columns for each name
        header = Row(tuple(upper.cells[span[0]] for span in spans))
        return header, [_joined(row, spans, lower) for row in body], ""
    header = Row(tuple(b or a for a, b in zip(upper.cells, lower.cells, strict=True)))
    told = [
        f"{upper.cells[span[0]]}: {', '.join(lower.cells[i] for i in span)}"
        for span in spans
        if upper.cells[span[0]] not in ("", lower.cells[span[0]]) and lower.cells[span[0]]
    ]
    return header, body, "\n".join(told)


def _spans(upper: Row, lower: Row) -> list[Span]:
    """The columns that each cell of the upper header stands over: those with its text, or the empty
    ones after it for which the lower header has a name.
    """
    spans: list[Span] = []
    for i, cell in enumerate(upper.cells):
        above = upper.cells[spans[-1][0]] if spans else ""
        parts = bool(lower.cells[i]) and lower.cells[i] != cell
        if above and parts and cell in ("", above) and lower.cells[spans[-1][0]] not in ("", above):
            spans[-1] = range(spans[-1][0], i + 1)
        else:
            spans.append(range(i, i + 1))
    return spans


def _joined(row: Row, spans: Sequence[Span], labels: Row) -> Row:
    """A row with one cell for each span, which says what each of its parts is."""
    if row.doubt or len(row.cells) != len(labels.cells):
        return row
    over = [{row.cells[i] for i in span} for span in spans if len(span) > 1]
    merged = all(len(each) == 1 for each in over)  # such as a total across both columns
    cells: list[str] = []
    for span in spans:
        parts = [(labels.cells[i], row.cells[i]) for i in span if row.cells[i]]
        if len(span) == 1 or (merged and parts):
            cells.append(row.cells[span[0]])
        else:
            cells.append("; ".join(f"{label}: {cell}" for label, cell in parts))
    return replace(row, cells=tuple(cells))
