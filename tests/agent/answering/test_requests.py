"""What a message asks for, and the case after it, as the tagger tells its sentences."""

from dataclasses import replace

import pytest

from agent.answering.requests import CERTAIN, HARDLY, Heard, Request, hear
from agent.answering.types import Answer, Decision
from agent.dialogue.acts import ACTS, Act, split
from agent.dialogue.case import Case
from knowledge.comparison import Passage
from tests.helpers.told_tagger import ToldTagger

FLAT, WHICH, COST, NOISE = "We rent a flat.", "Which one?", "What does it cost?", "Is it loud?"
TAGGER = ToldTagger(
    {
        FLAT: "case",
        WHICH: "advice",
        COST: "fact",
        NOISE: "fact",
        "Hi!": "greet",
        "Thanks.": "thanks",
        "It is raining.": "aside",
        "No, we own it.": "correct",
        "What if it were a house?": "suppose",
        "Back to my flat.": "back",
        "Yes.": "yes",
        "No.": "no",
        "We rent a flat, so which one?": ("case", "advice"),
        "Who are you?": "about",
    },
    gone=[("What if it were a house?", FLAT)],
)
CABIN = Passage(7, "best-for", "Holiday cabin", "A boiler.", "Gas Boiler")
ADVISED = Answer(FLAT, FLAT, Decision("advise", CABIN, "Gas Boiler", 0.9), case=Case((FLAT,)))
ASKED = replace(ADVISED, decision=replace(ADVISED.decision, fit="open", rival=CABIN))


def asks(message: str, *history: Answer) -> list[tuple[str, str]]:
    return [(each.act, each.text) for each in hear(TAGGER, message, history).requests]


def test_sentences_end_whatever_the_next_one_begins_with() -> None:
    assert split("hi. we rent, e.g. a flat! what now?? ok…") == (
        "hi.",
        "we rent, e.g. a flat!",
        "what now??",
        "ok…",
    )


def test_each_question_is_a_request_in_its_order() -> None:
    assert asks(f"{COST} {FLAT} {NOISE}") == [("fact", COST), ("fact", NOISE)]


def test_advice_comes_first_and_the_rest_in_its_order() -> None:
    assert asks(f"{COST} {WHICH} {NOISE}") == [
        ("advice", WHICH),
        ("fact", COST),
        ("fact", NOISE),
    ]


def test_a_case_alone_asks_for_advice() -> None:
    assert asks(f"Hi! {FLAT}") == [("advice", "")]


def test_a_case_with_a_question_does_not_ask_for_advice() -> None:
    assert asks(f"{FLAT} {COST}") == [("fact", COST)]


def test_advice_is_asked_for_once() -> None:
    assert asks(f"{WHICH} {FLAT} {WHICH}") == [("advice", WHICH)]


def test_small_talk_is_a_request_only_where_nothing_else_is() -> None:
    assert asks("Hi! It is raining.") == [("greet", "Hi! It is raining.")]
    assert asks(f"Hi! {COST}") == [("fact", COST)]


def test_a_question_about_the_advisor_does_not_hide_the_case() -> None:
    assert asks(f"Who are you? {FLAT}") == [("advice", ""), ("about", "Who are you?")]


def test_a_correction_corrects_something_even_where_the_tagger_is_unsure() -> None:
    assert hear(TAGGER, "No, we own it.", [ADVISED]).case.in_force == ("No, we own it.",)


def test_statements_of_a_message_that_corrects_or_supposes_are_known() -> None:
    correction, dog = "No, we own it.", "We have a dog."
    told = replace(ADVISED, case=Case((FLAT, dog)))
    assert hear(TAGGER, correction, [told]).changing == (correction,)
    assert hear(TAGGER, f"{FLAT} {correction}", [told]).changing == (FLAT, correction)
    assert hear(TAGGER, f"{FLAT} {WHICH}", [told]).changing == ()
    supposing = replace(
        ADVISED, case=Case((FLAT, dog), ("What if it were a house?",), frozenset({0}))
    )
    assert hear(TAGGER, correction, [supposing]).changing == (correction,)  # not what comes back


def test_an_act_that_is_unlikely_does_not_keep_a_question_from_the_document() -> None:
    tagger = ToldTagger({COST: ("why",)})
    assert hear(tagger, COST, [ADVISED]).requests[0].act == "why"
    unsure = ToldTagger({COST: ("why",)}, sure=0.3)
    assert hear(unsure, COST, [ADVISED]).requests[0].act == "fact"
    plain = ToldTagger({"what does it cost": "why", "explain": "why"}, sure=0.3)
    assert hear(plain, "what does it cost", [ADVISED]).requests[0].act == "fact"
    assert hear(plain, "explain", [ADVISED]).requests[0].act == "why"


def test_what_is_likely_no_question_is_known_for_when_the_document_has_no_answer() -> None:
    summary, who = "What is it about?", "Who are you?"
    likely = ToldTagger({summary: "summary", who: "about", FLAT: "case"}, sure=0.85)
    for message, act in ((summary, "summary"), (f"{COST} {summary}", "summary"), (who, "about")):
        heard = hear(likely, message)
        assert [each.act for each in heard.requests] == ["fact"]
        assert heard.instead and heard.instead.act == act and heard.attempts[-1] == (heard.instead,)
    assert hear(likely, COST).instead is None
    assert hear(likely, f"{who} {COST}").instead is None
    doubting = ToldTagger({"Are you sure?": "doubt"}, sure=0.3)
    assert hear(doubting, "Are you sure?").instead == Request("doubt", "Are you sure?")


def test_a_supposition_is_put_back() -> None:
    supposed = hear(TAGGER, "What if it were a house?", [ADVISED]).case
    assert supposed.in_force == ("What if it were a house?",)
    after = replace(ADVISED, case=supposed)
    assert hear(TAGGER, "Back to my flat.", [after]).case.in_force == (FLAT,)


def test_a_question_leaves_the_case_as_it_is() -> None:
    assert hear(TAGGER, COST, [ADVISED]).case == ADVISED.case


def test_yes_to_the_advisors_question_makes_its_use_case_the_persons() -> None:
    heard = hear(TAGGER, "Yes.", [ASKED])
    assert heard.confirmed and heard.case.in_force == (FLAT, "Holiday cabin")
    assert [each.act for each in hear(TAGGER, f"Yes. {COST}", [ASKED]).requests] == [
        "advice",
        "fact",
    ]
    assert [each.act for each in heard.requests] == ["advice"]


def test_yes_to_nothing_confirms_nothing() -> None:
    heard = hear(TAGGER, "Yes.", [ADVISED])
    assert not heard.confirmed and heard.case == ADVISED.case


def test_advice_in_a_conversation_is_asked_for_on_the_whole_case() -> None:
    heard = hear(TAGGER, WHICH, [ADVISED])
    assert heard.worded(heard.requests[0], [ADVISED]) == (f"{FLAT} {WHICH}", ())


def test_a_first_message_is_put_as_it_was_typed() -> None:
    heard = hear(TAGGER, f"Hi! {FLAT} {WHICH}")
    assert heard.worded(heard.requests[0], ()) == (f"Hi! {FLAT} {WHICH}", [])


def test_the_second_of_two_questions_may_refer_to_what_was_said_before_it() -> None:
    heard = hear(TAGGER, f"{COST} {NOISE}")
    asked, history = heard.worded(heard.requests[1], ())
    assert asked == NOISE and [each.question for each in history] == [COST]


def test_acts_decide_on_advice_in_a_conversation_and_have_little_say_in_a_first_message() -> None:
    [advice] = hear(TAGGER, WHICH, [ADVISED]).requests
    [fact] = hear(TAGGER, COST, [ADVISED]).requests
    assert advice.advises == CERTAIN and fact.advises == -CERTAIN
    assert hear(TAGGER, COST).requests[0].advises == HARDLY > -CERTAIN
    assert hear(TAGGER, FLAT).requests[0].advises == 0
    perhaps = ToldTagger({COST: ("fact", "advice")})
    assert hear(perhaps, COST).requests[0].advises == 0


class Unsure(ToldTagger):
    """Is less sure than SURE of everything."""

    def _shares(self, text: str) -> dict[Act, float]:
        return {act: 0.9 * share for act, share in super()._shares(text).items()}


@pytest.mark.parametrize("act", ["summary", "cases", "about", "aside", "greet"])
def test_a_first_message_is_kept_from_the_document_only_where_that_is_sure(act: Act) -> None:
    unsure = Unsure({"Well?": act})
    assert [each.act for each in hear(unsure, "Well?").requests] == ["fact"]
    assert [each.act for each in hear(ToldTagger({"Well?": act}), "Well?").requests] == [act]


def test_a_first_message_is_taken_apart_only_where_each_question_is_sure() -> None:
    heard = hear(Unsure({}), f"{COST} {NOISE}")
    assert heard.requests == (Request("fact", f"{COST} {NOISE}"),)
    # if the document does not answer the whole, its questions are asked one by one
    assert [each.text for each in heard.otherwise] == [COST, NOISE]
    assert heard.attempts == (heard.requests, heard.otherwise)


class Sure(ToldTagger):
    """One that holds what it was told of each sentence so likely."""

    def __init__(self, shares: dict[str, dict[Act, float]]) -> None:
        super().__init__({})
        self._told = shares

    def _shares(self, text: str) -> dict[Act, float]:
        return dict.fromkeys(ACTS, 0.01) | self._told[text]


@pytest.mark.parametrize(
    ("shares", "odds"),
    [
        ({"why": 0.4, "advice": 0.2}, -CERTAIN),
        ({"suppose": 0.3, "fact": 0.05}, -CERTAIN),
        ({"suppose": 0.3, "advice": 0.2}, CERTAIN),
    ],
)
def test_of_an_unclear_question_the_likeliest_act_that_asks_decides(
    shares: dict[Act, float], odds: float
) -> None:
    said = "And the other one?"
    [request] = hear(Sure({said: shares}), said, [ADVISED]).requests
    assert request.advises == odds and request.text == said


def test_a_case_with_an_unclear_question_is_advised_on() -> None:
    tagger = Sure({FLAT: {"case": 0.45}, "And so?": {"suppose": 0.3, "fact": 0.15}})
    [request] = hear(tagger, f"{FLAT} And so?", [ADVISED]).requests
    assert request == Request("advice", "", CERTAIN)


FULL, BANK = "How loud are gas boilers?", "What should a bank choose?"


@pytest.mark.parametrize(
    ("last", "act", "share", "taken_apart"),
    [
        (BANK, "advice", 0.55, True),
        (BANK, "advice", 0.45, False),
        ("Which one?", "advice", 0.55, False),
        ("What else?", "fact", 0.55, False),
        ("And for a farm with cows?", "fact", 0.55, False),
        ("How quiet are heat pumps, and why?", "fact", 0.55, False),
    ],
)
def test_a_first_message_is_taken_apart_where_each_question_is_asked_in_full(
    last: str, act: Act, share: float, taken_apart: bool
) -> None:
    heard = hear(Sure({FULL: {"fact": 0.6}, last: {act: share}}), f"{FULL} {last}")
    if not taken_apart:
        assert [each.text for each in heard.requests] == [f"{FULL} {last}"]
        return
    advice, fact = heard.requests
    assert (advice.text, fact.text) == (last, FULL)
    assert 0 < advice.advises < 1 and -CERTAIN < fact.advises < -4  # by what is likely of each
    assert [each.text for each in heard.otherwise] == [f"{FULL} {last}"]


def test_of_several_questions_in_full_most_have_to_be_probable() -> None:
    who, gas, law = "Who makes gas boilers?", "Which gas do boilers burn?", "What is LNG?"
    likely: dict[str, dict[Act, float]] = {
        FULL: {"fact": 0.6},
        BANK: {"advice": 0.6},
        who: {"fact": 0.6},
    }
    doubtful: dict[str, dict[Act, float]] = {gas: {"fact": 0.4}, law: {"fact": 0.6}}
    tagger = Sure(likely | doubtful)
    heard = hear(tagger, " ".join([*likely, *doubtful]))
    assert [each.text for each in heard.requests] == [BANK, FULL, who, gas, law]
    assert len(hear(tagger, f"{FULL} {gas} {law}").requests) == 1


def test_two_requests_for_advice_are_one_question_to_the_document() -> None:
    farm = "What should a farm choose?"
    tagger = Sure({BANK: {"advice": 0.6}, farm: {"advice": 0.6}, FULL: {"fact": 0.6}})
    heard = hear(tagger, f"{BANK} {farm} {FULL}")
    assert [each.text for each in heard.requests] == [f"{BANK} {farm} {FULL}"]


def test_a_question_amid_a_story_may_be_asked_without_it() -> None:
    heard = hear(TAGGER, f"{FLAT} {COST}")
    assert heard.worded(heard.requests[0], ())[0] == f"{FLAT} {COST}"
    [alone] = heard.otherwise
    asked, history = heard.worded(alone, ())
    assert asked == COST and [each.question for each in history] == [FLAT]
    assert not hear(TAGGER, COST).otherwise


def test_what_a_pasted_conversation_says_is_not_the_persons() -> None:
    pasted = f"Him: {FLAT}\nAdvisor: Gas.\nHim: {COST}\n{WHICH}"
    heard = hear(TAGGER, pasted)
    assert heard.message == WHICH and not heard.case
    assert heard.requests == (Request("advice", WHICH),)
    form = f"Pro: {FLAT}\nPro: {FLAT}\nCon: {FLAT}\n{WHICH}"  # nobody takes turns
    assert hear(TAGGER, form).message == form.replace("\n", " ")


def test_labels_of_a_form_are_no_speakers() -> None:
    form = f"Flat: {FLAT}\nCosts: {COST}\nPlace: ours\n{WHICH}"
    assert hear(TAGGER, form).message == form.replace("\n", " ")


def test_lines_are_no_ends_of_sentences() -> None:
    assert asks("What does\nit cost?") == [("fact", COST)]


def test_without_a_tagger_a_message_is_one_question() -> None:
    heard = Heard.plainly(COST)
    assert heard.requests == (Request("fact", COST),) and heard.case == Case()


def test_questions_in_a_row_are_requests_each() -> None:
    heard = hear(ToldTagger({}), "What does it cost, who makes it, and how long does it last?")
    assert [each.text for each in heard.requests] == [
        "What does it cost",
        "who makes it",
        "how long does it last?",
    ]


def test_a_clause_that_says_more_of_something_is_no_question() -> None:
    said = "What does it say about Petals, which pools the GPUs of volunteers?"
    assert [each.text for each in hear(ToldTagger({}), said).requests] == [said]


def test_two_questions_in_one_sentence_are_two_requests() -> None:
    both = "What does it cost, and who makes it?"
    heard = hear(ToldTagger({}), both)
    assert [each.text for each in heard.requests] == ["What does it cost", "who makes it?"]
    asked, history = heard.worded(heard.requests[1], ())
    assert asked == "who makes it?"
    assert [each.question for each in history] == ["What does it cost, and"]


def test_a_correction_corrects_what_was_said_before_its_message() -> None:
    tagger = ToldTagger({"Wrong, we own it.": "correct", "Just us two.": "correct"})
    heard = hear(tagger, "Wrong, we own it. Just us two.", [ADVISED])
    assert heard.case.in_force == ("Wrong, we own it.", "Just us two.")


def test_a_correction_with_a_doubt_is_advised_on_anew() -> None:
    tagger = ToldTagger({"That is wrong.": "doubt", "No, we own it.": "correct"})
    heard = hear(tagger, "That is wrong. No, we own it.", [ADVISED])
    assert [each.act for each in heard.requests] == ["advice"]


def test_what_may_be_a_statement_is_kept_whatever_else_it_does() -> None:
    class Perhaps(ToldTagger):
        def _shares(self, text: str) -> dict[Act, float]:
            return super()._shares(text) | {"case": 0.3}

    assert hear(Perhaps({}), "It must never stop.").case.in_force == ("It must never stop.",)
    assert not hear(Perhaps({}), "Does it ever stop?").case


def test_putting_back_what_was_never_supposed_asks_on_the_message() -> None:
    heard = hear(TAGGER, "Who are you? Back to my flat.")
    assert [each.act for each in heard.requests] == ["advice", "about"]
    assert heard.worded(heard.requests[0], ()) == ("Who are you? Back to my flat.", [])


def test_a_comparison_beside_new_facts_of_the_case_may_ask_for_advice() -> None:
    tagger = ToldTagger({FLAT: "case", "With which does one begin?": "compare"})
    [amid] = hear(tagger, f"{FLAT} With which does one begin?", [ADVISED]).requests
    [alone] = hear(tagger, "With which does one begin?", [ADVISED]).requests
    assert (amid.advises, alone.advises) == (0.0, -CERTAIN)


def test_a_question_tells_something_of_the_case_only_if_that_is_likely() -> None:
    asked = "And with the other one?"
    for sure, told in ((0.2, ()), (0.9, (asked,))):
        heard = hear(ToldTagger({asked: "suppose"}, sure=sure), asked, [ADVISED])
        assert heard.case.supposed == told
        assert [each.act for each in heard.requests] == (["advice"] if told else ["fact"])
