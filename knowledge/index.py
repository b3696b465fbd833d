"""The one module that knows Chroma: passages and their vectors, kept on disk.

A comparison's index lives in FOLDER/<slug>/<key>/, where the key is a hash of the comparison,
the embedding model and the form of the index. It is built beside the old one and swapped in by
replacing FOLDER/<slug>/current.json, so a build that dies leaves the old index in place.

Each passage has several vectors: one of its heading and text, and one of each sentence, so that
a figure in the middle of a long section is found by a question about just that figure.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import chromadb
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from langchain_chroma import Chroma

from knowledge.comparison import Comparison, Passage
from knowledge.embed import MiniLM, Vector
from knowledge.errors import IndexMissing

FORM = 1  # of the index on disk; another one is rebuilt or refused
COLLECTION = "passages"
WHOLE = -1  # in place of a sentence's number: the whole passage

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class View:
    """One embedded text of a passage: the whole (sentence None) or its nth sentence."""

    passage: Passage
    sentence: int | None
    text: str


def views(passage: Passage) -> Iterator[View]:
    """The texts of a passage that get a vector of their own."""
    yield View(passage, None, f"{passage.heading}. {passage.text}")
    for number, sentence in enumerate(passage.sentences):
        yield View(passage, number, sentence)


@dataclass(frozen=True)
class Similarity:
    """Cosine similarities, in [-1, 1], of a question with a passage and its sentences.

    `sentences` has those that are among the nearest texts, by their place in the passage.
    """

    whole: float
    sentences: dict[int, float]

    @property
    def nearest(self) -> float:
        """The highest of them."""
        return max(self.whole, *self.sentences.values()) if self.sentences else self.whole

    @property
    def mean(self) -> float:
        """The mean of the whole passage's similarity and its nearest sentence's."""
        return (self.whole + max(self.sentences.values(), default=self.whole)) / 2


class Index:
    """A comparison and the vectors of its passages."""

    def __init__(self, comparison: Comparison, embedder: MiniLM, store: Chroma) -> None:
        self.comparison = comparison
        self.embedder = embedder
        self._store = store
        self._passages = {passage.id: passage for passage in comparison.passages}

    def similarities(
        self, question: Vector, limit: int = 200, recommending: bool = False
    ) -> dict[str, Similarity]:
        """Passage id -> how near it is to `question`, for the passages of the nearest texts.

        `limit` is the number of nearest texts looked at; a text of a found passage that is not
        among them counts as the farthest that is. `recommending` looks only at passages that
        give a verdict.
        """
        # langchain-chroma's type knows only equality; Chroma's filters compare too
        giving_verdicts: Any = {"verdict": {"$ne": ""}}
        found = self._store.similarity_search_by_vector_with_relevance_scores(
            [float(x) for x in question],
            k=limit,
            filter=giving_verdicts if recommending else None,
        )
        whole: dict[str, float] = {}
        sentence: dict[str, dict[int, float]] = {}
        farthest = 1.0
        for document, distance in found:
            passage, place = document.metadata["passage"], document.metadata["sentence"]
            farthest = min(farthest, 1.0 - distance)
            if place == WHOLE:
                whole[passage] = 1.0 - distance
            else:
                sentence.setdefault(passage, {})[place] = 1.0 - distance
        return {
            passage: Similarity(whole.get(passage, farthest), sentence.get(passage, {}))
            for passage in whole | sentence
        }

    def passage(self, passage_id: str) -> Passage:
        return self._passages[passage_id]


def index_key(comparison: Comparison, embedder: MiniLM) -> str:
    """What an index depends on, as one short hash."""
    parts = (comparison.sha256, embedder.sha256, str(FORM), chromadb.__version__)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def build_index(
    comparison: Comparison,
    embedder: MiniLM,
    folder: Path,
    source: Path | None = None,
    report: Report = lambda done, total: None,
) -> bool:
    """Makes the index of `comparison` in `folder` current; False if it already was.

    `source` is remembered, so that a changed file can be noticed. Raises OSError if the folder
    cannot be written.
    """
    key = index_key(comparison, embedder)
    home = folder / comparison.slug
    current = _current(home)
    if current.get("key") == key and (home / key / "comparison.json").is_file():
        if source and current.get("source") != str(source.resolve()):  # the same, at a new place
            _write_current(home, current | {"source": str(source.resolve())})
        return False
    building = home / f"building-{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        _fill(building, comparison, embedder, report)
        shutil.rmtree(home / key, ignore_errors=True)
        building.replace(home / key)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    current = {
        "form": FORM,
        "key": key,
        "title": comparison.title,
        "source": str(source.resolve()) if source else "",
        "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    _write_current(home, current)
    for old in home.iterdir():
        # another process may be building here: its folder is not ours to remove
        if old.is_dir() and old.name != key and not old.name.startswith("building-"):
            shutil.rmtree(old, ignore_errors=True)
    return True


def _write_current(home: Path, current: Mapping[str, object]) -> None:
    pointer = home / f"current-{os.getpid()}.json"
    pointer.write_text(json.dumps(current, indent=1))
    pointer.replace(home / "current.json")


def _fill(folder: Path, comparison: Comparison, embedder: MiniLM, report: Report) -> None:
    """Writes the comparison and one vector for each view of each passage into `folder`."""
    (folder / "comparison.json").write_text(json.dumps(asdict(comparison), ensure_ascii=False))
    store = _open_store(folder, embedder)
    all_views = [view for passage in comparison.passages for view in views(passage)]
    batch = 64
    try:
        for start in range(0, len(all_views), batch):
            part = all_views[start : start + batch]
            store.add_texts(
                [view.text for view in part],
                [_metadata(view) for view in part],
                ids=[f"{v.passage.id}#{'-' if v.sentence is None else v.sentence}" for v in part],
            )
            report(start + len(part), len(all_views))
    finally:
        # Chroma keeps a folder's client per process; the path is renamed, or built at again
        store._client._system.stop()
        SharedSystemClient.clear_system_cache()


def _metadata(view: View) -> dict[str, str | int]:
    passage = view.passage
    return {
        "passage": passage.id,
        "number": passage.number,
        "kind": passage.kind,
        "heading": passage.heading,
        "verdict": passage.verdict or "",
        "sentence": WHOLE if view.sentence is None else view.sentence,
    }


def open_index(folder: Path, embedder: MiniLM, name: str = "") -> Index:
    """The index of the comparison called `name`; the only one there is if `name` is empty.

    Raises IndexMissing if there is none, if there are several, or if it is of another form.
    """
    names = indexed(folder)
    if not name:
        if not names:
            raise IndexMissing(f'No comparison is indexed in {folder}. Run "advisor index".')
        if len(names) > 1:
            raise IndexMissing(
                f"Several comparisons are indexed: {', '.join(names)}. "
                "Say which with --comparison SLUG or ADVISOR_COMPARISON."
            )
        name = names[0]
    if name not in names:
        known = ", ".join(names) or "none"
        raise IndexMissing(
            f'No comparison "{name}" is indexed in {folder} (there: {known}). '
            'Run "advisor index FILE".'
        )
    current = _current(folder / name)
    home = folder / name / str(current.get("key", ""))
    if current.get("form") != FORM or not (home / "comparison.json").is_file():
        raise IndexMissing(
            f"The index of {name} in {folder} is of form {current.get('form')}, this advisor reads "
            f'form {FORM}. Run "advisor index" to build it again.'
        )
    try:
        comparison = _comparison_from_json((home / "comparison.json").read_text())
        store = _open_store(home, embedder)
        wanted = sum(1 for passage in comparison.passages for _ in views(passage))
        if (there := store._collection.count()) != wanted:
            raise ValueError(f"{there} of {wanted} vectors")
    except Exception as error:  # Chroma raises what its Rust core raises
        raise IndexMissing(
            f"The index of {name} at {home} is damaged ({str(error).splitlines()[0]}). "
            f'Remove {folder / name} and run "advisor index".'
        ) from error
    return Index(comparison, embedder, store)


def indexed(folder: Path) -> list[str]:
    """The slugs of the comparisons that have an index in `folder`."""
    return sorted(path.parent.name for path in folder.glob("*/current.json"))


def index_source(folder: Path, name: str) -> Path | None:
    """The file that the index of `name` was built from, if it was remembered."""
    source = _current(folder / name).get("source")
    return Path(str(source)) if source else None


def _current(home: Path) -> dict[str, object]:
    try:
        current = json.loads((home / "current.json").read_text())
    except (OSError, ValueError):
        return {}
    return current if isinstance(current, dict) else {}


def _open_store(folder: Path, embedder: MiniLM) -> Chroma:
    client = chromadb.PersistentClient(
        str(folder / "chroma"), settings=ChromaSettings(anonymized_telemetry=False)
    )
    return Chroma(
        client=client,
        collection_name=COLLECTION,
        embedding_function=embedder,
        collection_configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
    )


def _comparison_from_json(text: str) -> Comparison:
    data = json.loads(text)
    passages = tuple(Passage(**{**p, "cells": tuple(p["cells"])}) for p in data.pop("passages"))
    options = data.pop("options")
    return Comparison(
        passages=passages,
        options=(options[0], options[1]),
        warnings=tuple(data.pop("warnings")),
        **data,
    )
