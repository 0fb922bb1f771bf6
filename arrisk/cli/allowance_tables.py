"""What the commands of the allowance print, and the same as plain data where it is not a table already."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from arrisk.allowance.closes.states import Close
from arrisk.allowance.comparison import SIDE_BY_SIDE
from arrisk.allowance.cross_checks import CrossCheck
from arrisk.allowance.estimates import AMOUNTS, Allowance
from arrisk.allowance.frameworks import PARTS, Frameworks
from arrisk.allowance.presumption import Presumption
from arrisk.cli.output import list_rows, say, show_money, show_table
from arrisk.money import format_minor, to_decimals, to_major
from arrisk.uses import allowance_proof

_SUMMED = ("count", *AMOUNTS)
_FRAMEWORKS = ("ifrs9_amount", "asc326_amount", "difference", *PARTS)


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


def _format(row: list[object], currency: str) -> list[object]:
    name, count, gross, base, booked, bare, upper = row
    amounts = [format_minor(int(str(amount)), currency) for amount in (gross, booked, bare, upper)]
    rate = f"{float(str(booked)) / float(str(base)):.3%}" if base else "–"
    return [name, count, amounts[0], amounts[1], rate, *amounts[2:]]


def show_methods(table: pd.DataFrame, checks: Sequence[CrossCheck]) -> None:
    """Print all methods side by side, performing customers and those in default apart, and coarse numbers beside."""
    rows = [
        [row[0], *(format_minor(int(amount), str(row[1])) for amount in row[2:])]
        for row in list_rows(table, ["method", "currency", *SIDE_BY_SIDE])
    ]
    currency = str(table["currency"].iloc[0])
    empty = [""] * (len(SIDE_BY_SIDE) - 2)
    for check in checks:
        total = "–" if check.total is None else format_minor(check.total, currency)
        rows.append([f"check: {check.name}", *empty, total, ""])
    titles = ["method", "performing", "in default", "one by one", "overlays", "total", "upper bound"]
    show_table("All methods, on the same open balance", titles, rows, left=["method"])
    for check in checks:
        say(f"{check.name}: {check.note}")


def describe_checks(checks: Sequence[CrossCheck], currency: str) -> list[dict[str, Any]]:
    """Give cross-checks as plain data, amounts in decimal major units."""
    return [
        {"name": check.name, "total": _to_decimal(check.total, currency), "inputs": check.inputs, "note": check.note}
        for check in checks
    ]


def _to_decimal(minor: int | None, currency: str) -> float | None:
    return None if minor is None else float(to_major([minor], pd.Series([currency]))[0])


def show_presumption(found: Presumption) -> None:
    """Print what became of what was past due."""
    shown = found.rates.loc[found.rates["measure"] == "amount"]
    rows = [
        [f"> {days}", show_money(owed, 0), show_money(lost, 0), f"{share:.1%}", f"{low:.1%} .. {high:.1%}"]
        for days, owed, lost, share, low, high in list_rows(
            shown, ["days_past_due", "past_due", "written_off", "share", "low", "high"]
        )
    ]
    if rows:
        titles = ["days past due", "was ever so late", "written off in the end", "share", "interval"]
        show_table("What became of what was late", titles, rows, left=["days past due"])
    say(found.text)


def show_frameworks(both: Frameworks) -> dict[str, Any]:
    """Print both frameworks by bucket, and give them as data."""
    currency = both.ifrs9.exposures.currency
    listed = list_rows(both.differences, ["bucket", *_FRAMEWORKS])
    listed.append(["total", *(int(both.differences[name].sum()) for name in _FRAMEWORKS)])
    rows = [[bucket, *(format_minor(int(amount), currency) for amount in amounts)] for bucket, *amounts in listed]
    titles = ["bucket", "IFRS 9", "ASC 326", "difference", *(name.replace("_", " ") for name in PARTS)]
    show_table(f"Two frameworks over one exposure set, in {currency}", titles, rows, left=["bucket"])
    decimals = to_decimals(both.differences.assign(currency=currency), _FRAMEWORKS)
    return {"frameworks": decimals, "frameworks_notes": list(both.asc326.notes)}


def show_sensitivity(moved: pd.DataFrame) -> dict[str, Any]:
    """Print how assumptions move the allowance, and give it as data."""
    columns = ["assumption", "low_setting", "low", "base", "high", "high_setting", "unit"]
    rows = [
        [what, low_word, *(_show(amount, unit) for amount in (low, base, high)), high_word]
        for what, low_word, low, base, high, high_word, unit in list_rows(moved, columns)
    ]
    titles = ["assumption", "moved to", "allowance", "as it is", "allowance ", "moved to "]
    show_table("How each assumption moves it", titles, rows, left=["assumption", "moved to", "moved to "])
    return {"sensitivity": moved}


def _show(amount: object, currency: str) -> str:
    return "–" if amount is None or amount is pd.NA else format_minor(int(str(amount)), currency)


def show_movement(last: Close, found: Allowance) -> dict[str, Any]:
    """Print what moved since the last posted close, and give it as data."""
    currency = found.exposures.currency
    before = int(last.document["movement"]["closing"])
    amounts = {"closing": before, "now": found.total, "change": found.total - before}
    said = ", ".join(f"{name} {format_minor(amount, currency)}" for name, amount in amounts.items())
    say(f"since the close of {last.period_end}: {said} {currency}")
    return {"period_end": last.period_end, **{name: _to_decimal(amount, currency) for name, amount in amounts.items()}}


def show_given(rows: pd.DataFrame, currency: str) -> Decimal:
    """Print rows of given rates, and give their total."""
    columns = ["segment", "bucket", "gross_amount", "rate", "allowance"]
    total, gross = (sum(rows[name], Decimal(0)) for name in ("allowance", "gross_amount"))
    shown = [[*row[:2], f"{row[2]:,f}", f"{row[3]:.4%}", f"{row[4]:,f}"] for row in list_rows(rows, columns)]
    shown.append(["", "total", f"{gross:,f}", f"{total / gross:.4%}" if gross else "–", f"{total:,f}"])
    titles = ["segment", "bucket", "gross", "rate", "allowance"]
    show_table(f"The allowance by given rates, in {currency}", titles, shown, left=["segment", "bucket"])
    return total


def show_trial(trial: allowance_proof.AllowanceTrial, currency: str) -> None:
    """Print past closes, then the hit ratios by bucket, then the methods in pairs."""
    methods = list(trial.methods)
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
