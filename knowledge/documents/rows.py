"""The rows of tables that compare the options, and use-case tables with a verdict in each row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from knowledge.comparison import NEITHER
from knowledge.documents.blocks import Block, Row, plain, short
from knowledge.documents.bullets import FoundCase
from knowledge.documents.decided import in_cell
from knowledge.documents.footnotes import footnotes, noted
from knowledge.documents.headers import header_row
from knowledge.documents.labelled import unlabelled
from knowledge.documents.marks import DASHES, MARK, YES, legend, ticks_of, worded
from knowledge.documents.names import Names, cleaned
from knowledge.documents.verdicts import Verdicts

SUITED = re.compile(
    r"(?i)^(?:best|ideal|good|well|suited|suitable|recommended|perfect|great|designed"
    r"|made)\b.*\b(?:for|if|when|fit|use)\b"
    r"|^(?:choose|use|pick|take)\b.*\b(?:if|when|for)\b|^(?:best|typical|main|ideal) use(?: "
    r"cases?)?$|^use cases?$|^who (?:(?:it['’]s|it is|is it) for|it suits|should)"
)
SITUATION = re.compile(
    r"(?i)\b(?:situations?|use[- ]cases?|cases?|scenarios?|needs?|if you|when|who|for whom"
    r"|purpose|occasions?)\b"
)
ASIDE = re.compile(  # of a column beside the one that names the rows
    r"(?i)\W*(?:weight(?:s|ing)?|units?|priority|importance|relevance|points|max(?:imum)?|no|nr)\b"
)
COUNTED = re.compile(r"^(?:\d{1,2}|[A-Z])[.):]?\s+(?=\S)")
VERDICT_HEADER = re.compile(
    r"(?i)\b(?:recommend\w*|verdict|winner|best|choice|pick|choose|answer|suggest\w*|form"
    r"|option|use|take|advice|advised|go with|which|judge?ments?|our (?:view|opinion|answer))\b"
)


@dataclass(frozen=True)
class TableRow:
    """A row that compares: its name, the cells in the order of the options, and what else it has.

    `group` is what it belongs to in its table, if anything; `doubt` says why the cells could not be
    given to the options.
    """

    heading: str
    cells: tuple[str, ...]
    extra: str = ""
    doubt: str = ""
    group: str = ""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table hold: names of rows before the column `named`, and options."""

    header: tuple[str, ...]
    places: Mapping[int, int]  # the column of each option
    names: tuple[int, ...]  # the columns that may name a row, likeliest first

    @property
    def named(self) -> int:
        return min(self.places.values())

    def heading(self, row: Row) -> str:
        cells = (plain(row.cells[i]) for i in self.names if i < len(row.cells))
        return next(filter(None, cells), "")

    def group(self, row: Row, heading: str) -> str:
        """What a cell beside the row's name says that it belongs to."""
        cells = (plain(row.cells[i]) for i in self.names[1:] if i < len(row.cells))
        return next((cell for cell in cells if cell not in ("", heading)), row.group)

    def extra(self, row: Row, heading: str) -> list[str]:
        """What stands in the columns that are no option's and do not name the row."""
        taken = {*self.names[:1], *self.places.values()}
        return [
            f"{cleaned(self.header[i])}: {plain(cell)}"
            for i, cell in enumerate(row.cells)
            if i not in taken and cell and plain(cell) not in (heading, self.header[i])
            if i >= self.named or self.header[i]
        ]


def _columns(rows: Sequence[Row], header: tuple[str, ...], places: Mapping[int, int]) -> Columns:
    """The names of rows stand in the last column before the options that has words: beside them may
    stand a group, or a weight or a unit, whose cells are no names.
    """
    before = range(min(places.values()))
    cells = {i: [row.cells[i] for row in rows[1:] if i < len(row.cells)] for i in before}
    telling = [
        i
        for i in before
        if not ASIDE.match(header[i]) and any(char.isalpha() for cell in cells[i] for char in cell)
    ]
    distinct = [i for i in telling if all(cells[i]) and len({*cells[i]}) == len(cells[i])]
    last = telling[-1:]
    if last and distinct and len({*cells[last[0]]}) < len(cells[last[0]]):
        last = distinct[-1:]
    rest = [i for i in reversed(telling or before) if i not in last]
    return Columns(header, places, (*last, *rest))


class Tables:
    """Reads the tables of a document by their columns, with its legend and its footnotes."""

    def __init__(self, names: Names, verdicts: Verdicts, blocks: Sequence[Block]) -> None:
        self.names = names
        self.verdicts = verdicts
        self.meaning = legend(blocks)
        self.notes = footnotes(blocks)

    def compared(self, block: Block) -> list[TableRow] | None:
        """The rows of a table with a column for at least two options, else None."""
        rows = [row for row in block.rows if any(row.cells)]
        header = header_row(block)
        places = self._places(header)
        if len(places) < 2:
            return self._transposed(block, header)
        columns = _columns(rows, header, places)
        ticks = ticks_of(rows)
        return [self._row(row, columns, ticks) for row in rows[1:] if row.cells != header]

    def _row(self, row: Row, columns: Columns, ticks: set[str]) -> TableRow:
        """A row with its cells in the order of the options."""
        header, named = columns.header, columns.named
        heading = columns.heading(row)
        if row.doubt:
            return TableRow(heading, (), " | ".join(filter(None, row.cells[1:])), row.doubt)
        if len(row.cells) > len(header):
            doubt = f"{len(row.cells) - named} cells for {len(header) - named} columns"
            return TableRow(heading, (), " | ".join(filter(None, row.cells[named:])), doubt)
        cells = [
            worded(row.cells[columns.places[i]], ticks, self.meaning)
            if columns.places.get(i, 99) < len(row.cells)
            else ""
            for i in range(len(self.names.options))
        ]
        doubt = ""
        if len(row.cells) < len(header):
            doubt = f"only {max(0, len(row.cells) - named)} of {len(header) - named} cells"
        if not named:
            heading = short(" / ".join(filter(None, cells)))
        beside = [*columns.extra(row, heading), *_of_group(row)]
        shown = [heading, *(header[at] for at in columns.places.values()), *cells, *beside]
        extra = "\n".join([*beside, *noted(shown, self.notes)])
        return TableRow(heading, tuple(cells), extra, doubt, columns.group(row, heading))

    def _places(self, header: Sequence[str]) -> dict[int, int]:
        """The column of each option. A name that two columns have is none's."""
        places: dict[int, int] = {}
        for exact in (True, False):
            for i, cell in enumerate(map(unlabelled, header)):
                option = self.names.exactly(cell) if exact else self.names.only(cell)
                if option is None or i in places.values():
                    continue
                if not exact and VERDICT_HEADER.search(cell):
                    continue
                places.setdefault(option, i)
        return places

    def _transposed(self, block: Block, header: Sequence[str]) -> list[TableRow] | None:
        """The columns of a table with a row for each option; any other row is kept whole."""
        by_option = self._rows_of_options(block)
        if not by_option:
            return None
        rows = [row for row in block.rows if any(row.cells)]
        ticks = ticks_of(rows)
        ordered = [by_option[i] for i in range(len(self.names.options))]
        found = []
        for column in range(1, len(header)):
            cells = [
                worded(row[column], ticks, self.meaning) if column < len(row) else ""
                for row in ordered
            ]
            if header[column] and any(cells):
                extra = "\n".join(noted([header[column], *cells], self.notes))
                found.append(TableRow(header[column], tuple(cells), extra))
        for row in rows[1:]:
            rest = " | ".join(filter(None, row.cells[1:]))
            if row.cells not in ordered and rest:
                found.append(TableRow(row.cells[0], (), rest, "it is no option's"))
        return found or None

    def _rows_of_options(self, block: Block) -> dict[int, tuple[str, ...]]:
        """The row of each option; {} unless each has one, and few other rows are among them."""
        rows = [row.cells for row in block.rows if any(row.cells)][1:]
        own = [(self._option(cells[0]), cells) for cells in rows]
        found = {option: cells for option, cells in own if option is not None}
        others = sum(option is None for option, _ in own)
        all_ = len(found) == len(self.names.options) and len(found) + others == len(own)
        return found if all_ and others < len(found) else {}

    def _option(self, cell: str) -> int | None:
        """The option that a row is about, whatever counts the rows before its name."""
        option = self.names.exactly(cell)
        return self.names.exactly(COUNTED.sub("", cell)) if option is None else option

    def cases(self, block: Block) -> list[FoundCase] | None:
        """The use cases of a table one of whose columns holds verdicts, else None."""
        rows = [row for row in block.rows if any(row.cells)]
        header = header_row(block)
        if len(rows) > 1 and (found := self.columns_of_cases(block)):
            return found
        if len(rows) < 3 or len(header) < 2 or len(self._places(header)) > 1:
            return None
        for column in range(1, len(header)):
            named = bool(VERDICT_HEADER.search(header[column]))
            read = partial(in_cell, self.verdicts) if named else self.verdicts.opening
            judgements = [" ".join(row.cells[column : column + 1]) for row in rows[1:]]
            told = [read(cell) if cell else None for cell in judgements]
            judged = sum(each is not None for each in told)
            speaking = sum(
                bool(each or self.verdicts.speaks(cell))
                for each, cell in zip(told, judgements, strict=True)
            )
            situations = SITUATION.search(header[0]) or speaking >= 0.8 * len(told)
            share = judged / (len(told) if named else max(speaking, 0.7 * len(told)))
            if share < (0.8 if not named else 0.5 if situations else 0.6):
                continue
            found = []
            for row, verdict in zip(rows[1:], told, strict=True):
                others = [
                    f"{header[i]}: {cell}"
                    if i < len(header) and i > 1 and len(header) > 3
                    else cell
                    for i, cell in enumerate(row.cells)
                    if i not in (0, column) and cell
                ]
                said = row.cells[column] if column < len(row.cells) else ""
                rest = said[verdict.end :].strip(" .,;:–—") if verdict else said
                text = "\n".join(filter(None, [rest, *others, *_of_group(row)]))
                if not row.cells[0]:
                    continue
                if verdict:
                    case = _of_table(row.cells[0], verdict.label, text, block)
                    found.append(replace(case, sure=verdict.sure))
                else:
                    open_ = _of_table(row.cells[0], None, text, block)
                    found.append(replace(open_, sure="guessed"))
            return found
        return None

    def doubt(self, block: Block) -> str:
        """Why a table whose header names an option was not recognised, "" if it names none."""
        header = header_row(block)
        if len(block.rows) < 2 or not self._places(header):
            return ""
        shown = short(" | ".join(header))
        return f"The table with the columns {shown} has none for each option; kept as text."

    def best_of(self, block: Block) -> list[FoundCase]:
        """The use cases of a table that has the options as columns: a winner for each case, a tick,
        or a row "Best for".
        """
        header = header_row(block)
        places = self._places(header)
        if len(places) < 2 and (by_option := self._rows_of_options(block)):
            return self._suited_columns(block, header, by_option)
        if len(places) < 2 or not min(places.values()):
            return []
        rows = [row for row in block.rows if any(row.cells)][1:]
        suited = [
            _of_row(
                row.cells[place],
                self.names.options[option],
                f"{row.cells[0]}: {row.cells[place]}",
                block,
            )
            for row in rows
            if SUITED.search(row.cells[0])
            for option, place in places.items()
            if place and place < len(row.cells) and len(row.cells[place]) > 3
        ]
        if suited or not SITUATION.search(header[0]):
            return suited
        columns = [i for i in range(1, len(header)) if i not in places.values()]
        for column in columns:
            if not VERDICT_HEADER.search(header[column]):
                continue
            found = []
            for row in rows:
                told = self.verdicts.opening(row.cells[column]) if column < len(row.cells) else None
                if told and row.cells[0]:
                    shown = [
                        f"{header[i]}: {row.cells[i]}"
                        for i in sorted(places.values())
                        if i < len(row.cells)
                    ]
                    found.append(_of_row(row.cells[0], told.label, "\n".join(shown), block))
            return found
        return self._ticked(block, rows, places)

    def _suited_columns(
        self, block: Block, header: Sequence[str], by_option: dict[int, tuple[str, ...]]
    ) -> list[FoundCase]:
        """The cells of the columns "Best for" of a table with a row for each option."""
        return [
            _of_row(cells[at], self.names.options[option], f"{header[at]}: {cells[at]}", block)
            for at in range(1, len(header))
            if SUITED.search(header[at])
            for option, cells in sorted(by_option.items())
            if at < len(cells) and len(cells[at]) > 3
        ]

    def _ticked(self, block: Block, rows: Sequence[Row], places: dict[int, int]) -> list[FoundCase]:
        """A use case a row, for the options that have a tick in it."""
        found: list[FoundCase] = []
        for row in rows:
            cells = {i: row.cells[at] for i, at in places.items() if at < len(row.cells)}
            marks = {i: match[1] for i, cell in cells.items() if (match := MARK.match(cell))}
            others = [cell for i, cell in cells.items() if i not in marks]
            if not marks or any(cell not in DASHES | {""} for cell in others):
                return []
            good = [i for i, mark in marks.items() if mark in YES]
            label = self.verdicts.label(good) if good else NEITHER
            shown = [f"{self.names.options[i]}: {cell}" for i, cell in cells.items() if cell]
            found.append(_of_row(row.cells[0], label, "\n".join(shown), block))
        return found

    def columns_of_cases(self, block: Block) -> list[FoundCase] | None:
        """The cells under headers such as "Choose X if" and "Choose Y if"."""
        header = header_row(block)
        says = [self.verdicts.governs(cell) for cell in header]
        if len({each[0] for each in says if each}) < 2:
            return None
        rows = [row for row in block.rows if any(row.cells)]
        return [
            _of_table(cell, each[0], cell, block)
            for row in rows[1:]
            for each, cell in zip(says, row.cells, strict=False)
            if each and cell and not each[1]
        ]


def _of_group(row: Row) -> list[str]:
    return [f"Group: {row.group}"] if row.group else []


def _of_table(heading: str, label: str | None, text: str, block: Block) -> FoundCase:
    """A use case of a table that holds nothing but verdicts."""
    return FoundCase(heading, label, text or heading, block.line, "a table of verdicts", "told")


def _of_row(heading: str, label: str, text: str, block: Block) -> FoundCase:
    """A use case of a row that also compares the options."""
    return FoundCase(heading, label, text, block.line, "its row of a table", "told")
