"""Spreadsheets as blocks: CSV and XLSX, one table a sheet."""

import csv
import io
import re
import zipfile
from collections import Counter
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.documents.blocks import (
    Block,
    Row,
    block,
    left_of_cell,
    plain,
    raised,
    struck_out_note,
)
from knowledge.documents.dingbats import drawn
from knowledge.documents.sheets import sheet_blocks
from knowledge.errors import DocumentError

MAX_UNPACKED_BYTES = 60_000_000  # of an Office file, whose own size says little
MAX_ROWS = 5_000
MAX_COLUMNS = 60
NOT_CALCULATED = "not calculated"


def csv_blocks(text: str) -> list[Block]:
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text[:5_000]))
    lines = [
        (reader.line_num, Row(tuple(map(plain, cells[:MAX_COLUMNS]))))
        for cells in islice(reader, MAX_ROWS)
    ]
    return sheet_blocks(lines, 1)


def _delimiter(sample: str) -> str:
    """The sign that stands equally often in the most lines."""

    def steady(mark: str) -> tuple[int, int]:
        counts = Counter(line.count(mark) for line in sample.split("\n"))
        return max(((lines, count) for count, lines in counts.items() if count), default=(0, 0))

    return max(",;\t|", key=steady)


def check_unpacked(path: Path) -> None:
    """Raises DocumentError if an Office file is none, or unpacks to more than is read."""
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = [entry.file_size for entry in packed.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise DocumentError("its file is damaged or encrypted.") from exc
    if sum(sizes) > MAX_UNPACKED_BYTES or len(sizes) > 5_000:
        raise DocumentError(f"it unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB.")


def xlsx_blocks(path: Path) -> tuple[list[Block], list[str]]:
    """The visible cells of each visible sheet as they are shown, and notes on what was not."""
    check_unpacked(path)
    try:
        shown = load_workbook(path, data_only=True, rich_text=True)
        written = load_workbook(path)
    except (InvalidFileException, KeyError, ValueError, OSError, TypeError, AttributeError) as exc:
        raise DocumentError("its workbook is damaged or encrypted.") from exc
    blocks: list[Block] = []
    notes: list[str] = []
    hidden = struck = 0
    for sheet in shown.worksheets:
        if sheet.sheet_state != "visible":
            notes.append(f'The hidden sheet "{sheet.title}" was left out.')
            continue
        formulas = written[sheet.title]
        covered = {
            (row, column): (area.min_row, area.min_col)
            for area in sheet.merged_cells.ranges
            for row in range(area.min_row, min(area.max_row, MAX_ROWS) + 1)
            for column in range(area.min_col, min(area.max_col, MAX_COLUMNS) + 1)
        }
        hidden_columns = {
            column
            for each in sheet.column_dimensions.values()
            if each.hidden
            for column in range(each.min or 0, (each.max or 0) + 1)
        }
        rows: list[tuple[int, Row]] = []
        header = True  # until a row has text
        columns = [
            c for c in range(1, min(sheet.max_column, MAX_COLUMNS) + 1) if c not in hidden_columns
        ]
        for row in range(1, min(sheet.max_row, MAX_ROWS) + 1):
            if sheet.row_dimensions[row].hidden:
                hidden += 1
                continue
            cells = []
            for column in columns:
                at = covered.get((row, column), (row, column))
                cell = sheet.cell(*at)
                formula = formulas.cell(*at).data_type == "f"
                value, gone = _without_struck_out(cell, formula)
                text = plain(_as_shown(value, cell.number_format))
                cells.append(left_of_cell(text, gone, header))
                struck += gone and at == (row, column)
            areas = {covered.get((row, c)) for c, cell in zip(columns, cells, strict=True) if cell}
            if len(areas) == 1 and None not in areas:  # one cell across the sheet
                cells = [*filter(None, cells)][:1]
            rows.append((0, Row(tuple(cells))))
            header = header and not any(cells)
        hidden += len(hidden_columns)
        if not any(any(row.cells) for _, row in rows):
            continue
        if len(shown.worksheets) > 1:
            blocks += block(2, sheet.title)
        blocks += sheet_blocks(rows, 2 if blocks else 1)
    if hidden:
        notes.append(f"{hidden} hidden rows or columns were left out.")
    return blocks, [*notes, *struck_out_note(struck)]


def _without_struck_out(cell: Any, formula: bool) -> tuple[Any, bool]:
    """The value of a cell without what is struck out in it, with raised figures as signs of their
    own, and whether anything was struck out.
    """
    if not isinstance(cell.value, str | CellRichText):
        value = NOT_CALCULATED if cell.value is None and formula else cell.value
        struck = bool(cell.font.strike and value is not None)
        return None if struck else value, struck
    text, gone = "", False
    for part in [cell.value] if isinstance(cell.value, str) else cell.value:
        font, said = (part.font, part.text) if isinstance(part, TextBlock) else (cell.font, part)
        if font.strike:
            gone = True
        else:
            said = raised(said) if font.vertAlign == "superscript" else said
            text += drawn(font.rFont if isinstance(part, TextBlock) else font.name, said)
    return text, gone


def _as_shown(value: Any, shape: str) -> str:
    """A cell as the workbook shows it: 0.12 in the format 0% is 12%."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if not isinstance(value, int | float):
        return str(value)
    shape = shape.split(";")[0]
    decimals = len(found[1]) if (found := re.search(r"[0#]\.([0#]+)", shape)) else 0
    if "%" in shape:
        return f"{value * 100:.{decimals}f}%"
    if shape == "General" or "0" not in shape:
        return f"{value:g}" if isinstance(value, float) and abs(value) < 1e15 else str(value)
    number = f"{value:{',' if ',' in shape else ''}.{decimals}f}"
    quoted = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r'"\1"', shape)
    before, _, after = re.sub(r"[0#.,]*[0#][0#.,]*", "\0", quoted, count=1).partition("\0")
    units = [re.sub(r"_.|\*.|\\|\"|[?]", "", part) for part in (before, after)]
    return f"{units[0]}{number}{units[1]}"
