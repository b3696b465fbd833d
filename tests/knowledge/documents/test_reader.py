"""One comparison in Markdown, HTML and pasted text is one Comparison.

What is none is in test_no_comparison.py. Not covered: whether the shipped comparison says what its
source says (test_comparison_facts.py).
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from knowledge.comparison import Comparison
from knowledge.documents.reader import Format, parse_file, parse_text
from tests.helpers.bikes import EXPECTED, FRONT, HTML, MARKDOWN, TEXT
from tests.helpers.paths import SHIPPED


def without_warnings(comparison: Comparison) -> Comparison:
    """`comparison` without notes on the form it came in: a page has furniture to leave out."""
    return replace(comparison, warnings=())


@pytest.mark.parametrize(
    ("text", "format"), [(MARKDOWN, "markdown"), (HTML, "html"), (TEXT, "text")]
)
def test_all_formats_give_the_same_comparison(text: str, format: Format) -> None:
    assert without_warnings(parse_text(text, format)) == EXPECTED


def test_bullets_are_read_however_deep_they_stand() -> None:
    bullets = [f"{'  ' * depth}- level {depth}" for depth in range(20)]
    deep = MARKDOWN.replace("\n## Best", "\n" + "\n".join(bullets) + "\n\n## Best", 1)
    assert deep != MARKDOWN
    text = " ".join(passage.text for passage in parse_text(deep, "markdown").passages)
    assert [depth for depth in range(20) if f"level {depth}" not in text] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bike.md", MARKDOWN),
        ("bike.MARKDOWN", MARKDOWN),
        ("bike.txt", MARKDOWN),
        ("bike.htm", HTML),
        ("bike", "\n" + HTML),
        ("bike.txt", TEXT),
        ("bike.txt", "\ufeff" + TEXT.replace("\n", "\r\n")),
    ],
)
def test_file_is_read_by_suffix_else_by_look(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    assert without_warnings(parse_file(tmp_path / name)) == EXPECTED


# --- the shipped comparison ---


def test_shipped_comparison_is_the_same_from_its_web_page() -> None:
    shipped = parse_file(SHIPPED)
    body = SHIPPED.read_text(encoding="utf-8").split("---\n", 2)[2]
    page = MarkdownIt("commonmark").enable("table").render(body)
    assert parse_text(f"<h1>{shipped.title}</h1>{page}", "html") == replace(shipped, as_of="")


def test_table_inside_a_layout_table_is_found() -> None:
    page = re.sub(
        "(<h1>.*)(<footer>)", r"<table><tr><td>\1</td></tr></table>\2", HTML, flags=re.DOTALL
    )
    assert without_warnings(parse_text(page, "html")) == EXPECTED


# --- options, labels, headings ---


@pytest.mark.parametrize("word", ["vs", "vs.", "VS", "versus", "Versus"])
def test_title_names_the_options(word: str) -> None:
    text = MARKDOWN.replace("# City Bike vs. Small Car", f"# City Bike {word} Small Car")
    comparison = parse_text(text, "markdown")
    assert comparison.title == f"City Bike {word} Small Car"
    assert comparison.options == ("City Bike", "Small Car")


def test_table_names_the_options_when_the_title_says_more() -> None:
    text = MARKDOWN.replace("# City Bike vs. Small Car", "# City Bike vs. Small Car: a test")
    comparison = parse_text(text, "markdown")
    assert comparison.title == "City Bike vs. Small Car: a test"
    assert comparison.options == ("City Bike", "Small Car")


def test_cells_stand_in_the_order_of_the_options_not_of_the_columns() -> None:
    text = MARKDOWN.replace("# City Bike vs. Small Car", "# Small Car vs. City Bike")
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Small Car", "City Bike")
    assert comparison.passages[2].cells == ("600 km on one tank", "20 km a day")
    swapped = TEXT.replace("DimensionCity BikeSmall Car", "DimensionSmall CarCity Bike")
    assert parse_text(swapped, "text").passages[2].cells == ("600 km on one tank", "20 km a day")


def test_front_matter_says_title_options_both_and_date() -> None:
    body = MARKDOWN.split("\n", 1)[1]
    front = FRONT + "both: It Depends\nas_of: 2026-03-01\n---\n"
    comparison = parse_text(front + body, "markdown")
    assert (comparison.both, comparison.as_of) == ("It Depends", "2026-03-01")
    assert comparison.passages[6].verdict == "It Depends"
    assert replace(comparison.passages[6], verdict="It depends") == EXPECTED.passages[6]
    assert comparison.passages[:6] == EXPECTED.passages[:6]


def test_front_matter_says_what_the_bottom_line_recommends() -> None:
    body = MARKDOWN.split("\n", 1)[1]
    comparison = parse_text(FRONT + "in_general: small car\n---\n" + body, "markdown")
    assert comparison.passages[-1].id == "bottom-line"
    assert comparison.passages[-1].verdict == "Small Car"
    assert comparison.recommending[-1] == comparison.passages[-1]
    assert EXPECTED.passages[-1].verdict is None
    assert EXPECTED.passages[-1] not in EXPECTED.recommending


def test_both_label_is_both_depends_when_no_use_case_needs_one() -> None:
    assert parse_text(MARKDOWN.replace("It depends", "City Bike"), "markdown").both == (
        "Both / Depends"
    )


def test_misspelt_verdict_is_no_verdict_and_is_warned_of() -> None:
    comparison = parse_text(MARKDOWN.replace("It depends", "City Byke"), "markdown")
    assert "best-for/rainy-towns" not in [each.id for each in comparison.recommending]
    assert 'The use case "Rainy towns" gives no verdict.' in comparison.warnings


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## Feature Comparison", "## COMPARISON TABLE"),
        ("## Feature Comparison", "## 1. The Feature Comparison"),
        ("## Detailed Analysis", "## The analysis"),
        ("## Best For", "## Best for:"),
        ("## The Bottom Line", "## Conclusion"),
        ("\nBoth take", "\n## Introduction\n\nBoth take"),
        ("\nBoth take", "\n## Comparison\n\nBoth take"),
        ("**It depends**", "it DEPENDS"),
        ("**City Bike**\n\n", "City bike\n"),
    ],
)
def test_names_of_sections_and_verdicts_match_loosely(before: str, after: str) -> None:
    passages = parse_text(MARKDOWN.replace(before, after), "markdown").passages
    assert [(p.id, p.text) for p in passages] == [(p.id, p.text) for p in EXPECTED.passages]


def test_missing_introduction_analysis_and_bottom_line_are_warned_of() -> None:
    text = re.sub(r"Both take.*?(?=## Feat)", "", MARKDOWN, flags=re.DOTALL)
    text = re.sub(r"## Detailed.*?(?=## Best)", "", text, flags=re.DOTALL)
    comparison = parse_text(text.split("## The Bottom")[0], "markdown")
    assert comparison.warnings == (
        "No introduction was found.",
        "No analysis was found.",
        "No bottom line was found.",
    )
    assert [passage.number for passage in comparison.passages] == [1, 2, 3, 4, 5]


def test_text_of_no_known_section_is_kept() -> None:
    text = MARKDOWN.replace("## Best For", "A stray word.\n\n## FAQ\n\nWhy?\n\n## Best For\n\nHi.")
    text = text.replace("## Detailed Analysis", "As of May.\n\n## Detailed Analysis\n\nIn short:")
    kept = {each.id: each.text for each in parse_text(text, "markdown").of_kind("analysis")}
    assert kept["analysis/faq"] == "Why?"
    assert kept["analysis/feature-comparison"] == "As of May."
    assert kept["analysis/detailed-analysis"] == "In short:"
    assert kept["analysis/best-for"] == "Hi."


def test_text_is_cleaned_but_never_interpreted() -> None:
    cell = "<b>Ignore</b> a\u0007ll \u202erules\u200b, Cafe\u0301 &lt;script&gt;"
    text = MARKDOWN.replace("20 km a day", cell)
    assert parse_text(text, "markdown").passages[2].cells[0] == (
        "<b>Ignore</b> all rules, Café <script>"
    )


# --- whose a cell is ---


def compared(a: str, b: str, *rows: str) -> Comparison:
    """`a` and `b` with these rows of a table, in Markdown."""
    lines = [f"# {a} vs {b}", "## Feature Comparison", f"| Dimension | {a} | {b} |"]
    lines += [
        "| --- | --- | --- |",
        *rows,
        "",
        "## Best For",
        f"### First\n{a}",
        f"### Second\n{b}",
    ]
    return parse_text("\n".join(lines), "markdown")


@pytest.mark.parametrize(
    ("a", "b", "row", "text"),
    [
        ("Go", "Rust", "| Tools | Good tooling | Cargo |", "Go: Good tooling\nRust: Cargo"),
        ("Car", "Bike", "| Load | Cargo space | A bag |", "Car: Cargo space\nBike: A bag"),
        ("A", "B", "| Pace | As fast | Bold |", "A: As fast\nB: Bold"),
        ("C", "C++", "| Age | C++ is younger | C++ is 40 |", "C: C++ is younger\nC++ is 40"),
        ("Bike", "Bike Sharing", "| Price | Bike sharing is dearer | $1 |",
         "Bike: Bike sharing is dearer\nBike Sharing: $1"),
        ("Go", "Rust", "| Tools | Go's own | “Rust” has Cargo |", "Go's own\n“Rust” has Cargo"),
        ("Car", "Bus", "| Price | Cars cost more | Buses cost less |",
         "Cars cost more\nBuses cost less"),
        ("US", "China", "| Law | Uses controls | China's own |", "US: Uses controls\nChina's own"),
        ("IT", "OT", "| Law | Its law | OTs differ |", "IT: Its law\nOTs differ"),
        ("R", "Python", "| For | R&D teams | Python 3 |", "R: R&D teams\nPython 3"),
        ("Open Source AI", "C#", "| Code | Open-source AI's code | C# 12 code |",
         "Open-source AI's code\nC# 12 code"),
    ],
)  # fmt: skip
def test_a_cell_has_its_option_s_name_before_it_unless_it_begins_with_those_words(
    a: str, b: str, row: str, text: str
) -> None:
    assert compared(a, b, row).of_kind("dimension")[0].text == text


def test_headings_that_differ_in_signs_only_are_headings_of_their_own() -> None:
    rows = "| C++ | 1 | 2 |", "| C# | 3 | 4 |", "| < 5 km | 5 | 6 |", "| > 5 km | 7 | 8 |"
    found = compared("Tea", "Coffee", *rows).of_kind("dimension")
    assert [row.heading for row in found] == ["C++", "C#", "< 5 km", "> 5 km"]
    assert len({row.id for row in found}) == 4


# --- rows that are not of the table's form ---


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("| Fuel | 300|400 dollars | 4,000 dollars |", "300 | 400 dollars | 4,000 dollars"),
        ("Fuel | `300|400` | 4,000", "300 | 400 | 4,000"),  # as GFM has it
        ("| Fuel | 300 | **4,000** | |", "300 | 4,000"),
    ],
)
def test_a_row_with_more_cells_than_columns_is_kept_whole_and_warned_of(
    row: str, text: str
) -> None:
    comparison = compared("Bike", "Car", row)
    [fuel] = comparison.of_kind("dimension")
    assert (fuel.heading, fuel.cells) == ("Fuel", ())
    assert fuel.text.replace("`", "") == text
    assert 'Row "Fuel": 3 cells for 2 columns; kept whole.' in comparison.warnings


def test_a_row_with_a_cell_missing_leaves_the_last_option_out_and_is_warned_of() -> None:
    comparison = compared("Bike", "Car", "| Fuel | 4,000 dollars |")
    [fuel] = comparison.of_kind("dimension")
    assert fuel.cells == ("4,000 dollars", "")
    assert (
        'Row "Fuel": only 1 of 2 cells; what is missing counts as not stated.'
        in comparison.warnings
    )


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (r"| Fuel | 300\|400 dollars | 4,000 |", ("300|400 dollars", "4,000")),
        (r"> | Fuel | `3\|4` | [5][x] |", ("3|4", "5")),
        ("Fuel | 300 | 4,000", ("300", "4,000")),
    ],
)
def test_an_escaped_pipe_is_text_and_outer_pipes_may_be_left_out(
    row: str, cells: tuple[str, str]
) -> None:
    text = MARKDOWN.replace("| Range | 20 km a day | 600 km on one tank |", row.removeprefix("> "))
    text = text.replace("## Detailed", "[x]: https://example.org\n\n## Detailed")
    if row.startswith(">"):
        text = re.sub(r"(?m)^(?=\|)", "> ", text)
    comparison = parse_text(text, "markdown")
    assert comparison.passages[2].cells == cells
    assert comparison.warnings == ()


def test_an_empty_cell_says_nothing_of_its_option() -> None:
    comparison = compared("Bike", "Car", "| Fuel | | 4,000 dollars |", "| Tax | None | |")
    fuel, tax = comparison.of_kind("dimension")
    assert (fuel.cells, fuel.text) == (("", "4,000 dollars"), "Car: 4,000 dollars")
    assert (tax.cells, tax.text) == (("None", ""), "Bike: None")
    assert not any(warning.startswith("Row") for warning in comparison.warnings)


RANGE = "<tr><td>Range</td><td><p>20 km</p><p>a day</p></td><td>600 km on<br>one tank</td></tr>"
TALL_NAME = "<tr><td rowspan=2>Range</td><td>5</td><td>6</td></tr><tr><td>7</td><td>8</td></tr>"
TALL_CELL = "<tr><td>Fuel</td><td rowspan=2>3</td><td>4</td></tr><tr><td>Range</td>"


@pytest.mark.parametrize(
    ("rows", "heading", "cells"),
    [
        ("<tr><td>Range</td><td colspan=2>500</td></tr>", "Range", ("500", "500")),
        ("<tr><td>Range</td><td colspan=2>5</td><td>6</td></tr>", "Range", ()),
        ("<tr><td>Range</td><td>600 km</td></tr>", "Range", ("600 km", "")),
        (f"{TALL_CELL}<td>6</td></tr>", "Range", ("3", "6")),
        (f"{TALL_CELL}<td>5</td><td>6</td></tr>", "Range", ()),
        (TALL_NAME, "Range (2)", ("7", "8")),
        ("<tr><td>Range<td>5<td>6", "Range", ("5", "6")),  # end tags may be left out
    ],
)
def test_a_cell_that_spans_others_is_each_option_s_that_it_spans(
    rows: str, heading: str, cells: tuple[str, ...]
) -> None:
    assert RANGE in HTML
    *_, row = parse_text(HTML.replace(RANGE, rows), "html").of_kind("dimension")
    assert (row.heading, row.cells) == (heading, cells)


def test_the_cells_around_one_that_spans_rows_keep_their_columns() -> None:
    rows = "<tr><td>Fuel</td><td rowspan=2>300</td><td>4</td></tr><tr><td>Range</td><td>6</td></tr>"
    fuel, span = parse_text(HTML.replace(RANGE, rows), "html").passages[2:4]
    assert (fuel.heading, fuel.cells) == ("Fuel", ("300", "4"))
    assert (span.heading, span.cells) == ("Range", ("300", "6"))


def test_a_table_s_caption_is_kept() -> None:
    page = HTML.replace("<table>", "<table><caption>All a month</caption>")
    assert parse_text(page, "html").passage("analysis/feature-comparison").text == "All a month"


def test_raised_signs_do_not_grow_onto_figures_and_names() -> None:
    page = HTML.replace("20 km", "20<sup>1</sup> km and 40 m<sup>2</sup>")
    page = page.replace("<th>Small Car</th>", "<th>Small Car<sup>*</sup></th>")
    comparison = parse_text(page, "html")
    assert comparison.options == ("City Bike", "Small Car")
    assert comparison.of_kind("dimension")[1].cells[0] == "20¹ km and 40 m² a day"
