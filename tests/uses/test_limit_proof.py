"""The recommended limits moved along an appetite, from nobody who is risky to everybody."""

from datetime import date
from itertools import pairwise

import pytest

from arrisk.decisions.replay import list_trade
from arrisk.frames import day_of
from arrisk.policy import load_policy
from arrisk.uses.limit_proof import FREE, Review, set_recommended
from tests.books import book_of, invoice
from tests.decisions.subjects import subjects_of

FIRST, LAST = date(2024, 1, 1), date(2024, 6, 30)
RULES = load_policy().limits


@pytest.fixture
def limits_at():
    customers = ["WELL", "FAILED", "IDLE"]
    book = book_of(
        invoices=[invoice(f"I{at}", customer_id=one, issued_on="2024-03-01") for at, one in enumerate(customers)],
        extract_end_on=date(2024, 12, 31),
    )
    trade = list_trade(book, from_on=FIRST, to_on=LAST)
    failed = {"grade": "D", "in_default": True}
    subjects = subjects_of({}, failed, failed | {"monthly_amount": 0.0}).assign(customer_id=customers)
    reviews = [Review(day_of(FIRST), subjects, 1e6)]

    def find(appetite):
        found = set_recommended(trade, reviews, RULES, appetite=appetite)
        names = trade.customers.iloc[trade.invoices["customer"].to_numpy()]
        return dict(zip(names, found, strict=True))

    return find


def test_limits_grow_with_the_appetite(limits_at):
    usual, wide = limits_at(1.0), limits_at(10.0)
    assert usual["WELL"] > 0
    assert wide["WELL"] == 10 * usual["WELL"]


def test_who_is_refused_is_sold_to_only_beyond_the_appetite_at_which_nobody_else_is_held_back(limits_at):
    assert [limits_at(FREE)[name] for name in ("FAILED", "IDLE")] == [0, 0]
    twice = limits_at(3 * FREE)
    # Twice the need, which the limit of the first is but for its rounding, or twice what a newcomer is given.
    assert twice["FAILED"] == pytest.approx(2 * limits_at(1.0)["WELL"], rel=0.02)
    assert twice["IDLE"] == 2 * RULES.starter_amount[0]


def test_every_limit_rises_or_stays_along_the_way(limits_at):
    found = [limits_at(appetite) for appetite in (0.001, 0.1, 1.0, 5.0, FREE, 2 * FREE, 1e6)]
    for before, after in pairwise(found):
        assert all(after[name] >= before[name] for name in after)
