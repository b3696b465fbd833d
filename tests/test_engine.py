"""The engine, with a small real model: its budget, its lock, cancelling, and cells on disk."""

import random
import threading
import time
from pathlib import Path

import pytest

from agent.chat_model import LocalChatModel
from agent.engine import BATCH_TOKENS, Engine
from agent.errors import ModelUnavailable
from agent.model import Cancelled
from agent.turn import Prompt, Text, open_turn
from tests.tea import QUESTIONS, answers, asking

pytestmark = pytest.mark.model


def counting(number: int) -> Text:
    return Text(f"Number {number}: " + "one two three four " * 20)


def weighed(engine: Engine, *numbers: int) -> tuple[int, list[float]]:
    """How many tokens were read for a question about those passages, and its answer."""
    base = (Text("You know many numbers.\n"),)
    with open_turn(engine) as turn:
        passages = tuple(counting(number) for number in numbers)
        turn.read(Prompt(base, (), passages, (Text("Say a number:"),)))
        return turn.usage.prompt_read, turn.likelihoods([" one", " two", " three"])


def test_four_threads_get_what_a_serial_run_gets(model: LocalChatModel) -> None:
    serial = answers(model, list(QUESTIONS))
    found: dict[str, str] = {}

    def ask(question: str) -> None:
        found.update(answers(model, [question]))

    threads = [threading.Thread(target=ask, args=(q,)) for q in (*QUESTIONS, *QUESTIONS)][:4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == serial


def test_a_question_cancelled_at_any_moment_leaves_the_next_answer_right(
    model: LocalChatModel,
) -> None:
    question = "How hot is green tea steeped?"
    messages = asking(question, *QUESTIONS[question])
    right = model.invoke(messages, max_tokens=16).text
    long = asking("Tell me about tea. " * 60, "white", "black")
    moment = random.Random(7)
    stopped = 0
    for _ in range(10):
        cancel = threading.Event()
        timer = threading.Timer(moment.uniform(0.0, 0.4), cancel.set)
        timer.start()
        try:
            with model.turn(cancel) as turn:
                "".join(turn.stream(long, 200))
        except Cancelled:
            stopped += 1
        finally:
            timer.cancel()
        assert model.invoke(messages, max_tokens=16).text == right
    assert stopped >= 5


def test_reading_stops_soon_after_it_is_cancelled(model: LocalChatModel) -> None:
    cancel = threading.Event()
    threading.Timer(0.1, cancel.set).start()
    started = time.perf_counter()
    with pytest.raises(Cancelled), model.turn(cancel) as turn:
        turn.likelihoods(asking("Tell me about tea. " * 400, "green"), ["a", "b"])
    whole = time.perf_counter()
    with model.turn() as turn:
        turn.likelihoods(asking("Tell me about tea. " * 400, "green"), ["a", "b"])
    assert whole - started < (time.perf_counter() - whole) / 2


def test_passages_beyond_the_budget_are_dropped_least_recently_used_first(
    small_model_file: Path,
) -> None:
    small, large = Engine(small_model_file, cells_mib=28), Engine(small_model_file, cells_mib=90)
    try:
        used = len(small.tokenize("You know many numbers.\nSay a number:")) + BATCH_TOKENS
        fits = (small.context_tokens - used) // len(small.tokenize(counting(0).text))
        assert 3 < fits < 10
        for number in range(fits):
            weighed(small, number)
        weighed(small, 0)  # now the first is the last that was used
        weighed(small, 40)
        assert weighed(small, 0)[0] < 20  # only the question
        assert weighed(small, 1)[0] > 80
        # where cells lie changes the order of sums in f16: so much in a model this small
        for numbers in ((1,), (2, 3), (0, 40), (5, 2)):
            assert weighed(small, *numbers)[1] == pytest.approx(
                weighed(large, *numbers)[1], abs=0.4
            )
    finally:
        small.close()
        large.close()


def test_a_prompt_that_needs_another_base_drops_what_is_in_its_way(small_model_file: Path) -> None:
    engine = Engine(small_model_file, cells_mib=28)
    try:
        for i in range(6):
            base = (Text(f"Base {i}. " + "tea milk " * 150),)
            with open_turn(engine) as turn:
                turn.read(Prompt(base, (), (counting(i), counting(i + 1)), (Text("Say one:"),)))
                assert turn.likelihoods([" one", " two"])
    finally:
        engine.close()


def test_a_budget_is_kept_to(small_model_file: Path) -> None:
    engine = Engine(small_model_file, cells_mib=45)
    try:
        # 30 layers, keys and values of 3 heads of 64 numbers of 2 bytes
        assert engine.context_tokens == 45 * 2**20 // (30 * 2 * 3 * 64 * 2) // 256 * 256
    finally:
        engine.close()


@pytest.fixture
def saved(model: LocalChatModel, tmp_path: Path) -> Path:
    model.invoke(asking("How hot is green tea steeped?", "green", "black"), max_tokens=1)
    path = tmp_path / "cells.bin"
    model.engine.save(path, "a key")
    return path


def test_saved_cells_give_the_same_answers_without_reading_again(
    model: LocalChatModel, saved: Path
) -> None:
    question = "How hot is green tea steeped?"
    before = answers(model, [question])
    assert model.engine.load(saved, "a key")
    message = model.invoke(asking(question, *QUESTIONS[question]), max_tokens=24)
    assert message.text == before[question]
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_token_details"]["cache_read"] > 30


def test_cells_of_another_key_or_with_a_flipped_byte_are_never_used(
    model: LocalChatModel, saved: Path
) -> None:
    assert not model.engine.load(saved, "another key")
    data = bytearray(saved.read_bytes())
    data[len(data) // 2] ^= 1
    saved.write_bytes(data)
    assert not model.engine.load(saved, "a key")
    saved.write_bytes(data[:-100])
    assert not model.engine.load(saved, "a key")


def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "no-model.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelUnavailable, match="cannot load") as refusal:
        Engine(path)
    assert "\n" not in str(refusal.value)
