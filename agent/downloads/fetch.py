"""Shared by both sources of model files: their description, disk space, a lock, SHA-256.

The sources, `agent.downloads.from_hub` and `agent.downloads.from_wheels`, write a partial file and
return it as `Fetched`; only `agent.downloads.catalogue.pull` moves it to its place.
"""

import errno
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from agent.errors import ModelUnavailableError
from agent.progress import Progress

log = logging.getLogger(__name__)

CHUNK_BYTES = 2**20
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class WheelPart:
    """One part of a file: `member` is its path inside the wheel of that project and version."""

    project: str
    version: str
    member: str


@dataclass(frozen=True)
class Artifact:
    """A published file. `hub` is owner/repo/file. The members of `wheels`, joined in order, are the
    file.
    """

    name: str
    file_name: str
    size_bytes: int
    sha256: str
    licence: str
    hub: str | None = None
    wheels: tuple[WheelPart, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """A complete file, its SHA-256, and the expected SHA-256."""

    path: Path
    sha256: str
    expected_sha256: str


@contextmanager
def room(folder: Path, needed_bytes: int) -> Iterator[None]:
    """Makes `folder` if needed. Raises ModelUnavailableError if the disk is or becomes full, or if
    the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < needed_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        yield
    except OSError as exc:
        if exc.errno in DISK_FULL:
            free_bytes = shutil.disk_usage(folder).free
            raise ModelUnavailableError(
                f"Not enough disk space at {folder}: needs {_size_text(needed_bytes)}, "
                f"has {_size_text(free_bytes)}. Free some, or set ADVISOR_CACHE_DIR."
            ) from exc
        raise ModelUnavailableError(
            f"Cannot write the model folder {folder}: {exc.strerror or exc}. "
            "Make it writable, or set ADVISOR_CACHE_DIR."
        ) from exc


def _size_text(size_bytes: int) -> str:
    if size_bytes >= 10**8:
        return f"{size_bytes / 10**9:.1f} GB"
    return f"{size_bytes / 10**6:.1f} MB"


def lock(target: Path) -> AbstractContextManager[object]:
    """Held by the one program that fetches `target`; waits, and says so, if another does."""
    file_lock = FileLock(f"{target}.lock")
    try:
        return file_lock.acquire(timeout=0)
    except Timeout:
        log.info("Another program is fetching %s; waiting for it.", target.name)
        return file_lock.acquire()


def hash_file(path: Path, description: str, progress: Progress) -> str:
    """The SHA-256 of the file, in hexadecimal; raises OSError if it cannot be read."""
    digest, size_bytes = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as file, progress(description, "bytes") as report:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            report(file.tell(), size_bytes)
    return digest.hexdigest()
