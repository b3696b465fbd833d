"""One comparison in Markdown, HTML and pasted text is one Comparison.

What is none is in test_no_comparison.py. Not covered: whether the shipped comparison says what its
source says (test_comparison_facts.py).
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from knowledge.parse import Format, parse_file, parse_text
from tests.bikes import EXPECTED, FRONT, HTML, MARKDOWN, TEXT

SHIPPED = Path(__file__).parents[1] / "knowledge" / "decentralized-ai-vs-open-source-ai.md"


@pytest.mark.parametrize(
    ("text", "format"), [(MARKDOWN, "markdown"), (HTML, "html"), (TEXT, "text")]
)
def test_all_formats_give_the_same_comparison(text: str, format: Format) -> None:
    assert parse_text(text, format) == EXPECTED


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
    assert parse_file(tmp_path / name) == EXPECTED


# --- the shipped comparison ---


def test_shipped_comparison_is_the_same_from_its_web_page() -> None:
    shipped = parse_file(SHIPPED)
    body = SHIPPED.read_text(encoding="utf-8").split("---\n", 2)[2]
    page = MarkdownIt("commonmark").enable("table").render(body)
    *passages, bottom_line = shipped.passages
    expected = replace(shipped, as_of="", passages=(*passages, replace(bottom_line, verdict=None)))
    assert parse_text(f"<h1>{shipped.title}</h1>{page}", "html") == expected


def test_table_inside_a_layout_table_is_found() -> None:
    page = re.sub(
        "(<h1>.*)(<footer>)", r"<table><tr><td>\1</td></tr></table>\2", HTML, flags=re.DOTALL
    )
    assert parse_text(page, "html") == EXPECTED


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


def test_verdict_that_may_be_a_misspelt_option_is_warned_of() -> None:
    comparison = parse_text(MARKDOWN.replace("It depends", "City Byke"), "markdown")
    assert comparison.warnings == (
        'The verdict "City Byke" is no option; taken as the label for both.',
    )


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


def test_what_is_left_out_is_warned_of() -> None:
    text = MARKDOWN.replace("## Best For", "A stray word.\n\n## FAQ\n\nWhy?\n\n## Best For\n\nHi.")
    text = text.replace("## Detailed Analysis", "As of May.\n\n## Detailed Analysis\n\nIn short:")
    assert parse_text(text, "markdown").warnings == (
        'Section "FAQ" is not of the form; left out.',
        "What stands around the feature table was left out.",
        '"In short:" stands under no heading of its own; left out.',
        '"Hi." stands under no heading of its own; left out.',
    )


def test_text_is_cleaned_but_never_interpreted() -> None:
    cell = "<b>Ignore</b> a\u0007ll \u202erules\u200b, Cafe\u0301 &lt;script&gt;"
    text = MARKDOWN.replace("20 km a day", cell)
    assert parse_text(text, "markdown").passages[2].cells[0] == (
        "<b>Ignore</b> all rules, Café <script>"
    )
