"""Looks at the page as a user does, with the real model: pictures, and how long each step takes.

    make look                       the pictures of docs/, and the table that it prints
    python -m tests.helpers.look --out docs

It starts "advisor serve" on a free port with the user's own settings, but keeps conversations in a
folder of its own. Not covered: whether what is shown is right; that is what the tests are for.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, ViewportSize, expect, sync_playwright

from tests.helpers.browser import ARGUMENTS, CHROMIUM, DESKTOP, open_at, violations

PHONE: ViewportSize = {"width": 390, "height": 844}
CASE = (
    "Several hospitals want to train one diagnostic model together without sharing patient "
    "records. Which should we choose?"
)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a page of the real advisor."""
    environment = os.environ | {"ADVISOR_DATABASE_URL": f"sqlite:///{folder / 'conversations.db'}"}
    environment.pop("ADVISOR_USERS", None)
    command = [sys.executable, "-m", "agent.cli", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=environment)
    assert process.stdout
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the page was not served"
        yield f"{found[0]}/"
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Takes the pictures and prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, default=Path("docs"))
    out: Path = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        steps = flow(browser, address)
        pictures(browser, address, out)
        print(f"{'step':48} seconds")
        for name, seconds in steps:
            print(f"{name:48} {seconds:7.2f}")
        print()
        print(f"{'view':24} axe findings")
        for name, found in seen(browser, address):
            print(f"{name:24} {found}")
        browser.close()


def flow(browser: Browser, address: str) -> list[tuple[str, float]]:
    """A first visit, step by step, each with the seconds that it took."""
    page = browser.new_page(viewport=DESKTOP)
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    steps: list[tuple[str, float]] = []

    def timed(name: str, act: Callable[[], None]) -> None:
        started = time.perf_counter()
        act()
        steps.append((name, time.perf_counter() - started))

    timed("the page can be used", lambda: open_at(page, address))
    weight = sum(request.sizes()["responseBodySize"] for request in list(finished))
    page.locator("#box textarea").fill(CASE)

    def asked() -> None:
        page.locator("#send").click()
        page.locator("#chat .decision .label").wait_for()

    timed("question to verdict card and evidence", asked)
    timed(
        "then the first sentence", lambda: page.locator("#chat .answer > p a.cite").first.wait_for()
    )
    timed("then the whole answer", lambda: page.locator("#chat .tools").wait_for())

    def cited() -> None:
        page.locator("#chat .answer > p a.cite").first.click()
        page.locator("#evidence mark").first.wait_for()
        expect(page.locator("#evidence .card:focus")).to_be_in_viewport()

    timed("citation to its marked passage", cited)

    def suggestion() -> None:
        page.locator("#chat .suggestion").first.click()
        expect(page.locator("#chat .decision")).to_have_count(2)

    timed("follow-up chip to the next verdict card", suggestion)
    page.locator("#chat .tools").nth(1).wait_for()

    def reloaded() -> None:
        page.reload()
        page.locator("#chat .tools").nth(1).wait_for()

    timed("reload to the same conversation", reloaded)
    page.locator("#box textarea").fill(CASE)
    page.locator("#send").click()
    expect(page.locator("#chat .decision")).to_have_count(3)

    def stopped() -> None:
        page.locator("#stop").click()
        page.locator("#chat .tools").nth(2).wait_for()

    timed("stop to an answer that stands still", stopped)
    page.close()
    print(f"The page weighs {weight / 1e6:.2f} MB, all of it from this machine.\n")
    return steps


def pictures(browser: Browser, address: str, out: Path) -> None:
    """The desktop in light and dark, the weighed table, and a phone."""
    for name, size, view in (
        ("page-desktop", DESKTOP, "evidence"),
        ("page-dark", DESKTOP, "evidence"),
        ("page-matrix", DESKTOP, "matrix"),
        ("page-phone", PHONE, "evidence"),
    ):
        dark = name == "page-dark"
        context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")
        page = context.new_page()
        _ask(page, address)
        if size == DESKTOP:
            page.locator(f"#tab-{view}").click()
        page.wait_for_timeout(500)  # until nothing glides any more
        page.screenshot(path=out / f"{name}.png")
        context.close()


def seen(browser: Browser, address: str) -> Iterator[tuple[str, str]]:
    """What axe finds on each view."""
    for size, device in ((DESKTOP, "desktop"), (PHONE, "phone")):
        page = browser.new_page(viewport=size)
        open_at(page, address)
        yield f"{device}, first visit", _found(page)
        _ask(page, address)
        for view in ("evidence", "matrix", "trust"):
            page.locator(f"#tab-{view}").click()
            yield f"{device}, {view}", _found(page)
        page.close()


def _ask(page: Page, address: str) -> None:
    open_at(page, address)
    page.locator("#box textarea").fill(CASE)
    page.locator("#send").click()
    page.locator("#chat .tools").wait_for()


def _found(page: Page) -> str:
    return ", ".join(f"{rule} ({impact})" for rule, impact, _ in violations(page)) or "none"


if __name__ == "__main__":
    main()
