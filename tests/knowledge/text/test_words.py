"""Which words count, and in what form."""

import pytest

from knowledge.text.words import Terms, names, stems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("The and of", []),
        ("Self-hosted models", ["self", "host", "model"]),
        ("hosting, hosts, HOSTED!", ["host", "host", "host"]),
        ("Akash's AKT token", ["akash", "akt", "token"]),
        ("$43M in Q1 2026", ["43", "q1", "2026"]),
        ("1,000 or 42.4%", ["1,000", "42.4"]),
        ("42.", ["42"]),
        ("zero_knowledge", ["zero", "knowledg"]),
        ("café, Zürich", ["café", "zürich"]),
    ],
)
def test_stems_are_the_content_words_in_order(text: str, expected: list[str]) -> None:
    assert stems(text) == expected


def test_plural_of_an_acronym_has_the_stem_of_its_singular() -> None:
    assert stems("GPUs") == stems("GPU")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("", set()),
        ("In Q1 2026 Bittensor earned it.", {"Q1", "Bittensor"}),
        ("Networks like Akash and Ritual pay.", {"Akash", "Ritual"}),
        ("DeepSeek is cheap.", {"DeepSeek"}),  # first, but no plain word has a capital inside
        ("Networks earn.", set()),
        ("Akash earned.", set()),  # a name or a beginning: one word does not say
        ("It runs on GPUs.", {"GPUs"}),
        ("“It beats GPT-4o,” says Meta.", {"GPT", "Meta"}),
    ],
)
def test_names_are_capitalised_where_no_sentence_begins(sentence: str, expected: set[str]) -> None:
    assert names(sentence) == expected


def test_a_question_is_taken_apart_once() -> None:
    terms = Terms("Does Akash sell 43M GPUs? Which of the two does?")
    assert terms.stems == ("akash", "sell", "43", "gpu", "two")
    assert terms.words == set(terms.stems)
    assert terms.numbers == {"43"}
    assert terms.names == {"akash", "gpu"}  # neither Does nor Which, which begin a sentence
