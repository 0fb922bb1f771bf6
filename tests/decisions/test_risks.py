"""The uplift: how far the default rate may be above what few defaults show."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.decisions.risks import find_uplift

TODAY = 10_000


def uplift(count, customers, *, entered=TODAY - 1, days=1095.0, confidence=0.75):
    episodes = pd.DataFrame({"entered_day": np.full(count, entered, dtype="int64")})
    return find_uplift(episodes, days_known=np.full(customers, days), as_of_day=TODAY, confidence=confidence)


@given(st.integers(0, 50), st.integers(0, 2000), st.floats(0.01, 0.99))
def test_the_risk_is_never_lowered(count, customers, confidence):
    assert uplift(count, customers, confidence=confidence) >= 1.0


def test_the_more_defaults_were_seen_the_less_is_added():
    many, some, one = uplift(200, 4000), uplift(20, 400), uplift(1, 20)
    assert 1.0 < many < some < one
    assert many == pytest.approx(1.0, abs=0.1)


def test_more_confidence_asks_for_more():
    assert uplift(5, 100, confidence=0.9) > uplift(5, 100, confidence=0.75)


@pytest.mark.parametrize("entered", [TODAY, TODAY + 30, TODAY - 1096])
def test_defaults_of_the_day_itself_and_those_older_than_three_years_are_not_read(entered):
    assert uplift(9, 100, entered=entered) == uplift(0, 100)


def test_years_before_the_last_three_and_customers_without_an_invoice_count_for_nothing():
    assert uplift(3, 100, days=5000.0) == uplift(3, 100)
    assert uplift(3, 100, days=np.nan) == uplift(3, 0)
