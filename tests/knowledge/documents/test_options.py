"""Which options a document compares is told by its tables, headings and lists, whatever its title.

The documents are small and made up; each shows one form. Not covered: options that only the sense
of sentences tells.
"""

import pytest

from knowledge.documents.reader import Format, parse_text, read_text
from knowledge.errors import DocumentError

STOVES = ("Ember 5", "Cinder Duo", "Hearthlet")
AS_ROWS = """\
| Stove | Price | Heat | Glass door |
|---|---|---|---|
| Ember 5 | €890 | 5 kW | yes |
| Cinder Duo | €1,240 | 8 kW | no |
| Hearthlet | €410 | 3 kW | yes |
"""
AS_COLUMNS = """\
| | Ember 5 | Cinder Duo | Hearthlet |
|---|---|---|---|
| Price | €890 | €1,240 | €410 |
| Heat | 5 kW | 8 kW | 3 kW |
| Glass door | yes | no | yes |
"""


# --- which way a table compares ---


@pytest.mark.parametrize("table", [AS_ROWS, AS_COLUMNS])
@pytest.mark.parametrize(
    ("above", "sure"),
    [
        ("# A winter with stoves\n\n## Ember 5\n\nIt hums.\n\n## Cinder Duo\n\nIt roars.\n\n"
         "## Hearthlet\n\nIt ticks.\n\n## Figures\n\n", "implied"),
        ("# A winter with stoves\n\nWe lit the Ember 5, then the Cinder Duo, then the Hearthlet, "
         "each for three weeks, in the same hut and with the same beech.\n\n## Figures\n\n",
         "implied"),
        ("# The best stoves\n\nAll were lit for three weeks.\n\n", "guessed"),
    ],
)  # fmt: skip
def test_options_are_the_columns_or_the_rows_of_a_table_by_the_types_of_its_cells(
    table: str, above: str, sure: str
) -> None:
    reading = read_text(above + table, "markdown")
    assert reading.comparison.options == STOVES
    assert reading.findings[0].sure == sure
    rows = {each.heading: each.cells for each in reading.comparison.of_kind("dimension")}
    assert rows == {
        "Price": ("€890", "€1,240", "€410"),
        "Heat": ("5 kW", "8 kW", "3 kW"),
        "Glass door": ("yes", "no", "yes"),
    }


SHEET = "Plan,Fee,Lessons,Suitable for\nFlute Club,0,1,Beginners\nReed Circle,4.90,2,Bands\n"


@pytest.mark.parametrize(
    ("text", "title", "more"),
    [
        (SHEET, "Flute Club vs Reed Circle", ""),
        (f"Music lessons,,,\n,,,\n{SHEET}", "Music lessons", ""),
        (f"{SHEET},,,\nNote: fees of May,,,\n", "Flute Club vs Reed Circle", "Note: fees of May"),
    ],
)
def test_a_sheet_with_the_options_as_rows_is_read_with_the_lines_around_it(
    text: str, title: str, more: str
) -> None:
    comparison = parse_text(text, "csv")
    assert (comparison.title, comparison.options) == (title, ("Flute Club", "Reed Circle"))
    assert [each.heading for each in comparison.of_kind("dimension")] == [
        "Fee",
        "Lessons",
        "Suitable for",
    ]
    cases = [(each.heading, each.verdict) for each in comparison.of_kind("best-for")]
    assert cases == [("Beginners", "Flute Club"), ("Bands", "Reed Circle")]
    assert more in " ".join(each.text for each in comparison.passages)
    assert any("by the form of a table only" in warning for warning in comparison.warnings)


def test_columns_of_groups_and_weights_are_no_options() -> None:
    table = (
        "| Group | Criterion | Weight | Ember 5 | Hearthlet |\n|---|---|---|---|---|\n"
        "| Money | Price | 60% | 3 | 5 |\n| Money | Wood | 10% | 4 | 4 |\n"
        "| Use | Ashes | 30% | 2 | 4 |\n"
    )
    text = f"# Which stove?\n\nThe Ember 5 and the Hearthlet were lit.\n\n{table}"
    assert parse_text(text, "markdown").options == ("Ember 5", "Hearthlet")


def test_a_row_that_is_no_option_s_is_kept_whole() -> None:
    text = f"# Ember 5 or Cinder Duo or Hearthlet\n\n{AS_ROWS}| Average | €847 | 5 kW | |\n"
    comparison = parse_text(text, "markdown")
    rows = {each.heading: each for each in comparison.of_kind("dimension")}
    assert rows["Heat"].cells == ("5 kW", "8 kW", "3 kW")
    assert rows["Average"].text == "€847 | 5 kW"
    assert 'Row "Average": it is no option\'s; kept whole.' in comparison.warnings


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("# Team\n\nCall us.\n\n| Who | Room | Since |\n|---|---|---|\n| Ines | 4 | 2019-03-01 |\n"
         "| Tomas | 5 | 2021-07-01 |\n", "markdown"),
        ("# Sales\n\nIn tonnes.\n\n| Year | Peas | Export |\n|---|---|---|\n| 2021 | 4 t | 12% |\n"
         "| 2022 | 5 t | 14% |\n", "markdown"),
    ],
)  # fmt: skip
def test_a_table_of_anything_is_no_comparison(text: str, format: Format) -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(text, format)
