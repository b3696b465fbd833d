"""`advisor doctor`: checks what is installed, verified and reachable, and suggests remedies."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from agent.errors import AdvisorError
from agent.settings import Settings

DISTRIBUTION = "comparison-advisor"
LIBRARIES = ("llama-cpp-python", "chromadb", "langchain", "gradio", "onnxruntime")
ROOMS = ("agent", "knowledge", "evals")
MIN_FREE_BYTES = 500_000_000


@dataclass(frozen=True)
class Check:
    """The result of one check; `detail` holds the finding, and the remedy if it did not pass."""

    name: str
    passed: bool
    detail: str


def checks(settings: Settings, wrong: Sequence[str] = ()) -> Iterator[Check]:
    """Every check, dependencies first. `wrong` are lines about unusable variables, which have their
    defaults in `settings`.
    """
    python = platform.python_version()
    yield Check("python", sys.version_info >= (3, 11), python)
    yield _libraries()
    yield _rooms()
    for line in wrong:
        yield Check("settings", False, " ".join(line.split("\n")))  # a value may have lines
    for name in ("data_dir", "cache_dir"):
        yield _folder(f"ADVISOR_{name.upper()}", getattr(settings, name))
    yield _try("embedding", lambda: _embedding(settings))
    yield _try("model", lambda: _model(settings))
    yield _llama(settings)
    yield _try("index", lambda: _index(settings))


def _try(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except AdvisorError as error:
        return Check(name, False, str(error))


def _libraries() -> Check:
    found = {}
    for library in (DISTRIBUTION, *LIBRARIES):
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            return Check("libraries", False, f"{library} is not installed. Run make setup.")
    return Check("libraries", True, ", ".join(f"{k} {v}" for k, v in found.items()))


def _rooms() -> Check:
    """Our package names are common, so another distribution may own them too."""
    owners = packages_distributions()
    for room in ROOMS:
        others = set(owners.get(room, [])) - {DISTRIBUTION}
        if others:
            remedy = f"Uninstall {', '.join(sorted(others))} or use an environment of its own."
            return Check("packages", False, f'Another package also owns "{room}". {remedy}')
    return Check("packages", True, f"{', '.join(ROOMS)} belong to {DISTRIBUTION} only")


def _folder(name: str, folder: Path) -> Check:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Check(name, False, f"{folder} cannot be written. Set {name} to another folder.")
    free = shutil.disk_usage(there).free
    detail = f"{folder}, {free / 1e9:.1f} GB free"
    if free < MIN_FREE_BYTES:
        return Check(name, False, f"{detail}; make room or set {name}.")
    return Check(name, True, detail)


def _embedding(settings: Settings) -> str:
    from agent.downloads.catalogue import embedding_paths

    return f"{embedding_paths(settings.cache_dir).onnx}, verified"


def _model(settings: Settings) -> str:
    if settings.base_url:
        from agent.llm.served import ServedModel

        ServedModel(settings.model, settings.base_url, "").check()
        return f"{settings.model} at {settings.base_url} answers"
    from agent.downloads.catalogue import model_path

    return f"{model_path(settings)}, verified"


def _llama(settings: Settings) -> Check:
    from agent.llm.engine import built_for, has_gpu

    if settings.gpu_layers and not has_gpu():
        remedy = "See docs/configuring.md, check the driver, or set ADVISOR_GPU_LAYERS=0."
        detail = f"ADVISOR_GPU_LAYERS={settings.gpu_layers}, but it finds no GPU. {remedy}"
        return Check("llama.cpp", False, f"{detail} It was built for {built_for()}.")
    where = "a GPU" if has_gpu() else "no GPU"
    return Check("llama.cpp", True, f"finds {where}; built for {built_for()}")


def _index(settings: Settings) -> str:
    from agent.factory import open_embedders
    from knowledge.index import indexed, open_index

    folder = settings.data_dir / "indexes"
    names = [settings.comparison] if settings.comparison else indexed(folder) or [""]
    indexes = [open_index(folder, open_embedders(settings).published, name) for name in names]
    return ", ".join(f"{i.comparison.slug} ({len(i.comparison.passages)})" for i in indexes)
