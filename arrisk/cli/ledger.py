"""Commands that look at the ledger as of a day: aging, kpis, reconcile."""

from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk import pipeline
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
from arrisk.errors import InputError
from arrisk.ledger.ageing import Ageing, summarise_ageing
from arrisk.ledger.reconcile import MEANINGS, Reconciliation
from arrisk.money import exponent, format_minor
from arrisk.reports.kpis import KPIS, KpiReport
from arrisk.schema import Book
from arrisk.uses import pictures

_BAR = 30
"""The longest bar in characters."""

_MOST_PARTS = 20


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("aging")(aging)
    app.command("kpis")(kpis)
    app.command("reconcile")(reconcile)


def _open(folder: Path, policy: Path | None, currency: str | None) -> Book:
    with working(f"Reading {folder}"):
        return pipeline.open_book(folder, policy=read_policy(policy), currency=currency).book


def aging(
    book: BookFolder,
    as_of: MaybeAsOf = None,
    period_end: PeriodEnd = None,
    currency: Currency = None,
    chart: Annotated[Path | None, typer.Option("--chart", metavar="FILE", help="Draw it: .svg or .png.")] = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Show what is open by days past due; it ties to the open balance.

    Example: `arrisk aging book --period-end 2013-06-30`
    """
    known_before, age_on = read_moment(as_of, period_end)
    ledger = _open(book, policy, currency)
    ageing = pipeline.age(ledger, as_of=known_before, age_on=age_on, policy=read_policy(policy))
    show_ageing(ageing)
    if chart is not None:
        pictures.draw_ageing(ageing, chart)
        say(f"drawn in {chart}")
    write_json(json_file, summarise_ageing(ageing))


def show_ageing(ageing: Ageing) -> None:
    """Print an ageing with bars; open credit notes, which lower it, stand in a column of their own."""
    notes = (
        ageing.items.loc[ageing.items["kind"] == "credit_note"].groupby("bucket", observed=False)["open_amount"].sum()
    )
    largest = max((abs(int(amount)) for amount in ageing.buckets["amount"]), default=0) or 1
    rows = [
        [
            bucket,
            count,
            *(
                format_minor(part, ageing.currency)
                for part in (amount - int(notes[bucket]), int(notes[bucket]), amount)
            ),
            "█" * round(_BAR * max(amount, 0) / largest),
        ]
        for bucket, amount, count in list_rows(ageing.buckets, ["bucket", "amount", "count"])
    ]
    total, credit = ageing.total, int(notes.sum())
    sums = (format_minor(part, ageing.currency) for part in (total - credit, credit, total))
    rows.append(["total", int(ageing.buckets["count"].sum()), *sums, ""])
    title = f"Open items by days past due on {ageing.age_on}, known before {ageing.as_of}, in {ageing.currency}"
    header = ["bucket", "items", "invoices", "credit notes", "open amount", ""]
    show_table(title, header, rows, left=["bucket", ""])
    say(f"receipts not yet applied, beside the total: {format_minor(ageing.unapplied, ageing.currency)}")


def kpis(
    book: BookFolder,
    as_of: MaybeAsOf = None,
    period_end: PeriodEnd = None,
    from_day: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day of a trend.")] = None,
    to_day: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day of a trend.")] = None,
    monthly: Annotated[bool, typer.Option("--monthly", help="A row per month end of --from .. --to.")] = False,
    currency: Currency = None,
    chart: Annotated[Path | None, typer.Option("--chart", metavar="FILE", help="Draw the trend: .svg or .png.")] = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Measure how well receivables are collected: DSO and its kin, on a day or month by month.

    Example: `arrisk kpis book --period-end 2013-06-30`, or
    `arrisk kpis book --from 2012-07-01 --to 2013-06-30 --monthly --chart kpis.svg`
    """
    ledger = _open(book, policy, currency)
    if from_day is None and to_day is None:
        if monthly or chart is not None:
            raise InputError("a trend needs its days", where="--monthly, --chart", hint="--from DAY --to DAY")
        known_before, age_on = read_moment(as_of, period_end)
        report = pipeline.measure(ledger, as_of=known_before, age_on=age_on, policy=read_policy(policy))
        show_kpis(report)
        write_json(json_file, report.to_dict())
        return
    _show_trend(ledger, _read_span(from_day, to_day), chart, policy, json_file)


def _read_span(from_day: str | None, to_day: str | None) -> tuple[date, date]:
    if from_day is None or to_day is None:
        raise InputError("--from and --to go together", hint="--from 2012-07-01 --to 2013-06-30 --monthly")
    return read_day(from_day, "--from"), read_day(to_day, "--to")


def _show_trend(
    ledger: Book, span: tuple[date, date], chart: Path | None, policy: Path | None, json_file: Path | None
) -> None:
    with working("Measuring month by month"):
        trend = pipeline.measure_trend(ledger, from_on=span[0], to_on=span[1], policy=read_policy(policy))
    show_trend(trend)
    if chart is not None:
        pictures.draw_trend(trend, chart)
        say(f"drawn in {chart}")
    write_json(json_file, {"currency": ledger.currency, "months": [report.to_dict() for report in trend]})


def show_kpis(report: KpiReport) -> None:
    """Print key figures with their meaning."""
    rows = [
        [KPIS[name].title, _figure(report, name), KPIS[name].unit, figure.reason or KPIS[name].meaning]
        for name, figure in report.figures.items()
    ]
    title = f"Key figures, {report.from_on} to {report.to_on} ({report.days} days), in {report.currency}"
    show_table(title, ["figure", "value", "unit", "meaning"], rows, left=["figure", "unit", "meaning"])
    for note in report.notes:
        say(note)


def show_trend(trend: list[KpiReport]) -> None:
    """Print the main figures, a row a month."""
    names = [
        "dso",
        "count_back_dso",
        "best_possible_dso",
        "average_days_delinquent",
        "cei",
        "weighted_days_late",
        "current_share",
    ]
    rows = [[report.age_on.isoformat(), *(_figure(report, name) for name in names)] for report in trend]
    show_table("Key figures by month", ["month end", *(KPIS[name].title for name in names)], rows, left=["month end"])


def _figure(report: KpiReport, name: str) -> str:
    figure, unit = report.figures[name], KPIS[name].unit
    if not figure.is_defined:
        return "–"
    if unit == "share":
        return f"{figure.value:.1%}"
    return show_money(figure.value, exponent(report.currency)) if unit == "amount" else f"{figure.value:,.1f}"


def reconcile(
    book: BookFolder,
    control: Annotated[
        Path, typer.Option("--control", metavar="FILE", help="The control account: day, amount, currency.")
    ],
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Compare open balances by day with the general ledger's control account, and explain differences.

    Example: `arrisk reconcile book --control control.csv`
    """
    ledger = _open(book, policy, None)
    with working("Reconciling"):
        result = pipeline.reconcile(ledger, control)
    show_reconciliation(result)
    write_json(json_file, pipeline.describe_reconciliation(result))


def show_reconciliation(result: Reconciliation) -> None:
    """Print a line a day, then what explains the differences."""
    names = ["ledger_amount", "control_amount", "difference_amount", "explained_amount", "unexplained_amount"]
    header = ["day", "currency", *(name.removesuffix("_amount") for name in names)]
    show_table(
        "The ledger against the control account", header, _list_rows(result.days, names), left=["day", "currency"]
    )
    if len(result.parts):
        header = ["day", "currency", "amount", "items", "reason", "which"]
        parts = result.parts.head(_MOST_PARTS)
        rows = [
            [*row, *rest]
            for row, rest in zip(
                _list_rows(parts, ["amount"]), list_rows(parts, ["count_items", "reason", "item_ids"]), strict=True
            )
        ]
        show_table("What explains it", header, rows, left=["day", "currency", "reason", "which"])
    for reason in dict.fromkeys(result.parts["reason"]):
        say(f"{reason}: {MEANINGS[reason]}")
    for note in result.notes:
        say(note)
    off = int((result.days["difference_amount"] != 0).sum())
    open_days = int((result.days["unexplained_amount"] != 0).sum())
    say(f"{len(result.days):,} days compared, {off:,} differ, {open_days:,} not fully explained")


def _list_rows(frame: pd.DataFrame, amounts: list[str]) -> list[list[str]]:
    return [
        [day.date().isoformat(), currency, *(format_minor(amount, currency) for amount in values)]
        for day, currency, *values in list_rows(frame, ["day", "currency", *amounts])
    ]
