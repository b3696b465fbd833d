"""What stands beside advice is the document's: the other side, and the use case that would change
it.
"""

from agent.answer import Citation, CitedText, Decision
from agent.beside import Beside
from knowledge.comparison import Comparison
from knowledge.retrieve import Retriever

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
    against = Beside(retriever).against(decision, found)
    risks, costs = against.citations
    assert risks.passage == "dimension/key-risk"
    assert risks.quote.startswith("Open-source AI's key risks")
    assert costs.passage == "dimension/cost-economics"
    assert costs.quote.startswith("Decentralized AI's compute networks")
    assert f"[{risks.number}]" in against.text
    assert f"[{costs.number}]" in against.text


def test_against_a_verdict_for_neither_stand_the_risks_of_both(
    second_retriever: Retriever, second: Comparison
) -> None:
    beside = Beside(second_retriever)
    found = second_retriever.retrieve("Old walls, which one?")
    against = beside.against(advising(second, HISTORIC), found)
    assert [c.quote.split()[0] for c in against.citations] in (
        [option.split()[0] for option in second.options],
        ["A", "A"],
        ["The", "A"],
    )
    assert len({citation.passage for citation in against.citations}) == 1


def test_only_advice_has_a_case_against_it(second_retriever: Retriever) -> None:
    found = second_retriever.retrieve("How loud is it?")
    assert Beside(second_retriever).against(Decision("inform"), found) == CitedText()


def test_the_rival_use_case_would_change_the_verdict(
    second_retriever: Retriever, second: Comparison
) -> None:
    change = Beside(second_retriever).would_change(advising(second, POOL, CABIN))
    cabin = second.passage(CABIN)
    assert change.text == (
        "If your case is rather Holiday Cabin Used in Winter, its verdict is Gas Boiler "
        f"[{cabin.number}]. {cabin.sentences[0][:-1]} [{cabin.number}]."
    )
    assert change.citations == (Citation(cabin.number, CABIN, cabin.sentences[0]),)


def test_the_bottom_line_would_change_it_too(
    second_retriever: Retriever, second: Comparison
) -> None:
    change = Beside(second_retriever).would_change(advising(second, CABIN, "bottom-line"))
    assert change.text.startswith("If nothing about your case is special, the bottom line says")


def test_where_all_verdicts_agree_nothing_would_change_it(
    second_retriever: Retriever, second: Comparison
) -> None:
    assert Beside(second_retriever).would_change(advising(second, POOL)) == CitedText()
