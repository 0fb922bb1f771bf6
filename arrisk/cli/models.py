"""Commands that compute and predict: features, backtest, train, score, worklist."""

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from arrisk import pipeline
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import list_rows, say, show_money, show_table, working, write_json
from arrisk.config import arrisk_home
from arrisk.errors import InputError
from arrisk.features import CATALOGUE
from arrisk.ingest.outputs import find_writer, write_frame, write_pieces
from arrisk.ledger.defaults import list_defaults
from arrisk.schema import Book
from arrisk.uses import proof, rating
from arrisk.uses.provenance import describe_run, write_scores

ModelName = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="Use this model, also if it belongs to another ledger."),
]
backtest_app = typer.Typer(no_args_is_help=True, help="Predict the past as it was known then, and compare.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("features")(features)
    app.add_typer(backtest_app, name="backtest")
    app.command("score")(score)
    app.command("worklist")(worklist)


def open_for(folder: Path, policy: Path | None, currency: str | None) -> Book:
    """Read and check a book, saying on stderr that it takes a while."""
    with working(f"Reading {folder}"):
        return pipeline.open_book(folder, policy=read_policy(policy), currency=currency).book


def features(
    book: BookFolder,
    at: Annotated[
        str,
        typer.Option("--at", metavar="issue|DAY", help="Each invoice as of its issue, or each customer as of a day."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A Parquet file.")],
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Compute features: what was known, nothing later.

    Example: `arrisk features book --at issue --out features.parquet`
    """
    find_writer(out)
    day = None if at == "issue" else read_day(at, "--at")
    ledger = open_for(book, policy, currency)
    with working(f"Computing features into {out}"):
        count = write_pieces(pipeline.compute_features(ledger, on=day, policy=read_policy(policy)), out)
    summary = {"rows": count, "features": len(CATALOGUE), "at": at, "out": str(out)}
    say(f"{out}: {count:,} rows, {summary['features']} features, {'at issue' if day is None else f'as of {day}'}")
    write_json(json_file, summary)


@backtest_app.command("payment")
def backtest_payment(
    book: BookFolder,
    cutoff: Annotated[
        str, typer.Option("--cutoff", metavar="DAY", help="Fit on what was known before it, test after it.")
    ],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every prediction as Parquet.")
    ] = None,
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Make a folder with a page to read, index.html.")
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Test the payment curve out of time, beside simple rules.

    Example: `arrisk backtest payment book --cutoff 2013-04-01 --predictions p.parquet --report report`
    """
    day = read_day(cutoff, "--cutoff")
    if predictions is not None:
        find_writer(predictions)
    ledger = open_for(book, policy, currency)
    with working("Backtesting") as tell:
        report, rows = proof.backtest_payment(
            ledger, cutoff=day, policy=read_policy(policy), report_to=report_to, tell=tell
        )
        if predictions is not None:
            write_frame(rows, predictions)
    show_backtest(report)
    if report_to is not None:
        say(f"to read: {report_to / 'index.html'}")
    write_json(json_file, report)


def show_backtest(report: dict[str, Any]) -> None:
    """Print a backtest: every candidate beside the baselines."""
    say(
        f"cutoff {report['cutoff']}: fitted on {report['rows_train']:,} invoices, tested on {report['rows_test']:,} "
        f"issued later whose outcome is complete; {report['base_rate']:.1%} of them late"
    )
    measures = ["auc", "brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"]
    rows = []
    for kind in ("baselines", "candidates"):
        for name, values in report[kind].items():
            mark = " (champion)" if kind == "candidates" and name == report["champion"] else ""
            rows.append([kind[:-1], name + mark, *(values[measure] for measure in measures)])
    show_table("Late payment, out of time", ["", "model", *measures], rows, left=["", "model"])
    depths = [
        [depth, values["rows"], *(values[m] for m in measures[:3])]
        for depth, values in report["by_history_depth"].items()
    ]
    show_table(
        "The champion by the customer's settled invoices known at issue",
        ["settled", "rows", *measures[:3]],
        depths,
    )
    for name, interval in report["intervals"].items():
        if not isinstance(interval, dict) or interval["low"] is None:
            continue
        say(f"{name}: {interval['low']:.3f} to {interval['high']:.3f} (95 %, bootstrap over customers)")


def score(
    book: BookFolder,
    as_of: AsOf,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="A folder: invoices.parquet, customers.parquet, run.json."),
    ],
    reasons: Annotated[
        str, typer.Option("--reasons", help="For how many invoices and customers reasons are given: a number, or all.")
    ] = "1000",
    model: ModelName = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Score open invoices and their customers.

    Of each invoice: when it is likely to be paid, and the loss to expect; of each customer: the probability of default
    within a year, the loss given default, a grade.

    Example: `arrisk score book --as-of 2013-06-30 --out scores`
    """
    day = read_day(as_of, "--as-of")
    ledger = open_for(book, policy, currency)
    rules, home, count = read_policy(policy), arrisk_home(), _read_count(reasons)
    with working("Scoring") as tell:
        # First, while there is room: what is known of each invoice takes as much memory again as the book.
        list_defaults(ledger, as_of=day, policy=rules)
        scores = pipeline.score(
            ledger, as_of=day, model_name=model, home=home, policy=rules, count_reasons=count, tell=tell
        )
        rated = rating.rate(
            ledger, scores, as_of=day, home=home, policy=rules, model_name=model, count_reasons=count, tell=tell
        )
        run = describe_run(ledger, scores, rated, as_of=day, home=home, policy=rules)
        write_scores(rated, run, out)
    say(scores.model_note)
    say(f"default: {rated.model_note}")
    show_scores(rated.invoices)
    show_grades(rated.customers)
    show_customers(rated.customers)
    say(f"{out}: {len(rated.invoices):,} open invoices of {len(rated.customers):,} customers")
    notes = {"as_of": day, "model": scores.model_note, "default_model": rated.model_note}
    write_json(json_file, {**notes, "customers": rated.customers})


def _read_count(reasons: str) -> int | None:
    if reasons == "all":
        return None
    if not reasons.isdecimal():
        raise InputError(f"'{reasons}' is neither a number nor 'all'", where="--reasons", hint="--reasons 1000")
    return int(reasons)


def show_grades(customers: pd.DataFrame) -> None:
    """Print how many customers stand in each grade, and what they owe."""
    graded = customers.groupby("grade", as_index=False, sort=True).agg(
        count=("customer_id", "size"),
        p=("p_default_12m", "mean"),
        open_amount=("open_amount", "sum"),
        expected_loss=("expected_loss", "sum"),
    )
    columns = ["grade", "count", "p", "open_amount", "expected_loss"]
    rows = [
        [grade, count, p, show_money(owed), show_money(lost)]
        for grade, count, p, owed, lost in list_rows(graded, columns)
    ]
    titles = ["grade", "customers", "p default 12m", "open", "expected loss"]
    if rows:
        show_table("Customers with open invoices, by grade", titles, rows, left=["grade"])


def show_customers(customers: pd.DataFrame, *, most: int = 10) -> None:
    """Print the customers with the highest expected loss, and the reasons of their probability of default."""
    names = {
        "customer_id": "customer",
        "grade": "grade",
        "p_default_12m": "p default 12m",
        "open_amount": "open",
        "expected_loss": "expected loss",
        "reasons": "reasons",
    }
    top = customers.sort_values("expected_loss", ascending=False, kind="stable").head(most)
    rows = [
        [show_money(v) if c in ("open_amount", "expected_loss") else v for c, v in zip(names, row, strict=True)]
        for row in list_rows(top, list(names))
    ]
    if rows:
        show_table("Customers, by expected loss", list(names.values()), rows, left=["customer", "grade", "reasons"])


def show_scores(invoices: pd.DataFrame, *, most: int = 10) -> None:
    """Print the open invoices with the largest amount expected late."""
    top = invoices.assign(weight=invoices["open_amount"] * invoices["p_late_30"]).nlargest(most, "weight")
    columns = [
        "invoice_id",
        "customer_id",
        "open_amount",
        "days_past_due",
        "p_late",
        "p_late_30",
        "expected_paid_on",
        "reasons",
    ]
    rows = [
        [*(show_money(v) if c == "open_amount" else v for c, v in zip(columns, row, strict=True))]
        for row in list_rows(top, columns)
    ]
    show_table(
        "Open invoices, by amount expected to be 30 days late",
        columns,
        rows,
        left=["invoice_id", "customer_id", "reasons"],
    )


def worklist(
    book: BookFolder,
    as_of: AsOf,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .csv, .xlsx or .parquet file.")],
    model: ModelName = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """List whom to contact today, in order, about what.

    Example: `arrisk worklist book --as-of 2013-06-30 --out worklist.csv`
    """
    find_writer(out)
    day = read_day(as_of, "--as-of")
    ledger = open_for(book, policy, currency)
    rules = read_policy(policy)
    with working("Scoring") as tell:
        scores = pipeline.score(ledger, as_of=day, model_name=model, home=arrisk_home(), policy=rules, tell=tell)
        rows = pipeline.make_worklist(ledger, scores, policy=rules)
        write_frame(rows, out)
    say(scores.model_note)
    show_worklist(rows)
    say(f"{out}: {len(rows):,} customers")
    write_json(json_file, {"as_of": day, "model": scores.model_note, "rows": rows})


def show_worklist(rows: pd.DataFrame, *, most: int = 10) -> None:
    """Print the first customers of a worklist."""
    names = {
        "rank": "",
        "customer_id": "customer",
        "name": "name",
        "at_stake_amount": "at stake",
        "overdue_amount": "overdue",
        "oldest_days_past_due": "oldest days",
        "p_open": "p open",
        "next_step": "next step",
        "why": "why",
    }
    shown = [
        [show_money(v) if c.endswith("_amount") else v for c, v in zip(names, row, strict=True)]
        for row in list_rows(rows.head(most), list(names))
    ]
    show_table("Whom to contact first", list(names.values()), shown, left=["customer", "name", "next step", "why"])
