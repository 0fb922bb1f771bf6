"""Simulated portfolios in docs/results.md: how much of what can be known the payment curve finds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tools.late_losses import split_losses, tabulate_losses
from tools.observer import tell_observed
from tools.results_run import run_command
from tools.results_tables import (
    describe_amounts,
    make_table,
    show,
    show_share,
    tabulate_groups,
    tabulate_timing,
)
from tools.truth import measure_truth

CUTOFF = "2025-01-01"
HORIZONS = {0: "p_late", 30: "p_late_30"}


@dataclass(frozen=True)
class Portfolio:
    """What is simulated."""

    customers: int
    months: int
    seed: int

    @property
    def name(self) -> str:
        """Its folder below that of the results."""
        return f"{self.customers}x{self.months}s{self.seed}"

    @property
    def title(self) -> str:
        """How tables call it."""
        return f"{self.customers:,} x {self.months}, seed {self.seed}"


@dataclass(frozen=True)
class Backtested:
    """A backtest of a simulated portfolio.

    Parameters
    ----------
    portfolio : which one.
    report : what the command said.
    truth : by horizon, as given by ``measure_truth``.
    losses : as given by ``split_losses``.
    """

    portfolio: Portfolio
    report: Mapping[str, Any]
    truth: Mapping[int, Mapping[str, float]]
    losses: list[float]

    def find_gain(self, loss: float, k: int) -> float:
        """Give the share of the attainable gain over the base rate that a log loss at a horizon reaches."""
        truth = self.truth[k]
        return (truth["base_log_loss"] - loss) / (truth["base_log_loss"] - truth["log_loss"])

    def find_gain_of(self, name: str, k: int, *, kind: str = "candidates") -> float:
        """Give that share for a model of the report."""
        return self.find_gain(self.report["horizons"][HORIZONS[k]][kind][name]["log_loss"], k)


def simulate(folder: Path, portfolio: Portfolio) -> Path:
    """Make a portfolio by the program's own command; return its folder."""
    made = folder / portfolio.name
    sizes = f"--customers {portfolio.customers} --months {portfolio.months} --seed {portfolio.seed}"
    run_command(folder, "simulate", *sizes.split(), "--format", "parquet", "-o", str(made))
    return made


def backtest_simulated(folder: Path, portfolio: Portfolio, *, cutoff: str = CUTOFF) -> Backtested:
    """Make a portfolio, backtest it, and measure its truth on the same invoices.

    Raises
    ------
    ArithmeticError
        When the command and the truth were measured on different numbers of invoices.
    """
    made, predictions = simulate(folder, portfolio), folder / f"{portfolio.name}.parquet"
    words = ["--cutoff", cutoff, "--predictions", str(predictions)]
    report = run_command(folder, "backtest", "payment", str(made / "book"), *words)
    sizes = {"customers": portfolio.customers, "months": portfolio.months, "seed": portfolio.seed}
    observed = tell_observed(**sizes, chosen=pd.read_parquet(predictions)["invoice_id"])
    truth = {k: measure_truth(made, predictions, k=k, observed=observed) for k in HORIZONS}
    for k, name in HORIZONS.items():
        rows = report["horizons"][name]["rows_test"]
        if rows != truth[k]["rows"]:
            raise ArithmeticError(f"{portfolio.title}: {rows} invoices tested, the truth told of {truth[k]['rows']}")
    return Backtested(portfolio, report, truth, split_losses(made, predictions, observed))


def describe_simulated(tested: Sequence[Backtested]) -> list[str]:
    """Write the part of the page about lateness, days, drift and customers without history."""
    return [
        "`arrisk simulate --out DIR --customers C --months M --seed S`, then",
        f"`arrisk backtest payment DIR/book --cutoff {CUTOFF} --predictions P`. Attainable gain: the fall in log loss from",
        "the base rate of the test to the truth's own probabilities = 100 %. The truth knows at once that a customer has stopped",
        "paying, which the ledger shows by silence weeks later: beside the curve stands what an observer reaches who knows",
        "all parameters and every other hidden state exactly, and of the stop what the ledger shows (`tools/observer.py`).",
        "The simulator's difficulty was fixed on 2,500 customers and 60 months ([0007](decisions/0007-simulator-difficulty.md)). A",
        "larger ledger shows more of what is rare: compare the sizes before comparing with a figure from elsewhere.",
        "",
        *_tabulate_gains(tested),
        "",
        "The stages' champions, as of issue, by the last day past due of the stage:",
        "",
        *[f"- {each.portfolio.title}: {_list_champions(each.report)}" for each in tested],
        "",
        "### Where the rest of `p_late_30` is",
        "",
        *tabulate_losses({each.portfolio.title: each.losses for each in tested}),
        "",
        "### The day of payment",
        "",
        *_tabulate_days(tested),
        "",
        "### Before and after drift",
        "",
        "`p_late` as fitted at the cutoff, and moved by what was known two weeks or less before each invoice. Gap: mean",
        "distance of expected from observed late share over the months.",
        "",
        *_tabulate_drift(tested),
        "",
        "### Customers without a settled invoice",
        "",
        "The curve on invoices of customers of whom no settled invoice was known; beside it the log loss of these invoices'",
        "own late rate, which nobody knows beforehand.",
        "",
        *_tabulate_cold(tested),
        "",
        *_describe_groups(tested[0]),
    ]


def _tabulate_gains(tested: Sequence[Backtested]) -> list[str]:
    header = [
        "portfolio",
        "",
        "rows",
        "late",
        "gain, curve",
        "gain, observer",
        "gain, own rate",
        "AUC",
        "truth's AUC",
        "slope",
        "intercept",
    ]
    rows = []
    for each in tested:
        for k, name in HORIZONS.items():
            part = each.report["horizons"][name]
            own = part["candidates"][each.report["champion"]]
            gains = [
                each.find_gain_of(each.report["champion"], k),
                each.find_gain(each.truth[k]["observed_log_loss"], k),
                each.find_gain_of("shrunk_rate", k, kind="baselines"),
            ]
            figures = [own["auc"], each.truth[k]["auc"], own["calibration_slope"], own["calibration_intercept"]]
            title = each.portfolio.title if k == 0 else ""
            shown = [title, f"`{name}`", f"{part['rows_test']:,}", show_share(part["base_rate"])]
            rows.append([*shown, *map(show_share, gains), *map(show, figures)])
    return make_table(header, rows)


def _list_champions(report: Mapping[str, Any]) -> str:
    return ", ".join(f"{last} {trial['champion']}" for last, trial in report["trials"]["issue"].items())


def _tabulate_days(tested: Sequence[Backtested]) -> list[str]:
    header = ["portfolio", "paid and followed", "days off the median", "customer's median", "share in p10..p90"]
    rows = []
    for each in tested:
        timing = each.report["timing"]
        own, usual = timing["candidates"][each.report["champion"]], timing["baselines"]["customer_median"]
        days = [show(said["mae_median_days"], 2) for said in (own, usual)]
        shown = [each.portfolio.title, f"{timing['rows']:,}", *days, show_share(own.get("coverage"))]
        rows.append([*shown, show(own.get("mean_width_days"), 1)])
    return make_table([*header, "days from p10 to p90"], rows)


def _tabulate_drift(tested: Sequence[Backtested]) -> list[str]:
    header = ["portfolio", "", "gain", "slope", "intercept", "gap", "largest shift", "half-life"]
    rows = []
    for each in tested:
        drift = each.report["drift"]
        half_life = f"{drift['rule']['half_life_days']:.0f} days" if drift["rule"] else "no correction"
        for place, (name, said) in enumerate(each.report["calibration_ageing"]["variants"].items()):
            moved = [show(drift["largest_shift"], 2), half_life] if place else ["", ""]
            figures = [show(said["slope"]), show(said["intercept"]), show_share(said["mean_gap"])]
            title = "" if place else each.portfolio.title
            rows.append([title, name, show_share(each.find_gain(said["log_loss"], 0)), *figures, *moved])
    return make_table(header, rows)


def _tabulate_cold(tested: Sequence[Backtested]) -> list[str]:
    rows = []
    for each in tested:
        said = each.report["by_history_depth"]["0"]
        if said["rows"]:
            figures = [said["auc"], said["log_loss"], compute_entropy(said["base_rate"]), said["calibration_slope"]]
            rows.append([each.portfolio.title, f"{said['rows']:,}", show_share(said["base_rate"]), *map(show, figures)])
    return make_table(["portfolio", "rows", "late", "AUC", "log loss", "log loss, their own rate", "slope"], rows)


def compute_entropy(rate: float) -> float:
    """Compute the log loss of giving all rows their own rate.

    Examples
    --------
    >>> round(compute_entropy(0.5), 4), compute_entropy(0.0)
    (0.6931, 0.0)
    """
    return -sum(p * math.log(p) for p in (rate, 1 - rate) if p > 0)


def _describe_groups(each: Backtested) -> list[str]:
    return [
        f"### Groups, {each.portfolio.title}",
        "",
        describe_amounts(each.report),
        "",
        *tabulate_groups(each.report, "by_history_depth", head="settled invoices at issue"),
        *tabulate_groups(each.report, "by_amount_decile", head="amount, 10 = largest"),
        *tabulate_timing(each.report),
    ]
