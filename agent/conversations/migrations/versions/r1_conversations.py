"""Conversations, their turns, and feedback."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def _conversation_id() -> "sa.Column[str]":
    conversation = sa.ForeignKey("conversations.id")
    return sa.Column("conversation_id", sa.String, conversation, nullable=False, index=True)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("owner", sa.String, nullable=False, index=True),
        sa.Column("comparison", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("changed", sa.String, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("id", sa.String, primary_key=True),
        _conversation_id(),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("question", sa.String, nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("comparison_sha256", sa.String, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("turn_id", sa.String, primary_key=True),
        _conversation_id(),
        sa.Column("created", sa.String, nullable=False),
        sa.Column("good", sa.Boolean, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        sa.Column("questions", sa.JSON, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("configuration", sa.JSON, nullable=False),
    )
