"""What people thought of answers becomes eval cases, to be completed by a person."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.answering.types import Answer, Decision
from agent.conversations.feedback import export
from agent.conversations.store import Feedback
from agent.errors import InputError
from evals.datasets.case import Case, read_cases
from tests.helpers.coffee import ADVICE, CAFFEINE, COMPARISON, NIGHTS


def said(
    good: bool,
    answer: Answer = ADVICE,
    questions: tuple[str, ...] = ("Which one?",),
    name: str = "t",
) -> Feedback:
    configuration = {"model": "m"}
    return Feedback(name, "2026-01-01", good, "Well.", questions, answer.to_json(), configuration)


def exported(folder: Path, *feedback: Feedback) -> list[Case]:
    export(feedback, folder / "mine.jsonl")
    return read_cases([folder / "mine.jsonl"], COMPARISON)


def test_what_was_helpful_is_taken_for_right(tmp_path: Path) -> None:
    abstained = Answer("?", "?", Decision("abstain"), "It does not cover that.")
    told = replace(ADVICE, decision=replace(ADVICE.decision, kind="inform", verdict=None))
    advised, refused, fact, followed = exported(
        tmp_path,
        said(True),
        said(True, abstained, name="u"),
        said(True, told, name="v"),
        said(True, questions=("One?", "And two?"), name="w"),
    )
    assert advised == Case(
        id="feedback-t", kind="verdict", turns=("Which one?",), verdict="Coffee",
        cites=(NIGHTS.id, CAFFEINE.id),
    )  # fmt: skip
    assert (refused.kind, refused.abstain, refused.scores_verdict) == ("abstain", True, False)
    assert (fact.kind, fact.verdict, fact.cites) == ("fact", None, (NIGHTS.id, CAFFEINE.id))
    assert (followed.kind, followed.turns) == ("followup", ("One?", "And two?"))


def test_what_was_not_has_to_be_completed_before_it_is_a_case(tmp_path: Path) -> None:
    noted = replace(ADVICE, decision=Decision("abstain", evidence=ADVICE.evidence))
    given = [said(True), said(False, name="u"), said(True, noted, name="v")]
    line = export(given, tmp_path / "mine.jsonl")
    assert line.startswith(f"3 cases in {tmp_path / 'mine.jsonl'}, 2 of them to be completed: ")
    with pytest.raises(InputError, match=r'mine\.jsonl:2: the field "verdict" is "": no label'):
        read_cases([tmp_path / "mine.jsonl"], COMPARISON)


def test_the_answer_and_what_was_said_of_it_stand_beside_the_cases(tmp_path: Path) -> None:
    export([said(False)], tmp_path / "mine.jsonl")
    [note] = (tmp_path / "mine.notes.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(note)
    assert (kept["id"], kept["comment"], kept["good"]) == ("feedback-t", "Well.", False)
    assert kept["answer"]["answer"] == ADVICE.text
    assert kept["configuration"] == {"model": "m"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.jsonl is there already\. Name another file\.$"):
        export([said(True)], tmp_path / "mine.jsonl")
    assert (tmp_path / "mine.jsonl").read_text(encoding="utf-8") == "mine"


def test_without_feedback_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^Nobody has said anything about an answer yet\.$"):
        export([], tmp_path / "mine.jsonl")


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be written \(No such file or directory\)\.$"):
        export([said(True)], tmp_path / "none" / "mine.jsonl")
