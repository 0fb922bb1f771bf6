"""When a customer's open invoices are paid, over HTTP: the figures of the whole ledger's scores."""

import numpy as np
import pytest

from api.answers.payment import describe_paying
from arrisk import pipeline
from arrisk.ledger.owners import Owners
from arrisk.money import exponent
from arrisk.policy import load_policy
from arrisk.store.book import read_book
from arrisk.uses.paying import expect_payments
from tests.api.kept import NAME, SMALL, kept, losing
from tests.api.ledger import AS_OF

__all__ = ["kept", "losing"]

DAY = {"ledger": NAME, "as_of": AS_OF.isoformat()}


@pytest.fixture(scope="module")
def scores(kept, home):
    book = read_book(kept.database, NAME)
    return pipeline.score(book, as_of=AS_OF, model_name=None, home=home, policy=load_policy(), count_reasons=0)


def ask(kept, customer_id, *, login="analyst", **query):
    return kept.people[login].get(f"/v1/customers/{customer_id}/payment-curve", params={**DAY, **query})


@pytest.mark.slow
def test_each_invoice_is_expected_when_the_whole_ledger_s_scores_expect_it(kept, scores):
    for customer_id in scores.customers["customer_id"].head(4):
        found = ask(kept, customer_id).json()
        own = scores.items.loc[scores.items["customer_id"] == customer_id].set_index("invoice_id")
        assert found["count"] == len(found["invoices"]) == len(own) > 0
        for one in found["invoices"]:
            row = own.loc[one["invoice_id"]]
            assert one["expected_paid_on"] == row["expected_paid_on"].date().isoformat()
            assert [one[name] for name in ("p_late_30", "p_written_off")] == [row["p_late_30"], row["p_written_off"]]
            assert float(one["open_amount"]) * 10 ** exponent(one["currency"]) == pytest.approx(row["open_amount"])


def test_the_whole_is_the_mean_of_the_invoices_by_amount(kept, scores):
    customer_id = scores.customers.sort_values("count_open")["customer_id"].iloc[-1]
    found = ask(kept, customer_id).json()
    in_book = scores.in_book.set_index("invoice_id")["open_amount"].astype("float64")
    weights = np.array([in_book[one["invoice_id"]] for one in found["invoices"]])
    mean = weights @ np.array([one["p_paid"] for one in found["invoices"]]) / weights.sum()
    assert found["share_paid"] == pytest.approx(mean.tolist())
    assert float(found["open_amount"]) == pytest.approx(weights.sum() / 100)
    assert (np.diff(found["share_paid"]) >= 0).all()
    assert len(found["days"]) == len(found["share_paid"])


def test_few_are_listed_and_all_are_counted(kept, scores):
    customer_id = scores.customers.sort_values("count_open")["customer_id"].iloc[-1]
    whole, first = ask(kept, customer_id).json(), ask(kept, customer_id, limit=1).json()
    assert first["invoices"] == whole["invoices"][:1]
    assert (first["count"], first["share_paid"]) == (whole["count"], whole["share_paid"])


def test_a_customer_that_owes_nothing_has_no_curve(kept, home, scores):
    book, policy = read_book(kept.database, NAME), load_policy()
    own = Owners(book).take("C00")
    own = own.with_tables(invoices=own["invoices"].iloc[:0])
    model = pipeline.load_model(pipeline.find_model(home, ledger=NAME, as_of=AS_OF, name=None), policy=policy).model
    found = expect_payments(book, own, "C00", model, as_of=AS_OF, policy=policy, past=scores.past, shift=0.0)
    shown = describe_paying(found, AS_OF, currency=book.currency, model="", limit=9)
    assert (shown.count, shown.invoices, shown.share_paid, shown.open_amount) == (0, [], [], "0.00")


def test_who_may_ask_and_what_is_refused(kept):
    assert kept.stranger.get("/v1/customers/C01/payment-curve", params=DAY).status_code == 401
    assert ask(kept, "C01", login="operator").status_code == 403
    assert ask(kept, "nobody").status_code == 404
    assert ask(kept, "C01", login="north").status_code == 404
    assert ask(kept, "C01", limit=0).status_code == 422
    assert ask(kept, "C01", as_of="2024-01-01").status_code == 409
    assert ask(kept, "A", ledger=SMALL, as_of="2024-09-01").status_code == 409
