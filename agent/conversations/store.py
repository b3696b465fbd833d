"""Conversations and feedback in a database: SQLite in the data folder, or what a URL names.

    store = Store("sqlite:///conversations.db", comparison, configuration)
    store.save_soon("browser 1f…", conversation)     # after each turn
    store.open("browser 1f…", conversation.id)  -> Conversation

An owner gets their own conversations about the store's comparison, and nothing else. An answer is
stored as `ask --json` prints it, with the edition of the comparison that it was given under.
`save_soon` writes in one thread, in order: a slow or locked database delays only its readers.
SQLite overwrites deleted content in its file, which only the file's owner may read.
Not covered: encryption.
"""

import logging
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Integer, Select, column, create_engine, event, select, table, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from agent.answering.types import Answer
from agent.conversations.conversation import Conversation, Turn
from agent.conversations.edition import EARLIER, UNKNOWN, as_answered
from agent.conversations.migrations import upgrade
from agent.conversations.tables import (
    ConversationRow,
    FeedbackRow,
    SearchRow,
    TurnRow,
    search_text,
)
from agent.errors import ConversationMissingError, InputError
from agent.urls import Url
from knowledge.comparison import Comparison

MAX_LISTED = 200
MAX_TITLE_CHARS = 80
MAX_COMMENT_CHARS = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listed:
    """A conversation in a list; `changed` is ISO 8601, UTC."""

    id: str
    title: str
    changed: str


@dataclass(frozen=True)
class Feedback:
    """A rating of an answer, with all questions up to it, the answer as `ask --json` prints it, and
    the configuration that it was given under.
    """

    turn_id: str
    created: str
    good: bool
    comment: str
    questions: tuple[str, ...]
    answer: Mapping[str, Any]
    configuration: Mapping[str, Any]


class Store:
    """The stored conversations about one comparison."""

    def __init__(
        self, url: Url | str, comparison: Comparison, configuration: Mapping[str, Any] | None = None
    ) -> None:
        """`url` is SQLAlchemy's. Raises InputError if the database cannot be written."""
        self._comparison = comparison
        self._configuration = dict(configuration or {})
        url = Url(url) if isinstance(url, str) else url
        self._writer = ThreadPoolExecutor(1, "conversations")
        self._newest: Future[None] | None = None  # write
        self._submitting = threading.Lock()
        try:
            target = make_url(url.get_secret_value())
            self._engine = create_engine(target)
            if target.get_backend_name() == "sqlite":
                if target.database and target.database != ":memory:":
                    _private(Path(target.database))
                event.listen(self._engine, "connect", _set_up_sqlite)
            with self._engine.begin() as connection:
                upgrade(connection)
        except (ValueError, ImportError, OSError, SQLAlchemyError, CommandError) as error:
            why = url.masked(" ".join(str(error).split()))[:200]
            raise InputError(
                f'Conversations cannot be stored at "{url}" ({why}). '
                "Set ADVISOR_DATABASE_URL to a database that can be written."
            ) from error

    def adopt(self, former_slugs: Collection[str]) -> None:
        """Conversations under former slugs of the comparison are about it from now on."""
        if former_slugs:
            with self._session() as session:
                session.execute(
                    update(ConversationRow)
                    .where(ConversationRow.comparison.in_(former_slugs))
                    .values(comparison=self._comparison.slug)
                )

    def close(self) -> None:
        """Waits until everything is written."""
        self._settle()
        self._engine.dispose()

    def listed(self, owner: str, search: str = "") -> tuple[Listed, ...]:
        """The newest MAX_LISTED of the owner's conversations in which every word of `search` is in
        the title, a question or an answer, in any case.
        """
        listed = (
            select(ConversationRow.id, ConversationRow.title, ConversationRow.changed)
            .where(
                ConversationRow.owner == owner,
                ConversationRow.comparison == self._comparison.slug,
            )
            .order_by(ConversationRow.changed.desc())
            .limit(MAX_LISTED)
        )
        if words := search.replace("\0", " ").casefold().split():
            listed = listed.where(ConversationRow.id.in_(self._with_words(words)))
        with self._session() as session:
            return tuple(Listed(*row) for row in session.execute(listed))

    def _with_words(self, words: Sequence[str]) -> Select[str]:
        """The ids of all conversations with every one of `words`."""
        has = [SearchRow.text.contains(word, autoescape=True) for word in words]
        trigrams = {word[at : at + 3] for word in words for at in range(len(word) - 2)}
        if trigrams and self._engine.dialect.name == "sqlite":  # the index leaves few rows to LIKE
            query = " AND ".join('"' + each.replace('"', '""') + '"' for each in sorted(trigrams))
            indexed = select(column("rowid", Integer)).select_from(table("search_index"))
            matching = column("search_index").op("MATCH")(query)
            has.append(SearchRow.id.in_(indexed.where(matching)))
        return select(SearchRow.conversation_id).where(*has)

    def comparison_of(self, owner: str, conversation_id: str) -> str:
        """The slug of the comparison that a conversation of the owner is about; "" without one."""
        with self._session() as session:
            row = session.get(ConversationRow, conversation_id)
            return row.comparison if row and row.owner == owner else ""

    def open(self, owner: str, conversation_id: str) -> Conversation:
        """Raises ConversationMissingError if the owner has none of that id."""
        with self._owned(owner, conversation_id) as (_, row):
            ratings = {each.turn_id: each.good for each in row.feedback}
            turns = [self._turn(each, ratings.get(each.id)) for each in row.turns]
            return Conversation(row.id, row.title, turns)

    def save(self, owner: str, conversation: Conversation) -> None:
        """Stores it as it is now. One that was deleted meanwhile stays deleted, and one without
        turns is deleted.
        """
        self._settle()
        self._save(owner, conversation, tuple(conversation.turns))

    def save_soon(self, owner: str, conversation: Conversation) -> None:
        """The same in the background; readers wait for it. Errors are logged."""
        turns = tuple(conversation.turns)
        try:
            with self._submitting:
                self._newest = self._writer.submit(self._save_or_log, owner, conversation, turns)
        except RuntimeError:  # the program ends, and takes no more work
            self._save_or_log(owner, conversation, turns)

    def _save_or_log(self, owner: str, conversation: Conversation, turns: Sequence[Turn]) -> None:
        try:
            self._save(owner, conversation, turns)
        except Exception:  # of any driver; nobody reads the result of a write in the background
            log.exception("A conversation could not be stored.")

    def _save(self, owner: str, conversation: Conversation, turns: Sequence[Turn]) -> None:
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
                if conversation.title:  # it was stored before, and is deleted
                    return
                row = ConversationRow(
                    id=conversation.id,
                    owner=owner,
                    comparison=self._comparison.slug,
                    title=titled(turns[0].question),
                )
                session.add(row)
            conversation.title, row.changed = row.title, _now()
            stored = {each.id: each for each in row.turns}
            row.turns = [
                self._row(turn, place, stored.get(turn.id)) for place, turn in enumerate(turns)
            ]
            _index(row)

    def rename(self, owner: str, conversation_id: str, title: str) -> str:
        """The new title; an empty one changes nothing. Raises ConversationMissingError."""
        with self._owned(owner, conversation_id) as (_, row):
            row.title = titled(title) or row.title
            _index(row)
            return row.title

    def delete(self, owner: str, conversation_id: str) -> None:
        """With its turns and the feedback on them. Raises ConversationMissingError."""
        with self._owned(owner, conversation_id) as (session, row):
            session.delete(row)

    def rate(self, owner: str, turn_id: str, good: bool, comment: str = "") -> None:
        """Stores the owner's rating of an answer, in place of an earlier one.

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
        """Every owner's feedback about this comparison, oldest first."""
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
        """A session after everything submitted before is written."""
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
        if turn.answer or row.answer is None:  # an unreadable one stays as it is
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
        except (KeyError, TypeError, ValueError):  # stored by another version
            return replace(turn, note=f"{row.answer.get('answer', '')}\n\n{EARLIER}")
        return replace(turn, answer=answer, earlier=earlier)


def titled(text: str) -> str:
    """`text` as a title: one line, cut between words if it is long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= MAX_TITLE_CHARS:
        return line
    return line[:MAX_TITLE_CHARS].rsplit(" ", 1)[0] + " …"


def _index(row: ConversationRow) -> None:
    """Updates what is searched of a conversation."""
    answers = [turn.answer["answer"] for turn in row.turns if turn.answer]
    text = search_text(row.title, [turn.question for turn in row.turns], answers)
    row.search = row.search or SearchRow()
    row.search.text = text


def _missing(name: str) -> ConversationMissingError:
    return ConversationMissingError(
        f'You have no conversation "{name[:40]}". It may have been deleted.'
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _private(file: Path) -> None:
    """Creates the file, readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)


def _set_up_sqlite(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("foreign_keys = ON", "secure_delete = ON", "busy_timeout = 5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
