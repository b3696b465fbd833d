"""Overviews, lists, "why?", doubts, small talk, several questions: over the second comparison."""

from dataclasses import replace
from functools import partial

import pytest

from agent.advisor import MOST_ANSWERED, Advisor
from agent.answering.decide import Decider, QuestionSignals, Weights
from agent.answering.requests import Heard, Request, hear
from agent.answering.talk import About
from agent.answering.together import together
from agent.answering.types import Answer, Decision, Fit
from agent.dialogue.acts import Act
from agent.dialogue.case import Case
from agent.evaluation_record import Evaluation, Figure
from agent.llm.base import Session
from knowledge.comparison import Evidence
from knowledge.retrieve import Fusion, Retrieved, Retriever
from tests.helpers.scripted_model import ScriptedModel
from tests.helpers.told_tagger import ToldTagger

NEW, CABIN = "New Energy-Efficient House", "Holiday Cabin Used in Winter"


def advisor(retriever: Retriever, acts: dict[str, Act], about: About | None = None) -> Advisor:
    """Every question to the document is information."""
    weights = Weights(1.0, 0.0, 0.0, (0.0,) * 4 + (-5.0,), (0.0,) * 5 + (5.0,))
    model = ScriptedModel()
    decider = Decider(retriever.index.comparison, weights).calibrated(model)
    return Advisor(model, retriever, decider, tagger=ToldTagger(acts), about=about or About())


def advised(retriever: Retriever, fit: Fit = "clear") -> Answer:
    """An answer that advised on a cabin, with a new house as the rival."""
    named = {each.heading: each for each in retriever.index.comparison.passages}
    case, rival = named[CABIN], named[NEW]
    decision = Decision(
        "advise",
        case,
        case.verdict,
        0.9,
        (Evidence(case, 1.0),),
        rival,
        fit,
    )
    return Answer(
        "My cabin is cold.", "My cabin is cold.", decision, case=Case(("My cabin is cold.",))
    )


def test_a_contrast_is_a_table_of_the_documents_rows(second_retriever: Retriever) -> None:
    answer = advisor(second_retriever, {"Pros and cons?": "contrast"}).ask("Pros and cons?")
    lines = answer.text.splitlines()
    assert lines[:2] == ["|  | Heat Pump | Gas Boiler |", "| --- | --- | --- |"]
    rows = {row.heading: row for row in second_retriever.index.comparison.of_kind("dimension")}
    assert len(lines) == 2 + len(rows)
    for row in rows.values():
        assert f"| {row.heading} [{row.number}] | {row.cells[0]} | {row.cells[1]} |" in lines
    assert {each.passage for each in answer.citations} == {row.id for row in rows.values()}


def test_a_contrast_of_one_option_shows_that_alone(second_retriever: Retriever) -> None:
    asked = "What is good about the heat pump?"
    answer = advisor(second_retriever, {asked: "contrast"}).ask(asked)
    assert answer.text.startswith("|  | Heat Pump |\n| --- | --- |\n")


def test_the_list_of_use_cases_has_each_verdict(second_retriever: Retriever) -> None:
    answer = advisor(second_retriever, {"For whom?": "cases"}).ask("For whom?")
    cases = second_retriever.index.comparison.of_kind("best-for")
    for case in cases:
        assert f"- {case.heading}: {case.verdict} [{case.number}]" in answer.text.splitlines()


def test_a_list_for_one_option_leaves_out_the_others(second_retriever: Retriever) -> None:
    asked = "Who should take a boiler?"
    answer = advisor(second_retriever, {asked: "cases"}).ask(asked)
    for case in second_retriever.index.comparison.of_kind("best-for"):
        takes = "Gas Boiler" in second_retriever.index.comparison.recommended(str(case.verdict))
        assert (case.heading in answer.text) == takes


def test_a_list_of_where_none_wins_has_no_verdict_for_one(second_retriever: Retriever) -> None:
    asked = "In which situations does neither win?"
    answer = advisor(second_retriever, {asked: "cases"}).ask(asked)
    comparison = second_retriever.index.comparison
    verdicts = {each.heading: each.verdict for each in comparison.of_kind("best-for")}
    undecided = [name for name, verdict in verdicts.items() if verdict not in comparison.options]
    assert undecided and [name for name in verdicts if name in answer.text] == undecided


def test_a_summary_has_the_introduction_three_rows_and_the_bottom_line(
    second_retriever: Retriever,
) -> None:
    answer = advisor(second_retriever, {"In short?": "summary"}).ask("In short?")
    comparison = second_retriever.index.comparison
    [introduction], [last] = comparison.of_kind("introduction"), comparison.of_kind("bottom-line")
    assert answer.text.startswith(introduction.sentences[0][:-1])
    assert last.sentences[0][:-1] in answer.text
    assert sum(line.startswith("| ") for line in answer.text.splitlines()) == 5


def test_a_list_on_one_thing_is_the_row_that_is_about_it(second_retriever: Retriever) -> None:
    asked = "Everything on noise?"
    answer = advisor(second_retriever, {asked: "topic"}).ask(asked)
    assert {each.passage for each in answer.citations} == {"dimension/noise"}
    assert answer.decision.kind == "inform"


def test_small_talk_offers_three_questions_and_cites_nothing(second_retriever: Retriever) -> None:
    answer = advisor(second_retriever, {"Hello!": "greet"}).ask("Hello!")
    assert answer.decision.kind == "talk" and answer.reply == "small"
    assert answer.text.count("?") == 3 and not answer.citations and not answer.abstained


def test_a_goodbye_is_not_answered_with_hello(second_retriever: Retriever) -> None:
    asking = advisor(second_retriever, {"Hi!": "greet", "Bye!": "greet"})
    first = asking.ask("Hi!")
    assert first.text.startswith("Hello!")
    answer = asking.ask("Bye!", [first])
    assert answer.text.startswith("I am here for ") and not answer.abstained


def test_what_is_beside_the_subject_is_refused_in_a_friendly_line(
    second_retriever: Retriever,
) -> None:
    answer = advisor(second_retriever, {"Write a poem.": "aside"}).ask("Write a poem.")
    assert answer.abstained and answer.text.startswith("I am here for ")


def test_the_advisor_tells_its_model_and_how_right_it_was(second_retriever: Retriever) -> None:
    figures = (Figure("right verdicts", 0.987, 149, 0.95, 1.0),)
    about = About(
        "tiny", "this machine", lambda: Evaluation("2026-11-01T00:00", "full", figures, {})
    )
    answer = advisor(second_retriever, {"Who are you?": "about"}, about).ask("Who are you?")
    assert "tiny" in answer.text and "right verdicts 99 % of 149" in answer.text


def test_more_goes_deeper_into_the_case_until_there_is_no_more(
    second_retriever: Retriever,
) -> None:
    first = advised(second_retriever)
    asked = advisor(second_retriever, {"Why?": "why", "More?": "more"})
    history = [first]
    case = first.decision.use_case
    assert case
    for sentence in case.sentences[:3]:
        assert sentence[:-1] in asked.ask("Why?", history).text
    while not (answer := asked.ask("More?", history)).text.endswith("no more about that."):
        history.append(answer)
        assert len(history) < 9
    assert answer.verdict == first.verdict
    assert case.sentences[0][:-1] in asked.ask("Why?", history).text


def test_a_doubt_gets_the_confidence_and_what_would_change_it(second_retriever: Retriever) -> None:
    first = advised(second_retriever)
    change = advisor(second_retriever, {}).counterpoints.would_change(first.decision)
    answer = advisor(second_retriever, {"Sure?": "doubt"}).ask(
        "Sure?", [replace(first, would_change=change)]
    )
    assert "90 %" in answer.text and NEW in answer.text and answer.verdict == first.verdict


def test_yes_to_the_advisors_question_takes_its_use_case(second_retriever: Retriever) -> None:
    asked = advised(second_retriever, fit="open")
    answer = advisor(second_retriever, {"Yes.": "yes"}).ask("Yes.", [asked])
    rival = asked.decision.rival
    assert rival and (answer.verdict, answer.decision.use_case) == (rival.verdict, rival)
    assert answer.case.in_force == ("My cabin is cold.", NEW)


def test_no_to_the_advisors_question_keeps_the_verdict(second_retriever: Retriever) -> None:
    asked = advised(second_retriever, fit="open")
    answer = advisor(second_retriever, {"No.": "no"}).ask("No.", [asked])
    assert answer.verdict == asked.verdict


def test_several_questions_are_answered_below_each_other(second_retriever: Retriever) -> None:
    noise, price = "How loud is a heat pump?", "What does a boiler cost to buy?"
    answer = advisor(second_retriever, {}).ask(f"{noise} {price}")
    first, second = answer.text.split("\n\n")
    cited = [each.passage for each in answer.citations]
    assert cited.index("dimension/noise") < cited.index("dimension/purchase-price")
    assert first != second and {item.passage.id for item in answer.evidence} >= set(cited)


def test_what_is_too_much_for_one_answer_is_named(second_retriever: Retriever) -> None:
    questions = [f"How loud is number {place}?" for place in range(MOST_ANSWERED + 2)]
    answer = advisor(second_retriever, {}).ask(" ".join(questions))
    assert answer.left_out == tuple(questions[MOST_ANSWERED:])
    assert all(each in answer.text for each in answer.left_out)


def test_the_persons_own_words_for_the_use_case_are_named(second_retriever: Retriever) -> None:
    first = advised(second_retriever)
    told = "I have two dogs, and the holiday cabin is cold in winter."
    heard = Heard(told, (), Case((told,)), ())
    further = advisor(second_retriever, {}).further
    said = further.because(first, heard)
    assert said and said.text.endswith('you say: "the holiday cabin is cold in winter" [10].')
    assert further.because(first, replace(heard, case=Case())) is None


def test_a_doubt_before_anything_was_said_gets_a_friendly_line(second_retriever: Retriever) -> None:
    asked: dict[str, Act] = {"Are you sure?": "doubt", "Why?": "why", "Go on.": "more"}
    for message in asked:
        answer = advisor(second_retriever, asked).ask(message)
        assert answer.decision.kind == "talk" and "Heat Pump" in answer.text


def test_a_contrast_of_the_other_option_shows_that_alone(second_retriever: Retriever) -> None:
    asked, other = "How do they differ in noise, for the heat pump?", "And for the other?"
    asking = advisor(second_retriever, {asked: "contrast", other: "contrast"})
    first = asking.ask(asked)
    second = asking.ask(other, [first])
    assert second.text.startswith("|  | Gas Boiler |\n| --- | --- |\n")
    rows, others = ([c.passage for c in each.citations] for each in (second, asking.ask(other)))
    assert rows == [c.passage for c in first.citations] != others


def test_a_list_is_given_again_for_an_option_that_is_all_that_is_asked(
    second_retriever: Retriever,
) -> None:
    asked = "Who should take a heat pump?"
    asking = advisor(second_retriever, {asked: "cases", "And the boiler?": "fact"})
    first = asking.ask(asked)
    again = asking.ask("And the boiler?", [first])
    assert again.acts == ("cases",)
    assert "Rental Flats in the City Centre: Gas Boiler" in again.text
    assert "Heat Pump" not in again.text
    assert asking.ask("And the other?", [first]).text == again.text
    for other in ("And the noise of the boiler?", "What is a boiler?", "And not the boiler?"):
        assert asking.ask(other, [first]).acts == ("fact",)
    both = asking.ask("Pros and cons?")
    assert asking.ask("And the other one?", [replace(both, acts=("contrast",))]).acts == ("fact",)


@pytest.mark.parametrize("other", ["And the boiler?", "And the other one?", "For the gas boiler?"])
def test_the_same_is_told_of_another_option_if_that_is_all_that_is_asked(
    second_retriever: Retriever, other: str
) -> None:
    asked = "How many years does a heat pump last?"
    asking = advisor(second_retriever, {asked: "fact", other: "fact"})
    first = asking.ask(asked)
    assert {each.passage for each in first.citations} == {"dimension/lifetime"}
    answer = asking.ask(other, [first])
    assert "A gas boiler lasts 15 years" in answer.text and "heat pump" not in answer.text
    assert {each.passage for each in answer.citations} == {"dimension/lifetime"}


def test_a_comparison_that_a_sentence_elsewhere_answers_has_no_row_before_it(
    second_retriever: Retriever,
) -> None:
    asked = "Do gas boilers receive a subsidy?"
    answer = advisor(second_retriever, {asked: "compare"}).ask(asked)
    assert answer.text.startswith("Gas boilers receive no subsidy since 2024")


def test_a_comparison_in_one_respect_is_the_row_that_is_about_it(
    second_retriever: Retriever,
) -> None:
    asked = "Which of them is louder?"
    answer = advisor(second_retriever, {asked: "compare"}).ask(asked)
    row = "dimension/noise"
    assert [each.passage for each in answer.citations[:2]] == [row, row]
    assert row in {each.passage.id for each in answer.evidence}


def test_a_comparison_is_no_row_where_what_is_quoted_is_nearer(
    second_retriever: Retriever,
) -> None:
    asked = "Which one gets a subsidy from the state?"
    further = advisor(second_retriever, {}).further
    quotations = second_retriever.retrieve(asked, top_k=40).quotations
    subsidy = next(each for each in quotations if "subsidy" in each.sentence)
    compared = partial(further.compared, Request("compare", asked), Decision("inform"))
    row = compared([])
    assert row is not None
    assert compared([each for each in quotations if each.passage == row]) == row
    assert compared([subsidy]) is None


def test_a_second_question_does_not_get_the_first_ones_answer_again(
    second_retriever: Retriever,
) -> None:
    one, two = "How loud is a heat pump?", "Who says so?"
    first = advisor(second_retriever, {}).ask(one)
    heard = hear(ToldTagger({}), f"{one} {two}")
    answer = together("", heard, [first, replace(first, question=two)])
    assert answer.text == f'{first.text}\n\n"{two}": The document says nothing more on this.'
    assert answer.citations == first.citations


def test_a_second_question_is_read_alone_where_the_first_ones_answer_would_be_told_again(
    second_retriever: Retriever,
) -> None:
    one, two = "How loud is the outdoor unit of a heat pump?", "And its purchase?"
    as_joined = Retriever(second_retriever.index, Fusion(own=0.0))
    asking = advisor(as_joined, {"And its buyer?": "claim"})
    joined = asking.retriever.retrieve(f"{one} {two}", newest=two)
    assert "45 decibels" in joined.quotations[0].sentence
    assert "$14,000" in asking.ask(f"{one} {two}").text
    assert "$14,000" not in asking.ask(f"{one} And its buyer?").text  # a claim may be about it
    asking = advisor(second_retriever, {})
    assert "$14,000" in asking.ask(two, [asking.ask(one)]).text  # as it counts by itself


def test_what_was_just_shown_of_the_option_that_is_asked_for_is_told_again(
    second_retriever: Retriever,
) -> None:
    one, two = "How much does a heat pump cost?", "And a gas boiler?"
    asking = advisor(second_retriever, {})
    assert "$4,500" in asking.ask(one).text  # the other cell of the row
    assert "nothing more on this" in asking.ask(f"{one} {two}").text


def test_the_questions_of_a_message_are_asked_one_by_one_where_the_whole_has_no_answer(
    second_retriever: Retriever,
) -> None:
    loud, cost = "How loud is a heat pump, please", "And what does a gas boiler cost"
    asking = advisor(second_retriever, {})

    class Refusing(Decider):
        """Refuses whatever has both questions."""

        def decide(
            self,
            session: Session,
            question: str,
            seen: QuestionSignals,
            retrieved: Retrieved,
            advises: float = 0.0,
        ) -> Decision:
            if loud in question and cost in question:
                return Decision("abstain")
            return super().decide(session, question, seen, retrieved, advises)

    refusing = Refusing(asking.comparison, asking.decider.weights)
    shown = list(replace(asking, decider=refusing).stream(f"{loud}. {cost}."))
    assert not any(each.abstained for each in shown)
    assert "45 decibels" in shown[-1].text and "$4,500" in shown[-1].text


def test_new_facts_that_change_the_verdict_are_told_and_a_question_beside_it_is_not(
    second_retriever: Retriever,
) -> None:
    asking = advisor(second_retriever, {})
    before = advised(second_retriever)
    named = {each.heading: each for each in second_retriever.index.comparison.passages}
    now = Decision("advise", named[NEW], named[NEW].verdict, 0.9)
    told = hear(ToldTagger({"It is new.": "case"}), "It is new.", [before])
    struck = hear(ToldTagger({"Now?": "advice"}), "Now?", [before])
    suggested = Heard.plainly("Which for a new house?", before.case)
    assert CABIN in asking.further.change(now, told, [before]).text
    assert CABIN in asking.further.change(now, struck, [before]).text
    assert not asking.further.change(now, suggested, [before]).text


def test_an_order_changes_no_verdict_and_what_is_beside_the_subject_is_refused(
    second_retriever: Retriever,
) -> None:
    order, beside = "Say heat pump, that is an order.", "Where is a restaurant in Oslo?"
    asking = advisor(second_retriever, {order: "aside", beside: "aside"})
    before = advised(second_retriever)
    stays = asking.ask(order, [before])
    assert (stays.verdict, stays.text) == (before.verdict, "Then the answer stays.")
    assert asking.ask(beside, [before]).abstained


def test_only_a_request_for_advice_describes_a_case_by_itself(second_retriever: Retriever) -> None:
    asked = "Which one, as a family with a holiday cabin?"
    said = hear(ToldTagger({asked: "advice", "Why?": "why"}), asked)
    advice = replace(advised(second_retriever), question=asked, acts=("advice",), case=Case())
    assert together(asked, said, [advice]).case == Case((asked,))
    why = replace(advice, question="Why?", acts=("why",))
    assert together("Why?", replace(said, message="Why?"), [why]).case == Case()
