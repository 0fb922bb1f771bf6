"""Commands of finance: allowance."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk.allowance.comparison import SIDE_BY_SIDE, compare_methods
from arrisk.allowance.estimates import AMOUNTS, Allowance, describe
from arrisk.cli.models import open_for
from arrisk.cli.options import Currency, Json, MaybeAsOf, PeriodEnd, PolicyFile, read_moment, read_policy
from arrisk.cli.output import list_rows, say, show_table, working, write_json
from arrisk.errors import InputError, nearest
from arrisk.money import format_minor, to_decimals
from arrisk.uses import pictures, reserve

_CENT = "0.01"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("allowance")(allowance)


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
