"""Asks the advisor the cases and keeps each answer as it comes: generated once, scored often.

    answers = ask_all(open_advisor, cases, comparison, folder, config)

DIR/answers.jsonl holds what the answers depend on in its first line and one answer a line after
it, with the turns that it answers. So a run that was interrupted goes on where it stopped, a case
that asks something else than it did is asked anew, and answers of another configuration are never
mixed in. Answers depend on the turns before them and on nothing else, so the order of the cases
does not matter, and what one case asked another need not ask again. Not covered: scores
(evals.runner).
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agent.advisor import Advisor
from agent.answering.types import Answer
from agent.errors import AdvisorError, InputError
from agent.progress import Progress, silent
from evals.datasets.case import Case
from evals.results import StoredAnswer
from knowledge.comparison import Comparison
from knowledge.validation import fault

VERSION = 2
FILE = "answers.jsonl"
GIVE_UP_AFTER = 3  # cases in a row that could not be run: what they lack, the rest will lack


@dataclass(frozen=True)
class Attempt:
    """A case's answer, or why there is none."""

    answer: Answer | None
    error: str = ""


Attempts = Mapping[tuple[str, ...], Attempt]  # by the turns that they answer


class Head(BaseModel):
    """The first line: what the answers depend on. Each later line is a KEPT."""

    model_config = ConfigDict(frozen=True)

    version: int
    config: dict[str, Any]
    decide_only: bool

    def difference(self, other: "Head") -> str:
        """The first thing in which two differ; "" if they are the same."""
        if self.version != other.version:
            return "the file's version"
        for name in {**self.config, **other.config}:
            if self.config.get(name) != other.config.get(name):
                return name
        return "" if self == other else "what was asked of each case"


KEPT = TypeAdapter[tuple[str, tuple[str, ...], Answer]](tuple[str, tuple[str, ...], StoredAnswer])


def ask(
    advisor: Advisor, case: Case, decide_only: bool = False, known: Attempts | None = None
) -> Answer:
    """The answer of the last turn; with `decide_only` its decision, and no text. Earlier turns that
    are `known` are not asked again.
    """
    history: list[Answer] = []
    for number, question in enumerate(case.turns[:-1], 1):
        before = (known or {}).get(case.turns[:number])
        if before is None or before.answer is None or decide_only:
            history.append(advisor.ask(question, history))
        else:
            history.append(before.answer)
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
    progress: Progress = silent,
) -> dict[str, Attempt]:
    """Case id -> answer, of every case. What `folder` holds an answer to is not asked again.

    Raises InputError if `folder` holds answers of another configuration or cannot be written,
    and AdvisorError if GIVE_UP_AFTER cases in a row cannot be asked; what came before is kept.
    """
    file = folder / FILE
    head = Head(version=VERSION, config=dict(config), decide_only=decide_only)
    kept = _kept(file, head, comparison)
    known = {turns: attempt for (_, turns), attempt in kept.items()}
    attempts = {case.id: kept[key] for case in cases if (key := (case.id, case.turns)) in kept}
    missing = [case for case in cases if case.id not in attempts]
    if not missing:
        return attempts
    with closing(open_advisor()) as advisor:
        if not file.exists() or not file.stat().st_size:
            _append(file, head.model_dump_json())
        failed = 0
        with progress("Asking") as report:
            for done, case in enumerate(missing, 1):
                try:
                    answer = ask(advisor, case, decide_only, known)
                except AdvisorError as error:
                    # not kept: the next run tries again
                    attempts[case.id] = Attempt(None, str(error))
                    failed += 1
                    if failed == GIVE_UP_AFTER:
                        answered = sum(each.answer is not None for each in attempts.values())
                        raise AdvisorError(
                            f"{failed} cases in a row could not be asked, the last is {case.id}: "
                            f"{error} {answered} of {len(cases)} answers are kept in {file}. "
                            "Mend what they lack, then run the same again: it goes on from there."
                        ) from error
                else:
                    line = KEPT.dump_json((case.id, case.turns, answer)).decode()
                    _append(file, line)
                    # as --rescore will read it, rounding and all
                    *_, answer = KEPT.validate_json(line, context=comparison)
                    attempts[case.id] = known[case.turns] = Attempt(answer)
                    failed = 0
                report(done, len(missing))
    return attempts


def _append(file: Path, line: str) -> None:
    """Adds `line`, which is in the file when this returns."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(line + "\n")
    except OSError as error:
        raise InputError(
            f"Cannot write {file}: {error.strerror}. Make room, or choose another --out."
        ) from error


def _kept(
    file: Path, head: Head, comparison: Comparison
) -> dict[tuple[str, tuple[str, ...]], Attempt]:
    """(case id, turns) -> answer, of those in `file`; a last line that was cut off is dropped."""
    if not file.exists():
        return {}
    kept: dict[tuple[str, tuple[str, ...]], Attempt] = {}
    number = 1
    try:
        *lines, torn = file.read_bytes().split(b"\n")  # it may end within a character
        if lines and (differs := Head.model_validate_json(lines[0]).difference(head)):
            raise InputError(
                f"{file} holds answers of another configuration ({differs} differs). "
                "Choose another folder with --out, or remove that file."
            )
        for number, line in enumerate(lines[1:], 2):  # noqa: B007  the fault's place
            name, turns, answer = KEPT.validate_json(line, context=comparison)
            kept[name, turns] = Attempt(answer)
    except (OSError, ValidationError) as error:
        wrong = f"{error.strerror}." if isinstance(error, OSError) else fault(error)
        raise InputError(f"{file}:{number}: {wrong} Choose another folder with --out.") from error
    if torn:
        with suppress(OSError):  # whoever may not write is told when there is an answer to keep
            os.truncate(file, file.stat().st_size - len(torn))
    return kept
