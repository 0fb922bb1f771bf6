"""Defaults that the ledger finds are those of the triggers read from the written files, and those of the truth."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.frames import date_of, day_of, to_days
from arrisk.labels import find_in_default, label_default
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from arrisk.schema import check
from tests.sim.outcomes import list_trigger_days, read


@pytest.fixture(scope="module")
def defaults(portfolio):
    end = portfolio.extract_end_on
    book = check(portfolio.tables, name="x", currency=portfolio.currency, extract_end_on=end).book
    return list_defaults(book, as_of=end + timedelta(days=1), policy=load_policy())


@pytest.mark.slow
def test_a_default_begins_on_the_first_day_with_a_trigger_and_after_each_probation(portfolio, written, defaults):
    first = min(portfolio.tables["invoices"]["issued_on"]).date()
    customers = set(portfolio.tables["customers"]["customer_id"])
    triggers = list_trigger_days(written / "book", customers, first, portfolio.extract_end_on)
    insolvent = {
        row["customer_id"]: row for row in read(written / "book", "credit_events") if row["kind"] == "insolvency"
    }
    begun = {
        (name, spell) for name, days in triggers.items() for spell in _list_begins(sorted(days), insolvent.get(name))
    }
    assert len(begun) > 10
    assert begun == set(zip(defaults["customer_id"], map(date_of, defaults["entered_day"]), strict=True))


def _list_begins(days, insolvency):
    over = None
    for day in days:
        if over is None or day > over:
            yield day
        # Ninety days after the first without a trigger.
        over = day + timedelta(days=91)
        if insolvency and str(day) >= insolvency["known_on"]:
            return


def test_the_labels_of_all_who_are_not_in_default_are_those_of_the_truth(portfolio, defaults):
    truth = portfolio.truth_customers
    questions = pd.DataFrame({"customer_id": truth["customer_id"], "as_of_day": to_days(truth["as_of"])})
    assert not find_in_default(defaults, questions).any()
    labels = label_default(defaults, questions, end_day=day_of(portfolio.extract_end_on))
    np.testing.assert_array_equal(labels, truth["defaulted"])
    assert 5 < np.nansum(labels) < np.isfinite(labels).sum()
