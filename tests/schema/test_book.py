"""A ledger's name comes from its earliest rows alone, whatever their number and however many days tie."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from arrisk.schema.book import fingerprint


def draw_invoices(count: int, days: int) -> pd.DataFrame:
    rng = np.random.default_rng(count + days)
    ids = {name: pd.Series(rng.integers(0, count, count)).astype("str") for name in ("invoice_id", "customer_id")}
    return pd.DataFrame({"known_day": rng.integers(0, days, count), **ids, "amount": rng.integers(0, 99, count)})


@pytest.mark.parametrize("count", [1, 49, 50, 51, 3000])
@pytest.mark.parametrize("days", [1, 3, 1000])
def test_the_name_is_that_of_the_first_fifty_of_all_rows_in_order(count, days):
    invoices = draw_invoices(count, days)
    columns = ["known_day", "invoice_id", "customer_id", "amount"]
    first = invoices[columns].sort_values(columns[:2], kind="stable").head(50)
    digest = hashlib.sha256(first.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
    assert fingerprint(invoices) == f"ledger-{digest[:12]}"


def test_a_ledger_keeps_its_name_as_it_grows():
    invoices = draw_invoices(60, 5)
    later = draw_invoices(60, 5).assign(known_day=100)
    assert fingerprint(pd.concat([invoices, later], ignore_index=True)) == fingerprint(invoices)
