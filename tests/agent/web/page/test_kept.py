"""Kept conversations and log-in, in a real browser.

Skipped where there is no Chromium, except in CI.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from agent.answering.types import Answer
from agent.conversations.edition import EARLIER
from agent.dialogue.case import Case
from agent.prompting.templates import fill
from agent.web.app import build_app
from agent.web.users import Users, write_user
from tests.helpers.browser import (
    DESKTOP,
    ask,
    in_a_browser,
    load_again,
    open_at,
    violations,
    watched,
)
from tests.helpers.coffee import (
    ADVICE,
    COMPARISON,
    INTRODUCTION,
    LONDON,
    PRICE,
    FakeAdvisor,
    serving,
    web_context,
)

pytestmark = in_a_browser


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    ask(page, "Which one at night?")
    expect(page).to_have_url(re.compile(r"/\?c=\w+$"))
    load_again(page)
    expect(page.locator("#chat .tools")).to_have_count(1)
    expect(page.locator("#p-4 mark")).to_have_text("Coffee keeps you up.")
    ask(page, "And in London?")
    expect(page.locator("#chat .question")).to_have_count(2)


def test_a_statement_that_is_struck_out_of_the_case_stays_out(
    browser: Browser, tmp_path: Path
) -> None:
    case = Case(("We roast at night.", "We are two."))

    def answers(question: str) -> Iterator[Answer]:
        known = case if question == "Which one?" else case.without("We roast at night.")
        yield replace(ADVICE, question=question, case=known)

    page = browser.new_page(viewport=DESKTOP)
    advisor = FakeAdvisor(answers=answers)
    with serving(build_app(web_context(tmp_path, advisor))) as address:
        open_at(page, address)
        ask(page, "Which one?")
        expect(page.locator("#chat .case li")).to_have_count(2)
        page.locator("#chat .case .strike").first.click()
        expect(page.locator("#chat .question").last).to_have_text(fill("replies/anew"))
        expect(page.locator("#chat .case li")).to_have_text(["We are two.×"])
        [told] = advisor.histories[-1]  # what the server holds
        assert told.case.in_force == ("We are two.",)
        load_again(page)
        expect(page.locator("#chat .case li")).to_have_text(["We are two.×"])
    page.close()


def test_a_restart_of_the_server_keeps_it_too(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport=DESKTOP)
    with serving(build_app(web_context(tmp_path))) as address:
        open_at(page, address)
        ask(page, "Which one at night?")
    with serving(build_app(web_context(tmp_path))) as address:  # on another port; cookies have none
        open_at(page, address)
        page.locator("#conversations .open").click()
        expect(page.locator("#chat .question")).to_have_text("Which one at night?")
    page.close()


def test_after_the_comparison_changed_an_answer_says_so_and_opens_no_other_passage(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESKTOP)
    with serving(build_app(web_context(tmp_path))) as address:
        open_at(page, address)
        ask(page, "Which one at night?")
    # "Long Nights" is gone, and [4] is another passage now
    present = replace(COMPARISON, passages=(*COMPARISON.passages[:3], replace(LONDON, number=4)))
    with serving(build_app(web_context(tmp_path, FakeAdvisor(present)))) as address:
        open_at(page, address)
        page.locator("#conversations .open").click()
        answer = page.locator("#chat .answer")
        expect(answer.locator(".note")).to_have_text(EARLIER)
        expect(answer.locator(".decision .label")).to_have_text("Coffee")
        expect(answer.locator("blockquote")).to_have_text(
            ["[4] Coffee keeps you up.", "[5] As in London, drink tea."]
        )
        expect(answer.locator("> p a.cite")).to_have_text(["[2]"])
        expect(page.locator("#evidence .card.used")).to_have_count(2)
        page.locator("#tab-matrix").click()
        expect(page.locator("#weights-origin")).to_contain_text("1 of 2 rows")
    # nothing of what it rests on is left
    present = replace(
        COMPARISON, passages=(INTRODUCTION, replace(PRICE, text="?", cells=("?", "?")))
    )
    with serving(build_app(web_context(tmp_path, FakeAdvisor(present)))) as address:
        open_at(page, address)
        page.locator("#conversations .open").click()
        expect(answer.locator(".note")).to_have_text(EARLIER)
        expect(page.locator("#evidence .card:visible")).to_have_count(2)  # the whole document
        expect(page.locator("#evidence > .hint")).to_be_hidden()
    page.close()


def test_conversations_are_listed_opened_and_searched(page: Page) -> None:
    for question in ("Which one at night?", "Which one in Paris?"):
        ask(page, question)
        page.locator("#new-conversation").click()
        expect(page.locator("#chat .question")).to_have_count(0)
    expect(page.locator("#conversations .open")).to_have_text(
        ["Which one in Paris?", "Which one at night?"]
    )
    page.locator("#conversation-search").fill("night")
    expect(page.locator("#conversations .open")).to_have_text(["Which one at night?"])
    page.locator("#conversations .open").click()
    expect(page.locator("#chat .question")).to_have_text("Which one at night?")
    expect(page.locator("#conversations .open[aria-current]")).to_have_count(1)


def test_one_can_be_renamed_and_deleted(page: Page) -> None:
    ask(page, "Which one at night?")
    page.get_by_role("button", name="Rename").click()
    box = page.get_by_label("New title")
    expect(box).to_be_focused()
    box.fill("Night shift")
    box.press("Enter")
    expect(page.locator("#conversations .open[aria-current]")).to_have_text("Night shift")
    ask(page, "And in London?")
    load_again(page)
    expect(page.locator("#chat .question")).to_have_count(2)
    expect(page.locator("#conversations .open[aria-current]")).to_have_text("Night shift")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()  # the one that loses nothing
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#chat .question")).to_have_count(0)
    expect(page.locator("#conversations .open")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))


def test_a_title_stays_in_sight_while_the_list_is_slow(page: Page) -> None:
    ask(page, "Which one at night?")
    held: list[Route] = []
    page.route("**/conversations?*", lambda route: held.append(route))
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New title").press("Escape")
    page.locator("#conversation-search").fill("night")
    entry = page.locator("#conversations .open[aria-current]")
    expect(entry).to_have_text("Which one at night?")
    while len(held) < 2:
        page.wait_for_timeout(20)
    # an answer that counts no more once found an empty entry, and no button to focus
    for route in held:
        route.continue_()
        page.wait_for_timeout(100)
    expect(entry).to_have_text("Which one at night?")


def test_one_can_be_taken_along_with_the_weighed_table(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#tab-matrix").click()
    page.locator("#matrix .row input").first.fill("5")
    found = {}
    for name in ("Markdown", "Print", "JSON"):
        with page.expect_download() as started:
            page.locator("#conversations .actions").get_by_text(name, exact=True).click()
        found[name] = Path(started.value.path()).read_text(encoding="utf-8")
    assert "| Caffeine | 5 | Coffee |" in found["Markdown"]
    assert "<td>Caffeine</td>" in found["Print"]
    weighed = json.loads(found["JSON"])["weighed"]
    shown = page.locator("#balance output").last.inner_text()
    assert f"{100 * weighed['balance']:.0f} %" == shown  # the page and the export weigh alike


def test_another_browser_sees_none_of_them(page: Page, browser: Browser, address: str) -> None:
    ask(page, "Which one at night?")
    with watched(browser.new_page(viewport=DESKTOP), page.url) as other:
        expect(other.locator("body")).to_contain_text("This conversation does not exist any more.")
        expect(other.locator("#conversations .hint")).to_have_text("No conversations yet.")
        expect(other.locator("#chat .question")).to_have_count(0)
        other.close()


def test_two_tabs_of_one_conversation_lose_nothing(page: Page) -> None:
    ask(page, "Which one at night?")
    other = page.context.new_page()
    open_at(other, page.url)
    expect(other.locator("#chat .question")).to_have_count(1)
    ask(other, "And in London?")
    page.locator("#box textarea").fill("And in Paris?")
    page.locator("#send").click()
    expect(page.locator("#chat .tools")).to_have_count(3)
    expect(page.locator("#chat .question")).to_have_text(
        ["Which one at night?", "And in London?", "And in Paris?"]
    )
    other.close()


def test_one_that_is_being_answered_is_followed_after_a_reload(page: Page) -> None:
    page.locator("#box textarea").fill("slow")
    page.locator("#send").click()
    expect(page.locator("#chat .answer")).to_contain_text("For Long Nights, the")
    other = page.context.new_page()
    open_at(other, page.url)
    expect(other.locator("#chat .running")).to_have_count(1)
    page.locator("#stop").click()
    expect(other.locator("#chat .note")).to_have_text("(stopped)")
    other.close()


def test_on_a_phone_the_list_unfolds(phone: Page) -> None:
    ask(phone, "Which one at night?")
    expect(phone.locator("#conversation-search")).to_be_hidden()
    phone.locator("#conversations-toggle").click()
    expect(phone.locator("#conversations .open")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(phone) == []


# logging in


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[str]:
    for name in ("ada", "bob"):
        write_user(tmp_path / "users", name, f"secret of {name}")
    with serving(build_app(web_context(tmp_path, users=Users(tmp_path / "users")))) as address:
        yield address


def log_in(page: Page, address: str, name: str, password: str) -> None:
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_each_person_sees_their_own(browser: Browser, guarded: str) -> None:
    ada, bob = browser.new_page(viewport=DESKTOP), browser.new_page(viewport=DESKTOP)
    for page, name in ((ada, "ada"), (bob, "bob")):
        log_in(page, guarded, name, f"secret of {name}")
        page.locator("html[data-ready]").wait_for(state="attached")
    ask(ada, "Which one at night?")
    expect(ada.locator("#conversations .open")).to_have_count(1)
    load_again(bob)
    expect(bob.locator("#conversations .hint")).to_have_text("No conversations yet.")
    ada.get_by_role("button", name="Log out").click()
    expect(ada.get_by_label("Password")).to_be_visible()
    for page in (ada, bob):
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_log_in_is_open_to_everyone_and_locks_the_door(
    browser: Browser, guarded: str, scheme: str
) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(guarded)
    assert violations(page) == []
    for _ in range(6):
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill("guess")
        page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("Too many wrong passwords.")
    assert violations(page) == []
    page.close()
