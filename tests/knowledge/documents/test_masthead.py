"""The title of a document is its own, not the name of one of its sections."""

import pytest

from knowledge.documents.reader import Format, parse_text

BODY = """
| Trait | Gas | Coal |
| --- | --- | --- |
| Heat | 900 | 1100 |

Gas is clean, and coal is hot. Gas hisses, coal smells.
"""


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("# Two forges\n\n# Figures\n", "Two forges"),
        ("# 14. Two forges\n\n## Figures\n", "14. Two forges"),
        ("- Feature Name: forges\n- Start Date: May\n\n# Summary\n\nHot.\n\n# Why\n", "forges"),
        ("# Summary\n\nHot.\n\n# Why\n", "Gas vs Coal"),
        ("# 1. Purpose\n\nHeat.\n\n# 2. Figures\n", "Gas vs Coal"),
        ("| To | Petr |\n|---|---|\n| Subject | Fire |\n\n# 1. Purpose\n\n# 2. Figures\n", "Fire"),
        ("Subject: Fire\n\n# Gas vs Coal for smiths\n", "Gas vs Coal for smiths"),
        ("# Two forges\n\nSubject: fire\n", "Two forges"),
        ("# Contents\n\n- Figures\n- Fire\n\n# Figures\n\n# Fire\n", "Figures"),
    ],
)  # fmt: skip
def test_a_section_is_no_title_where_a_title_or_subject_stands_before_it(
    above: str, title: str
) -> None:
    assert parse_text(f"{above}{BODY}", "markdown").title == title


POST = """\
From: petr@example.org (Petr Hart)
Newsgroups: rec.smithing
Subject: Smithing FAQ, part 2: gas or coal?
Date: 2 May 2003 10:00:00 GMT
Archive-name: smithing/part2

Two forges, a gas one and a coal one.

Who takes what

- Knives: gas
- Anchors: coal
"""


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_the_subject_of_a_mail_is_its_title_and_its_header_no_text(format: Format) -> None:
    comparison = parse_text(POST, format)
    assert comparison.title == "Smithing FAQ, part 2: gas or coal?"
    assert comparison.options == ("gas", "coal")
    assert "rec.smithing" not in repr(comparison.passages)
    assert "The header of a mail was left out." in comparison.warnings
