"""Commands of the credit analyst: limits."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk.cli.models import ModelName, backtest_app, open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import list_rows, say, show_money, show_table, working, write_json
from arrisk.config import arrisk_home
from arrisk.decisions.limits import WORDS
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.uses import credit, limit_proof


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("limits")(limits)
    backtest_app.command("limits")(backtest_limits)


def limits(
    book: BookFolder,
    as_of: AsOf,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .csv, .xlsx or .parquet file.")],
    model: ModelName = None,
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
        review = credit.review_limits(ledger, as_of=day, home=arrisk_home(), policy=rules, model_name=model, tell=tell)
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


def backtest_limits(
    book: BookFolder,
    from_on: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day of the period.")],
    to_on: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day of the period.")],
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="The policy that is tried; none = the shipped one.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="An older policy to compare it with.")
    ] = None,
    currency: Currency = None,
    json_file: Json = None,
) -> None:
    """Try a limit policy on a past period before it is trusted.

    Limits are reviewed every 30 days of the period on what was known then. Each invoice is let through while the
    balance stays within the limit; what was held back counts as never sold. Beside it: the limits of the ledger, 10 %
    of net worth, and none at all. Losses are those known at the end of the ledger, so leave it a year.

    Example: `arrisk backtest limits book --from 2024-01-01 --to 2024-12-31 --policy new.toml`
    """
    start, end = read_day(from_on, "--from"), read_day(to_on, "--to")
    tried = read_policy(policy)
    older = None if against is None else read_policy(against)
    ledger = open_for(book, policy, currency)
    with working("Trying limits") as tell:
        trial = limit_proof.try_limits(
            ledger, from_on=start, to_on=end, home=arrisk_home(), policy=tried, against=older, tell=tell
        )
    say(f"default: {trial.model_note}")
    show_trial(trial)
    notes = {"from": start, "to": end, "policy": tried.hash(), "default_model": trial.model_note}
    tables = {"rules": trial.outcomes, "matched": trial.matched, "moved": trial.moved}
    write_json(json_file, {**notes, **tables})


def show_trial(trial: limit_proof.LimitTrial) -> None:
    """Print what each rule sold and lost, the comparison at equal sales and loss, and who is moved most."""
    columns = ["rule", "sold_amount", "lost_amount", "avoided_amount", "held_count", "sold_share", "loss_share"]
    rows = [
        [rule, *(show_money(amount, 0) for amount in row[:3]), row[3], *(f"{share:.2%}" for share in row[4:])]
        for rule, *row in list_rows(trial.outcomes, columns)
    ]
    titles = ["rule", "sold", "lost", "loss avoided", "held back", "sold of all", "lost of sold"]
    show_table("The period under each rule", titles, rows, left=["rule"])
    columns = ["rule", "at", "gain", "low", "high"]
    rows = [
        [rule, at, "lower loss" if at == "equal sales" else "more sales", *(f"{share:+.1%}" for share in shares)]
        for rule, at, *shares in list_rows(trial.matched, columns)
    ]
    titles = ["against", "at", "", "gain", "from", "to"]
    show_table("Recommended limits at equal sales and at equal loss", titles, rows, left=["against", "at", ""])
    columns = ["customer_id", "sold_before_amount", "sold_amount", "lost_before_amount", "lost_amount"]
    rows = [[name, *(show_money(v, 0) for v in own)] for name, *own in list_rows(trial.moved.head(10), columns)]
    if rows:
        titles = ["customer", "sold before", "sold", "lost before", "lost"]
        show_table("The customers moved most", titles, rows, left=["customer"])
