"""From probabilities to an allowance: it ties, it is rounded once, cover and discount go where policy says."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.estimates import Estimate, assemble, describe, round_half_up, sum_total
from arrisk.allowance.exposures import CREDIT_NOTES, list_exposures
from arrisk.errors import ArriskError
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from tests.books import book_of, credit_note, invoice

POLICY = load_policy()
DAY = date(2024, 2, 15)


def expose(*rows, currency="USD"):
    book = book_of(invoices=list(rows), currency=currency)
    return list_exposures(book, list_defaults(book, as_of=DAY, policy=POLICY), as_of=DAY, policy=POLICY)


def expect(exposures, p_lost=0.1, **changes):
    """Expect the same of each item, but nothing of credit notes."""
    size = len(exposures.items)
    is_asset = (exposures.items["segment"] != CREDIT_NOTES).to_numpy()
    usual = {"p_upper": 0.0, "loss_share": 1.0, "uncovered_loss_share": 1.0, "loss_days": 0.0}
    arrays = {name: np.full(size, value) for name, value in {**usual, **changes}.items()}
    return Estimate(p_lost=np.full(size, p_lost) * is_asset, rates=pd.DataFrame(), notes=("a note",), **arrays)


def allow(*rows, policy=POLICY.allowance, p_lost=0.1, **changes):
    exposures = expose(*rows)
    return assemble(exposures, expect(exposures, p_lost, **changes), method="test", policy=policy)


def set_policy(**changes):
    return POLICY.allowance.model_copy(update=changes)


def test_rows_tie_to_the_ageing_and_the_total_is_their_sum():
    rows = [invoice(), invoice("I2", due_on="2024-05-01", amount="50"), credit_note(amount="30")]
    allowance = allow(*rows)
    assert allowance.rows["gross_amount"].sum() == allowance.exposures.ageing.total == 12_000
    assert allowance.rows["base_amount"].sum() == 15_000
    assert allowance.total == allowance.rows["allowance"].sum() == 1_500
    assert allowance.as_of == DAY


def test_a_row_is_rounded_once_not_item_by_item():
    # Three items of 0.04: each expects 0.004, together 0.012.
    rows = [invoice(f"I{number}", amount="0.04") for number in range(3)]
    assert allow(*rows).rows["allowance"].tolist() == [1]


@pytest.mark.parametrize("cover", ["net", "gross"])
def test_the_total_alone_is_that_of_the_rows(cover):
    dues = ("2024-02-10", "2024-01-05", "2023-10-01", "2024-05-01")
    rows = [invoice(f"I{number}", due_on=dues[number % 4], amount=f"{number}.07") for number in range(1, 80)]
    exposures = expose(*rows, credit_note(amount="30"))
    estimate = expect(exposures, 0.0377, loss_share=0.3, uncovered_loss_share=0.7, loss_days=200.0)
    policy = set_policy(cover=cover, discount_rate=0.05)
    made = assemble(exposures, estimate, method="test", policy=policy)
    assert sum_total(exposures, estimate, policy=policy) == made.total > 0
    assert len(made.rows) == 5


def test_half_a_unit_is_rounded_away_from_zero():
    assert allow(invoice(amount="0.05")).total == 1
    assert allow(invoice(amount="0.04")).total == 0
    assert round_half_up(np.array([0.5, 1.5, 2.5, -1.5, 0.49])).tolist() == [1, 2, 3, -2, 0]


def test_the_rate_of_a_row_is_its_allowance_over_its_base_and_zero_without_one():
    allowance = allow(invoice(), credit_note(amount="30"))
    rates = allowance.rows.set_index("segment")["rate"]
    assert rates.to_dict() == {"all": 0.1, CREDIT_NOTES: 0.0}


def test_cover_lowers_what_is_booked_only_where_policy_says_so():
    shares = {"loss_share": 0.2, "uncovered_loss_share": 0.8}
    net, gross = (allow(invoice(), policy=set_policy(cover=cover), **shares) for cover in ("net", "gross"))
    assert (net.total, gross.total) == (200, 800)
    assert net.rows["uncovered_allowance"].tolist() == gross.rows["uncovered_allowance"].tolist() == [800]


def test_late_losses_are_discounted_at_the_rate_of_the_policy():
    assert allow(invoice(), policy=set_policy(discount_rate=0.25), loss_days=730.0).total == 640
    assert allow(invoice(), policy=set_policy(discount_rate=0.0), loss_days=730.0).total == 1_000


def test_the_upper_bound_is_never_below_what_is_booked():
    assert allow(invoice(), p_upper=0.05).upper_total == 1_000
    assert allow(invoice(), p_upper=0.3).upper_total == 3_000


def test_rows_that_do_not_sum_to_the_ageing_are_refused():
    exposures = expose(invoice())
    wrong = type(exposures)(exposures.ageing, exposures.items.assign(open_amount=9_999))
    with pytest.raises(ArriskError, match="the rows of the allowance sum to 9999, the total is 10000"):
        assemble(wrong, expect(wrong), method="test", policy=POLICY.allowance)


def test_an_empty_book_has_an_allowance_of_nothing():
    book = book_of(invoices=[invoice()])
    day = date(2023, 1, 1)
    exposures = list_exposures(book, list_defaults(book, as_of=day, policy=POLICY), as_of=day, policy=POLICY)
    allowance = assemble(exposures, expect(exposures), method="test", policy=POLICY.allowance)
    assert (allowance.total, allowance.upper_total, len(allowance.rows)) == (0, 0, 0)
    assert describe(allowance)["total"] == 0


def test_plain_data_is_in_decimal_major_units():
    plain = describe(allow(invoice(amount="1234.50")))
    assert (plain["gross_total"], plain["total"], plain["currency"], plain["method"]) == (1234.5, 123.45, "USD", "test")
    row = plain["rows"].iloc[0]
    assert (row["bucket"], row["gross_amount"], row["allowance"]) == ("1-30", 1234.5, 123.45)
    assert plain["notes"] == ["a note"]


def test_yen_have_no_decimals():
    exposures = expose(invoice(amount="1005"), currency="JPY")
    plain = describe(assemble(exposures, expect(exposures), method="test", policy=POLICY.allowance))
    assert (plain["gross_total"], plain["total"]) == (1005, 101)
