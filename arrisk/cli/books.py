"""Commands that make and check books: convert, check, simulate."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk import pipeline
from arrisk.cli.options import BookFolder, Json, PolicyFile, read_policy
from arrisk.cli.output import list_rows, say, show_table, working, write_json
from arrisk.errors import InputError
from arrisk.ingest.writing import FileFormat
from arrisk.schema import Checked
from arrisk.sim import Shock

Format = Annotated[FileFormat, typer.Option("--format", help="The format of the tables.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("convert")(convert)
    app.command("check")(check)
    app.command("simulate")(simulate)


def convert(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The export: CSV, XLSX or Parquet.")],
    mapping: Annotated[str, typer.Option("--mapping", "-m", help="A shipped mapping's name, or a TOML file of yours.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="BOOK", help="The folder to make.")],
    file_format: Format = "csv",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a book that is there already.")] = False,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Turn an ERP export into a book.

    Rows that cannot be read go to BOOK/rejected.csv with their source row; all others go on.

    Example: `arrisk convert open_items.csv --mapping sap-open-items --out book`
    """
    with working(f"Reading {source.name}") as tell:
        made = pipeline.convert_export(
            source,
            mapping=mapping,
            out=out,
            file_format=file_format,
            overwrite=overwrite,
            policy=read_policy(policy),
            tell=tell,
        )
    for note in made.notes:
        say(note)
    for left in made.left_out.itertuples():
        say(f"left out: {left.rows:,} {left.reason}")
    show_counts(made.checked)
    show_problems(made.checked.problems)
    say(f"{out}: {describe_book(made.checked)}")
    write_json(json_file, pipeline.describe_check(made.checked) | {"notes": made.notes, "left_out": made.left_out})


def check(book: BookFolder, policy: PolicyFile = None, json_file: Json = None) -> None:
    """Validate a book: problems by row, counts that tie out, dates covered.

    Example: `arrisk check book`
    """
    with working(f"Checking {book}"):
        checked = pipeline.open_book(book, policy=read_policy(policy))
    show_counts(checked)
    show_problems(checked.problems)
    say(f"{book}: {describe_book(checked)}")
    write_json(json_file, pipeline.describe_check(checked))


def simulate(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="The folder to make: DIR/book and DIR/truth.")
    ],
    customers: Annotated[int, typer.Option(min=1, help="Number of customers.")] = 500,
    months: Annotated[int, typer.Option(min=3, max=240, help="Length in months.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    file_format: Format = "csv",
    shock_month: Annotated[
        int | None, typer.Option("--shock-month", min=1, help="Month in which a shock begins, 1 = the first.")
    ] = None,
    shock_industry: Annotated[
        str | None,
        typer.Option("--shock-industry", help="The only industry that is hit; all where not given."),
    ] = None,
    json_file: Json = None,
) -> None:
    """Make a synthetic portfolio whose truth is known.

    Example: `arrisk simulate --out portfolio --customers 500 --months 36 --seed 1`
    """
    if shock_industry is not None and shock_month is None:
        raise InputError("the shock has no beginning", where="--shock-industry", hint="--shock-month 24")
    shock = None if shock_month is None else Shock(start_month=shock_month, industry=shock_industry)
    with working("Simulating"):
        made = pipeline.simulate(
            out, customers=customers, months=months, seed=seed, file_format=file_format, shock=shock
        )
    rows = {name: len(frame) for name, frame in made.tables.items()}
    show_table(str(out), ["table", "rows"], list(rows.items()), left=["table"])
    say(f"covers days until {made.extract_end_on}; next: arrisk check {out / 'book'}")
    write_json(json_file, {"rows": rows, "extract_end_on": made.extract_end_on, "currency": made.currency})


def show_counts(checked: Checked) -> None:
    """Print the rows read, accepted and refused, a line a table."""
    rows = list_rows(checked.counts, ["table", "read", "accepted", "refused"])
    show_table("Rows", ["table", "read", "accepted", "refused"], rows, left=["table"])


def show_problems(problems: pd.DataFrame, *, most: int = 12) -> None:
    """Print the problems by rule, each with its first place."""
    if not len(problems):
        say("No problems found.")
        return
    firsts = problems.groupby(["severity", "table", "column", "rule"], sort=True)
    rows = [
        (*key, len(group), group["row"].iloc[0], group["value"].iloc[0], group["hint"].iloc[0]) for key, group in firsts
    ]
    header = ["severity", "table", "column", "rule", "count", "first row", "value", "hint"]
    show_table("Problems", header, rows[:most], left=[name for name in header if name not in ("count", "first row")])
    if len(rows) > most:
        say(f"and {len(rows) - most} more kinds of problems; --json FILE lists every row")


def describe_book(checked: Checked) -> str:
    """Say in one line what a book holds."""
    book = checked.book
    invoices = book["invoices"]
    first, last = invoices["issued_on"].min().date(), invoices["issued_on"].max().date()
    return (
        f"{len(invoices):,} invoices and credit notes of {len(book['customers']):,} customers, "
        f"issued {first} to {last}, extract ends {book.extract_end_on}, book currency {book.currency}"
    )
