"""The way between two expected losses: every step is what it says, and the steps add up."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.features import read_past
from arrisk.frames import day_of
from arrisk.ledger import list_open_items
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.curves import Curves, make_grid
from arrisk.modeling.default.bridge import Exposures, list_exposures, reconcile_losses
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.lgd.models import LossModel, SegmentLoss
from arrisk.modeling.open_scores import OpenBook
from arrisk.policy import load_policy
from tests.books import book_of, customer, invoice, write_off

POLICY = load_policy()
AS_OF = date(2024, 1, 1)


def make_exposures(*, defaulters=20, still_open=0.6):
    invoices = pd.DataFrame(
        {
            "customer_id": ["A", "B"],
            "open_amount": [1000.0, 500.0],
            "p_written_off": [0.03, 0.8],
            "p_written_off_12m": [0.02, 0.7],
            "loss_share": [0.9, 0.8],
            "is_in_default": [False, True],
        }
    )
    customers = pd.DataFrame(
        {
            "customer_id": ["A", "B"],
            "open_amount": [1000.0, 500.0],
            "p_default": [0.05, np.nan],
            "lgd": [0.5, 0.4],
            "loss_share": [0.9, 0.8],
            "is_in_default": [False, True],
        }
    )
    return Exposures(invoices, customers, 40.0, defaulters, still_open)


def read_steps(bridge):
    return bridge.steps.set_index("step")["amount"]


def test_each_step_by_hand():
    steps = read_steps(reconcile_losses(make_exposures(), currency="EUR"))
    assert steps.to_dict() == pytest.approx(
        {
            "curve": 0.03 * 0.9 * 1000 + 0.8 * 0.8 * 500,
            "curve_in_default": -0.8 * 0.8 * 500,
            "curve_later": -0.01 * 0.9 * 1000,
            "curve_in_year": 0.02 * 0.9 * 1000,
            "new_sales": 0.05 * 0.9 * 1000 * 0.4,
            "not_separated": 0.05 * 0.9 * 1000 * 0.6 - 0.02 * 0.9 * 1000,
            "paid_in_default": -0.05 * 0.4 * 1000,
            "default_in_year": 0.05 * 0.5 * 1000,
            "default_already": 0.4 * 500,
            "default": 0.05 * 0.5 * 1000 + 0.4 * 500,
        }
    )


@pytest.mark.parametrize(("defaulters", "still_open"), [(20, 0.6), (9, 0.6), (0, np.nan)])
def test_the_steps_between_two_totals_add_up_to_their_difference(defaulters, still_open):
    bridge = reconcile_losses(make_exposures(defaulters=defaulters, still_open=still_open), currency="EUR")
    reached = 0.0
    for step in bridge.steps.to_dict("records"):
        assert not step["is_total"] or step["step"] == "curve" or step["amount"] == pytest.approx(reached)
        reached = step["amount"] if step["is_total"] else reached + step["amount"]
    json.dumps(bridge.to_json(), allow_nan=False)


def test_later_sales_are_left_out_where_too_few_failed_to_tell():
    few = reconcile_losses(make_exposures(defaulters=9), currency="EUR")
    assert "new_sales" not in set(few.steps["step"])
    assert "not_separated_with_sales" in set(few.steps["step"])


def make_opened(book):
    """Give every open invoice the same curve: 0.1 is written off within 30 days past due, 0.3 at last."""
    items = list_open_items(book, as_of=AS_OF)
    grid = make_grid(ends=[30, 600])
    age = items["days_past_due"].to_numpy(dtype="int64")
    curves = Curves(grid, np.tile([0.5, 0.01], (len(age), 1)), np.tile([0.1, 0.3], (len(age), 1)), age)
    past = read_past(book, last_day=day_of(AS_OF), policy=POLICY)
    return OpenBook(items, pd.DataFrame(index=items.index), curves, 0.0, past)


def assume(share):
    return LossModel(SegmentLoss((), share, (), 0.0), (), 0)


def test_what_became_of_the_open_book_is_read_off_the_ledger():
    days = {"issued_on": "2023-12-01", "due_on": "2023-12-31"}
    book = book_of(
        customers=[customer(name) for name in "ABC"],
        invoices=[
            invoice("A1", "A", amount="600", **days, settled_on="2024-02-01"),
            invoice("A2", "A", amount="1400", **days),
            invoice("B1", "B", amount="700", **days, settled_on="2024-02-01"),
            invoice("C1", "C", amount="900", **days, settled_on="2024-02-01"),
        ],
        write_offs=[write_off("A2", amount="1400", written_off_on="2024-06-01", known_on="2024-06-01")],
        extract_end_on=date(2025, 6, 1),
    )
    after = date(2025, 6, 2)
    entered = list_defaults(book, as_of=after, policy=POLICY)
    assert entered["customer_id"].tolist() == ["A"]
    losses = Losses(given_default=assume(0.5), given_write_off=assume(0.8))
    p = pd.Series({"A": 0.2, "B": 0.1})
    found = list_exposures(book, make_opened(book), losses, p, as_of=AS_OF, policy=POLICY)
    assert found.invoices.set_index("customer_id")["is_in_default"].to_dict() == {"A": False, "B": False, "C": True}
    assert found.customers["open_amount"].tolist() == [2000, 700, 900]
    assert found.customers["lgd"].tolist() == [0.5] * 3
    assert found.customers["loss_share"].tolist() == pytest.approx([0.8] * 3)
    assert (found.invoices["p_written_off"] >= found.invoices["p_written_off_12m"]).all()
    assert found.written_off == 1400
    assert (found.defaulters, found.still_open) == (1, pytest.approx(0.7))


def test_a_year_that_is_not_over_tells_nothing_of_what_became_of_it():
    days = {"issued_on": "2023-12-01", "due_on": "2023-12-31"}
    book = book_of(invoices=[invoice(**days)], customers=[customer()], extract_end_on=date(2024, 6, 1))
    losses = Losses(given_default=assume(0.5), given_write_off=assume(0.8))
    p = pd.Series({"A": 0.2})
    found = list_exposures(book, make_opened(book), losses, p, as_of=AS_OF, policy=POLICY)
    assert np.isnan(found.written_off)
    assert found.defaulters == 0
    assert reconcile_losses(found, currency="EUR").to_json()["still_open"] is None
