"""A conversation to take along says what was asked, answered and cited, and does nothing else."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from agent.answering.types import Answer, CitedText, Decision
from agent.conversations.conversation import Conversation, Turn
from agent.web.export import FORMS, exported
from agent.web.scorecard import Weighed
from tests.helpers.coffee import ADVICE, CAFFEINE, COMPARISON, HOSTILE, PRICE

SAID = Conversation("c", "Coffee *at* night", [Turn("Which one at night?", ADVICE, running=False)])
WEIGHED = Weighed(COMPARISON, ((CAFFEINE, 4, 0.6), (PRICE, 2, -1.0)))


def test_markdown_has_the_verdict_the_text_and_what_it_cites() -> None:
    text = exported(SAID, COMPARISON, "md")
    assert text.startswith("# Coffee \\*at\\* night\n\nAsked about *Tea vs Coffee*, as of 2026-03.")
    for part in (
        "\n## Which one at night?\n",
        "\n**Coffee** (confidence 93%)\n",
        "\nFor Long Nights, the document recommends Coffee [4]. It has more [2].\n",
        "\n*The case against:* Coffee: 20 cents [3].\n",
        "\n> [4] Long Nights: Coffee keeps you up.\n",
        "\n> [2] Caffeine: Coffee: More\n",
    ):
        assert part in text, part


def test_the_weighed_table_comes_along() -> None:
    text = exported(SAID, COMPARISON, "md", WEIGHED)
    assert "| Caffeine | 4 | Coffee |\n| Price | 2 | Tea |" in text
    assert "Weighed together: Tea 47%, Coffee 53%." in text
    assert "weighed" not in exported(SAID, COMPARISON, "md").lower()


def test_json_has_answers_as_the_command_line_prints_them() -> None:
    found = json.loads(exported(SAID, COMPARISON, "json", WEIGHED))
    assert found["comparison_sha256"] == COMPARISON.sha256
    assert Answer.from_json(found["turns"][0]["answer"], COMPARISON) == ADVICE
    assert found["weighed"] == WEIGHED.to_json()


def test_an_answer_of_an_earlier_edition_says_so() -> None:
    turns = [replace(SAID.turns[0], earlier="1" * 64), SAID.turns[0]]
    said = Conversation("c", "Night", turns)
    present = replace(COMPARISON, passages=COMPARISON.passages[:2])
    now = replace(ADVICE, decision=Decision("inform"), citations=(), against=CitedText())
    said.turns[1] = replace(SAID.turns[0], answer=replace(now, would_change=CitedText()))
    text = exported(said, present, "md")
    assert "\n> [4]: Coffee keeps you up.\n\n> [2] Caffeine: Coffee: More\n" in text
    assert text.count("*Given under an earlier edition of the comparison.*") == 1
    first, second = json.loads(exported(said, present, "json"))["turns"]
    assert first["comparison_sha256"] == "1" * 64
    assert Answer.from_json(first["answer"], COMPARISON) == ADVICE
    assert second["comparison_sha256"] == present.sha256


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))


def test_markup_from_anyone_stays_text() -> None:
    said = Conversation("c", HOSTILE, [Turn(HOSTILE, None, HOSTILE, running=False)])
    for page in (
        exported(said, COMPARISON, "html"),
        MarkdownIt("commonmark").render(exported(said, COMPARISON, "md")),  # HTML is allowed there
    ):
        elements = Elements(page).found
        assert not {"script", "img", "a", "iframe"} & {name for name, _ in elements}
        assert not [names for _, names in elements if any(n.startswith("on") for n in names)]
        assert "&lt;script&gt;window.ran=1&lt;/script&gt;" in page


@pytest.mark.parametrize("title", ["1. one", "- one", "[4]: http://evil.example", "---", "a | b"])
def test_a_title_is_no_markdown(title: str) -> None:
    text = exported(Conversation("c", title, [Turn(title, None, title, False)]), COMPARISON, "md")
    html = MarkdownIt("commonmark").render(text)
    assert html.startswith(f"<h1>{title}</h1>")
    assert f"<em>{title}</em>" in html


def test_html_is_a_page_of_its_own() -> None:
    page = exported(SAID, COMPARISON, "html", WEIGHED)
    assert page.startswith("<!doctype html>") and "@media print" in page
    assert "<title>Coffee *at* night</title>" in page
    assert "http" not in page
    assert set(FORMS) == {"md", "html", "json"}
