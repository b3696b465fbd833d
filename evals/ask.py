"""Asks the advisor the cases and keeps each answer as it comes: generated once, scored often.

    answers = ask_all(open_advisor, cases, comparison, folder, config)

DIR/answers.jsonl holds what the answers depend on in its first line and one answer a line after
it, with the turns that it answers. So a run that was interrupted goes on where it stopped, a case
that asks something else than it did is asked anew, and answers of another configuration are never
mixed in. Every case is asked in turns of its own from the same cache, so the order of the cases
does not matter. Not covered: scores (evals.runner).
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.advisor import Advisor
from agent.answering.types import Answer, Exchange
from agent.errors import AdvisorError, InputError
from agent.progress import Bar, silent
from evals.datasets.case import Case
from knowledge.comparison import Comparison

VERSION = 2
FILE = "answers.jsonl"
GIVE_UP_AFTER = 3  # cases in a row that could not be run: what they lack, the rest will lack


@dataclass(frozen=True)
class Asked:
    """A case's answer, or why there is none."""

    answer: Answer | None
    error: str = ""


def ask(advisor: Advisor, case: Case, decide_only: bool = False) -> Answer:
    """The answer of the last turn; with `decide_only` its decision, and no text."""
    history: list[Exchange] = []
    for question in case.turns[:-1]:
        history.append(advisor.ask(question, history).exchange)
        advisor.expect(history)
    if not decide_only:
        return advisor.ask(case.turns[-1], history)
    growing = advisor.stream(case.turns[-1], history)
    try:
        return next(growing)  # the decision stands before a word is written
    finally:
        growing.close()


def ask_all(
    open_advisor: Callable[[], Advisor],
    cases: Sequence[Case],
    comparison: Comparison,
    folder: Path,
    config: Mapping[str, Any],
    decide_only: bool = False,
    bar: Bar = silent,
) -> dict[str, Asked]:
    """Case id -> answer, of every case. What `folder` holds an answer to is not asked again.

    Raises InputError if `folder` holds answers of another configuration or cannot be written,
    and AdvisorError if GIVE_UP_AFTER cases in a row cannot be asked; what came before is kept.
    """
    file = folder / FILE
    head = {"version": VERSION, "config": dict(config), "decide_only": decide_only}
    kept = _kept(file, head, comparison)
    asked = {case.id: kept[key] for case in cases if (key := (case.id, case.turns)) in kept}
    missing = [case for case in cases if case.id not in asked]
    if not missing:
        return asked
    with closing(open_advisor()) as advisor:
        if not file.exists() or not file.stat().st_size:
            _append(file, head)
        failed = 0
        with bar("Asking") as report:
            for done, case in enumerate(missing, 1):
                try:
                    answer = ask(advisor, case, decide_only)
                except AdvisorError as error:
                    asked[case.id] = Asked(None, str(error))  # not kept: the next run tries again
                    failed += 1
                    if failed == GIVE_UP_AFTER:
                        answered = sum(each.answer is not None for each in asked.values())
                        raise AdvisorError(
                            f"{failed} cases in a row could not be asked, the last is {case.id}: "
                            f"{error} {answered} of {len(cases)} answers are kept in {file}. "
                            "Mend what they lack, then run the same again: it goes on from there."
                        ) from error
                else:
                    _append(file, [case.id, case.turns, answer.to_json()])
                    # as --rescore will read it, rounding and all
                    asked[case.id] = Asked(Answer.from_json(answer.to_json(), comparison))
                    failed = 0
                report(done, len(missing))
    return asked


def _append(file: Path, value: Any) -> None:
    """Adds `value` as a line, which is in the file when this returns."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(json.dumps(value, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(
            f"Cannot write {file}: {error.strerror}. Make room, or choose another --out."
        ) from error


def _kept(
    file: Path, head: Mapping[str, Any], comparison: Comparison
) -> dict[tuple[str, tuple[str, ...]], Asked]:
    """(case id, turns) -> answer, of those in `file`; a last line that was cut off is dropped."""
    if not file.exists():
        return {}
    try:
        *lines, torn = file.read_bytes().split(b"\n")  # it may end within a character
        values = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise InputError(
            f"{file} cannot be read as answers ({error}). Choose another folder with --out."
        ) from error
    if values and values[0] != json.loads(json.dumps(head)):
        differs = _difference(values[0], head)
        raise InputError(
            f"{file} holds answers of another configuration ({differs} differs). "
            "Choose another folder with --out, or remove that file."
        )
    if torn:
        with suppress(OSError):  # whoever may not write is told when there is an answer to keep
            os.truncate(file, file.stat().st_size - len(torn))
    try:
        return {
            (name, tuple(turns)): Asked(Answer.from_json(data, comparison))
            for name, turns, data in values[1:]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{file} holds an answer that is none ({error!r}). Choose another folder with --out."
        ) from error


def _difference(before: Any, head: Mapping[str, Any]) -> str:
    """The first thing in which two configurations differ."""
    if not isinstance(before, dict) or not isinstance(before.get("config"), dict):
        return "everything"
    if before.get("version") != head["version"]:
        return "the file's version"
    old, new = before["config"], head["config"]
    names = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    return names[0] if names else "what was asked of each case"
