"""A ledger of twelve customers as plain rows, as a client would post them."""

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

NAME, CURRENCY = "alder", "EUR"
TRAINED_ON, AS_OF = date(2024, 7, 1), date(2024, 9, 1)

Tables = dict[str, list[dict[str, Any]]]

_FIRST = date(2022, 7, 4)
_CUSTOMERS = 12


def make_tables() -> Tables:
    """Give customers, invoices, receipts and what they settled, up to ``AS_OF``.

    Every other customer tends to pay late, the more so the higher its number; every fifth invoice is in dollars.
    """
    draw = Random(7)  # noqa: S311 - a ledger, not a secret
    tables: Tables = {name: [] for name in ("customers", "invoices", "payments", "allocations", "rates", "attributes")}
    tables["rates"].append({"currency": "USD", "rate_on": "2022-01-01", "rate": 0.9})
    for number in range(_CUSTOMERS):
        customer_id = f"C{number:02d}"
        country = ("IE", "DE", "FR")[number % 3]
        tables["customers"].append(
            {"customer_id": customer_id, "name": f"Firm {number}", "country": country, "employees": 10 + number}
        )
        tables["attributes"].append(
            {"customer_id": customer_id, "known_on": "2022-01-01", "bureau_score": 50 + number, "branch": "north"}
        )
        issued = _FIRST + timedelta(days=number)
        while issued < AS_OF:
            _add_invoice(tables, draw, customer_id, issued, usual_delay=(number % 2) * 2 * number)
            issued += timedelta(days=draw.randint(10, 30))
    return tables


def _add_invoice(tables: Tables, draw: Random, customer_id: str, issued: date, *, usual_delay: int) -> None:
    invoice_id = f"I{len(tables['invoices']) + 1:04d}"
    due = issued + timedelta(days=30)
    amount = f"{draw.randint(1_000, 900_000) / 100:.2f}"
    currency = "USD" if draw.random() < 0.2 else CURRENCY
    row = {"invoice_id": invoice_id, "customer_id": customer_id, "amount": amount, "currency": currency}
    tables["invoices"].append({**row, "issued_on": issued.isoformat(), "due_on": due.isoformat()})
    paid = max(issued, due + timedelta(days=round(draw.gauss(usual_delay - 4, 12))))
    if paid >= AS_OF:
        return
    payment = {"payment_id": f"P{invoice_id}", "customer_id": customer_id, "amount": amount, "currency": currency}
    tables["payments"].append({**payment, "paid_on": paid.isoformat()})
    tables["allocations"].append(
        {
            "payment_id": f"P{invoice_id}",
            "invoice_id": invoice_id,
            "amount": amount,
            "applied_on": (paid + timedelta(days=1)).isoformat(),
        }
    )


def lose_some(tables: Tables) -> Tables:
    """Give the ledger, had four customers stopped to pay in 2023, and what is old enough been written off."""
    losers = ("C01", "C04", "C07", "C11")
    stops = {name: date(2023, 1 + 2 * place, 1).isoformat() for place, name in enumerate(losers)}
    lost = [
        row for row in tables["invoices"] if row["customer_id"] in stops and row["due_on"] > stops[row["customer_id"]]
    ]
    kept = {row["invoice_id"] for row in tables["invoices"]} - {row["invoice_id"] for row in lost}
    write_offs = []
    for row in lost:
        gone = date.fromisoformat(row["due_on"]) + timedelta(days=150)
        if gone < AS_OF:
            same = {name: row[name] for name in ("invoice_id", "amount")}
            write_offs.append({**same, "written_off_on": gone.isoformat(), "reason": "bad_debt"})
    return {
        **tables,
        "payments": [row for row in tables["payments"] if row["payment_id"][1:] in kept],
        "allocations": [row for row in tables["allocations"] if row["invoice_id"] in kept],
        "write_offs": write_offs,
    }


def write_files(tables: Tables, folder: Path) -> Path:
    """Write a ledger as a folder of files."""
    folder.mkdir()
    (folder / "book.toml").write_text(f'name = "{NAME}"\ncurrency = "{CURRENCY}"\n')
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder
