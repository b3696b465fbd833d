"""What is made ready at a start: here, what the model reads ahead, with a small real one.

Indexes and probes are tested where they are made.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.factory import prefill
from agent.llm.local import LocalChatModel
from agent.progress import Report
from agent.settings import read_settings
from knowledge.comparison import Comparison
from tests.helpers.reported import reported
from tests.helpers.tea import contents

pytestmark = pytest.mark.model


def opened(
    file: Path,
    comparison: Comparison,
    kv_cache_mib: int,
    threads: int = 2,
    gpu_layers: int = 0,
) -> tuple[LocalChatModel, list[str]]:
    """A model that has read what is to be read ahead, and what was said meanwhile."""
    model = LocalChatModel(file, kv_cache_mib, threads)
    settings = read_settings(
        model=str(file), kv_cache_mib=kv_cache_mib, threads=threads, gpu_layers=gpu_layers
    )
    with reported("agent.factory") as lines:
        prefill(model, comparison, settings)
    return model, lines


def test_what_was_read_once_is_not_read_at_the_next_start(
    small_model_file: Path, second: Comparison
) -> None:
    model, said = opened(small_model_file, second, 256)
    kv_cache = contents(model.engine)
    model.close()
    assert len(kv_cache) == 3 + len(second.passages)
    assert said == ["Processing the passages once; later starts skip this."]
    model, said = opened(small_model_file, second, 256)
    assert (said, model.engine.tokens_cached, contents(model.engine)) == ([], 0, kv_cache)
    model.close()


def test_progress_is_that_of_all_tokens(small_model_file: Path, second: Comparison) -> None:
    # counted by texts, the time left was told as twelve minutes where it was two: the first three
    # are the longest by far
    steps: list[tuple[int, int]] = []

    @contextmanager
    def noting(description: str, unit: str = "", done: int = 0) -> Iterator[Report]:
        assert unit == "tokens"
        yield lambda done, total: steps.append((done, total))

    model = LocalChatModel(small_model_file, 0)
    prefill(model, second, read_settings(model=str(small_model_file)), noting)
    model.close()
    model = LocalChatModel(small_model_file)
    prefill(model, second, read_settings(model=str(small_model_file)), noting)
    assert len(steps) == 3 + len(second.passages)
    assert steps[-1] == (model.engine.tokens_cached, model.engine.tokens_cached)
    assert steps == sorted(steps) and len({total for _, total in steps}) == 1
    model.close()


def test_other_threads_and_a_copied_model_file_read_nothing_again(
    small_model_file: Path, second: Comparison, tmp_path: Path
) -> None:
    model, _ = opened(small_model_file, second, 256)
    read = contents(model.engine)
    model.close()
    copy = tmp_path / "copy.gguf"
    shutil.copyfile(small_model_file, copy)
    for file, threads in ((small_model_file, 1), (small_model_file, 4), (copy, 2)):
        model, said = opened(file, second, 256, threads)
        assert (said, model.engine.tokens_cached) == ([], 0)
        assert contents(model.engine) == read
        model.close()


def test_what_was_read_on_a_cpu_is_not_what_a_gpu_has_read(
    small_model_file: Path, second: Comparison
) -> None:
    few = replace(second, passages=second.passages[:1])
    for gpu_layers, tokens in ((0, True), (3, True), (-1, False), (0, False)):
        model, _ = opened(small_model_file, few, 256, gpu_layers=gpu_layers)
        assert bool(model.engine.tokens_cached) is tokens
        model.close()


def test_a_small_budget_is_filled_and_a_larger_one_goes_on_from_there(
    small_model_file: Path, second: Comparison
) -> None:
    texts = 3 + len(second.passages)
    model, said = opened(small_model_file, second, 0)
    assert (contents(model.engine), model.engine.tokens_cached) == ({}, 0)
    assert said[0] == f"{texts} of {texts} texts are processed when needed: " + (
        "ADVISOR_KV_CACHE_MIB=0 is full."
    )
    model.close()
    model, said = opened(small_model_file, second, 56)
    few = contents(model.engine)
    assert 3 <= len(few) < texts and model.engine.kv_cache.size_bytes <= 56 * 2**20
    assert said[1].startswith(f"{texts - len(few)} of {texts} texts are processed when needed")
    model.close()
    model, said = opened(small_model_file, second, 256)
    assert said == ["Processing the passages once; later starts skip this."]
    assert len(contents(model.engine)) == texts
    assert few.items() <= contents(model.engine).items()
    model.close()


def test_two_comparisons_share_a_small_cache_and_neither_is_read_again(
    small_model_file: Path, second: Comparison, comparison: Comparison
) -> None:
    few = [replace(each, passages=each.passages[:2]) for each in (comparison, second)]
    settings = read_settings(model=str(small_model_file))
    alone = []
    for each in few:
        model, _ = opened(small_model_file, each, 256, threads=1)
        alone.append(contents(model.engine))
        room_mib = model.engine.kv_cache.size_bytes / 2**20
        model.close()
    assert alone[0].keys() & alone[1].keys()  # the system message that they have in common
    together = LocalChatModel(small_model_file, threads=1)
    for each in few:
        prefill(together, each, settings)
    assert contents(together.engine) == alone[0] | alone[1]
    together.close()
    small = LocalChatModel(small_model_file, int(1.5 * room_mib), threads=1)
    for _ in range(2):
        for each, its in zip(few, alone, strict=True):
            prefill(small, each, settings)
            assert its.items() <= contents(small.engine).items()
    assert small.engine.tokens_cached == 0
    small.close()


def test_what_somebody_s_question_ends_goes_on_where_it_was(
    small_model_file: Path, second: Comparison
) -> None:
    settings = read_settings(model=str(small_model_file))
    asked, steps = threading.Event(), list[int]()

    @contextmanager
    def asking(description: str, unit: str = "", done: int = 0) -> Iterator[Report]:
        def report(done: int, total: int) -> None:
            steps.append(done)
            if len(steps) == 4:
                asked.set()

        yield report

    model = LocalChatModel(small_model_file)
    prefill(model, second, settings, passages=False)
    assert len(contents(model.engine)) == 2
    prefill(model, second, settings, asking, cancel=asked)
    assert len(contents(model.engine)) == len(steps) == 4
    prefill(model, second, settings)
    assert len(contents(model.engine)) == 3 + len(second.passages)
    model.close()
