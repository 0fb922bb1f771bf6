"""The worklist ranks customers by the amount at stake, and says why."""

import pandas as pd
import pytest

from arrisk.policy import load_policy
from arrisk.worklist import COLUMNS, build_worklist

POLICY = load_policy().worklist
CUSTOMERS = pd.DataFrame({"customer_id": ["A", "B", "C"], "name": ["Alder", "Birch", "Cedar"]})


def make_items(*rows) -> pd.DataFrame:
    columns = ["customer_id", "open_amount", "disputed_amount", "days_past_due", "p_open"]
    return pd.DataFrame(rows, columns=columns).assign(currency="EUR", why="pays late")


def test_the_amount_at_stake_is_the_undisputed_amount_times_the_probability_of_staying_open():
    items = make_items(("A", 1000.0, 200.0, 10, 0.5), ("A", 100.0, 0.0, -2, 0.25))
    row = build_worklist(items, CUSTOMERS, policy=POLICY).iloc[0]
    assert row["at_stake_amount"] == pytest.approx(800 * 0.5 + 100 * 0.25)
    assert row["p_open"] == pytest.approx(425 / 900)
    assert (row["overdue_amount"], row["due_soon_amount"]) == (1000.0, 100.0)
    assert (row["count_items"], row["oldest_days_past_due"]) == (2, 10)


def test_items_due_later_than_the_policy_says_do_not_count():
    items = make_items(("A", 1000.0, 0.0, -4, 0.9), ("B", 1000.0, 0.0, -3, 0.9))
    assert build_worklist(items, CUSTOMERS, policy=POLICY)["customer_id"].tolist() == ["B"]


def test_customers_are_ranked_by_the_amount_at_stake_and_ties_by_id():
    items = make_items(("C", 500.0, 0.0, 5, 0.5), ("B", 500.0, 0.0, 5, 0.5), ("A", 400.0, 0.0, 50, 1.0))
    worklist = build_worklist(items, CUSTOMERS, policy=POLICY)
    assert worklist["customer_id"].tolist() == ["A", "B", "C"]
    assert worklist["rank"].tolist() == [1, 2, 3]


def test_customers_below_the_minimum_stand_last_and_are_not_called():
    items = make_items(("A", 20.0, 0.0, 90, 1.0), ("B", 60.0, 0.0, 1, 0.1))
    worklist = build_worklist(items, CUSTOMERS, policy=POLICY)
    assert worklist["customer_id"].tolist() == ["B", "A"]
    assert "below the minimum" in worklist["next_step"].iloc[1]


def test_a_wholly_disputed_customer_is_asked_about_the_dispute():
    worklist = build_worklist(make_items(("A", 900.0, 900.0, 40, 0.9)), CUSTOMERS, policy=POLICY)
    assert worklist["at_stake_amount"].tolist() == [0.0]
    assert pd.isna(worklist["p_open"].iloc[0])
    assert worklist["next_step"].tolist() == ["settle the dispute first"]


@pytest.mark.parametrize(
    ("days", "word"),
    [(-1, "remind"), (0, "remind"), (1, "is the invoice right"), (31, "dated promise"), (61, "escalate")],
)
def test_the_next_step_follows_the_age_of_the_oldest_item(days, word):
    worklist = build_worklist(make_items(("A", 900.0, 0.0, days, 0.9)), CUSTOMERS, policy=POLICY)
    assert word in worklist["next_step"].iloc[0]


def test_an_unknown_customer_is_listed_without_a_name():
    worklist = build_worklist(make_items(("Z", 900.0, 0.0, 3, 0.9)), CUSTOMERS, policy=POLICY)
    assert worklist["customer_id"].tolist() == ["Z"]
    assert worklist["name"].isna().all()


def test_nothing_to_do_gives_an_empty_list_with_all_columns():
    worklist = build_worklist(make_items(), CUSTOMERS, policy=POLICY)
    assert list(worklist.columns) == COLUMNS
    assert len(worklist) == 0
