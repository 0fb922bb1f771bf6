"""The five C's are read from what was known as of each question, and say when nothing was."""

import string
from datetime import timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from arrisk.features.catalogue import FiveC
from arrisk.features.five_cs import FIVE_CS, KINDS, build_five_cs
from arrisk.features.sources import SOURCES, set_clocks
from arrisk.frames import day_of
from arrisk.policy import Policy, load_policy
from arrisk.schema import Book
from tests.books import book_of, customer, invoice
from tests.features.random_books import CUSTOMERS, TODAY, Tables, change_future, check_tables, draw_tables

POLICY = load_policy()
SEEDS = 6
FIGURES = {
    "revenue": 2000,
    "ebit": 100,
    "interest_expense": 40,
    "net_income": 50,
    "operating_cash_flow": 80,
    "total_assets": 1000,
    "current_assets": 450,
    "inventory": 150,
    "total_liabilities": 600,
    "current_liabilities": 250,
    "equity": 400,
    "retained_earnings": 120,
}


def accounts(customer_id="A", *, year=2023, **more):
    """Give the accounts of a calendar year, published on 1 May of the next."""
    period = {"period_end_on": f"{year}-12-31", "known_on": f"{year + 1}-05-01"}
    return {"customer_id": customer_id, **period, **FIGURES, **more}


def security(collateral_id="S1", *, kind="deposit", **more):
    """Give security of 50 for the year 2024."""
    valid = {"valid_from_on": "2024-01-01", "valid_to_on": "2024-12-31"}
    return {"collateral_id": collateral_id, "customer_id": "A", "kind": kind, "amount": "50", **valid, **more}


def book_beside(*, customers, **tables):
    """Give a book of customers who buy nothing: the only invoice is another's."""
    return book_of(customers=[*customers, customer("Z")], invoices=[invoice(customer_id="Z")], **tables)


def ask(book, *days, customer_id="A", policy=POLICY):
    """Give the five C's of one customer, one row per day."""
    questions = pd.DataFrame({"customer_id": customer_id, "as_of_day": [day_of(day) for day in days]})
    return build_five_cs(book, questions, policy=policy)


def test_accounts_are_read_from_the_day_after_they_are_known():
    book = book_beside(customers=[customer()], financials=[accounts(), accounts(year=2022, ebit=200)])
    found = ask(book, "2023-05-01", "2023-05-02", "2024-05-01", "2024-05-02")
    np.testing.assert_allclose(found["ebit_margin"], [np.nan, 0.1, 0.1, 0.05])
    np.testing.assert_array_equal(found["statement_age_days"], [np.nan, 122, 487, 123])


def test_a_correction_counts_from_the_day_after_it_is_known():
    corrected = accounts(ebit=20, known_on="2024-08-01")
    book = book_beside(customers=[customer()], financials=[accounts(), corrected])
    np.testing.assert_allclose(ask(book, "2024-08-01", "2024-08-02")["ebit_margin"], [0.05, 0.01])


def test_growth_is_against_the_accounts_of_about_a_year_before_in_the_same_currency():
    half_year = accounts(period_end_on="2023-06-30", known_on="2023-09-01", revenue=1)
    old = accounts(year=2021, revenue=1)
    before = accounts(year=2022, revenue=1600)
    day = "2024-06-01"
    book = book_beside(customers=[customer()], financials=[accounts(), half_year, before])
    assert ask(book, day)["revenue_growth"].tolist() == [0.25]
    for other in (old, before | {"currency": "EUR"}):
        book = book_beside(customers=[customer()], financials=[accounts(), half_year, other])
        assert ask(book, day)["revenue_growth"].isna().all()


def test_size_is_in_book_currency_at_the_rate_known_when_the_accounts_were():
    rates = [
        {"currency": "EUR", "rate_on": "2024-04-01", "rate": 2},
        {"currency": "EUR", "rate_on": "2024-05-01", "rate": 9},
    ]
    book = book_beside(customers=[customer()], financials=[accounts(currency="EUR")], rates=rates)
    found = ask(book, "2024-06-01")
    assert found["net_worth_log"].tolist() == pytest.approx([np.log1p(800)])


def test_accounts_without_a_rate_keep_their_ratios():
    book = book_beside(customers=[customer()], financials=[accounts(currency="EUR")])
    found = ask(book, "2024-06-01")
    assert found["net_worth_log"].isna().all()
    assert found["leverage"].tolist() == [0.6]


def test_a_parent_stands_in_while_it_is_known_and_the_firm_has_no_accounts():
    firms = [customer("P"), customer("A", known_on="2023-01-01", parent_id="P")]
    own = accounts(period_end_on="2024-09-30", known_on="2024-11-01", total_liabilities=900)
    book = book_beside(customers=firms, financials=[accounts("P"), own])
    found = ask(book, "2024-05-01", "2024-05-02", "2024-11-01", "2024-11-02")
    np.testing.assert_array_equal(found["leverage"], [np.nan, 0.6, 0.6, 0.9])
    np.testing.assert_array_equal(found["accounts_of_parent"], [np.nan, 1, 1, 0])


def test_a_parent_counts_only_from_the_day_after_it_is_known():
    firms = [customer("P"), customer("A", known_on="2023-01-01"), customer("A", known_on="2024-07-01", parent_id="P")]
    events = [{"customer_id": "P", "occurred_on": "2024-08-01", "kind": "insolvency"}]
    book = book_beside(customers=firms, financials=[accounts("P")], credit_events=events)
    found = ask(book, "2024-07-01", "2024-07-02", "2024-08-01", "2024-08-02")
    np.testing.assert_array_equal(found["leverage"], [np.nan, 0.6, 0.6, 0.6])
    np.testing.assert_array_equal(found["parent_credit_events"], [np.nan, 0, 0, 1])


def test_a_corrected_event_of_the_parent_counts_once():
    event = {"customer_id": "P", "occurred_on": "2024-01-01", "kind": "legal"}
    firms = [customer("P"), customer("A", parent_id="P")]
    book = book_beside(customers=firms, credit_events=[event, event | {"known_on": "2024-02-01"}])
    assert ask(book, "2024-01-02", "2024-06-01")["parent_credit_events"].tolist() == [1, 1]


def test_a_firm_that_names_itself_has_no_parent():
    events = [{"customer_id": "A", "occurred_on": "2024-01-01", "kind": "legal"}]
    book = book_beside(customers=[customer("A", parent_id="A")], credit_events=events)
    assert ask(book, "2024-06-01")["parent_credit_events"].isna().all()


def test_security_covers_its_share_after_the_haircut_while_it_is_valid():
    held = [security(), security("S2", kind="guarantee", cover_share="0.8", known_on="2024-03-01")]
    book = book_of(invoices=[invoice()], collateral=held)
    found = ask(book, "2024-01-02", "2024-03-01", "2024-03-02", "2024-12-31", "2025-01-01")
    np.testing.assert_allclose(found["covered_by_deposit"], [0.5, 0.5, 0.5, 0.5, 0.0])
    np.testing.assert_allclose(found["covered_by_guarantee"], [0.0, 0.0, 0.2, 0.2, 0.0])
    np.testing.assert_allclose(found["covered_share"], [0.5, 0.5, 0.7, 0.7, 0.0])


def test_security_agreed_beforehand_covers_nothing_before_its_first_day():
    book = book_of(invoices=[invoice()], collateral=[security(valid_from_on="2024-02-01", known_on="2024-01-01")])
    np.testing.assert_allclose(ask(book, "2024-01-31", "2024-02-01")["covered_share"], [0.0, 0.5])


def test_haircuts_come_from_the_policy_and_no_more_than_all_is_covered():
    held = [security(f"S{place}", kind=kind, amount="90") for place, kind in enumerate(KINDS)]
    book = book_of(invoices=[invoice()], collateral=held)
    found = ask(book, "2024-02-01").iloc[0]
    shares = {kind: 0.9 * share for kind, share in POLICY.collateral.model_dump().items()}
    assert {kind: found[f"covered_by_{kind}"] for kind in KINDS} == pytest.approx(shares)
    assert found["covered_share"] == 1.0
    strict = Policy.parse("[collateral]\nlien = 0.1", where="")
    assert ask(book, "2024-02-01", policy=strict)["covered_by_lien"].tolist() == pytest.approx([0.09])


def test_no_share_is_covered_where_nothing_is_open():
    book = book_beside(customers=[customer()], collateral=[security()])
    assert ask(book, "2024-02-01")["covered_share"].isna().all()


def test_volumes_are_compared_over_a_year():
    asked = {"application_id": "R1", "customer_id": "A", "applied_on": "2024-05-10"}
    stated = {"requested_limit": "100", "requested_terms_days": 30, "expected_monthly_sales": "25"}
    book = book_of(invoices=[invoice()], financials=[accounts()], applications=[asked | stated])
    found = ask(book, "2024-05-10", "2024-05-11", "2025-06-01")
    np.testing.assert_allclose(found["requested_to_usual"], [np.nan, 3.0, np.nan])
    np.testing.assert_allclose(found["requested_to_revenue"], [np.nan, 0.15, 0.15])
    np.testing.assert_allclose(found["usual_to_revenue"], [0.05, 0.05, np.nan])


def test_the_grade_says_how_much_was_known():
    bureau = {"customer_id": "A", "known_on": "2024-02-10", "score": 7}
    book = book_of(invoices=[invoice()], financials=[accounts()], attributes=[bureau])
    days = ("2024-01-30", "2024-02-01", "2024-02-11", "2024-05-02", "2025-07-01", "2025-07-03")
    assert ask(book, *days)["data_depth"].tolist() == [1, 2, 3, 5, 5, 4]
    firms = [customer("P"), customer("A", parent_id="P")]
    of_parent = book_beside(customers=firms, financials=[accounts("P")])
    assert ask(of_parent, "2024-06-01")["data_depth"].tolist() == [4]
    stale = book_beside(customers=[customer()], attributes=[bureau])
    assert ask(stale, "2025-08-11", "2025-08-12")["data_depth"].tolist() == [3, 1]


def test_of_an_unknown_customer_nothing_is_known():
    book = book_of(invoices=[invoice()], financials=[accounts()])
    found = ask(book, "2024-06-01", customer_id="nobody").iloc[0]
    assert found.drop("data_depth").isna().all()
    assert found["data_depth"] == 1


def test_no_questions_have_no_rows_and_all_columns():
    book = book_of(invoices=[invoice()], financials=[accounts()])
    assert ask(book).columns.tolist() == list(FIVE_CS)


def test_every_column_is_explained_and_a_float():
    book = book_of(invoices=[invoice()], financials=[accounts()])
    found = ask(book, "2024-06-01")
    assert list(found) == list(FIVE_CS)
    assert set(found.dtypes) == {np.dtype("float64")}
    assert {FiveC.CHARACTER, FiveC.CAPACITY, FiveC.CAPITAL, FiveC.COLLATERAL} == {
        feature.five_c for feature in FIVE_CS.values()
    }
    for feature in FIVE_CS.values():
        assert {name for _, name, _, _ in string.Formatter().parse(feature.reason) if name} <= {
            "value",
            "years",
            "money",
            "yes",
        }
        assert feature.explain(1.0)
        assert feature.meaning in feature.explain(float("nan"))


# What was not known yet changes nothing.


def fill(tables: Tables) -> Tables:
    """Give the accounts, applications and securities of a random book more figures, each row from its own."""

    def fill_accounts(row):
        assets, equity, revenue = (int(str(row[name])) for name in ("total_assets", "equity", "revenue"))
        more = {"ebit": equity - 300, "interest_expense": revenue % 7, "total_liabilities": abs(assets - equity) + 1}
        more |= {"current_assets": assets // 2, "inventory": assets // 5, "current_liabilities": revenue // 3 + 1}
        more |= {"retained_earnings": equity // 2, "operating_cash_flow": revenue // 9, "market_equity": 2 * equity}
        return row | more | {"currency": ("USD", "EUR", "JPY")[revenue % 3]}

    def fill_security(row):
        return row | {"kind": KINDS[int(str(row["amount"])) % len(KINDS)], "currency": "EUR"}

    def fill_application(row):
        return row | {"expected_monthly_sales": str(row["applied_on"].day * 10)}

    fillers = {"financials": fill_accounts, "collateral": fill_security, "applications": fill_application}
    return tables | {name: [filler(row) for row in tables[name]] for name, filler in fillers.items()}


@lru_cache(maxsize=SEEDS)
def make_books(seed: int) -> tuple[Book, Book]:
    """Give a book, and the same with another future."""
    tables = draw_tables(seed)
    other = change_future(tables, seed + 1, today=TODAY, master_from=TODAY)
    return check_tables(fill(tables)), check_tables(fill(other))


def ask_customers() -> pd.DataFrame:
    """Ask about every customer today and on the days before."""
    days = [day_of(TODAY - timedelta(days=back)) for back in (0, 1, 5, 30)]
    return pd.DataFrame([(name, day) for name in CUSTOMERS for day in days], columns=["customer_id", "as_of_day"])


def list_changes(one: pd.DataFrame, two: pd.DataFrame) -> list[str]:
    return [name for name in one if one[name].to_numpy().tobytes() != two[name].to_numpy().tobytes()]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_not_known_yet_changes_nothing(seed):
    one, two = (build_five_cs(book, ask_customers(), policy=POLICY) for book in make_books(seed))
    assert list_changes(one, two) == []


@pytest.mark.slow
def test_the_random_books_have_something_to_say_in_every_column():
    built = [build_five_cs(make_books(seed)[0], ask_customers(), policy=POLICY) for seed in range(SEEDS)]
    found = pd.concat(built, ignore_index=True)
    assert [name for name in found if found[name].nunique() < 2] == []


@pytest.mark.parametrize("source", ["applications", "collateral", "credit_events", "customers", "financials", "rates"])
def test_reading_a_table_too_early_is_noticed(source):
    early = {**SOURCES, source: lambda frame: frame["known_day"].to_numpy() - 15}
    # The behaviour is the same on both sides, so that only what is read here can differ.
    figures = {"open_amount": 100.0, "invoiced_amount_365": 500.0, "due_late_share": 0.5, "attributes_age_days": 9.0}
    behaviour = pd.DataFrame(figures, index=ask_customers().index)

    def find_changes(seed):
        books = (set_clocks(book, early) for book in make_books(seed))
        built = (build_five_cs(book, ask_customers(), policy=POLICY, behaviour=behaviour) for book in books)
        return list_changes(*built)

    assert any(find_changes(seed) for seed in range(SEEDS))


@pytest.mark.slow
def test_a_question_is_answered_the_same_alone_and_among_others():
    book, questions = make_books(1)[0], ask_customers()
    together = build_five_cs(book, questions, policy=POLICY)
    shuffled = questions.sample(frac=1, random_state=1)
    again = build_five_cs(book, shuffled.reset_index(drop=True), policy=POLICY).set_index(shuffled.index).sort_index()
    pd.testing.assert_frame_equal(together, again, check_exact=True)
    for place in (0, 7, 31):
        alone = build_five_cs(book, questions.iloc[[place]].reset_index(drop=True), policy=POLICY)
        pd.testing.assert_frame_equal(alone, together.iloc[[place]].reset_index(drop=True), check_exact=True)
