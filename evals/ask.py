"""Asks the advisor the cases and keeps each answer as it comes: generated once, scored often.

    answers = ask_all(open_advisor, cases, comparison, folder, config)

DIR/answers.jsonl holds what the answers depend on in its first line and one answer a line after
it, so a run that was interrupted goes on where it stopped, and one of another configuration is
never mixed in. Every case is asked in turns of its own from the same cache, so the order of the
cases does not matter. Not covered: scores (evals.run).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.advisor import Advisor
from agent.answer import Answer, Exchange
from agent.errors import AdvisorError, InputUnusable
from agent.progress import Bar, silent
from evals.case import Case
from knowledge.comparison import Comparison

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
    """Case id -> answer, of every case. What `folder` holds already is not asked again.

    Raises InputUnusable if `folder` holds answers of another configuration.
    """
    head = {"config": dict(config), "decide_only": decide_only}
    asked = _kept(folder / FILE, head, comparison)
    missing = [case for case in cases if case.id not in asked]
    if not missing:
        return asked
    advisor = open_advisor()
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with (folder / FILE).open("a", encoding="utf-8") as file, bar("Asking") as report:
        if file.tell() == 0:
            file.write(_line(head))
        for done, case in enumerate(missing, 1):
            try:
                answer = ask(advisor, case, decide_only)
            except AdvisorError as error:
                asked[case.id] = Asked(None, str(error))  # not kept: the next run tries again
                failed += 1
                if failed == GIVE_UP_AFTER == done:
                    raise
            else:
                file.write(_line([case.id, answer.to_json()]))
                file.flush()
                # as --rescore will read it, rounding and all
                asked[case.id] = Asked(Answer.from_json(answer.to_json(), comparison))
                failed = 0
            report(done, len(missing))
    return asked


def _kept(file: Path, head: Mapping[str, Any], comparison: Comparison) -> dict[str, Asked]:
    """The answers in `file`; a last line that was cut off is dropped."""
    if not file.exists():
        return {}
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
        before = json.loads(lines[0])
        answers = dict(json.loads(line) for line in lines[1:-1])
    except (OSError, ValueError, TypeError) as error:
        raise InputUnusable(
            f"{file} cannot be read as answers ({error}). Choose another folder with --out."
        ) from error
    if before != json.loads(_line(head)):
        differs = _difference(before, head)
        raise InputUnusable(
            f"{file} holds answers of another configuration ({differs} differs). "
            "Choose another folder with --out, or remove that file."
        )
    if lines[-1]:
        file.write_text("\n".join([*lines[:-1], ""]), encoding="utf-8")
    try:
        return {name: Asked(Answer.from_json(data, comparison)) for name, data in answers.items()}
    except (KeyError, TypeError) as error:
        raise InputUnusable(
            f"{file} holds an answer that is none ({error!r}). Choose another folder with --out."
        ) from error


def _difference(before: Any, head: Mapping[str, Any]) -> str:
    """The first thing in which two configurations differ."""
    if not isinstance(before, dict) or not isinstance(before.get("config"), dict):
        return "everything"
    old, new = before["config"], head["config"]
    names = [name for name in {**new, **old} if old.get(name) != new.get(name)]
    return names[0] if names else "what was asked of each case"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
