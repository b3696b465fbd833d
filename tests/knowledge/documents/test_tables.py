"""Tables are read by what their columns and rows hold.

The documents are small and made up; each shows one form.
"""

import pytest

from knowledge.comparison import Passage
from knowledge.documents.reader import parse_text


def rows(table: str) -> list[Passage]:
    """The rows of a Markdown table that compares two stoves."""
    text = f"# Gas vs Wood\n\nTwo stoves.\n\n{table}"
    return [*parse_text(text, "markdown").of_kind("dimension")]


@pytest.mark.parametrize(
    ("header", "first", "second", "names", "extra"),
    [
        ("Trait | Weight", "Heat | 70 %", "Smell | 30 %", ("Heat", "Smell"), "Weight: 70 %"),
        ("Weight | Trait", "0.7 | Heat", "0.3 | Smell", ("Heat", "Smell"), "Weight: 0.7"),
        ("Trait | Unit", "Output | kW", "Bulk | kg", ("Output", "Bulk"), "Unit: kW"),
        ("Trait | Priority", "Heat | must", "Smell | may", ("Heat", "Smell"), "Priority: must"),
        ("Trait | Urgency", "Heat | high", "Smell | high", ("Heat", "Smell"), "Urgency: high"),
        ("Trait | Stars", "Heat | ***", "Smell | **", ("Heat", "Smell"), "Stars: ***"),
        ("Group | Trait", "Use | Heat", "Use | Smell", ("Heat", "Smell"), "Group: Use"),
    ],
)
def test_what_stands_beside_the_name_of_a_row_is_not_its_name(
    header: str, first: str, second: str, names: tuple[str, str], extra: str
) -> None:
    table = f"| {header} | Gas | Wood |\n|{'---|' * 4}\n| {first} | 4 | 5 |\n| {second} | 2 | 1 |\n"
    found = rows(table)
    assert tuple(each.heading for each in found) == names
    assert [each.cells for each in found] == [("4", "5"), ("2", "1")]
    assert found[0].text == f"Gas: 4\nWood: 5\n{extra}".strip()


def test_rows_of_one_name_are_told_apart_by_what_they_belong_to() -> None:
    found = rows(
        "| Season | Trait | Gas | Wood |\n|---|---|---|---|\n| Winter | Cost | 90 | 40 |\n"
        "| Winter | Work | 0 | 3 |\n| Summer | Cost | 10 | 0 |\n| Summer | Work | 0 | 1 |\n"
    )
    headings = [each.heading for each in found]
    assert headings == ["Cost (Winter)", "Work (Winter)", "Cost (Summer)", "Work (Summer)"]
