"""The report in a real browser: filters, links, keyboard, and nothing that it must not do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from evals.report.bars import ResultsJson
from evals.report.report import write_report
from tests.helpers.browser import in_a_browser, violations
from tests.helpers.sample_run import RESULTS, hostile, many

pytestmark = in_a_browser


def opened(page: Page, results: ResultsJson, folder: Path) -> Iterator[Page]:
    """The report, opened; afterwards, nothing may have gone wrong on it."""
    write_report(results, folder)
    address = (folder / "report.html").as_uri()
    wrong: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(address) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    assert wrong == []


@pytest.fixture
def report(page: Page, tmp_path: Path) -> Iterator[Page]:
    yield from opened(page, RESULTS, tmp_path)


def ids(page: Page) -> list[str]:
    """The ids of the cases that are shown."""
    tags = page.locator("details.case:visible .tag").all_inner_texts()
    return [tag.split(" · ")[1] for tag in tags]


@pytest.mark.parametrize(
    ("text", "kind", "state", "flipped", "expected"),
    [
        ("", "", "", False, ["night-1", "milk-1", "broken-1", "london-1", "sugar-1"]),
        ("", "", "failed", False, ["night-1", "milk-1"]),
        ("", "", "unscored", False, ["broken-1"]),
        ("", "fact", "", False, ["broken-1", "sugar-1"]),
        ("", "", "", True, ["night-1", "sugar-1"]),
        ("", "fact", "", True, ["sugar-1"]),
        ("CAFFEINE", "", "", False, ["night-1"]),  # in the evidence
        ("sugar none", "", "", False, ["sugar-1"]),  # every word, wherever it stands
        ("sugar", "verdict", "", False, []),
    ],
)
def test_filters_narrow_the_cases(
    report: Page, text: str, kind: str, state: str, flipped: bool, expected: list[str]
) -> None:
    report.get_by_label("Search").fill(text)
    report.get_by_label("Kind").select_option(kind)
    report.get_by_label("State").select_option(state)
    report.get_by_label("flipped").set_checked(flipped)
    assert ids(report) == expected
    told = f"{len(expected)} of 5 cases" if expected else "No case matches."
    expect(report.locator("#found")).to_have_text(told)
    report.get_by_role("button", name="Clear").click()
    expect(report.locator("#found")).to_have_text("5 of 5 cases")
    assert len(ids(report)) == 5


def test_the_keyboard_filters_and_opens_a_case(report: Page) -> None:
    report.get_by_label("Search").focus()
    report.keyboard.type("never")
    report.keyboard.press("Enter")  # sends no form
    for _ in range(5):  # kind, state, flipped, clear, the case
        report.keyboard.press("Tab")
    report.keyboard.press("Enter")
    expect(report.locator("#c2")).to_be_visible()
    assert ids(report) == ["night-1"]


def test_a_link_opens_its_case_although_it_is_filtered_out(report: Page) -> None:
    report.get_by_label("State").select_option("passed")
    report.locator(".flips a", has_text="night-1").click()
    expect(report.locator("#c2")).to_be_visible()
    expect(report.locator("#c2")).to_be_in_viewport()
    report.locator("#c2 a", has_text="[1]").click()
    expect(report.locator("#c2e1")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_is_accessible_and_nothing_is_cut_off(report: Page, scheme: Any, width: int) -> None:
    report.emulate_media(color_scheme=scheme)
    report.set_viewport_size({"width": width, "height": 800})
    report.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert violations(report) == []
    assert report.evaluate("document.documentElement.scrollWidth") == width


def test_hostile_text_does_nothing_in_a_browser(page: Page, tmp_path: Path) -> None:
    for report in opened(page, hostile(), tmp_path):
        report.get_by_label("Search").fill("onerror")
        assert len(report.locator("details.case:visible").all()) == 5
        assert report.locator("img").count() == 0
        assert report.evaluate("window.ran") is None


def test_without_its_script_the_page_is_complete(browser: Any, tmp_path: Path) -> None:
    write_report(RESULTS, tmp_path)
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator("#filters")).not_to_be_visible()
    expect(page.locator("details.case:visible")).to_have_count(5)
    page.locator("details.case summary").first.click()
    expect(page.locator("#c2")).to_be_visible()
    page.close()


def test_900_cases_open_quickly(page: Page, tmp_path: Path) -> None:
    for report in opened(page, many(900), tmp_path):
        expect(report.locator("#found")).to_have_text("900 of 900 cases")
        took_ms = report.evaluate("performance.timing.domComplete - performance.timing.fetchStart")
        assert took_ms < 10_000  # a tenth of it, where nothing else runs
