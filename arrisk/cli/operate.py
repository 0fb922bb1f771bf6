"""Commands for whoever runs the service: the database's form, backup and restore."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from arrisk import store
from arrisk.cli.output import say, working
from arrisk.config import Settings, read_settings
from arrisk.errors import InputError
from arrisk.policy import load_policy
from arrisk.store import Database
from arrisk.uses import archive as archives
from arrisk.uses import backup as backups

DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Default: ARRISK_DATABASE_URL, or SQLite under ARRISK_HOME."),
]
Seal = Annotated[str, typer.Option(metavar="SHA256", help="The seal that was noted: refuses any other backup.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    database = typer.Typer(help="The database of the service.", no_args_is_help=True)
    database.command("upgrade")(upgrade)
    app.add_typer(database, name="db")
    app.command("backup")(backup)
    app.command("restore")(restore)
    group = typer.Typer(invoke_without_command=True)
    group.callback()(archive)
    group.command("verify")(verify_archive)
    group.command("restore")(restore_archive)
    app.add_typer(group, name="archive")


def upgrade(database: DatabaseUrl = None) -> None:
    """Make the tables of a new database, or bring those of an older version forward.

    Example: `arrisk db upgrade --database postgresql://arrisk@localhost/arrisk`
    """
    with opened(database) as (_, found):
        store.upgrade(found)
        say(f"{found.name} is at {store.read_revision(found)}")


def backup(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where it goes; whole or not at all.")],
    database: DatabaseUrl = None,
) -> None:
    """Write database, models, records, uploads and policy into one sealed file, while everybody goes on working.

    Example: `arrisk backup --out backup.zip`
    """
    with opened(database) as (settings, found), working("Writing the backup"):
        summary = backups.back_up(found, home=settings.home, policy=settings.policy, out=out, at=datetime.now(UTC))
        _show(summary, f"{out} holds")
        say(f"Its seal, to be noted elsewhere: {summary.seal}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `arrisk backup` wrote.")],
    database: DatabaseUrl = None,
    seal: Seal = "",
    check_only: Annotated[bool, typer.Option("--check", help="Only read it from end to end.")] = False,
) -> None:
    """Put a backup into an empty database of either kind, and its files into an empty ARRISK_HOME.

    Example: `arrisk restore backup.zip --database postgresql://arrisk@localhost/arrisk`
    """
    if check_only:
        with working("Reading the backup"):
            summary = backups.check_backup(file, seal=seal)
        _show(summary, f"{file} is sound and holds")
        return
    with opened(database) as (settings, found), working("Restoring"):
        summary = backups.restore(file, found, home=settings.home, seal=seal)
        _show(summary, f"{found.name} and {settings.home} hold")
        say("Every record was checked. The backup's policy.toml is used only where ARRISK_POLICY names it.")


def archive(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="A new folder.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    by: Annotated[str, typer.Option(help="Who archives, for the record of archives.")] = "operator",
    database: DatabaseUrl = None,
) -> None:
    """Write what is older than the policy's section `retention` into a sealed folder, then remove what may be removed.

    Runs, jobs, uploads and sign-ins leave the database. Records of what people did are copied and stay: their chain
    would break otherwise.

    Example: `arrisk archive --out archive-2024`
    """
    if context.invoked_subcommand:
        return
    if out is None and not dry_run:
        raise InputError("there is no folder to write to", where="--out", hint="--out DIR, or --dry-run")
    with opened(database) as (settings, found), working("Archiving"):
        policy = load_policy(settings.policy)
        archivist = archives.Archivist(found, settings.home, policy, by=by, at=datetime.now(UTC))
        made = archives.preview(archivist) if dry_run or out is None else archives.archive(archivist, out)
    if made.is_empty:
        say("Nothing is old enough.")
        return
    _show_archived(made, "would go" if dry_run else "went")
    if made.seal:
        say(f"{out}, seal {made.seal}")


def verify_archive(folder: Annotated[Path, typer.Argument(metavar="DIR", help="An archive.")]) -> None:
    """Check every file and record of an archive.

    Example: `arrisk archive verify archive-2024`
    """
    made = archives.verify(folder)
    _show_archived(made, "are in it")
    say(f"{folder} is as it was written, seal {made.seal}")


def restore_archive(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="An archive.")], database: DatabaseUrl = None
) -> None:
    """Put the rows and files of an archive back where they are missing.

    Example: `arrisk archive restore archive-2024`
    """
    with opened(database) as (settings, found), working("Restoring"):
        made = archives.restore_archive(found, folder, home=settings.home)
    _show_archived(made, "came back")
    say(f"{sum(made.rows.values()):,} rows and {made.count_files:,} files came back")


@contextmanager
def opened(url: str | None) -> Iterator[tuple[Settings, Database]]:
    """Give the settings and the database that an option or the environment names."""
    settings = read_settings(database_url=url)
    found = store.connect(settings.database_url or store.locate(settings.home))
    try:
        yield settings, found
    finally:
        found.close()


def _show(summary: backups.Summary, what: str) -> None:
    rows = sum(summary.rows.values())
    say(f"{what} {rows:,} rows of {len(summary.rows)} tables and {summary.count_files:,} files as of {summary.made_at}")


def _show_archived(made: archives.Archived, what: str) -> None:
    for name, count in made.rows.items():
        if count:
            say(f"{count:,} rows of {name} {what}")
    for key, count in made.entries.items():
        say(f"{count:,} entries of {key} are copied")
