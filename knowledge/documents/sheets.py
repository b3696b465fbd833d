"""Where the tables of a sheet stand: below its titles, above its notes, one after another."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block, Row, block, is_title, table

Line = tuple[int, Row]  # with the line of its file, 0 where it has none


def sheet_blocks(lines: Sequence[Line], level: int) -> list[Block]:
    """The tables of a sheet, and as paragraphs what stands above, between and below them; its title
    is a heading of `level`.

    `lines` have the empty ones too: they part what may not belong together.
    """
    reader = _Reader(level, most=max((_filled(row) for _, row in lines), default=0))
    part: list[Line] = []
    for line in [*lines, (0, Row(()))]:
        if any(line[1].cells):
            part.append(line)
        elif part:
            reader.read(part)
            part = []
    reader.end_table()
    return reader.blocks


def _filled(row: Row) -> int:
    return sum(map(bool, row.cells))


class _Reader:
    """Reads the parts of a sheet, of whose columns at `most` so many are filled."""

    def __init__(self, level: int, most: int) -> None:
        self.blocks: list[Block] = []
        self._level = level
        self._most = most
        self._rows: list[Line] = []  # of the table that is open
        self._between: list[Line] = []  # below it, or groups of its rows

    def read(self, part: list[Line]) -> None:
        alone = next((i for i, (_, row) in enumerate(part) if _filled(row) > 1), len(part))
        if alone == len(part) or self._is_list(part):
            if self._rows:
                self._between += part
            else:
                self._texts(part, titled=not self.blocks)
        elif self._rows and not self._begins(part[alone][1]):
            self._rows += [*self._between, *part]
            self._between = []
        else:
            self.end_table()
            self._texts(part[:alone], titled=True)
            self._rows = part[alone:]

    def end_table(self) -> None:
        if self._rows:
            rows = [row for _, row in self._rows]
            columns = [i for i in range(max(len(row.cells) for row in rows)) if _has(rows, i)]
            kept = [Row(tuple(row.cells[i] for i in columns if i < len(row.cells))) for row in rows]
            self.blocks.append(table(kept, self._rows[0][0]))
        self._rows, between, self._between = [], self._between, []
        self._texts(between, titled=False)

    def _is_list(self, part: Sequence[Line]) -> bool:
        """Whether a part has names and what each is, beside a table with more columns."""
        return self._most > 2 and not any(any(row.cells[2:]) for _, row in part)

    def _begins(self, row: Row) -> bool:
        """Whether `row` is a header: its corner is empty, or it repeats names of the last one."""
        header = self._rows[0][1].cells
        again = [
            cell for cell, named in zip(row.cells, header, strict=False) if cell == named != ""
        ]
        return not row.cells[0] or len(again) > 1

    def _texts(self, lines: Sequence[Line], titled: bool) -> None:
        """Lines as paragraphs; if `titled`, the first is a heading where it reads as one."""
        for at, row in lines:
            text = ": ".join(filter(None, row.cells))
            level = self._level if titled and _filled(row) == 1 and is_title(text) else 0
            self.blocks += [replace(each, of_table=True) for each in block(level, text, line=at)]
            titled = False
            self._level = 2


def _has(rows: Sequence[Row], column: int) -> bool:
    return any(row.cells[column] for row in rows if column < len(row.cells))
