"""The one module that knows Chroma: passages and their vectors, kept on disk.

FOLDER/<slug>/current.json has a comparison as it was indexed last, and where its document is. Its
vectors lie beside it, in a folder named by a key (knowledge.cache): a hash of the comparison, the
embedding model and the form of the index. Without them they are made again.

Each passage has several vectors: one of its heading and text, and one of each sentence, so that
a figure in the middle of a long section is found by a question about just that figure. Texts that
are equal share one.

Chroma keeps the vectors; a question is compared with every one of them. (Chroma's own search is
approximate, over a graph that it makes anew at random at each start for what is not yet in its
file: of 40 questions to a document of 900 texts, 19 found other similarities at the next start.)
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

FORM = 2  # of the index on disk; another one is rebuilt or refused
COLLECTION = "texts"
BATCH = 64  # texts embedded between two reports

log = logging.getLogger(__name__)

Report = Callable[[int, int], None]


def texts(passage: Passage) -> Iterator[str]:
    """What of a passage gets a vector: the whole with its heading, then each sentence."""
    yield f"{passage.heading}. {passage.text}"
    yield from passage.sentences


@dataclass(frozen=True)
class Similarity:
    """Cosine similarities, in [-1, 1], of a question with a passage and each of its sentences."""

    whole: float
    sentences: tuple[float, ...]

    @property
    def nearest(self) -> float:
        """The highest of them."""
        return max((self.whole, *self.sentences))

    @property
    def mean(self) -> float:
        """The mean of the whole passage's similarity and its nearest sentence's."""
        return (self.whole + max(self.sentences, default=self.whole)) / 2


class Index:
    """A comparison and the vectors of its passages: a row for each of their texts, in order."""

    def __init__(
        self, comparison: Comparison, embedder: MiniLM, vectors: NDArray[np.float32]
    ) -> None:
        self.comparison = comparison
        self.embedder = embedder
        self._vectors = vectors

    def similarities(self, question: Vector) -> dict[str, Similarity]:
        """Passage id -> how near it is to `question`, for every passage."""
        # row by row, so that no sum depends on how many rows or threads there are
        similarity = iter(np.vecdot(self._vectors, question).tolist())
        return {
            passage.id: Similarity(
                next(similarity), tuple(islice(similarity, len(passage.sentences)))
            )
            for passage in self.comparison.passages
        }


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
    cannot be written, and DocumentError if another comparison has that slug there.
    """
    home = folder / comparison.slug
    before = _current(home)
    file = str(source.resolve()) if source else ""
    title = before.get("title", comparison.title)
    if title != comparison.title and before.get("source") != file:
        raise DocumentError(
            f'"{comparison.title}" would take the place of "{title}": both are kept under '
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
    """The index of the comparison called `name`; the only one there is if `name` is empty.

    Raises IndexMissingError if there is none, if there are several, or if it is of another form.
    """
    names = indexed(folder)
    if not name:
        if not names:
            raise IndexMissingError(f'No comparison is indexed in {folder}. Run "advisor index".')
        if len(names) > 1:
            raise IndexMissingError(
                f"Several comparisons are indexed: {', '.join(names)}. "
                "Say which with --comparison SLUG or ADVISOR_COMPARISON."
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
    except Exception as error:  # Chroma raises what its Rust core raises
        if home.is_dir():
            log.warning("The index at %s is damaged (%s). It is built again.", home, error)
        SharedSystemClient.clear_system_cache()  # else Chroma goes on with what it opened there
        remove(home)
        build_index(comparison, embedder, folder)
        vectors = _read_vectors(home, comparison, embedder)
    use(home)
    return Index(comparison, embedder, vectors)


def _read_vectors(folder: Path, comparison: Comparison, embedder: MiniLM) -> NDArray[np.float32]:
    """A row for each text of each passage. Raises ValueError if any is missing."""
    if not folder.is_dir():  # Chroma would make it
        raise ValueError("there are no vectors")
    with _open_store(folder, embedder) as store:
        found = store.get(include=["documents", "embeddings"])
    kept = dict(zip(found["documents"], found["embeddings"], strict=True))
    wanted = _texts(comparison)
    if missing := set(wanted) - set(kept):
        raise ValueError(f"{len(missing)} of {len(set(wanted))} vectors are missing")
    return np.array([kept[text] for text in wanted], np.float32)


def indexed(folder: Path) -> list[str]:
    """The slugs of the comparisons that have an index in `folder`."""
    return sorted(path.parent.name for path in folder.glob("*/current.json"))


def index_source(folder: Path, name: str) -> Path | None:
    """The file that the index of `name` was built from, if it was remembered."""
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
    """Closed afterwards: Chroma keeps a folder's client, and the folder is renamed or removed."""
    settings = ChromaSettings(
        anonymized_telemetry=False, is_persistent=True, persist_directory=str(folder / "chroma")
    )
    with Client(settings=settings) as client:  # PersistentClient's type knows no end
        yield Chroma(client=client, collection_name=COLLECTION, embedding_function=embedder)


def _comparison_from(data: Any) -> Comparison:
    """The comparison that asdict has taken apart. Raises KeyError, TypeError or ValueError."""
    passages = tuple(Passage(**{**p, "cells": tuple(p["cells"])}) for p in data["passages"])
    option_a, option_b = data["options"]
    known = {
        "passages": passages,
        "options": (option_a, option_b),
        "warnings": tuple(data["warnings"]),
    }
    return Comparison(**{**data, **known})
