"""Cases are asked once: what is kept answers the same turns, and what cannot be asked ends a run.

A made-up advisor says which questions reached it. The whole command is tested in test_eval.py.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from agent.advisor import Advisor
from agent.answering.types import Answer, Decision
from agent.errors import AdvisorError, InputError, ModelUnavailableError
from evals.ask import Attempt, ask_all
from evals.datasets.case import Case
from knowledge.comparison import Comparison

CONFIG = {"model": "made up", "top_k": 4}


@dataclass
class Parrot:
    """Answers every question with itself; those that hold "gone" find no model."""

    heard: list[str] = field(default_factory=list)
    closed: bool = False

    def ask(self, question: str, history: Sequence[Answer] = ()) -> Answer:
        self.heard.append(question)
        if "gone" in question:
            raise ModelUnavailableError("The server is gone.")
        return Answer(question, question, Decision("inform"), f"You said: {question}")

    def expect(self, history: Sequence[Answer]) -> None: ...

    def close(self) -> None:
        self.closed = True


def case(name: str, *turns: str) -> Case:
    return Case(id=name, kind="fact", turns=turns or (f"What is {name}?",))


@pytest.fixture
def heard(comparison: Comparison, tmp_path: Path) -> "Hearing":
    return Hearing(comparison, tmp_path / "out")


@dataclass
class Hearing:
    """Asks cases in one folder; each call gives the answers and what reached the advisor."""

    comparison: Comparison
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "answers.jsonl"

    def __call__(self, *cases: Case, **config: Any) -> tuple[dict[str, Attempt], list[str]]:
        parrot = Parrot()
        try:
            asked = ask_all(
                lambda: cast(Advisor, parrot), cases, self.comparison, self.folder, CONFIG | config
            )
        finally:
            assert parrot.closed or not parrot.heard  # a model that stays open fills the memory
        return asked, parrot.heard


def test_a_case_whose_question_changed_is_asked_anew_and_the_others_are_kept(
    heard: Hearing,
) -> None:
    heard(case("a"), case("b", "Hello.", "What is b?"), case("c"))
    asked, questions = heard(case("a"), case("b", "Good day.", "What is b?"), case("c", "And c?"))
    assert questions == ["Good day.", "What is b?", "And c?"]
    answers = [asked[name].answer for name in "abc"]
    assert [answer and answer.question for answer in answers] == [
        "What is a?", "What is b?", "And c?",
    ]  # fmt: skip
    assert heard(case("a"), case("b", "Hello.", "What is b?"), case("c"))[1] == []


def test_several_failures_in_a_row_end_the_run_wherever_they_are(heard: Hearing) -> None:
    good = [case(name) for name in "abcd"]
    gone = [case(f"gone-{i}") for i in range(3)]
    with pytest.raises(AdvisorError) as told:
        heard(*good, *gone, case("never asked"))
    assert str(told.value) == (
        "3 cases in a row could not be asked, the last is gone-2: The server is gone. "
        f"4 of 8 answers are kept in {heard.file}. "
        "Mend what they lack, then run the same again: it goes on from there."
    )
    assert heard(*good)[1] == []
    assert heard(*good, case("never asked"))[1] == ["What is never asked?"]


def test_failures_that_are_not_in_a_row_end_nothing(heard: Hearing) -> None:
    cases = [case(name) for name in ("gone-1", "gone-2", "a", "gone-3", "gone-4", "b")]
    asked, _ = heard(*cases)
    assert [name for name, each in asked.items() if each.answer is None] == [
        "gone-1", "gone-2", "gone-3", "gone-4",
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [1, 3, 30])
def test_a_file_that_was_cut_off_anywhere_is_gone_on_with(heard: Hearing, cut: int) -> None:
    heard(case("a"), case("b", "What is “ä”?"))
    whole = heard.file.read_bytes()
    head = whole.index(b"\n")
    for end in (len(whole) - cut, whole.rindex("ä".encode()) + 1, head - cut, 0):
        heard.file.write_bytes(whole[:end])
        asked, questions = heard(case("a"), case("b", "What is “ä”?"))
        assert len(asked) == 2 and questions
        assert heard.file.read_bytes().count(b"\n") == 3
        assert heard(case("a"), case("b", "What is “ä”?"))[1] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '{"config": {}, "decide_only": false}\n["a", {}]\n',
            ':1: the field "version" is missing.',
        ),
        ('{"version": 1, "config": {}, "decide_only": false}\n', "(the file's version differs)"),
        ("[]\n", ":1: []: input should be an object."),
        ("HEAD\n[1]\n", ":2: item 1 is 1: input should be a valid string."),
        ('HEAD\n["a", ["What?"], {}]\n', ":2: item 3: no answer about this comparison"),
        ('HEAD\n["a", [\n', ":2: no JSON (EOF while parsing"),
    ],
)
def test_a_file_of_another_form_is_one_line_and_stays(
    heard: Hearing, text: str, fault: str
) -> None:
    heard(case("a"))
    text = text.replace("HEAD", heard.file.read_text(encoding="utf-8").split("\n")[0])
    heard.file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        heard(case("a"))
    assert str(told.value).startswith(str(heard.file)) and fault in str(told.value)
    assert "\n" not in str(told.value)
    assert heard.file.read_text(encoding="utf-8") == text


def test_a_folder_that_cannot_be_written_is_one_line(heard: Hearing) -> None:
    heard.folder.write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match=r"^Cannot write .*answers\.jsonl: File exists\. "):
        heard(case("a"))


def test_each_answer_stands_with_the_turns_that_it_answers(heard: Hearing) -> None:
    heard(case("a", "Hello.", "What is a?"))
    head, line = heard.file.read_text(encoding="utf-8").splitlines()
    assert json.loads(head)["version"] == 2
    assert json.loads(line)[:2] == ["a", ["Hello.", "What is a?"]]


def test_turns_that_another_case_has_asked_are_not_asked_again(heard: Hearing) -> None:
    asked, questions = heard(
        case("a", "Hello."), case("b", "Hello.", "And b?"), case("c", "And b?")
    )
    assert questions == ["Hello.", "And b?", "And b?"]
    assert all(attempt.answer for attempt in asked.values())
    _, questions = heard(case("a", "Hello."), case("d", "Hello.", "And b?", "And d?"))
    assert questions == ["And d?"]
