"""Commands of finance: allowance, backtest allowance."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk.allowance.comparison import SIDE_BY_SIDE, compare_methods
from arrisk.allowance.estimates import AMOUNTS, Allowance, describe
from arrisk.cli.models import backtest_app, open_for
from arrisk.cli.options import (
    BookFolder,
    Currency,
    Json,
    MaybeAsOf,
    PeriodEnd,
    PolicyFile,
    read_day,
    read_moment,
    read_policy,
)
from arrisk.cli.output import list_rows, say, show_money, show_table, working, write_json
from arrisk.errors import InputError, nearest
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.money import format_minor, to_decimals
from arrisk.uses import allowance_proof, pictures, reserve

_CENT = "0.01"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("allowance")(allowance)
    backtest_app.command("allowance")(backtest_allowance)


def allowance(
    book: Annotated[
        Path | None, typer.Argument(metavar="[BOOK]", help="The book; none with --from-table.", show_default=False)
    ] = None,
    as_of: MaybeAsOf = None,
    period_end: PeriodEnd = None,
    method: Annotated[
        str | None, typer.Option("--method", metavar="matrix|roll-rate|model", help="None = that of the policy.")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Show all methods side by side.")] = False,
    from_table: Annotated[
        Path | None,
        typer.Option("--from-table", metavar="FILE", help="Apply given rates: bucket, gross_amount, rate."),
    ] = None,
    round_to: Annotated[
        str, typer.Option("--round", metavar="STEP", help="With --from-table: round each row to this.")
    ] = _CENT,
    currency: Currency = None,
    chart: Annotated[Path | None, typer.Option("--chart", metavar="FILE", help="Draw it: .svg or .png.")] = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Estimate what will not come in of the open book, and show how it was arrived at.

    matrix: loss rates by segment and age from the ledger's own history. roll-rate: how amounts move from age to age.
    model: the payment curve's expected loss of each invoice. All three tie to the same open balance.

    Example: `arrisk allowance book --period-end 2025-06-30 --method model --json allowance.json`, or
    `arrisk allowance --from-table rates.csv`
    """
    if from_table is not None:
        if book is not None or as_of or period_end:
            raise InputError("a table has its own amounts: no book and no day", where="--from-table")
        _show_given(from_table, _read_step(round_to), currency or read_policy(policy).book.currency, json_file)
        return
    if book is None:
        raise InputError("the book is missing", hint="arrisk allowance BOOK --as-of DAY, or --from-table FILE")
    known_before, age_on = read_moment(as_of, period_end)
    rules = read_policy(policy)
    chosen = _choose(method or rules.allowance.method)
    ledger = open_for(book, policy, currency)
    with working("Estimating the allowance") as tell:
        evidence = reserve.gather_evidence(
            ledger,
            as_of=known_before,
            age_on=age_on,
            policy=rules,
            tell=tell,
        )
        names = dict.fromkeys([chosen, *(reserve.METHODS if compare else ())])
        found = {name: reserve.estimate_allowance(evidence, method=name) for name in names}
    show_allowance(found[chosen])
    table = compare_methods(found)
    if compare:
        show_methods(table)
    if chart is not None:
        pictures.draw_allowance(found[chosen], chart)
        say(f"drawn in {chart}")
    side = {"methods": to_decimals(table, SIDE_BY_SIDE)} if compare else {}
    write_json(json_file, {**describe(found[chosen]), **side, "policy": rules.hash()})


def _choose(method: str) -> str:
    if method not in reserve.METHODS:
        raise InputError(f"no method '{method}'", where="--method", hint=nearest(method, reserve.METHODS))
    return method


def _read_step(text: str) -> Decimal:
    try:
        step = Decimal(text)
    except InvalidOperation:
        step = Decimal(0)
    if not step.is_finite() or step <= 0:
        raise InputError(f"'{text}' is nothing to round to", where="--round", hint="0.01 for the cent, 1 for the unit")
    return step


def _show_given(table: Path, round_to: Decimal, currency: str, json_file: Path | None) -> None:
    rows = reserve.apply_table(table, round_to=round_to)
    columns = ["segment", "bucket", "gross_amount", "rate", "allowance"]
    total, gross = (sum(rows[name], Decimal(0)) for name in ("allowance", "gross_amount"))
    shown = [[*row[:2], f"{row[2]:,f}", f"{row[3]:.4%}", f"{row[4]:,f}"] for row in list_rows(rows, columns)]
    shown.append(["", "total", f"{gross:,f}", f"{total / gross:.4%}" if gross else "–", f"{total:,f}"])
    titles = ["segment", "bucket", "gross", "rate", "allowance"]
    show_table(f"The allowance by given rates, in {currency}", titles, shown, left=["segment", "bucket"])
    numbers = {name: rows[name].astype("float64") for name in ("gross_amount", "rate", "allowance")}
    result = {"as_of": None, "method": "given", "currency": currency, "total": float(total)}
    write_json(json_file, {**result, "rows": rows.assign(**numbers)})


def show_allowance(found: Allowance) -> None:
    """Print an allowance: a line per bucket over all segments, then a line per segment."""
    ageing = found.exposures.ageing
    title = f"The allowance on {ageing.age_on} by {found.method}, known before {ageing.as_of}, in {ageing.currency}"
    for by, name in (("bucket", title), ("segment", "By segment")):
        sums = found.sum_by(by)
        rows = [_format(row, ageing.currency) for row in list_rows(sums, [by, *_SUMMED])]
        rows.append(_format(["total", *(int(sums[column].sum()) for column in _SUMMED)], ageing.currency))
        show_table(name, [by, "items", "gross", "allowance", "rate", "without cover", "upper bound"], rows, left=[by])
    for note in found.notes:
        say(note)


_SUMMED = ("count", *AMOUNTS)


def _format(row: list[object], currency: str) -> list[object]:
    name, count, gross, base, booked, bare, upper = row
    amounts = [format_minor(int(str(amount)), currency) for amount in (gross, booked, bare, upper)]
    rate = f"{float(str(booked)) / float(str(base)):.3%}" if base else "–"
    return [name, count, amounts[0], amounts[1], rate, *amounts[2:]]


def show_methods(table: pd.DataFrame) -> None:
    """Print all methods side by side, performing customers and those in default apart."""
    rows = [
        [row[0], *(format_minor(int(amount), str(row[1])) for amount in row[2:])]
        for row in list_rows(table, ["method", "currency", *SIDE_BY_SIDE])
    ]
    titles = ["method", "performing", "in default", "one by one", "overlays", "total", "upper bound"]
    show_table("All methods, on the same open balance", titles, rows, left=["method"])


def backtest_allowance(
    book: BookFolder,
    from_on: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day of the period.")],
    to_on: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day of the period.")],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every open item of every close.")
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Try the allowance on past closes: each month end by every method, beside what was really lost.

    A close sees what was known by its evening. Lost is what was written off since as bad debt, less what came back of
    it, until the end of the ledger; so leave it a year. The hit ratio is lost over expected: 1 = right.

    Example: `arrisk backtest allowance book --from 2024-01-01 --to 2024-12-31`
    """
    start, end = read_day(from_on, "--from"), read_day(to_on, "--to")
    if predictions is not None:
        find_writer(predictions)
    rules = read_policy(policy)
    ledger = open_for(book, policy, currency)
    with working("Closing the past") as tell:
        trial = allowance_proof.try_allowance(ledger, from_on=start, to_on=end, policy=rules, tell=tell)
        if predictions is not None:
            write_frame(trial.items, predictions)
    show_trial(trial, ledger.currency)
    tables = {"closes": trial.closes, "buckets": trial.buckets, "errors": trial.errors}
    notes = {"from": start, "to": end, "currency": ledger.currency, "policy": rules.hash(), "notes": list(trial.notes)}
    write_json(json_file, {**notes, **tables})


def show_trial(trial: allowance_proof.AllowanceTrial, currency: str) -> None:
    """Print past closes, then the hit ratios by bucket, then the methods in pairs."""
    methods = list(reserve.METHODS)
    amounts = ["open_amount", *methods, "lost_amount", "still_open_amount"]
    rows = [
        [day, part, *(show_money(value, 0) for value in values)]
        for day, part, *values in list_rows(trial.closes, ["close_on", "part", *amounts])
    ]
    titles = ["close", "customers", "open", *methods, "really lost", "open at the end"]
    show_table(f"Past closes, in {currency}", titles, rows, left=["close", "customers"])
    columns = ["part", "bucket", "lost_amount", *(f"hit_{name}" for name in methods)]
    rows = [
        [part, bucket, show_money(lost, 0), *(show_money(hit) for hit in hits)]
        for part, bucket, lost, *hits in list_rows(trial.buckets, columns)
    ]
    titles = ["customers", "bucket", "really lost", *(f"lost / {name}" for name in methods)]
    show_table("By bucket, over all closes", titles, rows, left=["customers", "bucket"])
    columns = ["method", "other", "error", "other_error", "gain", "low", "high"]
    rows = [
        [one, other, *(f"{share:.1%}" for share in shares)] for one, other, *shares in list_rows(trial.errors, columns)
    ]
    titles = ["method", "against", "its error", "the other's", "gain", "from", "to"]
    show_table("How far a close is off, performing customers", titles, rows, left=["method", "against"])
    for note in trial.notes:
        say(note)
