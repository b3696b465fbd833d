"""What probes depend on is all in their key, and the key is in what answers depend on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import agent.prompting.builder
from agent.downloads.catalogue import ARTIFACTS
from agent.errors import InputError
from agent.factory import index_file
from agent.learning import artifacts
from agent.learning.artifacts import origin_of, read_probes
from agent.learning.messages import Message, read_messages
from agent.provenance import configuration
from agent.settings import DEFAULT_MODEL, read_settings
from agent.web.context import LEANINGS_DEPEND_ON
from evals.tuning.fit_decision import DEPENDS_ON
from knowledge.comparison import Comparison, Passage
from knowledge.data import MESSAGES, PROBES, shipped
from knowledge.documents.reader import parse_file
from knowledge.embed import Embedders
from tests.helpers.paths import DATA


@pytest.mark.parametrize("source", [*shipped(), DATA / "second.md"], ids=lambda path: path.stem)
def test_what_ships_is_of_this_tree(source: Path) -> None:
    comparison = parse_file(source)
    messages = read_messages(source.with_suffix(MESSAGES), comparison)
    origin = origin_of(comparison, messages, ARTIFACTS[DEFAULT_MODEL].sha256)
    assert read_probes(source.with_suffix(PROBES), origin)


def test_probes_depend_on_how_passages_are_shown(
    second: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = origin_of(second, (), "a model")
    shown = agent.prompting.builder.passage_text

    def otherwise(passage: Passage) -> str:
        return shown(passage).replace("]", ")")

    monkeypatch.setattr(agent.prompting.builder, "passage_text", otherwise)
    assert origin_of(second, (), "a model").differs_from(before) == ["prompts"]


def told(name: str, value: object) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setattr(artifacts, name, value)


@pytest.mark.parametrize(
    "change",
    [
        told("LAYOUT", "another"),
        told("injection_examples", lambda: ()),
        told("given_messages", lambda *of: (Message("Is it loud?"),)),
        told("understanding_sha256", lambda: "learnt of others"),
        told("answer_prompt", agent.prompting.builder.answer_prompt),
    ],
    ids=["layout", "injections", "given", "learnt", "nothing"],
)
def test_what_answers_depend_on_has_the_key_of_the_probes(
    change: Callable[[pytest.MonkeyPatch], None],
    second: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    before = configuration(read_settings(), second)
    change(monkeypatch)
    after = configuration(read_settings(), second)
    differs = {name for name in before if before[name] != after[name]}
    nothing = request.node.callspec.id == "nothing"
    assert differs == (set() if nothing else {"probes_sha256"})


def test_answers_depend_on_where_the_model_runs(second: Comparison) -> None:
    found = [configuration(read_settings(gpu_layers=layers), second) for layers in (0, 3)]
    assert [each["gpu_layers"] for each in found] == [0, 3]
    served = configuration(read_settings(base_url="http://host/v1"), second)
    assert not {"gpu_layers", "probes_sha256"} & set(served)
    assert {"gpu_layers", "probes_sha256"} <= set(DEPENDS_ON) & set(LEANINGS_DEPEND_ON)


def test_messages_that_cannot_be_read_are_one_line_before_anything_is_asked(
    tmp_path: Path, embedders: Embedders
) -> None:
    source = tmp_path / "second.md"
    shutil.copyfile(DATA / "second.md", source)
    source.with_suffix(MESSAGES).write_text("nonsense", encoding="utf-8")
    comparison, _ = index_file(read_settings(), embedders, source)
    with pytest.raises(InputError, match=r"second\.messages\.jsonl:1: "):
        configuration(read_settings(), comparison)
