"""Commands of the credit analyst: limits."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk import credit
from arrisk.cli.models import open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import list_rows, say, show_money, show_table, working, write_json
from arrisk.config import arrisk_home
from arrisk.decisions.limits import WORDS
from arrisk.ingest.outputs import find_writer, write_frame


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("limits")(limits)


def limits(
    book: BookFolder,
    as_of: AsOf,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .csv, .xlsx or .parquet file.")],
    ledger_name: Annotated[
        str | None,
        typer.Option(
            "--ledger", metavar="NAME", help="Use the default model of this ledger instead of the book's own."
        ),
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Recommend a credit limit and terms for every customer, and say what bound each.

    A limit is the smallest of what the customer needs, what it can carry, what our appetite for risk and concentration
    allows, and what still earns its cost; security and insurance extend it. All of it is in the book currency; the
    policy sets every share.

    Example: `arrisk limits book --as-of 2025-01-01 --out limits.csv`
    """
    find_writer(out)
    day, rules = read_day(as_of, "--as-of"), read_policy(policy)
    ledger = open_for(book, policy, currency)
    with working("Reviewing limits") as tell:
        review = credit.review_limits(
            ledger, as_of=day, home=arrisk_home(), policy=rules, ledger=ledger_name, tell=tell
        )
        write_frame(review.limits, out)
    say(f"default: {review.model_note}")
    show_bounds(review.limits)
    show_changes(review.limits)
    say(f"{out}: {len(review.limits):,} customers; we are owed {show_money(review.book_amount)} {ledger.currency}")
    notes = {"as_of": day, "default_model": review.model_note, "book_amount": review.book_amount}
    write_json(json_file, {**notes, "policy": rules.hash(), "limits": review.limits})


def show_bounds(limits: pd.DataFrame) -> None:
    """Print how many limits each bound holds down, and what they sum to."""
    grouped = limits.groupby("binding", as_index=False).agg(
        count=("customer_id", "size"), current=("current_limit", "sum"), recommended=("recommended_limit", "sum")
    )
    grouped = grouped.sort_values("count", ascending=False, kind="stable")
    rows = [
        [WORDS[binding], count, show_money(current, 0), show_money(recommended, 0)]
        for binding, count, current, recommended in list_rows(grouped, ["binding", "count", "current", "recommended"])
    ]
    if rows:
        show_table(
            "What bounds the limits", ["bound by", "customers", "current", "recommended"], rows, left=["bound by"]
        )


def show_changes(limits: pd.DataFrame, *, most: int = 10) -> None:
    """Print the limits that move most."""
    current = limits["current_limit"].where(limits["current_limit_kind"] != "zero", 0.0)
    moved = limits.assign(change=(limits["recommended_limit"] - current).abs()).nlargest(most, "change")
    columns = [
        "customer_id",
        "name",
        "current_limit",
        "recommended_limit",
        "recommended_terms_days",
        "grade",
        "reasons",
    ]
    rows = [
        [show_money(value, 0) if name.endswith("_limit") else value for name, value in zip(columns, row, strict=True)]
        for row in list_rows(moved, columns)
    ]
    titles = ["customer", "name", "current", "recommended", "terms", "grade", "why"]
    if rows:
        show_table("The limits that move most", titles, rows, left=["customer", "name", "grade", "why"])
