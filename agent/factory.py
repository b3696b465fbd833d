"""Makes an advisor from the settings: embedder, index, model, KV cache and what was learnt.

    advisor = open_advisor(Settings())

Two steps: `load` opens the index and the model, which takes seconds; `prepare` processes the
passages, which may take a minute the first time. Cached results are used if they fit; an index of a
changed document, a KV cache of a changed prompt and probes of another model are made again. Not
covered: downloads, which are the task of "advisor pull" (agent.downloads.catalogue).
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from agent.advisor import Advisor
from agent.answering.decide import Decider
from agent.downloads.catalogue import embedding_paths, model_path, model_sha256
from agent.errors import InputError
from agent.judge import ModelJudge
from agent.learning.artifacts import open_learnt, open_probes
from agent.learning.probe import Probes
from agent.learning.understanding import Learnt
from agent.llm.base import Model, Prompt
from agent.llm.engine import has_gpu
from agent.llm.local import LocalChatModel
from agent.llm.served import ServedModel
from agent.progress import Progress, Report, no_report, silent
from agent.prompting.builder import (
    answering_system,
    deciding_system,
    passage_text,
    rewriting_system,
)
from agent.settings import Settings
from knowledge.cache import Cache
from knowledge.comparison import Comparison
from knowledge.data import shipped
from knowledge.documents.reader import parse_file
from knowledge.embed import MiniLM
from knowledge.errors import DocumentError
from knowledge.index import build_index, index_source, indexed, open_index
from knowledge.retrieve import Retriever, shipped_map

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """The parts of an advisor, in memory."""

    retriever: Retriever
    model: Model

    @property
    def comparison(self) -> Comparison:
        return self.retriever.index.comparison


def open_advisor(settings: Settings, progress: Progress = silent) -> Advisor:
    """An advisor for the comparison and the model of `settings`.

    Raises AdvisorError, which names the part that is missing or damaged.
    """
    return prepare(load(settings), settings, progress)


def load(settings: Settings) -> Loaded:
    """The index and the model, without KV cache. Raises AdvisorError as open_advisor does."""
    return Loaded(open_retriever(settings), open_model(settings))


def prepare(loaded: Loaded, settings: Settings, progress: Progress = silent) -> Advisor:
    """The advisor of `loaded`, with a filled KV cache and what is known of hidden states."""
    model, comparison = loaded.model, loaded.comparison
    known: Probes | Learnt | None = None
    if isinstance(model, LocalChatModel) and model.engine.can_rewind:
        prefill_passages(model, comparison, settings, progress)
        known = open_probes(model, loaded.retriever, settings, progress)
        known = known or open_learnt(model, comparison, settings)
    decider, retriever = Decider(comparison, known=known), loaded.retriever
    if isinstance(known, Learnt):
        decider, retriever = decider.referring(known.reference), retriever.mapping(shipped_map())
    else:
        decider = decider.calibrated(model)
    advisor = Advisor(model, retriever, decider, settings.top_k)
    # before the first question, because the first search takes a second
    _ = advisor.counterpoints, advisor.offered
    return advisor


def open_retriever(settings: Settings) -> Retriever:
    """A retriever for the comparison of `settings`, indexed again if its document has changed."""
    embedder = open_embedder(settings)
    refresh_index(settings, embedder)
    return Retriever(open_index(settings.data_dir / "indexes", embedder, settings.comparison))


def open_embedder(settings: Settings) -> MiniLM:
    files = embedding_paths(settings.cache_dir)
    return MiniLM(files.onnx, files.tokenizer)


def refresh_index(settings: Settings, embedder: MiniLM) -> None:
    """Builds indexes that are missing or whose file has changed: that of the comparison of
    `settings` if it is indexed, otherwise all. A file that is no comparison any more keeps its
    last index.
    """
    folder = settings.data_dir / "indexes"
    ours = {path.stem: path for path in shipped()}
    names = indexed(folder)
    chosen = [settings.comparison] if settings.comparison in names else names
    for name in chosen or ours:
        source = index_source(folder, name)
        if source is None or not source.is_file():  # the shipped files may have moved
            source = ours.get(name)
        if source is None:
            continue
        try:
            comparison, built = index_file(settings, embedder, source)
        except DocumentError as error:
            if name not in names:
                raise
            log.warning("%s Its last index is used.", error)
            continue
        if built:
            log.info("Indexed %s: %d passages.", comparison.title, len(comparison.passages))
            for warning in comparison.warnings:
                log.info("Warning: %s", warning)


def index_file(
    settings: Settings,
    embedder: MiniLM,
    source: Path,
    report: Report = no_report,
) -> tuple[Comparison, bool]:
    """Updates the index of the comparison in `source`; the comparison, and whether it was indexed.

    Raises DocumentError, and InputError if the folder cannot be written.
    """
    comparison = parse_file(source, judge=ModelJudge(settings))
    folder = settings.data_dir / "indexes"
    try:
        built = build_index(comparison, embedder, folder, source, report)
    except OSError as error:
        raise InputError(
            f"The index cannot be written in {folder} ({error.strerror or error}). "
            "Free some space, or set ADVISOR_DATA_DIR to a writable folder."
        ) from error
    return comparison, built


def open_model(settings: Settings) -> Model:
    """The local model, with an empty KV cache, or the served model."""
    if settings.base_url:
        served = ServedModel(settings.model, settings.base_url, settings.api_key.get_secret_value())
        served.check()
        return served
    if settings.gpu_layers and not has_gpu():
        log.info(
            "ADVISOR_GPU_LAYERS=%d has no effect: llama.cpp has no GPU here.", settings.gpu_layers
        )
    model = LocalChatModel(
        model_path(settings),
        settings.kv_cache_mib,
        settings.threads,
        settings.engine != "plain",
        settings.gpu_layers,
    )
    if not model.engine.can_rewind:
        log.info(
            "%s has a recurrent memory, which cannot restore passages one by one. Every prompt is "
            "processed anew, so answers are slow.",
            model.engine.path.name,
        )
    return model


def prefill_passages(
    model: LocalChatModel,
    comparison: Comparison,
    settings: Settings,
    progress: Progress = silent,
) -> None:
    """Fills the KV cache with the system messages and every passage: from disk if a saved cache
    fits, otherwise by processing them.

    Passages beyond the cache's size are processed when a question needs them.
    """
    if settings.engine == "plain":
        return
    systems = [deciding_system(comparison), rewriting_system(), answering_system(comparison)]
    passages = [passage_text(passage) for passage in comparison.passages]
    prompts = [Prompt(system) for system in systems]
    prompts += [Prompt(systems[-1], passages=(passage,)) for passage in passages]
    depends_on = (
        model_sha256(settings),
        model.engine.layout,
        *(["on a GPU"] if settings.gpu_layers else []),  # which adds up in another order
        *systems,
        *passages,
    )
    key = hashlib.sha256("\n".join(depends_on).encode()).hexdigest()
    saved, kv_cache = Cache(settings.data_dir).of("kv-cache"), model.engine.kv_cache
    kv_cache.clear()
    if saved.load(comparison.slug, key, kv_cache.read) is None:
        log.info("Processing the prompts and the passages once; later starts skip this.")
    before = model.engine.tokens_cached
    # by tokens: the three system messages, which come first, take as long as half of the passages
    sizes = [model.uncached_tokens(prompt) for prompt in prompts]
    shared = sizes[len(systems) - 1]  # of each passage's prompt, processed once
    total, done = sum(sizes) - shared * len(passages), 0
    with progress("Processing", "tokens") as report:
        for place, prompt in enumerate(prompts):
            tokens = model.uncached_tokens(prompt)
            if tokens and not model.engine.has_room_for(tokens):
                log.info(
                    "%d of %d texts are processed when needed: ADVISOR_KV_CACHE_MIB=%d is full.",
                    len(prompts) - place,
                    len(prompts),
                    settings.kv_cache_mib,
                )
                break
            model.preload(prompt)
            done += tokens
            report(done, total)
    if model.engine.tokens_cached == before:
        return
    try:
        saved.save(comparison.slug, key, kv_cache.write)
    except OSError as error:
        log.info("The KV cache cannot be stored in %s (%s).", saved.folder, error.strerror or error)
