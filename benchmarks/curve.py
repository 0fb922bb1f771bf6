"""The models of a ledger with a million invoices, and the scores of a million open ones, from the command line."""

import json
import sys
from pathlib import Path

from benchmarks.measure import run, tabulate
from benchmarks.portfolio import write_portfolio

INVOICES, CUSTOMERS = 1_000_000, 10_000
AS_OF, DAY_AFTER = "2024-12-28", "2024-12-29"
"""The portfolio's last day, and the day after it."""
SIMULATED = ("--customers", "12500", "--months", "48", "--seed", "1", "--format", "parquet")


def measure_curve(folder: Path) -> list[str]:
    """Measure `arrisk simulate`, `arrisk train` and `arrisk score` and give a section of the page."""
    large, wide = folder / "large", folder / "open"
    write_portfolio(large, invoices=INVOICES, customers=CUSTOMERS, seed=1)
    write_portfolio(wide, invoices=2 * INVOICES, customers=2 * CUSTOMERS, seed=1, unpaid=INVOICES)
    environment = {"ARRISK_HOME": str(folder / "home")}
    arrisk, card = [sys.executable, "-m", "arrisk"], folder / "card.json"
    simulate = [*arrisk, "simulate", *SIMULATED, "--out", str(folder / "simulated")]
    simulated = run("arrisk simulate, a million invoices", simulate, runs=1, environment=environment)
    train = [*arrisk, "train", str(large), "--as-of", AS_OF, "--json", str(card)]
    trained = run("arrisk train, a million invoices", train, runs=1, environment=environment)
    model = json.loads(card.read_text(encoding="utf-8"))["model"]
    out = str(folder / "scores")
    score = [*arrisk, "score", str(wide), "--as-of", DAY_AFTER, "--model", model, "--out", out]
    scored = run("arrisk score, a million open invoices", score, environment=environment)
    return [
        "## A model of a million invoices",
        "",
        f"`arrisk train` reads and checks a ledger of {INVOICES:,} invoices of {CUSTOMERS:,} customers in Parquet files,",
        "computes the features of each as of its issue, tries every candidate forward in time, fits and registers.",
        f"`arrisk score` reads a ledger of {2 * INVOICES:,} invoices of {2 * CUSTOMERS:,} customers, of which {INVOICES:,}",
        "are open, and writes the probabilities and dates of each, with reasons for a thousand.",
        f"`arrisk simulate {' '.join(SIMULATED)}` draws a ledger of about as many and its truth.",
        "What they should take on two cores: 60 s to simulate, 180 s and 6,000 MiB to train, 60 s to score.",
        "",
        *tabulate([simulated, trained, scored]),
        "",
    ]
