"""Revisions of the database's schema, applied by Alembic when the store is opened.

    with engine.begin() as connection:
        upgrade(connection)

To change the schema: change tables.py, and add a file to versions/ whose `down_revision` is the
last one's `revision`. A database is never downgraded.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

FIRST = "1"


def upgrade(connection: Connection) -> None:
    """Brings the database to the newest revision. Raises alembic's CommandError if a newer version
    of the advisor has written it.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    newest = ScriptDirectory.from_config(config).get_current_head()
    if MigrationContext.configure(connection).get_current_revision() == newest:
        return
    if connection.dialect.name == "sqlite":  # else each CREATE would be a transaction of its own
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    tables = inspect(connection).get_table_names()
    if "conversations" in tables and "alembic_version" not in tables:
        command.stamp(config, FIRST)  # written before there were revisions
    command.upgrade(config, "head")
