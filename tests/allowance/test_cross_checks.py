"""The cross-checks, against cases computed by hand."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.allowance.cross_checks import check_remaining_life, check_vintages, develop_losses
from arrisk.allowance.exposures import list_exposures
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.lgd.losses import fit_losses
from arrisk.policy import load_policy
from tests.books import book_of, invoice, write_off

POLICY = load_policy()
AS_OF = date(2024, 7, 1)
SHARE = POLICY.losses.assumed_share


def look_at(book, *, as_of=AS_OF):
    episodes = list_defaults(book, as_of=as_of, policy=POLICY)
    exposures = list_exposures(book, episodes, as_of=as_of, policy=POLICY)
    return exposures, fit_losses(book, episodes, as_of=as_of, policy=POLICY)


def days_before(days):
    return (AS_OF - timedelta(days=days)).isoformat()


def flow(age, *, open_amount, left=0.0, lost=0.0, step=0):
    return {
        "step": step,
        "age_days": age,
        "open_amount": open_amount,
        "left_amount": left,
        "written_off_amount": lost,
    }


def value_of(check, name):
    return check.inputs.set_index("name")["value"][name]


def test_remaining_life_is_rate_times_life_times_balance():
    flows = [
        flow(-5, open_amount=1000.0, left=400.0, step=1),
        flow(25, open_amount=400.0, left=0.0, lost=20.0, step=0),
        flow(-5, open_amount=1000.0, left=400.0, step=0),
    ]
    # Two steps of 30 days: 20 lost of 1200 on average, x 365 / 60 a year. Of what is not due 0.4 goes on for half a
    # step more: 0.6 x 0.5 + 0.4 x 1.5 steps. What is 1-30 days past due leaves within the step: half of one.
    book = book_of(
        invoices=[
            invoice("I1", "A", issued_on=days_before(20), due_on=days_before(-5), amount="300"),
            invoice("I2", "B", issued_on=days_before(40), due_on=days_before(10), amount="100"),
        ],
        extract_end_on=AS_OF,
    )
    exposures, losses = look_at(book)
    check = check_remaining_life(exposures, pd.DataFrame(flows), losses, steps=12)
    rate, life = 20 * (365 / 60) / 1200, (300 * 30 * 0.9 + 100 * 15) / 400
    assert value_of(check, "annual write-off rate") == pytest.approx(rate)
    assert value_of(check, "weighted-average remaining life") == pytest.approx(life)
    assert check.total == round(100 * 400 * rate * life / 365 * SHARE)


def test_remaining_life_reads_the_newest_steps_alone():
    flows = pd.DataFrame([flow(0, open_amount=100.0, lost=1.0), flow(0, open_amount=100.0, lost=99.0, step=1)])
    exposures, losses = look_at(book_of(invoices=[invoice("I1", "A")], extract_end_on=AS_OF))
    assert value_of(check_remaining_life(exposures, flows, losses, steps=1), "written off in the window") == 1.0


def test_vintages_give_each_month_the_losses_that_older_ones_had_later():
    # Months of 30 days back from the day: two issued in each of the last three; of the oldest one invoice was written
    # off in the second month after its issue, of the middle one nothing yet.
    invoices = [
        invoice(f"I{age}{copy}", f"C{age}{copy}", issued_on=days_before(age), due_on=days_before(age), amount="100")
        for age in (75, 45, 15)
        for copy in (0, 1)
    ]
    losses = [write_off("I750", amount="100", reason="bad_debt", written_off_on=days_before(10))]
    exposures, shares = look_at(book_of(invoices=invoices, write_offs=losses, extract_end_on=AS_OF))
    check = check_vintages(exposures, book_of(invoices=invoices, write_offs=losses, extract_end_on=AS_OF), shares)
    assert check.table["issued_amount"].tolist() == [200.0, 200.0, 200.0]
    assert check.table["lost_amount"].tolist() == [100.0, 0.0, 0.0]
    # The loss is of age 2 and only the oldest month has come to it: the two younger ones lose half of theirs.
    assert check.table["coming_rate"].tolist() == [0.0, 0.5, 0.5]
    share = value_of(check, "loss share after recoveries and cover")
    assert check.total == round(100 * 200.0 * share)


def test_no_month_loses_more_than_is_open_of_it():
    invoices = [
        invoice("I1", "A", issued_on=days_before(45), due_on=days_before(45), amount="100"),
        invoice("I2", "B", issued_on=days_before(15), settled_on=days_before(5), amount="100"),
    ]
    losses = [write_off("I1", amount="100", reason="bad_debt", written_off_on=days_before(10))]
    book = book_of(invoices=invoices, write_offs=losses, extract_end_on=AS_OF)
    exposures, shares = look_at(book)
    check = check_vintages(exposures, book, shares)
    assert check.table["coming_amount"].tolist() == [0.0, 100.0]
    assert value_of(check, "still to be written off") == 0.0


def test_without_any_write_off_a_cross_check_says_nothing():
    book = book_of(invoices=[invoice("I1", "A")], extract_end_on=AS_OF)
    exposures, losses = look_at(book)
    check = check_vintages(exposures, book, losses)
    assert check.total is None
    assert "says nothing" in check.note


@pytest.mark.slow
def test_what_becomes_known_later_changes_no_vintage():
    invoices = [
        invoice(f"I{age}", "A", issued_on=days_before(age), due_on=days_before(age), amount="100") for age in (75, 45)
    ]
    tables = []
    for day in (0, 1):
        lost = [write_off("I75", amount="100", reason="bad_debt", written_off_on=days_before(day))]
        late = [*invoices, invoice("I9", "B", issued_on=days_before(9), known_on=days_before(0), amount="100")]
        book = book_of(invoices=late, write_offs=lost, extract_end_on=AS_OF)
        exposures, losses = look_at(book)
        tables.append(check_vintages(exposures, book, losses).table)
    book = book_of(invoices=invoices, extract_end_on=AS_OF)
    exposures, losses = look_at(book)
    expected = check_vintages(exposures, book, losses).table
    pd.testing.assert_frame_equal(tables[0], expected)
    assert not tables[1].equals(expected)


@given(st.integers(0, 2**32 - 1))
def test_losses_beyond_what_a_month_has_seen_change_nothing(seed):
    rng = np.random.default_rng(seed)
    issued, lost = rng.uniform(1, 9, size=5), rng.uniform(size=(5, 5))
    later = np.arange(5)[None, :] > np.arange(5)[::-1, None]
    other = np.where(later, rng.uniform(size=(5, 5)), lost)
    pd.testing.assert_frame_equal(develop_losses(issued, lost), develop_losses(issued, other))


@given(st.integers(0, 2**32 - 1))
def test_months_alike_come_to_the_same_ultimate(seed):
    pattern = np.random.default_rng(seed).uniform(size=6)
    table = develop_losses(np.full(6, 100.0), np.tile(pattern, (6, 1)))
    assert table["ultimate_amount"].to_numpy() == pytest.approx(pattern.sum())
