"""Measures what docs/results-allowance.md says: `python -m tools.measure_allowance`."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk.allowance.backtest import LOST, compare_errors, sum_closes
from tools.results_run import run_command
from tools.results_simulated import Portfolio, simulate
from tools.results_tables import make_table, show_share
from tools.truth import tell_truth_losses

PAGE = Path(__file__).parent.parent / "docs" / "results-allowance.md"
PORTFOLIO = Portfolio(20_000, 48, 1)
FROM, TO = "2024-01-01", "2024-12-31"
METHODS = ("model", "matrix", "roll-rate")
TRUTH = "truth"


def main() -> None:
    """Run the command, put the truth beside it, and write the page."""
    with tempfile.TemporaryDirectory(prefix="arrisk-results-") as name:
        folder = Path(name)
        book, items = simulate(folder, PORTFOLIO) / "book", folder / "items.parquet"
        period = ["--from", FROM, "--to", TO, "--predictions", str(items)]
        said = run_command(folder, "backtest", "allowance", str(book), *period)
        rows = add_truth(pd.read_parquet(items))
    PAGE.write_text("\n".join(_describe(rows, said)) + "\n", encoding="utf-8")


def add_truth(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what each open item is expected to cost, given the hidden state on the day of its close."""
    days = [(day + timedelta(days=1)).date() for day in sorted(pd.to_datetime(rows["close_on"]).unique())]
    size = {"customers": PORTFOLIO.customers, "months": PORTFOLIO.months, "seed": PORTFOLIO.seed}
    truth = tell_truth_losses(**size, days=days)
    truth = truth.assign(close_on=pd.to_datetime(truth["as_of"]) - pd.Timedelta(days=1))
    keys = ["close_on", "invoice_id"]
    joined = rows.assign(close_on=pd.to_datetime(rows["close_on"])).merge(
        truth[[*keys, "expected_loss_share"]], on=keys, how="left"
    )
    # What the truth does not list is a credit note, or a residue that waits to be booked: nothing of it is lost.
    return joined.assign(**{TRUTH: joined["open_amount"].clip(lower=0) * joined["expected_loss_share"].fillna(0.0)})


def _describe(rows: pd.DataFrame, said: Mapping[str, Any]) -> list[str]:
    healthy, failed = rows.loc[~rows["is_in_default"]], rows.loc[rows["is_in_default"]]
    return [
        "# Results: the allowance",
        "",
        "Written by `python -m tools.measure_allowance`, from the commands shown.",
        "",
        f"`arrisk simulate --out DIR --customers C --months M --seed S` ({PORTFOLIO.title}), then",
        f"`arrisk backtest allowance DIR/book --from {FROM} --to {TO}`: twelve closes, each by every method, on what was known",
        "by its evening. *Truth* is the expected loss given the hidden state on that day; *really lost* is what was written off",
        "since, less what came back, until the end of the ledger a year after the last close.",
        *(f"{note[0].upper()}{note[1:]}." for note in said["notes"] if note.startswith("the ledger")),
        "",
        "## Performing customers",
        "",
        *_tabulate_closes(healthy),
        "",
        "The error is the distance of the method's amount from the truth, summed over the closes, as a share of the truth, with",
        "paired 95 % intervals over customers.",
        "",
        *_tabulate_errors(compare_errors(healthy, METHODS, against=TRUTH)),
        "",
        "## Customers in default",
        "",
        *_tabulate_closes(failed),
        "",
        *_tabulate_errors(compare_errors(failed, METHODS, against=TRUTH)),
        "",
    ]


def _tabulate_closes(rows: pd.DataFrame) -> list[str]:
    columns = [TRUTH, *METHODS, LOST]
    sums = sum_closes(rows, columns)
    table = [
        [f"{close['close_on']:%Y-%m-%d}", f"{close['open_amount']:,.0f}", *_ratios(close, columns)]
        for close in sums.to_dict("records")
    ]
    whole = sums[["open_amount", *columns]].sum()
    table.append(["all", f"{whole['open_amount']:,.0f}", *_ratios(whole.to_dict(), columns)])
    return make_table(
        ["close", "open", "truth", *(f"{name} / truth" for name in METHODS), "really lost / truth"], table
    )


def _ratios(close: Mapping[Any, Any], columns: Sequence[str]) -> list[str]:
    truth = float(close[TRUTH])
    return [f"{truth:,.0f}", *(f"{float(close[name]) / truth:.2f}" if truth else "–" for name in columns[1:])]


def _tabulate_errors(compared: pd.DataFrame) -> list[str]:
    table = [
        [
            str(row["method"]),
            str(row["other"]),
            show_share(row["error"]),
            show_share(row["other_error"]),
            f"{row['gain']:+.1%} ({row['low']:+.1%} .. {row['high']:+.1%})",
        ]
        for row in compared.to_dict("records")
    ]
    return make_table(["method", "against", "its error", "the other's", "gain"], table)


if __name__ == "__main__":
    main()
