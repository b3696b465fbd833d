"""Conversations about a comparison whose slug has changed stay with it.

    rename_comparison(database_url(settings), former_slugs(folder, slug), slug)

Run it once the tables are there and before anybody asks for conversations. Not covered: which slugs
a comparison had before (knowledge.index.former_slugs).
"""

from collections.abc import Collection

from sqlalchemy import column, create_engine, table, update
from sqlalchemy.exc import SQLAlchemyError

from agent.errors import InputError
from agent.urls import Url

CONVERSATIONS = table("conversations", column("comparison"))


def rename_comparison(url: Url, before: Collection[str], now: str) -> int:
    """Those about one of the slugs `before` are about `now` from now on; says how many they are.

    Raises InputError if they cannot be changed.
    """
    if not before:
        return 0
    named = CONVERSATIONS.c.comparison
    try:
        engine = create_engine(url.get_secret_value())
        with engine.begin() as connection:
            found = connection.execute(
                update(CONVERSATIONS).where(named.in_(before)).values(comparison=now)
            )
        engine.dispose()
        return found.rowcount
    except (ValueError, ImportError, OSError, SQLAlchemyError) as error:
        why = url.masked(" ".join(str(error).split()))[:200]
        raise InputError(
            f'Conversations at "{url}" cannot be renamed from {", ".join(sorted(before))} to {now} '
            f"({why}). Set ADVISOR_DATABASE_URL to a database that can be written."
        ) from error
