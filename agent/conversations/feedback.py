"""What people thought of answers, as eval cases that a person completes.

    export(store.feedback(), Path("mine.jsonl"))

Writes two files: the cases, in the form that `advisor eval --cases` reads, and beside them
NAME.notes.jsonl with each answer, comment and configuration. An answer that was found helpful is
taken for right: its verdict, or its passages, or its refusal is what the case expects. One that was
not expects what the comment says and no program can read: such a case has an empty "verdict", which
`advisor eval` refuses until a person has put the right one there, or has taken the field out.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.conversations.store import Feedback
from agent.errors import InputError

TO_COMPLETE = ""


def export(feedback: Sequence[Feedback], file: Path) -> str:
    """What was written, in one line for people. Raises InputError."""
    if not feedback:
        raise InputError("Nobody has said anything about an answer yet.")
    notes = file.with_suffix(".notes.jsonl")
    for path in (file, notes):
        if path.exists():
            raise InputError(f"{path} is there already. Name another file.")
    try:
        cases = [_case(each) for each in feedback]
        file.write_text(_lines(cases), encoding="utf-8")
        notes.write_text(_lines([_note(each) for each in feedback]), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written ({error.strerror}).") from error
    open_ones = sum(case.get("verdict") == TO_COMPLETE for case in cases)
    return (
        f"{len(feedback)} cases in {file}, {open_ones} of them to be completed: put the right "
        f'"verdict" where it is empty. What was answered and said of it is in {notes}.'
    )


def _case(feedback: Feedback) -> dict[str, Any]:
    answer = feedback.answer
    case: dict[str, Any] = {
        "id": f"feedback-{feedback.turn_id}",
        "kind": _kind(feedback),
        "turns": list(feedback.questions),
    }
    noted = answer["abstained"] and answer["evidence"]  # the case was told in part, so far
    if not feedback.good or noted:
        return case | {"verdict": TO_COMPLETE}
    if answer["abstained"]:
        return case | {"abstain": True}
    cites = list(dict.fromkeys(citation["passage"] for citation in answer["citations"]))
    return case | {"verdict": answer["verdict"], "cites": cites}


def _kind(feedback: Feedback) -> str:
    if len(feedback.questions) > 1:
        return "followup"
    if feedback.answer["abstained"]:
        return "abstain"
    return "fact" if feedback.answer["verdict"] is None else "verdict"


def _note(feedback: Feedback) -> Mapping[str, Any]:
    return {
        "id": f"feedback-{feedback.turn_id}",
        "created": feedback.created,
        "good": feedback.good,
        "comment": feedback.comment,
        "answer": feedback.answer,
        "configuration": feedback.configuration,
    }


def _lines(objects: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)
