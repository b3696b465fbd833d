"""Makes an advisor from the settings: embedder, index, model, KV cache and what was learnt.

    advisor = open_advisor(Settings())

Three steps: `load` opens the index and the model, which takes seconds; `prepare` processes the
system messages, half a minute the first time, after which questions are answered; `read_ahead`
processes the passages, so that no question has to wait for one. Cached results are used if they
fit; an index of a changed document, a KV cache of a changed prompt and probes of another model are
made again. Not covered: downloads, which are the task of "advisor pull"
(agent.downloads.catalogue).
"""

import hashlib
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from agent.advisor import Advisor
from agent.answering.decide import Decider
from agent.answering.talk import About
from agent.dialogue.acts import open_tagger
from agent.downloads.catalogue import embedding_paths, model_path, model_sha256
from agent.errors import InputError
from agent.evaluation_record import Evaluation, last_evaluation
from agent.judge import ModelJudge, NotJudgedError, explaining
from agent.learning.artifacts import goes_by_learnt, open_learnt, open_probes
from agent.learning.probe import Probes
from agent.learning.understanding import Learnt
from agent.llm.base import Model, Prompt
from agent.llm.engine import has_gpu
from agent.llm.kv_cache import Key, KVData, write_entries
from agent.llm.local import LocalChatModel
from agent.llm.served import ServedModel
from agent.progress import Progress, silent
from agent.prompting.builder import (
    answering_system,
    deciding_system,
    passage_text,
    rewriting_system,
)
from agent.provenance import configuration
from agent.settings import Settings
from knowledge.cache import Cache, Kept
from knowledge.comparison import Comparison
from knowledge.data import shipped
from knowledge.documents.judge import Judge
from knowledge.documents.reader import parse_file
from knowledge.elsewhere import Elsewhere
from knowledge.embed import TUNING, Embedders, MiniLM
from knowledge.errors import DocumentError
from knowledge.index import (
    Index,
    build_index,
    build_vectors,
    index_options,
    index_source,
    indexed,
    open_index,
)
from knowledge.retrieve import TUNED, Retriever

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """The parts of an advisor, in memory."""

    retriever: Retriever
    model: Model
    embedders: Embedders
    elsewhere: Elsewhere

    @property
    def comparison(self) -> Comparison:
        return self.retriever.index.comparison


def open_advisor(settings: Settings, progress: Progress = silent) -> Advisor:
    """An advisor for the comparison and the model of `settings`.

    Raises AdvisorError, which names the part that is missing or damaged.
    """
    loaded = load(settings)
    advisor = prepare(loaded, settings, progress)
    read_ahead(loaded, settings, progress)
    return advisor


def load(settings: Settings, shared: Loaded | None = None) -> Loaded:
    """The index and the model, without KV cache; with `shared`, its model and embedders.

    Raises AdvisorError as open_advisor does.
    """
    if shared:
        return replace(shared, retriever=open_retriever(settings, shared.embedders))
    embedders = open_embedders(settings)
    retriever = open_retriever(settings, embedders)
    elsewhere = Elsewhere(settings.data_dir / "indexes", embedders.published)
    return Loaded(retriever, open_model(settings), embedders, elsewhere)


def prepare(loaded: Loaded, settings: Settings, progress: Progress = silent) -> Advisor:
    """The advisor of `loaded`, with the system messages in the KV cache and what hidden states
    tell.
    """
    model, comparison = loaded.model, loaded.comparison
    files = embedding_paths(settings.cache_dir)
    readout: Probes | Learnt | None = None
    retriever = loaded.retriever
    read_ahead(loaded, settings, progress, passages=False)
    if isinstance(model, LocalChatModel) and model.engine.can_rewind:
        readout = open_probes(model, retriever, settings, progress)
        readout = readout or open_learnt(model, retriever, settings)
    decider = Decider(comparison, readout=readout)
    if isinstance(readout, Learnt):
        decider = decider.referring(readout.reference)
    else:
        decider = decider.calibrated(model)
    advisor = Advisor(
        model,
        retriever,
        decider,
        settings.top_k,
        loaded.elsewhere,
        open_tagger(files.onnx, files.tokenizer),
        _about(settings, comparison),
    )
    # before the first question, because the first search takes a second
    _ = advisor.counterpoints, advisor.offered
    return advisor


def _about(settings: Settings, comparison: Comparison) -> About:
    """What the advisor tells of itself; the evaluation is looked up when somebody asks."""

    @cache
    def evaluation() -> Evaluation | None:
        return last_evaluation(settings.data_dir, configuration(settings, comparison))

    where = f"the server at {settings.base_url}" if settings.base_url else "this machine"
    return About(settings.model, where, evaluation)


def open_retriever(settings: Settings, embedders: Embedders | None = None) -> Retriever:
    """The retriever by which the comparison of `settings` is answered, indexed again if its
    document has changed: by the tuned embedder, and for use cases by both; by the published one
    where probes and weights are fitted to that.
    """
    embedders = embedders or open_embedders(settings)
    index = open_published(settings, embedders)
    if not goes_by_learnt(index.comparison, settings):
        return Retriever(index)
    tuned = open_index(settings.data_dir / "indexes", embedders.tuned, index.comparison.slug)
    return Retriever(tuned, TUNED, index)


def open_published(settings: Settings, embedders: Embedders) -> Index:
    """The index by the published embedder, built again if the document has changed."""
    refresh_index(settings, embedders)
    return open_index(settings.data_dir / "indexes", embedders.published, settings.comparison)


def open_embedders(settings: Settings) -> Embedders:
    files = embedding_paths(settings.cache_dir)
    published, tuned = (MiniLM(files.onnx, files.tokenizer, each) for each in (None, TUNING))
    return Embedders(published, tuned)


def refresh_index(settings: Settings, embedders: Embedders) -> None:
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
            options = index_options(folder, name)
            # guesses should not take the place of what a model has judged
            judge = ModelJudge(settings, required=name in names)
            comparison, built = index_file(
                settings, embedders, source, options=options, judge=judge
            )
        except DocumentError as error:
            if name not in names:
                raise
            log.warning("%s Its last index is used.", error)
            continue
        except NotJudgedError as error:
            log.info("%s is not read again: %s Its last index is used.", source.name, error)
            continue
        if built:
            log.info("Indexed %s: %d passages.", comparison.title, len(comparison.passages))
            for warning in comparison.warnings:
                log.info("Warning: %s", warning)


def index_file(
    settings: Settings,
    embedders: Embedders,
    source: Path,
    progress: Progress = silent,
    options: Sequence[str] = (),
    judge: Judge | None = None,
) -> tuple[Comparison, bool]:
    """Updates the index of the comparison in `source`; the comparison, and whether it was indexed.
    Embedding is a step of `progress`, for each embedder.

    `options` are the names of the options, where the document's own are not to be taken. `judge` is
    asked what no rule tells, else the model of `settings`.
    Raises DocumentError, and InputError if the folder cannot be written.
    """
    judge = judge or ModelJudge(settings)
    with explaining(judge):
        comparison = parse_file(source, options, judge)
    folder = settings.data_dir / "indexes"
    try:
        with progress("Embedding") as report:
            built = build_index(comparison, embedders.published, folder, source, report, options)
        if goes_by_learnt(comparison, settings):
            with progress("Embedding") as report:
                build_vectors(comparison, embedders.tuned, folder, report)
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


def read_ahead(
    loaded: Loaded,
    settings: Settings,
    progress: Progress = silent,
    passages: bool = True,
    cancel: threading.Event | None = None,
) -> None:
    """As `prefill` for the comparison of `loaded`, if its model has a KV cache."""
    model = loaded.model
    if isinstance(model, LocalChatModel) and model.engine.can_rewind:
        prefill(model, loaded.comparison, settings, progress, passages, cancel)


def restore(loaded: Loaded, settings: Settings) -> None:
    """Puts back from disk what other comparisons have pushed out of the KV cache."""
    model = loaded.model
    if isinstance(model, LocalChatModel) and model.engine.can_rewind:
        _Prefill.of(model, loaded.comparison, settings).restore()


def prefill(
    model: LocalChatModel,
    comparison: Comparison,
    settings: Settings,
    progress: Progress = silent,
    passages: bool = True,
    cancel: threading.Event | None = None,
) -> None:
    """Adds the system messages and, with `passages`, all that later questions need to the KV cache,
    if it is not in it: from disk if a saved cache fits, otherwise by processing them.

    What is there of other comparisons makes room, and passages beyond the cache's size are
    processed when a question needs them. Once `cancel` is set it ends after the passage in hand,
    and saves nothing; what it has processed stays in the cache.
    """
    if settings.engine == "plain":
        return
    found, engine = _Prefill.of(model, comparison, settings), model.engine
    found.restore()
    prompts = found.prompts if passages else found.systems
    # held here too, as questions about other comparisons may push it out meanwhile
    held = {key: data for key in found.keys if (data := engine.kv_cache.get(key)) is not None}
    # by tokens: the three system messages, which come first, take as long as half of the passages
    total = _tokens({key for p in prompts for key in model.cache_keys(p) if key not in held})
    if not total:
        return
    what, done = "passages" if passages else "prompts", 0
    with progress(f"Processing the {what}", "tokens") as report:
        for place, prompt in enumerate(prompts):
            tokens = _tokens(key for key in model.cache_keys(prompt) if key not in held)
            if tokens and not engine.has_room_for(tokens, held):
                log.info(
                    "%d of %d texts are processed when needed: ADVISOR_KV_CACHE_MIB=%d is full.",
                    len(prompts) - place,
                    len(prompts),
                    settings.kv_cache_mib,
                )
                break
            if tokens:
                if not done:
                    log.info("Processing the %s once; later starts skip this.", what)
                held |= model.preload_beside(prompt, held)
            done += tokens
            report(done, total)
            if cancel and cancel.is_set() and done < total:
                return
    if done:
        found.save(held)


def _tokens(keys: Iterable[Key]) -> int:
    return sum(len(passage or prefix) for prefix, passage in keys)


@dataclass(frozen=True)
class _Prefill:
    """What is processed ahead for a comparison, and where it is saved: `systems`, the system
    messages that a first question needs, and `prompts`, these, that of follow-ups, and passages.
    """

    model: LocalChatModel
    saved: Kept
    name: str
    key: str
    systems: Sequence[Prompt]
    prompts: Sequence[Prompt]

    @classmethod
    def of(cls, model: LocalChatModel, comparison: Comparison, settings: Settings) -> "_Prefill":
        answering = answering_system(comparison)
        systems = [deciding_system(comparison), answering, rewriting_system()]
        passages = [passage_text(passage) for passage in comparison.passages]
        alone = [Prompt(system) for system in systems]
        among = [Prompt(answering, passages=(passage,)) for passage in passages]
        depends_on = (
            model_sha256(settings),
            model.engine.layout,
            *(["on a GPU"] if settings.gpu_layers else []),  # which adds up in another order
            *systems,
            *passages,
        )
        key = hashlib.sha256("\n".join(depends_on).encode()).hexdigest()
        kept = Cache(settings.data_dir).of("kv-cache")
        return cls(model, kept, comparison.slug, key, alone[:-1], [*alone, *among])

    @cached_property
    def keys(self) -> Sequence[Key]:
        keys = (key for prompt in self.prompts for key in self.model.cache_keys(prompt))
        return tuple(dict.fromkeys(keys))

    def restore(self) -> None:
        """Reads what is missing from disk, as far as it was saved."""
        engine = self.model.engine
        if not all(key in engine.kv_cache for key in self.keys):
            with engine.locked():
                self.saved.load(self.name, self.key, engine.kv_cache.read)

    def save(self, data: Mapping[Key, KVData]) -> None:
        try:
            self.saved.save(self.name, self.key, lambda file: write_entries(file, data))
        except OSError as error:
            why = error.strerror or error
            log.info("The KV cache cannot be stored in %s (%s).", self.saved.folder, why)
