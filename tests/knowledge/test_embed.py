"""The embedder as its publisher meant it, and files that are not it."""

from pathlib import Path

import numpy as np
import pytest

from agent.downloads.catalogue import embedding_paths
from agent.settings import read_settings
from knowledge.embed import MiniLM, Tuning
from knowledge.errors import EmbeddingMissingError


def test_vector_is_384_numbers_of_length_one(embedder: MiniLM) -> None:
    vector = embedder.embed("Which one suits a small clinic?")
    assert vector.shape == (384,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_paraphrase_is_nearer_than_another_subject(embedder: MiniLM) -> None:
    question, paraphrase, other = (
        embedder.embed(text)
        for text in ("We must ship fast.", "Speed of delivery matters to us.", "Cats like fish.")
    )
    assert question @ paraphrase > question @ other + 0.1


def test_same_text_has_the_same_vector_in_every_call(embedder: MiniLM) -> None:
    query = embedder.embed_query("Akash")
    assert query == embedder.embed_documents(["Bittensor", "Akash"])[1]
    assert query == [float(x) for x in embedder.embed("Akash")]


@pytest.mark.parametrize("text", ["", " ", "🎉", "\0", "ж" * 10])
def test_any_text_has_a_vector(embedder: MiniLM, text: str) -> None:
    assert np.isfinite(embedder.embed(text)).all()


def test_text_beyond_256_tokens_is_cut(embedder: MiniLM) -> None:
    short = "word " * 300
    assert np.array_equal(embedder.embed(short), embedder.embed(short + "and something else"))


def test_hash_is_of_both_files(embedder: MiniLM, tmp_path: Path) -> None:
    files = embedding_paths(read_settings().cache_dir)
    tokenizer = tmp_path / "tokenizer.json"
    tokenizer.write_bytes(files.tokenizer.read_bytes() + b"\n")
    assert MiniLM(files.onnx, files.tokenizer).sha256 == embedder.sha256
    assert MiniLM(files.onnx, tokenizer).sha256 != embedder.sha256


def test_files_that_are_no_model_are_one_line_with_the_remedy(tmp_path: Path) -> None:
    onnx, tokenizer = tmp_path / "model.onnx", tmp_path / "tokenizer.json"
    onnx.write_bytes(b"no model")
    tokenizer.write_text("{}", encoding="utf-8")
    broken = MiniLM(onnx, tokenizer)
    with pytest.raises(EmbeddingMissingError) as caught:
        broken.embed("Akash")
    assert str(caught.value).startswith(f"The embedding model at {tmp_path} cannot be read (")
    assert str(caught.value).endswith('). Run "advisor pull".')
    assert "\n" not in str(caught.value)


def test_files_are_opened_at_first_use_only(tmp_path: Path) -> None:
    MiniLM(tmp_path / "none.onnx", tmp_path / "none.json")


def test_tuning_is_added_to_the_bytes_of_the_file(tmp_path: Path) -> None:
    steps = (np.array([1, -1], np.int8), np.array([3], np.int8))
    Tuning((1, 4), steps).write(tmp_path / "tuning.npz")
    tuning = Tuning.read(tmp_path / "tuning.npz")
    assert tuning.apply(bytes([10, 20, 30, 40, 255])) == bytes([10, 21, 29, 40, 2])


def test_coarse_steps_are_multiples_two_in_a_byte(tmp_path: Path) -> None:
    steps = (np.array([4, -5, 0], np.int8), np.array([60, -60], np.int8))
    Tuning((1, 4), steps).write(tmp_path / "tuning.npz", coarse=3)
    first, second = Tuning.read(tmp_path / "tuning.npz").steps
    assert (first.tolist(), second.tolist()) == ([3, -6, 0], [21, -24])


def test_tuned_weights_have_another_hash(embedder: MiniLM, tmp_path: Path) -> None:
    files = embedding_paths(read_settings().cache_dir)
    place = files.onnx.stat().st_size // 2
    Tuning((place,), (np.ones(1, np.int8),)).write(tmp_path / "tuning.npz")
    tuned = MiniLM(files.onnx, files.tokenizer, tmp_path / "tuning.npz")
    assert tuned.sha256 != embedder.sha256
