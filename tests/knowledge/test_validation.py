"""What pydantic found wrong is one line: the field, its value, and what is wanted."""

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from knowledge.validation import fault, shown


def even(number: int) -> int:
    if number % 2:
        raise ValueError("Write an even number")
    return number


class Row(BaseModel):
    name: str


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    size: Annotated[int, AfterValidator(even)] = 2
    rows: list[Row]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{}", 'the field "rows" is missing.'),
        ('{"row": []}', 'the field "row" is unknown. The fields are size, rows.'),
        ('{"rows": 3}', 'the field "rows" is 3: input should be a valid array.'),
        ('{"rows": [{}]}', 'the field "rows", item 1, "name" is missing.'),
        ('{"rows": [], "size": 3}', 'the field "size" is 3: write an even number.'),
        ('{"rows": [], "size": "2"}', 'the field "size" is "2": input should be a valid integer.'),
        ("[1]", "[1]: input should be an object."),
        ('{"rows": [', "no JSON (EOF while parsing a list at column 10)."),
        ('{\n"rows": [', "no JSON (EOF while parsing a list at line 2 column 9)."),
    ],
)
def test_the_first_fault_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Table.model_validate_json(text)
    assert fault(caught.value, Table.model_fields) == line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb\x07\u2028", '"a\\nb\\u0007\N{REPLACEMENT CHARACTER}"'),
        ("x" * 99, '"' + "x" * 79 + "..."),
    ],
)
def test_a_value_is_shown_on_one_line_and_cut(value: Any, text: str) -> None:
    assert shown(value) == text
