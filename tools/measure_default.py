"""Measures what docs/results-default.md says, by the program's own commands: `make results` (needs ARRISK_REALDATA)."""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk.modeling.metrics import compute_auc, fit_calibration_line
from tools.default_observer import tell_defaults
from tools.measure_attributes import describe as describe_attributes
from tools.measure_attributes import measure as measure_attributes
from tools.results_run import run_command, run_together
from tools.results_simulated import CUTOFF, Portfolio, simulate
from tools.results_tables import make_table, show, show_share
from tools.sba_lgd import measure as measure_losses

PAGE = Path(__file__).parent.parent / "docs" / "results-default.md"
SIZES = (10_000, 30_000)
PORTFOLIOS = tuple(Portfolio(size, 60, seed) for size in SIZES for seed in (1, 2, 3))
_P, _AS_APPLICANT = "p_default_12m", "p_default_12m_as_applicant"
_OBSERVED = {"behaviour": "observed_behaviour", "application": "observed_application"}


@dataclass(frozen=True)
class Tested:
    """A backtest of one portfolio, beside its truth.

    Parameters
    ----------
    portfolio : which one.
    report : what the command said.
    rows : one row per customer as of the cutoff: p_default_12m and p_default_12m_as_applicant as predicted,
        observed_behaviour and observed_application as the observer thinks, truth, and defaulted.
    """

    portfolio: Portfolio
    report: dict[str, Any]
    rows: pd.DataFrame


def main() -> None:
    """Run the commands and write the page."""
    real = os.environ.get("ARRISK_REALDATA")
    if not real:
        sys.exit("ARRISK_REALDATA names no folder of public data")
    with tempfile.TemporaryDirectory(prefix="arrisk-results-") as folder:
        tested = run_together(lambda portfolio: backtest(Path(folder), portfolio), PORTFOLIOS)
    lines = [
        "# Results: default and loss",
        "",
        "Written by `make results`, from the commands shown.",
        "",
        "## Default within a year, simulated portfolios, out of time",
        "",
        *describe(tested),
        "## Public failures, known through attributes",
        "",
        *describe_attributes(measure_attributes(Path(real))),
        "## Loss given default, US small-business loans, out of time",
        "",
        *_describe_losses(Path(real)),
    ]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def backtest(folder: Path, portfolio: Portfolio) -> Tested:
    """Make a portfolio, backtest default, and put the truth beside the predictions of the cutoff."""
    made, predictions = simulate(folder, portfolio), folder / f"{portfolio.name}-default.parquet"
    words = ["--cutoff", CUTOFF, "--predictions", str(predictions)]
    report = run_command(folder, "backtest", "default", str(made / "book"), *words)
    truth = pd.read_parquet(made / "truth" / "customers.parquet").rename(columns={_P: "truth"})
    truth, rows = (
        frame.assign(as_of=pd.to_datetime(frame["as_of"])) for frame in (truth, pd.read_parquet(predictions))
    )
    rows = rows.merge(truth, on=["customer_id", "as_of"])
    rows = rows.loc[rows["defaulted"].notna()].astype({"defaulted": "float64"})
    sizes = {"customers": portfolio.customers, "months": portfolio.months, "seed": portfolio.seed}
    observed = tell_defaults(**sizes, as_of=date.fromisoformat(CUTOFF), chosen=rows["customer_id"])
    return Tested(portfolio, report, rows.join(observed.rename(columns=_OBSERVED), on="customer_id"))


def describe(tested: Sequence[Tested]) -> list[str]:
    """Write the part of the page about simulated portfolios."""
    rows = []
    for size in SIZES:
        own = [each for each in tested if each.portfolio.customers == size]
        rows += [_measure(each.portfolio.title, each.rows) for each in own]
        rows.append(_measure(f"{size:,} x 60, pooled", pd.concat([each.rows for each in own])))
    header = ["portfolio", "customers", "defaults", "truth's Gini", "behaviour", "observer", "application", "observer"]
    return [
        f"`arrisk simulate --out DIR --customers C --months M --seed S`, then `arrisk backtest default DIR/book --cutoff {CUTOFF}`.",
        "Customers not in default as of the cutoff. Behaviour and application: the model's Gini as a share of that of the truth's",
        "own probabilities, which know the financial strength of every customer exactly; application as if nothing were known of",
        "trading with anybody. Beside each stands what an observer reaches who knows all parameters and laws of the simulator, and of",
        "strength what follows from all that the ledger shows, or from accounts and bureau reports alone (`tools/default_observer.py`):",
        "no model can be expected to reach more. A model of more customers has seen more defaults, and is judged on more of them.",
        "",
        *make_table([*header, "mean", "truth's mean", "slope"], rows),
        "",
        "Every candidate of the behaviour model alone, and the baselines: AUC / log loss.",
        "",
        *_tabulate_candidates([each for each in tested if each.portfolio.customers == SIZES[0]]),
        "",
    ]


def _measure(title: str, rows: pd.DataFrame) -> list[str]:
    target = rows["defaulted"].to_numpy()
    told = (_P, _OBSERVED["behaviour"], _AS_APPLICANT, _OBSERVED["application"])
    truth, *found = (2 * compute_auc(target, rows[name].to_numpy()) - 1 for name in ("truth", *told))
    slope, _ = fit_calibration_line(target, rows[_P].to_numpy())
    shares = [show_share(each / truth) for each in found]
    means = [f"{rows[name].mean():.2%}" for name in (_P, "truth")]
    return [title, f"{len(rows):,}", f"{int(target.sum()):,}", show(truth), *shares, *means, show(slope)]


def _tabulate_candidates(tested: Sequence[Tested]) -> list[str]:
    header = ["", "model", *(each.portfolio.title for each in tested)]
    rows = []
    for kind in ("baselines", "candidates"):
        for name in tested[0].report[kind]:
            figures = [each.report[kind].get(name) for each in tested]
            shown = [f"{show(one['auc'])} / {show(one['log_loss'], 4)}" if one else "–" for one in figures]
            rows.append([kind[:-1], name, *shown])
    return make_table(header, rows)


def _describe_losses(real: Path) -> list[str]:
    rows = []
    for said in measure_losses(real):
        errors = [show(said[f"error_of_{name}"]) for name in ("mean", "naics_mean", "model", "model_without_turns")]
        gain = said["model_over_naics"]
        interval = f"{show_share(gain['gain_share'])} ({gain['low']:.3f}..{gain['high']:.3f})"
        rows.append([said["exposure"], said["trained on"], *errors, interval])
    header = ["exposure", "trained on", "mean", "3-digit NAICS", "model", "model without turns", "below NAICS"]
    return [
        "`python -m tools.sba_lgd`: the share of an exposure that is charged off, mean absolute error. *disbursed*: all that was ever drawn;",
        "*at_most*: what can have been owed at once. `turns` is the disbursed over the approved amount: a line that was drawn again makes",
        "the first exposure larger than what was owed, so most of the first gain follows from its definition.",
        "",
        *make_table(header, rows),
    ]


if __name__ == "__main__":
    main()
