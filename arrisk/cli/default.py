"""The command that proves the default model: backtest default."""

from pathlib import Path
from typing import Annotated, Any

import typer

from arrisk.cli.models import backtest_app, open_for
from arrisk.cli.options import BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import say, show_table, working, write_json
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.uses import proof


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
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Make a folder with a page to read and a model card.")
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Validate the default model out of time, beside simple rules.

    Every customer who is not in default is predicted as of the cutoff and of each later quarter start; what is measured
    are those whose year is over at the end of the extract. The verdict holds it against the section `validation` of the
    policy.

    Example: `arrisk backtest default book --cutoff 2025-01-01 --report validation`
    """
    day = read_day(cutoff, "--cutoff")
    if predictions is not None:
        find_writer(predictions)
    ledger = open_for(book, policy, currency)
    with working("Backtesting") as tell:
        report, rows = proof.backtest_default(
            ledger, cutoff=day, policy=read_policy(policy), report_to=report_to, tell=tell
        )
        if predictions is not None:
            write_frame(rows, predictions)
    show_default_backtest(report)
    show_verdict(report["verdict"])
    if report_to is not None:
        say(f"to read: {report_to / 'index.html'}")
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


def show_verdict(verdict: dict[str, Any]) -> None:
    """Print what policy asks of the models, and what was found."""
    columns = ["model", "name", "value", "at_least", "at_most", "result"]
    rows = [[check[name] for name in columns] for check in verdict["checks"]]
    header = ["model", "check", "found", "at least", "at most", "result"]
    show_table("Validation", header, rows, left=["model", "check", "result"])
    say(f"validation {'passed' if verdict['passed'] else 'NOT passed'}")
