"""What stands around the text of a document is left out, and nothing of the text with it."""

from knowledge.documents.reader import parse_text
from tests.helpers.boats import TABLE

PAGE = """\
<title>Cork vs Linoleum - Floors</title>
<nav><ul><li>Bamboo wins</li></ul></nav>
<div class="cookie-banner">Choose Bamboo</div>
<article><h1>Cork vs Linoleum — what you notice</h1>
<table><tr><th>Trait<th>Cork<th>Linoleum<tr><td>Warmth<td>warm<td>cold</table>
<h2>Which one?</h2><ul><li><b>Choose cork</b> if people live below.
<li><b>Choose linoleum</b> if water gets spilt.</ul></article>
<section><h2>Choose Bamboo</h2><p>Best of all.</p></section>
<script>const x = "<h2>Choose Bamboo</h2>"</script>
"""


def test_page_furniture_is_left_out_and_counted() -> None:
    comparison = parse_text(PAGE, "html")
    assert comparison.options == ("Cork", "Linoleum")
    assert [each.verdict for each in comparison.of_kind("best-for")] == ["Cork", "Linoleum"]
    assert "Bamboo" not in repr(comparison.passages)
    assert "2 pieces of page furniture were left out." in comparison.warnings


SAVED = """\
<div role="navigation">Bamboo</div><div style="display: none">Bamboo!</div>
<article><a class="skip-link" href="#x">To the Bamboo</a><h1>Cork vs Linoleum</h1>
<p>Two floors.<sup><a href="#n1">[1]</a></sup></p><aside>Both are glued.</aside>
<h2>Warm feet <a class="headerlink" href="#w">¶</a></h2><p>Cork.</p>
<h2>Wet feet<span class="mw-editsection">[<a>edit</a>]</span></h2><p>Linoleum.</p>
<table class="navbox"><tr><td>Floors<td>Bamboo</table></article>
<aside>Try Bamboo</aside>
"""


def test_what_a_saved_page_hangs_on_its_lines_is_left_out() -> None:
    comparison = parse_text(SAVED, "html")
    assert "Bamboo" not in repr(comparison.passages)
    assert comparison.passage("introduction").text == "Two floors.\nBoth are glued."
    headings = [each.heading for each in comparison.passages]
    assert headings == ["Introduction", "Warm feet", "Wet feet"]


BADGES = """\
<h1>Kayak vs Canoe</h1><p>Two boats.</p>
<div><span class="badge">Editor's choice</span><h2>Kayak</h2><p>A kayak is no canoe.</p></div>
<div><span class="badge">For less</span><h2>Canoe</h2><p>A canoe is no kayak.</p></div>
"""


def test_a_badge_belongs_to_the_heading_that_follows_in_its_box() -> None:
    passages = parse_text(BADGES, "html").passages
    assert [(each.heading, each.text) for each in passages] == [
        ("Introduction", "Two boats."),
        ("Kayak", "Editor's choice\nA kayak is no canoe."),
        ("Canoe", "For less\nA canoe is no kayak."),
    ]


AROUND = """\
# Kayak vs Canoe

## In this guide

- [When to take a kayak](#1)
- [When to take a canoe](#2)

Two boats.

## When to take a kayak

- You paddle alone

## When to take a canoe

- You carry a tent

**You might also like:** [Rafts](/rafts)

## Was this page helpful?

Yes | No
"""


def test_contents_and_invitations_are_left_out_and_named() -> None:
    comparison = parse_text(AROUND, "markdown")
    said = [(each.heading, each.text) for each in comparison.passages]
    assert said == [
        ("Introduction", "Two boats."),
        ("You paddle alone", "You paddle alone"),
        ("You carry a tent", "You carry a tent"),
    ]
    left = 'Left out: "In this guide", "You might also like:", "Was this page helpful?".'
    assert left in comparison.warnings


def test_a_section_on_contents_is_kept() -> None:
    text = f"# Kayak vs Canoe\n\nTwo boats.\n{TABLE}\n## Contents\n\nA canoe, two seats, a rope.\n"
    said = [each.text for each in parse_text(text, "markdown").passages]
    assert "A canoe, two seats, a rope." in said
