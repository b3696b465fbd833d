"""Ticks and crosses that are letters of another font: in Wingdings "ü" is a tick, "û" a cross."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from knowledge.documents.dingbats import drawn
from knowledge.documents.reader import parse_file
from tests.helpers.office import docx, paragraph, pdf, ruled, text

WINGDINGS = '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'
TICK, CROSS = "ü", "û"
READ = {"Night": ("Yes", "No"), "Seats": ("60", "40")}


@pytest.mark.parametrize(
    ("font", "letters", "signs"),
    [
        ("Wingdings", "ü û", "✓ 🗶"),
        ("Wingdings", "\uf0fc", "✓"),
        ("ABCDEF+Wingdings-Regular", "ü", "✓"),
        ("Wingdings 2", "P", "🗸"),
        ("Calibri", "ü P \uf0fc", "ü P \uf0fc"),
        ("Wingdings", "✓ →", "✓ →"),
        (None, "ü", "ü"),
    ],
)
def test_letters_are_read_as_their_font_draws_them(
    font: str | None, letters: str, signs: str
) -> None:
    assert drawn(font, letters) == signs


def cells(path: Path) -> dict[str, tuple[str, ...]]:
    comparison = parse_file(path, ("Tram", "Bus"))
    return {each.heading: each.cells for each in comparison.of_kind("dimension")}


def test_in_docx(tmp_path: Path) -> None:
    def table_row(name: str, *said: str) -> str:
        inner = "".join(f"<w:tc>{each}</w:tc>" for each in (paragraph(name), *said))
        return f"<w:tr><w:trPr/>{inner}</w:tr>"

    signs = (paragraph(TICK, run=WINGDINGS), paragraph(CROSS, run=WINGDINGS))
    rows = [
        table_row("", paragraph("Tram"), paragraph("Bus")),
        table_row("Night", *signs),
        table_row("Seats", paragraph("60"), paragraph("40")),
    ]
    path = docx(tmp_path / "ways.docx", paragraph("Tram vs Bus", "Title"), "".join(rows))
    assert cells(path) == READ


def test_in_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["", "Tram", "Bus"])
    page.append(["Night", TICK, CellRichText(TextBlock(InlineFont(rFont="Wingdings"), CROSS))])
    page.append(["Seats", 60, 40])
    page["B2"].font = Font(name="Wingdings")
    book.save(tmp_path / "ways.xlsx")
    assert cells(tmp_path / "ways.xlsx") == READ


def test_in_pdf(tmp_path: Path) -> None:
    rows = [("Trait", "Tram", "Bus"), ("Night", "", ""), ("Seats", "60", "40")]
    drawing = [text(60, 760, 22, "Tram vs Bus"), *ruled(60, 700, (120, 120, 120), rows)]
    signs = [text(184, 666, 10, TICK, "F2"), text(304, 666, 10, CROSS, "F2")]
    assert cells(pdf(tmp_path / "ways.pdf", [*drawing, *signs])) == READ
