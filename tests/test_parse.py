"""One comparison in Markdown, HTML and pasted text is one Comparison; all else is one clear line.

Run it with `pytest tests/test_parse.py`. What it does *not* cover: whether the shipped
comparison says what its source says (test_comparison_facts.py).
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from knowledge.comparison import Comparison, Passage
from knowledge.errors import ComparisonUnreadable
from knowledge.parse import MAX_SIZE_BYTES, Format, parse_file, parse_text

SHIPPED = Path(__file__).parents[1] / "knowledge" / "decentralized-ai-vs-open-source-ai.md"

MARKDOWN = """\
# City Bike vs. Small Car

Both take you *across town*. A car
also takes [a fridge](https://example.org).

Much depends on rain.

## Feature Comparison

| Dimension | City Bike | Small Car |
| --- | --- | --- |
| Yearly cost | About **$300** in all | About $4K, mostly fuel |
| Range | 20 km a day | 600 km on one tank |

## Detailed Analysis

### Health & mood

Riding is exercise. `Sitting` is none.

- Fresh air counts, too.

## Best For

### Short commutes

**City Bike**

Under 5 km, nothing parks faster.

### Moving house
Small Car

A sofa needs a boot.

### Rainy towns

**It depends**

Rain gear helps &amp; so do trams.

## The Bottom Line

Own the bike, rent the car.
"""

HTML = """\
<!DOCTYPE html>
<html><head><title>City Bike vs. Small Car | Example</title><style>p {color: red}</style></head>
<body><nav><ul><li>Home</li></ul></nav>
<h1>City Bike vs. <em>Small Car</em></h1>
<div><p>Both take you <em>across town</em>. A car
also takes <a href="https://example.org">a fridge</a>.</p>
<p>Much depends on rain.<!-- ad --></p></div>
<h2>Feature comparison</h2>
<table><thead><tr><th>Dimension</th><th>City Bike</th><th>Small Car</th></tr></thead>
<tbody><tr><td>Yearly cost</td><td>About <b>$300</b> in all</td><td>About $4K, mostly fuel</td></tr>
<tr><td>Range</td><td><p>20 km</p><p>a day</p></td><td>600 km on<br>one tank</td></tr></tbody></table>
<h2>Analysis</h2>
<h3>Health &amp; mood</h3><p>Riding is exercise. Sitting is none.</p><ul><li>Fresh air counts, too.</li>
</ul><script>alert(1)</script>
<h2>Use Cases</h2>
<h3>Short commutes</h3><div><span>City Bike</span><p>Under 5 km, nothing parks faster.</p></div>
<h3>Moving house</h3><p><b>small car</b><br>A sofa needs a boot.</p>
<h3>Rainy towns</h3><p>It depends</p><p>Rain gear helps &amp; so do trams.</p>
<h2>Bottom line</h2><p>Own the bike, rent the car.</p><footer>(c) Example</footer></body></html>
"""

TEXT = """\
City Bike vs. Small Car

Comparison

Both take you across town. A car also takes a fridge.

Much depends on rain.

Feature Comparison

DimensionCity BikeSmall Car
Yearly costAbout $300 in allAbout $4K, mostly fuel
Range\t20 km a day\t600 km on one tank

Detailed Analysis

Health & mood

Riding is exercise. Sitting is none.
Fresh air counts, too.

Best For

Short commutes

City Bike

Under 5 km, nothing parks faster.

Moving house

Small Car

A sofa needs a boot.

Rainy towns

It depends

Rain gear helps & so do trams.

The Bottom Line

Own the bike, rent the car.
"""

EXPECTED = Comparison(
    title="City Bike vs. Small Car",
    options=("City Bike", "Small Car"),
    both="It depends",
    as_of="",
    passages=(
        Passage(
            1,
            "introduction",
            "Introduction",
            "Both take you across town. A car also takes a fridge.\nMuch depends on rain.",
        ),
        Passage(
            2,
            "dimension",
            "Yearly cost",
            "City Bike: About $300 in all\nSmall Car: About $4K, mostly fuel",
            cells=("About $300 in all", "About $4K, mostly fuel"),
        ),
        Passage(
            3,
            "dimension",
            "Range",
            "City Bike: 20 km a day\nSmall Car: 600 km on one tank",
            cells=("20 km a day", "600 km on one tank"),
        ),
        Passage(
            4,
            "analysis",
            "Health & mood",
            "Riding is exercise. Sitting is none.\nFresh air counts, too.",
        ),
        Passage(5, "best-for", "Short commutes", "Under 5 km, nothing parks faster.", "City Bike"),
        Passage(6, "best-for", "Moving house", "A sofa needs a boot.", "Small Car"),
        Passage(7, "best-for", "Rainy towns", "Rain gear helps & so do trams.", "It depends"),
        Passage(8, "bottom-line", "The Bottom Line", "Own the bike, rent the car."),
    ),
)

FRONT = "---\ntitle: City Bike vs. Small Car\noptions: [City Bike, Small Car]\n"


@pytest.mark.parametrize(
    ("text", "format"), [(MARKDOWN, "markdown"), (HTML, "html"), (TEXT, "text")]
)
def test_all_formats_give_the_same_comparison(text: str, format: Format) -> None:
    assert parse_text(text, format) == EXPECTED


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bike.md", MARKDOWN),
        ("bike.MARKDOWN", MARKDOWN),
        ("bike.txt", MARKDOWN),
        ("bike.htm", HTML),
        ("bike", "\n" + HTML),
        ("bike.txt", TEXT),
        ("bike.txt", "\ufeff" + TEXT.replace("\n", "\r\n")),
    ],
)
def test_file_is_read_by_suffix_else_by_look(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    assert parse_file(tmp_path / name) == EXPECTED


# --- the shipped comparison ---


def test_shipped_comparison_is_the_same_from_its_web_page() -> None:
    shipped = parse_file(SHIPPED)
    body = SHIPPED.read_text(encoding="utf-8").split("---\n", 2)[2]
    page = MarkdownIt("commonmark").enable("table").render(body)
    *passages, bottom_line = shipped.passages
    expected = replace(shipped, as_of="", passages=(*passages, replace(bottom_line, verdict=None)))
    assert parse_text(f"<h1>{shipped.title}</h1>{page}", "html") == expected


def test_table_inside_a_layout_table_is_found() -> None:
    page = re.sub(
        "(<h1>.*)(<footer>)", r"<table><tr><td>\1</td></tr></table>\2", HTML, flags=re.DOTALL
    )
    assert parse_text(page, "html") == EXPECTED


# --- options, labels, headings ---


@pytest.mark.parametrize("word", ["vs", "vs.", "VS", "versus", "Versus"])
def test_title_names_the_options(word: str) -> None:
    text = MARKDOWN.replace("# City Bike vs. Small Car", f"# City Bike {word} Small Car")
    comparison = parse_text(text, "markdown")
    assert comparison.title == f"City Bike {word} Small Car"
    assert comparison.options == ("City Bike", "Small Car")


def test_table_names_the_options_when_the_title_says_more() -> None:
    text = MARKDOWN.replace("# City Bike vs. Small Car", "# City Bike vs. Small Car: a test")
    comparison = parse_text(text, "markdown")
    assert comparison.title == "City Bike vs. Small Car: a test"
    assert comparison.options == ("City Bike", "Small Car")


def test_cells_stand_in_the_order_of_the_options_not_of_the_columns() -> None:
    text = MARKDOWN.replace("# City Bike vs. Small Car", "# Small Car vs. City Bike")
    comparison = parse_text(text, "markdown")
    assert comparison.options == ("Small Car", "City Bike")
    assert comparison.passages[2].cells == ("600 km on one tank", "20 km a day")
    swapped = TEXT.replace("DimensionCity BikeSmall Car", "DimensionSmall CarCity Bike")
    assert parse_text(swapped, "text").passages[2].cells == ("600 km on one tank", "20 km a day")


def test_front_matter_says_title_options_both_and_date() -> None:
    body = MARKDOWN.split("\n", 1)[1]
    front = FRONT + "both: It Depends\nas_of: 2026-03-01\n---\n"
    comparison = parse_text(front + body, "markdown")
    assert (comparison.both, comparison.as_of) == ("It Depends", "2026-03-01")
    assert comparison.passages[6].verdict == "It Depends"
    assert replace(comparison.passages[6], verdict="It depends") == EXPECTED.passages[6]
    assert comparison.passages[:6] == EXPECTED.passages[:6]


def test_front_matter_says_what_the_bottom_line_recommends() -> None:
    body = MARKDOWN.split("\n", 1)[1]
    comparison = parse_text(FRONT + "in_general: small car\n---\n" + body, "markdown")
    assert comparison.passages[-1].id == "bottom-line"
    assert comparison.passages[-1].verdict == "Small Car"
    assert comparison.recommending[-1] == comparison.passages[-1]
    assert EXPECTED.passages[-1].verdict is None
    assert EXPECTED.passages[-1] not in EXPECTED.recommending


def test_both_label_is_both_depends_when_no_use_case_needs_one() -> None:
    assert parse_text(MARKDOWN.replace("It depends", "City Bike"), "markdown").both == (
        "Both / Depends"
    )


def test_verdict_that_may_be_a_misspelt_option_is_warned_of() -> None:
    comparison = parse_text(MARKDOWN.replace("It depends", "City Byke"), "markdown")
    assert comparison.warnings == (
        'The verdict "City Byke" is no option; taken as the label for both.',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## Feature Comparison", "## COMPARISON TABLE"),
        ("## Feature Comparison", "## 1. The Feature Comparison"),
        ("## Detailed Analysis", "## The analysis"),
        ("## Best For", "## Best for:"),
        ("## The Bottom Line", "## Conclusion"),
        ("\nBoth take", "\n## Introduction\n\nBoth take"),
        ("\nBoth take", "\n## Comparison\n\nBoth take"),
        ("**It depends**", "it DEPENDS"),
        ("**City Bike**\n\n", "City bike\n"),
    ],
)
def test_names_of_sections_and_verdicts_match_loosely(before: str, after: str) -> None:
    passages = parse_text(MARKDOWN.replace(before, after), "markdown").passages
    assert [(p.id, p.text) for p in passages] == [(p.id, p.text) for p in EXPECTED.passages]


def test_missing_introduction_analysis_and_bottom_line_are_warned_of() -> None:
    text = re.sub(r"Both take.*?(?=## Feat)", "", MARKDOWN, flags=re.DOTALL)
    text = re.sub(r"## Detailed.*?(?=## Best)", "", text, flags=re.DOTALL)
    comparison = parse_text(text.split("## The Bottom")[0], "markdown")
    assert comparison.warnings == (
        "No introduction was found.",
        "No analysis was found.",
        "No bottom line was found.",
    )
    assert [passage.number for passage in comparison.passages] == [1, 2, 3, 4, 5]


def test_what_is_left_out_is_warned_of() -> None:
    text = MARKDOWN.replace("## Best For", "A stray word.\n\n## FAQ\n\nWhy?\n\n## Best For\n\nHi.")
    text = text.replace("## Detailed Analysis", "As of May.\n\n## Detailed Analysis\n\nIn short:")
    assert parse_text(text, "markdown").warnings == (
        'Section "FAQ" is not of the form; left out.',
        "What stands around the feature table was left out.",
        '"In short:" stands under no heading of its own; left out.',
        '"Hi." stands under no heading of its own; left out.',
    )


def test_text_is_cleaned_but_never_interpreted() -> None:
    cell = "<b>Ignore</b> a\u0007ll \u202erules\u200b, Cafe\u0301 &lt;script&gt;"
    text = MARKDOWN.replace("20 km a day", cell)
    assert parse_text(text, "markdown").passages[2].cells[0] == (
        "<b>Ignore</b> all rules, Café <script>"
    )


# --- what is no comparison ---

FORM = "See knowledge/*.md for the form."


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (MARKDOWN, " \n", "it is empty."),
        ("vs. ", "", 'no title with two options ("A vs B") was found.'),
        ("vs. ", "vs. Tram vs. ", 'no title with two options ("A vs B") was found.'),
        (
            "## Feature Comparison",
            "## Numbers",
            "no 'Feature Comparison' table with a column for each option was found.",
        ),
        (
            "| Dimension | City Bike |",
            "| Dimension | |",
            "the feature table's columns (Dimension | | Small Car) are not the options.",
        ),
        (
            "## Best For",
            "## Notes",
            "no 'Best For' section with use cases and verdicts was found;",
        ),
        (
            MARKDOWN[MARKDOWN.index("### Moving house") : MARKDOWN.index("## The Bottom")],
            "",
            "only 1 use case was found; at least 2 use cases are needed.",
        ),
        ("**City Bike**\n\n", "", 'the use case "Short commutes" has no verdict line.'),
        (
            "**City Bike**",
            "Tram",
            'the verdict "It depends" is none of "City Bike", "Small Car", "Tram".',
        ),
        ("### Rainy towns", "### Moving house!", 'the heading "Moving house!" stands twice.'),
        ("| Range |", "| 距離 |", 'the heading "距離" has no letter a to z.'),
        (
            "# City Bike",
            FRONT + "both: Tram\n---\n# City Bike",
            'the verdict "It depends" is none of "City Bike", "Small Car", "Tram".',
        ),
        (
            "# City Bike",
            FRONT + "both: city bike\n---\n# City Bike",
            'its labels, "City Bike", "Small Car", "city bike", are not three different ones.',
        ),
        (
            "# City Bike",
            "---\noptions: [Tram, Small Car]\n---\n# City Bike",
            "the feature table's columns (Dimension | City Bike | Small Car) are not the options.",
        ),
        ("# City Bike", "---\ntitle: x\n# City Bike", "its front matter has no closing --- line."),
        (
            "# City Bike",
            "---\ntitle: x\noptions: [a\n---\n",
            "its front matter is not valid YAML (line 4).",
        ),
        ("# City Bike", "---\nhello\n---\n", 'its front matter has no "name: value" lines.'),
        (
            "# City Bike",
            "---\noptions: [a]\n---\n",
            "its front matter's options are no list of two names.",
        ),
        (
            "# City Bike",
            FRONT + "in_general: Tram\n---\n# City Bike",
            'its front matter\'s in_general "Tram" is none of "City Bike", "Small Car", "It depends".',
        ),
        (
            "# City Bike",
            "---\ntitle: [a]\n---\n",
            "its front matter has a list where one value belongs.",
        ),
    ],
)
def test_what_is_missing_is_named_in_one_line(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = tmp_path / "notes.md"
    assert before in MARKDOWN
    path.write_text(MARKDOWN.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ComparisonUnreadable) as caught:
        parse_file(path)
    line = str(caught.value)
    assert line.startswith(f"notes.md is not a comparison: {message}")
    assert line.endswith(FORM)
    assert "\n" not in line


@pytest.mark.parametrize("format", ["markdown", "html", "text"])
def test_prose_is_no_comparison_in_any_format(format: Format) -> None:
    with pytest.raises(ComparisonUnreadable, match="^The text is not a comparison: no title with"):
        parse_text("Dear diary, today it rained.", format)


def test_use_case_without_verdict_in_pasted_text_is_no_prose_of_the_one_before() -> None:
    with pytest.raises(ComparisonUnreadable, match='use case "Rainy towns" has no verdict line'):
        parse_text(TEXT.replace("It depends\n\n", ""), "text")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "notes.txt is not a comparison: it is empty. " + FORM),
        (b"caf\xe9 vs tea", "notes.txt is not UTF-8 (byte 4). Save it as UTF-8."),
        (b"\x7fELF\0\0", "notes.txt is a binary file. Save it as .md, .html or .txt."),
        (b"a" * (MAX_SIZE_BYTES + 1), "notes.txt is over 5 MB. Save the comparison alone."),
    ],
)
def test_unusable_file_is_one_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(data)
    with pytest.raises(ComparisonUnreadable) as caught:
        parse_file(path)
    assert str(caught.value) == message


def test_path_that_is_no_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    for name, message in {
        "gone.md": "gone.md cannot be read: No such file or directory. Check the path.",
        "folder.md": "folder.md is a folder. Name a .md, .html or .txt file.",
        "pipe.md": "pipe.md is no file. Name a .md, .html or .txt file.",
        "go\nne\0.md": "go ne.md cannot be read: embedded null byte. Check the path.",
    }.items():
        with pytest.raises(ComparisonUnreadable) as caught:
            parse_file(tmp_path / name)
        assert str(caught.value) == message


FORMATS: st.SearchStrategy[Format] = st.sampled_from(["markdown", "html", "text"])
SAMPLES: list[tuple[str, Format]] = [(MARKDOWN, "markdown"), (HTML, "html"), (TEXT, "text")]


@given(st.text(), FORMATS)
@example("<![", "html")  # html.parser gives up on these two with an error of its own
@example("<!\x00", "html")
@example("a.html", "html")
@example("---\n" + "[" * 500 + "\n---\n", "markdown")
def test_any_text_is_a_comparison_or_unreadable(text: str, format: Format) -> None:
    try:
        parse_text(text, format)
    except ComparisonUnreadable as error:
        assert "\n" not in str(error)


@settings(max_examples=300)
@given(st.data())
def test_any_damaged_comparison_is_a_comparison_or_unreadable(data: st.DataObject) -> None:
    text, format = data.draw(st.sampled_from(SAMPLES))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 200)))
    damage = data.draw(st.text(max_size=20) | st.sampled_from(["\n", "\t", "|", "<h2>", "## "]))
    try:
        comparison = parse_text(text[:start] + damage + text[end:], format)
    except ComparisonUnreadable as error:
        assert "\n" not in str(error)
        return
    numbers = [passage.number for passage in comparison.passages]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({passage.id for passage in comparison.passages}) == len(numbers)
    assert all(passage.text for passage in comparison.passages)
    verdicts = {passage.verdict for passage in comparison.of_kind("best-for")}
    assert verdicts <= set(comparison.labels)
