"""Planted untruths are refused, the document's own sentences pass, and blind spots are known."""

import pytest

from agent.answering.grounding import support
from knowledge.comparison import Comparison, Passage

PASSAGE = Passage(
    7,
    "dimension",
    "Revenue",
    "In Q1 2026 Bittensor earned $43M in customer revenue; Akash published no figure at all\n"
    "Self-hosted models have no cost per token. They never leave the building. "
    "DeepSeek cut inference prices by 92% within three years.",
)
OTHER = Passage(8, "analysis", "Staking", "Akash stakes tokens worth $620 million in its network.")


def test_supported_sentence_comes_with_its_passage_and_quote() -> None:
    found = support("Akash's stakes are worth $620 million.", [PASSAGE, OTHER])
    assert found
    assert found.passage == OTHER
    assert found.quote == OTHER.text
    assert found.share > 0.7


@pytest.mark.parametrize(
    "sentence",
    [
        "DeepSeek cut inference prices by 92% within three years.",
        "DeepSeek cut inference prices by 92 percent.",
        "Within three years, inference prices were cut by 92% by DeepSeek.",
        "Self-hosted models have no cost per token.",
        "Self-hosted models don't have a cost per token.",
        "Self-hosted models don’t have a cost per token.",
        "Self-hosted models have no cost per token and never leave the building.",  # of two
        "Models never leave the building.",
    ],
)
def test_sentence_that_the_passage_says_passes(sentence: str) -> None:
    assert support(sentence, [PASSAGE])


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("DeepSeek cut inference prices by 29% within three years.", "figure"),
        ("DeepSeek cut inference prices by 92% within five years.", "figure in words"),
        ("DeepSeek cut inference prices by 92 dollars within three years.", "unit"),
        ("In 2026 Akash stakes tokens worth $620 million in its network.", "year"),
        ("Akash stakes tokens worth $620 billion in its network.", "scale"),
        ("Akash stakes tokens worth €620 million in its network.", "currency"),
        ("In its network, Bittensor stakes tokens worth $620 million.", "owner"),
        ("Bittensor stakes tokens worth $620 million in its network.", "owner at the beginning"),
        ("Microsoft stakes tokens worth $620 million in its network.", "owner of nowhere"),
        ("Akash stakes no tokens in its network.", "negation added"),
        ("Akash doesn't stake tokens in its network.", "negation added"),
        ("Akash doesn’t stake tokens in its network.", "negation added, typographic"),
        ("Self-hosted models have a cost per token.", "negation left out"),
        ("DeepSeek never cut inference prices within three years.", "negation of a neighbour"),
        ("DeepSeek has a new office and cut its staff.", "content"),
        ("Buy tokens now, they will be worth more soon.", "content"),
        ("Yes.", "no content"),
        ("[8].", "no content"),
        ("", "no content"),
    ],
)
def test_planted_untruth_is_refused(sentence: str, why: str) -> None:
    assert support(sentence, [PASSAGE, OTHER]) is None, why


def test_wrong_owner_and_turned_negation_are_refused_on_the_shipped_comparison(
    comparison: Comparison,
) -> None:
    true = "Bittensor earned $43M in AI customer revenue in Q1 2026."
    assert support(true, comparison.passages)
    # all three were once let through: a first word was no name, and "no per-token cost", in the
    # other cell of the same row, counted as the denial
    assert not support(true.replace("Bittensor", "Akash"), comparison.passages)
    assert not support(true.replace("Bittensor", "Microsoft"), comparison.passages)
    assert not support(true.replace("earned", "did not earn"), comparison.passages)


def test_every_sentence_of_a_document_is_supported_by_it(
    comparison: Comparison, second: Comparison
) -> None:
    for passage in (*comparison.passages, *second.passages):
        for sentence in passage.sentences:
            assert support(sentence, [passage]), sentence


def test_no_sentence_of_a_document_passes_with_its_meaning_turned_round(
    comparison: Comparison, second: Comparison
) -> None:
    for passage in (*comparison.passages, *second.passages):
        for sentence in passage.sentences:
            turned = f"It is not true that {sentence}"
            assert support(turned, [passage]) is None, turned


def test_words_of_the_question_need_no_support_and_give_none() -> None:
    question = "We are Initech, a bank: what did DeepSeek do to inference prices?"
    assert support("For Initech, prices were cut by 92%.", [PASSAGE], question)
    assert not support("Initech, a bank, is DeepSeek.", [PASSAGE], question)


def test_number_of_the_question_is_no_support() -> None:
    question = "Did DeepSeek cut inference prices by 99%?"
    assert not support("DeepSeek cut inference prices by 99%.", [PASSAGE], question)


def test_no_passage_supports_nothing() -> None:
    assert support("DeepSeek cut inference prices by 92%.", []) is None


def test_swapped_words_are_not_seen() -> None:
    # documented: the rule compares words, not who does what to whom
    assert support("Its network stakes Akash in tokens worth $620 million.", [OTHER])


def test_true_sentence_in_words_of_its_own_is_refused() -> None:
    # documented: better a quotation than a sentence nobody checked
    assert support("Thanks to DeepSeek, running AI is far cheaper than before.", [PASSAGE]) is None
