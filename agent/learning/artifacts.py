"""Finds what hidden states tell of a comparison: shipped, cached, or made now.

    open_probes(model, retriever, settings, progress)    trained on the messages next to it, if any
    open_learnt(model, retriever, settings)              learnt over many others, with a reference
    goes_by_learnt(comparison, settings)                 whether it will be the second

evals.tuning.ship makes the shipped probes. The key of probes covers everything that they depend
on (`Origin`), except the processor, the number of threads and llama.cpp's version, which change the
last digits of a state only.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from agent.downloads.catalogue import EMBEDDING, model_sha256
from agent.errors import InputError, ModelUnavailableError
from agent.learning.injection import injection_examples
from agent.learning.messages import Message, read_messages
from agent.learning.probe import LAYOUT, Probes, learn, missing
from agent.learning.understanding import (
    TOP_K,
    Learnt,
    Reference,
    anybody,
    refer,
    shipped_understanding,
    understanding_sha256,
)
from agent.llm.base import Model
from agent.progress import Progress
from agent.prompting.builder import answer_prompt, use_case_prompt
from agent.settings import Settings
from knowledge.cache import Cache, CorruptFileError, file_sha256, read_sealed, write_sealed
from knowledge.comparison import Comparison, Evidence
from knowledge.data import MESSAGES, PROBES, companion_file
from knowledge.embed import TUNING
from knowledge.index import index_source
from knowledge.retrieve import Retriever

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Origin:
    """Everything that probes depend on: SHA-256 sums, and `layout`, the form of training and file.
    `prompts` is the sum of the prompts that messages are put into.
    """

    model: str
    embedding: str
    comparison: str
    messages: str
    prompts: str
    layout: str

    @property
    def key(self) -> str:
        return json.dumps(asdict(self))

    def differs_from(self, other: "Origin") -> list[str]:
        """The names of the fields with other values."""
        others = asdict(other)
        return [name for name, value in asdict(self).items() if value != others[name]]


def origin_of(comparison: Comparison, messages: Sequence[Message], model_sha256: str) -> Origin:
    """The origin of probes that a model trains on these messages about a comparison."""
    evidence = [Evidence(passage, 0.0) for passage in comparison.passages]
    shown = [use_case_prompt(comparison, "?"), answer_prompt(comparison, "?", evidence)]
    return Origin(
        model=model_sha256,
        embedding=_hash(*(artifact.sha256 for artifact in EMBEDDING)),
        comparison=comparison.sha256,
        messages=_hash(*map(repr, (*messages, *injection_examples()))),
        prompts=_hash(*(text for prompt in shown for text in (prompt.system, prompt.user))),
        layout=f"{LAYOUT}, {TOP_K} passages",
    )


def probes_key(comparison: Comparison, settings: Settings) -> str:
    """A SHA-256 over all that was learnt, for this comparison or in general. Raises InputError."""
    given, model = given_messages(comparison, settings), model_sha256(settings)
    return _hash(
        origin_of(comparison, given, model).key,
        understanding_sha256(),
        file_sha256(TUNING),
        *anybody(),
    )


def goes_by_learnt(comparison: Comparison, settings: Settings) -> bool:
    """Whether a comparison is answered by what was learnt over many others: by the local model that
    it was learnt for, unless there are enough messages next to the document to train probes.
    """
    if settings.base_url:
        return False
    try:
        understanding = shipped_understanding(model_sha256(settings))
        given = given_messages(comparison, settings)
    except (ModelUnavailableError, InputError):  # said where the model or the messages are opened
        return False
    return bool(understanding) and bool(missing(comparison, given))


def open_learnt(model: Model, retriever: Retriever, settings: Settings) -> Learnt | None:
    """What was learnt over many comparisons, for this one; None for another model.

    What the model shows of the comparison before any question takes ten to twenty seconds; it is
    cached. The first time, use cases that are hard to tell apart are named in the log.
    """
    comparison, sha256 = retriever.index.comparison, model_sha256(settings)
    understanding = shipped_understanding(sha256)
    if understanding is None:
        return None
    key = "\n".join([origin_of(comparison, (), sha256).key, *anybody()])
    kept = Cache(settings.data_dir).of("references")
    if reference := kept.load(comparison.slug, key, Reference.read):
        return Learnt(comparison, understanding, reference)
    reference = refer(model, retriever)
    learnt = Learnt(comparison, understanding, reference)
    for one, other, similarity in learnt.alike():
        log.warning(
            'The use cases "%s" and "%s" are hard to tell apart (%.2f of 1). Say in each what '
            "distinguishes it.",
            one.heading,
            other.heading,
            similarity,
        )
    try:
        kept.save(comparison.slug, key, reference.write)
    except OSError as error:
        log.info("It cannot be saved in %s (%s).", kept.folder, error.strerror or error)
    return learnt


class ArtifactError(Exception):
    """A probe file does not fit the model, comparison or code; the message names the reason."""


def open_probes(
    model: Model, retriever: Retriever, settings: Settings, progress: Progress
) -> Probes | None:
    """The probes of `model`, the model of `settings`; None without enough messages.

    Raises InputError for a file of messages that cannot be used.
    """
    comparison = retriever.index.comparison
    messages = given_messages(comparison, settings)
    if not messages:
        return None
    if lacking := missing(comparison, messages):
        log.info("The messages next to the document are not used: they lack %s.", lacking)
        return None
    origin = origin_of(comparison, messages, model_sha256(settings))
    source = index_source(settings.data_dir / "indexes", comparison.slug)
    if file := companion_file(source, comparison, PROBES):
        try:
            return read_probes(file, origin)
        except ArtifactError as error:
            log.info("%s It is not used.", error)
    return kept_or_learnt(model, retriever, settings, messages, origin, progress)


def kept_or_learnt(
    model: Model,
    retriever: Retriever,
    settings: Settings,
    messages: Sequence[Message],
    origin: Origin,
    progress: Progress,
) -> Probes | None:
    """The cached probes of `origin`, or probes trained on `messages` now."""
    comparison, kept = retriever.index.comparison, Cache(settings.data_dir).of("probes")
    if found := kept.load(comparison.slug, origin.key, Probes.read):
        return found
    log.info("Training probes for use cases and sentences; later starts skip this.")
    with progress("Training") as report:
        probes = learn(
            model,
            comparison,
            messages,
            injection_examples(),
            lambda text, likely: retriever.retrieve(text, TOP_K, likely).evidence,
            report,
        )
    if probes:
        try:
            kept.save(comparison.slug, origin.key, probes.write)
        except OSError as error:
            log.info("Probes cannot be saved in %s (%s).", kept.folder, error.strerror or error)
    return probes


def given_messages(comparison: Comparison, settings: Settings) -> tuple[Message, ...]:
    """The messages of the file next to that of `comparison`, if there is one."""
    file = companion_file(
        index_source(settings.data_dir / "indexes", comparison.slug), comparison, MESSAGES
    )
    return read_messages(file, comparison) if file else ()


def read_probes(file: Path, origin: Origin) -> Probes:
    """The probes of a shipped file. Raises ArtifactError if it is damaged or not of `origin`."""
    try:
        made, probes = read_sealed(file, lambda f: (Origin(**json.loads(f.readline())), f.read()))
        if different := made.differs_from(origin):
            raise ArtifactError(f"{file.name} does not fit (different: {', '.join(different)}).")
        return Probes.read(BytesIO(probes))
    except OSError as error:
        raise ArtifactError(f"{file.name} cannot be read ({error.strerror}).") from error
    except (CorruptFileError, ValueError, TypeError) as error:
        raise ArtifactError(f"{file.name} is damaged or has another layout.") from error


def write_probes(file: Path, origin: Origin, probes: Probes) -> None:
    """Writes a file for `read_probes`. Raises OSError."""

    def write(sealed: BinaryIO) -> None:
        sealed.write(f"{origin.key}\n".encode())
        content = BytesIO()
        probes.write(content)
        sealed.write(content.getvalue())

    write_sealed(file, write)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
