"""What the tests in a real browser share: where it is, a watched page, and what axe finds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

CHROMIUM = Path("/usr/bin/chromium")
SWITCHED_OFF = ("background-networking", "component-update", "sync", "gpu")
DESKTOP: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in SWITCHED_OFF)]

in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(  # a new user may have no chromium; in CI, which installs it, nothing skips
        not CHROMIUM.exists() and "CI" not in os.environ,
        reason=f"no browser at {CHROMIUM}: apt-get install chromium",
    ),
]


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds: its rule, how bad it is, and where in the page's HTML."""
    found = Axe().run(page).response["violations"]
    return [(v["id"], v["impact"], [node["html"] for node in v["nodes"]]) for v in found]


@contextmanager
def watched(page: Page, address: str) -> Iterator[Page]:
    """`page` at `address`; afterwards nothing has left this machine, and the console is clean."""
    wrong: list[str] = []
    there = urlsplit(address)
    local = (f"{there.scheme}://{there.netloc}/", "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(local) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    open_at(page, address)
    yield page
    assert not wrong, wrong


def open_at(page: Page, address: str) -> None:
    """Goes there and waits until the page can be used."""
    page.goto(address)
    page.locator("html[data-ready]").wait_for(state="attached")


def load_again(page: Page) -> None:
    """Reloads the page and waits until it can be used."""
    page.reload()
    page.locator("html[data-ready]").wait_for(state="attached")


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the answer is complete."""
    before = page.locator("#chat .tools").count()
    page.locator("#box textarea").fill(question)
    page.locator("#send").click()
    expect(page.locator("#chat .tools")).to_have_count(before + 1)
    answered(page)


def answered(page: Page) -> None:
    """Wait until nothing is being answered any more."""
    expect(page.locator("#chat .question").last).to_be_visible()
    expect(page.locator("#chat .running")).to_have_count(0)
    expect(page.locator("#send")).to_be_enabled()
