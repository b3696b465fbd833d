"""Plain text is read by how its lines stand: aligned columns, rules, numbers, pluses, minuses."""

from pathlib import Path

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import Format, parse_file, parse_text
from knowledge.errors import DocumentError

SPACED = """\
             Inn          Tent
Breakfast    included     your own
Price        90 a night   12 a night
"""
RULED = """\
             Inn          Tent
             ---          ----
Breakfast    included     your own
Price        90 a night   12 a night
"""
RIGHT = """\
                  Inn         Tent
           ----------   ----------
Breakfast    included     your own
Price      90 a night   12 a night
"""
PANDOC = """\
  Trait        Inn          Tent
  ------------ ------------ ------------
  Breakfast    included     your own
  Price        90 a night   12 a night
"""
WRAPPED = """\
  -----------------------------------
  Trait        Inn          Tent
  ------------ ------------ ---------
  Breakfast    included     your
                            own

  Price        90 a         12 a
               night        night
  -----------------------------------
"""


def told(comparison: Comparison) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.heading, each.cells) for each in comparison.of_kind("dimension")]


@pytest.mark.parametrize(
    ("table", "format"),
    [
        *((table, "text") for table in (SPACED, RULED, RIGHT, PANDOC, WRAPPED)),
        *((table, "markdown") for table in (RULED, RIGHT, PANDOC, WRAPPED)),
    ],
)
def test_a_table_drawn_with_spaces_is_a_table(table: str, format: Format) -> None:
    text = f"Inn vs Tent\n\nA week by the sea.\n\n{table}\nIn the end the inn cost more.\n"
    comparison = parse_text(f"# {text}" if format == "markdown" else text, format)
    assert comparison.options == ("Inn", "Tent")
    assert told(comparison) == [
        ("Breakfast", ("included", "your own")),
        ("Price", ("90 a night", "12 a night")),
    ]
    intro = comparison.passage("introduction").text
    assert intro == "A week by the sea.\nIn the end the inn cost more."


@pytest.mark.parametrize(
    "lines",
    [
        "We slept badly.  It rained.\nThe inn was full.  We left.\nThe tent leaked.  Never mind.",
        "It rained.      We left.\nIt snowed.      We stayed.\nIt hailed.      We sang.",
        "-- \nAda Brook          The sea\nHarbour Lane       is cold.",
    ],
)
def test_lines_that_are_no_table_are_text(lines: str) -> None:
    text = f"Inn vs Tent\n\nWe tried an inn and a tent.\n\n{SPACED}\n{lines}\n"
    comparison = parse_text(text, "text")
    assert len(told(comparison)) == 2
    words = {w for each in comparison.passages for w in f"{each.heading} {each.text}".split()}
    assert {word for word in lines.split() if word.isalpha()} <= words


NUMBERED = f"""\
Inn vs Tent
===========

We tried an inn and a tent.

----------------------------------------

1. COMPARISON

{SPACED}
2. WHICH ONE FOR WHOM?

2.1 Cyclists

    The tent. It is light.

2.2 Grandparents

    The inn. It has beds.

----------------------------------------

3. THANKS

To Ada.
"""


def test_numbers_and_underlines_make_headings_and_rules_make_none() -> None:
    comparison = parse_text(NUMBERED, "text")
    assert comparison.title == "Inn vs Tent"
    cases = [(each.heading, each.verdict) for each in comparison.of_kind("best-for")]
    assert cases == [("Cyclists", "Tent"), ("Grandparents", "Inn")]
    assert not any("--" in each.heading or "--" in each.text for each in comparison.passages)


def test_pluses_and_minuses_are_a_list_under_the_line_above() -> None:
    lists = "Inn\n+ beds\n+ a bar\n- dear\n\nThanks\n\nTo Ada.\n"
    text = f"Inn vs Tent\n\nWe tried an inn and a tent.\n\n{SPACED}\n{lists}"
    assert parse_text(text, "text").passage("analysis/inn").text == "+ beds\n+ a bar\n- dear"


def test_lines_with_a_name_each_are_a_list() -> None:
    lines = "Storms: Inn\nA long walk: Tent\nFive children: either"
    text = (
        f"Inn vs Tent\n\nWe tried an inn and a tent.\n\n{SPACED}\nWhich one for whom\n\n{lines}\n"
    )
    cases = parse_text(text, "text").of_kind("best-for")
    assert [(each.heading, each.verdict) for each in cases] == [
        ("Storms", "Inn"),
        ("A long walk", "Tent"),
        ("Five children", "Both / Depends"),
    ]


def test_many_underlined_lines_and_tables_are_read_in_time() -> None:
    formats: tuple[Format, ...] = ("text", "markdown")
    for lines in ("A line\n======\n", "A   B\n--  --\n1   2\n", "---\nA  B\n-- --\n"):
        for format in formats:
            with pytest.raises(DocumentError):
                parse_text(lines * 5_000, format)


BELOW = """\
MINUTES OF THE RAMBLERS

                                  Inn       Tent
   Nights on the way                4          4
   Price for the whole
     party of nine           £1,240.00       £90
   Breakfast that everyone can eat yes  after rain
   -----------------------------------------------

The inn at Harn was full. The tent leaked. An inn dries, a tent does not.
"""


def test_names_of_rows_may_reach_below_a_header_that_names_columns_alone() -> None:
    comparison = parse_text(BELOW, "text")
    assert comparison.options == ("Inn", "Tent")
    assert [(each.heading, each.cells) for each in comparison.of_kind("dimension")] == [
        ("Nights on the way", ("4", "4")),
        ("Price for the whole party of nine", ("£1,240.00", "£90")),
        ("Breakfast that everyone can eat", ("yes", "after rain")),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "      The choir meets    in the hall\n  on Tuesday\n  at eight sharp\n",
        "      Yours,    Ines\n  PS\n  Bring  a  pen\n",
    ],
)
def test_indented_lines_of_a_letter_are_no_table(lines: str) -> None:
    with pytest.raises(DocumentError, match="no two options were found"):
        parse_text(
            f"Dear all,\n\n{lines}\nThe choir and the hall, the hall and the choir.\n", "text"
        )


def test_underlined_text_with_a_drawn_table_is_read_as_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    sections = "1. The bag\n----------\n\nHeavy.\n\n2. The night\n------------\n\nCold.\n"
    title = "WHERE TO SLEEP?\nAn inn or a tent\n================\n"
    path.write_text(f"{title}\n{BELOW[25:]}\n{sections}", encoding="utf-8")
    comparison = parse_file(path)
    assert comparison.title == "WHERE TO SLEEP? An inn or a tent"
    assert comparison.options == ("Inn", "Tent")
    assert len(comparison.of_kind("dimension")) == 3
