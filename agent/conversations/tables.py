"""The tables of the conversations' database. A change here needs a revision in migrations/."""

from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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
    search: Mapped["SearchRow"] = relationship(cascade="all, delete-orphan")


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
    """It outlives its turn: a rating of an answer that was replaced is still worth reading."""

    __tablename__ = "feedback"

    turn_id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    created: Mapped[str]
    good: Mapped[bool]
    comment: Mapped[str]
    questions: Mapped[list[str]]
    answer: Mapped[dict[str, Any]]
    configuration: Mapped[dict[str, Any]]


class SearchRow(Base):
    """The words of a conversation, in lower case. SQLite has a full-text index of `text` besides,
    the virtual table `search_index`, which triggers keep up to date.
    """

    __tablename__ = "search"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), unique=True)
    text: Mapped[str]


def search_text(title: str, questions: list[str], answers: list[str]) -> str:
    """What is searched."""
    return "\n".join([title, *questions, *answers]).casefold()
