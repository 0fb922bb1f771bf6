"""Checks beside the backtests in docs/results.md: what dropping open invoices does, and the truth's own cash forecast."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from arrisk import pipeline
from arrisk.forecast.accuracy import measure_errors
from arrisk.frames import NEVER, day_of, match
from arrisk.labels import label_late
from arrisk.ledger import list_open_items, list_outcomes
from arrisk.ledger.conversion import to_book_currency
from arrisk.modeling.asking import Asked, ask_at_issue, train_asked
from arrisk.modeling.chain import HORIZONS, name_horizon
from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.rows import Floats
from arrisk.money import to_decimals
from arrisk.policy import load_policy
from arrisk.schema import Book
from arrisk.sim import DEFAULTS
from arrisk.sim.open_truth import tell_open_items
from arrisk.sim.world import World, draw_world
from tools.results_run import run_command
from tools.results_simulated import CUTOFF, Portfolio, simulate
from tools.results_tables import make_table, show, show_share

_WEEKS = 13
_POLICY = load_policy()


def measure_open_bias(book: Book, *, cutoff: date) -> pd.DataFrame:
    """Train with and without the invoices that were open at the cutoff, and predict what was issued since.

    Parameters
    ----------
    book : a checked book.
    cutoff : the day of training.

    Returns
    -------
    DataFrame
        One row per horizon and training: probability, training, rows, observed and expected share, log_loss.
    """
    asked = ask_at_issue(book, policy=_POLICY)
    is_open = asked.questions["invoice_id"].isin(list_open_items(book, as_of=cutoff)["invoice_id"]).to_numpy()
    later = (asked.questions["issued_day"] >= day_of(cutoff)) & (asked.questions["due_day"] < NEVER)
    parts = []
    for name, rows in (("all invoices", asked), ("settled alone", asked.take(~is_open))):
        model = train_asked(rows, book, as_of=cutoff, policy=_POLICY).model
        parts.append(_measure_lateness(book, model, asked.take(later.to_numpy())).assign(training=name))
    return pd.concat(parts, ignore_index=True).sort_values("probability", kind="stable", ignore_index=True)


def _measure_lateness(book: Book, model: PaymentCurve, later: Asked) -> pd.DataFrame:
    curves = model.predict_issue(later.features, age=later.age)
    end = book.extract_end_on
    outcomes = list_outcomes(book, as_of=end + timedelta(days=1), end=_POLICY.end)
    outcomes = outcomes.iloc[match(later.questions["invoice_id"], outcomes["invoice_id"])].reset_index(drop=True)
    rows = []
    for k in HORIZONS:
        target = label_late(outcomes, k=k, end_day=day_of(end))
        known = ~np.isnan(target)
        late, p = target[known], to_probability(to_margin(1 - curves.read_paid(k)[known]))
        shares = {"observed": late.mean(), "expected": p.mean(), "log_loss": log_loss(late, p, labels=[0, 1])}
        rows.append({"probability": name_horizon(k), "rows": len(late), **shares})
    return pd.DataFrame(rows)


def describe_open_bias(folder: Path, portfolio: Portfolio, *, cutoff: str = CUTOFF) -> list[str]:
    """Write the part of the page about a planted mistake: learning from settled invoices alone."""
    book = pipeline.open_book(simulate(folder, portfolio) / "book", policy=_POLICY).book
    found = measure_open_bias(book, cutoff=date.fromisoformat(cutoff))
    print(f"  planted: settled invoices alone, {portfolio.title}", flush=True)
    rows = [
        [f"`{row['probability']}`", row["training"], f"{row['rows']:,}", *map(show_share, (row["observed"], row["expected"])),
         show(row["log_loss"], 4)]
        for row in found.to_dict("records")
    ]  # fmt: skip
    return [
        f"A simulated portfolio of {portfolio.title}, cutoff {cutoff}: the curve learnt from all invoices, and, as is often",
        "done, only from those that were settled by the cutoff, as fitted (`measure_open_bias` in `tools/results_checks.py`).",
        "",
        *make_table(["", "learnt from", "rows", "late", "expected", "log loss"], rows),
        "",
    ]


@dataclass(frozen=True)
class Truth:
    """What a simulated portfolio's truth expects of its open book."""

    book: Book
    world: World

    @classmethod
    def of(cls, folder: Path, portfolio: Portfolio) -> "Truth":
        """Read the book of a portfolio and draw its world again."""
        book = pipeline.open_book(folder / portfolio.name / "book", policy=_POLICY).book
        return cls(book, draw_world(portfolio.customers, portfolio.months, portfolio.seed, None, DEFAULTS))

    def expect_receipts(self, as_of: date, *, weeks: int) -> Floats:
        """Expect the receipts of each week from the invoices that are open as of a day, shape (weeks,).

        Returns
        -------
        array
            In units of the book currency.
        """
        items = list_open_items(self.book, as_of=as_of)
        items = items.loc[(items["kind"] != "credit_note") & (items["open_amount"] > 0)].reset_index(drop=True)
        items = to_book_currency(items, self.book, amounts=["open_amount"], as_of=as_of)
        told = tell_open_items(self.world, as_of_day=day_of(as_of), horizon_days=7 * weeks)
        place = match(items["invoice_id"], told.invoice_id.reset_index(drop=True))
        # What the truth holds for settled is open in the ledger by a small balance: nothing is to come.
        known, place = (place >= 0), place[place >= 0]
        paid = told.p_unpaid[place, None] * told.paid[place][:, 6::7]
        amounts = to_decimals(items, ["open_amount"])["open_amount"].to_numpy(dtype="float64")[known]
        return np.diff(amounts @ paid, prepend=0.0)


def add_truth(rows: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Add the truth's forecast of the open book to the weeks of a cash backtest, as ``open_book_truth``."""
    told = {day: truth.expect_receipts(day.date(), weeks=_WEEKS) for day in rows["as_of"].drop_duplicates()}
    weeks = [told[day][week - 1] for day, week in zip(rows["as_of"], rows["week"], strict=True)]
    return rows.assign(open_book_truth=weeks)


def backtest_cash(folder: Path, book: Path, *, cutoff: str, truth: Truth | None = None) -> dict[str, Any]:
    """Backtest the cash forecast by the program's own command; with a truth it is measured in the same way."""
    out = folder / f"weeks-{book.parent.name}.parquet"
    words = ["--cutoff", cutoff, "--weeks", str(_WEEKS), "--out", str(out)]
    report = run_command(folder, "backtest", "forecast", str(book), *words)
    if truth is None:
        return report
    return {**report, **measure_errors(add_truth(pd.read_parquet(out), truth), peers=["rule", "truth"])}


def tabulate_cash(reports: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Tabulate backtests of the cash forecast, the first weeks of each, by name.

    The share of the truth's gain is that of the fall in the mean weekly error from the rule's to the truth's.
    """
    header = [
        "ledger",
        "part",
        "weeks",
        "mean of a week",
        "error",
        "the rule's",
        "below the rule",
        "of the truth's gain",
    ]
    rows = []
    for name, report in reports.items():
        for part in ("open_book", "future_sales", "total"):
            near = report[part]["near"]
            errors = {kind: said["mae_share"] for kind, said in near["forecasts"].items()}
            rule, truth, curve = errors.get("rule"), errors.get("truth"), errors["curve"]
            below = None if not rule else 1 - curve / rule
            gained = None if not rule or truth is None else (rule - curve) / (rule - truth)
            shown = [
                name if part == "open_book" else "",
                part.replace("_", " "),
                near["rows"],
                f"{near['mean_actual']:,.0f}",
            ]
            shares = [show_share(share) for share in (curve, rule, below, gained)]
            held = [show_share(report[part][weeks]["coverage"]) for weeks in ("near", "all")]
            rows.append([*shown, *shares, show_share(near["forecasts"]["curve"]["bias_share"]), *held])
    return [*make_table([*header, "bias", "in p10..p90", "all weeks"], rows), ""]
