"""What pydantic found wrong, as a line for people: which field, its value, and what is wanted.

    try:
        case = Case.model_validate_json(line, strict=True)
    except ValidationError as error:
        raise InputError(f"{file}:{number}: {fault(error, Case.model_fields)}") from error

    cases.jsonl:3: the field "turns", item 2 is 7: input should be a valid string.

Not covered: the place (the caller knows the file), and what to do where that is not plain from it.
"""

import json
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MAX_SHOWN_CHARS = 80


def fault(error: ValidationError, fields: Iterable[str] = ()) -> str:
    """The first thing that is wrong, as one line that ends with a full stop.

    An unknown field goes first: it is often the misspelt name of one that is missing. `fields` are
    those of the outermost object.
    """
    found = error.errors(include_url=False)
    first = min(found, key=lambda each: each["type"] != "extra_forbidden")
    steps = [f'"{s}"' if isinstance(s, str) else f"item {s + 1}" for s in first["loc"]]
    place = ", ".join(steps)
    if place.startswith('"'):
        place = f"the field {place}"
    if first["type"] == "extra_forbidden":
        known = f" The fields are {', '.join(fields)}." if fields and len(steps) == 1 else ""
        return f"{place} is unknown.{known}"
    if first["type"] == "missing":
        return f"{place} is missing."
    if first["type"] == "json_invalid":
        where = first["ctx"]["error"].replace(" at line 1 column", " at column")
        return f"no JSON ({where})."
    value = "" if isinstance(first["input"], dict) else shown(first["input"])
    wrong = " is ".join(filter(None, (place, value)))
    return ": ".join(filter(None, (wrong, reason(first)))) + "."


def reason(problem: ErrorDetails) -> str:
    """What is wanted instead, in pydantic's words or a validator's, without a full stop."""
    said = problem["msg"].removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def shown(value: object) -> str:
    """`value` as JSON on one line, cut if long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}..."
