"""THE FUTURE TEST: what was not known yet on a day changes nothing that is said as of that day.

Rows known on or after the day are added, changed and deleted, cells filled on or after it are filled, blanked and
changed: every feature is the same bit for bit. The same test must fail for every source that is read too early, else
it would prove nothing about that source.
"""

from datetime import timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.features import questions_at_issue
from arrisk.features.history import build_timed_features
from arrisk.features.landmarks import questions_while_open
from arrisk.features.sources import SOURCES, Clock, Clocks
from arrisk.frames import NEVER, day_of
from arrisk.policy import load_policy
from arrisk.schema import Book
from tests.features.random_books import CUSTOMERS, TODAY, change_future, check_tables, draw_tables

POLICY = load_policy()
TODAY_DAY = day_of(TODAY)
SEEDS = st.integers(0, 2**32 - 1)
EARLY_DAYS = 15
TRIES = 6


def ask_customers() -> pd.DataFrame:
    """Ask about every customer as of today."""
    return pd.DataFrame({"customer_id": list(CUSTOMERS), "as_of_day": np.full(len(CUSTOMERS), TODAY_DAY)})


def ask_invoices(asked: pd.DataFrame) -> pd.DataFrame:
    """Ask about the invoices of the first book as if all had been issued today: they bring their own facts."""
    shift = TODAY_DAY - asked["issued_day"]
    return asked.assign(as_of_day=TODAY_DAY, issued_day=TODAY_DAY, due_day=asked["due_day"] + shift)


@lru_cache(maxsize=8)
def make_books(seed: int) -> tuple[Book, Book]:
    """Give a book, and the same with another future; in every second one the master data of today changes too."""
    tables = draw_tables(seed)
    master_from = TODAY + timedelta(days=seed % 2)
    other = change_future(tables, seed + 1, today=TODAY, master_from=master_from)
    return check_tables(tables), check_tables(other)


def find_change(seed: int, clocks: Clocks) -> list[str]:
    """Give the features as of today that differ when the future does."""
    book, other = make_books(seed)
    questions = ask_customers()
    if seed % 2:
        questions = pd.concat([questions, ask_invoices(questions_at_issue(book))], ignore_index=True)
    one, two = (build_timed_features(each, questions, policy=POLICY, clocks=clocks) for each in (book, other))
    return [name for name in one if one[name].to_numpy().tobytes() != two[name].to_numpy().tobytes()]


@pytest.mark.slow
@settings(max_examples=3)
@given(SEEDS)
def test_what_is_not_known_yet_changes_no_feature(seed):
    assert find_change(seed, SOURCES) == []


@pytest.mark.slow
@settings(max_examples=40)
@given(SEEDS)
def test_what_is_not_known_yet_changes_no_feature_of_many_books(seed):
    assert find_change(seed, SOURCES) == []


@pytest.mark.slow
@settings(max_examples=4)
@given(SEEDS)
def test_what_is_not_known_yet_changes_nothing_of_what_is_asked_about_open_invoices(seed):
    days = range(TODAY_DAY, TODAY_DAY - 60, -20)
    one, two = (questions_while_open(book, days=list(days), end=POLICY.end) for book in make_books(seed))
    assert len(one) > 0
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def read_early(clock: Clock) -> Clock:
    """Give the mutant of a clock that shows things some days before they are known."""
    return lambda frame: clock(frame) - EARLY_DAYS


@pytest.mark.slow  # together they take most of a minute
@pytest.mark.parametrize("source", sorted(SOURCES))
def test_reading_a_source_too_early_is_noticed(source):
    mutant = {**SOURCES, source: read_early(SOURCES[source])}
    assert any(find_change(seed, mutant) for seed in range(TRIES))


def read_with_row(clock: Clock) -> Clock:
    """Give the mutant of a clock that shows a late-filled cell as soon as its row is there."""
    return lambda frame: np.where(clock(frame) < NEVER, frame["known_day"].to_numpy(dtype="int64"), NEVER)


@pytest.mark.slow  # together they take most of a minute
@pytest.mark.parametrize("source", sorted(name for name in SOURCES if "." in name and name != "invoices.settled_on"))
def test_reading_a_late_cell_with_its_row_is_noticed(source):
    mutant = {**SOURCES, source: read_with_row(SOURCES[source])}
    assert any(find_change(seed, mutant) for seed in range(TRIES))


@pytest.mark.slow
def test_reading_settlements_of_the_future_is_noticed_in_every_feature_of_payment():
    mutant = {**SOURCES, "invoices.settled_on": lambda frame: frame["known_day"].to_numpy() - 400}
    found = {name for seed in range(TRIES) for name in find_change(seed, mutant)}
    assert {"late_share", "mean_days_late", "open_amount", "late_share_shrunk", "month_end_share"} <= found
    assert {"clipped_days_late_365", "paid_after_4_share_365", "due_soon_count", "silence"} <= found
