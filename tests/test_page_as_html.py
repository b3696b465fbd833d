"""What the page says: its HTML, made from values.

What a browser makes of it is in test_page.py.
"""

import re
from dataclasses import replace

import pytest

from agent import page
from agent.answer import Answer, Citation, CitedText, Decision
from agent.conversation import Turn
from knowledge.comparison import Comparison, Evidence, Passage
from tests.coffee import (
    ADVICE,
    CAFFEINE,
    COMPARISON,
    HOSTILE,
    LONDON,
    NIGHTS,
)


@pytest.mark.parametrize(
    ("decision", "badge"),
    [
        (
            Decision("advise", NIGHTS, "Coffee", confidence=0.934),
            "Coffee confidence 93 % Long Nights",
        ),
        (Decision("advise", NIGHTS, "Coffee"), "Coffee Long Nights"),
        (Decision("inform"), "No recommendation asked"),
        (Decision("abstain"), "Not covered by the comparison"),
    ],
)
def test_an_answer_begins_with_what_kind_of_answer_it_is(decision: Decision, badge: str) -> None:
    html = page.answer(Turn("", Answer("", "", decision, "It is so.")), COMPARISON)
    assert re.sub(r"<[^>]+>", "", html).startswith(badge + "It is so.")


def test_a_number_links_to_its_card_only_if_there_is_one() -> None:
    html = page.answer(Turn("", replace(ADVICE, text="So [3], and so [9].")), COMPARISON)
    assert 'href="#p-3" title="Evidence 3: Long Nights">[3]</a>, and so [9].' in html
    assert page.evidence([Turn("", ADVICE)], COMPARISON).count('id="p-3"') == 1


def test_beside_advice_stand_the_case_against_it_what_would_change_it_and_its_date() -> None:
    given = replace(
        ADVICE,
        against=CitedText("Coffee costs $40 a month [3].", (Citation(3, CAFFEINE.id, "Less"),)),
        would_change=CitedText(
            "If it is rather <b>London</b>, take tea [2].", (Citation(2, LONDON.id, "Tea"),)
        ),
    )
    shown = page.answer(Turn("?", given, running=False), COMPARISON)
    assert "<summary>The case against</summary><p>Coffee costs $40 a month" in shown
    assert "<summary>What would change this</summary><p>If it is rather &lt;b&gt;London" in shown
    assert 'href="#p-2"' in shown  # it is no evidence of the answer, and has a card all the same
    assert 'id="p-2"' in page.evidence([Turn("?", given, running=False)], COMPARISON)
    assert "Figures are as of" not in shown
    dated = replace(given, citations=(Citation(3, CAFFEINE.id, "Coffee: it costs $40"),))
    assert "Figures are as of 2026-03." in page.answer(Turn("?", dated, running=False), COMPARISON)
    assert "<details>" not in page.answer(Turn("?", given), COMPARISON)  # not while it is written


def test_evidence_shows_cited_passages_first_with_the_cited_sentence_marked() -> None:
    html = page.evidence([Turn("", ADVICE)], COMPARISON)
    assert re.findall(r'id="p-(\d)"', html) == ["3", "2", "1"]
    assert "<mark>Coffee keeps you up.</mark> It is bitter." in html
    assert "Use case" in html and "Table row" in html and "Introduction" in html


def test_a_table_row_is_shown_as_two_labelled_cells() -> None:
    cited = (Citation(2, CAFFEINE.id, "Coffee: More, and sooner"),)
    html = page.evidence([Turn("", replace(ADVICE, citations=cited))], COMPARISON)
    assert '<dt class="side-0">Tea</dt><dd>Some</dd>' in html
    assert '<dt class="side-1">Coffee</dt><dd><mark>More, and sooner</mark></dd>' in html


@pytest.mark.parametrize(
    ("quotes", "marked"),
    [
        (["Coffee keeps you up. It is bitter."], "<mark>Coffee keeps you up. It is bitter.</mark>"),
        (["It  is\nbitter."], "Coffee keeps you up. <mark>It is bitter.</mark>"),
        (["keeps you up. It", "you up."], "Coffee <mark>keeps you up. It</mark> is bitter."),
        (["Coffee keeps you up. It is sweet."], "<mark>Coffee keeps you up.</mark> It is bitter."),
        (["", "Nothing of it."], "Coffee keeps you up. It is bitter."),
    ],
)
def test_quotes_are_marked_where_they_stand(quotes: list[str], marked: str) -> None:
    citations = tuple(Citation(3, NIGHTS.id, quote) for quote in quotes)
    html = page.evidence([Turn("", replace(ADVICE, citations=citations))], COMPARISON)
    assert f"<p>{marked}</p>" in html


def test_passages_of_earlier_answers_stay_reachable_and_stand_once() -> None:
    evidence = (Evidence(LONDON, 0.9), Evidence(NIGHTS, 0.1))
    later = Answer("", "", Decision("inform", evidence=evidence), "Tea, in London.")
    html = page.evidence([Turn("", ADVICE), Turn("", later)], COMPARISON)
    now, earlier = html.split("Earlier in this conversation")
    assert re.findall(r'id="p-(\d)"', now) == ["4", "3"]
    assert re.findall(r'id="p-(\d)"', earlier) == ["2", "1"]


def test_what_others_wrote_is_shown_and_does_nothing() -> None:
    passage = Passage(1, "analysis", HOSTILE, HOSTILE + "\n\n" + HOSTILE, HOSTILE)
    decision = Decision("advise", passage, HOSTILE, evidence=(Evidence(passage, 1.0),))
    given = Answer("", "", decision, f"{HOSTILE} [1]", (Citation(1, HOSTILE, HOSTILE),))
    comparison = Comparison(HOSTILE, (HOSTILE, HOSTILE), HOSTILE, HOSTILE, (passage,))
    turn = Turn(HOSTILE, given, note=HOSTILE, running=False)
    for html in (
        page.header(comparison),
        page.question(turn),
        page.answer(turn, comparison),
        page.evidence([turn], comparison),
    ):
        assert "&lt;script&gt;" in html
        assert not re.search(r"<script|<img", html)
        assert {*re.findall(r'href="([^"]*)"', html)} <= {"#p-1"}
        # a line of its own would end the block, and begin Markdown
        assert "\n" not in html and html.startswith(("<div", "<section"))


def test_a_refused_question_is_shown_shortened() -> None:
    refused = Turn("long " * 1_000_000, note="The question is too long.", running=False)
    assert len(page.question(refused)) < 400


@pytest.mark.parametrize(
    ("use_case", "question"),
    [
        (NIGHTS, "Which should we choose for long nights?"),
        (LONDON, "Which should we choose for visits to London?"),
        (replace(NIGHTS, heading="ATMs on iOS"), "Which should we choose for ATMs on iOS?"),
    ],
)
def test_examples_ask_for_the_comparison_s_own_use_cases(use_case: Passage, question: str) -> None:
    assert page.example_question(COMPARISON, use_case) == question
