"""The use cases of the book in the database: rows come in, go out as files, and what names a person is erased."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from arrisk.acts import Actor
from arrisk.errors import InputError
from arrisk.ingest.books import read_book as read_folder
from arrisk.ingest.mapping import load_mapping
from arrisk.ingest.receiving import locate_upload
from arrisk.ingest.settings import Settings
from arrisk.ingest.staging import convert
from arrisk.ingest.writing import FileFormat, book_tables, write_book
from arrisk.policy import Policy
from arrisk.records import Entry
from arrisk.schema import Book
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import Batch, read_book
from arrisk.store.erasure import Erased, erase_whoever
from arrisk.store.erasure import erase_customer as erase_rows
from arrisk.store.records import TableRecords

ERASURES = "erasures"
"""The kind of the records of who was erased, one for each ledger."""


def read_upload(source: Path, *, mapping: str | None) -> Upload:
    """Read what is to be added: a book's folder, or an export with its mapping.

    Raises
    ------
    InputError
        When it cannot be read, or it is an export and there is no mapping, or the other way round.
    """
    if source.is_dir() or (mapping is None and not source.exists()):
        if mapping is not None:
            raise InputError("a book needs no mapping", where=str(source), hint="leave --mapping out")
        raw = read_folder(source)
        return Upload(raw.tables, str(source), raw.settings.currency, raw.settings.extract_end_on)
    if mapping is None:
        raise InputError("an export needs a mapping", where=str(source), hint="--mapping NAME, or the folder of a book")
    staging = convert(source, load_mapping(mapping))
    staging.require_invoices()
    settings = staging.settings
    refused = dict(zip(staging.counts["table"], staging.counts["refused"].astype(int), strict=True))
    return Upload(staging.tables, str(source), settings.currency, settings.extract_end_on, refused, staging.problems)


def add_book(
    database: Database, source: Path, *, ledger: str, mapping: str | None, policy: Policy, actor: Actor
) -> Batch:
    """Add the rows of a book or an export to a ledger, those that are not there yet.

    Parameters
    ----------
    source : a folder of canonical tables; with a mapping, a CSV, XLSX or Parquet file.
    ledger : its name; it is made where it is missing.
    mapping : a shipped mapping's name, or a TOML file; None = the source is a book.
    policy : gives the currency of a new ledger where nothing else does.

    Raises
    ------
    InputError
        When the source cannot be read or used, or who acts is not said.
    """
    actor.require_name()
    upload = read_upload(source, mapping=mapping)
    return add_batch(database, ledger, upload, fallback_currency=policy.book.currency, by=actor.by, at=actor.stamp)


def export_book(database: Database, ledger: str, out: Path, *, file_format: FileFormat, overwrite: bool) -> Book:
    """Write a ledger as a folder of canonical tables, whole or not at all; its book is what the ledger's is.

    Raises
    ------
    InputError
        When there is no such ledger, or the folder cannot be written.
    """
    book = read_book(database, ledger)
    settings = Settings(book.name, book.currency, book.extract_end_on)
    write_book(book_tables(book), out, settings=settings, file_format=file_format, overwrite=overwrite)
    return book


def erase_customer(
    database: Database, ledger: str, customer_id: str, *, home: Path, actor: Actor, reason: str, policy: Policy
) -> Erased:
    """Erase what names a natural person: name, payment references, attributes of the policy's list; figures stay.

    The name goes from the results of runs too, and the files that were sent with rows of the ledger go from the disk.

    Raises
    ------
    InputError
        When who acts or why is not said.
    StoreError
        When there is no such ledger or customer, or a job is under way that may still bring the name.
    """
    actor.require_name()
    if not reason.strip():
        raise InputError("the reason is not said", where="--reason", hint="such as a request by letter of 3 May")
    columns = policy.privacy.attributes
    content = {"customer_id": customer_id, "reason": reason, "attributes": list(columns)}
    entry = Entry(at=actor.stamp, by=actor.by, action="erase", content=content)
    key = f"{ERASURES}/{ledger}"
    erased = erase_rows(database, ledger, customer_id, free_columns=columns, key=key, entry=entry)
    _remove_files(home, erased)
    return erased


def list_erasures(database: Database) -> list[dict[str, Any]]:
    """List who was erased, as plain values: what has to be erased again where an older backup is restored."""
    records = TableRecords(database)
    return [
        {"ledger": key.partition("/")[2], "at": entry.at, "by": entry.by, **entry.content}
        for key in records.list_keys(ERASURES)
        for entry in records.read(key)
    ]


def read_erasures(path: Path) -> list[dict[str, Any]]:
    """Read a list of erasures, one JSON object a line.

    Raises
    ------
    InputError
        When the file cannot be read, or is no such list.
    """
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for row in rows:
            _identify(row), row["reason"], list(row["attributes"])
        return rows
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            "this is no list of erasures", where=str(path), hint="what `arrisk book erased` wrote"
        ) from error


def erase_again(database: Database, rows: Iterable[Mapping[str, Any]], *, home: Path, actor: Actor) -> list[str]:
    """Erase whoever a list names and was not erased here; who is not there stays nameless when rows of it come.

    Parameters
    ----------
    rows : as ``list_erasures`` gives them.

    Returns
    -------
    list of str
        Whom this erased.

    Raises
    ------
    StoreError
        When a ledger is not there, or as ``erase_customer`` does; what was erased before it stays so.
    """
    actor.require_name()
    known = {_identify(row) for row in list_erasures(database)}
    missing = [row for row in rows if _identify(row) not in known]
    for row in missing:
        content = {name: row[name] for name in ("customer_id", "reason", "attributes")} | {
            "first_at": _identify(row)[2]
        }
        entry = Entry(at=actor.stamp, by=actor.by, action="erase", content=content)
        named = {"free_columns": row["attributes"], "key": f"{ERASURES}/{row['ledger']}", "entry": entry}
        _remove_files(home, erase_whoever(database, row["ledger"], row["customer_id"], **named))
    return [str(row["customer_id"]) for row in missing]


def _identify(row: Mapping[str, Any]) -> tuple[str, ...]:
    return str(row["ledger"]), str(row["customer_id"]), str(row.get("first_at", row["at"]))


def _remove_files(home: Path, erased: Erased) -> None:
    for file in erased.files:
        locate_upload(home, file.sha256, file.name).unlink(missing_ok=True)
