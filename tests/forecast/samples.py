"""Open books, curves and ledgers for the tests of the cash forecast."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.forecast.receipts import Horizon, OpenAmounts
from arrisk.ledger import list_open_items
from arrisk.modeling.curves import Curves, make_grid
from tests.books import book_of, invoice
from tests.grids import LAST_DAYS

AS_OF_DAY = 20_000


def random_curves(rng, age):
    """Give curves of random shape; a part of what ends is written off."""
    grid = make_grid(ends=LAST_DAYS)
    hazard = rng.uniform(0.0, 0.3, (len(age), len(grid.last_days)))
    left = np.cumprod(1.0 - hazard, axis=1)
    return Curves(grid, left, (1.0 - left) * rng.uniform(0.0, 0.1, (len(age), 1)), age)


def random_open_book(seed, *, count=300, customers=40, weeks=13, as_of_day=AS_OF_DAY):
    """Give open invoices of random amounts, some of them long overdue."""
    rng = np.random.default_rng(seed)
    due = as_of_day + rng.integers(-120, 60, count)
    items = pd.DataFrame(
        {
            "invoice_id": [f"I{number:05}" for number in range(count)],
            "customer_id": [f"C{number:03}" for number in rng.integers(0, customers, count)],
            "due_day": due,
            "open_amount": rng.integers(100, 500_000, count),
            "set_off_amount": 0,
        }
    )
    items = items.sort_values(["customer_id", "invoice_id"], ignore_index=True)
    age = as_of_day - items["due_day"].to_numpy()
    return OpenAmounts(items, random_curves(rng, age), Horizon(as_of_day, weeks))


def curves_paid_by(days_late):
    """Give a function from a day to the open invoices and curves on which each pays so many days past due."""
    grid = make_grid(ends=LAST_DAYS)
    place = int(grid.place(np.array([days_late]))[0])

    def of(book, as_of):
        items = list_open_items(book, as_of=as_of)
        items = items.loc[items["open_amount"] > 0].reset_index(drop=True)
        left = np.where(np.arange(len(grid.last_days)) < place, 1.0, 0.0)
        share = np.tile(left, (len(items), 1))
        curves = Curves(grid, share, np.zeros_like(share), items["days_past_due"].to_numpy(dtype="int64"))
        return items, curves

    return of


def steady_book(*, weeks=60, days_late=3, amount=100, first=date(2023, 1, 2), customers="ABC"):
    """Give a ledger in which each customer gets one invoice a week, due in 14 days and paid some days later."""
    end = first + timedelta(weeks=weeks) - timedelta(days=1)
    rows = []
    for week in range(weeks):
        issued = first + timedelta(weeks=week)
        due, paid = issued + timedelta(days=14), issued + timedelta(days=14 + days_late)
        for customer in customers:
            settled = paid.isoformat() if paid <= end else None
            usual = {"issued_on": issued.isoformat(), "due_on": due.isoformat(), "amount": str(amount)}
            rows.append(invoice(f"{customer}{week:03}", customer, settled_on=settled, **usual))
    return book_of(invoices=rows, extract_end_on=end)
