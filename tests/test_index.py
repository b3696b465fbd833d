"""An index is built once, swapped in whole, and refused in one line when it is not as it should be.

Not covered: two processes that build the same index at the same time.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.comparison import Comparison, Passage
from knowledge.embed import MiniLM, Vector
from knowledge.errors import IndexMissing
from knowledge.index import build_index, index_key, index_source, indexed, open_index, views

HEAT, SHIPPED = "heat-pump-vs-gas-boiler", "decentralized-ai-vs-open-source-ai"


@pytest.fixture
def small(second: Comparison) -> Comparison:
    """Few passages, as each takes its time."""
    return replace(second, passages=second.passages[:3])


@pytest.fixture
def copied(indexes: Path, tmp_path: Path) -> Path:
    """A copy of the shared indexes, to be damaged."""
    shutil.copytree(indexes / HEAT, tmp_path / "copied" / HEAT)
    return tmp_path / "copied"


class PowerCut(Exception):
    pass


class Dying(MiniLM):
    """Another embedding model, with which every build dies."""

    def __init__(self) -> None:
        super().__init__(Path("none.onnx"), Path("none.json"))
        self.sha256 = "of another model"

    def embed(self, text: str) -> Vector:
        raise PowerCut


class Renamed(MiniLM):
    """The same vectors under another hash."""

    def __init__(self, embedder: MiniLM) -> None:
        super().__init__(Path("none.onnx"), Path("none.json"))
        self.sha256 = "of another model"
        self._other = embedder

    def embed(self, text: str) -> Vector:
        return self._other.embed(text)


def key(folder: Path, name: str = HEAT) -> str:
    current = json.loads((folder / name / "current.json").read_text(encoding="utf-8"))
    return str(current["key"])


def nearest(folder: Path, embedder: MiniLM, question: str) -> str:
    similarities = open_index(folder, embedder).similarities(embedder.embed(question))
    return max(similarities, key=lambda passage: similarities[passage].mean)


def test_views_are_the_whole_passage_and_each_sentence() -> None:
    passage = Passage(1, "analysis", "Tea", "Tea is leaves. It is old.")
    assert [(view.sentence, view.text) for view in views(passage)] == [
        (None, "Tea. Tea is leaves. It is old."),
        (0, "Tea is leaves."),
        (1, "It is old."),
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


def test_changed_comparison_is_built_anew_and_the_old_folder_goes(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    build_index(small, embedder, tmp_path)
    old = key(tmp_path)
    assert build_index(replace(small, as_of="2026-01"), embedder, tmp_path)
    assert key(tmp_path) != old
    assert {path.name for path in (tmp_path / HEAT).iterdir()} == {key(tmp_path), "current.json"}
    assert open_index(tmp_path, embedder).comparison.as_of == "2026-01"


def test_other_embedding_model_means_a_new_index(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    assert index_key(small, embedder) != index_key(small, Renamed(embedder))
    assert build_index(small, embedder, tmp_path)
    assert build_index(small, Renamed(embedder), tmp_path)
    assert key(tmp_path) == index_key(small, Renamed(embedder))


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


def test_similarities_are_limited_to_what_recommends_and_to_the_nearest_texts(
    indexes: Path, second: Comparison, embedder: MiniLM
) -> None:
    index = open_index(indexes, embedder, HEAT)
    question = embedder.embed("How loud is it?")
    cases = index.similarities(question, recommending=True)
    assert set(cases) == {passage.id for passage in second.recommending}
    everywhere = index.similarities(question)
    assert set(everywhere) == {passage.id for passage in second.passages}
    assert all(-1 <= found.whole <= 1 for found in everywhere.values())
    assert len(index.similarities(question, limit=3)) <= 3


def test_no_index_names_the_folder_and_the_command(embedder: MiniLM, tmp_path: Path) -> None:
    assert indexed(tmp_path) == []
    with pytest.raises(IndexMissing) as caught:
        open_index(tmp_path, embedder)
    assert str(caught.value) == f'No comparison is indexed in {tmp_path}. Run "advisor index".'


def test_several_comparisons_need_a_name(indexes: Path, embedder: MiniLM) -> None:
    assert indexed(indexes) == [SHIPPED, HEAT]
    with pytest.raises(IndexMissing) as caught:
        open_index(indexes, embedder)
    assert str(caught.value) == (
        f"Several comparisons are indexed: {SHIPPED}, {HEAT}. "
        "Say which with --comparison SLUG or ADVISOR_COMPARISON."
    )


@pytest.mark.parametrize("name", ["tea-vs-coffee", "../copied", HEAT.upper(), f"{HEAT}/"])
def test_unknown_name_is_answered_with_those_there_are(
    name: str, copied: Path, embedder: MiniLM
) -> None:
    with pytest.raises(IndexMissing) as caught:
        open_index(copied, embedder, name)
    assert str(caught.value) == (
        f'No comparison "{name}" is indexed in {copied} (there: {HEAT}). Run "advisor index FILE".'
    )


def test_index_of_another_form_is_one_clear_line(copied: Path, embedder: MiniLM) -> None:
    pointer = copied / HEAT / "current.json"
    pointer.write_text(
        json.dumps(json.loads(pointer.read_text(encoding="utf-8")) | {"form": 0}), encoding="utf-8"
    )
    with pytest.raises(IndexMissing) as caught:
        open_index(copied, embedder)
    assert str(caught.value) == (
        f"The index of {HEAT} in {copied} is of form 0, this advisor reads form 1. "
        'Run "advisor index" to build it again.'
    )


def empty_database(home: Path) -> None:
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"")


def database_of_nonsense(home: Path) -> None:
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"nonsense" * 1000)


def cut_database(home: Path) -> None:
    database = home / "chroma" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:50_000])


def no_database(home: Path) -> None:
    shutil.rmtree(home / "chroma")  # Chroma would make an empty one, and nothing would be found


def comparison_of_nonsense(home: Path) -> None:
    (home / "comparison.json").write_text("{", encoding="utf-8")


def comparison_that_is_a_list(home: Path) -> None:
    (home / "comparison.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        empty_database,
        database_of_nonsense,
        cut_database,
        no_database,
        comparison_of_nonsense,
        comparison_that_is_a_list,
    ],
)
def test_damaged_index_is_one_line_with_the_remedy(
    damage: Callable[[Path], None], copied: Path, embedder: MiniLM
) -> None:
    damage(copied / HEAT / key(copied))
    with pytest.raises(IndexMissing) as caught:
        open_index(copied, embedder)
    message = str(caught.value)
    assert message.startswith(f"The index of {HEAT} at {copied / HEAT / key(copied)} is damaged (")
    assert message.endswith(f'). Remove {copied / HEAT} and run "advisor index".')
    assert "\n" not in message


def test_unreadable_pointer_or_lost_comparison_is_built_again(
    copied: Path, second: Comparison, embedder: MiniLM
) -> None:
    (copied / HEAT / "current.json").write_text("nonsense", encoding="utf-8")
    with pytest.raises(IndexMissing, match="advisor index"):
        open_index(copied, embedder)
    assert build_index(second, embedder, copied)
    (copied / HEAT / key(copied) / "comparison.json").unlink()
    with pytest.raises(IndexMissing, match="advisor index"):
        open_index(copied, embedder)
    assert build_index(second, embedder, copied)
    assert open_index(copied, embedder).comparison == second


def test_folder_that_cannot_be_made_is_an_os_error(
    small: Comparison, embedder: MiniLM, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()  # also root cannot make a folder below it
    with pytest.raises(OSError, match="Not a directory"):
        build_index(small, embedder, tmp_path / "file" / "indexes")
