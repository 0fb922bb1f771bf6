"""One customer's features from its own rows are, to the last bit, those of the batch."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.features import CATALOGUE, build_features
from arrisk.features.attributes import build_categories
from arrisk.features.five_cs import build_five_cs
from arrisk.features.readings import build_readings
from arrisk.features.single.behaviour import build_behaviour, plan_behaviour
from arrisk.features.single.from_book import BookSource
from arrisk.features.single.gather import gather_rows
from arrisk.features.single.standing import build_attributes, build_means, build_standing
from arrisk.features.single.surroundings import read_surroundings
from arrisk.frames import day_of
from arrisk.policy import load_policy
from arrisk.schema import Book
from tests.features.random_books import CUSTOMERS, TODAY, check_tables, draw_tables

POLICY = load_policy()
SEEDS = st.integers(0, 2**32 - 1)
PLAN = plan_behaviour(CATALOGUE)
DAYS = (day_of(TODAY) - 60, day_of(TODAY), day_of(TODAY) + 30)


def compute_batch(book: Book, day: int) -> pd.DataFrame:
    """Compute all features of all customers together."""
    questions = pd.DataFrame({"customer_id": [*CUSTOMERS, "nobody"], "as_of_day": day})
    behaviour = build_features(book, questions, policy=POLICY)
    parts = [
        behaviour,
        build_five_cs(book, questions, policy=POLICY, behaviour=behaviour),
        build_readings(book, questions),
        build_categories(book, questions),
    ]
    return pd.concat(parts, axis=1).set_axis(questions["customer_id"])


def compute_single(book: Book, day: int, customers: pd.Index) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Compute the features of each customer by itself."""
    around, source = read_surroundings(book, as_of_day=day, policy=POLICY), BookSource(book)
    for customer in map(str, customers):
        rows = gather_rows(source, customer, around)
        behaviour = build_behaviour(rows, around, PLAN, policy=POLICY)
        standing = build_standing(rows, around, behaviour, haircuts=POLICY.collateral)
        yield customer, behaviour | standing | build_means(rows, around) | build_attributes(rows, around)


def assert_same(batch: pd.DataFrame, customer: str, single: Mapping[str, float]) -> None:
    expected = {str(name): float(value) for name, value in batch.loc[customer].items()}
    assert set(single) == set(expected)
    different = {
        name: (single[name], value)
        for name, value in expected.items()
        if np.float64(value).tobytes() != np.float64(single[name]).tobytes()
    }
    assert different == {}, customer


@pytest.mark.slow
@settings(max_examples=6)
@given(SEEDS)
def test_one_customer_has_the_features_that_it_has_among_all(seed):
    book = check_tables(draw_tables(seed))
    for day in DAYS:
        batch = compute_batch(book, day)
        for customer, single in compute_single(book, day, batch.index):
            assert_same(batch, customer, single)
