"""DOCX, PDF, XLSX and CSV are read as the same comparison would be from Markdown; what is not
readable is one line. Not covered: tables in a PDF without upright lines, which are read as text.
"""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from knowledge.documents import office, reader, tables
from knowledge.documents.reader import parse_file
from knowledge.errors import DocumentError
from tests.helpers.office import docx, paragraph, pdf, row, ruled, text

ROWS = [("Trait", "Kayak", "Canoe"), ("Weight", "22 kg", "31 kg"), ("Seats", "1", "3")]


def written(path: Path) -> Path:
    return docx(
        path,
        paragraph("Kayak vs Canoe", "Title"),
        paragraph("Two boats for a family by a lake."),
        "".join(map(row, ROWS)),
        paragraph("When to choose a kayak", "Heading1"),
        paragraph("You paddle alone, and a kayak is quicker."),
        paragraph("When to choose a canoe", "Heading1"),
        paragraph("You carry a tent.", run='<w:vanish w:val="0"/>'),
        paragraph("Choose the hovercraft", run="<w:vanish/>"),
    )


def test_docx_is_read_with_its_table_and_without_hidden_text(tmp_path: Path) -> None:
    comparison = parse_file(written(tmp_path / "boats.docx"))
    assert comparison.options == ("Kayak", "Canoe")
    assert [each.cells for each in comparison.of_kind("dimension")] == [
        ("22 kg", "31 kg"),
        ("1", "3"),
    ]
    assert [each.verdict for each in comparison.of_kind("best-for")] == ["Kayak", "Canoe"]
    text = " ".join(each.text for each in comparison.passages)
    assert "You carry a tent." in text and "hovercraft" not in text


def test_indented_row_of_a_docx_keeps_its_columns(tmp_path: Path) -> None:
    path = docx(
        tmp_path / "boats.docx",
        paragraph("Kayak vs Canoe", "Title"),
        "".join(map(row, ROWS))
        + row(["Roof", "needs a rack"], before=0)
        + row(["", "9"], before=1),
    )
    cells = [each.cells for each in parse_file(path).of_kind("dimension")]
    assert cells[2] == ("needs a rack", "")


def sheet(path: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for cells in [*ROWS, ("Price", 450, 1200), ("Discount", 0.12, 0.5), ("Sum", "=B4*2", "=C4*2")]:
        page.append(list(cells))
    page["B4"].number_format = page["C4"].number_format = '"$"#,##0'
    page["B5"].number_format = page["C5"].number_format = "0%"
    page.append(("Secret", 1, 2))
    page.row_dimensions[7].hidden = True
    page.append(("Storage", "a garage", None))
    page.merge_cells("B8:C8")
    book.save(path)
    return path


def test_xlsx_is_read_as_it_is_shown(tmp_path: Path) -> None:
    comparison = parse_file(sheet(tmp_path / "boats.xlsx"))
    assert comparison.options == ("Kayak", "Canoe")
    assert {each.heading: each.cells for each in comparison.of_kind("dimension")} == {
        "Weight": ("22 kg", "31 kg"),
        "Seats": ("1", "3"),
        "Price": ("$450", "$1,200"),
        "Discount": ("12%", "50%"),
        "Sum": ("not calculated", "not calculated"),
        "Storage": ("a garage", "a garage"),
    }
    assert "1 hidden rows or columns were left out." in comparison.warnings


def test_csv_keeps_commas_quotes_and_line_breaks_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "boats.csv"
    path.write_text('Trait;Kayak;Canoe\nSeats;1;"2; or ""3"""\n"Rain\ncover";;n/a\n', "utf-8")
    dimensions = parse_file(path).of_kind("dimension")
    assert [(each.heading, each.cells) for each in dimensions] == [
        ("Seats", ("1", '2; or "3"')),
        ("Rain cover", ("", "n/a")),
    ]


BOATS = "Trait;Kayak;Canoe\nSeats;1;3\nPrice;450,50;1200,00\n"


@pytest.mark.parametrize(
    ("above", "below", "text"),
    [
        ("", "", ""),
        ("The boats of the club;;\n", "", ""),
        ("The boats of the club\n\n", "", ""),
        ("The boats of the club;;\nAs of;May;\n;;\n", "", "As of: May"),
        ("The boats of the club;;\nMeasured in May, all of them.;;\n", "",
         "Measured in May, all of them."),
        ("", "All prices with paddles.;;\n", "All prices with paddles."),
        ("", ";;\nDecision;Canoe;\n", "Decision: Canoe"),
        ("", "\n\nDecision of the board: Canoe\n", "Decision of the board: Canoe"),
    ],
)  # fmt: skip
def test_lines_above_and_below_the_table_of_a_sheet_are_text(
    tmp_path: Path, above: str, below: str, text: str
) -> None:
    path = tmp_path / "boats.csv"
    path.write_text(above + BOATS + below, "utf-8")
    comparison = parse_file(path, ("Kayak", "Canoe"))
    assert comparison.title == ("The boats of the club" if above else "Kayak vs Canoe")
    assert [(each.heading, each.cells) for each in comparison.of_kind("dimension")] == [
        ("Seats", ("1", "3")),
        ("Price", ("450,50", "1200,00")),
    ]
    assert [each.text for each in comparison.of_kind("introduction")] == [text] * bool(text)


def test_a_sheet_may_hold_groups_of_rows_and_a_second_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for cells in [
        *[("Boats",), ("", "Kayak", "Canoe"), ("On water",), ("Pace", "fast", "slow"), ()],
        *[("On land",), ("Weight", 22, 31), (), ("Prices in 2031",), ("", "Canoe", "Kayak")],
        *[("New", 900, 500), (), ("Ask Ada.",)],
    ]:
        page.append(list(cells))
    page.merge_cells("A3:C3")
    book.save(tmp_path / "boats.xlsx")
    comparison = parse_file(tmp_path / "boats.xlsx", ("Kayak", "Canoe"))
    assert [(each.heading, each.text) for each in comparison.of_kind("dimension")] == [
        ("Pace", "Kayak: fast\nCanoe: slow\nGroup: On water"),
        ("Weight", "Kayak: 22\nCanoe: 31\nGroup: On land"),
        ("New", "Kayak: 500\nCanoe: 900"),
    ]
    assert any(each.text == "Ask Ada." for each in comparison.passages)


LINES = [
    text(60, 780, 20, "Kayak vs Canoe"),
    text(60, 750, 10, "Two boats for a family by a lake."),
    *ruled(60, 720, (120, 150, 150), ROWS),
    text(60, 620, 14, "When to choose a kayak"),
    text(60, 600, 10, "You paddle alone, and the lake is calm."),
    text(60, 570, 14, "When to choose a canoe"),
    text(60, 550, 10, "You carry a tent."),
]


def test_pdf_is_read_with_its_ruled_table(tmp_path: Path) -> None:
    comparison = parse_file(pdf(tmp_path / "boats.pdf", LINES))
    assert comparison.options == ("Kayak", "Canoe")
    assert [each.cells for each in comparison.of_kind("dimension")] == [
        ("22 kg", "31 kg"),
        ("1", "3"),
    ]
    assert [each.verdict for each in comparison.of_kind("best-for")] == ["Kayak", "Canoe"]


def test_raised_figure_in_a_pdf_does_not_grow_onto_the_figure_before(tmp_path: Path) -> None:
    raised = text(60 + 120 + 4 + 28, 720 - 20 - 10, 6, "1")
    path = pdf(tmp_path / "boats.pdf", [*LINES, raised])
    assert parse_file(path).of_kind("dimension")[0].cells[0] == "22 kg¹"


def test_a_word_that_lines_divide_in_a_pdf_is_whole_again(tmp_path: Path) -> None:
    lines = [
        text(60, 590, 10, "It suits whoever likes pad-"),
        text(60, 578, 10, "dling, in self-"),
        text(60, 566, 10, "drained boats, on short-"),
        text(60, 554, 10, "and long-term loan."),
    ]
    lines.append(text(60, 542, 10, "One-"))
    lines += [text(60, 530, 10, "way- trips are dear."), text(60, 518, 10, "Fast- yes.")]
    above = [each for each in LINES[:-3] if "You paddle" not in each]
    path = pdf(tmp_path / "boats.pdf", [*above, *lines, text(60, 490, 10, "Paddling is fun.")])
    said = " ".join(" ".join(each.text for each in parse_file(path).passages).split())
    assert "likes paddling, in self-drained boats, on short- and long-term loan" in said
    assert "One-way- trips are dear. Fast- yes." in said


def test_pdf_of_many_pages_is_read_up_to_the_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "MAX_PAGES", 2)
    comparison = parse_file(pdf(tmp_path / "boats.pdf", LINES, pages=3))
    assert "Only the first 2 of 3 pages were read." in comparison.warnings


ENCRYPTED = (
    "/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<"
    + "00" * 32
    + ">/U<"
    + "11" * 32
    + ">>>/ID[<00><00>]"
)


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * (tables.MAX_UNPACKED_BYTES + 1))
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("scan.pdf", "its PDF has no text (a scan?). Save it with recognised text."),
        ("locked.pdf", "its PDF is encrypted. Save it without a password."),
        ("broken.pdf", "its PDF is damaged."),
        ("bomb.docx", "it unpacks to more than 60 MB."),
        ("bomb.xlsx", "it unpacks to more than 60 MB."),
        ("broken.docx", "its file is damaged or encrypted."),
        ("broken.xlsx", "its file is damaged or encrypted."),
    ],
)
def test_unreadable_office_file_is_one_line(tmp_path: Path, name: str, message: str) -> None:
    path = tmp_path / name
    if name == "scan.pdf":
        pdf(path, ["60 60 m 300 300 l S"])
    elif name == "locked.pdf":
        pdf(path, LINES, ENCRYPTED)
    elif name.startswith("bomb"):
        bomb(path)
    else:
        path.write_bytes(b"PK\x03\x04 nothing" if name != "broken.pdf" else b"%PDF-1.4 nothing")
    with pytest.raises(DocumentError) as caught:
        parse_file(path)
    assert str(caught.value) == f"{name} is not a comparison: {message} {reader.FORM}"
