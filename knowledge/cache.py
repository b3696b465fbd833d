"""A cache on disk: indexes, KV caches, probes, references, judgements.

    probes = Cache(folder).of("probes")
    probes.save("tea-vs-coffee", key, lambda file: file.write(data))
    probes.load("tea-vs-coffee", key, lambda file: file.read())      None without an entry

An entry lies at FOLDER/<kind>/<name>/<key>; its key covers everything that it depends on. It is a
file that begins with the SHA-256 of the rest, or a folder with the SHA-256 of all other files in
SEAL. A new entry is written next to its place and then renamed, so it is complete or absent, even
if a process dies or two processes make the same entry. Then older entries of its kind and name are
removed, except the NEWEST by last use, so that returning to an earlier model costs nothing.
Not covered: data that cannot be made again, such as conversations.
"""

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Literal, TypeVar, get_args

Kind = Literal["indexes", "kv-cache", "probes", "references", "leanings", "judgements"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NEWEST = 3  # entries that stay, for each kind and name
KEY = re.compile(r"[0-9a-f]{16}")
SHA256_BYTES = 32
SEAL = "sha256"  # the file of an entry's folder that has the SHA-256 of the others
ABANDONED_S = 24 * 3600.0  # a partial entry of this age belongs to a dead process

T = TypeVar("T")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class CorruptFileError(ValueError):
    """A sealed file or folder whose content has changed since it was written."""


@dataclass(frozen=True)
class Entry:
    """A cache entry. `used_s` is the time of its last use, in seconds since 1970. The key is "" for
    entries of an earlier version of the advisor.
    """

    kind: Kind
    name: str
    key: str
    path: Path
    size_bytes: int
    used_s: float


class Kept:
    """The entries of one kind, in a folder. Methods that write raise OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str) -> Path:
        """The place of an entry, whether it exists or not; `key` may be any text."""
        short = key if KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:16]
        return self.folder / name / short

    def load(self, name: str, key: str, read: Callable[[BinaryIO], T]) -> T | None:
        """The result of `read` on an entry that is a file; None if it is missing or damaged."""
        path = self.path(name, key)
        try:
            found = read_sealed(path, read)
        except (OSError, CorruptFileError):
            return None
        use(path)
        return found

    def save(self, name: str, key: str, write: Callable[[BinaryIO], object]) -> None:
        """Writes an entry with `write`, and replaces an entry of the same key."""
        path = self.path(name, key)
        write_sealed(path, write)
        self._remove_old(path)

    @contextmanager
    def building(self, name: str, key: str) -> Iterator[Path]:
        """A new folder to fill, which becomes the entry if the block ends without error. A complete
        entry that another process has made in the meantime stays instead.
        """
        path = self.path(name, key)
        beside, damaged = _beside(path), _beside(path)
        beside.mkdir(parents=True)
        try:
            yield beside
            (beside / SEAL).write_bytes(_sha256_of_folder(beside))
            if not self.is_whole(name, key):
                with suppress(FileNotFoundError):
                    path.replace(damaged)
                try:
                    beside.replace(path)
                except OSError:
                    if not self.is_whole(name, key):
                        raise
        finally:
            remove(beside)
            remove(damaged)
        self._remove_old(path)

    def is_whole(self, name: str, key: str) -> bool:
        """Whether that entry, a folder, is there as it was built. Raises OSError if it cannot be
        read.
        """
        return _is_whole(self.path(name, key))

    @contextmanager
    def copied(self, name: str, key: str) -> Iterator[Path]:
        """A copy of that entry, a folder, for as long as the block lasts: what is done to it leaves
        the entry as it was. Raises OSError, and CorruptFileError if it is not as it was built.
        """
        path = self.path(name, key)
        with TemporaryDirectory() as folder:
            copy = Path(folder, path.name)
            for file in path.rglob("*"):
                if file.is_file():
                    target = copy / file.relative_to(path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, target)
            if not _is_whole(copy):
                raise CorruptFileError(f"{path} is damaged")
            yield copy

    def _remove_old(self, newest: Path) -> None:
        """Removes old entries as far as possible; the next call removes the rest."""
        others = []
        for path in newest.parent.iterdir():
            with suppress(OSError):  # another process may have removed it
                used_s = path.stat().st_mtime
                if KEY.fullmatch(path.name) and path != newest:
                    others.append((used_s, path))
                elif ".partial-" in path.name and used_s < newest.stat().st_mtime - ABANDONED_S:
                    remove(path)
        for _, path in sorted(others)[: max(0, len(others) + 1 - NEWEST)]:
            remove(path)


class Cache:
    """The cache: entries of every kind, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, kind: Kind) -> Kept:
        """The entries of one kind."""
        return Kept(self.folder / kind)

    def entries(self) -> list[Entry]:
        """Every entry, by kind and name, the last used first."""
        found = []
        for kind in KINDS:
            for path in (self.folder / kind).glob("*"):
                entries = [each for each in path.glob("*") if KEY.fullmatch(each.name)]
                if path.is_dir():
                    found += [_entry(kind, path.name, each.name, each) for each in entries]
                else:
                    found.append(_entry(kind, path.name, "", path))
        return sorted(found, key=lambda entry: (KINDS.index(entry.kind), entry.name, -entry.used_s))


def use(path: Path) -> None:
    """Notes the use of an entry, if the folder is writable."""
    with suppress(OSError):
        os.utime(path)


def remove(path: Path) -> None:
    """Removes a file or a folder as far as possible."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def write_sealed(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Writes `path` completely or not at all, with the SHA-256 of the content first.

    Raises OSError.
    """
    beside = _beside(path)
    beside.parent.mkdir(parents=True, exist_ok=True)
    try:
        with beside.open("wb+") as file:
            file.write(bytes(SHA256_BYTES))
            write(file)
            file.flush()
            digest = _sha256_of_rest(file)
            file.seek(0)
            file.write(digest)
        beside.replace(path)
    finally:
        remove(beside)


def write_whole(path: Path, text: str) -> None:
    """Writes a text file completely or not at all, its line ends as in `text`. Raises OSError.

    One that is there keeps its permissions.
    """
    beside = _beside(path)
    beside.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        with suppress(FileNotFoundError):
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        remove(beside)


def read_sealed(path: Path, read: Callable[[BinaryIO], T]) -> T:
    """The result of `read` on the content. Raises OSError, or CorruptFileError if that changed."""
    with path.open("rb") as file:
        if file.read(SHA256_BYTES) != _sha256_of_rest(file):
            raise CorruptFileError(f"{path.name} is damaged")
        file.seek(SHA256_BYTES)
        return read(file)


def _sha256_of_rest(file: BinaryIO) -> bytes:
    file.seek(SHA256_BYTES)
    whole = hashlib.sha256()
    while piece := file.read(2**20):
        whole.update(piece)
    return whole.digest()


def _is_whole(folder: Path) -> bool:
    try:
        return (folder / SEAL).read_bytes() == _sha256_of_folder(folder)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _sha256_of_folder(folder: Path) -> bytes:
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / SEAL:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + content)
    return whole.digest()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial-{os.getpid()}-{uuid.uuid4().hex[:8]}")


def _entry(kind: Kind, name: str, key: str, path: Path) -> Entry:
    files = [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    size_bytes = sum(file.stat().st_size for file in files)
    return Entry(kind, name, key, path, size_bytes, path.stat().st_mtime)
