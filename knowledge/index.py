"""The one module that imports Chroma: passages and their vectors, on disk.

FOLDER/<slug>/current.json holds the indexed comparison and the path of its document. The vectors
lie next to it, in a folder named by a key (knowledge.cache): a hash of the comparison, the
embedding model and the form of the index. Missing vectors are made again.

A passage has several vectors, one for its heading and text and one for each sentence, so that a
question about a single figure finds a long section. Equal texts share a vector.

Chroma stores the vectors. It writes into the folder that it opens, keeps its client for the life of
the process, and aborts the process on some damaged databases. So it opens a new copy of a folder
whose SHA-256 is right, which also works where nothing may be written. A question is compared with
every vector, because Chroma's approximate search differs between starts
(docs/decisions/exact-vector-search.md).
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError
from langchain_chroma import Chroma
from numpy.typing import NDArray

from knowledge.cache import Kept, remove, use, write_whole
from knowledge.comparison import Comparison, Passage
from knowledge.embed import MiniLM, Vector
from knowledge.errors import DocumentError, IndexMissingError

FORM = 2  # of current.json; another one is rebuilt or refused
VECTORS_FORM = 4  # of the folder of vectors; another one is rebuilt
CURRENT = "current.json"  # of a comparison: what is indexed, and from which document
COLLECTION = "texts"
BATCH = 64  # texts between two reports of progress

log = logging.getLogger(__name__)

Report = Callable[[int, int], None]


def texts(passage: Passage) -> Iterator[str]:
    """The texts of a passage that get a vector: heading and text together, then each sentence."""
    yield f"{passage.heading}. {passage.text}"
    yield from passage.standing_alone


@dataclass(frozen=True)
class Similarity:
    """Cosine similarities, in [-1, 1], of a question with a passage and each of its sentences."""

    whole: float
    sentences: tuple[float, ...]

    @property
    def nearest(self) -> float:
        """The highest similarity."""
        return max((self.whole, *self.sentences))

    def mixed(self, nearest: float = 0.5) -> float:
        """The similarity of the whole passage, and that of its nearest sentence with this share."""
        return (1 - nearest) * self.whole + nearest * max(self.sentences, default=self.whole)


class Index:
    """A comparison and its vectors: a row for each text of each passage, in order."""

    def __init__(
        self, comparison: Comparison, embedder: MiniLM, vectors: NDArray[np.float32]
    ) -> None:
        self.comparison = comparison
        self.embedder = embedder
        self.vectors = vectors

    def nearest(self, question: Vector) -> float:
        """The similarity of the text nearest to `question`; 0 without any."""
        return max((each.nearest for each in self.similarities(question).values()), default=0.0)

    def similarities(self, question: Vector) -> dict[str, Similarity]:
        """Passage id -> similarity to `question`, for every passage."""
        # row by row, so that no sum depends on the number of rows or threads
        similarity = iter(np.vecdot(self.vectors, question).tolist())
        return {
            passage.id: Similarity(
                next(similarity), tuple(islice(similarity, len(passage.sentences)))
            )
            for passage in self.comparison.passages
        }


def index_in_memory(comparison: Comparison, embedder: MiniLM) -> Index:
    """An index that is not stored."""
    vectors = [embedder.embed(text) for p in comparison.passages for text in texts(p)]
    return Index(comparison, embedder, np.array(vectors))


def index_key(comparison: Comparison, embedder: MiniLM) -> str:
    """What the vectors of an index depend on, as one short hash."""
    made_by = (comparison.sha256, embedder.sha256, str(VECTORS_FORM), chromadb.__version__)
    parts = (*made_by, *_texts(comparison))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def build_index(
    comparison: Comparison,
    embedder: MiniLM,
    folder: Path,
    source: Path | None = None,
    report: Report = lambda done, total: None,
    options: Sequence[str] = (),
) -> bool:
    """Updates the index of `comparison` in `folder`; returns False if it was current already.

    `source` is remembered, so that a changed file can be noticed, with the `options` that it was
    read with; what it was indexed as under another slug is removed. Raises OSError if the folder
    cannot be written, and DocumentError if another comparison has that slug there.
    """
    home = folder / comparison.slug
    before = _current(home)
    file, file_before = str(source.resolve()) if source else "", str(before.get("source", ""))
    title = before.get("title", comparison.title)
    if file != file_before and (
        title != comparison.title or _of_another_document(before, comparison, file)
    ):
        whose = file_before or "an unknown file"
        raise DocumentError(
            f'"{comparison.title}" would take the place of "{title}" of {whose}: both are kept at '
            f"{home}. Give one of them another title, or remove that folder."
        )
    key = index_key(comparison, embedder)
    embedded = build_vectors(comparison, embedder, folder, report)
    renamed = [folder / name for name in indexed(folder) if file and name != comparison.slug]
    renamed = [each for each in renamed if _current(each).get("source") == file]
    formerly = {each.name for each in renamed}.union(*map(_formerly, (home, *renamed)))
    current: dict[str, object] = {
        "key": key,
        "source": file or file_before,
        "formerly": sorted(formerly),
        "options": list(options) if source else before.get("options", []),
    }
    same = before.get("key") == key
    if any(before.get(name, []) != value for name, value in current.items()):
        current |= {
            "form": FORM,
            "title": comparison.title,
            "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "comparison": asdict(comparison),
        }
        try:
            write_whole(home / CURRENT, json.dumps(current, ensure_ascii=False))
        except OSError:
            if not same:  # else only the source is not remembered, and nothing is removed
                raise
            renamed = []
    for each in renamed:
        log.warning("%s is called %s now.", each.name, comparison.slug)
        remove(each)
    return embedded or not same


def build_vectors(
    comparison: Comparison,
    embedder: MiniLM,
    folder: Path,
    report: Report = lambda done, total: None,
) -> bool:
    """Adds the vectors of `comparison` by this embedder; returns False if they are there already.

    Raises OSError if the folder cannot be written.
    """
    key, kept = index_key(comparison, embedder), Kept(folder)
    if kept.is_whole(comparison.slug, key):
        return False
    if (damaged := kept.path(comparison.slug, key)).exists():
        log.warning("The index at %s is damaged. It is built again.", damaged)
    with kept.building(comparison.slug, key) as building:
        _fill(building, comparison, embedder, report)
    return True


def _of_another_document(before: Mapping[str, Any], comparison: Comparison, file: str) -> bool:
    """Whether what was indexed before came from a document of another name, which is still there,
    and says something else. A file of the same name is a copy, as in another installation.
    """
    source = Path(str(before.get("source", "")))
    if not file or source.name == Path(file).name or not source.is_file():
        return False
    try:
        return _comparison_from(before["comparison"]).sha256 != comparison.sha256
    except (KeyError, TypeError, ValueError):
        return False


def former_slugs(folder: Path, name: str) -> tuple[str, ...]:
    """What the comparison called `name` was called before, unless another one is called so now."""
    return tuple(sorted(_formerly(folder / name) - set(indexed(folder))))


def _formerly(home: Path) -> set[str]:
    names = _current(home).get("formerly", [])
    return set(map(str, names)) if isinstance(names, list) else set()


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
    """The index of the comparison with slug `name`; if `name` is "", of that indexed last.

    Raises IndexMissingError if there is none, or if its form is another one.
    """
    names = indexed(folder)
    if not name:
        if not names:
            raise IndexMissingError(f'No comparison is indexed in {folder}. Run "advisor index".')
        name = max(names, key=lambda each: built_at(folder, each))
        if others := [each for each in names if each != name]:
            log.warning(
                "%s is used, which was indexed last. There are also %s: choose with --comparison.",
                name,
                ", ".join(others),
            )
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
    key = index_key(comparison, embedder)
    try:
        build_vectors(comparison, embedder, folder)  # if they are missing or damaged
        vectors = _read_vectors(folder, comparison, embedder)
    except (OSError, ValueError) as error:  # ValueError is what some of Chroma's are
        why = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise IndexMissingError(
            f"The index of {name} in {folder} cannot be used ({why}). Make room, "
            "or set ADVISOR_DATA_DIR to a folder that can be written."
        ) from error
    use(Kept(folder).path(name, key))
    return Index(comparison, embedder, vectors)


def _read_vectors(folder: Path, comparison: Comparison, embedder: MiniLM) -> NDArray[np.float32]:
    """A row for each text of each passage. Raises OSError, and ValueError if any is missing."""
    key = index_key(comparison, embedder)
    with (
        Kept(folder).copied(comparison.slug, key) as copy,
        _open_store(copy, embedder) as store,
    ):
        found = store.get(include=["documents", "embeddings"])
    kept = dict(zip(found["documents"], found["embeddings"], strict=True))
    wanted = _texts(comparison)
    if missing := set(wanted) - set(kept):
        raise ValueError(f"{len(missing)} of {len(set(wanted))} vectors are missing")
    return np.array([kept[text] for text in wanted], np.float32)


def indexed(folder: Path) -> list[str]:
    """The slugs of the comparisons with an index in `folder`."""
    return sorted(path.parent.name for path in folder.glob(f"*/{CURRENT}"))


def built_at(folder: Path, name: str) -> int:
    """When the index of `name` was last written, in nanoseconds; 0 if there is none."""
    try:
        return (folder / name / CURRENT).stat().st_mtime_ns
    except OSError:
        return 0


def titles(folder: Path) -> dict[str, str]:
    """The titles of the comparisons with an index in `folder`, by slug."""
    return {name: str(_current(folder / name).get("title", name)) for name in indexed(folder)}


def index_source(folder: Path, name: str) -> Path | None:
    """The document of the index of `name`, if the index stores its path."""
    source = _current(folder / name).get("source")
    return Path(str(source)) if source else None


def index_options(folder: Path, name: str) -> tuple[str, ...]:
    """The names of options that the document of the index of `name` was read with, if any."""
    options = _current(folder / name).get("options", [])
    return tuple(map(str, options)) if isinstance(options, list) else ()


def options_of(folder: Path, source: Path) -> tuple[str, ...]:
    """The names of options that `source` was last indexed with in `folder`, if any."""
    file = source.resolve()
    known = (name for name in indexed(folder) if index_source(folder, name) == file)
    return next((index_options(folder, name) for name in known), ())


def _current(home: Path) -> dict[str, object]:
    try:
        current = json.loads((home / CURRENT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return current if isinstance(current, dict) else {}


@contextmanager
def _open_store(folder: Path, embedder: MiniLM) -> Iterator[Chroma]:
    """A store in a folder that none was opened in before, closed afterwards: the folder is renamed
    or removed then. Raises OSError, also for what goes wrong within Chroma.
    """
    settings = ChromaSettings(anonymized_telemetry=False)
    try:
        # it is typed as a client that cannot be closed
        opened = cast(
            AbstractContextManager[ClientAPI],
            chromadb.PersistentClient(folder / "chroma", settings),
        )
        with opened as client:
            yield Chroma(client=client, collection_name=COLLECTION, embedding_function=embedder)
    except ChromaError as error:
        raise OSError(f"Chroma: {error}") from error


def _comparison_from(data: Any) -> Comparison:
    """The inverse of asdict(comparison). Raises KeyError, TypeError or ValueError."""
    passages = tuple(Passage(**{**p, "cells": tuple(p["cells"])}) for p in data["passages"])
    known = {
        "passages": passages,
        "options": tuple(data["options"]),
        "warnings": tuple(data["warnings"]),
    }
    return Comparison(**{**data, **known})
