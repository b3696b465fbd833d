"""The right passage comes first, for both comparisons; what is found says where it stands.

How often that is so over hundreds of questions is for evals/ to measure.
"""

import pytest

from knowledge.comparison import Comparison, Passage
from knowledge.embed import MiniLM
from knowledge.index import index_in_memory
from knowledge.retrieve import Retriever


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How much did Bittensor earn from AI customers in Q1 2026?", "dimension/cost-economics"),
        ("How big will the federated learning market be in 2032?", "analysis/privacy-compliance"),
        ("What is a burn-mint equilibrium?", "analysis/governance-models"),
        ("Who captured 41% of the downloads on Hugging Face?", "analysis/the-deepseek-effect"),
        ("What are the key risks of each?", "dimension/key-risk"),
        ("Two of us need to ship an MVP fast.", "best-for/startup-mvp-development"),
        (
            "Five hospitals want to train one model without sharing patient data",
            "best-for/privacy-sensitive-cross-organizational-training",
        ),
        ("Our DAO wants AI outputs verified on-chain.", "best-for/crypto-native"),
    ],
)
def test_right_passage_comes_first(retriever: Retriever, question: str, first: str) -> None:
    assert retriever.retrieve(question).evidence[0].passage.id.startswith(first)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How loud is it?", "dimension/noise"),
        ("How many years does a boiler last?", "dimension/lifetime"),
        ("What does the Green Homes Act pay?", "analysis/subsidies-and-law"),
        ("Which one for a cabin in the mountains?", "best-for/holiday-cabin-used-in-winter"),
        ("We put solar panels on the roof of the farm", "best-for/farm-with-solar-panels"),
    ],
)
def test_right_passage_comes_first_on_another_subject(
    second_retriever: Retriever, question: str, first: str
) -> None:
    assert second_retriever.retrieve(question).evidence[0].passage.id == first


def test_sentence_with_the_answer_is_the_first_quotation(retriever: Retriever) -> None:
    found = retriever.retrieve("What is Bittensor's GPU utilization?")
    best = found.quotations[0]
    assert "GPU utilization near 80%" in best.sentence
    assert best.passage.id == "analysis/infrastructure-economics-idle-gpus-vs-hyperscaler-clouds"
    assert best.named == 1.0


def test_evidence_is_numbered_scored_and_in_order(
    retriever: Retriever, comparison: Comparison
) -> None:
    found = retriever.retrieve("What did DeepSeek do to inference prices?", top_k=6)
    assert len(found.evidence) == 6
    scores = [item.score for item in found.evidence]
    assert scores == sorted(scores, reverse=True)
    for item in found.evidence:
        assert item.passage == comparison.passages[item.number - 1]


def test_passages_that_give_a_verdict_are_all_there_nearest_first(
    retriever: Retriever, comparison: Comparison
) -> None:
    found = retriever.retrieve("A whistleblower tool that nobody can shut down", top_k=1)
    assert len(found.evidence) == 1
    assert {item.passage for item in found.cases} == set(comparison.recommending)
    assert found.cases[0].passage.id == "best-for/censorship-resistant-ai-applications"
    assert found.cases[0].passage.verdict == "Decentralized AI"


def test_quotations_are_the_sentences_of_the_evidence(retriever: Retriever) -> None:
    found = retriever.retrieve("How do tokens govern Akash?")
    stated = [s for item in found.evidence for s in item.passage.sentences]
    assert sorted(quotation.sentence for quotation in found.quotations) == sorted(stated)
    assert {q.passage for q in found.quotations} == {item.passage for item in found.evidence}


@pytest.mark.parametrize("question", ["Zyxgl plorq?", "the of and", "что это", "?", "7"])
def test_question_without_known_words_still_finds_something(
    retriever: Retriever, question: str
) -> None:
    found = retriever.retrieve(question)
    assert len(found.evidence) == 4
    assert len(found.cases) == 9
    assert found.evidence[0].score < 0.4


def test_same_question_finds_the_same_whatever_was_asked_before(retriever: Retriever) -> None:
    before = retriever.retrieve("Who governs Llama?")
    retriever.retrieve("What does Gensyn do?")
    assert retriever.retrieve("Who governs Llama?") == before


def test_sentence_covers_a_share_of_the_question_and_rare_words_weigh_more(
    retriever: Retriever,
) -> None:
    [quotation] = [
        quotation
        for quotation in retriever.retrieve("What revenue did the Akash network earn?").quotations
        if "$43M" in quotation.sentence and quotation.passage.kind == "dimension"
    ]
    assert {"revenu", "network", "earn"} == set(quotation.covers)  # Akash's is not given there
    assert quotation.covers["revenu"] > quotation.covers["network"]
    assert 0 < quotation.beyond(set()) < 1
    assert quotation.beyond({"revenu", "earn"}) == quotation.covers["network"]
    assert quotation.beyond({"revenu", "earn", "network"}) == 0


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What did Bittensor earn in Q1 2026?", 1.0),
        ("what did bittensor earn in q1 2026?", 1.0),  # names of the document in any spelling
        ("What did Akash earn in Q1 2026?", 2 / 3),
        ("How is compute priced?", 1.0),  # names none
    ],
)
def test_named_is_the_share_of_names_and_numbers_in_the_sentence(
    retriever: Retriever, question: str, named: float
) -> None:
    [revenue] = [q for q in retriever.retrieve(question).quotations if "$43M" in q.sentence]
    assert revenue.named == pytest.approx(named)


@pytest.mark.parametrize(
    ("asked", "newest", "named", "unknown"),
    [
        ("What did Akash earn in Q1 2026?", "And the year before?", 2 / 3, ()),
        ("What did Bittensor earn in Q1 2026?", "And Akash?", None, ()),
        ("What did Bittensor earn in Q1 2026?", "In Q1 2025?", None, ()),
        ("What did Akash earn in Q3 2024?", "And Bittensor in Q1 2026?", 1.0, ()),
        ("What did Zorgon earn?", "And in Q1 2026?", 1.0, ("zorgon",)),
        ("What did Bittensor earn?", "My boss Zorgon likes it.", 1.0, ()),  # not part of it
    ],
)
def test_names_and_dates_of_a_follow_up_take_the_place_of_earlier_ones(
    retriever: Retriever, asked: str, newest: str, named: float | None, unknown: tuple[str, ...]
) -> None:
    question = asked if "boss" in newest else f"{asked} {newest}"
    found = retriever.retrieve(question, newest=newest)
    revenue = [q.named for q in found.quotations if "$43M" in q.sentence]
    # where others have what takes the place, it is not quoted
    assert revenue == ([] if named is None else [pytest.approx(named)])
    assert found.unknown_names == unknown


def test_only_sentences_with_the_year_or_name_that_takes_an_earlier_ones_place_are_quoted(
    embedder: MiniLM,
) -> None:
    rows = [(f"August {year}", f"{year - 1990} litres", "11 litres") for year in (2022, 2023, 2024)]
    passages = tuple(
        Passage(
            n, "dimension", f"Water per week, {when}", f"Raised: {a}\nGround: {b}", None, (a, b)
        )
        for n, (when, a, b) in enumerate(rows, 1)
    )
    beds = Comparison("Beds", ("Raised", "Ground"), "Both", "", passages)
    retriever = Retriever(index_in_memory(beds, embedder))
    asked = "How much water did each need a week in August 2022?"
    every = {"2022", "2023", "2024"}
    for newest, quoted, another_year in (
        ("", every, False),
        ("And in 2023?", {"2023"}, False),
        ("And in 2023 and 2024?", {"2023", "2024"}, False),
        ("And in June?", every, False),
        ("And in 2023, Anna?", {"2023"}, False),
        ("And in 2021?", every, True),
        ("And for 40 beds?", every, False),
        ("Is it less than 2000 kWh?", every, False),
    ):
        found = retriever.retrieve(f"{asked} {newest}".strip(), newest=newest)
        assert {q.passage.heading[-4:] for q in found.quotations} == quoted, newest
        assert found.another_year is another_year, newest
    found = retriever.retrieve("What is it a week? And in 2021?", newest="And in 2021?")
    assert not found.another_year  # it takes the place of none


def test_what_is_like_a_follow_up_itself_is_quoted_before_what_is_like_the_question_before_it(
    second_retriever: Retriever,
) -> None:
    one, two = "How loud is the outdoor unit of a heat pump?", "And its purchase?"
    only_joined = second_retriever.retrieve(f"{one} {two}").quotations[0]
    found = second_retriever.retrieve(f"{one} {two}", newest=two).quotations[0]
    assert "45 decibels" in only_joined.sentence
    assert "$14,000" in found.sentence
    assert found.score == pytest.approx(only_joined.score)  # whether it answers rests on that
