"""What is no comparison, whatever it is, is one clear line."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.documents.reader import FORM, MAX_SIZE_BYTES, Format, parse_file, parse_text
from knowledge.errors import DocumentError
from tests.helpers.bikes import FRONT, HTML, MARKDOWN, TEXT


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (MARKDOWN, " \n", "it is empty."),
        (
            "# City Bike",
            FRONT + "both: city bike\n---\n# City Bike",
            'its labels, "City Bike", "Small Car", "city bike", are not different ones.',
        ),
        (
            "# City Bike",
            "---\noptions: [Tractor, Small Car]\n---\n# City Bike",
            'the option "Tractor" is not named in it.',
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
            "its front matter's options are no list of two to 6 names.",
        ),
        (
            "# City Bike",
            FRONT + "in_general: Tram\n---\n# City Bike",
            'its front matter\'s in_general, "Tram", is none of "City Bike", "Small Car", '
            '"It depends", "None of these".',
        ),
        (
            "# City Bike",
            FRONT + "verdicts:\n  Short commutes: Tram\n---\n# City Bike",
            'the verdict of "Short commutes", "Tram", is none of "City Bike", "Small Car", '
            '"It depends", "None of these".',
        ),
        (
            "# City Bike",
            FRONT + "verdicts: [a]\n---\n# City Bike",
            'its front matter\'s verdicts are no "use case: verdict" lines.',
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
    with pytest.raises(DocumentError) as caught:
        parse_file(path)
    line = str(caught.value)
    assert line.startswith(f"notes.md is not a comparison: {message}")
    assert line.endswith(FORM)
    assert "\n" not in line


CHANGELOG = """\
# Changelog

| Version | Date | Download |
| --- | --- | --- |
| 5.2 | 11.06.2032 | 18 MB |
| 5.1 | 02.03.2032 | 17 MB |

## 5.2

### Net vs gross

- The report no longer mixes up net vs gross weights.
- ✅ Labels print again. **Winner: Ines** is shown on all screens.

## 5.1

- Choose a beep when it is dark, choose a buzz when it is loud.
- The search for "ship vs store" crashed.
"""


@pytest.mark.parametrize(
    "text",
    [
        CHANGELOG,
        "# Notes\n\nSalt and pepper are on the table.\n",
        "# Options\n\n| Option | Default |\n|---|---|\n| cache | on |\n| log | off |\n",
    ],
)
def test_what_compares_nothing_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match="no two options were found") as caught:
        parse_text(text, "markdown")
    assert "\n" not in str(caught.value)


def test_seven_options_are_one_line() -> None:
    letters = " vs ".join(["Ash", "Beech", "Cedar", "Fir", "Larch", "Oak", "Pine"])
    with pytest.raises(DocumentError, match="7 options were found"):
        parse_text(f"# {letters}\n\n{letters}, all of {letters}.", "markdown")


@pytest.mark.parametrize("format", ["markdown", "html", "text"])
def test_prose_is_no_comparison_in_any_format(format: Format) -> None:
    with pytest.raises(
        DocumentError, match=r"^The text is not a comparison: no two options were found"
    ):
        parse_text("Dear diary, today it rained.", format)


def test_use_case_without_verdict_is_text_and_warned_of() -> None:
    without = MARKDOWN.replace("**City Bike**\n\n", "").replace("nothing parks", "nothing is")
    comparison = parse_text(without, "markdown")
    assert comparison.passage("analysis/short-commutes").verdict is None
    assert 'The use case "Short commutes" gives no verdict.' in comparison.warnings


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
    with pytest.raises(DocumentError) as caught:
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
        with pytest.raises(DocumentError) as caught:
            parse_file(tmp_path / name)
        assert str(caught.value) == message


FORMATS: st.SearchStrategy[Format] = st.sampled_from(["markdown", "html", "text", "rst", "csv"])
SAMPLES: list[tuple[str, Format]] = [(MARKDOWN, "markdown"), (HTML, "html"), (TEXT, "text")]


@given(st.text(), FORMATS)
@example("<![", "html")  # html.parser gives up on these two with an error of its own
@example("<!\x00", "html")
@example("a.html", "html")
@example("---\n" + "[" * 500 + "\n---\n", "markdown")
def test_any_text_is_a_comparison_or_unreadable(text: str, format: Format) -> None:
    try:
        parse_text(text, format)
    except DocumentError as error:
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
    except DocumentError as error:
        assert "\n" not in str(error)
        return
    numbers = [passage.number for passage in comparison.passages]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({passage.id for passage in comparison.passages}) == len(numbers)
    assert all(passage.text for passage in comparison.passages)
    verdicts = {passage.verdict for passage in comparison.of_kind("best-for")}
    assert verdicts <= set(comparison.labels)
