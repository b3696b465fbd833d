"""The tour of docs/using.md, with the seconds of each step: a colleague's DOCX to a cited answer.

    python -m tests.helpers.tour [PICTURE.png]

Starts `advisor serve` with the settings of the environment, and drives the real page in chromium:
the document is added, one verdict is corrected, and a question is asked. A data folder in which
nothing was served before takes longer to begin with.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urljoin

from playwright.sync_api import Page, expect, sync_playwright

from tests.helpers.browser import ARGUMENTS, CHROMIUM, DESKTOP, answered, open_at
from tests.helpers.office import docx, paragraph, row

PATIENCE_MS = 600_000
ADDED = re.compile(r"/comparisons/cork-linoleum-or-laminate/$")
QUESTION = "We rent out a flat to students for a year each. Which floor should go in?"


def colleague_s(folder: Path) -> Path:
    """A document as people write them: a title, a table, and what to take when."""
    rows = (
        ("", "Cork", "Linoleum", "Laminate"),
        ("Price per square metre", "45 euros", "32 euros", "14 euros"),
        ("Lasts", "15 years", "30 years", "10 years"),
        ("Underfoot", "warm and soft", "firm", "hard and loud"),
        ("Can be sanded", "once or twice", "no", "no"),
    )
    situations = (
        ("Situation", "Our choice"),
        ("Bare feet in the morning: cork holds air, so it is warm", "Cork"),
        ("A child plays on the floor and should fall softly", "Cork"),
        ("Dogs or prams cross the hall every day and would scratch it", "Linoleum"),
        ("A kitchen that is mopped with water every week", "Linoleum"),
        ("A flat that is let to changing tenants: one board is cheap to replace", "Laminate"),
    )
    parts = [
        paragraph("Cork, linoleum or laminate?", "Title"),
        paragraph("What we tell customers who renew a floor. Prices are of May 2026."),
        "".join(map(row, rows)),
        paragraph("What to take when", "Heading1"),
        "".join(map(row, situations)),
        paragraph("Conclusion", "Heading1"),
        paragraph("If in doubt, most people are happiest with linoleum."),
    ]
    return docx(folder / "floors for customers.docx", *parts)


@contextmanager
def step(name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:7.1f} s  {name}", flush=True)


@contextmanager
def served() -> Iterator[str]:
    """The address of `advisor serve`."""
    command = [sys.executable, "-m", "agent.cli", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert process.stdout
        yield process.stdout.readline().rpartition(" ")[2].strip()
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(page: Page) -> None:
    """Until the comparison of the page is loaded."""
    while not page.request.get(urljoin(page.url, "status")).json()["ready"]:
        time.sleep(0.2)


def main() -> None:
    expect.set_options(timeout=PATIENCE_MS)
    with ExitStack() as running:
        folder = running.enter_context(TemporaryDirectory())
        playwright = running.enter_context(sync_playwright())
        document = colleague_s(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=DESKTOP)
        page.set_default_timeout(PATIENCE_MS)
        with step("advisor serve, until it answers"):
            address = running.enter_context(served())
        with step("the page is there"):
            open_at(page, address)
        wait_until_ready(page)
        started = time.monotonic()
        with step("the document is read and shown"):
            page.locator("#add-comparison").click()
            page.get_by_label("A file").set_input_files(document)
            page.get_by_role("button", name="Read it").click()
            shown = page.get_by_role("dialog", name="What was recognised")
            expect(shown.get_by_role("button", name="Use it")).to_be_visible()
        with step("one verdict is corrected, and it is indexed"):
            case = shown.locator(".cases li", has_text="mopped with water").locator("select")
            case.select_option("Cork or Linoleum")
            with page.expect_navigation(url=ADDED):
                with page.expect_response("**/use") as used:
                    shown.get_by_role("button", name="Use it").click()
                if used.value.status == HTTPStatus.CONFLICT:  # an earlier tour has added it
                    page.get_by_role("button", name="Replace it").click()
            page.locator("html[data-ready]").wait_for(state="attached")
        with step("the model has read it"):
            wait_until_ready(page)
        with step("the question is answered, with citations"):
            page.locator("#box textarea").fill(QUESTION)
            page.locator("#send").click()
            answered(page)
        print(f"{time.monotonic() - started:7.1f} s  from the document to the answer")
        print(page.locator("#chat .answer").inner_text())
        assert page.locator("#chat .answer a.cite").count()
        if len(sys.argv) > 1:
            page.screenshot(path=sys.argv[1])


if __name__ == "__main__":
    main()
