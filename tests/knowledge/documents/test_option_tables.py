"""Options that a table names: as its columns or its rows, in headers with more than names."""

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


def test_a_recommended_column_tells_that_the_columns_are_options() -> None:
    prose = "Three stoves were lit in the same hut, with the same beech, and for as long. " * 3
    text = f"# Heat for the hut\n\n{prose}\n\n{AS_COLUMNS}"
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(text, "markdown")
    assert parse_text(f"{text}\nWe recommend the Hearthlet.\n", "markdown").options == STOVES


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


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("pfad is slow. We left pfad for Yarrow.", ("pfad", "Yarrow")),
        ("We left the pfad for Yarrow, and Yarrow is quick.", ("Pfad", "Yarrow")),
    ],
)
def test_a_name_that_begins_sentences_in_lower_case_stays(
    body: str, options: tuple[str, ...]
) -> None:
    text = f"# pfad vs Yarrow\n\n{body}\n\n## When to choose pfad\n\n- At home\n"
    assert parse_text(text, "markdown").options == options


def test_a_column_of_numbers_before_the_criterion_is_no_option() -> None:
    table = (
        "| # | Criterion | Ember 5 | Hearthlet |\n|---|---|---|---|\n"
        "| 1 | Price | €3 | €5 |\n| 2 | Wood | oak | pine |\n"
    )
    text = f"# Which stove?\n\nThe Ember 5 and the Hearthlet were lit.\n\n{table}"
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Ember 5", "Hearthlet")
    assert [each.heading for each in comparison.of_kind("dimension")] == ["Price", "Wood"]


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


# --- options that are numbered, or listed as considered ---


@pytest.mark.parametrize(
    "header",
    [
        "| | Solo<br>€12 / month | Solo Plus<br>€19 / month |",
        "| | Solo (€12 / month) | Solo Plus (€19 / month) |",
        "| | Solo – €12 / month | Solo Plus – €19 / month |",
        "| | Solo €12 / month | Solo Plus €19 / month |",
    ],
)
def test_a_price_beside_a_name_in_a_header_is_a_row_of_its_own(header: str) -> None:
    text = (
        f"# Compare our strings\n\nThree.\n\n{header}\n|---|---|---|\n| Lessons | 1 | 4 |\n"
        "| Loan | no | yes |\n\n## Take Solo if\n\n- you practise\n\n"
        "## Take Solo Plus if\n\n- you perform\n"
    )
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Solo", "Solo Plus")
    rows = [(each.heading, each.cells) for each in comparison.of_kind("dimension")]
    assert rows == [
        ("In the table's header", ("€12 / month", "€19 / month")),
        ("Lessons", ("1", "4")),
        ("Loan", ("no", "yes")),
    ]
    assert [each.verdict for each in comparison.of_kind("best-for")] == ["Solo", "Solo Plus"]


@pytest.mark.parametrize(
    "header", ["| | Phone 15 | Phone 9 |", "| | Plan €5 | Plan €9 |", "| | From €5 | Over €9 |"]
)
def test_figures_that_make_the_name_stay_in_it(header: str) -> None:
    names = tuple(each.strip() for each in header.split("|")[2:4])
    rows = "|---|---|---|\n| Size | 1 | 2 |\n| Mass | 2 | 3 |\n"
    comparison = parse_text(f"# {' vs '.join(names)}\n\n{header}\n{rows}", "markdown")
    assert comparison.options == names
    assert [each.heading for each in comparison.of_kind("dimension")] == ["Size", "Mass"]


HALLS = "<tr><td>Echo</td><td>1 s</td><td>2 s</td><td>3 s</td></tr>" * 2


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("<tr><th rowspan=2>Trait<th>Indoors<th colspan=2>Outdoors</tr>"
         "<tr><th>Barn<th>Quarry<th>Meadow</tr>", ["Indoors: Barn", "Outdoors: Quarry, Meadow"]),
        ("<tr><td><td>Indoors<td colspan=2>Outdoors</tr>"
         "<tr><td>Trait<td>Barn<td>Quarry<td>Meadow</tr>",
         ["Indoors: Barn", "Outdoors: Quarry, Meadow"]),
        ("<tr><th rowspan=2>Trait<th>Barn<th>Quarry<th>Meadow</tr>"
         "<tr><th>90 €<th>20 €<th>free</tr>", ["Barn: 90 €", "Quarry: 20 €", "Meadow: free"]),
    ],
)  # fmt: skip
def test_names_of_a_header_of_two_lines_are_the_options(header: str, told: list[str]) -> None:
    said = "<h1>Barn vs Quarry vs Meadow</h1><p>Indoors and outdoors: indoors it is warm.</p>"
    comparison = parse_text(f"{said}<table>{header}{HALLS}</table>", "html")
    assert comparison.options == ("Barn", "Quarry", "Meadow")
    text = "\n".join(each.text for each in comparison.passages)
    assert [line for line in told if line not in text] == []
    rows = {each.heading: each.cells for each in comparison.of_kind("dimension")}
    assert rows["Echo"] == ("1 s", "2 s", "3 s")


# --- what a title compares, and what a table does ---


# --- names that the text shortens ---

BOATS = """\
| | Night ferry | Fast launch |
|---|---|---|
| Fare | 61 | 118 |
| Hours | 9 h | 3 h |
| Dogs | yes | no |
"""
WORDS = "| | Night ferry | Fast launch |\n|---|---|---|\n| Sleep | in bunks | nowhere |\n"
WORDS += "| Stops | at the mole | in the old port |\n"
CREW = """\
The ferry has bunks.

The launch is wet.

Nobody is sick on the ferry, many on the launch.
"""


@pytest.mark.parametrize(
    ("prose", "table"),
    [
        (CREW, BOATS),
        ("One may take the ferry or the launch.\n\n" + "It is far to the island. " * 10, BOATS),
        (CREW + "\nThe ferry is late.\n\nThe launch is not.\n", WORDS),
    ],
)
def test_words_of_the_columns_names_tell_that_they_are_options(prose: str, table: str) -> None:
    text = f"# To the island\n\n{prose}\n\n{table}"
    assert parse_text(text, "markdown").options == ("Night ferry", "Fast launch")


DESKS = """\
| Layout | Area | Cost | Door |
|---|---|---|---|
| Own desks, open floor | 9 m² | €3,900 | no |
| Team rooms for 6 | 10 m² | €5,600 | yes |
| Cells | 13 m² | €8,200 | yes |
"""


def test_a_list_of_shortened_names_tells_that_rows_are_options() -> None:
    visits = "We looked at firms. " * 12
    text = f"# Memo\n\n**Re:** own desks, team rooms, cells\n\n{visits}\n\n{DESKS}"
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Own desks, open floor", "Team rooms for 6", "Cells")
    assert [each.heading for each in comparison.of_kind("dimension")] == ["Area", "Cost", "Door"]


@pytest.mark.parametrize(
    "text",
    [
        "# Fees\n\nThe registration, course and exam fees are paid at the desk.\n\n"
        "The course begins in May. Exam dates are sent, as is the registration form.\n\n"
        + "Bring a pen, a pad and a friend. "
        * 7
        + "\n\n| Fee | Amount | Due |\n|---|---|---|\n| Registration fee | €40 | 01.09.2030 |\n"
        "| Course fee | €310 | 15.09.2030 |\n| Exam fee | €95 | 02.03.2031 |\n",
        "# Shed\n\nNails are on the left. Screws are on the left too. "
        + "Write down what you take. " * 9
        + "\n\n| | Left shelf | Right shelf |\n|---|---|---|\n| Nails | 400 | 250 |\n"
        "| Hinges | 8 | 12 |\n",
    ],
)
def test_a_table_of_data_whose_names_a_text_shortens_is_no_comparison(text: str) -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(text, "markdown")
