"""The dependence is found again in outcomes that were drawn with it, and a short past says little."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from arrisk.forecast.dependence import Dependence, estimate_dependence, score_past
from arrisk.frames import NEVER
from tests.forecast.samples import AS_OF_DAY, random_open_book

ORIGINS = range(100)


def draw_outcomes(open_book, *, customer, book, rng, seen_day):
    """Give outcomes in which invoices are paid on the days of their curves, with a dependence."""
    codes, count = open_book.customers, len(open_book.items)
    common = np.sqrt(customer) * rng.standard_normal(codes.max() + 1)[codes] + np.sqrt(book) * rng.standard_normal()
    chance = ndtr(common + np.sqrt(1 - customer - book) * rng.standard_normal(count))
    low, high = np.full(count, AS_OF_DAY - 1), np.full(count, seen_day)
    for _ in range(8):
        middle = (low + high) // 2
        is_paid = open_book.curves.read_paid(middle - open_book.due_days) >= chance
        low, high = np.where(is_paid, low, middle), np.where(is_paid, middle, high)
    ended = np.where(high < seen_day, high, NEVER)
    cause = np.where(ended < NEVER, "paid", "")
    return pd.DataFrame({"invoice_id": open_book.items["invoice_id"], "ended_day": ended, "cause": cause})


def relabel(open_book, number):
    names = f"{number:02}" + open_book.items["invoice_id"]
    return type(open_book)(open_book.items.assign(invoice_id=names), open_book.curves, open_book.horizon)


@cache
def list_pasts():
    return [relabel(random_open_book(n, count=80, customers=20), n) for n in ORIGINS]


@pytest.fixture
def estimate():
    def of(*, customer, book, seen_days):
        rng = np.random.default_rng(11)
        pasts = list_pasts()
        seen = AS_OF_DAY + seen_days
        ends = [draw_outcomes(past, customer=customer, book=book, rng=rng, seen_day=seen) for past in pasts]
        return estimate_dependence(pasts, pd.concat(ends, ignore_index=True), seen_day=seen)

    return of


@pytest.mark.slow
@pytest.mark.parametrize("seen_days", [20, 40])
@pytest.mark.parametrize(("customer", "book"), [(0.0, 0.0), (0.3, 0.0), (0.3, 0.1)])
def test_the_dependence_of_drawn_outcomes_is_found(estimate, customer, book, seen_days):
    found = estimate(customer=customer, book=book, seen_days=seen_days)
    assert found.customer == pytest.approx(customer, abs=0.07)
    assert found.book == pytest.approx(book, abs=0.07)
    assert found.own == pytest.approx(1.0 - found.customer - found.book)


def test_without_a_past_the_usual_shares_are_taken():
    nothing = pd.DataFrame({"invoice_id": pd.Series(dtype="str"), "ended_day": pd.Series(dtype="int64"), "cause": ""})
    found = estimate_dependence([], nothing, seen_day=AS_OF_DAY)
    assert (found.customer, found.book) == pytest.approx((Dependence().customer, Dependence().book))


def test_scores_tell_early_from_late_and_average_to_nothing():
    past = random_open_book(3, count=4000, customers=4000)
    rng = np.random.default_rng(5)
    outcomes = draw_outcomes(past, customer=0.0, book=0.0, rng=rng, seen_day=AS_OF_DAY + 60)
    scores, variances = score_past(past, outcomes, seen_day=AS_OF_DAY + 60)
    assert abs(scores.mean()) < 0.05
    assert scores.var() == pytest.approx(variances.mean(), rel=0.06)
    ended = outcomes["ended_day"].to_numpy()
    assert scores[ended < AS_OF_DAY + 7].mean() < 0 < scores[ended == NEVER].mean()


def test_the_order_of_the_outcomes_does_not_matter():
    past = random_open_book(4)
    rng = np.random.default_rng(6)
    outcomes = draw_outcomes(past, customer=0.3, book=0.0, rng=rng, seen_day=AS_OF_DAY + 60)
    first, second = (
        estimate_dependence([past], rows, seen_day=AS_OF_DAY + 60) for rows in (outcomes, outcomes.iloc[::-1])
    )
    assert first == second
