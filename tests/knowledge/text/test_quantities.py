"""Numbers in different spellings are the same number, and no other."""

import pytest

from knowledge.text.quantities import Number, missing, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$43M", (43e6, "$")),
        ("43 million dollars", (43e6, "$")),
        ("US$43 million", (43e6, "$")),
        ("43M USD", (43e6, "$")),
        ("$43,000,000", (43e6, "$")),
        ("43 billion", (43e9, "")),
        ("$12 trillion", (12e12, "$")),
        ("one million", (1e6, "")),
        ("12k users", (12e3, "")),
        ("11M+ active users", (11e6, "")),
        ("2 million+ models", (2e6, "")),
        ("7B-parameter models", (7e9, "")),
        ("92%", (92, "%")),
        ("92 percent", (92, "%")),
        ("92 per cent", (92, "%")),
        ("a 92-percent drop", (92, "%")),
        ("five percent", (5, "%")),
        ("a 42.4% CAGR", (42.4, "%")),
        ("€5", (5, "€")),
        ("5 euros", (5, "€")),
        ("£2bn", (2e9, "£")),
        ("$0.50", (0.5, "$")),
        ("top 6", (6, "")),
        ("top six", (6, "")),
        ("Q1 2026", (2026, "")),
        ("GPT-4", (4, "")),
        ("Llama 4", (4, "")),
        ("Qwen 2.5", (2.5, "")),
        ("16GB", (16, "")),
        ("it says 4 [3]", (4, "")),
    ],
)
def test_one_number_is_read_with_its_scale_and_unit(text: str, expected: tuple[float, str]) -> None:
    assert numbers(text) == [Number(*expected)]


@pytest.mark.parametrize("text", ["", "the one that lasts", "H2O", "[12]", "zkML", "a half"])
def test_no_number_is_read_where_there_is_none(text: str) -> None:
    assert numbers(text) == []


def test_numbers_come_in_the_order_of_the_text() -> None:
    text = "from roughly $74,000 to over $620 million in 2026, near 80%"
    assert numbers(text) == [
        Number(74_000, "$"),
        Number(620e6, "$"),
        Number(2026, ""),
        Number(80, "%"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("$43M", "43 million dollars", True),
        ("$43M", "43 million", True),  # a bare number may be dollars
        ("$43M", "43 billion dollars", False),
        ("$43M", "€43M", False),
        ("$43M", "$34M", False),
        ("92%", "92 percent", True),
        ("92%", "$92", False),
        ("2M+", "2 million", True),
        ("1,000", "1000", True),
        ("42.4%", "42%", False),
    ],
)
def test_same_number_in_another_spelling_is_the_same(one: str, other: str, same: bool) -> None:
    [a], [b] = numbers(one), numbers(other)
    assert a.same(b) is same
    assert b.same(a) is same


@pytest.mark.parametrize(
    ("sentence", "source", "expected"),
    [
        ("It earned $43M.", "In Q1 2026 it earned 43 million dollars.", []),
        ("It earned $43B.", "It earned $43M.", [Number(43e9, "$")]),
        ("It fell 92% in 2025.", "It fell 92% in 2026.", [Number(2025, "")]),
        ("It beats GPT-5.", "It beats GPT-4.", [Number(5, "")]),
        ("No figure here.", "", []),
        ("It says so [7].", "", []),
    ],
)
def test_missing_numbers_are_those_that_the_source_lacks(
    sentence: str, source: str, expected: list[Number]
) -> None:
    assert missing(sentence, source) == expected


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Twenty-one nodes joined.", "Twenty nodes joined."),
        ("Two hundred joined.", "Two joined."),
        ("Ninety nine nodes joined.", "Ninety nodes joined."),
        ("Thirty thousand joined.", "Thirty joined."),
    ],
)
def test_a_number_word_is_not_taken_for_another(sentence: str, source: str) -> None:
    assert missing(sentence, source)
