"""Scores of open invoices: what is said of them in words, and what is left of them at the worklist's horizon."""

from datetime import timedelta

import pytest

from arrisk.modeling.asking import ask_at_issue, train_asked
from arrisk.modeling.open_scores import add_reasons, score_open, score_open_curves
from arrisk.policy import load_policy
from tests.modeling.ledgers import START, make_handful

AS_OF = START + timedelta(days=150)
POLICY = load_policy()


@pytest.fixture(scope="module")
def opened():
    book = make_handful()
    training = train_asked(ask_at_issue(book, policy=POLICY), book, as_of=AS_OF, policy=POLICY)
    return training.model, score_open_curves(book, training.model, as_of=AS_OF, policy=POLICY)


def test_rounding_left_over_in_a_sum_is_no_reason(opened):
    model, found = opened
    scored = add_reasons(model, score_open(found, horizon_days=30), found, count=None)
    assert len(scored)
    assert not scored["reasons"].str.contains("all of it taken together").any()


def test_what_is_still_open_is_neither_paid_nor_written_off(opened):
    _, found = opened
    scored = score_open(found, horizon_days=30)
    day = scored["days_past_due"].to_numpy(dtype="int64") + 30
    rest = found.curves.read_paid(day) + found.curves.read_written_off(day)
    assert scored["p_still_open"].to_numpy() == pytest.approx(1 - rest)
