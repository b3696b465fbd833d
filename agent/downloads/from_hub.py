"""Downloads a public file from Hugging Face, and resumes an earlier download of the same version.

`fetch_from_hub` asks for the size and the hash first. Without a size it starts over. No token is
sent.
"""

import logging
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from agent.downloads.fetch import DISK_FULL, Artifact, Fetched, hash_file, room
from agent.downloads.gguf import check_gguf
from agent.errors import ModelUnavailableError
from agent.progress import Progress, Report

log = logging.getLogger(__name__)

T = TypeVar("T")

REFUSALS = (401, 403, 404)  # the hub answers 401 for a repository that does not exist


class HubError(Exception):
    """The hub does not answer, or lacks the file. The message is a clause without a full stop."""


def fetch_from_hub(
    reference: str,
    artifact: Artifact | None,
    target: Path,
    progress: Progress,
    endpoint: str | None,
    timeout_s: float,
) -> Fetched:
    """Downloads owner/repo/file next to `target`. Without an artifact it must be a GGUF file.

    Raises HubError if the hub does not answer within `timeout_s`, has another file, or stops; the
    received bytes stay for the next attempt. Raises ModelUnavailableError if the disk is full.
    """
    name = artifact.name if artifact else f"hf:{reference}"
    remote = _hub_file(reference, endpoint, timeout_s)
    if artifact and (remote.sha256, remote.size_bytes) != (artifact.sha256, artifact.size_bytes):
        raise HubError(f"Hugging Face has another file as {reference}")
    version = (remote.sha256 or remote.commit)[:12]  # never resume with another version's bytes
    written = target.with_name(f"{target.name}.{version}.partial")
    _download(remote, name, written, progress)
    sha256 = hash_file(written, f"{name}: verifying", progress)
    if artifact is None:
        if remote.sha256 is None:
            log.info("Hugging Face gives no SHA-256 of %s; it could not be compared.", name)
        try:
            check_gguf(written)
        except ModelUnavailableError:
            written.unlink()
            raise
    return Fetched(written, sha256, remote.sha256 or sha256)


@dataclass(frozen=True)
class _HubFile:
    """A file as the hub describes it; None for unknown values."""

    reference: str
    url: str
    commit: str
    size_bytes: int | None
    sha256: str | None


def _hub_file(reference: str, endpoint: str | None, timeout_s: float) -> _HubFile:
    """The file's size and hash by the hub. Raises HubError without an answer in time."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # is read when the library is imported
    import huggingface_hub as hub

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings name hosts
    owner, repo, file = reference.split("/", 2)
    url = partial(hub.hf_hub_url, f"{owner}/{repo}", file, endpoint=endpoint)
    ask = partial(hub.get_hf_file_metadata, url(), token=False, timeout=timeout_s)
    try:
        seen = _within(timeout_s, ask)
    except (
        Exception
    ) as exc:  # every exception of the client means that the file is unavailable there
        if isinstance(exc, hub.errors.HfHubHTTPError) and exc.response.status_code in REFUSALS:
            raise HubError(f"Hugging Face has no public file {reference}") from exc
        late = "Timeout" in type(exc).__name__
        reason = f"does not answer within {timeout_s:g} s" if late else "cannot be reached"
        raise HubError(f"Hugging Face {reason}") from exc
    commit, etag = seen.commit_hash, seen.etag
    if commit is None:
        raise HubError("What answers for Hugging Face is not it")
    sha256 = etag if re.fullmatch("[0-9a-f]{64}", etag or "") else None  # of files in LFS
    return _HubFile(reference, url(revision=commit), commit, seen.size, sha256)


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


def _download(remote: _HubFile, name: str, written: Path, progress: Progress) -> None:
    # hf_hub_download discards a partial file; the lower-level http_get resumes it
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get

    # by default up to 10 MiB stay unwritten, and are lost if the connection breaks
    constants.DOWNLOAD_CHUNK_SIZE = None  # type: ignore[assignment]  # declared int; None: as it comes
    done_bytes = written.stat().st_size if written.exists() else 0
    if remote.size_bytes is None or done_bytes > remote.size_bytes:
        written.unlink(missing_ok=True)
        done_bytes = 0
    total_bytes = remote.size_bytes or 0
    with (
        room(written.parent, total_bytes - done_bytes),
        progress(name, "bytes", done_bytes) as report,
        written.open("ab") as file,
    ):
        try:
            http_get(
                remote.url,
                file,
                resume_size=done_bytes,
                headers={},  # no token
                expected_size=remote.size_bytes,
                tqdm_class=cast(Any, partial(_HubBar, report, done_bytes, total_bytes)),
            )
        except Exception as exc:  # http_get lets through what its client raises
            if isinstance(exc, OSError) and exc.errno in DISK_FULL:
                raise
            raise HubError(f"Hugging Face stopped sending {remote.reference}") from exc
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave zeros under a valid seal


class _HubBar:
    """The progress bar that http_get expects."""

    def __init__(self, report: Report, done_bytes: int, total_bytes: int, **_: object) -> None:
        self._report, self._done_bytes, self._total_bytes = report, done_bytes, total_bytes

    def update(self, size_bytes: int) -> None:
        self._done_bytes += size_bytes
        self._report(self._done_bytes, self._total_bytes)

    def __enter__(self) -> "_HubBar":
        return self

    def __exit__(self, *_: object) -> None: ...
