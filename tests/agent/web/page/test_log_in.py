"""Logging in, in a browser: what a link asks for is there afterwards."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from agent.conversations.conversation import Conversation, Turn
from agent.web.app import build_app
from agent.web.context import WebContext
from agent.web.users import Users, write_user
from tests.helpers.browser import answered, in_a_browser, load_again
from tests.helpers.coffee import ADVICE, serving, web_context

pytestmark = in_a_browser
ASKED = "Milk & sugar + #1, or „für Österreich“ 100%? Both=fine; ok"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> WebContext:
    folder = tmp_path_factory.mktemp("people")
    write_user(folder / "users", "ada", "secret of ada")
    return web_context(folder, users=Users(folder / "users"))


@pytest.fixture(scope="module")
def address(context: WebContext) -> Iterator[str]:
    with serving(build_app(context)) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """Somebody who is not logged in."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def log_in(page: Page, password: str = "secret of ada") -> None:
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button").click()


def test_a_link_asks_its_question_once_and_whole_after_the_log_in(
    visitor: Page, address: str
) -> None:
    visitor.goto(address)
    link = visitor.evaluate("(asked) => '?' + new URLSearchParams({ q: asked })", ASKED)
    visitor.goto(f"{address}{link}")
    log_in(visitor, "guess")  # a wrong password does not lose it either
    expect(visitor.get_by_role("alert")).to_be_visible()
    log_in(visitor)
    answered(visitor)
    expect(visitor.locator("#chat .question")).to_have_text(ASKED)
    expect(visitor).to_have_url(re.compile(r"/\?c=\w+$"))
    load_again(visitor)
    expect(visitor.locator("#chat .tools")).to_have_count(1)
    expect(visitor.locator("#chat .question")).to_have_count(1)


def test_a_link_opens_its_conversation_after_the_log_in(
    context: WebContext, visitor: Page, address: str
) -> None:
    said = Conversation(turns=[Turn("Which one at night?", ADVICE, running=False)])
    context.store.save("user ada", said)
    visitor.goto(f"{address}?c={said.id}")
    log_in(visitor)
    expect(visitor.locator("#chat .question")).to_have_text("Which one at night?")
    expect(visitor).to_have_url(f"{address}comparisons/tea-vs-coffee/?c={said.id}")
