"""The chat in a real browser: what a person sees and does, and what does not happen.

What stands beside the chat is in test_panels.py, what is kept in test_kept.py.
Skipped where there is no Chromium, except in CI.
"""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.helpers.browser import (
    DESKTOP,
    PHONE,
    answered,
    ask,
    in_a_browser,
    load_again,
    open_at,
    violations,
    watched,
)
from tests.helpers.coffee import ADVICE, FakeAdvisor

pytestmark = in_a_browser


def test_a_first_visit_comes_to_a_cited_answer(page: Page) -> None:
    expect(page).to_have_title("Tea vs Coffee")
    expect(page.locator("h1")).to_have_text("Tea vs Coffee")
    expect(page.locator("#header")).to_contain_text("As of 2026-03")
    expect(page.locator("#box textarea")).to_be_focused()
    page.keyboard.type("Which one at night?")
    page.keyboard.press("Enter")
    answered(page)
    card = page.locator("#chat .decision")
    expect(card.locator(".says")).to_have_text("The document says")
    expect(card.locator(".label")).to_have_text("Coffee")
    expect(card).to_contain_text("for Long Nights")
    expect(card.locator(".confidence")).to_contain_text("Very likely: 93 %")
    expect(page.locator("#chat .answer")).to_contain_text("the document recommends Coffee [4].")


def test_the_card_and_the_evidence_stand_before_the_text(page: Page) -> None:
    page.locator("#box textarea").fill("slow")
    page.locator("#send").click()
    expect(page.locator("#chat .decision .label")).to_have_text("Coffee")
    expect(page.locator("#chat .running")).to_have_text("Writing")
    expect(page.locator("#evidence .card.used")).to_have_count(5)
    expect(page.locator("#chat .tools")).to_have_count(0)
    page.locator("#stop").click()
    expect(page.locator("#chat .note")).to_have_text("(stopped)")


def test_a_refusal_says_so_and_offers_what_is_covered(page: Page) -> None:
    ask(page, "Which one in Paris?")
    expect(page.locator("#chat .decision")).to_have_text("Not covered by the comparison")
    page.locator("#chat .suggestion", has_text="Long Nights").click()
    expect(page.locator("#chat .tools")).to_have_count(2)
    expect(page.locator("#chat .question").last).to_have_text(
        "Which should we choose for long nights?"
    )


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
    ask(page, "Which one at night?")  # how long an answer takes is known from now on
    page.locator("#box textarea").fill("slow")
    page.locator("#send").click()
    expect(page.locator("#chat .answer").last).to_contain_text("For Long Nights, the")
    with watched(browser.new_page(), address) as other:
        other.locator("#box textarea").fill("Which one at night?")
        other.locator("#send").click()
        waiting = re.compile(r"^Waiting: 1 ahead of you, about \d+ s$")
        expect(other.locator("#chat .note")).to_have_text(waiting)
        other.locator("#stop").click()
        expect(other.locator("#chat .note")).to_have_text("(stopped)")
        other.close()
    page.locator("#stop").click()
    expect(page.locator("#chat .note")).to_have_text("(stopped)")


def test_closing_the_tab_stops_its_answer(
    advisor: FakeAdvisor, browser: Browser, address: str
) -> None:
    tab = browser.new_page()
    open_at(tab, address)
    tab.locator("#box textarea").fill("slow")
    tab.locator("#send").click()
    expect(tab.locator("#chat .answer")).to_contain_text("For Long Nights, the")
    advisor.cancelled.clear()
    tab.close()
    assert advisor.cancelled.wait(5)


def test_a_question_can_be_edited_and_what_followed_it_is_gone(page: Page) -> None:
    ask(page, "Which one at night?")
    ask(page, "And in London?")
    page.locator("#chat .edit").first.click()
    box = page.locator("#box textarea")
    expect(box).to_have_value("Which one at night?")
    expect(box).to_be_focused()
    expect(page.locator("#editing")).to_contain_text(
        "This replaces the question and what followed it."
    )
    box.fill("Which one in Paris?")
    box.press("Enter")
    expect(page.locator("#chat .question")).to_have_count(1)
    answered(page)
    expect(page.locator("#chat .question")).to_have_text("Which one in Paris?")
    expect(page.locator("#editing")).to_have_count(0)
    ask(page, "And in London?")  # the next one is appended again
    expect(page.locator("#chat .question")).to_have_count(2)


def test_a_question_that_cannot_replace_another_loses_nothing(page: Page) -> None:
    ask(page, "Which one at night?")
    ask(page, "And in London?")
    page.locator("#chat .edit").first.click()
    page.locator("#box textarea").fill("long " * 1000)
    page.locator("#box textarea").press("Enter")
    expect(page.locator("#chat .note")).to_have_text("The question has 5,000 characters.")
    expect(page.locator("#chat .question")).to_have_count(3)
    expect(page.locator("#chat .question").first).to_have_text("Which one at night?")


def test_editing_can_be_given_up(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#chat .edit").click()
    page.locator("#editing button").click()
    expect(page.locator("#box textarea")).to_have_value("")
    ask(page, "And in London?")
    expect(page.locator("#chat .question")).to_have_count(2)


def test_an_answer_can_be_given_again(page: Page, advisor: FakeAdvisor) -> None:
    ask(page, "Which one at night?")
    asked = len(advisor.histories)
    first = page.locator("#chat .answer").get_attribute("id")
    page.locator("#chat .retry").click()
    expect(page.locator("#chat .answer")).not_to_have_attribute("id", first or "")
    answered(page)
    expect(page.locator("#chat .question")).to_have_text("Which one at night?")
    assert len(advisor.histories) == asked + 1
    assert advisor.histories[-1] == []


def test_the_last_question_can_be_taken_back(page: Page) -> None:
    ask(page, "Which one at night?")
    ask(page, "And in London?")
    page.locator("#chat .undo").click()
    expect(page.locator("#chat .question")).to_have_count(1)
    expect(page.locator("#box textarea")).to_have_value("And in London?")
    expect(page.locator("#chat .undo")).to_have_count(1)  # now the first can be


def test_chips_ask_what_they_offer(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#chat .suggestion", has_text="Caffeine").click()
    expect(page.locator("#chat .tools")).to_have_count(2)
    expect(page.locator("#chat .question").last).to_have_text(
        "What does it say about the caffeine of each?"
    )
    expect(page.locator("#chat .suggestions")).to_have_count(1)  # of the last answer only
    expect(page.locator("#chat .suggestion", has_text="Caffeine")).to_have_count(0)


def test_use_cases_can_be_asked_for_also_later(page: Page) -> None:
    for number, case in enumerate(("Long Nights", "Visits to London"), start=1):
        page.locator("#examples .suggestion", has_text=case).click()
        expect(page.locator("#chat .question")).to_have_count(number)
        expect(page.locator("#chat .copy")).to_have_count(number)
    expect(page.locator("#chat .question").last).to_have_text(
        "Which should we choose for visits to London?"
    )


def test_a_link_asks_its_question_once(browser: Browser, address: str) -> None:
    with watched(browser.new_page(), f"{address}?q=Which+one+at+night%3F") as page:
        answered(page)
        expect(page.locator("#chat .question")).to_have_text("Which one at night?")
        expect(page).to_have_url(re.compile(r"/\?c=\w+$"))
        load_again(page)
        expect(page.locator("#chat .tools")).to_have_count(1)
        expect(page.locator("#chat .question")).to_have_count(1)
        page.close()


def test_a_question_that_is_refused_stays_in_the_box(page: Page) -> None:
    question = "long " * 1000
    page.locator("#box textarea").fill(question)
    page.locator("#send").click()
    expect(page.locator("#chat .note")).to_have_text("The question has 5,000 characters.")
    expect(page.locator("#box textarea")).to_have_value(question)


def test_a_new_conversation_is_empty(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#new-conversation").click()
    expect(page.locator("#chat .question")).to_have_count(0)
    expect(page.locator("#evidence .card.used")).to_have_count(0)
    ask(page, "And in London?")
    expect(page.locator("#chat .question")).to_have_count(1)


def test_an_answer_can_be_copied_as_text(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "Which one at night?")
    page.locator("#chat .copy").click()
    expect(page.locator("#chat .copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("The document says\nCoffee\nfor Long Nights\nVery likely: 93 %\n\n")
    assert ADVICE.text in copied and "Helpful" not in copied


def test_what_a_person_thinks_of_an_answer_is_kept(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#chat .rate", has_text="Not helpful").click()
    expect(page.locator("#chat .rate[aria-pressed=true]")).to_have_text("Not helpful")
    comment = page.get_by_placeholder("What should it have said? (optional)")
    expect(comment).to_be_focused()
    comment.fill("It forgot milk.")
    comment.press("Enter")
    expect(page.locator("#chat .rating")).to_have_text(
        "Thank you. The comment is saved on this machine."
    )
    load_again(page)
    expect(page.locator("#chat .rate[aria-pressed=true]")).to_have_text("Not helpful")


def test_it_can_all_be_done_by_keyboard(page: Page) -> None:
    page.keyboard.type("Which one at night?")
    page.keyboard.press("Enter")
    answered(page)
    page.locator("#chat .decision a").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#chat .answer > p a.cite").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#p-4")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#p-4 .number")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#p-4 .back")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#chat .answer > p a.cite").first).to_be_focused()
    page.locator("#chat summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chat details[open]")).to_contain_text("20 cents")


def test_screen_readers_hear_the_decision_and_then_the_whole_text_once(page: Page) -> None:
    page.evaluate(
        """() => {
          window.heard = [];
          const region = document.getElementById("announcer");
          new MutationObserver(() => window.heard.push(region.innerText))
            .observe(region, { childList: true, characterData: true });
        }"""
    )
    ask(page, "Which one at night?")
    expect(page.locator("#announcer")).to_contain_text("It has more [2].")
    heard = page.evaluate("window.heard")
    assert len(heard) <= 3  # not word by word
    assert "Coffee" in heard[-1]
    assert page.locator("#chat [role=log]").get_attribute("aria-live") == "off"
    labels = page.locator("#chat [aria-label]").evaluate_all(
        "all => all.map((element) => element.getAttribute('aria-label'))"
    )
    assert not [label for label in labels if re.search(r"[<>]", label)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_the_chat_to_anyone(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    load_again(page)
    assert violations(page) == []
    ask(page, "Which one at night?")
    page.locator("#chat summary").first.click()
    page.locator("#chat .rate").first.click()
    assert violations(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_while_the_page_or_an_answer_comes(page: Page, size: ViewportSize) -> None:
    page.set_viewport_size(size)
    load_again(page)
    page.evaluate(
        """() => {
          window.moved = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.moved += entry.value;
          }).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    ask(page, "Which one at night?")
    assert page.evaluate("window.moved") < 0.03  # what gradio shows before the page moves .025


def test_the_page_is_seen_even_if_its_own_script_never_comes(
    browser: Browser, address: str
) -> None:
    tab = browser.new_page()
    tab.route("**/page.js", lambda route: route.abort())
    tab.goto(address)
    expect(tab.locator("#main #box")).to_be_visible()
    tab.evaluate("document.getAnimations().forEach((each) => each.finish())")  # five seconds on
    expect(tab.locator("#main")).to_have_css("opacity", "1")


def test_on_a_phone_nothing_is_cut_off_and_evidence_stands_below(phone: Page) -> None:
    ask(phone, "Which one at night?")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    chat, panels = (
        phone.locator("#chat-column").bounding_box(),
        phone.locator("#panels").bounding_box(),
    )
    assert chat and panels and panels["y"] >= chat["y"] + chat["height"]
    phone.locator("#chat .answer > p a.cite", has_text="[4]").click()
    expect(phone.locator("#p-4")).to_be_in_viewport()
    phone.locator("#p-4 .back").click()
    expect(phone.locator("#chat .answer > p a.cite", has_text="[4]")).to_be_focused()
    expect(phone.locator("#chat .answer > p a.cite", has_text="[4]")).to_be_in_viewport()


def test_on_a_desktop_the_evidence_stands_beside_the_chat(page: Page) -> None:
    ask(page, "Which one at night?")
    chat, panels = (
        page.locator("#chat-column").bounding_box(),
        page.locator("#panels").bounding_box(),
    )
    assert chat and panels and panels["x"] >= chat["x"] + chat["width"]


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
