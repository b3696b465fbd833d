"""How a conversation goes: its turns, who waits for whom, and what is read ahead."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.conversations.conversation import STOPPED, Conversation, Turn
from agent.conversations.queue import AnswerQueue
from agent.dialogue.case import Case
from agent.errors import ConversationBusyError
from agent.llm.base import CancelledError
from tests.helpers.coffee import (
    ADVICE,
    FakeAdvisor,
)


def asked(question: str, conversation: Conversation | None = None) -> Turn:
    """The last turn that a question comes to."""
    *_, turn = (conversation or Conversation()).ask(FakeAdvisor(), AnswerQueue(), question)
    return turn


def test_a_question_ends_in_a_finished_turn() -> None:
    turn = asked("Which one?")
    assert turn.finished and turn.answer and turn.answer.text == ADVICE.text


def test_only_finished_turns_are_history() -> None:
    advisor, conversation, queue = FakeAdvisor(), Conversation(), AnswerQueue()
    for question in ("first", "break", "", "last"):
        list(conversation.ask(advisor, queue, question))
    assert advisor.histories[-1] == [conversation.turns[0].answer]


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_what_was_said_is_read_ahead_once_an_answer_is_complete() -> None:
    advisor, conversation, queue = FakeAdvisor(), Conversation(), AnswerQueue()
    list(conversation.ask(advisor, queue, "break"))
    list(conversation.ask(advisor, queue, "first"))
    said = conversation.turns[1].answer
    wait_until(lambda: advisor.expected == [[said]])


def test_reading_ahead_ends_when_somebody_asks_and_keeps_nobody_waiting() -> None:
    advisor, queue = FakeAdvisor(), AnswerQueue()
    started = time.monotonic()
    list(Conversation().ask(advisor, queue, "long"))
    wait_until(lambda: len(advisor.expected) == 1)
    *_, turn = Conversation().ask(advisor, queue, "another")
    wait_until(lambda: advisor.given_up)
    assert turn.finished and time.monotonic() - started < 3


def test_nothing_is_read_ahead_while_somebody_waits() -> None:
    advisor, queue = FakeAdvisor(), AnswerQueue()
    first = Conversation().ask(advisor, queue, "first")
    next(first)
    next(first)
    waiting = queue.wait("the next one", threading.Event())
    assert next(waiting) == 1
    list(first)
    time.sleep(0.05)
    assert advisor.expected == []


def test_an_error_of_ours_is_shown_as_its_one_line() -> None:
    turn = asked("  ")
    assert (turn.note, turn.refused) == ("The question is empty.", True)


def test_any_other_error_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        turn = asked("break")
    assert turn.note == "Something went wrong. The log has the details."
    assert "a secret of the machine" in caplog.text


def test_stop_keeps_what_was_shown() -> None:
    conversation = Conversation()
    turns = conversation.ask(FakeAdvisor(), AnswerQueue(), "slow")
    while not next(turns).answer:
        pass
    threading.Timer(0.05, conversation.stop).start()
    started = time.monotonic()
    *_, turn = turns
    assert time.monotonic() - started < 0.5
    assert turn.note == STOPPED and turn.answer and not turn.finished and not turn.refused


def test_a_conversation_given_up_half_way_lets_the_next_one_in() -> None:
    conversation, queue = Conversation(), AnswerQueue()
    turns = conversation.ask(FakeAdvisor(), queue, "slow")
    for _ in range(2):
        next(turns)
    del turns
    assert conversation.cancel is None and conversation.turns[-1].note == STOPPED
    *_, turn = Conversation().ask(FakeAdvisor(), queue, "Which one?")
    assert turn.finished


def test_questions_wait_in_line_and_can_be_stopped_there() -> None:
    queue, first, second = AnswerQueue(), Conversation(), Conversation()
    answering = first.ask(FakeAdvisor(), queue, "slow")
    for _ in range(2):
        next(answering)
    waiting = second.ask(FakeAdvisor(), queue, "Which one?")
    assert next(waiting).note == ""
    assert next(waiting).note == "Waiting: 1 ahead of you"
    second.stop()
    *_, turn = waiting
    assert turn.note == STOPPED and turn.answer is None


def test_who_waits_is_told_only_what_changes() -> None:
    queue = AnswerQueue()
    ahead = [Conversation().ask(FakeAdvisor(), queue, "Which one?") for _ in range(2)]
    for turns in ahead:
        for _ in range(2):
            next(turns)
    told: list[str] = []

    def listen() -> None:
        told.extend(turn.note for turn in Conversation().ask(FakeAdvisor(), queue, "Which one?"))

    waiting = threading.Thread(target=listen)
    waiting.start()
    time.sleep(0.5)  # nothing changes
    for turns in ahead:
        turns.close()
        time.sleep(0.1)
    waiting.join(5)
    notes = [note for note in told if note]
    assert notes == ["Waiting: 2 ahead of you", "Waiting: 1 ahead of you"]


def test_giving_up_ends_waiting_at_once_and_lets_the_next_ones_move_up() -> None:
    queue, cancel = AnswerQueue(), threading.Event()
    first, third = object(), queue.wait("third", threading.Event())
    list(queue.wait(first, threading.Event()))
    second = queue.wait("second", cancel)
    assert (next(second), next(third)) == (1, 2)
    threading.Timer(0.1, queue.cancel, [cancel]).start()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        next(second)
    queue.leave("second")
    assert next(third) == 1
    assert time.monotonic() - started < 0.5


def test_who_waits_is_told_for_how_long() -> None:
    queue = AnswerQueue()
    assert queue.expected_s(2) is None
    for seconds in (1.0, 9.0, 2.0):
        queue.record_duration(seconds)
    assert queue.expected_s(2) == 4.0  # twice the median
    ticket = object()
    list(queue.wait(ticket, threading.Event()))
    waiting = Conversation().ask(FakeAdvisor(), queue, "Which one?")
    next(waiting)
    assert next(waiting).note == "Waiting: 1 ahead of you, about 2 s"


def conversed(*questions: str) -> Conversation:
    conversation = Conversation()
    for question in questions:
        list(conversation.ask(FakeAdvisor(), AnswerQueue(), question))
    return conversation


def test_a_question_takes_the_place_of_a_turn_and_of_all_after_it() -> None:
    conversation, advisor = conversed("one", "two", "three"), FakeAdvisor()
    list(conversation.ask(advisor, AnswerQueue(), "other", conversation.turns[1].id))
    assert [turn.question for turn in conversation.turns] == ["one", "other"]
    assert [exchange.question for exchange in advisor.histories[-1]] == ["one"]


@pytest.mark.parametrize("question", [" ", "break"])
def test_what_was_replaced_comes_back_if_there_is_no_answer(question: str) -> None:
    conversation = conversed("one", "two")
    list(conversation.ask(FakeAdvisor(), AnswerQueue(), question, conversation.turns[0].id))
    if question == "break":
        assert conversation.turns[-1].refused
    assert [turn.question for turn in conversation.turns] == ["one", "two", question]


def test_only_the_last_turn_can_be_taken_back() -> None:
    conversation = conversed("one", "two")
    assert conversation.undo(conversation.turns[0].id) is None
    taken = conversation.undo(conversation.turns[1].id)
    assert taken and taken.question == "two"
    assert [turn.question for turn in conversation.turns] == ["one"]


def test_a_second_question_at_once_is_refused_and_changes_nothing() -> None:
    conversation = Conversation()
    first = conversation.ask(FakeAdvisor(), AnswerQueue(), "one")
    next(first)
    with pytest.raises(ConversationBusyError):
        next(conversation.ask(FakeAdvisor(), AnswerQueue(), "two"))
    assert conversation.undo(conversation.turns[0].id) is None
    list(first)
    assert [turn.question for turn in conversation.turns] == ["one"]


def test_a_statement_is_struck_out_of_the_case_by_its_place() -> None:
    told = replace(ADVICE, case=Case(("We roast.", "We are two.")))
    conversation = Conversation(turns=[Turn("Which?", told, running=False)])
    assert conversation.strike(0) and not conversation.strike(1)
    assert conversation.turns[-1].answer == replace(told, case=Case(("We are two.",)))


def test_nothing_is_struck_out_while_a_question_is_open_or_before_the_first() -> None:
    told = replace(ADVICE, case=Case(("We roast.",)))
    busy = Conversation(turns=[Turn("Which?", told, running=False)], cancel=threading.Event())
    assert not busy.strike(0) and not Conversation().strike(0)


def test_an_answer_of_an_earlier_edition_is_history_without_its_evidence() -> None:
    turn = Turn("Which?", replace(ADVICE, case=Case(("We roast.",))), running=False, earlier="1f")
    heard = turn.heard
    assert heard and (heard.verdict, heard.evidence, heard.citations) == (None, (), ())
    assert heard.question == ADVICE.question and heard.case.in_force == ("We roast.",)
