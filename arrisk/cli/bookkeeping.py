"""Commands of the book in the database: add, export, list, erase."""

import json
from pathlib import Path
from typing import Annotated

import typer

from arrisk.cli.acting import act_now
from arrisk.cli.books import Format
from arrisk.cli.operate import DatabaseUrl, opened
from arrisk.cli.options import Json, PolicyFile, read_policy
from arrisk.cli.output import list_rows, say, show_table, working, write_json
from arrisk.ingest.atomic import atomic_file
from arrisk.store import require_current
from arrisk.store.book import list_batches, list_ledgers, list_problems
from arrisk.uses import bookkeeping

LedgerName = Annotated[
    str, typer.Option("--ledger", metavar="NAME", help="The ledger; it is made where it is missing.")
]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who does it.")]
_COUNTS = ("table", "read", "accepted", "known", "completed", "refused")
_PROBLEMS = ("table", "row", "column", "value", "rule", "severity", "hint")
_MOST = 12


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    book = typer.Typer(help="The book in the database of the service.", no_args_is_help=True)
    book.command("add")(add)
    book.command("list")(list_)
    book.command("export")(export)
    book.command("erase")(erase)
    book.command("erased")(erased)
    book.command("erase-again")(erase_again)
    app.add_typer(book, name="book")


def add(
    source: Annotated[
        Path, typer.Argument(metavar="BOOK|EXPORT", help="A book's folder, or an export with --mapping.")
    ],
    ledger: LedgerName,
    mapping: Annotated[
        str | None, typer.Option("--mapping", "-m", help="Of an export: a shipped mapping's name, or a TOML file.")
    ] = None,
    by: By = "the command line",
    database: DatabaseUrl = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Add the rows that are not there yet, all of them or none; the same files again add nothing.

    Rows that are there unchanged are `known`; those that only fill a cell that is filled late, such as the day on which
    a dispute was resolved, are `completed`.

    Example: `arrisk book add book --ledger alder`, or `arrisk book add export.csv --mapping ibm --ledger alder`
    """
    with opened(database) as (_, found), working(f"Adding {source}"):
        require_current(found)
        batch = bookkeeping.add_book(
            found, source, ledger=ledger, mapping=mapping, policy=read_policy(policy), actor=act_now(by)
        )
        problems = list_problems(found, batch.batch_id, limit=max(1, batch.count_problems))
    show_table(f"Batch {batch.batch_id}", _COUNTS, list_rows(batch.counts, _COUNTS), left=["table"])
    if not batch.is_new:
        say(f"The same was added at {batch.received_at} by {batch.by}: nothing was added now.")
    if len(problems):
        title = "Problems" if len(problems) <= _MOST else f"The first {_MOST} of {len(problems):,} problems"
        show_table(title, _PROBLEMS, list_rows(problems.head(_MOST), _PROBLEMS), left=_PROBLEMS)
    say(f"{ledger}: covers days until {batch.extract_end_on}")
    write_json(json_file, vars(batch) | {"problems": problems})


def list_(
    ledger: Annotated[str | None, typer.Argument(metavar="[LEDGER]", help="Show the batches of this ledger.")] = None,
    database: DatabaseUrl = None,
    json_file: Json = None,
) -> None:
    """List the ledgers, or the batches of one, the newest first.

    Example: `arrisk book list`, or `arrisk book list alder`
    """
    with opened(database) as (_, found):
        require_current(found)
        names = [ledger] if ledger is not None else list_ledgers(found)
        batches = [batch for name in names for batch in list_batches(found, name)[: None if ledger is not None else 1]]
    header = [
        "ledger",
        "batch",
        "received",
        "by",
        "covers until",
        "accepted",
        "completed",
        "refused",
        "problems",
        "source",
    ]
    rows = [
        [
            one.ledger, one.batch_id, one.received_at, one.by, one.extract_end_on,
            *(int(one.counts[name].sum()) for name in ("accepted", "completed", "refused")),
            one.count_problems, one.source,
        ]
        for one in batches
    ]  # fmt: skip
    title = "Ledgers, with their newest batch" if ledger is None else f"Batches of {ledger}"
    show_table(title, header, rows, left=["ledger", "received", "by", "source"])
    write_json(json_file, {"batches": [vars(one) for one in batches]})


def export(
    ledger: Annotated[str, typer.Argument(metavar="LEDGER", help="The ledger.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder to make.")],
    file_format: Format = "csv",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a book that is there already.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """Write a ledger as a folder of canonical tables, whole or not at all.

    Example: `arrisk book export alder --out book`
    """
    with opened(database) as (_, found), working(f"Writing {out}"):
        require_current(found)
        book = bookkeeping.export_book(found, ledger, out, file_format=file_format, overwrite=overwrite)
    rows = sum(len(frame) for frame in book.tables.values())
    say(f"{out}: {rows:,} rows of {ledger}, extract ends {book.extract_end_on}; next: arrisk check {out}")


def erase(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Its customer_id.")],
    ledger: Annotated[str, typer.Option("--ledger", metavar="NAME", help="The ledger.")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="WHY", help="Why, for the record.")],
    database: DatabaseUrl = None,
    policy: PolicyFile = None,
) -> None:
    """Erase for good what names a natural person: name, references of payments, attributes of the policy's list.

    Ids, days and amounts stay, so that every figure does. Results of runs lose the name, and the files that were sent
    with rows of the ledger are removed. Copies elsewhere, such as backups, are not changed: see `arrisk book erased`.

    Example: `arrisk book erase C000017 --ledger alder --by ana --reason "asked for it on 3 May"`
    """
    with opened(database) as (settings, found):
        require_current(found)
        gone = bookkeeping.erase_customer(
            found,
            ledger,
            customer,
            home=settings.home,
            actor=act_now(by),
            reason=reason,
            policy=read_policy(policy),
        )
    record = f"{bookkeeping.ERASURES}/{ledger}"
    say(f"{customer}: {gone.count:,} rows no longer name the customer; the record {record} says so")
    if gone.files:
        say(f"{len(gone.files):,} files that were sent are removed: their rows are in the ledger")


def erased(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where it goes, one JSON object a line.")],
    database: DatabaseUrl = None,
) -> None:
    """Write the list of who was erased, to be kept beside the backups; it names nobody.

    Example: `arrisk book erased --out erased.jsonl`
    """
    with opened(database) as (_, found):
        require_current(found)
        rows = bookkeeping.list_erasures(found)
    with atomic_file(out) as partial:
        partial.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    say(f"{out}: {len(rows):,} erasures")


def erase_again(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `arrisk book erased` wrote.")],
    by: By,
    database: DatabaseUrl = None,
) -> None:
    """Erase again whoever a restored backup still names.

    Example: `arrisk book erase-again erased.jsonl --by otto`
    """
    with opened(database) as (settings, found):
        require_current(found)
        rows = bookkeeping.read_erasures(file)
        again = bookkeeping.erase_again(found, rows, home=settings.home, actor=act_now(by))
    say(f"{len(again):,} of {len(rows):,} erasures were missing here and are done again")
