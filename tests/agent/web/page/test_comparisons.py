"""Several comparisons on one page's server, and one that a person adds there, in a real browser."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import agent.factory
from agent.settings import read_settings
from agent.web.app import build_app
from agent.web.context import open_context
from tests.helpers.browser import PHONE, answered, ask, in_a_browser, open_at, violations
from tests.helpers.coffee import serving
from tests.helpers.office import docx, paragraph, row
from tests.helpers.scripted_model import ScriptedModel

pytestmark = in_a_browser

PATIENCE_MS = 60_000  # a document is read by a process of its own, and indexed
HEAT = "heat-pump-vs-gas-boiler"
SHIPPED = "decentralized-ai-vs-open-source-ai"


@pytest.fixture(scope="module")
def data(indexes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(indexes, folder / "indexes")
    return folder


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent.factory, "open_model", lambda *_: ScriptedModel())
        settings = read_settings(comparison=HEAT, data_dir=data)
        with serving(build_app(open_context(settings))) as address:
            yield address


def test_a_comparison_is_chosen_and_has_a_page_of_its_own(page: Page, address: str) -> None:
    expect(page).to_have_url(re.compile(rf"/comparisons/{HEAT}/$"))
    ask(page, "Which one for an old house?")
    conversation = page.url.partition("?c=")[2]
    page.locator("#comparisons summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#comparisons [aria-current]")).to_have_text("Heat Pump vs Gas Boiler")
    assert violations(page) == []
    page.get_by_role("link", name="Decentralized AI vs Open Source AI").click()
    expect(page).to_have_url(re.compile(rf"/comparisons/{SHIPPED}/$"))
    expect(page.locator("h1")).to_have_text("Decentralized AI vs Open Source AI")
    expect(page.locator("#conversations .hint")).to_have_text("No conversations yet.")
    ask(page, "Which one for a startup?")
    expect(page.locator("#conversations li")).to_have_count(1)
    open_at(page, f"{address}?c={conversation}")  # a link from before there were several
    expect(page).to_have_url(re.compile(rf"/comparisons/{HEAT}/\?c={conversation}$"))
    expect(page.locator("#chat .question")).to_have_text("Which one for an old house?")


def test_a_link_asks_about_the_comparison_that_it_names(page: Page, address: str) -> None:
    open_at(page, f"{address}comparisons/{SHIPPED}/?q=Which+one+for+hospitals%3F")
    answered(page)
    expect(page.locator("#chat .question")).to_have_text("Which one for hospitals?")
    expect(page).to_have_url(re.compile(rf"/comparisons/{SHIPPED}/\?c=\w+$"))


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return docx(
        tmp_path / "floors.docx",
        paragraph("Cork vs Linoleum <img src=x onerror=window.ran=1>", "Title"),
        paragraph("Two floors for a kitchen."),
        row(["Trait", "Cork", "Linoleum"]) + row(["Price", "40 euros", "30 euros"]),
        paragraph("Best For", "Heading1"),
        paragraph("Cold feet", "Heading2"),
        paragraph("Cork"),
        paragraph("It is warm, because it holds air."),
        paragraph("Wet rooms", "Heading2"),
        paragraph("Linoleum"),
        paragraph("It is welded, so water stays above it."),
    )


def test_a_document_is_added_corrected_and_asked(page: Page, document: Path) -> None:
    page.locator("#add-comparison").click()
    dialog = page.get_by_role("dialog", name="Add a comparison")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Read it").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose a file, or paste the text of one.")
    dialog.get_by_label("A file").set_input_files(document)
    dialog.get_by_role("button", name="Read it").click()
    dialog = page.get_by_role("dialog", name="What was recognised")
    expect(dialog.get_by_label("Option 1")).to_have_value("Cork", timeout=PATIENCE_MS)
    expect(dialog.get_by_label("Cold feet")).to_have_value("Cork")
    expect(dialog).to_contain_text("told: ")
    assert violations(page) == []
    dialog.get_by_label("Title").fill("Cork vs Linoleum")
    dialog.get_by_label("Wet rooms").select_option("Both / Depends")
    dialog.get_by_role("button", name="Use it").click()
    expect(page).to_have_url(re.compile(r"/comparisons/cork-vs-linoleum/$"), timeout=PATIENCE_MS)
    page.locator("html[data-ready]").wait_for(state="attached")
    expect(page.locator("#panels .verdict")).to_have_text(["Cork", "Both / Depends"])
    ask(page, "What is warm?")
    assert page.evaluate("window.ran") is None


def test_what_is_no_comparison_is_said_and_a_second_one_asks(
    browser: Browser, address: str
) -> None:
    # not `watched`: the browser notes in its console that the document is refused
    page = browser.new_page(viewport=PHONE)
    open_at(page, address)
    page.locator("#add-comparison").click()
    dialog = page.locator("#adding")
    dialog.get_by_label("Or its text").fill("# Tea\n\nGood.")
    dialog.get_by_role("button", name="Read it").click()
    refused = "pasted.txt is not a comparison: "
    expect(dialog.get_by_role("alert")).to_contain_text(refused, timeout=PATIENCE_MS)
    text = "# Rug vs Tiles\n\n| Trait | Rug | Tiles |\n| --- | - | - |\n| Price | 4 | 3 |\n"
    dialog.get_by_label("Or its text").fill(text)
    dialog.get_by_role("button", name="Read it").click()
    dialog.get_by_role("button", name="Use it").click()
    expect(page).to_have_url(re.compile(r"/comparisons/rug-vs-tiles/$"), timeout=PATIENCE_MS)
    page.locator("html[data-ready]").wait_for(state="attached")
    page.locator("#add-comparison").click()
    dialog.get_by_label("Or its text").fill(text)
    dialog.get_by_role("button", name="Read it").click()
    dialog.get_by_role("button", name="Use it").click()
    there = "There is a comparison"
    expect(dialog.get_by_role("alert")).to_contain_text(there, timeout=PATIENCE_MS)
    width = page.evaluate("document.querySelector('#adding').scrollWidth")
    assert width <= page.evaluate("innerWidth")
    dialog.get_by_role("button", name="Replace it").click()
    expect(page).to_have_url(re.compile(r"/comparisons/rug-vs-tiles/$"), timeout=PATIENCE_MS)
    page.close()
