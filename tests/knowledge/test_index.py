"""An index is built once, swapped in whole, and refused in one line when it is not as it should be.

Not covered: two processes that build the same index at the same time.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.downloads.catalogue import embedding_paths
from agent.settings import read_settings
from knowledge.comparison import Comparison, Passage
from knowledge.embed import MiniLM, Vector
from knowledge.errors import IndexMissingError
from knowledge.index import (
    build_index,
    index_key,
    index_source,
    indexed,
    open_index,
    texts,
)

HEAT, SHIPPED = "heat-pump-vs-gas-boiler", "decentralized-ai-vs-open-source-ai"


def paragraphs(count: int, sentences: int) -> list[str]:
    """Of made-up words, always the same."""
    ends = ("ra", "lin", "tos", "mek")
    words = [a + b + end for a in "bdfgklmnprst" for b in "aeiou" for end in ends]
    rng = random.Random(1)
    return [
        " ".join(f"{' '.join(rng.sample(words, 5)).capitalize()}." for _ in range(sentences))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def many() -> Comparison:
    """900 texts: 225 use cases of three sentences."""
    passages = tuple(
        Passage(number, "best-for", f"Case {number}", text, "Tea")
        for number, text in enumerate(paragraphs(225, 3), 1)
    )
    return Comparison("Tea vs Coffee", ("Tea", "Coffee"), "Both", "2026-01", passages)


@pytest.fixture(scope="module")
def index_of_many(
    many: Comparison, embedder: MiniLM, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("many")
    build_index(many, embedder, folder)
    return folder


class PowerCut(Exception):
    pass


class Dying(MiniLM):
    """Another embedding model, with which every build dies."""

    def __init__(self) -> None:
        super().__init__(Path("none.onnx"), Path("none.json"))
        self.sha256 = "of another model"

    def embed(self, text: str, beside: str | None = None) -> Vector:
        raise PowerCut


class Renamed(MiniLM):
    """The same vectors under another hash."""

    def __init__(self, embedder: MiniLM) -> None:
        super().__init__(Path("none.onnx"), Path("none.json"))
        self.sha256 = "of another model"
        self._other = embedder

    def embed(self, text: str, beside: str | None = None) -> Vector:
        return self._other.embed(text)


class Counting(Renamed):
    """The same; `embedded` has every text in order."""

    def __init__(self, embedder: MiniLM) -> None:
        super().__init__(embedder)
        self.embedded: list[str] = []

    def embed(self, text: str, beside: str | None = None) -> Vector:
        self.embedded.append(text)
        return super().embed(text)


def key(folder: Path, name: str = HEAT) -> str:
    current = json.loads((folder / name / "current.json").read_text(encoding="utf-8"))
    return str(current["key"])


def nearest(folder: Path, embedder: MiniLM, question: str) -> str:
    similarities = open_index(folder, embedder).similarities(embedder.embed(question))
    return max(similarities, key=lambda passage: similarities[passage].mixed())


def test_texts_are_the_whole_passage_and_each_sentence() -> None:
    passage = Passage(1, "analysis", "Tea", "Tea is leaves. It is old.")
    assert list(texts(passage)) == [
        "Tea. Tea is leaves. It is old.",
        "Tea is leaves.",
        "It is old.",
    ]


def test_index_gives_back_the_comparison_it_was_built_from(
    indexes: Path, second: Comparison, embedder: MiniLM
) -> None:
    assert open_index(indexes, embedder, HEAT).comparison == second


def test_second_build_does_nothing(small: Comparison, embedder: MiniLM, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert build_index(small, embedder, tmp_path, report=lambda *step: seen.append(step))
    assert seen == [(10, 10)]
    before = (tmp_path / HEAT / "current.json").read_bytes()
    assert not build_index(small, embedder, tmp_path, report=lambda *step: seen.append(step))
    assert seen == [(10, 10)]
    assert (tmp_path / HEAT / "current.json").read_bytes() == before


def test_changed_comparison_is_built_anew_and_coming_back_costs_nothing(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    build_index(small, embedder, tmp_path)
    old = key(tmp_path)
    assert build_index(replace(small, as_of="2026-01"), embedder, tmp_path)
    assert key(tmp_path) != old
    assert open_index(tmp_path, embedder).comparison.as_of == "2026-01"
    seen: list[object] = []
    assert build_index(small, embedder, tmp_path, report=lambda *step: seen.append(step))
    assert (key(tmp_path), seen) == (old, [])
    assert open_index(tmp_path, embedder).comparison == small


def test_other_embedding_model_means_a_new_index(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    assert index_key(small, embedder) != index_key(small, Renamed(embedder))
    assert build_index(small, embedder, tmp_path)
    assert build_index(small, Renamed(embedder), tmp_path)
    assert key(tmp_path) == index_key(small, Renamed(embedder))


def test_other_sentences_of_the_same_text_mean_a_new_index(
    small: Comparison, embedder: MiniLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index_key(small, embedder)
    again = replace(small, passages=tuple(map(replace, small.passages)))
    assert index_key(again, embedder) == before
    monkeypatch.setattr(Passage, "standing_alone", ("Split in another way.",))
    again = replace(small, passages=tuple(map(replace, small.passages)))
    assert index_key(again, embedder) != before


def test_an_index_opened_by_another_embedder_is_not_the_last_indexed(
    small: Comparison, second: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    build_index(small, embedder, tmp_path)
    build_index(replace(second, title="Tea vs Coffee"), embedder, tmp_path)
    current = tmp_path / HEAT / "current.json"
    before = (current.read_bytes(), current.stat().st_mtime_ns)
    assert open_index(tmp_path, Renamed(embedder), HEAT).comparison == small
    assert (current.read_bytes(), current.stat().st_mtime_ns) == before
    assert not build_index(small, embedder, tmp_path)
    assert open_index(tmp_path, embedder).comparison.title == "Tea vs Coffee"


def test_build_that_dies_leaves_the_old_index_in_use(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    build_index(small, embedder, tmp_path)
    old = key(tmp_path)
    with pytest.raises(PowerCut):
        build_index(replace(small, as_of="2026-01"), Dying(), tmp_path)
    assert {path.name for path in (tmp_path / HEAT).iterdir()} == {old, "current.json"}
    assert nearest(tmp_path, embedder, "What does it cost to buy?") == "dimension/purchase-price"


def test_build_after_one_that_died_succeeds_in_the_same_process(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    # Chroma kept its client of the folder that was gone: "attempt to write a readonly database"
    with pytest.raises(PowerCut):
        build_index(small, Dying(), tmp_path)
    assert build_index(small, embedder, tmp_path)
    assert nearest(tmp_path, embedder, "What does it cost to buy?") == "dimension/purchase-price"


def test_open_index_goes_on_while_it_is_built_anew(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    build_index(small, embedder, tmp_path)
    index = open_index(tmp_path, embedder)
    build_index(replace(small, as_of="2026-01"), embedder, tmp_path)
    assert index.similarities(embedder.embed("What does it cost to buy?"))


def test_source_is_remembered(small: Comparison, embedder: MiniLM, tmp_path: Path) -> None:
    assert index_source(tmp_path, HEAT) is None
    build_index(small, embedder, tmp_path, tmp_path / "heat.md")
    assert index_source(tmp_path, HEAT) == tmp_path / "heat.md"
    # the same comparison from another place: a checkout that was moved lost its messages
    assert not build_index(small, embedder, tmp_path, tmp_path / "moved" / "heat.md")
    assert index_source(tmp_path, HEAT) == tmp_path / "moved" / "heat.md"


@pytest.mark.slow
def test_similarities_are_the_cosines_of_every_passage_and_sentence(
    many: Comparison, index_of_many: Path, embedder: MiniLM
) -> None:
    # only the 200 nearest texts were looked at, and a use case beyond them was not there
    question = embedder.embed("Rafo tos belin?")
    found = open_index(index_of_many, embedder).similarities(question)
    assert list(found) == [passage.id for passage in many.passages]
    for passage in many.passages[::25]:
        cosines = [float(np.dot(embedder.embed(text), question)) for text in texts(passage)]
        told = (found[passage.id].whole, *found[passage.id].sentences)
        assert told == pytest.approx(tuple(cosines), abs=1e-6)


START = """
import hashlib, sys
from dataclasses import asdict
from pathlib import Path
from knowledge.embed import MiniLM
from knowledge.index import open_index

folder, onnx, tokenizer, *questions = sys.argv[1:]
embedder = MiniLM(Path(onnx), Path(tokenizer))
index = open_index(Path(folder), embedder)
for question in questions:
    found = index.similarities(embedder.embed(question))
    told = sorted((passage, asdict(similarity)) for passage, similarity in found.items())
    print(hashlib.sha256(repr(told).encode()).hexdigest())
"""


@pytest.mark.slow
def test_every_start_finds_the_very_same_similarities(index_of_many: Path) -> None:
    # Chroma's graph of fewer than 1,000 vectors is made at random at each start
    files = embedding_paths(read_settings().cache_dir)
    told = [str(index_of_many), str(files.onnx), str(files.tokenizer), *paragraphs(40, 1)]
    command = [sys.executable, "-c", START, *told]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(3)]
    first, *others = [start.communicate()[0].split() for start in starts]
    assert len(first) == 40
    different = [sum(a != b for a, b in zip(first, other, strict=True)) for other in others]
    assert different == [0, 0]


@pytest.mark.slow
def test_equal_texts_are_embedded_once_and_hide_no_other(
    many: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    # a graph of copies leads nowhere else
    footnote = "All prices are those of the manufacturer."
    passages = [
        Passage(number, "analysis", f"Kind {number}", f"{footnote} {footnote}")
        for number in range(1, 301)
    ]
    passages.append(Passage(301, "analysis", "Harvest", "The leaves are picked in April."))
    counting = Counting(embedder)
    build_index(replace(many, passages=tuple(passages)), counting, tmp_path)
    assert len(counting.embedded) == len(set(counting.embedded)) == 300 + 1 + 2
    index = open_index(tmp_path, embedder)
    found = index.similarities(embedder.embed("The leaves are picked in April."))
    assert found["analysis/harvest"].nearest == pytest.approx(1, abs=1e-6)
    of_footnotes = index.similarities(embedder.embed(footnote))
    nearest = {of_footnotes[passage.id].sentences for passage in passages[:-1]}
    assert len(nearest) == 1
    assert nearest.pop() == pytest.approx((1, 1), abs=1e-6)


def test_no_index_names_the_folder_and_the_command(embedder: MiniLM, tmp_path: Path) -> None:
    assert indexed(tmp_path) == []
    with pytest.raises(IndexMissingError) as caught:
        open_index(tmp_path, embedder)
    assert str(caught.value) == f'No comparison is indexed in {tmp_path}. Run "advisor index".'


def test_of_several_comparisons_the_one_indexed_last_is_used_and_said(
    indexes: Path, embedder: MiniLM, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert indexed(indexes) == [SHIPPED, HEAT]
    copy = tmp_path / "copy"
    shutil.copytree(indexes, copy)
    for newest, other in ((HEAT, SHIPPED), (SHIPPED, HEAT)):
        for name, time_s in ((newest, 2000), (other, 1000)):
            os.utime(copy / name / "current.json", (time_s, time_s))
        caplog.clear()
        assert open_index(copy, embedder).comparison.slug == newest
        assert caplog.messages == [
            f"{newest} is used, which was indexed last. There are also {other}: "
            "choose with --comparison."
        ]


@pytest.mark.parametrize("name", ["tea-vs-coffee", "../copied", HEAT.upper(), f"{HEAT}/"])
def test_unknown_name_is_answered_with_those_there_are(
    name: str, copied: Path, embedder: MiniLM
) -> None:
    with pytest.raises(IndexMissingError) as caught:
        open_index(copied, embedder, name)
    assert str(caught.value) == (
        f'No comparison "{name}" is indexed in {copied} (there: {HEAT}). Run "advisor index FILE".'
    )


def test_index_of_another_form_is_one_clear_line(copied: Path, embedder: MiniLM) -> None:
    pointer = copied / HEAT / "current.json"
    pointer.write_text(
        json.dumps(json.loads(pointer.read_text(encoding="utf-8")) | {"form": 0}), encoding="utf-8"
    )
    with pytest.raises(IndexMissingError) as caught:
        open_index(copied, embedder)
    assert str(caught.value) == (
        f"The index of {HEAT} in {copied} is of form 0, this advisor reads form 2. "
        'Run "advisor index FILE" with its document to build it again.'
    )


def test_an_unreadable_pointer_is_built_again(
    copied: Path, second: Comparison, embedder: MiniLM
) -> None:
    (copied / HEAT / "current.json").write_text("nonsense", encoding="utf-8")
    with pytest.raises(IndexMissingError, match="advisor index"):
        open_index(copied, embedder)
    assert build_index(second, embedder, copied)
    assert open_index(copied, embedder).comparison == second


def test_folder_that_cannot_be_made_is_an_os_error(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()  # also root cannot make a folder below it
    with pytest.raises(OSError, match="Not a directory"):
        build_index(small, embedder, tmp_path / "file" / "indexes")
