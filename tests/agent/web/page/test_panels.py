"""What stands beside the chat, in a real browser: the comparison, the weighed table, the trust.

Skipped where there is no Chromium, except in CI.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import answered, ask, in_a_browser, load_again, open_at, violations

pytestmark = in_a_browser


# the comparison


def test_the_whole_comparison_can_be_read_before_anything_is_asked(page: Page) -> None:
    expect(page.locator("#evidence .card:visible")).to_have_count(6)
    expect(page.locator("#p-2 dt")).to_have_text(["Tea", "Coffee"])
    expect(page.locator("#p-4 .verdict")).to_have_text("Coffee")


def test_an_answer_narrows_it_to_what_it_rests_on_its_use_case_first(page: Page) -> None:
    ask(page, "Which one at night?")
    expect(page.locator("#evidence .card:visible")).to_have_count(5)
    first, other = page.locator("#p-4").bounding_box(), page.locator("#p-2").bounding_box()
    assert first and other and first["y"] < other["y"]
    page.locator("#only-evidence").click()
    expect(page.locator("#evidence .card:visible")).to_have_count(6)
    expect(page.locator("#evidence .card.used")).to_have_count(5)


def test_a_citation_opens_at_the_cell_that_it_quotes(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#tab-matrix").click()
    page.locator("#chat .answer > p a.cite", has_text="[2]").first.click()
    expect(page.locator("#p-2")).to_be_focused()
    expect(page.locator("#p-2")).to_be_in_viewport()
    expect(page.locator("#p-2 mark")).to_have_text("More")
    expect(page.locator("#p-2-2 mark")).to_have_count(1)  # row Caffeine, column Coffee
    expect(page.locator("#p-4 mark")).to_have_text("Coffee keeps you up.")


def test_an_earlier_answer_s_citation_opens_with_its_own_marks(page: Page) -> None:
    ask(page, "Which one at night?")
    ask(page, "And in London?")
    expect(page.locator("#p-2")).to_be_hidden()
    page.locator("#chat .answer > p a.cite", has_text="[2]").first.click()
    expect(page.locator("#p-2")).to_be_focused()
    expect(page.locator("#p-2 mark")).to_have_text("More")


def test_an_address_leads_to_its_passage(page: Page, address: str) -> None:
    open_at(page, f"{address}?#p-6")
    expect(page.locator("#p-6")).to_be_focused()
    expect(page.locator("#p-6")).to_be_in_viewport()


def test_it_can_be_searched(page: Page) -> None:
    ask(page, "Which one at night?")
    search = page.locator("#search")
    search.fill("london tea")
    expect(page.locator("#evidence .card:visible")).to_have_count(1)
    expect(page.locator("#p-5")).to_be_visible()
    expect(page.locator("#evidence > .hint")).to_have_text("1 of 6 passages found")
    search.fill("milk")
    expect(page.locator("#evidence .card:visible")).to_have_count(0)
    expect(page.locator("#evidence > .hint")).to_have_text("0 of 6 passages found")
    search.fill("")
    expect(page.locator("#evidence .card:visible")).to_have_count(5)


def test_a_refusal_rests_on_nothing_and_says_so(page: Page) -> None:
    ask(page, "Which one in Paris?")
    expect(page.locator("#evidence > .hint")).to_have_text(
        "No passage of the comparison covers this question."
    )
    page.locator("#only-evidence").click()
    expect(page.locator("#evidence .card:visible")).to_have_count(6)


def test_a_question_that_gets_no_answer_leaves_the_whole_comparison_to_be_read(page: Page) -> None:
    ask(page, "long " * 1000)
    expect(page.locator("#chat .note")).to_have_text("The question has 5,000 characters.")
    expect(page.locator("#evidence .card:visible")).to_have_count(6)
    expect(page.locator("#evidence > .hint")).to_be_hidden()


# the table, weighed


def shares(page: Page) -> list[str]:
    return page.locator("#balance output").all_inner_texts()


def test_weights_and_leanings_are_weighed_together(page: Page) -> None:
    page.locator("#tab-matrix").click()
    assert shares(page) == ["40 %", "60 %"]  # (0.6 - 0.2) / 2
    slider = page.locator("#matrix .row").nth(1).locator("input")
    slider.fill("0")
    assert shares(page) == ["20 %", "80 %"]
    expect(page.locator("#reasons")).to_have_text("Most of that comes from Caffeine [2].")
    page.locator("#matrix .row select").first.select_option("Tea")
    assert shares(page) == ["100 %", "0 %"]
    expect(page.locator("#balance")).to_have_attribute(
        "aria-label", "Weighed together: Tea 100 %, Coffee 0 %"
    )
    page.locator("#reset-weights").click()
    expect(page.locator("#matrix .row output")).to_have_text(["2", "2"])


def test_a_slider_moves_by_keyboard(page: Page) -> None:
    page.locator("#tab-matrix").focus()
    page.keyboard.press("Enter")
    page.locator("#matrix .row input").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#matrix .row output").first).to_have_text("3")


def test_what_was_said_raises_a_row_and_says_so(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#tab-matrix").click()
    row = page.locator("#matrix .row").first
    expect(row.locator("output")).to_have_text("4")
    expect(row.locator(".because")).to_have_text("Raised because you wrote: “Which one at night?”")
    expect(page.locator("#weights-origin")).to_contain_text(
        "1 of 2 rows are raised by what you wrote"
    )
    assert shares(page) == ["33 %", "67 %"]  # (4 * 0.6 - 2 * 0.2) / 6


def test_what_a_person_set_is_not_overruled_by_the_next_answer(page: Page) -> None:
    ask(page, "Which one at night?")
    page.locator("#tab-matrix").click()
    slider = page.locator("#matrix .row input").first
    expect(slider).to_have_value("4")
    slider.fill("1")
    ask(page, "Which one by night?")
    expect(slider).to_have_value("1")
    page.locator("#weights-from-conversation").click()
    expect(slider).to_have_value("4")
    page.locator("#new-conversation").click()
    expect(slider).to_have_value("2")


def test_a_row_leads_to_its_passage(page: Page) -> None:
    page.locator("#tab-matrix").click()
    page.locator("#matrix .row a", has_text="[3]").click()
    expect(page.locator("#p-3")).to_be_focused()


# how far to trust it


def test_it_says_what_answers_and_how_often_it_is_right(page: Page) -> None:
    page.locator("#tab-trust").click()
    trust = page.locator("#trust")
    for said in ("97 %", "92 to 99 %", "2026-03-04", "a1b2c3d4e5f6", "Tea vs Coffee", "as of"):
        expect(trust).to_contain_text(said)
    expect(trust).to_contain_text("The advisor knows this comparison and nothing else")


# for everybody


def test_tabs_are_reached_by_arrow_keys(page: Page) -> None:
    page.locator("#tab-evidence").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-matrix")).to_be_focused()
    expect(page.locator("#matrix")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#trust")).to_be_visible()


@pytest.mark.parametrize("width", [1400, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["evidence", "matrix", "trust"])
def test_no_view_bars_anyone(page: Page, view: str, scheme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    load_again(page)
    ask(page, "Which one at night?")
    page.locator(f"#tab-{view}").click()
    answered(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
