"""Measures what docs/results.md says, by the program's own commands: `make results` (needs ARRISK_REALDATA)."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.truth import measure_truth

PAGE = Path(__file__).parent.parent / "docs" / "results.md"
_MEASURES = ("auc", "brier", "log_loss", "ece", "calibration_slope", "calibration_intercept")
_SEEDS = (1, 2, 3)
_CUTOFFS = ("2012-10-01", "2013-01-01", "2013-04-01")


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
        ]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _run(folder: Path, *words: str) -> dict[str, Any]:
    result = folder / "result.json"
    command = [sys.executable, "-m", "arrisk", *words, "--json", str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    print("  arrisk", *words, flush=True)
    return dict(json.loads(result.read_text(encoding="utf-8")))


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
        made = _run(folder, "convert", str(real / path), "-m", mapping, "-o", str(folder / name))
        for row in (row for row in made["rows"] if row["read"]):
            rules = [p["rule"] for p in made["problems"] if p["table"] == row["table"] and p["severity"] == "warning"]
            said = ", ".join(f"{rules.count(rule):,} {rule}" for rule in sorted(set(rules))) or "none"
            counts = " | ".join(f"{row[key]:,}" for key in ("read", "accepted", "refused"))
            lines.append(f"| `{path}` | {mapping} | {row['table']} | {counts} | {said} |")
    return [*lines, ""]


def _backtest_ibm(folder: Path) -> list[str]:
    lines = [
        "## Late payment, IBM ledger, out of time",
        "",
        'The sample ledger "late payment histories", as an extract of 30 June 2013. Fitted on what was known before the',
        "cutoff; tested on invoices issued since whose due date has passed by the end of the extract.",
    ]
    for cutoff in _CUTOFFS:
        report = _run(folder, "backtest", "payment", str(folder / "ibm"), "--cutoff", cutoff)
        lines += ["", f"`arrisk backtest payment BOOK --cutoff {cutoff}`", "", *_tabulate(report)]
    return [*lines, ""]


def _backtest_simulated(folder: Path) -> list[str]:
    lines = [
        "## Late payment, simulated portfolios, out of time",
        "",
        "`arrisk simulate --out DIR --customers 1000 --months 48 --seed S`, then",
        "`arrisk backtest payment DIR/book --cutoff 2025-01-01 --predictions P`. Attainable gain: the fall in log loss from",
        "the base rate of the test to the truth's own probabilities = 100 %.",
        "",
        "| seed | rows | late | champion | AUC | truth's AUC | slope | gain, champion | gain, own late rate |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for seed in _SEEDS:
        _run(
            folder, *f"simulate --customers 1000 --months 48 --seed {seed} --format parquet -o {folder}/s{seed}".split()
        )
        report = _run(folder, *_words_of_backtest(folder, seed))
        lines.append(_compare_with_truth(folder, seed, report))
    return [*lines, ""]


def _words_of_backtest(folder: Path, seed: int) -> Sequence[str]:
    return f"backtest payment {folder}/s{seed}/book --cutoff 2025-01-01 --predictions {folder}/p{seed}.parquet".split()


def _compare_with_truth(folder: Path, seed: int, report: dict[str, Any]) -> str:
    truth = measure_truth(folder / f"s{seed}", folder / f"p{seed}.parquet")
    champion = report["candidates"][report["champion"]]
    own = report["baselines"]["shrunk_rate"]["log_loss"]
    span = truth["base_log_loss"] - truth["log_loss"]
    gains = [(truth["base_log_loss"] - loss) / span for loss in (champion["log_loss"], own)]
    return (
        f"| {seed} | {report['rows_test']:,} | {report['base_rate']:.1%} | {report['champion']} "
        f"| {champion['auc']:.3f} | {truth['auc']:.3f} | {champion['calibration_slope']:.2f} | {gains[0]:.0%} | {gains[1]:.0%} |"
    )


def _tabulate(report: dict[str, Any]) -> list[str]:
    lines = [
        f"{report['rows_train']:,} invoices to learn from, {report['rows_test']:,} tested; {report['base_rate']:.1%} late.",
        "",
        "| | model | AUC | Brier | log loss | ECE | slope | intercept |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in ("baselines", "candidates"):
        for name, values in report[kind].items():
            mark = f"**{name}** (champion)" if kind == "candidates" and name == report["champion"] else name
            figures = " | ".join("–" if values[m] is None else f"{values[m]:.3f}" for m in _MEASURES)
            lines.append(f"| {kind[:-1]} | {mark} | {figures} |")
    intervals = {name: value for name, value in report["intervals"].items() if isinstance(value, dict)}
    shown = ", ".join(
        f"{n.replace('_', ' ')} {v['low']:.3f}..{v['high']:.3f}" for n, v in intervals.items() if v["low"]
    )
    return [*lines, "", f"95 % intervals of the champion, bootstrap over customers: {shown}."]


if __name__ == "__main__":
    main()
