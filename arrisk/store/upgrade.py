"""Brings a database to the form that this version of arrisk needs, forward from every released one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from arrisk.errors import StoreError
from arrisk.store import book_tables, job_tables, run_tables  # noqa: F401 - the migrations make every table
from arrisk.store.database import Database


def upgrade(database: Database, *, to: str = "head") -> None:
    """Apply the migrations that a database lacks, all or none on PostgreSQL, one after the other on SQLite.

    Parameters
    ----------
    to : a revision; ``head`` = the newest.

    Raises
    ------
    StoreError
        When the database cannot be reached.
    """
    with database.write() as connection:
        config = _configure()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def require_current(database: Database) -> None:
    """Refuse a database that this version does not fit.

    Raises
    ------
    StoreError
        When migrations are missing, or it was made by a newer version.
    """
    found = read_revision(database)
    script = ScriptDirectory.from_config(_configure())
    if found == script.get_current_head():
        return
    known = {one.revision for one in script.walk_revisions()}
    if found is not None and found not in known:
        raise StoreError("the database is of a newer arrisk", where=database.name, hint="install that version")
    raise StoreError("the database is empty or of an older arrisk", where=database.name, hint="`arrisk db upgrade`")


def read_revision(database: Database) -> str | None:
    """Give the newest migration that was applied; None = none was.

    Raises
    ------
    StoreError
        When the database cannot be reached.
    """
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _configure() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
