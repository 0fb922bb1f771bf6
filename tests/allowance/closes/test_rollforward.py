"""The movement of the allowance, against published figures."""

import pytest

from arrisk.allowance.closes.rollforward import Rollforward, revalue, roll_forward
from arrisk.errors import ArriskError, CurrencyError


def test_expense_is_what_leads_from_the_balance_after_write_offs_to_what_is_required():
    rolled = roll_forward(opening=9_350, write_offs=7_831, recoveries=3_184, closing=24_100)
    assert (rolled.balance_before_charge, rolled.charge) == (4_703, 19_397)


def test_a_published_movement_ties():
    # Quarterly report of 30 September 2025, SEC file 0001493152-25-022216, R33.
    rolled = roll_forward(opening=1_678_531, write_offs=288_834, closing=1_542_731)
    assert rolled.charge == 153_034


def test_a_credit_balance_lowers_the_expense():
    assert roll_forward(opening=1_000, closing=9_870).charge == 8_870


def test_a_smaller_requirement_is_a_release():
    assert roll_forward(opening=1_000, closing=400).charge == -600


def test_exchange_rates_and_other_movements_are_no_expense():
    assert roll_forward(opening=100, fx=7, other=-5, closing=102).charge == 0


def test_a_movement_that_is_a_cent_off_is_refused():
    parts = {"opening": 1, "charge": 2, "write_offs": 3, "recoveries": 4, "fx": 5, "other": 6}
    assert Rollforward(**parts, closing=15).closing == 15
    with pytest.raises(ArriskError, match="the movement of the allowance sum to 15, the total is 16"):
        Rollforward(**parts, closing=16)


def test_only_the_part_in_other_currencies_moves_with_the_rates():
    amounts = {"USD": 5_000, "EUR": 1_100, "JPY": 333}
    old, new = {"USD": 1.0, "EUR": 1.1, "JPY": 0.0066}, {"USD": 1.0, "EUR": 1.2, "JPY": 0.0060}
    # 11.00 at 1.1 are EUR 10.00, or 12.00 at 1.2; 3.33 x 60/66 = 3.03 rounded.
    assert revalue(amounts, old=old, new=new) == 100 - 30


def test_a_currency_without_a_new_rate_is_named():
    with pytest.raises(CurrencyError, match="EUR"):
        revalue({"EUR": 1}, old={"EUR": 1.1}, new={})
    assert revalue({"EUR": 0}, old={}, new={}) == 0
