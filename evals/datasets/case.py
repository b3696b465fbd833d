"""Cases: conversations and what their last answer must be, read from files of JSON Lines.

    cases = read_cases([Path("evals/cases/dev-fact.jsonl")], comparison)

One JSON object a line, blank lines skipped, its form in README.md. What does not fit is one line
for people (InputError): file and line number, the value, and what to do about it. Not covered:
whether a case is fair, and whether any answer could meet it.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent.errors import InputError
from knowledge.comparison import Comparison

KINDS = ("verdict", "fact", "abstain", "followup", "injection")


@dataclass(frozen=True)
class Case:
    """A conversation and what its last answer must be; what is empty is left open.

    `verdict` counts if `scores_verdict` is set: None is a value of it, no recommendation. `must`
    and `must_not` are regexes, searched with case ignored; of `cites`, passage ids, one is
    enough. Wordings of one intent share a `group`.
    """

    id: str
    kind: str
    turns: tuple[str, ...]
    group: str
    verdict: str | None = None
    scores_verdict: bool = False
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    abstain: bool = False


def read_cases(files: Sequence[Path], comparison: Comparison) -> list[Case]:
    """The cases of `files` about `comparison`, in order, each id once over all files.

    Raises InputError for the first thing that does not fit.
    """
    first: dict[str, str] = {}
    cases: list[Case] = []
    for file in files:
        before = len(cases)
        for place, line in _lines(file):
            try:
                case = _case(_object(line), comparison)
                if case.id in first:
                    raise _Fault(
                        f"the id {_shown(case.id)} is taken by {first[case.id]}. Rename one."
                    )
            except _Fault as fault:
                raise InputError(f"{place}: {fault}") from fault
            first[case.id] = place
            cases.append(case)
        if len(cases) == before:
            raise InputError(f"{file}:1: the file holds no case. Write one JSON object a line.")
    return cases


class _Fault(Exception):
    """What is wrong with a line and the remedy, without the place."""


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    """Each line that is not blank, with its place as file:line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{file} cannot be read ({error.strerror}). Check the path.") from error
    except UnicodeDecodeError as error:
        broken = error.object.count(b"\n", 0, error.start) + 1
        wrong = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
        raise InputError(f"{file}:{broken}: {wrong}. Save the file as UTF-8.") from error
    # not splitlines(): a JSON string may hold other line separators
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{file}:{number}", line


def _object(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line, object_pairs_hook=_once_each)
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        raise _Fault(
            f"no JSON ({error.msg} at column {error.colno}). Write one JSON object a line."
        ) from error
    except UnicodeEncodeError as error:
        raise _Fault(
            "half of a character written as \\uD800. Write the character itself."
        ) from error
    except (ValueError, RecursionError) as error:
        raise _Fault("a value too large to read. Write one flat JSON object a line.") from error
    if not isinstance(data, dict):
        raise _Fault(f"{_shown(data)} is no JSON object. Write {{...}}.")
    return data


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _Fault(f"the field {_shown(name)} stands twice. Keep one.")
    return dict(pairs)


def _case(data: dict[str, Any], comparison: Comparison) -> Case:
    """The case that `data` says, each field checked."""
    for name in data:
        if name not in _CHECKS:
            raise _Fault(f"unknown field {_shown(name)}. The fields are {', '.join(_CHECKS)}.")
    for name in ("id", "kind", "turns"):
        if name not in data:
            raise _Fault(f'the field "{name}" is missing. Add it.')
    fields = {
        name: _CHECKS[name](f'the field "{name}"', value, comparison)
        for name, value in data.items()
    }
    scores_verdict = "verdict" in fields
    return Case(**{"group": fields["id"]} | fields, scores_verdict=scores_verdict)


def _text(field: str, value: object, comparison: Comparison) -> str:
    if not isinstance(value, str):
        raise _Fault(f"{field} is {_shown(value)}. Write a text.")
    if not value.strip():
        raise _Fault(f"{field} is empty. Write a text.")
    return value


def _kind(field: str, value: object, comparison: Comparison) -> str:
    if value not in KINDS:
        raise _Fault(f"{field} is {_shown(value)}. Use one of {', '.join(KINDS)}.")
    return str(value)


def _texts(field: str, value: object, comparison: Comparison) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Fault(f'{field} is {_shown(value)}. Write a list of texts, such as ["..."].')
    return tuple(_text(f"{field}, item {i},", each, comparison) for i, each in enumerate(value, 1))


def _turns(field: str, value: object, comparison: Comparison) -> tuple[str, ...]:
    turns = _texts(field, value, comparison)
    if not turns:
        raise _Fault(f"{field} is empty. Write the question, and any follow-ups after it.")
    return turns


def _patterns(field: str, value: object, comparison: Comparison) -> tuple[str, ...]:
    patterns = _texts(field, value, comparison)
    for pattern in patterns:
        try:
            re.compile(pattern, re.IGNORECASE)
        except (re.error, OverflowError, RecursionError) as error:
            why = " ".join(str(error).split())
            raise _Fault(f"{field} has {_shown(pattern)}, no regex ({why}). Correct it.") from error
    return patterns


def _cites(field: str, value: object, comparison: Comparison) -> tuple[str, ...]:
    passages = _texts(field, value, comparison)
    known = [passage.id for passage in comparison.passages]
    for passage in passages:
        if passage not in known:
            nearest = get_close_matches(passage, known, n=1, cutoff=0.0)[0]
            wrong = f"{_shown(passage)}, no passage of the comparison"
            raise _Fault(f"{field} has {wrong}. The nearest is {nearest}.")
    return passages


def _verdict(field: str, value: object, comparison: Comparison) -> str | None:
    labels = comparison.labels
    if value is not None and value not in labels:
        listed = ", ".join(map(_shown, labels))
        raise _Fault(
            f"{field} is {_shown(value)}, no label of the comparison. Use one of {listed}, or null."
        )
    return None if value is None else str(value)


def _abstain(field: str, value: object, comparison: Comparison) -> bool:
    if not isinstance(value, bool):
        raise _Fault(f"{field} is {_shown(value)}. Write true or false.")
    return value


_CHECKS: dict[str, Callable[[str, object, Comparison], Any]] = {
    "id": _text,
    "kind": _kind,
    "turns": _turns,
    "verdict": _verdict,
    "must": _patterns,
    "must_not": _patterns,
    "cites": _cites,
    "abstain": _abstain,
    "group": _text,
}


def _shown(value: object) -> str:
    """`value` as JSON on one line, cut if long."""
    shown = json.dumps(value, ensure_ascii=False)
    shown = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in shown
    )
    return shown if len(shown) <= 80 else f"{shown[:80]}..."
