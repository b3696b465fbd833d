"""What is in sight, in a real browser: the beginning of the newest answer, and whole words.

Skipped where there is no Chromium, except in CI.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from agent.answering.types import Answer, Decision
from agent.web.app import build_app
from tests.helpers.browser import DESKTOP, PHONE, answered, ask, in_a_browser, load_again
from tests.helpers.coffee import ADVICE, FakeAdvisor, serving, web_context

pytestmark = in_a_browser

LAPTOP: ViewportSize = {"width": 1280, "height": 720}
SIZES = pytest.mark.parametrize(
    "size", [DESKTOP, LAPTOP, PHONE], ids=["desktop", "laptop", "phone"]
)
SENTENCE = "It has more of it, which is felt sooner and wears off while tea is still at work [2]."
# where the newest question, its card and the first line of its text stand, from the chat's top
BEGINNING = """() => {
  const last = (selector) => [...document.querySelectorAll(`#chat ${selector}`)].pop();
  const answer = last(".answer");
  const text = answer.querySelector(":scope > p:not(.note)");
  const line = document.createRange();
  if (text) line.selectNode(text.firstChild);
  const frame = document.querySelector("#chat .bubble-wrap").getBoundingClientRect();
  const parts = [last(".question"), answer.querySelector(".decision"), text && line];
  return {
    height: frame.height,
    onPage: [frame.top, innerHeight - frame.bottom],
    parts: parts.filter(Boolean).map((part) => {
      const box = part === line ? line.getClientRects()[0] : part.getBoundingClientRect();
      return [box.top - frame.top, box.bottom - frame.top];
    }),
  };
}"""
# how it stands again and again from now on
WATCH = f"""() => {{
  window.drawn = [];
  const look = () => {{
    if (document.querySelector("#chat .answer")) window.drawn.push(({BEGINNING})());
    setTimeout(look, 40);
  }};
  look();
}}"""


def answers(question: str) -> Iterator[Answer]:
    """Short ones, and long ones that take half a second."""
    decision = ADVICE.decision if "Which" in question else Decision("inform")
    pieces = 8 if "all" in question.lower() else 2
    for count in range(pieces + 1):
        time.sleep(0.05)
        text = " ".join(["For long nights, take coffee [4]."] + [SENTENCE] * count)
        yield replace(ADVICE, question=question, decision=decision, text=text if count else "")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(
        build_app(web_context(tmp_path_factory.mktemp("kept"), FakeAdvisor(answers=answers)))
    ) as at:
        yield at


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """What is seen matters here, not when: these tests draw much."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def at(page: Page, size: ViewportSize) -> None:
    """Opens the page anew at that size."""
    page.set_viewport_size(size)
    load_again(page)


def unseen(found: dict[str, Any], but: int = 0) -> list[list[float]]:
    """Those parts of the beginning, `but` some first ones, that are not wholly in sight."""
    return [part for part in found["parts"][but:] if part[0] < 0 or part[1] > found["height"]]


@SIZES
def test_the_beginning_of_the_newest_answer_is_in_sight_while_it_comes_and_after(
    page: Page, size: ViewportSize
) -> None:
    at(page, size)
    questions = (
        "We build a prototype this week. Which one?",
        "Who decides about Llama releases?",
        "And in general?",
        "Tell me all.",
        "hi",
        "Which one, all in all?",
    )
    for number, question in enumerate(questions, start=1):
        ask(page, question)
        expect(page.locator("#chat .question")).to_have_count(number)
        found = page.evaluate(BEGINNING)
        assert len(found["parts"]) == 3 and unseen(found) == [], question
        assert min(found["onPage"]) >= 0
        if number == 1:
            page.evaluate(WATCH)
    drawn = page.evaluate("window.drawn")
    assert len([each for each in drawn if len(each["parts"]) == 3]) > 5
    assert [each for each in drawn if unseen(each)] == []


@SIZES
def test_nothing_moves_while_a_later_answer_grows(page: Page, size: ViewportSize) -> None:
    at(page, size)
    ask(page, "Which one?")
    ask(page, "hi")
    page.evaluate(WATCH)
    ask(page, "Which one, all in all?")
    tops = [
        each["parts"][0][0] for each in page.evaluate("window.drawn") if len(each["parts"]) == 3
    ]
    assert max(tops[3:]) - min(tops[3:]) < 3


@SIZES
def test_of_a_long_question_the_end_is_in_sight_and_the_answer_s_beginning(
    page: Page, size: ViewportSize
) -> None:
    at(page, size)
    ask(page, "hi")
    ask(page, "We are many people and have many needs. " * 60 + "Which one, all in all?")
    found = page.evaluate(BEGINNING)
    assert unseen(found, but=1) == []
    assert found["parts"][0][1] > 0


REDRAW = """async () => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const answer = document.querySelector("#chat .answer");
  const parts = [...answer.childNodes];
  answer.replaceChildren(); // as gradio does it now and then
  await drawn();
  document.querySelector("#chat .bubble-wrap").scrollTop -= 80; // as a busy browser does
  for (let times = 0; times < 3; times++) await drawn();
  answer.append(...parts);
  for (let times = 0; times < 3; times++) await drawn();
}"""


@SIZES
@pytest.mark.parametrize("slowly", [1, 1000], ids=["later", "in-the-first-second"])
def test_an_answer_that_is_drawn_anew_stays_in_sight(
    page: Page, size: ViewportSize, slowly: int
) -> None:
    # nobody had done anything since second 0, so what the browser scrolled in the first second of a
    # page once counted as scrolled by the person
    page.add_init_script(
        f"const now = performance.now.bind(performance);performance.now = () => now() / {slowly};"
    )
    at(page, size)
    ask(page, "We are many people and have many needs. " * 60 + "Which one, all in all?")
    page.evaluate(REDRAW)
    assert unseen(page.evaluate(BEGINNING), but=1) == []


@SIZES
def test_a_person_who_scrolled_away_is_not_pulled_back(page: Page, size: ViewportSize) -> None:
    at(page, size)
    ask(page, "Tell me all.")
    page.locator("#box textarea").fill("Which one, all in all?")
    page.locator("#send").click()
    expect(page.locator("#chat .answer").last).to_contain_text("For long nights")
    frame = page.locator("#chat .bubble-wrap")
    frame.hover()
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(100)
    there = frame.evaluate("frame => frame.scrollTop")
    answered(page)
    assert frame.evaluate("frame => frame.scrollTop") == there
    ask(page, "hi")  # what is asked next is seen again
    assert unseen(page.evaluate(BEGINNING)) == []


@SIZES
def test_the_newest_answer_is_in_sight_when_a_conversation_is_opened_or_the_window_changes(
    page: Page, size: ViewportSize
) -> None:
    at(page, size)
    for question in ("Tell me all.", "Which one?"):
        ask(page, question)
    load_again(page)
    answered(page)
    expect(page.locator("#chat .tools")).to_have_count(2)
    assert unseen(page.evaluate(BEGINNING)) == []
    page.set_viewport_size({"width": size["width"], "height": size["height"] - 100})
    page.wait_for_timeout(200)
    assert unseen(page.evaluate(BEGINNING)) == []


# words that stand on more than one line, in what can be pressed and in headings
BROKEN = """() => {
  const broken = [];
  const named = "[role=tab], button, summary, th, #panels :is(h2, h3, dt, legend), h1, a.cite";
  for (const each of document.querySelectorAll(named)) {
    const texts = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const word of texts.currentNode.textContent.matchAll(/\\S+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        const lines = new Set([...range.getClientRects()].map((box) => box.top));
        if (lines.size > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("width", [320, 360, 640, 896, 1000, 1100, 1216, 1280, 1400, 1920])
def test_no_word_breaks_and_nothing_is_wider_than_its_place(page: Page, width: int) -> None:
    ask(page, "Which one?")
    page.set_viewport_size({"width": width, "height": 720})
    for view in ("evidence", "matrix", "trust"):
        page.locator(f"#tab-{view}").click()
        assert page.evaluate(BROKEN) == []
        for place in ("html", "#panels", f"#{view}", "[role=tablist]", "#chat .bubble-wrap"):
            over = page.locator(place).first.evaluate("(at) => at.scrollWidth - at.clientWidth")
            assert over <= 0, place
