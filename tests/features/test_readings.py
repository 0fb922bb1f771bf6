"""The means over reports rest on what was known of the firm and its group, the newer the heavier."""

from datetime import timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from arrisk.features.readings import HALF_LIFE_DAYS, MEAN_ATTRIBUTE, READINGS, build_readings
from arrisk.features.sources import SOURCES, set_clocks
from arrisk.frames import day_of, to_dates
from arrisk.schema import Book
from tests.books import book_of, customer, invoice
from tests.features.random_books import CUSTOMERS, TODAY, Tables, change_future, check_tables, draw_tables

SEEDS = 6
SCORE = MEAN_ATTRIBUTE + "score"


def report(customer_id="A", *, known_on="2024-01-01", **values):
    return {"customer_id": customer_id, "known_on": known_on, **values}


def accounts(customer_id="A", *, year=2022, **more):
    """Give the accounts of a calendar year, published on 1 May of the next."""
    period = {"period_end_on": f"{year}-12-31", "known_on": f"{year + 1}-05-01"}
    return {"customer_id": customer_id, **period, "total_assets": 1000, "total_liabilities": 600, **more}


def ask(customers=(), *, day="2024-06-01", customer_id="A", **tables):
    """Give the means of one customer of a book in which only another one buys."""
    book = book_of(customers=[*customers, customer("Z")], invoices=[invoice(customer_id="Z")], **tables)
    return build_readings(book, pd.DataFrame({"customer_id": [customer_id], "as_of_day": [day_of(day)]})).iloc[0]


def test_a_report_counts_half_as_much_as_one_that_is_a_half_life_younger():
    later = to_dates([day_of("2024-01-01") + int(HALF_LIFE_DAYS)])[0].date()
    reports = [report(score="10"), report(known_on=later, score="40")]
    assert ask([customer()], day="2025-12-31", attributes=reports)[SCORE] == pytest.approx(30)


def test_a_report_is_read_from_the_day_after_it_is_known():
    reports = [report(score="10"), report(known_on="2024-05-31", score="40"), report(known_on="2024-06-01", score="90")]
    assert np.isnan(ask([customer()], day="2024-01-01", attributes=reports)[SCORE])
    assert ask([customer()], day="2024-05-31", attributes=reports)[SCORE] == 10
    assert 25 < ask([customer()], day="2024-06-01", attributes=reports)[SCORE] < 40


def test_a_report_without_a_value_leaves_the_others():
    reports = [report(score="10", other="1"), report(known_on="2024-05-01", score="", other="2")]
    assert ask([customer()], attributes=reports)[SCORE] == 10


def test_single_letters_are_read_as_grades():
    reports = [report(rating="B", said="yes", text="AA")]
    found = ask([customer()], attributes=reports)
    assert found[MEAN_ATTRIBUTE + "rating"] == 2
    assert found[MEAN_ATTRIBUTE + "said"] == 1
    assert np.isnan(found[MEAN_ATTRIBUTE + "text"])


def test_the_reports_on_parent_and_sisters_count_like_its_own():
    family = [customer("A", parent_id="P"), customer("B", parent_id="P"), customer("P"), customer("C")]
    reports = [report(name, score=score) for name, score in (("A", "10"), ("B", "20"), ("P", "60"), ("C", "99"))]
    scores = [ask(family, customer_id=name, attributes=reports)[SCORE] for name in ("A", "B", "P", "C")]
    assert scores == pytest.approx([30, 30, 30, 99])


def test_a_parent_that_is_no_customer_is_read_too():
    found = ask([customer("A", parent_id="P")], financials=[accounts("P")])
    assert found["mean_leverage"] == pytest.approx(0.6)


def test_a_firm_counts_for_its_group_from_the_day_after_that_is_known():
    changed = [customer("A", known_on="2024-01-01"), customer("A", parent_id="P", known_on="2024-06-01")]
    reports = [report("A", score="10"), report("P", score="30")]
    days = ("2024-06-01", "2024-06-02")
    assert [ask(changed, day=day, attributes=reports)[SCORE] for day in days] == pytest.approx([10, 20])
    of_parent = [ask(changed, day=day, customer_id="P", attributes=reports)[SCORE] for day in days]
    assert of_parent == pytest.approx([30, 20])


def test_a_restated_year_counts_once():
    restated = accounts(total_liabilities=900, known_on="2024-01-01")
    before = ask([customer()], day="2024-01-01", financials=[accounts(), restated])
    after = ask([customer()], day="2024-01-02", financials=[accounts(), restated])
    assert [before["mean_leverage"], after["mean_leverage"]] == pytest.approx([0.6, 0.9])


def test_cash_and_working_capital_are_set_against_assets_and_revenue():
    figures = {"cash": 50, "revenue": 2000, "operating_cash_flow": 90, "net_income": 30, "depreciation": 40}
    found = ask([customer()], financials=[accounts(**figures)])
    assert found["mean_cash_share"] == pytest.approx(0.05)
    assert found["mean_working_capital_release"] == pytest.approx(0.01)


def test_nothing_is_said_of_whom_nothing_is_known():
    found = ask([customer()], attributes=[report("Z", score="1")], financials=[accounts("Z")])
    assert found.isna().all()
    assert list(found.index) == [*READINGS, SCORE]


def fill(tables: Tables) -> Tables:
    """Give accounts the figures that the random books leave out, drawn from what they have."""

    def fill_row(row):
        assets = row["total_assets"]
        shares = {"current_assets": 0.5, "inventory": 0.1, "current_liabilities": 0.3, "total_liabilities": 0.7}
        more = {"cash": 0.05, "depreciation": 0.02, "retained_earnings": 0.1, "ebit": 0.08, "operating_cash_flow": 0.1}
        figures = {name: share * assets + len(str(row["customer_id"])) for name, share in (shares | more).items()}
        return row | figures | {"interest_expense": 0.01 * row["revenue"]}

    return tables | {"financials": [fill_row(row) for row in tables["financials"]]}


@lru_cache(maxsize=SEEDS)
def make_books(seed: int) -> tuple[Book, Book]:
    """Give a book, and the same with another future."""
    tables = draw_tables(seed)
    other = change_future(tables, seed + 1, today=TODAY, master_from=TODAY)
    return check_tables(fill(tables)), check_tables(fill(other))


def list_questions() -> pd.DataFrame:
    """Ask about every customer today and on the days before."""
    days = [day_of(TODAY - timedelta(days=back)) for back in (0, 1, 5, 30)]
    return pd.DataFrame([(name, day) for name in CUSTOMERS for day in days], columns=["customer_id", "as_of_day"])


def differ(one: pd.DataFrame, two: pd.DataFrame) -> list[str]:
    return [name for name in one if one[name].to_numpy().tobytes() != two[name].to_numpy().tobytes()]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_not_known_yet_changes_nothing(seed):
    one, two = (build_readings(book, list_questions()) for book in make_books(seed))
    assert differ(one, two) == []


@pytest.mark.slow
def test_the_random_books_have_something_to_say_in_every_column():
    found = pd.concat([build_readings(make_books(seed)[0], list_questions()) for seed in range(SEEDS)])
    assert [name for name in found if found[name].nunique() < 2] == []


@pytest.mark.parametrize("source", ["attributes", "customers", "financials"])
def test_reading_a_table_too_early_is_noticed(source):
    early = {**SOURCES, source: lambda frame: frame["known_day"].to_numpy() - 15}

    def find_changes(seed):
        return differ(*(build_readings(set_clocks(book, early), list_questions()) for book in make_books(seed)))

    assert any(find_changes(seed) for seed in range(SEEDS))


def test_a_question_is_answered_the_same_alone_and_among_others():
    book, questions = make_books(1)[0], list_questions()
    together = build_readings(book, questions)
    shuffled = questions.sample(frac=1, random_state=1)
    again = build_readings(book, shuffled.reset_index(drop=True)).set_index(shuffled.index).sort_index()
    pd.testing.assert_frame_equal(together, again, check_exact=True)
    alone = build_readings(book, questions.iloc[[7]].reset_index(drop=True))
    pd.testing.assert_frame_equal(alone, together.iloc[[7]].reset_index(drop=True), check_exact=True)
