"""Makes an advisor ready: embedder, index, model, and the passages' cells, from the settings.

    advisor = open_advisor(settings())

What is there and fits is used; an index of a changed document and cells of a changed prompt are
made again. Nothing is downloaded here: that is "advisor pull" (agent.models).
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from langchain_core.messages import HumanMessage

from agent.advisor import Advisor
from agent.chat_model import LocalChatModel
from agent.decide import Decider
from agent.errors import InputUnusable
from agent.messages import passage_block, system_message
from agent.model import Model
from agent.models import embedding_paths, model_path
from agent.served_model import ServedModel
from agent.settings import Settings
from knowledge.comparison import Comparison
from knowledge.embed import MiniLM
from knowledge.index import Report, build_index, index_source, indexed, open_index
from knowledge.parse import parse_file
from knowledge.retrieve import Retriever

SHIPPED = Path(__file__).parent.parent / "knowledge"
MAX_KEPT_PASSAGES = 200  # llama.cpp keeps at most 256 sequences

Say = Callable[[str], None]


def open_advisor(settings: Settings, say: Say = lambda line: None) -> Advisor:
    """An advisor for the comparison and the model of `settings`.

    Raises AdvisorError when something it needs is missing or damaged; the message says what.
    """
    embedder = open_embedder(settings)
    refresh_index(settings, embedder, say)
    index = open_index(settings.data_dir / "indexes", embedder, settings.comparison)
    model = open_model(settings, index.comparison, say)
    decider = Decider(index.comparison)
    decider.calibrate(model)
    return Advisor(model, Retriever(index), decider, settings.top_k)


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


def open_model(settings: Settings, comparison: Comparison, say: Say) -> Model:
    """The local model with the passages of `comparison` read, or the served one."""
    if settings.base_url:
        served = ServedModel(settings.model, settings.base_url, settings.api_key.get_secret_value())
        served.check()
        return served
    path = model_path(settings)
    model = LocalChatModel(path, settings.context_tokens, settings.threads)
    read_passages(model, comparison, settings, say)
    return model


def read_passages(
    model: LocalChatModel, comparison: Comparison, settings: Settings, say: Say
) -> None:
    """Has the model read every passage once: from disk where saved cells fit, else anew.

    A comparison that is too large for the context is read passage by passage as it is needed.
    """
    system = system_message(comparison)
    blocks = [passage_block(passage) for passage in comparison.passages]
    messages = [system, HumanMessage([*blocks, {"type": "text", "text": "."}])]
    if len(blocks) > MAX_KEPT_PASSAGES or not model.fits(messages):
        return
    stat = model.engine.path.stat()
    identity = f"{model.engine.path.name} {stat.st_size} {stat.st_mtime_ns}"
    content = hashlib.sha256("\n".join([system.text, *(str(b) for b in blocks)]).encode())
    key = model.engine.state_key(f"{identity} {content.hexdigest()}")
    saved = settings.data_dir / "cells" / f"{comparison.slug}.bin"
    if model.engine.load(saved, key):
        return
    say(f"Reading {len(blocks)} passages once; later starts skip this.")
    model.keep(messages)
    try:
        saved.parent.mkdir(parents=True, exist_ok=True)
        model.engine.save(saved, key)
    except OSError as error:
        say(f"What was read could not be kept at {saved} ({error}); the next start reads it again.")
