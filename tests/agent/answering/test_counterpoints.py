"""What stands beside advice is the document's: the other side, and the use case that would change
it.
"""

from pathlib import Path

import pytest

from agent.answering.counterpoints import Counterpoints
from agent.answering.types import Citation, CitedText, Decision
from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_text
from knowledge.embed import MiniLM
from knowledge.index import build_index, open_index
from knowledge.retrieve import Retriever

KEY_RISK = "dimension/key-risk"
POOL, CABIN, HISTORIC = (
    "best-for/swimming-pool",
    "best-for/holiday-cabin-used-in-winter",
    "best-for/listed-historic-building",
)


def advising(comparison: Comparison, case: str, rival: str = "") -> Decision:
    use_case = comparison.passage(case)
    other = comparison.passage(rival) if rival else None
    return Decision("advise", use_case, use_case.verdict, 0.8, rival=other)


def test_against_a_verdict_stand_its_risks_and_what_the_other_option_has(
    retriever: Retriever, comparison: Comparison
) -> None:
    decision = advising(comparison, "best-for/startup-mvp-development")
    found = retriever.retrieve("What does it cost us per token to run our first product?")
    against = Counterpoints(retriever).against(decision, found)
    risks, costs = against.citations
    assert risks.passage == "dimension/key-risk"
    assert risks.quote.startswith("Open-source AI's key risks")
    assert costs.passage == "dimension/cost-economics"
    assert costs.quote.startswith("Decentralized AI's compute networks")
    assert f"[{risks.number}]" in against.text
    assert f"[{costs.number}]" in against.text


def test_against_a_verdict_for_neither_stand_the_risks_of_both(
    retriever: Retriever, comparison: Comparison
) -> None:
    found = retriever.retrieve("We cut the bill of millions of queries, which one?")
    case = advising(comparison, "best-for/cost-optimized-inference-at-scale")
    against = Counterpoints(retriever).against(case, found)
    assert [c.quote for c in against.citations] == [*comparison.passage(KEY_RISK).sides]


def test_without_a_row_on_risks_there_is_no_case_against(
    second_retriever: Retriever, second: Comparison
) -> None:
    # the row nearest to a question about risks is the one on how long each lasts
    found = second_retriever.retrieve("Old walls, which one?")
    assert Counterpoints(second_retriever).against(advising(second, HISTORIC), found) == CitedText()


def indexed_table(folder: Path, embedder: MiniLM, a: str, b: str, *rows: str) -> Retriever:
    """Over a comparison of `a` and `b` with these rows of its table."""
    text = (
        f"# {a} vs {b}\n## Feature Comparison\n| Dimension | {a} | {b} |\n| --- | --- | --- |\n"
        + "".join(f"{row}\n" for row in rows)
        + f"## Best For\n### Days of rain\n**{a}**\n### Days of sun\n**{b}**\n"
    )
    comparison = parse_text(text, "markdown")
    build_index(comparison, embedder, folder)
    return Retriever(open_index(folder, embedder, comparison.slug))


def against_rain(retriever: Retriever, question: str) -> CitedText:
    decision = advising(retriever.index.comparison, "best-for/days-of-rain")
    return Counterpoints(retriever).against(decision, retriever.retrieve(question))


def test_a_row_far_from_risks_and_question_is_no_case_against(
    tmp_path: Path, embedder: MiniLM
) -> None:
    costs = "| Yearly cost | A bicycle costs about $300 a year | A car costs about $4,000 a year |"
    speed = "| Speed | A bicycle does 18 km an hour | A car does 30 km an hour |"
    retriever = indexed_table(tmp_path, embedder, "Bicycle", "Car", costs, speed)
    assert against_rain(retriever, "I have two children and like red. Which one?") == CitedText()
    near = against_rain(retriever, "What does each cost in a year?")
    assert [citation.quote for citation in near.citations] == [
        "Car: A car costs about $4,000 a year"
    ]


def test_a_row_on_what_speaks_for_an_option_is_no_row_on_risks(
    tmp_path: Path, embedder: MiniLM
) -> None:
    pros = "| Pros | Quiet, cheap to run | Refuels in minutes |"  # 0.32 from the risks
    retriever = indexed_table(tmp_path, embedder, "Electric Car", "Petrol Car", pros)
    assert against_rain(retriever, "I like red. Which one?") == CitedText()


@pytest.mark.parametrize(
    ("a", "b", "row", "said"),
    [
        ("Tram", "Bus", "| Risks | Delays | Delays |", "Bus: Delays"),
        ("Tram", "Bus", "| Risks | Strikes. Delays | Delays |", "Bus: Delays"),
        ("E-Bike", "Bike", "| Risks | Falls on ice | Falls on ice |", "Bike: Falls on ice"),
    ],
)
def test_the_quoted_cell_is_the_option_s_own_whatever_the_other_says(
    tmp_path: Path, embedder: MiniLM, a: str, b: str, row: str, said: str
) -> None:
    retriever = indexed_table(tmp_path, embedder, a, b, row)
    sunny = advising(retriever.index.comparison, "best-for/days-of-sun")
    against = Counterpoints(retriever).against(sunny, retriever.retrieve("I like red. Which one?"))
    assert [citation.quote for citation in against.citations] == [said]


def test_an_option_of_which_the_row_says_nothing_has_no_case_against(
    tmp_path: Path, embedder: MiniLM
) -> None:
    retriever = indexed_table(tmp_path, embedder, "Tram", "Bus", "| Risks | | Delays and strikes |")
    assert against_rain(retriever, "I like red. Which one?") == CitedText()


def test_only_advice_has_a_case_against_it(second_retriever: Retriever) -> None:
    found = second_retriever.retrieve("How loud is it?")
    assert Counterpoints(second_retriever).against(Decision("inform"), found) == CitedText()


def test_the_rival_use_case_would_change_the_verdict(
    second_retriever: Retriever, second: Comparison
) -> None:
    change = Counterpoints(second_retriever).would_change(advising(second, POOL, CABIN))
    cabin = second.passage(CABIN)
    assert change.text == (
        "If your case is rather Holiday Cabin Used in Winter, its verdict is Gas Boiler "
        f"[{cabin.number}]. {cabin.sentences[0][:-1]} [{cabin.number}]."
    )
    assert change.citations == (Citation(cabin.number, CABIN, cabin.sentences[0]),)


def test_the_bottom_line_would_change_it_too(
    second_retriever: Retriever, second: Comparison
) -> None:
    change = Counterpoints(second_retriever).would_change(advising(second, CABIN, "bottom-line"))
    assert change.text.startswith("If nothing about your case is special, the bottom line says")


def test_where_all_verdicts_agree_nothing_would_change_it(
    second_retriever: Retriever, second: Comparison
) -> None:
    assert Counterpoints(second_retriever).would_change(advising(second, POOL)) == CitedText()
