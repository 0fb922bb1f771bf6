"""Measures what docs/results-limits.md says, by the program's own commands: `python -m tools.measure_limits`."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.results_run import run_command, run_together
from tools.results_simulated import Portfolio, simulate
from tools.results_tables import make_table, show_share

PAGE = Path(__file__).parent.parent / "docs" / "results-limits.md"
PORTFOLIOS = tuple(Portfolio(10_000, 60, seed) for seed in (1, 2, 3))
FROM, TO = "2024-01-01", "2024-12-31"
_RULES = {"none": "no limits", "given": "as given", "net_worth": "10 % of net worth", "recommended": "recommended"}


def main() -> None:
    """Run the commands and write the page."""
    with tempfile.TemporaryDirectory(prefix="arrisk-results-") as folder:
        tried = run_together(lambda portfolio: _try(Path(folder), portfolio), PORTFOLIOS)
    PAGE.write_text("\n".join(_describe(tried)) + "\n", encoding="utf-8")


def _try(folder: Path, portfolio: Portfolio) -> dict[str, Any]:
    book = simulate(folder, portfolio) / "book"
    return run_command(folder, "backtest", "limits", str(book), "--from", FROM, "--to", TO)


def _describe(tried: list[dict[str, Any]]) -> list[str]:
    pairs = list(zip(PORTFOLIOS, tried, strict=True))
    sold = [
        [
            portfolio.title,
            _RULES[row["rule"]],
            show_share(row["sold_share"]),
            f"{1e4 * row['loss_share']:.1f}",
            *_count(row),
        ]
        for portfolio, said in pairs
        for row in said["rules"]
    ]
    matched = [
        [
            portfolio.title,
            _RULES[row["rule"]],
            row["at"],
            _gain(row),
            f"{row['low']:+.1%} .. {row['high']:+.1%}",
            f"{row['off_share']:+.2%}",
        ]
        for portfolio, said in pairs
        for row in said["matched"]
    ]
    return [
        "# Results: limits",
        "",
        "Written by `python -m tools.measure_limits`, from the commands shown.",
        "",
        f"`arrisk simulate --out DIR --customers C --months M --seed S`, then `arrisk backtest limits DIR/book --from {FROM} --to {TO}`.",
        "Limits are reviewed every 30 days on what was known then, with a default model of the first day. What was held back counts",
        "as never sold, and its loss as avoided; losses are those of the two years to the end of the ledger, net of recoveries.",
        "*As given*: the limits of the simulated company's own credit department, two to four and a half months of sales.",
        "",
        *make_table(["portfolio", "limits", "sold", "lost, bp of sold", "held back", "of it lost"], sold),
        "",
        "The recommended limits, made stricter or wider until they sell as much as another rule, or lose as much; the gain is the",
        "lower loss, or the higher sales, with a 95 % interval over customers; the last column says how far from equal it came.",
        "",
        *make_table(["portfolio", "against", "at", "gain", "interval", "off"], matched),
    ]


def _count(row: Mapping[str, Any]) -> list[str]:
    held = float(row["held_amount"])
    return [f"{row['held_count']:,} invoices", show_share(row["avoided_amount"] / held) if held else "–"]


def _gain(row: Mapping[str, Any]) -> str:
    return f"{row['gain']:+.1%} {'lower loss' if row['at'] == 'equal sales' else 'more sales'}"


if __name__ == "__main__":
    main()
