"""The text of conversations, to be searched, with a full-text index on SQLite.

The index holds the trigrams of a text but not their places (`detail = 'none'`), so that no text can
be read out of it. `optimize` drops the trigrams of a shortened or deleted text.
"""

import sqlalchemy as sa
from alembic import op

from agent.conversations.tables import search_text

revision = "2"
down_revision = "1"

FULL_TEXT = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
        text, content = 'search', content_rowid = 'id', tokenize = 'trigram', detail = 'none')""",
    """CREATE TRIGGER search_insert AFTER INSERT ON search BEGIN
        INSERT INTO search_index (rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER search_delete AFTER DELETE ON search BEGIN
        INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO search_index (search_index) VALUES ('optimize');
    END""",
    """CREATE TRIGGER search_update AFTER UPDATE ON search BEGIN
        INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO search_index (rowid, text) VALUES (new.id, new.text);
    END""",
    """CREATE TRIGGER search_shorten AFTER UPDATE ON search
    WHEN length(new.text) < length(old.text) BEGIN
        INSERT INTO search_index (search_index) VALUES ('optimize');
    END""",
)


def upgrade() -> None:
    conversation = sa.ForeignKey("conversations.id")
    search = op.create_table(
        "search",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation_id", sa.String, conversation, nullable=False, unique=True),
        sa.Column("text", sa.String, nullable=False),
    )
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in FULL_TEXT:
            op.execute(statement)
    conversations = sa.table("conversations", sa.column("id"), sa.column("title"))
    texts: list[sa.ColumnClause[str]] = [sa.column("conversation_id"), sa.column("question")]
    turns = sa.table("turns", *texts, sa.column("answer", sa.JSON))
    for each in connection.execute(sa.select(conversations)).all():
        of_it = sa.select(turns).where(turns.c.conversation_id == each.id)
        found = connection.execute(of_it).all()
        answers = [turn.answer.get("answer", "") for turn in found if turn.answer]
        text = search_text(each.title, [turn.question for turn in found], answers)
        op.bulk_insert(search, [{"conversation_id": each.id, "text": text}])
