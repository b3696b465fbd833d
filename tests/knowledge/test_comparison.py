"""The values that everything else passes on: ids, sentences, and a hash that notices a change."""

from dataclasses import replace

import pytest

from agent.answering.types import CitedText
from knowledge.comparison import Comparison, Evidence, Passage, slug
from knowledge.index import texts
from knowledge.text.sentences import sentences, statements


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Cost economics", "cost-economics"),
        ("Verification & trust", "verification-trust"),
        ("Governance Models: Tokens vs. Foundations", "governance-models-tokens-vs-foundations"),
        ("  “Quoted” -- and (in brackets)  ", "quoted-and-in-brackets"),
        ("GPT-4 in 2026", "gpt-4-in-2026"),
        ("Zürich", "z-rich"),
        ("···", ""),
        ("C++ vs C#", "c-plus-plus-vs-c-number"),
        ("C vs C++", "c-vs-c-plus-plus"),
        ("Under 50%", "under-50-percent"),
        ("< 5 km", "less-than-5-km"),
        ("Price (€)", "price-euro"),
        ("Москва vs Berlin", "москва-vs-berlin"),
        ("距離", "距離"),
        ("का / कु", "का-कु"),
        ("☕ Tea → Coffee | Shop", "tea-coffee-shop"),
    ],
)
def test_slug_is_lower_case_with_single_hyphens_inside(heading: str, expected: str) -> None:
    assert slug(heading) == expected


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        (Passage(1, "introduction", "Introduction", "A."), "introduction"),
        (Passage(2, "dimension", "Cost economics", "A."), "dimension/cost-economics"),
        (Passage(3, "analysis", "The DeepSeek Effect", "A."), "analysis/the-deepseek-effect"),
        (Passage(4, "best-for", "Startup MVP", "A.", "Tea"), "best-for/startup-mvp"),
        (Passage(5, "bottom-line", "The Bottom Line", "A."), "bottom-line"),
    ],
)
def test_id_is_kind_and_slug_and_alone_where_there_is_one(passage: Passage, expected: str) -> None:
    assert passage.id == expected


def test_names_that_differ_in_signs_or_script_have_slugs_of_their_own() -> None:
    names = [
        "C",
        "C++",
        "C#",
        "C vs C++",
        "C++ vs C",
        "C++ vs C#",
        "C# vs C++",
        "A vs B",
        "A+ vs B",
    ]
    names += ["5 km", "<5 km", ">5 km", "$5", "€5", "5%", "Москва vs Bern", "Київ vs Bern", "北京"]
    assert len({*map(slug, names)}) == len(names)


def test_a_row_has_a_line_for_each_option_of_which_it_says_something() -> None:
    row = Passage(1, "dimension", "Range", "A: far\nB: far", cells=("far", "far"))
    assert row.sides == ("A: far", "B: far")
    assert replace(row, text="B: far", cells=("", "far")).sides == ("", "B: far")
    assert replace(row, text="far | far | far", cells=()).sides == ()


def test_a_bare_cell_stands_alone_with_the_name_of_its_row() -> None:
    bus = "The bus needs an hour. It waits."
    cells = ("9 minutes. It is late", bus, "No.")
    text = f"Tram: {cells[0]}\n{bus}\nCar: No.\nBest: Tram"
    row = Passage(1, "dimension", "To the station?", text, cells=cells)
    assert row.standing_alone == (
        "To the station, Tram: 9 minutes.",
        "To the station, Tram: It is late",
        "The bus needs an hour.",
        "It waits.",
        "To the station, Car: No.",
        "To the station, Best: Tram",
    )
    assert row.alone(row.sides[0]) == "To the station, Tram: 9 minutes. It is late"
    assert row.alone(bus) == bus
    assert "To the station, Car: No." in texts(row)
    said = CitedText().adding(CitedText().opening(row.sides[2], row), row, row.sides[2])
    assert said.opening("Best: Tram", row) == "Best: Tram"  # the row is named once


def test_shipped_comparison_has_28_passages_numbered_in_order(comparison: Comparison) -> None:
    assert comparison.slug == "decentralized-ai-vs-open-source-ai"
    assert comparison.labels == ("Decentralized AI", "Open Source AI", "Both / Depends")
    assert [passage.number for passage in comparison.passages] == list(range(1, 29))
    kinds = [passage.kind for passage in comparison.passages]
    assert kinds == (
        ["introduction"]
        + ["dimension"] * 12
        + ["analysis"] * 6
        + ["best-for"] * 8
        + ["bottom-line"]
    )


def test_second_comparison_has_verdicts_for_either_side_and_both(second: Comparison) -> None:
    verdicts = [passage.verdict for passage in second.of_kind("best-for")]
    assert len(verdicts) == 6
    assert set(verdicts) == set(second.labels) == {"Heat Pump", "Gas Boiler", "It depends"}


def test_passage_is_found_by_its_id_and_an_unknown_id_is_named(comparison: Comparison) -> None:
    assert comparison.passage("bottom-line").number == 28
    with pytest.raises(KeyError, match="dimension/weather"):
        comparison.passage("dimension/weather")


def test_evidence_is_numbered_as_its_passage(comparison: Comparison) -> None:
    assert Evidence(comparison.passage("dimension/cost-economics"), 0.5).number == 6


@pytest.mark.parametrize(
    "expected",
    [
        (),
        ("One",),
        ("It rains.", "It pours!", "Does it?", "Yes."),
        ("Some networks, e.g. Akash, pay.", "Others do not."),
        ("Others, i.e. Ritual, verify.",),
        ("The U.S. Senate votes.", "It is late."),
        ("Tokens vs. Foundations is open.",),
        ("It takes approx. 5 days.",),
        ("Version 2.5 is out.", "It costs $4.50.", "$6 is too much."),
        ("It fell (by 42.4%).", "Then it rose."),
        ("It ends... in lower case.", "Then it goes on."),
        ('He said "Go."', "Then he left."),  # its quote was once lost at the split
        ("(It works.)", "Then it stops."),
        ("“No (!).”", "So be it."),
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected: tuple[str, ...]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_lines_are_sentences_of_their_own() -> None:
    assert sentences("First cell\n\nSecond cell\n") == ("First cell", "Second cell")


def test_a_lead_of_two_words_belongs_to_what_follows_it() -> None:
    led = "Water. What drains well, dries well. Dig.\nTake dry food. It keeps. \nNo.\nYes? Ask."
    assert statements(led) == (
        *("Water. What drains well, dries well.", "Dig.", "Take dry food.", "It keeps."),
        *("No.", "Yes?", "Ask."),
    )
    passage = Passage(1, "analysis", "Beds", "Warmth. Sun on wood. Ask Dr. Minchin.")
    assert passage.sentences == ("Warmth. Sun on wood.", "Ask Dr. Minchin.")
    assert statements("of socks. Jonas likes it.") == ("of socks.", "Jonas likes it.")
    assert sentences("It opens on Apr. 5. We know.") == ("It opens on Apr. 5.", "We know.")


def test_every_sentence_of_the_shipped_comparison_stands_in_its_passage(
    comparison: Comparison,
) -> None:
    for passage in comparison.passages:
        assert passage.sentences
        assert all(sentence in passage.text for sentence in passage.sentences), passage.id


def test_hash_is_of_the_content_and_no_warning_changes_it(second: Comparison) -> None:
    same = replace(second, warnings=("A row was left out.",))
    first, *others = second.passages
    changed = replace(second, passages=(replace(first, text=first.text + " "), *others))
    assert same.sha256 == second.sha256
    assert changed.sha256 != second.sha256
    assert replace(second, as_of="2026-01").sha256 != second.sha256


def test_hash_does_not_change_from_one_run_to_the_next() -> None:
    passage = Passage(1, "introduction", "Introduction", "Tea is leaves.")
    tea = Comparison("Tea vs Coffee", ("Tea", "Coffee"), "Both", "2026-03", (passage,))
    assert tea.sha256 == "633d02593c5b07bd19fc61eeb6dba086ee6d16c9fe1ec749dea6abbd881257ea"
