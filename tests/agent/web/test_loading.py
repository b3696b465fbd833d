"""An advisor that is served while it is made ready: what is said, and what comes of it."""

import threading
from collections.abc import Callable
from typing import cast

import pytest

from agent.advisor import Advisor
from agent.conversations.conversation import AdvisorStatus, Conversation
from agent.conversations.queue import AnswerQueue
from agent.errors import AdvisorError, ModelUnavailableError
from agent.progress import Progress
from agent.web.loading import LoadingAdvisor
from tests.helpers.coffee import ADVICE, COMPARISON, FakeAdvisor

SOON_S = 10.0


class Preparing:
    """Prepares the fake advisor step by step, as far as `go_on` is let."""

    def __init__(self) -> None:
        self.advisor = FakeAdvisor()
        self.go_on = threading.Semaphore(0)
        self.done = threading.Semaphore(0)
        self.then: list[Advisor] = []

    def __call__(self, bar: Progress) -> Advisor:
        with bar("Reading") as report:
            for step in range(1, 5):
                assert self.go_on.acquire(timeout=SOON_S)
                report(step, 5)
                self.done.release()
        assert self.go_on.acquire(timeout=SOON_S)
        return cast(Advisor, self.advisor)

    def step(self) -> None:
        """One step further, and it has been reported."""
        self.go_on.release()
        assert self.done.acquire(timeout=SOON_S)


def failing(error: Exception) -> Callable[[Progress], Advisor]:
    def prepare(bar: Progress) -> Advisor:
        raise error

    return prepare


def over(advisor: LoadingAdvisor) -> AdvisorStatus:
    """The status once nothing is being prepared any more."""
    advisor._done.wait(SOON_S)
    return advisor.status()


def test_how_far_it_is_can_be_asked_from_the_first_second_on() -> None:
    preparing = Preparing()
    advisor = LoadingAdvisor(COMPARISON, preparing, preparing.then.append)
    assert advisor.comparison is COMPARISON
    assert not advisor.status().ready
    preparing.step()
    assert advisor.status() == AdvisorStatus(False, "Reading: 1 of 5")
    preparing.step()
    preparing.step()
    assert advisor.status() == AdvisorStatus(False, "Reading: 3 of 5, about 1 s left")
    preparing.step()
    preparing.go_on.release()
    assert over(advisor) == AdvisorStatus(True)


def test_a_question_asked_meanwhile_is_told_how_far_it_is_and_answered_afterwards() -> None:
    preparing = Preparing()
    advisor = LoadingAdvisor(COMPARISON, preparing)
    preparing.step()
    turns = Conversation().ask(advisor, AnswerQueue(), "Which one at night?")
    assert next(turns).note == ""
    assert next(turns).note == "Reading: 1 of 5"
    preparing.step()
    assert next(turns).note == "Reading: 2 of 5"
    preparing.step()
    preparing.step()
    preparing.go_on.release()
    *_, last = turns
    assert last.finished and last.answer and last.answer.text == ADVICE.text


def test_who_waits_for_it_can_stop_at_once() -> None:
    preparing = Preparing()
    advisor = LoadingAdvisor(COMPARISON, preparing)
    conversation = Conversation()
    turns = conversation.ask(advisor, AnswerQueue(), "Which one at night?")
    next(turns)
    next(turns)
    conversation.stop()
    *_, last = turns
    assert (last.note, last.answer) == ("(stopped)", None)
    for _ in range(5):
        preparing.go_on.release()
    assert over(advisor).ready


def test_what_follows_is_done_once_questions_are_answered() -> None:
    preparing = Preparing()
    seen: list[bool] = []
    found = threading.Event()

    def then(_: Advisor) -> None:
        seen.append(advisor.status().ready)
        found.set()

    advisor = LoadingAdvisor(COMPARISON, preparing, then)
    for _ in range(5):
        preparing.go_on.release()
    assert found.wait(SOON_S) and seen == [True]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModelUnavailableError("No memory."), "No memory."),
        (RuntimeError("a secret of the machine"), "The advisor could not be made ready; the log"),
    ],
)
def test_what_goes_wrong_is_one_line_and_nobody_waits_for_ever(error: Exception, line: str) -> None:
    advisor = LoadingAdvisor(COMPARISON, failing(error))
    status = over(advisor)
    assert status.failed and not status.ready and status.message.startswith(line)
    *_, last = Conversation().ask(advisor, AnswerQueue(), "Which one at night?")
    assert last.note == status.message and last.answer is None
    with pytest.raises(AdvisorError, match=f"^{line}"):
        advisor.stream("Which one at night?")
