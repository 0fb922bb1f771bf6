"""Other facts give what a book with these facts gives, and change nothing else."""

from datetime import date

import pandas as pd
import pytest

from arrisk.errors import InputError, MissingError
from arrisk.policy import load_policy
from arrisk.uses.credit import review_limits
from arrisk.uses.what_if import Changes, change_book, try_changes
from tests.books import book_of, customer, invoice

AS_OF = date(2024, 6, 1)
POLICY = load_policy()
ACCOUNTS = {"customer_id": "A", "period_end_on": "2023-12-31", "known_on": "2024-03-01", "total_assets": "90000"}
OLDER = {**ACCOUNTS, "period_end_on": "2022-12-31", "known_on": "2023-03-01", "equity": "1"}
SCORE = {"customer_id": "A", "known_on": "2024-01-01", "bureau_score": "50", "branch": "north"}


def make_book(*, equity="40000", score="50", country="IE"):
    paid = [
        invoice(f"I{month}", issued_on=f"2023-{month:02d}-01", due_on=f"2023-{month:02d}-28", amount="5000")
        | {"settled_on": f"2023-{month:02d}-20"}
        for month in range(1, 13)
    ]
    return book_of(
        customers=[customer("A", country=country), customer("B", country="DE")],
        invoices=[*paid, invoice("X1", issued_on="2024-05-01", due_on="2024-06-30"), invoice("X2", "B")],
        financials=[{**ACCOUNTS, "equity": equity, "intangible_assets": "0"}, OLDER],
        attributes=[{**SCORE, "bureau_score": score}, {**SCORE, "customer_id": "B"}],
        extract_end_on=AS_OF,
    )


def same(one, other):
    return all(one[name].equals(other[name]) for name in one.tables)


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        (Changes(financials={"equity": "5000"}), {"equity": "5000"}),
        (Changes(attributes={"bureau_score": 70}), {"score": "70"}),
        (Changes(master={"country": "DE"}), {"country": "DE"}),
        (Changes(financials={"equity": None}), {"equity": None}),
    ],
)
def test_a_changed_book_is_the_book_with_these_facts(changes, facts):
    assert same(change_book(make_book(), "A", changes, as_of=AS_OF), make_book(**facts))
    assert not same(make_book(), make_book(**facts))


def test_nothing_changed_is_the_same_book():
    assert same(change_book(make_book(), "A", Changes(), as_of=AS_OF), make_book())


def test_a_customer_without_accounts_gets_a_row_known_the_day_before():
    book = change_book(make_book(), "B", Changes(financials={"equity": "700.5"}), as_of=AS_OF)
    (row,) = book["financials"].loc[book["financials"]["customer_id"] == "B"].to_dict("records")
    assert (row["equity"], row["currency"], row["period_end_on"]) == (700.5, "USD", pd.Timestamp("2023-12-31"))
    assert str(row["known_on"].date()) == "2024-05-31"


@pytest.mark.slow
def test_what_would_be_is_what_the_review_of_such_a_book_says(tmp_path):
    changes = Changes(financials={"equity": "900000"})
    tried = try_changes(make_book(), "A", changes, as_of=AS_OF, home=tmp_path, policy=POLICY)
    real = review_limits(make_book(equity="900000"), as_of=AS_OF, home=tmp_path, policy=POLICY).limits.iloc[0]
    pd.testing.assert_series_equal(tried.as_if, real, check_names=False)
    assert tried.as_if["capacity_cap_amount"] > tried.as_is["capacity_cap_amount"] > 0


@pytest.mark.slow
def test_longer_terms_raise_the_need_and_a_request_bounds_what_is_proposed(tmp_path):
    tried = try_changes(
        make_book(),
        "A",
        Changes(terms_days=120.0, requested_limit=100.0),
        as_of=AS_OF,
        home=tmp_path,
        policy=POLICY,
    )
    assert tried.as_if["need_amount"] > tried.as_is["need_amount"] > 0
    assert tried.proposed == min(100.0, tried.as_if["recommended_limit"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes(financials={"eqity": "1"}), "did you mean 'equity'"),
        (Changes(financials={"equity": "much"}), "cannot be read"),
        (Changes(attributes={"bureau_score": "x"}), "not of the kind"),
        (Changes(attributes={"known_on": "2024-01-01"}), "cannot be tried"),
        (Changes(attributes={"superseded_day": 1}), "cannot be tried"),
        (Changes(master={"customer_id": "B"}), "cannot be tried"),
        (Changes(master={"incorporated_on": "31/31/12"}), "cannot be read"),
    ],
)
def test_what_cannot_be_tried_is_refused(changes, said):
    with pytest.raises(InputError, match=said):
        change_book(make_book(), "A", changes, as_of=AS_OF)


def test_a_stranger_cannot_be_tried():
    with pytest.raises(MissingError, match="no customer 'Z'"):
        change_book(make_book(), "Z", Changes(), as_of=AS_OF)
