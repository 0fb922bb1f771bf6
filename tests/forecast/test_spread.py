"""The band is widened by as much as past weeks were off, and stays as drawn where they were not."""

from datetime import date

import numpy as np
import pytest

from arrisk.forecast.dependence import Dependence
from arrisk.forecast.history import Ledger
from arrisk.forecast.receipts import look_at_open
from arrisk.forecast.spread import measure_spread, widen
from tests.forecast.samples import curves_paid_by, steady_book

AS_OF = date(2024, 2, 5)
PASTS = (date(2023, 11, 6), date(2023, 12, 4), date(2024, 1, 1))


def measure(book, *, days_late=2, as_of=AS_OF, pasts=PASTS):
    curves = curves_paid_by(days_late)
    looks = [look_at_open(book, lambda day: curves(book, day), as_of=day, weeks=6) for day in pasts]
    return measure_spread(Ledger.of(book), looks, weeks=8, dependence=Dependence(), known_before=as_of, seed=3)


@pytest.fixture(scope="module")
def book():
    return steady_book()


def test_curves_that_are_right_need_a_band_only_as_much_wider_as_three_pasts_leave_in_doubt(book):
    # The 90 % points of Student's law with 3 + 2 degrees of freedom (1.4759 in any table) and of the normal one.
    assert measure(book).open_book.tolist() == pytest.approx([1.4759 / 1.2816] * 8, abs=0.05)


def test_curves_that_are_wrong_get_a_wider_band(book):
    spread = measure(book, days_late=25).open_book
    assert spread[:6].max() > 1.3
    assert spread[6] == spread[7] > 1.3


def test_without_a_past_the_doubt_is_largest(book):
    # Student's 90 % point with the 2 degrees of freedom that the paths themselves are worth: 1.8856.
    assert measure(book, pasts=()).open_book.tolist() == pytest.approx([1.8856 / 1.2816] * 8, rel=1e-3)


def test_what_becomes_known_later_changes_nothing():
    short, long = (measure(steady_book(weeks=weeks), days_late=25) for weeks in (58, 75))
    assert short.open_book.tolist() == long.open_book.tolist()
    assert short.future_sales.tolist() == long.future_sales.tolist()


def test_widening_keeps_the_mean_where_nothing_is_cut():
    paths = np.random.default_rng(1).normal(100, 10, (5000, 3))
    mean = paths.mean(axis=0)
    wider = widen(paths, mean, spread=np.full(3, 2.0))
    np.testing.assert_allclose(wider.mean(axis=0), mean)
    np.testing.assert_allclose(wider.std(axis=0), 2 * paths.std(axis=0))
    assert (widen(paths, mean, spread=np.full(3, 30.0)) >= 0).all()
