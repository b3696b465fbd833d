"""The page in a real browser: what a person sees, and what does not happen.

Every test also claims that no request left this machine and that the console stayed clean.
Skipped where there is no Chromium, except in CI.
"""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from agent.answer import Answer, Citation, Decision, Exchange
from agent.errors import InputUnusable
from agent.model import Cancelled
from agent.page import trust
from agent.trust import Evaluation, Figure
from agent.web import build_app, claim_port
from knowledge.comparison import Comparison, Evidence, Passage
from tests.browser import in_a_browser, violations

pytestmark = in_a_browser

HOSTILE = (
    "<script>window.ran=1</script> <img src=x onerror=window.ran=1> "
    "<img src=http://evil.example/i> ![](http://evil.example/m) "
    "[x](javascript:window.ran=1) <a href='javascript:window.ran=1'>y</a> "
    "<http://evil.example/auto> `${window.ran=1}` {{window}} $$x$$"
)
NIGHTS = Passage(
    1, "best-for", "Long Nights", "Coffee keeps you up. It is bitter.", verdict="Coffee"
)
LONDON = Passage(2, "best-for", "Visits to London", "As in London, drink tea.", verdict="Tea")
CAFFEINE = Passage(
    3, "dimension", "Caffeine", "Tea: Some\nCoffee: More, and sooner", cells=("Some", "More")
)
HISTORY = Passage(4, "analysis", "How <b>It</b> Began", "Long ago. " * 60 + "\n\n" + HOSTILE)
COMPARISON = Comparison(
    "Tea vs Coffee",
    ("Tea", "Coffee"),
    "Both / Depends",
    "2026-03",
    (NIGHTS, LONDON, CAFFEINE, HISTORY),
)
ADVICE = Answer(
    "",
    "",
    Decision(
        "advise",
        use_case=NIGHTS,
        verdict="Coffee",
        confidence=0.934,
        evidence=(Evidence(NIGHTS, 0.9), Evidence(HISTORY, 0.5), Evidence(CAFFEINE, 0.4)),
    ),
    "For Long Nights, the document recommends Coffee [1]. It has more [3].",
    (Citation(1, NIGHTS.id, "Coffee keeps you up."), Citation(3, CAFFEINE.id, "Coffee: More")),
)


EVALUATION = Evaluation(
    "2026-03-04T05:06:07Z",
    "full",
    (
        Figure("right verdicts", 0.97, 108, 0.92, 0.99),
        Figure("attacks that changed an answer", 0.0, 60, None, None),
    ),
    {"model_sha256": "a1b2c3d4e5f6" + "0" * 52},
)


class FakeAdvisor:
    """Gives ADVICE word by word; "slow" takes its time, "hostile" answers in markup."""

    comparison = COMPARISON

    def __init__(self) -> None:
        self.cancelled = threading.Event()

    def expect(self, history: Sequence[Exchange], cancel: threading.Event) -> None:
        """It reads nothing."""

    def stream(
        self,
        question: str,
        history: Sequence[Exchange] = (),
        cancel: threading.Event | None = None,
    ) -> Iterator[Answer]:
        if len(question) > 4000:
            raise InputUnusable(f"The question has {len(question):,} characters.")
        if "London" in question:
            evidence = (Evidence(LONDON, 0.9),)
            yield Answer(question, question, Decision("inform", evidence=evidence), "Tea [2].")
            return
        text = f"{HOSTILE} [4]\n\n{HOSTILE}" if "hostile" in question else ADVICE.text
        words = text.split(" ")
        for count in range(len(words) + 1):
            yield replace(ADVICE, question=question, text=" ".join(words[:count]))
            if question == "slow" and cancel and cancel.wait(20 if count == 4 else 0.02):
                self.cancelled.set()
                raise Cancelled


@pytest.fixture(scope="module")
def advisor() -> FakeAdvisor:
    return FakeAdvisor()


@pytest.fixture(scope="module")
def address(advisor: FakeAdvisor) -> Iterator[str]:
    listener = claim_port("127.0.0.1", 0)
    app = build_app(advisor, trust=trust(EVALUATION, EVALUATION.config))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.fixture
def page(page: Page, address: str) -> Iterator[Page]:
    """The page, opened; afterwards, nothing may have gone wrong on it."""
    yield from opened(page, address)


def opened(page: Page, address: str) -> Iterator[Page]:
    wrong: list[str] = []
    local = (address, "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(local) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    expect(page.locator("#box textarea")).to_be_focused()
    yield page
    assert wrong == []


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the answer is complete."""
    page.locator("#box textarea").fill(question)
    page.locator("#send").click()
    expect(page.locator("#chat .question").last).to_be_visible()
    expect(page.locator("#chat .running")).to_have_count(0)
    expect(page.locator("#send")).to_be_enabled()


def test_a_verdict_comes_with_its_case_its_prose_and_its_evidence(page: Page) -> None:
    expect(page).to_have_title("Tea vs Coffee")
    expect(page.locator("h1")).to_have_text("Tea vs Coffee")
    expect(page.locator("#header")).to_contain_text("As of 2026-03")
    ask(page, "Which one at night?")
    expect(page.locator("#chat .badge")).to_have_text("Coffee confidence 93 % Long Nights")
    expect(page.locator("#chat .answer")).to_contain_text("the document recommends Coffee [1].")
    expect(page.locator("#evidence .card")).to_have_count(3)
    expect(page.locator("#p-1 mark")).to_have_text("Coffee keeps you up.")
    expect(page.locator("#p-3 dd").last).to_have_text("More")


def test_a_number_leads_to_its_card_and_an_earlier_one_opens(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("a.cite", has_text="[3]").click()
    expect(page.locator("#p-3")).to_be_focused()
    expect(page.locator("#p-3")).to_be_in_viewport()
    ask(page, "And in London?")
    expect(page.locator("#p-3")).not_to_be_visible()
    page.locator("a.cite", has_text="[3]").click()
    expect(page.locator("#p-3")).to_be_focused()
    expect(page.locator("#p-3")).to_be_in_viewport()


def test_stop_ends_an_answer_within_half_a_second_and_keeps_what_was_shown(page: Page) -> None:
    page.locator("#box textarea").fill("slow")
    page.locator("#box textarea").press("Enter")
    expect(page.locator("#chat .answer")).to_contain_text("For Long Nights, the")
    started = time.monotonic()
    page.locator("#stop").click()
    expect(page.locator("#chat .note")).to_have_text("(stopped)")
    assert time.monotonic() - started < 0.5
    expect(page.locator("#chat .answer")).to_contain_text("For Long Nights, the")
    ask(page, "Which one at night?")
    expect(page.locator("#chat .note")).to_have_count(1)


def test_a_question_waits_in_line_and_can_be_stopped_there(
    page: Page, browser: Browser, address: str
) -> None:
    page.locator("#box textarea").fill("slow")
    page.locator("#send").click()
    expect(page.locator("#chat .answer")).to_contain_text("For Long Nights, the")
    second = browser.new_page()
    for other in opened(second, address):
        other.locator("#box textarea").fill("Which one at night?")
        other.locator("#send").click()
        expect(other.locator("#chat .note")).to_have_text("Waiting: 1 ahead of you")
        other.locator("#stop").click()
        expect(other.locator("#chat .note")).to_have_text("(stopped)")
    second.close()
    page.locator("#stop").click()
    expect(page.locator("#chat .note")).to_have_text("(stopped)")


def test_closing_the_tab_stops_its_answer(
    advisor: FakeAdvisor, browser: Browser, address: str
) -> None:
    tab = browser.new_page()
    tab.goto(address)
    tab.locator("#box textarea").fill("slow")
    tab.locator("#send").click()
    expect(tab.locator("#chat .answer")).to_contain_text("For Long Nights, the")
    advisor.cancelled.clear()
    tab.close()
    assert advisor.cancelled.wait(5)


def test_markup_from_anyone_stays_text(page: Page) -> None:
    ask(page, f"hostile {HOSTILE}")
    page.locator("a.cite").first.click()
    for place in ("#chat .question", "#chat .answer p:nth-of-type(2)", "#p-4"):
        expect(page.locator(place)).to_contain_text("<script>window.ran=1</script>")
        expect(page.locator(place)).to_contain_text("![](http://evil.example/m)")
        expect(page.locator(place)).to_contain_text("[x](javascript:window.ran=1)")
    expect(page.locator("#p-4 h3")).to_have_text("How <b>It</b> Began")
    for element in ("img", "script", "iframe", ".katex", "a:not(.cite)"):
        expect(page.locator(f"#chat {element}, #evidence {element}")).to_have_count(0)
    assert page.evaluate("window.ran") is None


def test_a_script_that_slipped_through_would_not_run(browser: Browser, address: str) -> None:
    tab = browser.new_page()
    tab.goto(address)
    refused = tab.evaluate(
        """() => new Promise((resolve) => {
          const tell = (event) => resolve(event.effectiveDirective);
          document.addEventListener("securitypolicyviolation", tell);
          const script = document.createElement("script");
          script.textContent = "window.ran = 1";
          document.body.append(script);
        })"""
    )
    assert refused == "script-src-elem"
    assert tab.evaluate("window.ran") is None
    tab.close()


def test_use_cases_can_be_asked_for_also_later(page: Page) -> None:
    for number, case in enumerate(("Long Nights", "Visits to London"), start=1):
        page.locator("#examples button", has_text=case).click()
        expect(page.locator("#chat .question")).to_have_count(number)
        expect(page.locator("#chat .copy")).to_have_count(number)
    expect(page.locator("#chat .question").last).to_have_text(
        "Which should we choose for visits to London?"
    )


def test_a_question_that_is_refused_stays_in_the_box(page: Page) -> None:
    question = "long " * 1000
    ask(page, question)
    expect(page.locator("#chat .note")).to_have_text("The question has 5,000 characters.")
    expect(page.locator("#box textarea")).to_have_value(question)


def test_a_new_conversation_is_empty(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#renew").click()
    expect(page.locator("#chat .question")).to_have_count(0)
    expect(page.locator("#evidence .card")).to_have_count(0)
    ask(page, "And in London?")
    expect(page.locator("#chat .question")).to_have_count(1)


def test_an_answer_can_be_copied_as_text(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "Which one at night?")
    page.locator("#chat .copy").click()
    expect(page.locator("#chat .copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "Coffee confidence 93 % Long Nights\n\n" + ADVICE.text
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_page_to_anyone(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.reload()
    ask(page, "Which one at night?")
    assert violations(page) == []


def test_on_a_phone_the_evidence_stands_below_and_nothing_is_cut_off(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    ask(page, "Which one at night?")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    chat, shelf = page.locator("#talk").bounding_box(), page.locator("#shelf").bounding_box()
    assert chat and shelf and shelf["y"] >= chat["y"] + chat["height"]
    page.locator("a.cite", has_text="[1]").click()
    expect(page.locator("#p-1")).to_be_in_viewport()
    page.locator("#p-1 .back").click()
    expect(page.locator("a.cite", has_text="[1]")).to_be_focused()
    expect(page.locator("a.cite", has_text="[1]")).to_be_in_viewport()


def test_on_a_desktop_the_evidence_stands_beside_the_chat(page: Page) -> None:
    ask(page, "Which one at night?")
    chat, shelf = page.locator("#talk").bounding_box(), page.locator("#shelf").bounding_box()
    assert chat and shelf and shelf["x"] >= chat["x"] + chat["width"]


def test_screen_readers_are_not_given_markup_to_read(page: Page) -> None:
    ask(page, "Which one at night?")
    labels = page.locator("#chat [aria-label]").evaluate_all(
        "all => all.map((element) => element.getAttribute('aria-label'))"
    )
    assert not [label for label in labels if re.search(r"[<>]", label)]


@pytest.mark.parametrize("width", [1200, 360])
def test_how_far_to_trust_it_is_folded_below_the_evidence(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    table = page.locator("#trust table")
    expect(table).to_be_hidden()
    page.get_by_text("97 % right verdicts of 108 test questions").click()
    expect(table).to_be_visible()
    expect(table).to_contain_text("92 to 99 %")
    expect(page.locator("#trust")).to_contain_text("2026-03-04")
    expect(page.locator("#trust")).to_contain_text("a1b2c3d4e5f6")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [found for found in violations(page) if found[1] in ("serious", "critical")] == []
