"""Documents that people add on the page: received, read apart, corrected, and indexed.

    draft = uploads.begin(owner, "notes.docx")      a file to write the document into
    uploads.read(draft)                             what is recognised in it, nothing indexed yet
    uploads.use(draft, corrections)                 stored in the data folder, and indexed

An owner has one draft at a time. Drafts are forgotten when the server ends. What a client calls its
file gives its format, and no path.
"""

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel, Field

from agent.errors import AdvisorError, ConversationBusyError, InputError, UploadExistsError
from agent.factory import index_file
from agent.judge import explaining
from agent.progress import Progress, Report, Unit
from agent.web.context import Library
from agent.web.reading import read_apart
from knowledge.comparison import MAX_OPTIONS, NEITHER, joined, title_slug
from knowledge.documents.blocks import short
from knowledge.documents.front_matter import front_matter_file, write_front_matter
from knowledge.documents.reader import SUFFIXES
from knowledge.index import index_source

MAX_BYTES = 20 * 2**20
MAX_DRAFTS = 20
MAX_TEXT_CHARS = 500
Text = Field("", max_length=MAX_TEXT_CHARS)

log = logging.getLogger(__name__)


class Corrections(BaseModel):
    """What a person says of a document; what is empty is as it was recognised.

    `verdicts` are by use case, "none" for what is no use case.
    """

    title: str = Text
    options: list[str] = Field([], max_length=MAX_OPTIONS)
    in_general: str = Text
    verdicts: dict[str, str] = Field({}, max_length=1000)

    def front_matter(self) -> Mapping[str, Any]:
        return self.model_dump(exclude_defaults=True)


@dataclass
class Draft:
    """A document that is not indexed yet; `name` is what its owner calls it."""

    owner: str
    name: str
    file: Path
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    progress: str = ""


class Uploads:
    """The drafts of a library, and its folder of documents."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = TemporaryDirectory(prefix="advisor-drafts-")
        self._drafts: dict[str, Draft] = {}  # by owner, the oldest first
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()  # a process may take 1 GiB

    @property
    def documents(self) -> Path:
        return self._library.settings.data_dir / "documents"

    def begin(self, owner: str, name: str) -> Draft:
        """An empty draft in place of the owner's last. Raises InputError for another format."""
        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError(f'"{short(name)}" has no format that is read: {" ".join(SUFFIXES)}.')
        draft = Draft(owner, short(name), Path(self._folder.name))
        folder = Path(self._folder.name, draft.id)
        folder.mkdir()
        draft.file = folder / f"document{suffix}"
        with self._lock:
            dropped = [self._drafts.pop(owner, None)]
            if len(self._drafts) >= MAX_DRAFTS:
                dropped.append(self._drafts.pop(next(iter(self._drafts))))
            self._drafts[owner] = draft
        for each in filter(None, dropped):
            rmtree(each.file.parent, ignore_errors=True)
        return draft

    def draft(self, owner: str, draft_id: str) -> Draft:
        """Raises InputError if the owner has no such draft."""
        draft = self._drafts.get(owner)
        if draft is None or draft.id != draft_id:
            raise InputError("That document is not here any more. Choose its file again.")
        return draft

    def progress(self, owner: str, draft_id: str) -> str:
        """What is being done with a draft; "" if it is used by now: pages ask once too often."""
        draft = self._drafts.get(owner)
        return draft.progress if draft and draft.id == draft_id else ""

    @contextmanager
    def busy(self, owner: str) -> Iterator[None]:
        """Raises ConversationBusyError while another request of the owner is in such a block."""
        with self._lock:
            if owner in self._busy:
                raise ConversationBusyError("A document of yours is being read. Wait for it.")
            self._busy.add(owner)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(owner)

    def read(self, draft: Draft, corrections: Corrections | None = None) -> dict[str, Any]:
        """What is recognised, as `advisor check --json` has it, and the verdicts that there can be.

        Raises InputError, in the one line of the reader, for what is no comparison.
        """
        found = self._read(self._corrected(draft, corrections or Corrections()), draft)
        options = [each["name"] for each in found["options"]]
        return found | {
            "id": draft.id,
            "verdicts": _verdicts(options, found["both"]),
            "replaces": title_slug(found["title"]) in self._library.titles(),
        }

    def use(self, draft: Draft, corrections: Corrections, replace: bool = False) -> str:
        """Stores and indexes the document with its corrections; the slug of its comparison.

        Raises UploadExistsError if one is there and may be replaced, else InputError.
        """
        draft.progress = "Reading the document"
        staged = self._corrected(draft, corrections)
        title = self._read(staged, draft)["title"]
        slug = title_slug(title)
        with self._one_at_a_time:
            self._may_take(slug, title, replace)
            target = self.documents / f"{slug}{staged.suffix}"
            with self._in_place(staged, target):
                draft.progress = "Indexing"
                library = self._library
                comparison, _ = index_file(
                    library.settings,
                    library.embedders,
                    target,
                    self._embedding(draft),
                    judge=library.judge,
                )
        self._library.forget(comparison.slug)
        with self._lock:
            self._drafts.pop(draft.owner, None)
        rmtree(draft.file.parent, ignore_errors=True)
        return comparison.slug

    def _corrected(self, draft: Draft, corrections: Corrections) -> Path:
        """A copy of the draft that holds the corrections."""
        staged = draft.file.parent / "corrected" / draft.file.name
        rmtree(staged.parent, ignore_errors=True)
        staged.parent.mkdir()
        copyfile(draft.file, staged)
        if values := corrections.front_matter():
            write_front_matter(staged, values, replace=True)
        return staged

    def _read(self, file: Path, draft: Draft) -> dict[str, Any]:
        judge = self._library.judge
        try:
            with explaining(judge):
                found = read_apart(file, judge, within=self._one_at_a_time)
        except InputError as error:
            raise InputError(str(error).replace(file.name, draft.name, 1)) from error
        return found | {"warnings": found["warnings"] + judge.warnings}

    def _may_take(self, slug: str, title: str, replace: bool) -> None:
        if slug not in self._library.titles():
            return
        source = index_source(self._library.folder, slug)
        if source is None or source.parent != self.documents.resolve():
            raise InputError(
                f'"{short(title)}" is the title of a comparison that was not added on this page. '
                "Give yours another one."
            )
        if not replace:
            raise UploadExistsError(f'There is a comparison "{short(title)}" already.')

    @contextmanager
    def _in_place(self, staged: Path, target: Path) -> Iterator[None]:
        """Puts a document and what stands beside it where it is kept, in place of an earlier one;
        that comes back if the block fails.
        """
        self.documents.mkdir(parents=True, exist_ok=True)
        kinds = [self.documents / f"{target.stem}{suffix}" for suffix in SUFFIXES]
        earlier = [f for kind in kinds for f in (kind, front_matter_file(kind)) if f.is_file()]
        before = {file: file.read_bytes() for file in dict.fromkeys(earlier)}
        for file in before:
            file.unlink()
        try:
            for file, place in (
                (staged, target),
                (front_matter_file(staged), front_matter_file(target)),
            ):
                if file.is_file():
                    copyfile(file, place)
            yield
        except (AdvisorError, OSError):
            target.unlink(missing_ok=True)
            front_matter_file(target).unlink(missing_ok=True)
            for file, content in before.items():
                file.write_bytes(content)
            raise

    def _embedding(self, draft: Draft) -> Progress:
        """Shows on the page how many sentences are embedded."""

        @contextmanager
        def progress(description: str, unit: Unit = "", done: int = 0) -> Iterator[Report]:
            def report(done: int, total: int) -> None:
                draft.progress = f"Indexing: {done:,} of {total:,} sentences"

            yield report

        return progress


def _verdicts(options: Sequence[str], both: str) -> list[str]:
    """Every verdict that a person can give: one option, several, all, none of them."""
    most = len(options) - 1 if len(options) < 5 else 2
    some = [joined(each) for size in range(2, most + 1) for each in combinations(options, size)]
    return [*options, *some, both, NEITHER]
