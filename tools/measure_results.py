"""Measures what docs/results.md says, by the program's own commands: `make results` (needs ARRISK_REALDATA)."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arrisk.modeling.backtest import CHAMPION
from arrisk.modeling.origins import summarise_origins
from tools.results_checks import Truth, backtest_cash, describe_open_bias, tabulate_cash
from tools.results_run import run_command, run_together
from tools.results_simulated import CUTOFF, Portfolio, backtest_simulated, describe_simulated
from tools.results_tables import (
    describe_amounts,
    tabulate_groups,
    tabulate_horizons,
    tabulate_models,
    tabulate_origins,
    tabulate_timing,
)

PAGE = Path(__file__).parent.parent / "docs" / "results.md"
_CUTOFFS = ("2012-10-01", "2013-01-01", "2013-04-01")
_ORIGINS = (
    "2012-09-01",
    "2012-10-01",
    "2012-11-01",
    "2012-12-01",
    "2013-01-01",
    "2013-02-01",
    "2013-03-01",
    "2013-04-01",
)
_MODELS = {
    CHAMPION: "candidates",
    "blend": "candidates",
    "logistic": "candidates",
    "boosted_trees": "candidates",
    "shrunk_rate": "baselines",
    "base_rate": "baselines",
}
_CASH_CUTOFF = "2013-01-02"
_PORTFOLIOS = tuple(Portfolio(1000, 48, seed) for seed in (1, 2, 3))
_LARGE = tuple(Portfolio(2500, 60, seed) for seed in (1, 2, 3))
"""The size on which the simulator's difficulty was measured: single customers move its figures less."""
_LARGEST = tuple(Portfolio(10_000, 60, seed) for seed in (1, 2, 3))
"""A million invoices: what is rare, such as payment 30 days late, is there often enough to be learnt."""
_PLANTED = Portfolio(500, 18, 1)


def main() -> None:
    """Run the commands and write the page."""
    real = os.environ.get("ARRISK_REALDATA")
    if not real:
        sys.exit("ARRISK_REALDATA names no folder of public ledgers")
    with tempfile.TemporaryDirectory(prefix="arrisk-results-") as folder:
        os.environ["ARRISK_HOME"] = f"{folder}/home"
        lines = [
            "# Results",
            "",
            "Written by `make results`, from the commands shown. The public ledgers are not part of the repository;",
            "`$ARRISK_REALDATA` names the folder they are in.",
            "",
            *_convert(Path(real), Path(folder)),
            *_backtest_ibm(Path(folder)),
            *_backtest_simulated(Path(folder)),
            *_plant(Path(folder)),
            *_backtest_cash(Path(folder)),
        ]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _convert(real: Path, folder: Path) -> list[str]:
    exports = {
        "ibm": ("ibm_ar/receivables_extract_2013-06-30.csv", "ibm"),
        "dirty": ("ibm_ar/receivables_dirty.csv", "ibm"),
        "highradius": ("highradius_open/open_items.csv", "sap-open-items"),
    }
    lines = [
        "## Conversion of public exports",
        "",
        "`arrisk convert $ARRISK_REALDATA/FILE --mapping M --out BOOK`",
        "",
        "| file | mapping | table | read | accepted | refused | warnings |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (path, mapping) in exports.items():
        made = run_command(folder, "convert", str(real / path), "-m", mapping, "-o", str(folder / name))
        for row in (row for row in made["rows"] if row["read"]):
            rules = [p["rule"] for p in made["problems"] if p["table"] == row["table"] and p["severity"] == "warning"]
            said = ", ".join(f"{rules.count(rule):,} {rule}" for rule in sorted(set(rules))) or "none"
            counts = " | ".join(f"{row[key]:,}" for key in ("read", "accepted", "refused"))
            lines.append(f"| `{path}` | {mapping} | {row['table']} | {counts} | {said} |")
    return [*lines, ""]


def _backtest_ibm(folder: Path) -> list[str]:
    cutoffs = sorted({*_CUTOFFS, *_ORIGINS})
    words = ("backtest", "payment", str(folder / "ibm"), "--cutoff")
    found = run_together(lambda cutoff: run_command(folder, *words, cutoff), cutoffs)
    reports = dict(zip(cutoffs, found, strict=True))
    return [
        "## Late payment, IBM ledger, out of time",
        "",
        'The sample ledger "late payment histories", as an extract of 30 June 2013. Fitted on what was known before the',
        "cutoff; tested on invoices issued since whose due date has passed by the end of the extract. Candidates other than",
        "the curve itself are curves made of that candidate alone, without drift.",
        "",
        *_describe_cutoffs(reports),
        *_describe_origins(reports),
    ]


def _describe_cutoffs(reports: Mapping[str, Mapping[str, Any]]) -> list[str]:
    chosen = [reports[cutoff] for cutoff in _CUTOFFS]
    lines = []
    for report in chosen:
        lines += [f"`arrisk backtest payment BOOK --cutoff {report['cutoff']}`", "", *tabulate_models(report)]
    first = chosen[0]
    return [
        *lines,
        "### All horizons",
        "",
        "The same commands. The ledger has next to no invoice paid more than 30 days late.",
        "",
        *tabulate_horizons(chosen),
        f"### Groups and days of payment, cutoff {first['cutoff']}",
        "",
        describe_amounts(first),
        "",
        *tabulate_groups(first, "by_history_depth", head="settled invoices at issue"),
        *tabulate_groups(first, "by_amount_decile", head="amount, 10 = largest"),
        *tabulate_timing(first),
    ]


def _describe_origins(reports: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        "### Rolling origins",
        "",
        f"The same command at {len(_ORIGINS)} monthly cutoffs, {_ORIGINS[0]} to {_ORIGINS[-1]}: mean (smallest..largest).",
        "",
        *tabulate_origins(summarise_origins([reports[cutoff] for cutoff in _ORIGINS]), models=_MODELS),
    ]


def _backtest_simulated(folder: Path) -> list[str]:
    tested = run_together(lambda portfolio: backtest_simulated(folder, portfolio), (*_PORTFOLIOS, *_LARGE, *_LARGEST))
    return ["## Late payment, simulated portfolios, out of time", "", *describe_simulated(tested)]


def _plant(folder: Path) -> list[str]:
    return ["## What leaving out open invoices does", "", *describe_open_bias(folder, _PLANTED)]


def _backtest_cash(folder: Path) -> list[str]:

    def test(portfolio: Portfolio) -> dict[str, Any]:
        truth = Truth.of(folder, portfolio)
        return backtest_cash(folder, folder / portfolio.name / "book", cutoff=CUTOFF, truth=truth)

    reports = {"IBM": backtest_cash(folder, folder / "ibm", cutoff=_CASH_CUTOFF)}
    reports |= {each.title: report for each, report in zip(_PORTFOLIOS, run_together(test, _PORTFOLIOS), strict=True)}
    return [
        "## Cash forecast",
        "",
        f"`arrisk backtest forecast BOOK --cutoff {_CASH_CUTOFF} --weeks 13` on the IBM ledger, `--cutoff {CUTOFF}` on simulated",
        "portfolios (made above). A forecast in every week, with a model fitted before the cutoff; weeks 1 to 6",
        "together. Error: the mean absolute error of a week's sum, as a share of the mean week. The rule: each invoice is paid",
        "on its due date plus its customer's median delay. The truth's gain: the fall in error from the rule to the truth's own",
        "probabilities, which the simulator knows.",
        "",
        *tabulate_cash(reports),
    ]


if __name__ == "__main__":
    main()
