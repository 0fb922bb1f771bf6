"""Commands of the cash forecast: forecast, backtest forecast."""

from pathlib import Path
from typing import Annotated, Any

import typer

from arrisk import pipeline
from arrisk.cli.models import ModelName, backtest_app, open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import say, show_money, show_table, working, write_json
from arrisk.config import arrisk_home
from arrisk.forecast import CashForecast
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.uses import pictures, proof

Weeks = Annotated[int, typer.Option("--weeks", metavar="N", min=1, max=52, help="How many weeks.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="The weeks as a .csv, .xlsx or .parquet file.")
]
_PARTS = {"open_book": "open book", "future_sales": "future sales", "total": "total"}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("forecast")(forecast)
    backtest_app.command("forecast")(backtest_forecast)


def forecast(
    book: BookFolder,
    as_of: AsOf,
    weeks: Weeks = 13,
    out: Out = None,
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE", help="Draw the weeks: a .svg, .png or .pdf file.")
    ] = None,
    model: ModelName = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Forecast receipts by week: from open invoices, and beside them from future sales.

    Example: `arrisk forecast book --as-of 2013-06-01 --weeks 13 --out weeks.csv --chart weeks.svg`
    """
    if out is not None:
        find_writer(out)
    day = read_day(as_of, "--as-of")
    ledger = open_for(book, policy, currency)
    with working("Forecasting") as tell:
        found = pipeline.forecast_cash(
            ledger,
            as_of=day,
            weeks=weeks,
            model_name=model,
            home=arrisk_home(),
            policy=read_policy(policy),
            tell=tell,
        )
        if out is not None:
            write_frame(found.cash.tabulate(), out)
        if chart is not None:
            pictures.draw_forecast(found.cash, chart)
    say(found.model_note)
    show_forecast(found.cash)
    write_json(json_file, {"as_of": day, "model": found.model_note, **found.cash.describe()})


def show_forecast(cash: CashForecast) -> None:
    """Print the weeks of a forecast, and what becomes of the open amount."""
    header = [
        "week",
        "from",
        "to",
        "due",
        "open book",
        "p10",
        "p90",
        "future sales",
        "p10",
        "p90",
        "total",
        "p10",
        "p90",
    ]
    rows = [
        [week, begin.date(), end.date(), *(show_money(amount, 0) for amount in amounts)]
        for week, begin, end, _, *amounts in cash.tabulate().itertuples(index=False)
    ]
    show_table(f"Expected receipts, {cash.currency}", header, rows)
    open_, set_off, overdue, unbooked, later, never = map(show_money, cash.totals.values())
    say(f"open: {open_} {cash.currency}, {overdue} of it overdue; receipts at hand set off before: {set_off}")
    say(
        f"of the open amount {later} is expected after the last week, {never} not at all, and {unbooked} is in, though "
        "not booked yet"
    )
    say(
        "p10 to p90: four times in five a week's receipts lie between them; of what an invoice's day of payment has by "
        f"chance, {cash.dependence.customer:.0%} is common to its customer and {cash.dependence.book:.0%} to the book"
    )


def backtest_forecast(
    book: BookFolder,
    cutoff: Annotated[
        str,
        typer.Option(
            "--cutoff", metavar="DAY", help="The first forecast; the model is fitted on what was known before."
        ),
    ],
    weeks: Weeks = 13,
    every: Annotated[
        int, typer.Option("--every", metavar="WEEKS", min=1, max=52, help="Weeks from one forecast to the next.")
    ] = 1,
    out: Out = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Test the cash forecast on past days, beside "due date plus the customer's median delay".

    Example: `arrisk backtest forecast book --cutoff 2013-01-02 --weeks 13 --out weeks.csv`
    """
    if out is not None:
        find_writer(out)
    day = read_day(cutoff, "--cutoff")
    ledger = open_for(book, policy, currency)
    with working("Backtesting") as tell:
        tested = proof.backtest_forecast(
            ledger, cutoff=day, weeks=weeks, every_weeks=every, policy=read_policy(policy), tell=tell
        )
        if out is not None:
            write_frame(tested.rows, out)
    show_forecast_backtest(tested.report)
    write_json(json_file, tested.report)


def show_forecast_backtest(report: dict[str, Any]) -> None:
    """Print the weekly errors of past forecasts, the first weeks together and each week alone."""
    origins = report["origins"]
    apart = "week" if report["every_weeks"] == 1 else f"{report['every_weeks']} weeks"
    say(f"{len(origins)} forecasts, every {apart} from {origins[0]} to {origins[-1]}; complete weeks only")
    header = ["", "weeks", "mean of a week", "forecast", "mean error", "share", "bias", "in p10..p90"]
    near = [
        row for part, name in _PARTS.items() for row in _list_errors(name, report[part]["near"], report["currency"])
    ]
    show_table(f"Weeks 1 to {report['near_weeks']}", header, near, left=["", "forecast"])
    by_week = [
        row
        for week in report["open_book"]["by_week"]
        for row in _list_errors(f"week {week['week']}", week, report["currency"])
    ]
    show_table("The open book by week", header, by_week, left=["", "forecast"])


def _list_errors(name: str, measured: dict[str, Any], currency: str) -> list[list[object]]:
    mean = f"{show_money(measured['mean_actual'], 0)} {currency}"
    rows: list[list[object]] = []
    for forecast_name, figures in measured["forecasts"].items():
        covered = _percent(measured["coverage"]) if forecast_name == "curve" else None
        shares = [_percent(figures[key]) for key in ("mae_share", "bias_share")]
        rows.append([name, measured["rows"], mean, forecast_name, show_money(figures["mae"], 0), *shares, covered])
        name, mean = "", ""
    return rows


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"
