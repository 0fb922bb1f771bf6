"""The scores and limits of a simulated ledger of a hundred thousand customers, from the command line."""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measure import run, tabulate

CUSTOMERS, MONTHS = 100_000, 24
LEARNT_FROM = 1_000, 48
"""Customers and months of the ledger that the models are trained on."""

TRAINED_ON, AS_OF = "2025-06-01", "2025-12-31"
"""Both simulated ledgers end on the second of these days."""


def measure_customers(folder: Path) -> list[str]:
    """Measure `arrisk score` and give a section of the page."""
    home = {"ARRISK_HOME": str(folder / "home-of-customers")}
    arrisk, card = [sys.executable, "-m", "arrisk"], folder / "customers.json"
    small, large = folder / "few-customers", folder / "many-customers"
    for out, customers, months, seed in ((small, *LEARNT_FROM, 1), (large, CUSTOMERS, MONTHS, 7)):
        size = ["--customers", str(customers), "--months", str(months), "--seed", str(seed)]
        run("arrisk simulate", [*arrisk, "simulate", "--out", str(out), *size, "--format", "parquet"], runs=1)
    train = [*arrisk, "train", str(small / "book"), "--as-of", TRAINED_ON, "--json", str(card)]
    run("arrisk train", train, runs=1, environment=home)
    model = json.loads(card.read_text(encoding="utf-8"))["model"]
    out = str(folder / "customer-scores")
    score = [*arrisk, "score", str(large / "book"), "--as-of", AS_OF, "--model", model, "--out", out]
    scored = run("arrisk score, a hundred thousand customers", score, environment=home)
    review = [*arrisk, "limits", str(large / "book"), "--as-of", AS_OF, "--model", model]
    limited = run(
        "arrisk limits, a hundred thousand customers",
        [*review, "--out", str(folder / "limits.parquet")],
        environment=home,
    )
    counts = {name: pq.read_metadata(large / "book" / f"{name}.parquet").num_rows for name in ("invoices", "payments")}
    return [
        "## The scores and limits of a hundred thousand customers",
        "",
        f"`arrisk score` reads and checks a simulated ledger of {CUSTOMERS:,} customers over {MONTHS} months, with",
        f"{counts['invoices']:,} invoices, {counts['payments']:,} receipts, orders, accounts, reports and limits; it writes",
        "the probabilities and dates of each open invoice, reasons for a thousand, and of each customer who owes something",
        "the probability of default, the loss given default and a grade.",
        "`arrisk limits` writes a limit, terms and what bound it for each customer.",
        "What they should take on two cores: 90 s and 4,096 MiB; 60 s.",
        "",
        *tabulate([scored, limited]),
        "",
    ]
