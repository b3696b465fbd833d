"""What its writer has struck out is not said of an option, whatever the format; nor is a raised
figure a digit of the one before it.
"""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_file, parse_text
from tests.helpers.office import docx, paragraph, row

DASH = "not stated"
MARKDOWN = """# Tram vs Bus

{struck_line}

| | Tram | Bus |
|---|---|---|
| Price | {price} | 2 euros |
| Ride | {ride} | {gone} |

## When to choose the tram

You commute.
"""


def cells(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    return {each.heading: each.cells for each in comparison.of_kind("dimension")}


@pytest.mark.parametrize(
    ("before", "after"),
    [("~~", "~~"), ("<del>", "</del>"), ('<s class="a">', "</s>"), ("<STRIKE>", "</STRIKE>")],
)
def test_in_markdown(before: str, after: str) -> None:
    def struck(text: str) -> str:
        return f"{before}{text}{after}"

    text = MARKDOWN.format(
        struck_line=f"A **tram** {struck('and a **ship**')} in town.",
        price=f"{struck('3 euros')} 4 euros",
        ride=f"{struck('25')}30 minutes",
        gone=struck("a day"),
    )
    comparison = parse_text(text, "markdown")
    assert cells(comparison) == {"Price": ("4 euros", "2 euros"), "Ride": ("30 minutes", DASH)}
    assert [each.text for each in comparison.of_kind("introduction")] == ["A tram in town."]
    assert "Struck-out text was left out: 4 pieces." in comparison.warnings


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<s>25%</s>20%", "20%"),
        ("5<del>(old)</del>km", "5km"),
        ("A <s>old <s>older</s> old</s> end", "A end"),
        ("<s>`x`</s> y", "y"),
        ("`<s>x</s>` y", "<s>x</s> y"),
        ("<s>open", "open"),
        ("shut</del> x", "shut x"),
    ],
)
def test_tags_in_markdown_strike_out_what_stands_between_them(written: str, said: str) -> None:
    text = MARKDOWN.format(struck_line="Two ways.", price=written, ride="30", gone="40")
    assert cells(parse_text(text, "markdown"))["Price"][0] == said


def test_a_row_that_is_struck_out_whole_is_no_heading_of_the_rows_below() -> None:
    rows = "| Fare | ~~1~~ | ~~2~~ |\n| Price | 3 | 4 |"
    comparison = parse_text(f"# Tram vs Bus\n\n| | Tram | Bus |\n|---|---|---|\n{rows}", "markdown")
    assert cells(comparison) == {"Fare": (DASH, DASH), "Price": ("3", "4")}
    assert not any("Group" in each.text for each in comparison.passages)


@pytest.mark.parametrize(
    ("row", "after", "said"),
    [
        ("<td>Fare<td><s>1</s><td><del>2</del>", "<td>Price<td>3<td>4", {"Fare": (DASH, DASH)}),
        ("<td rowspan=2>Price<td>1<td>2", "<td>3<td>4", {"Price": (DASH, DASH)}),
        ("<td>Fare<td>1<td>2", "<td>Price<td>3<td>4", {}),
    ],
)
def test_a_row_of_a_page_that_is_struck_out_moves_no_other(
    row: str, after: str, said: dict[str, tuple[str, str]]
) -> None:
    style = "" if "<s>" in row else ' style="Text-Decoration: LINE-THROUGH"'
    rows = f"<tr><td><th>Tram<th>Bus<tr{style}>{row}<tr>{after}"
    page = f"<h1>Tram vs Bus</h1><table>{rows}</table><h2>Choose a tram if</h2><p>You ride.</p>"
    found = parse_text(page, "html")
    dimensions = [(each.heading.split(" (")[0], each.cells) for each in found.of_kind("dimension")]
    assert dimensions == [*said.items(), ("Price", ("3", "4"))]
    assert not any("Group" in each.text for each in found.passages)


def test_tildes_that_strike_nothing_out_stay() -> None:
    text = MARKDOWN.format(
        struck_line="About ~20 stops, `~~all~~` in town.", price="~4 euros", ride="~30", gone="~40"
    )
    comparison = parse_text(text, "markdown")
    assert cells(comparison)["Price"] == ("~4 euros", "2 euros")
    assert "~~all~~" in comparison.of_kind("introduction")[0].text
    assert not any("struck" in each for each in comparison.warnings)


def test_in_html() -> None:
    page = """<h1>Tram vs Bus</h1><p>Two <s>or <b>three</b></s> ways.</p><table>
    <tr><th></th><th>Tram</th><th>Bus</th></tr>
    <tr><td>Price</td><td><del>3 euros</del> <ins>4 euros</ins></td><td>2 euros</td></tr>
    <tr><td>Ride</td><td><strike>25</strike>30 minutes</td>
    <td style="color: red; text-decoration: line-through">a <s>whole</s> day</td></tr>
    <tr><td>Seats</td><td>60</td><td>40</td></tr></table>"""
    comparison = parse_text(page, "html")
    assert cells(comparison) == {
        "Price": ("4 euros", "2 euros"),
        "Ride": ("30 minutes", DASH),
        "Seats": ("60", "40"),
    }
    assert [each.text for each in comparison.of_kind("introduction")] == ["Two ways."]
    assert "Struck-out text was left out: 4 pieces." in comparison.warnings


@pytest.mark.parametrize("struck", ["<w:strike/>", "<w:dstrike/>"])
def test_in_docx(tmp_path: Path, struck: str) -> None:
    path = docx(
        tmp_path / "ways.docx",
        paragraph("Tram vs Bus", "Title"),
        paragraph("Three ways into town.", run=struck),
        paragraph("Two ways into town."),
        "".join(map(row, [("", "Tram", "Bus"), ("Price", "4 euros", "2 euros")])),
    )
    comparison = parse_file(path)
    assert [each.text for each in comparison.of_kind("introduction")] == ["Two ways into town."]
    assert "Struck-out text was left out: 1 piece." in comparison.warnings


def test_in_xlsx_of_which_raised_figures_are_signs_of_their_own(tmp_path: Path) -> None:
    raised, struck = InlineFont(vertAlign="superscript"), InlineFont(strike=True)
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["", "Tram", "Bus"])
    page.append(["Ride", CellRichText("25", TextBlock(raised, "1")), 40])
    page.append(["Price", CellRichText(TextBlock(struck, "3 euros"), " 4 euros"), "2 euros"])
    page.append(["Room", CellRichText("12 m", TextBlock(raised, "2")), "9 m²"])
    page.append(["Wait", 5, 15])
    page["C5"].font = Font(strike=True)
    book.save(tmp_path / "ways.xlsx")
    comparison = parse_file(tmp_path / "ways.xlsx", ("Tram", "Bus"))
    assert cells(comparison) == {
        "Ride": ("25¹", "40"),
        "Price": ("4 euros", "2 euros"),
        "Room": ("12 m²", "9 m²"),
        "Wait": ("5", DASH),
    }
    assert "Struck-out text was left out: 2 pieces." in comparison.warnings
