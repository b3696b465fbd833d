"""The page while the comparison is read: it says so, takes questions, and answers them then."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from agent.advisor import Advisor
from agent.progress import Progress
from agent.web.app import build_app
from agent.web.loading import LoadingAdvisor
from tests.helpers.browser import answered, in_a_browser, violations
from tests.helpers.coffee import ADVICE, COMPARISON, FakeAdvisor, serving, web_context

pytestmark = in_a_browser

SOON_S = 30.0


@dataclass
class Reading:
    """A preparation that has read 12 of 31 texts, until it is let go on."""

    go_on: threading.Event = field(default_factory=threading.Event)
    read: threading.Event = field(default_factory=threading.Event)

    def __call__(self, bar: Progress) -> Advisor:
        with bar("Reading") as report:
            report(12, 31)
            assert self.go_on.wait(SOON_S)
        return cast(Advisor, FakeAdvisor())

    def leanings(self) -> tuple[float, ...]:
        return (0.6, -0.2) if self.read.is_set() else ()


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Reading()


@pytest.fixture(scope="module")
def address(reading: Reading, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = web_context(tmp_path_factory.mktemp("kept"))
    opening = LoadingAdvisor(COMPARISON, reading, lambda advisor: reading.read.set())
    panels = replace(made.panels, leanings=reading.leanings)
    with serving(build_app(replace(made, advisor=opening, panels=panels))) as address:
        yield address


def test_the_page_is_there_while_passages_are_read_and_says_so(
    page: Page, reading: Reading, tmp_path: Path
) -> None:
    said = "Reading: 12 of 31, about 1 s left. You can ask now; the answer comes after that."
    expect(page.locator("#status")).to_have_text(said)
    assert violations(page) == []
    page.locator("#tab-matrix").click()
    expect(page.locator("#matrix")).to_contain_text("Choose the option that each row speaks for.")
    page.locator("#box textarea").fill("Which one at night?")
    page.locator("#send").click()
    expect(page.locator("#chat .note.running")).to_contain_text("Reading: 12 of 31")
    reading.go_on.set()
    answered(page)
    expect(page.locator("#chat .answer")).to_contain_text(ADVICE.text[:30])
    expect(page.locator("#status")).to_have_count(0)
    page.locator("#tab-evidence").click()
    page.locator("#tab-matrix").click()
    expect(page.locator("#matrix")).to_contain_text("as the model reads it")
    expect(page.locator("#matrix output").first).to_be_visible()
