"""The command that checks what people did: every record, in the state folder and in the database."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from arrisk.cli.options import Json
from arrisk.cli.output import say, show_table, write_json
from arrisk.config import Settings, read_settings
from arrisk.errors import InputError
from arrisk.records import FolderRecords, Records
from arrisk.uses import trail_check

audit_app = typer.Typer(no_args_is_help=True, help="Check that what people did stands as it was recorded.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.add_typer(audit_app, name="audit")


@audit_app.callback()
def _audit() -> None:
    """Check that what people did stands as it was recorded."""


@audit_app.command("verify")
def verify(
    database: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="Default: as the service, where it has one.")
    ] = None,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FILE", help="Compare with heads that were noted earlier.")
    ] = None,
    write_heads: Annotated[
        Path | None, typer.Option("--write-heads", metavar="FILE", help="Note the heads, when all is sound.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Check every record of the state folder and of the database: each line follows from the one before (exit 2).

    Lines cut off at the end leave no trace in the record itself, but in its head. `arrisk nightly` notes the heads in
    ARRISK_HOME, and the last ones are compared; note them too where who may write the records may not.

    Example: `arrisk audit verify --write-heads heads.json`, later
    `arrisk audit verify --heads heads.json --write-heads heads.json`
    """
    settings = read_settings(database_url=database)
    noted = [*trail_check.find_noted(settings.home), *(trail_check.read_heads(heads) if heads else [])]
    with open_sets(settings) as sets:
        found = trail_check.check_records(sets, noted)
    rows = [[one.place, one.record, one.entries, one.sha256, fault or "ok"] for one, fault in found]
    names = ["place", "record", "entries", "head", "state"]
    show_table("Records", names, rows, left=["place", "record", "head", "state"])
    described = [{**one.head._asdict(), "fault": one.fault or None} for one in found]
    write_json(json_file, {"records": described, "is_sound": not any(one.fault for one in found)})
    trail_check.require_sound(found)
    say(f"{len(found)} records are as they were written")
    write_json(write_heads, trail_check.describe_heads(found))


@contextmanager
def open_sets(settings: Settings) -> Iterator[dict[str, Records]]:
    """Open the records of the state folder, and those of the database where there is one.

    Raises
    ------
    InputError
        When there is a database and what reads it is not installed.
    StoreError
        When it cannot be reached.
    """
    sets: dict[str, Records] = {"folder": FolderRecords(settings.home)}
    if not settings.database_url and not (settings.home / "arrisk.db").exists():
        yield sets
        return
    if importlib.util.find_spec("sqlalchemy") is None:
        raise InputError("what reads the database is not installed", hint="pip install 'arrisk[api]'")
    from arrisk.store import connect, require_current  # noqa: PLC0415 - an extra
    from arrisk.store.database import locate  # noqa: PLC0415
    from arrisk.store.records import TableRecords  # noqa: PLC0415

    database = connect(settings.database_url or locate(settings.home))
    try:
        require_current(database)
        yield {**sets, "database": TableRecords(database)}
    finally:
        database.close()
