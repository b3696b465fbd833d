"""What the chat says: its HTML, made from values.

What a browser makes of it is in page/test_chat.py, what stands beside it in page/test_panels.py.
"""

import re
from dataclasses import replace

import pytest

from agent.answering.types import Answer, Citation, Decision
from agent.conversations.conversation import Conversation, Turn
from agent.dialogue.case import Case
from agent.web import chat
from agent.web.panels import Panels
from knowledge.comparison import Comparison, Evidence, Passage, Pointer
from tests.helpers.coffee import ADVICE, COMPARISON, HOSTILE, LONDON, NIGHTS, PRICE


def shown(html: str) -> str:
    """The words of some HTML."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("decision", "card"),
    [
        (
            Decision("advise", NIGHTS, "Coffee", confidence=0.934),
            "The document says Coffee for Long Nights Very likely: 93 %",
        ),
        (
            Decision("advise", NIGHTS, "Coffee", confidence=0.97, fit="nearest"),
            "Nearest use case Coffee for Long Nights Almost certain: 97 %",
        ),
        (
            Decision("advise", NIGHTS, "Coffee", confidence=0.5, fit="open"),
            "Two use cases may fit; the likelier one Coffee for Long Nights Uncertain: 50 %",
        ),
        (
            Decision("advise", Passage(9, "bottom-line", "Bottom", "It depends.", "Tea"), "Tea"),
            "In general, the document says Tea",
        ),
        (Decision("advise", NIGHTS, "Coffee"), "The document says Coffee for Long Nights"),
        (Decision("inform"), "What the document says , no recommendation asked"),
        (Decision("abstain"), "Not covered by the comparison"),
    ],
)
def test_an_answer_begins_with_what_kind_of_answer_it_is(decision: Decision, card: str) -> None:
    html = chat.answer(Turn("", Answer("", "", decision, "It is so.")), COMPARISON)
    assert shown(html).startswith(card + " It is so.")


def test_a_number_links_only_to_what_the_answer_rests_on() -> None:
    html = chat.answer(Turn("", replace(ADVICE, text="So [4], and so [9].")), COMPARISON)
    assert 'href="#p-4" title="Evidence 4: Long Nights">[4]</a>, and so [9].' in html


def test_beside_advice_stand_the_case_against_it_what_would_change_it_and_its_date() -> None:
    html = chat.answer(Turn("?", ADVICE, running=False), COMPARISON)
    assert "<summary>The case against</summary><p>Coffee: 20 cents" in html
    assert "<summary>What would change this</summary><p>If it is rather Visits" in html
    assert 'href="#p-3"' in html  # no evidence of the answer, and it opens all the same
    assert "Figures are as of" not in html
    dated = replace(ADVICE, citations=(Citation(3, PRICE.id, "Coffee: it costs $40"),))
    assert "Figures are as of 2026-03." in chat.answer(Turn("?", dated, running=False), COMPARISON)
    assert "<details>" not in chat.answer(Turn("?", ADVICE), COMPARISON)  # not while it is written


def test_an_earlier_edition_s_answer_says_so_and_opens_only_what_still_stands() -> None:
    without = [each for each in COMPARISON.passages if each not in (NIGHTS, PRICE)]
    present = replace(COMPARISON, passages=tuple(without))
    turn = Turn("?", ADVICE, running=False, earlier="1" * 64, id="t1")
    html = chat.answer(turn, present, Conversation("c1", "", [turn]))
    assert html.startswith(
        '<div id="turn-t1" class="answer conversation-c1 decided evidence-6 evidence-2 evidence-5">'
    )
    assert set(re.findall(r'href="([^"]*)"', html)) == {"#p-2", "#p-5"}
    assert (
        "Coffee for Long Nights Very likely: 93 % "
        "Given under an earlier edition of the comparison. For Long Nights, the document"
        in shown(html)
    )
    assert "<blockquote>[4] Coffee keeps you up.</blockquote>" in html
    assert "<blockquote>[3] Coffee: 20 cents</blockquote>" in html
    assert html.endswith(
        '<li value="2">Coffee: More</li><li value="5">As in London, drink tea.</li></ul></div>'
    )
    assert "Helpful" not in html and "suggestion" not in html  # both are about the present edition


def test_an_earlier_answer_of_which_nothing_stands_is_shown_all_the_same() -> None:
    other = Comparison("Tea vs Coffee", ("Green", "Black"), "Both", "2030", ())
    turn = Turn("?", ADVICE, running=False, earlier="1" * 64)
    html = chat.answer(turn, other)
    assert 'class="answer"' in html and "href" not in html
    assert '<div class="decision">' in html and "Coffee" in shown(html)
    assert "2030" not in html


def test_an_answer_carries_what_it_rests_on_and_quotes() -> None:
    conversation = Conversation("c1", "", [Turn("?", ADVICE, running=False, id="t1")])
    html = chat.answer(conversation.turns[0], COMPARISON, conversation)
    assert html.startswith(
        '<div id="turn-t1" class="answer conversation-c1 decided '
        'evidence-4 evidence-6 evidence-2 evidence-3 evidence-5">'
    )
    assert '<li value="4">Coffee keeps you up.</li><li value="2">Coffee: More</li>' in html


def test_only_the_last_answer_can_be_taken_back_or_asked_again() -> None:
    turns = [Turn(q, ADVICE, running=False, id=q) for q in ("first", "second")]
    told = chat.messages(Conversation("c", "", turns), COMPARISON)
    assert [each["role"] for each in told] == ["user", "assistant"] * 2
    first, last = told[1]["content"], told[3]["content"]
    assert "undo" not in first and "suggestions" not in first and "Helpful" in first
    assert 'class="tool undo" value="second"' in last and 'class="suggestions"' in last
    assert 'class="tool edit" value="first"' in told[0]["content"]


def test_earlier_answers_are_made_once_however_long_the_last_one_grows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    as_it_is = chat.linked

    def counting(paragraph: str, headings: dict[int, str]) -> str:
        made.append(paragraph)
        return as_it_is(paragraph, headings)

    monkeypatch.setattr(chat, "linked", counting)
    first = Turn("first", replace(ADVICE, text="So it is."), running=False)
    conversation = Conversation("c", "", [first, Turn("second")])
    for length in range(10):
        conversation.turns[1] = Turn("second", replace(ADVICE, text="word " * length))
        chat.messages(conversation, COMPARISON)
    assert made.count("So it is.") == 1
    conversation.turns[0] = replace(first, rated=True)
    assert "rate pressed" in chat.messages(conversation, COMPARISON)[1]["content"]


def test_nothing_can_be_done_with_an_answer_that_is_being_written() -> None:
    told = chat.messages(Conversation("c", "", [Turn("first", ADVICE)]), COMPARISON)
    assert "<button" not in told[0]["content"] + told[1]["content"]


def test_what_others_wrote_is_shown_and_does_nothing() -> None:
    passage = Passage(1, "analysis", HOSTILE, HOSTILE + "\n\n" + HOSTILE, HOSTILE)
    decision = Decision("advise", passage, HOSTILE, evidence=(Evidence(passage, 1.0),))
    given = Answer("", "", decision, f"{HOSTILE} [1]", (Citation(1, passage.id, HOSTILE),))
    comparison = Comparison(HOSTILE, (HOSTILE, HOSTILE), HOSTILE, HOSTILE, (passage,))
    turn = Turn(HOSTILE, given, note=HOSTILE, running=False)
    for html in (
        chat.header(comparison),
        chat.question(turn),
        chat.answer(turn, comparison, Conversation("c", "", [turn])),
    ):
        assert "&lt;script&gt;" in html
        assert not re.search(r"<script|<img", html)
        assert {*re.findall(r'href="([^"]*)"', html)} <= {"#p-1"}
        # a line of its own would end the block, and begin Markdown
        assert "\n" not in html and html.startswith("<div")


def test_a_refused_question_is_shown_shortened() -> None:
    refused = Turn("long " * 1_000_000, note="The question is too long.", running=False)
    assert len(chat.question(refused)) < 400


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.99, "Almost certain"), (0.9, "Very likely"), (0.7, "Likely"), (0.2, "Uncertain")],
)
def test_confidence_is_said_in_words_too(confidence: float, words: str) -> None:
    assert chat.confidence_in_words(confidence) == words


def test_chips_name_what_is_offered() -> None:
    conversation = Conversation("c", "", [Turn("?", ADVICE, running=False)])
    html = chat.answer(conversation.turns[0], COMPARISON, conversation)
    assert 'title="Which should we choose for visits to London?">Visits to London</button>' in html
    assert LONDON.heading in shown(html)


def test_a_row_that_was_kept_whole_is_shown_as_it_is() -> None:
    whole = replace(PRICE, text="5 cents | 20 cents | 1 pound", cells=())
    passages = tuple(whole if passage == PRICE else passage for passage in COMPARISON.passages)
    html = Panels(replace(COMPARISON, passages=passages)).html
    assert html.count("<p>5 cents | 20 cents | 1 pound</p>") == 1  # in the table to be weighed
    assert html.count("5 cents | 20 cents | 1 pound") == 2


def test_an_abstention_links_to_the_comparison_that_may_answer() -> None:
    asked = "Is wool <b>warm</b> & soft?"
    abstention = Answer(asked, asked, Decision("abstain"), "It does not cover that.")
    pointed = replace(abstention, elsewhere=Pointer("rug-vs-tiles", "Rug <i> vs Tiles"))
    html = chat.answer(Turn(asked, pointed, running=False), COMPARISON)
    assert (
        '<p class="note">Another comparison may: <a href="/comparisons/rug-vs-tiles/'
        '?q=Is+wool+%3Cb%3Ewarm%3C%2Fb%3E+%26+soft%3F">Rug &lt;i&gt; vs Tiles</a></p>'
    ) in html
    assert "Another" not in chat.answer(Turn(asked, abstention, running=False), COMPARISON)


def test_tables_and_lists_of_an_answer_are_tables_and_lists_and_escaped() -> None:
    said = (
        "|  | Coffee | Tea |\n| --- | --- | --- |\n| <b>Price</b> [3] | 20 | 10 |\n"
        "Also compared: taste.\n\n- Long Nights: Coffee [4]\n- Visits: Tea [5]"
    )
    html = chat.answer(Turn("", replace(ADVICE, text=said)), COMPARISON)
    assert "<thead><tr><th></th><th>Coffee</th><th>Tea</th></tr></thead>" in html
    assert re.search(r"<td>&lt;b&gt;Price&lt;/b&gt; .*\[3\].*</td><td>20</td><td>10</td>", html)
    assert "<p>Also compared: taste.</p><ul><li>Long Nights: Coffee <a " in html


def test_the_persons_case_stands_below_the_last_answer_with_a_button_for_each_statement() -> None:
    case = Case(("We roast <i>.",)).supposing("What if we did not?")
    told = Conversation(turns=[Turn("?", replace(ADVICE, case=case), running=False)] * 2)
    first, last = (each["content"] for each in chat.messages(told, COMPARISON)[1::2])
    assert "Your case" not in first
    assert "<li>We roast &lt;i&gt;.<button" in last
    assert '<li class="supposed">What if we did not?<button' in last
    assert last.count('class="tool strike"') == 2


def test_small_talk_has_no_card() -> None:
    html = chat.answer(Turn("", Answer("", "", Decision("talk"), "Hello!")), COMPARISON)
    assert shown(html).startswith("Hello!")


def test_a_case_that_is_noted_is_not_called_uncovered() -> None:
    noted = Answer("", "", Decision("abstain", evidence=ADVICE.evidence), "Tell me more.")
    assert shown(chat.answer(Turn("", noted), COMPARISON)).startswith("Tell me more.")
    uncovered = replace(noted, decision=Decision("abstain"))
    assert "Not covered" in chat.answer(Turn("", uncovered), COMPARISON)
