"""What has been learnt of a comparison: where it is found, what it depends on, what ships.

The model here is made up; what real probes tell is for evals/ to measure.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from agent.downloads.catalogue import ARTIFACTS
from agent.factory import index_file, open_retriever
from agent.learning import artifacts as learnt
from agent.learning.artifacts import ArtifactError, Origin, origin_of, read_probes, write_probes
from agent.learning.messages import read_messages
from agent.learning.probe import LEAST, Probes, learn
from agent.learning.understanding import Reference, refer
from agent.progress import silent
from agent.settings import DEFAULT_MODEL, Settings, read_settings
from knowledge.cache import write_sealed
from knowledge.comparison import Comparison
from knowledge.data import MESSAGES, PROBES, shipped
from knowledge.documents.reader import parse_file
from knowledge.embed import Embedders
from knowledge.retrieve import Retriever
from tests.agent.learning.test_probe import INJECTIONS, finding, telling
from tests.agent.learning.test_probe import MESSAGES as TOLD
from tests.agent.learning.test_understanding import UNDERSTANDING, recording
from tests.helpers.paths import DATA
from tests.helpers.reported import reported

MAX_SHIPPED_BYTES = 1_000_000
SHIPPED = [*shipped(), DATA / "second.md"]
ORIGIN = Origin("model", "embedding", "comparison", "messages", "prompts", "layout")


@pytest.mark.parametrize("source", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_was_learnt_from_this_tree(source: Path) -> None:
    comparison = parse_file(source)
    messages = read_messages(source.with_suffix(MESSAGES), comparison)
    file = source.with_suffix(PROBES)
    origin = origin_of(comparison, messages, ARTIFACTS[DEFAULT_MODEL].sha256)
    try:
        probes = read_probes(file, origin)
    except ArtifactError as error:
        pytest.fail(f'{error} Run "make probes" to make it anew.')
    assert file.stat().st_size <= MAX_SHIPPED_BYTES
    assert probes.case.weights.shape[1] == len(comparison.recommending)


@pytest.fixture(scope="module")
def probes(second: Comparison) -> Probes:
    found = learn(telling(["ski", "hut", "loud"]), second, TOLD, INJECTIONS, finding(second))
    assert found
    return found


@pytest.mark.parametrize("part", [field.name for field in fields(Origin)])
def test_probes_of_another_origin_are_refused_by_name(
    tmp_path: Path, probes: Probes, part: str
) -> None:
    file = tmp_path / "tea.probes"
    write_probes(file, ORIGIN, probes)
    assert read_probes(file, ORIGIN).places.tolist() == probes.places.tolist()
    with pytest.raises(ArtifactError, match=rf"^tea\.probes does not fit \(different: {part}\)\.$"):
        read_probes(file, replace(ORIGIN, **{part: "another"}))


def test_torn_probes_and_those_of_another_layout_are_refused_in_one_line(
    tmp_path: Path, probes: Probes
) -> None:
    file = tmp_path / "tea.probes"
    with pytest.raises(ArtifactError, match=r"^tea\.probes cannot be read \(No such file"):
        read_probes(file, ORIGIN)
    write_probes(file, ORIGIN, probes)
    whole = file.read_bytes()
    for torn in (b"", whole[:-1], whole[:100], bytes([*whole[:-1], whole[-1] ^ 1])):
        file.write_bytes(torn)
        with pytest.raises(
            ArtifactError, match=r"^tea\.probes is damaged or has another layout\.$"
        ):
            read_probes(file, ORIGIN)
    less = asdict(ORIGIN)
    del less["layout"]
    line = json.dumps(less).encode() + b"\n"
    for content in (b"\n", line, b"[]\n", f"{ORIGIN.key}\nno probes".encode()):
        write_sealed(file, partial(_write, content))
        with pytest.raises(ArtifactError, match="is damaged or has another layout"):
            read_probes(file, ORIGIN)


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a model whose file is a few bytes."""
    (tmp_path / "model.gguf").write_bytes(b"a model")
    return read_settings(model=str(tmp_path / "model.gguf"))


@pytest.fixture
def learns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A line for each time that something is learnt; a file's content stands for its hash."""
    times: list[str] = []

    def learning(*arguments: Any) -> Probes | None:
        times.append("learnt")
        return learn(*arguments)

    monkeypatch.setattr(learnt, "learn", learning)
    monkeypatch.setattr(learnt, "injection_examples", lambda: INJECTIONS)
    monkeypatch.setattr(learnt, "model_sha256", lambda s: Path(s.model).read_text(encoding="utf-8"))
    return times


@pytest.fixture
def opened(
    settings: Settings, embedders: Embedders, tmp_path: Path
) -> Callable[..., tuple[Probes | None, list[str]]]:
    """Opens the probes of a document with messages beside it, and gives what is said."""
    source = tmp_path / "second.md"
    source.write_bytes((DATA / "second.md").read_bytes())
    lines = (DATA / f"second{MESSAGES}").read_text(encoding="utf-8").splitlines()
    source.with_suffix(MESSAGES).write_text("\n".join(lines[::2]), encoding="utf-8")
    index_file(settings, embedders, source)

    def open_them(**changed: object) -> tuple[Probes | None, list[str]]:
        used = settings.model_copy(update=changed)
        retriever = open_retriever(used)
        model = telling(["ski", "hut", "panels", "roof", "loud", "hum"])
        with reported("agent.learning.artifacts") as lines:
            return learnt.open_probes(model, retriever, used, silent), lines

    return open_them


@pytest.mark.slow
def test_what_was_learnt_is_not_learnt_again_whatever_does_not_matter_has_changed(
    opened: Callable[..., tuple[Probes | None, list[str]]],
    learns: list[str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    first, said = opened()
    assert first and said == [
        "Training probes for use cases and sentences; later starts skip this."
    ]
    copy = tmp_path / "elsewhere" / "copy.gguf"
    copy.parent.mkdir()
    copy.write_bytes(Path(settings.model).read_bytes())
    for changed in (
        {},
        {"threads": 1},
        {"threads": 4},
        {"top_k": 7},
        {"kv_cache_mib": 10},
        {"gpu_layers": 3},
        {"model": str(copy)},
    ):
        again, said = opened(**changed)
        assert again and (said, len(learns)) == ([], 1), changed
    other = tmp_path / "other.gguf"
    other.write_bytes(b"another model")
    for model, times in ((other, 2), (copy, 2), (other, 2)):
        opened(model=str(model))
        assert len(learns) == times


@pytest.mark.slow
def test_what_ships_is_used_where_it_fits_and_else_said_and_learnt_on_the_spot(
    opened: Callable[..., tuple[Probes | None, list[str]]],
    learns: list[str],
    tmp_path: Path,
) -> None:
    made, _ = opened()
    assert made
    file = tmp_path / f"second{PROBES}"
    comparison = parse_file(tmp_path / "second.md")
    messages = read_messages(tmp_path / f"second{MESSAGES}", comparison)
    origin = origin_of(comparison, messages, "a model")
    write_probes(file, origin, made)
    shutil.rmtree(tmp_path / "data" / "probes")
    found, said = opened()
    assert found and (said, len(learns)) == ([], 1)
    write_probes(file, replace(origin, prompts="others"), made)
    found, said = opened()
    assert found and len(learns) == 2
    assert said[0] == f"second{PROBES} does not fit (different: prompts). It is not used."
    file.write_bytes(file.read_bytes()[:-1])
    found, said = opened()
    assert found and len(learns) == 2
    assert said == [f"second{PROBES} is damaged or has another layout. It is not used."]


def test_messages_that_are_too_few_are_said_to_be_and_not_learnt_from(
    opened: Callable[..., tuple[Probes | None, list[str]]], learns: list[str], tmp_path: Path
) -> None:
    file = tmp_path / f"second{MESSAGES}"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    comparison = parse_file(tmp_path / "second.md")
    found, said = opened()
    lacking = f"{LEAST} messages about {comparison.recommending[0].heading}"
    assert said == [f"The messages next to the document are not used: they lack {lacking}."]
    assert (found, learns) == (None, [])
    file.unlink()
    assert opened() == (None, [])


def test_a_reference_is_made_once_for_each_model_prompt_and_comparison(
    settings: Settings,
    second_retriever: Retriever,
    monkeypatch: pytest.MonkeyPatch,
    learns: list[str],
) -> None:
    made: list[str] = []

    def referring(model: Any, retriever: Retriever) -> Reference:
        made.append(retriever.index.comparison.title)
        return refer(model, retriever)

    monkeypatch.setattr(learnt, "refer", referring)
    monkeypatch.setattr(
        learnt,
        "shipped_understanding",
        lambda sha256: UNDERSTANDING if sha256 == "a model" else None,
    )
    with reported("agent.learning.artifacts") as lines:
        first = learnt.open_learnt(recording(), second_retriever, settings)
    assert first and len(lines) == len(first.alike()) > 0
    assert all(" are hard to tell apart (1.00 of 1). Say in each" in line for line in lines)
    with reported("agent.learning.artifacts") as lines:
        again = learnt.open_learnt(recording(), second_retriever, settings)
    assert again and made == [second_retriever.index.comparison.title] and lines == []
    assert (again.reference.cases == first.reference.cases).all()
    monkeypatch.setattr(learnt, "anybody", lambda: ["Another text."])
    assert learnt.open_learnt(recording(), second_retriever, settings) and len(made) == 2
    Path(settings.model).write_text("another model", encoding="utf-8")
    assert learnt.open_learnt(recording(), second_retriever, settings) is None
    assert learns == []
