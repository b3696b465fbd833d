"""Makes an advisor ready: embedder, index, model, cells and probes, from the settings.

    advisor = open_advisor(settings())

What is there and fits is used; an index of a changed document, cells of a changed prompt and
probes of another model are made again. Nothing is downloaded here: that is "advisor pull"
(agent.models).
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from langchain_core.messages import HumanMessage

from agent.advisor import Advisor
from agent.chat_model import LocalChatModel
from agent.decide import Decider
from agent.errors import InputUnusable
from agent.imagine import (
    Message,
    imagine,
    messages_file,
    read_messages,
    subjects,
    write_messages,
)
from agent.messages import (
    answer_messages,
    answering_system,
    completing_system,
    deciding_system,
    naming_messages,
    passage_block,
    text_block,
)
from agent.model import Model
from agent.models import embedding_paths, model_path
from agent.probe import SETTINGS, Probes, learn
from agent.prompts import prompts_sha256
from agent.served_model import ServedModel
from agent.settings import Settings
from agent.steering import steering_examples
from knowledge.comparison import Comparison
from knowledge.embed import MiniLM
from knowledge.index import build_index, index_source, indexed, open_index
from knowledge.parse import parse_file
from knowledge.retrieve import Retriever

SHIPPED = Path(__file__).parent.parent / "knowledge"

Say = Callable[[str], None]
Report = Callable[[int, int], None]
Bar = Callable[[str], AbstractContextManager[Report]]  # of a long step: how far it is


def silent(description: str) -> AbstractContextManager[Report]:
    """A bar that shows nothing."""
    return nullcontext(lambda done, total: None)


def open_advisor(
    settings: Settings,
    say: Say = lambda line: None,
    bar: Bar = silent,
    probed: bool = True,
) -> Advisor:
    """An advisor for the comparison and the model of `settings`. Unless it is to be `probed`, the
    model does not learn the comparison.

    Raises AdvisorError when something it needs is missing or damaged; the message says what.
    """
    embedder = open_embedder(settings)
    refresh_index(settings, embedder, say)
    index = open_index(settings.data_dir / "indexes", embedder, settings.comparison)
    retriever = Retriever(index)
    model, probes = open_model(settings, retriever, say, bar, probed)
    decider = Decider(index.comparison, probes=probes)
    decider.calibrate(model)
    advisor = Advisor(model, retriever, decider, settings.top_k)
    # once, and off the path of a question: the first search takes a second
    _ = advisor.beside, advisor.offered
    return advisor


def open_embedder(settings: Settings) -> MiniLM:
    files = embedding_paths(settings.cache_dir)
    return MiniLM(files.onnx, files.tokenizer)


def refresh_index(settings: Settings, embedder: MiniLM, say: Say) -> None:
    """Builds what is not indexed yet, and again what was indexed from a file that has changed."""
    folder = settings.data_dir / "indexes"
    sources = [index_source(folder, name) for name in indexed(folder)]
    for source in sources or shipped():
        if source and source.is_file():
            index_file(settings, embedder, source, say)


def index_file(
    settings: Settings,
    embedder: MiniLM,
    source: Path,
    say: Say,
    report: Report = lambda done, total: None,
) -> Comparison:
    """Makes the index of the comparison in `source` current, and says so if it was built."""
    comparison = parse_file(source)
    folder = settings.data_dir / "indexes"
    try:
        built = build_index(comparison, embedder, folder, source, report)
    except OSError as error:
        raise InputUnusable(
            f"The index cannot be written in {folder} ({error.strerror or error}). "
            "Make room or set ADVISOR_DATA_DIR to a folder that can be written."
        ) from error
    if built:
        say(f"Indexed {comparison.title}: {len(comparison.passages)} passages.")
        for warning in comparison.warnings:
            say(f"Warning: {warning}")
    return comparison


def shipped() -> list[Path]:
    """The comparisons that come with the advisor."""
    return sorted(SHIPPED.glob("*.md"))


def open_model(
    settings: Settings, retriever: Retriever, say: Say, bar: Bar = silent, probed: bool = True
) -> tuple[Model, Probes | None]:
    """The local model with the passages of a comparison read and its probes, or the served one."""
    if settings.base_url:
        served = ServedModel(settings.model, settings.base_url, settings.api_key.get_secret_value())
        served.check()
        return served, None
    model = LocalChatModel(
        model_path(settings), settings.cells_mib, settings.threads, settings.engine
    )
    if not model.engine.goes_back:
        say(
            f"{model.engine.path.name} has a recurrent memory, which cannot join what was read "
            "apart: everything is read again for each question, and that takes long."
        )
        return model, None
    read_passages(model, retriever.index.comparison, settings, say)
    return model, open_probes(model, retriever, settings, say, bar) if probed else None


def open_probes(
    model: LocalChatModel, retriever: Retriever, settings: Settings, say: Say, bar: Bar
) -> Probes | None:
    """What the model has learnt of a comparison: from disk where it fits, else anew."""
    comparison = retriever.index.comparison
    messages = open_messages(model, comparison, settings, say, bar)
    shown = [*naming_messages(comparison, "?"), *answer_messages(comparison, "?", [])]
    steering = steering_examples()
    learnt = [
        comparison.sha256,
        str((SETTINGS, settings.top_k)),
        *map(repr, (*messages, *steering)),
    ]
    texts = [message.text for message in shown]
    key = model.engine.fingerprint(_hash(*texts, *learnt, _identity(model)))
    file = settings.data_dir / "probes" / f"{comparison.slug}-{key[:16]}.npz"
    if probes := Probes.load(file):
        return probes
    say("Learning to tell use cases and sentences apart; later starts skip this.")
    with bar("Learning") as report:
        probes = learn(
            model,
            comparison,
            messages,
            steering,
            lambda text, likely: retriever.retrieve(text, settings.top_k, likely).evidence,
            report,
        )
    if probes:
        try:
            for old in file.parent.glob(f"{comparison.slug}-{'[0-9a-f]' * 16}.npz"):
                old.unlink()
            probes.save(file)
        except OSError as error:
            say(f"What was learnt could not be kept at {file} ({error}).")
    return probes


def open_messages(
    model: LocalChatModel, comparison: Comparison, settings: Settings, say: Say, bar: Bar
) -> tuple[Message, ...]:
    """Messages about all of `comparison`: those beside its file, and about what they do not speak
    of those that the model has written.
    """
    beside = messages_beside(settings, comparison)
    given = read_messages(beside, comparison) if beside else ()
    about = {message.about for message in given}
    if subjects(comparison) <= about:
        return given
    key = _hash(comparison.sha256, prompts_sha256(), *map(str, sorted(about)), _identity(model))
    file = settings.data_dir / "messages" / f"{comparison.slug}-{key[:16]}.jsonl"
    if file.is_file():
        return (*given, *read_messages(file, comparison))
    say("Imagining what people might ask; later starts skip this.")
    with bar("Imagining") as report:
        imagined = imagine(model, comparison, report, known=given)
    try:
        write_messages(file, imagined)
    except OSError as error:
        say(f"The messages could not be kept at {file} ({error}).")
    return (*given, *imagined)


def messages_beside(settings: Settings, comparison: Comparison) -> Path | None:
    """The file of messages beside that of `comparison`, if there is one."""
    source = index_source(settings.data_dir / "indexes", comparison.slug)
    if source and messages_file(source).is_file():
        return messages_file(source)
    for path in shipped():  # its folder may have moved since it was indexed
        if messages_file(path).is_file() and parse_file(path).sha256 == comparison.sha256:
            return messages_file(path)
    return None


def read_passages(
    model: LocalChatModel, comparison: Comparison, settings: Settings, say: Say
) -> None:
    """Has the model read the system messages and every passage once: from disk where saved
    cells fit, else anew.

    Passages for which there is no room are read when they are needed.
    """
    if settings.engine == "plain":
        return
    systems = [deciding_system(comparison), completing_system(), answering_system(comparison)]
    blocks = [passage_block(passage) for passage in comparison.passages]
    wanted = [[system, HumanMessage(".")] for system in systems]
    wanted += [[systems[-1], HumanMessage([block, text_block(".")])] for block in blocks]
    texts = [*(system.text for system in systems), *map(str, blocks)]
    fits = model.engine.fingerprint(f"{_identity(model)} {_hash(*texts)}")
    saved = settings.data_dir / "cells" / f"{comparison.slug}.{settings.engine}.npz"
    kept = model.engine.kept
    if not kept.load(saved, fits):
        say("Reading the prompts and the passages once; later starts skip this.")
    before = model.engine.cells_read
    for place, messages in enumerate(wanted):
        tokens = model.lacks(messages)
        if tokens and not model.engine.has_room_for(tokens):
            room = f"ADVISOR_CELLS_MIB={settings.cells_mib} has room for no more"
            say(f"{len(wanted) - place} of {len(wanted)} texts are read when needed: {room}.")
            break
        model.keep(messages)
    if model.engine.cells_read == before:
        return
    try:
        kept.save(saved, fits)
    except OSError as error:
        say(f"What was read could not be kept at {saved} ({error}); the next start reads it again.")


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _identity(model: LocalChatModel) -> str:
    """Which file the model was loaded from, and in which state."""
    stat = model.engine.path.stat()
    return f"{model.engine.path.name} {stat.st_size} {stat.st_mtime_ns}"
