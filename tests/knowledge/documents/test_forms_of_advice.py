"""Advice is read in the forms that leaflets, bulletins and guides give it in."""

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import Format, read_text

TABLE = "\n| Trait | Reed | Slate | Turf |\n|---|---|---|---|\n| Years | 30 | 90 | 40 |\n"
HEAD = f"# Reed, slate or turf?\n\nThree roofs for a shed: reed, slate, and turf.\n{TABLE}\n"
REED, SLATE, TURF = "Reed", "Slate", "Turf"
Case = tuple[str, str | None]


def compared(body: str, head: str = HEAD, format: Format = "markdown") -> Comparison:
    return read_text(head + body, format).comparison


def cases(body: str) -> list[Case]:
    """The use cases with their verdicts."""
    return [(each.heading, each.verdict) for each in compared(body).of_kind("best-for")]


def in_general(body: str) -> str | None:
    return next((each.verdict for each in compared(body).of_kind("bottom-line")), None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Choose slate if", [("your rafters are oak", SLATE), ("you hate ladders", SLATE)]),
        ("It is heavy. Go for slate when", [("your rafters are oak", SLATE),
                                            ("you hate ladders", SLATE)]),
        ("Nobody knows when", []),
        ("Choose slate in spring, if at all", []),
    ],
)  # fmt: skip
def test_a_line_that_goes_on_in_its_bullets_needs_no_colon(line: str, expected: list[Case]) -> None:
    body = f"## Slate\n\nIt is grey.\n\n{line}\n\n- your rafters are oak\n- you hate ladders\n"
    assert cases(f"{body}\n## Reed\n\nIt is brown.\n") == expected


def test_a_column_of_advice_is_verdicts() -> None:
    table = (
        "| Your shed | Advice |\n|---|---|\n| By the sea | Slate |\n| In a wood | Reed |\n"
        "| On a cliff | Ask the parish first |\n| Over a cellar | Turf or slate, well nailed |\n"
    )
    assert cases(f"## At a glance\n\n{table}") == [
        ("By the sea", SLATE),
        ("In a wood", REED),
        ("Over a cellar", "Slate or Turf"),
    ]
