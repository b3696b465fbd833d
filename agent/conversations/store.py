"""Conversations and feedback in a database: SQLite in the data folder, or what a URL names.

    store = Store("sqlite:///conversations.db", comparison, configuration)
    store.keep_soon("browser 1f…", conversation)     # after each turn
    store.open("browser 1f…", conversation.id)  -> Conversation

Whoever asks gets what the same owner kept, about the same comparison, and nothing else. An answer
is kept as `ask --json` prints it, with the edition of the comparison that it was given under.
What is kept soon is written by one thread, in order: a database that is slow or locked holds up
nobody but who reads it. What is deleted is overwritten in the file (SQLite), which its owner alone
may read. Not covered: encryption.
"""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from agent.answering.types import Answer
from agent.conversations.conversation import Conversation, Turn
from agent.conversations.edition import EARLIER, UNKNOWN, as_answered
from agent.errors import ConversationMissingError, InputError
from agent.urls import Url
from knowledge.comparison import Comparison

MOST_LISTED = 200
MAX_TITLE_CHARS = 80
MAX_COMMENT_CHARS = 2000

log = logging.getLogger(__name__)


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012 - SQLAlchemy's form


class ConversationRow(Base):
    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(index=True)
    comparison: Mapped[str]
    title: Mapped[str]
    changed: Mapped[str]  # ISO 8601, UTC
    turns: Mapped[list["TurnRow"]] = relationship(
        order_by="TurnRow.place", cascade="all, delete-orphan"
    )
    feedback: Mapped[list["FeedbackRow"]] = relationship(cascade="all, delete-orphan")


class TurnRow(Base):
    __tablename__ = "turns"

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    place: Mapped[int]
    question: Mapped[str]
    answer: Mapped[dict[str, Any] | None]
    note: Mapped[str]
    comparison_sha256: Mapped[str]


class FeedbackRow(Base):
    """It stays when the turn is answered again: what was wrong with an answer is worth keeping."""

    __tablename__ = "feedback"

    turn_id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    created: Mapped[str]
    good: Mapped[bool]
    comment: Mapped[str]
    questions: Mapped[list[str]]
    answer: Mapped[dict[str, Any]]
    configuration: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class Listed:
    """A conversation in a list, newest first: when it changed last is ISO 8601, UTC."""

    id: str
    title: str
    changed: str


@dataclass(frozen=True)
class Feedback:
    """What somebody thought of an answer: all questions up to it, the answer as `ask --json` prints
    it, and what it depended on.
    """

    turn_id: str
    created: str
    good: bool
    comment: str
    questions: tuple[str, ...]
    answer: Mapping[str, Any]
    configuration: Mapping[str, Any]


class Store:
    """Where conversations about one comparison are kept."""

    def __init__(
        self, url: Url | str, comparison: Comparison, configuration: Mapping[str, Any] | None = None
    ) -> None:
        """`url` is SQLAlchemy's. Raises InputError if nothing can be kept there."""
        self._comparison = comparison
        self._configuration = dict(configuration or {})
        url = Url(url) if isinstance(url, str) else url
        self._writer = ThreadPoolExecutor(1, "keeps conversations")
        self._newest: Future[None] | None = None  # of what the writer has to do
        self._submitting = threading.Lock()
        try:
            target = make_url(url.get_secret_value())
            self._engine = create_engine(target)
            if target.get_backend_name() == "sqlite":
                if target.database and target.database != ":memory:":
                    _private(Path(target.database))
                event.listen(self._engine, "connect", _set_up_sqlite)
            Base.metadata.create_all(self._engine)
        except (ValueError, ImportError, OSError, SQLAlchemyError) as error:
            why = url.masked(" ".join(str(error).split()))[:200]
            raise InputError(
                f'Conversations cannot be kept at "{url}" ({why}). '
                "Set ADVISOR_DATABASE_URL to a database that can be written."
            ) from error

    def close(self) -> None:
        """Waits until all is written."""
        self._settle()
        self._engine.dispose()

    def listed(self, owner: str, search: str = "") -> tuple[Listed, ...]:
        """The owner's conversations in which `search` stands: in a title, question or answer."""
        with self._session() as session:
            rows = session.scalars(
                select(ConversationRow)
                .where(
                    ConversationRow.owner == owner,
                    ConversationRow.comparison == self._comparison.slug,
                )
                .order_by(ConversationRow.changed.desc())
            )
            wanted = search.casefold().split()
            found = (row for row in rows if not wanted or _says(row, wanted))
            newest = islice(found, MOST_LISTED)
            return tuple(Listed(row.id, row.title, row.changed) for row in newest)

    def open(self, owner: str, conversation_id: str) -> Conversation:
        """Raises ConversationMissingError if the owner has none of that id."""
        with self._owned(owner, conversation_id) as (_, row):
            ratings = {each.turn_id: each.good for each in row.feedback}
            turns = [self._turn(each, ratings.get(each.id)) for each in row.turns]
            return Conversation(row.id, row.title, turns)

    def keep(self, owner: str, conversation: Conversation) -> None:
        """Keeps it as it is now, in place of what was kept of it. One that was deleted meanwhile
        stays so, and one of which every turn was taken back is deleted.
        """
        self._settle()
        self._keep(owner, conversation, tuple(conversation.turns))

    def keep_soon(self, owner: str, conversation: Conversation) -> None:
        """The same without waiting for it; whoever reads waits. What goes wrong is in the log."""
        turns = tuple(conversation.turns)
        try:
            with self._submitting:
                self._newest = self._writer.submit(self._keep_or_log, owner, conversation, turns)
        except RuntimeError:  # the program ends, and takes no more work
            self._keep_or_log(owner, conversation, turns)

    def _keep_or_log(self, owner: str, conversation: Conversation, turns: Sequence[Turn]) -> None:
        try:
            self._keep(owner, conversation, turns)
        except Exception:  # of any driver: nobody is there to get it
            log.exception("A conversation could not be kept.")

    def _keep(self, owner: str, conversation: Conversation, turns: Sequence[Turn]) -> None:
        with Session(self._engine) as session, session.begin():
            row = session.get(ConversationRow, conversation.id)
            if row is not None and row.owner != owner:
                raise _missing(conversation.id)
            if not turns:
                conversation.title = ""
                if row is not None:
                    session.delete(row)
                return
            if row is None:
                if conversation.title:  # it was kept before
                    return
                row = ConversationRow(
                    id=conversation.id,
                    owner=owner,
                    comparison=self._comparison.slug,
                    title=titled(turns[0].question),
                )
                session.add(row)
            conversation.title, row.changed = row.title, _now()
            kept = {each.id: each for each in row.turns}
            row.turns = [
                self._row(turn, place, kept.get(turn.id)) for place, turn in enumerate(turns)
            ]

    def rename(self, owner: str, conversation_id: str, title: str) -> str:
        """Its title now; an empty one leaves the old. Raises ConversationMissingError."""
        with self._owned(owner, conversation_id) as (_, row):
            row.title = titled(title) or row.title
            return row.title

    def delete(self, owner: str, conversation_id: str) -> None:
        """With its turns and the feedback on them. Raises ConversationMissingError."""
        with self._owned(owner, conversation_id) as (session, row):
            session.delete(row)

    def rate(self, owner: str, turn_id: str, good: bool, comment: str = "") -> None:
        """Keeps what the owner thinks of an answer, in place of what they thought before.

        Raises ConversationMissingError if the owner has no such answer.
        """
        with self._session() as session:
            turn = session.get(TurnRow, turn_id)
            row = session.get(ConversationRow, turn.conversation_id) if turn else None
            if turn is None or row is None or row.owner != owner or turn.answer is None:
                raise _missing(turn_id)
            session.merge(
                FeedbackRow(
                    turn_id=turn_id,
                    conversation_id=row.id,
                    created=_now(),
                    good=good,
                    comment=comment[:MAX_COMMENT_CHARS],
                    questions=[each.question for each in row.turns if each.place <= turn.place],
                    answer=turn.answer,
                    configuration=self._configuration,
                )
            )

    def feedback(self) -> tuple[Feedback, ...]:
        """All of everybody's about this comparison, oldest first."""
        with self._session() as session:
            rows = session.scalars(
                select(FeedbackRow)
                .join(ConversationRow, ConversationRow.id == FeedbackRow.conversation_id)
                .where(ConversationRow.comparison == self._comparison.slug)
                .order_by(FeedbackRow.created)
            )
            return tuple(
                Feedback(
                    row.turn_id,
                    row.created,
                    row.good,
                    row.comment,
                    tuple(row.questions),
                    row.answer,
                    row.configuration,
                )
                for row in rows
            )

    def _settle(self) -> None:
        if newest := self._newest:
            wait([newest])

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """In which all is there that was to be kept before."""
        self._settle()
        with Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def _owned(self, owner: str, conversation_id: str) -> Iterator[tuple[Session, ConversationRow]]:
        with self._session() as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None or row.owner != owner or row.comparison != self._comparison.slug:
                raise _missing(conversation_id)
            yield session, row

    def _row(self, turn: Turn, place: int, row: TurnRow | None) -> TurnRow:
        row = row or TurnRow(id=turn.id, comparison_sha256=turn.earlier or self._comparison.sha256)
        row.place, row.question = place, turn.question
        if turn.answer or row.answer is None:  # one that could not be read is left as it was
            row.answer = turn.answer.to_json() if turn.answer else None
            row.note = turn.note
        return row

    def _turn(self, row: TurnRow, rated: bool | None) -> Turn:
        turn = Turn(row.question, None, row.note, running=False, id=row.id, rated=rated)
        if not row.answer:
            return turn
        try:
            then, earlier = self._comparison, ""
            if row.comparison_sha256 != then.sha256:
                then = as_answered(row.answer, self._comparison)
                earlier = row.comparison_sha256 or (UNKNOWN if then != self._comparison else "")
            answer = Answer.from_json(row.answer, then)
        except (KeyError, TypeError, ValueError):  # kept by another version
            return replace(turn, note=f"{row.answer.get('answer', '')}\n\n{EARLIER}")
        return replace(turn, answer=answer, earlier=earlier)


def titled(text: str) -> str:
    """`text` as a title: one line, cut between words if it is long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= MAX_TITLE_CHARS:
        return line
    return line[:MAX_TITLE_CHARS].rsplit(" ", 1)[0] + " …"


def _says(row: ConversationRow, wanted: Sequence[str]) -> bool:
    """Whether all words stand in its title, questions or answers, in any case."""
    answers = [turn.answer["answer"] for turn in row.turns if turn.answer]
    said = "\n".join([row.title, *(turn.question for turn in row.turns), *answers]).casefold()
    return all(word in said for word in wanted)


def _missing(name: str) -> ConversationMissingError:
    return ConversationMissingError(
        f'There is no conversation "{name[:40]}" of yours. It may have been deleted.'
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _private(file: Path) -> None:
    """Makes the file, for its owner alone to read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)


def _set_up_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("foreign_keys = ON", "secure_delete = ON", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
