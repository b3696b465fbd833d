"""The one module that imports Chroma: passages and their vectors, on disk.

FOLDER/<slug>/current.json holds the indexed comparison and the path of its document. The vectors
lie next to it, in a folder named by a key (knowledge.cache): a hash of the comparison, the
embedding model and the form of the index. Missing vectors are made again.

A passage has several vectors, one for its heading and text and one for each sentence, so that a
question about a single figure finds a long section. Equal texts share a vector.

Chroma stores the vectors; a question is compared with every vector, because Chroma's approximate
search differs between starts (docs/decisions/exact-vector-search.md).
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from langchain_chroma import Chroma
from numpy.typing import NDArray

from knowledge.cache import Kept, remove, use, write_whole
from knowledge.comparison import Comparison, Passage
from knowledge.embed import MiniLM, Vector
from knowledge.errors import DocumentError, IndexMissingError

FORM = 2  # version of the index on disk; other versions are rebuilt or refused
COLLECTION = "texts"
BATCH = 64  # texts between two reports of progress

log = logging.getLogger(__name__)

Report = Callable[[int, int], None]


def texts(passage: Passage) -> Iterator[str]:
    """The texts of a passage that get a vector: heading and text together, then each sentence."""
    yield f"{passage.heading}. {passage.text}"
    yield from passage.sentences


@dataclass(frozen=True)
class Similarity:
    """Cosine similarities, in [-1, 1], of a question with a passage and each of its sentences."""

    whole: float
    sentences: tuple[float, ...]

    @property
    def nearest(self) -> float:
        """The highest similarity."""
        return max((self.whole, *self.sentences))

    @property
    def mean(self) -> float:
        """The mean of the similarities of the whole passage and its nearest sentence."""
        return (self.whole + max(self.sentences, default=self.whole)) / 2


class Index:
    """A comparison and its vectors: a row for each text of each passage, in order."""

    def __init__(
        self, comparison: Comparison, embedder: MiniLM, vectors: NDArray[np.float32]
    ) -> None:
        self.comparison = comparison
        self.embedder = embedder
        self._vectors = vectors

    def similarities(self, question: Vector) -> dict[str, Similarity]:
        """Passage id -> similarity to `question`, for every passage."""
        # row by row, so that no sum depends on the number of rows or threads
        similarity = iter(np.vecdot(self._vectors, question).tolist())
        return {
            passage.id: Similarity(
                next(similarity), tuple(islice(similarity, len(passage.sentences)))
            )
            for passage in self.comparison.passages
        }


def index_key(comparison: Comparison, embedder: MiniLM) -> str:
    """A short hash of everything that an index depends on."""
    parts = (comparison.sha256, embedder.sha256, str(FORM), chromadb.__version__)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def build_index(
    comparison: Comparison,
    embedder: MiniLM,
    folder: Path,
    source: Path | None = None,
    report: Report = lambda done, total: None,
) -> bool:
    """Updates the index of `comparison` in `folder`; returns False if it was current already.

    The index stores the path `source`, so that a changed file can be noticed. Raises OSError if the
    folder cannot be written, and DocumentError if another comparison has that slug there.
    """
    home = folder / comparison.slug
    before = _current(home)
    file = str(source.resolve()) if source else ""
    title = before.get("title", comparison.title)
    if title != comparison.title and before.get("source") != file:
        raise DocumentError(
            f'"{comparison.title}" would replace "{title}": both are stored under '
            f"{comparison.slug} in {folder}. Give one of them another title."
        )
    key, kept = index_key(comparison, embedder), Kept(folder)
    there = kept.path(comparison.slug, key).is_dir()
    if not there:
        with kept.building(comparison.slug, key) as building:
            _fill(building, comparison, embedder, report)
    same = before.get("key") == key
    if not same or (file and before.get("source") != file):
        current = {
            "form": FORM,
            "key": key,
            "title": comparison.title,
            "source": file or str(before.get("source", "")),
            "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "comparison": asdict(comparison),
        }
        write_whole(home / "current.json", json.dumps(current, ensure_ascii=False))
    return not (there and same)


def _fill(folder: Path, comparison: Comparison, embedder: MiniLM, report: Report) -> None:
    """Writes a vector for each text of `comparison` into `folder`."""
    distinct = list(dict.fromkeys(_texts(comparison)))
    with _open_store(folder, embedder) as store:
        for start in range(0, len(distinct), BATCH):
            part = distinct[start : start + BATCH]
            store.add_texts(part, ids=[str(start + i) for i in range(len(part))])
            report(start + len(part), len(distinct))


def _texts(comparison: Comparison) -> list[str]:
    """The texts of all passages, in order."""
    return [text for passage in comparison.passages for text in texts(passage)]


def open_index(folder: Path, embedder: MiniLM, name: str = "") -> Index:
    """The index of the comparison with slug `name`; of the only comparison if `name` is "".

    Raises IndexMissingError if there is none, if there are several, or if its form is another one.
    """
    names = indexed(folder)
    if not name:
        if not names:
            raise IndexMissingError(f'No comparison is indexed in {folder}. Run "advisor index".')
        if len(names) > 1:
            raise IndexMissingError(
                f"Several comparisons are indexed: {', '.join(names)}. "
                "Choose one with --comparison SLUG or ADVISOR_COMPARISON."
            )
        name = names[0]
    if name not in names:
        known = ", ".join(names) or "none"
        raise IndexMissingError(
            f'No comparison "{name}" is indexed in {folder} (there: {known}). '
            'Run "advisor index FILE".'
        )
    current = _current(folder / name)
    if current.get("form") != FORM:
        raise IndexMissingError(
            f"The index of {name} in {folder} is of form {current.get('form')}, this advisor reads "
            f'form {FORM}. Run "advisor index FILE" with its document to build it again.'
        )
    try:
        comparison = _comparison_from(current["comparison"])
    except (KeyError, TypeError, ValueError) as error:
        raise IndexMissingError(
            f"The index of {name} at {folder / name} is damaged ({error!r}). "
            f'Remove {folder / name} and run "advisor index".'
        ) from error
    home = Kept(folder).path(name, index_key(comparison, embedder))
    try:
        vectors = _read_vectors(home, comparison, embedder)
    except Exception as error:  # Chroma passes on whatever its Rust core raises
        if home.is_dir():
            log.warning("The index at %s is damaged (%s). It is built again.", home, error)
        SharedSystemClient.clear_system_cache()  # otherwise Chroma continues with the open client
        remove(home)
        build_index(comparison, embedder, folder)
        vectors = _read_vectors(home, comparison, embedder)
    use(home)
    return Index(comparison, embedder, vectors)


def _read_vectors(folder: Path, comparison: Comparison, embedder: MiniLM) -> NDArray[np.float32]:
    """A row for each text of each passage. Raises ValueError if any is missing."""
    if not folder.is_dir():  # Chroma would create it
        raise ValueError("there are no vectors")
    with _open_store(folder, embedder) as store:
        found = store.get(include=["documents", "embeddings"])
    kept = dict(zip(found["documents"], found["embeddings"], strict=True))
    wanted = _texts(comparison)
    if missing := set(wanted) - set(kept):
        raise ValueError(f"{len(missing)} of {len(set(wanted))} vectors are missing")
    return np.array([kept[text] for text in wanted], np.float32)


def indexed(folder: Path) -> list[str]:
    """The slugs of the comparisons with an index in `folder`."""
    return sorted(path.parent.name for path in folder.glob("*/current.json"))


def index_source(folder: Path, name: str) -> Path | None:
    """The document of the index of `name`, if the index stores its path."""
    source = _current(folder / name).get("source")
    return Path(str(source)) if source else None


def _current(home: Path) -> dict[str, object]:
    try:
        current = json.loads((home / "current.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return current if isinstance(current, dict) else {}


@contextmanager
def _open_store(folder: Path, embedder: MiniLM) -> Iterator[Chroma]:
    """A store that is closed afterwards, because its folder is renamed or removed later."""
    settings = ChromaSettings(
        anonymized_telemetry=False, is_persistent=True, persist_directory=str(folder / "chroma")
    )
    with Client(settings=settings) as client:  # PersistentClient has no typed close
        yield Chroma(client=client, collection_name=COLLECTION, embedding_function=embedder)


def _comparison_from(data: Any) -> Comparison:
    """The inverse of asdict(comparison). Raises KeyError, TypeError or ValueError."""
    passages = tuple(Passage(**{**p, "cells": tuple(p["cells"])}) for p in data["passages"])
    option_a, option_b = data["options"]
    known = {
        "passages": passages,
        "options": (option_a, option_b),
        "warnings": tuple(data["warnings"]),
    }
    return Comparison(**{**data, **known})
