"""The command that proves the default model: backtest default."""

from pathlib import Path
from typing import Annotated, Any

import typer

from arrisk import proof
from arrisk.cli.models import backtest_app, open_for
from arrisk.cli.options import BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import say, show_table, working, write_json
from arrisk.ingest.outputs import find_writer, write_frame


def add_to(_: typer.Typer) -> None:
    """Add the command of this file to the program."""
    backtest_app.command("default")(backtest_default)


def backtest_default(
    book: BookFolder,
    cutoff: Annotated[
        str, typer.Option("--cutoff", metavar="DAY", help="Fit on years that were over before it, test from it on.")
    ],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every prediction as Parquet.")
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Test the default model out of time, beside simple rules.

    Every customer who is not in default is predicted as of the cutoff and of each later quarter start; what is measured
    are those whose year is over at the end of the extract.

    Example: `arrisk backtest default book --cutoff 2025-01-01 --predictions p.parquet`
    """
    day = read_day(cutoff, "--cutoff")
    if predictions is not None:
        find_writer(predictions)
    ledger = open_for(book, policy, currency)
    with working("Backtesting") as tell:
        report, rows = proof.backtest_default(ledger, cutoff=day, policy=read_policy(policy), tell=tell)
        if predictions is not None:
            write_frame(rows, predictions)
    show_default_backtest(report)
    write_json(json_file, report)


def show_default_backtest(report: dict[str, Any]) -> None:
    """Print a backtest: every candidate beside the baselines."""
    say(
        f"cutoff {report['cutoff']}: fitted on {report['rows_train']:,} customer-quarters, of which "
        f"{report['events_train']:,} came into default within a year; {report['rows_predicted']:,} predicted"
    )
    if not report["rows_test"]:
        say("no year from the cutoff on is over at the end of the extract: nothing to measure")
        return
    say(
        f"tested on {report['rows_test']:,} whose year is over: {report['base_rate']:.2%} came into default, "
        f"{report['mean_predicted']:.2%} were expected"
    )
    measures = ["auc", "brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"]
    rows = [
        [kind[:-1], name + (" (champion)" if name == report["champion"] else ""), *(values[each] for each in measures)]
        for kind in ("baselines", "candidates")
        for name, values in report[kind].items()
    ]
    show_table("Default within a year, out of time", ["", "model", *measures], rows, left=["", "model"])
    chosen = ", ".join(f"{name} {champion}" for name, champion in report["champions"].items())
    say(f"chosen on later customers, by the champion rule: {chosen}")
