"""The probes of a comparison: what ships beside it, what an earlier start has kept, or, where
neither fits, what is learnt now.

    probes = open_probes(model, retriever, settings, progress)

What ships is made by evals.tuning.ship. Probes are found by a key over all that they depend on
(`Origin`). The processor, the number of threads and llama.cpp's version are not part of it: they
change the last digits of a state.
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
from agent.learning.injection import injection_examples
from agent.learning.probe import LAYOUT, Probes, learn
from agent.learning.synthetic import (
    Message,
    as_lines,
    messages_in,
    read_messages,
    recipe,
    subjects,
    synthesize,
)
from agent.llm.base import Model
from agent.progress import Progress
from agent.prompting.builder import answer_prompt, use_case_prompt
from agent.settings import Settings
from knowledge.cache import Cache, CorruptFileError, read_sealed, write_sealed
from knowledge.comparison import Comparison, Evidence
from knowledge.data import MESSAGES, PROBES, companion_file
from knowledge.index import index_source
from knowledge.retrieve import Retriever

log = logging.getLogger(__name__)

TOP_K = 4  # passages that are found for a message that is learnt from


@dataclass(frozen=True)
class Origin:
    """All that probes depend on: SHA-256 sums, and how they were learnt and laid out. `prompts` is
    that of the prompts that the messages go through.
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
        """The names of what is not the same."""
        others = asdict(other)
        return [name for name, value in asdict(self).items() if value != others[name]]


def origin_of(comparison: Comparison, messages: Sequence[Message], model_sha256: str) -> Origin:
    """That of the probes which a model learns of a comparison from these messages."""
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
    """A SHA-256 over all that the probes of the local model depend on, before a model is there:
    for messages that it is to write stands what they depend on. Raises InputError.
    """
    given, model = given_messages(comparison, settings), model_sha256(settings)
    origin = origin_of(comparison, given, model)
    return _hash(origin.key, recipe(comparison, {message.about for message in given}))


class ArtifactError(Exception):
    """A file of probes that is not for this model, comparison and tree; the message says why."""


def open_probes(
    model: Model, retriever: Retriever, settings: Settings, progress: Progress
) -> Probes | None:
    """What `model`, the one of `settings`, has learnt of a comparison; None if it can learn
    nothing.
    """
    comparison = retriever.index.comparison
    messages = open_messages(model, comparison, settings, progress)
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
    """Those of `origin` that an earlier start has kept, or that are learnt from `messages` now."""
    comparison, kept = retriever.index.comparison, Cache(settings.data_dir).of("probes")
    if found := kept.load(comparison.slug, origin.key, Probes.read):
        return found
    log.info("Learning to tell use cases and sentences apart; later starts skip this.")
    with progress("Learning") as report:
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
            log.info("Probes cannot be stored in %s (%s).", kept.folder, error.strerror or error)
    return probes


def open_messages(
    model: Model, comparison: Comparison, settings: Settings, progress: Progress
) -> tuple[Message, ...]:
    """Messages about all of `comparison`: those beside its file, and about what they do not speak
    of those that the model has written.
    """
    given = given_messages(comparison, settings)
    about = {message.about for message in given}
    if subjects(comparison) <= about:
        return given
    key = f"{model_sha256(settings)} {recipe(comparison, about)}"
    kept = Cache(settings.data_dir).of("messages")
    synthetic = kept.load(comparison.slug, key, lambda file: messages_in(file.read(), comparison))
    if synthetic is None:
        log.info("Imagining what people might ask; later starts skip this.")
        with progress("Imagining") as report:
            synthetic = synthesize(model, comparison, report, known=given)
        lines = as_lines(synthetic)
        try:
            kept.save(comparison.slug, key, lambda file: file.write(lines))
        except OSError as error:
            log.info("Messages cannot be stored in %s (%s).", kept.folder, error.strerror or error)
    return (*given, *synthetic)


def given_messages(comparison: Comparison, settings: Settings) -> tuple[Message, ...]:
    """Those of the file beside that of `comparison`, if there is one."""
    file = companion_file(
        index_source(settings.data_dir / "indexes", comparison.slug), comparison, MESSAGES
    )
    return read_messages(file, comparison) if file else ()


def read_probes(file: Path, origin: Origin) -> Probes:
    """The probes of a file that ships. Raises ArtifactError if it is not of `origin`, or torn."""
    try:
        made, probes = read_sealed(file, lambda f: (Origin(**json.loads(f.readline())), f.read()))
        if different := made.differs_from(origin):
            raise ArtifactError(f"{file.name} does not fit (different: {', '.join(different)}).")
        return Probes.read(BytesIO(probes))
    except OSError as error:
        raise ArtifactError(f"{file.name} cannot be read ({error.strerror}).") from error
    except (CorruptFileError, ValueError, TypeError) as error:
        raise ArtifactError(f"{file.name} is torn or of another layout.") from error


def write_probes(file: Path, origin: Origin, probes: Probes) -> None:
    """Writes what `read_probes` reads. Raises OSError."""

    def write(sealed: BinaryIO) -> None:
        sealed.write(f"{origin.key}\n".encode())
        content = BytesIO()
        probes.write(content)
        sealed.write(content.getvalue())

    write_sealed(file, write)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
