"""A book that comes in over many batches is the book that comes at once; what comes later changes no past day."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrisk.frames import NEVER, date_of, day_of, to_days
from arrisk.pipeline import compute_features
from arrisk.policy import load_policy
from arrisk.schema import TABLES, Book, check, fingerprint_tables
from arrisk.sim import simulate_portfolio
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import read_book

POLICY = load_policy()
FAR = day_of("2100-01-01")


@cache
def simulate() -> Mapping[str, pd.DataFrame]:
    """Give a portfolio whose rows stand in the order in which they were known."""
    raw = dict(simulate_portfolio(customers=30, months=18, seed=11).tables)
    book = check(raw, name="alder", currency="EUR").book
    return {name: frame.iloc[np.argsort(book[name]["known_day"].to_numpy(), kind="stable")].reset_index(drop=True)
            for name, frame in raw.items()}  # fmt: skip


@cache
def check_whole() -> Book:
    return check(simulate(), name="alder", currency="EUR").book


def cut(days: list[int]) -> list[dict[str, pd.DataFrame]]:
    """Cut the portfolio by the days on which rows were known; late cells are blank in all but the parts they are of."""
    whole, parts = check_whole(), []
    for first, last in zip([-NEVER, *days], [*days, NEVER], strict=True):
        part = {}
        for name, frame in simulate().items():
            known = whole[name]["known_day"].to_numpy()
            late = [name_of for name_of in TABLES[name].filled_later if name_of in frame]
            filled = {column: to_days(whole[name][TABLES[name].filled_later[column]]) for column in late}
            comes = (known >= first) & (known < last)
            for column in late:
                comes |= (known < first) & (filled[column] >= first) & (filled[column] < last)
            rows = frame.assign(**{column: frame[column].where(filled[column] < last) for column in late})
            part[name] = rows.loc[comes].reset_index(drop=True)
        parts.append(part)
    return parts


def add(database: Database, raw: Mapping[str, pd.DataFrame], ledger: str = "alder") -> pd.DataFrame:
    upload = Upload({name: frame for name, frame in raw.items() if len(frame)}, "a test", "EUR")
    return add_batch(database, ledger, upload, fallback_currency="EUR", by="ana", at="2026-01-01").counts


def features(book: Book, on: date) -> pd.DataFrame:
    return pd.concat(list(compute_features(book, on=on, policy=POLICY)), ignore_index=True)


@pytest.mark.slow
def test_a_book_in_five_batches_is_the_book_at_once(database: Database):
    known = check_whole()["invoices"]["known_day"].to_numpy()
    parts = cut([int(day) for day in np.quantile(known, [0.2, 0.4, 0.6, 0.8])])
    counts = pd.concat([add(database, part) for part in parts])
    book, whole = read_book(database, "alder"), check_whole()
    for name in whole.tables:
        pd.testing.assert_frame_equal(book[name], whole[name], check_exact=True, obj=name)
    assert (book.currency, book.extract_end_on) == (whole.currency, whole.extract_end_on)
    assert fingerprint_tables(book, as_of_day=FAR) == fingerprint_tables(whole, as_of_day=FAR)
    ties = counts["accepted"] + counts["known"] + counts["completed"] + counts["refused"]
    assert (ties == counts["read"]).all()
    assert counts["refused"].sum() == 0
    assert counts["completed"].sum() > 0
    assert counts["accepted"].sum() == sum(map(len, simulate().values()))


@pytest.mark.slow
def test_its_features_are_those_of_the_files(database: Database):
    add(database, simulate())
    day = date(2025, 9, 1)
    pd.testing.assert_frame_equal(
        features(read_book(database, "alder"), day), features(check_whole(), day), check_exact=True
    )


@pytest.mark.slow
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.3, 0.9), seed=st.integers(0, 999))
def test_rows_that_come_later_change_no_feature_of_an_earlier_day(database: Database, share: float, seed: int):
    day = int(np.quantile(check_whole()["invoices"]["known_day"].to_numpy(), share))
    ledger = f"alder-{day}-{seed}"
    past, future = cut([day])
    add(database, past, ledger)
    before = features(read_book(database, ledger), date_of(day))
    kept = {name: frame.sample(frac=0.5, random_state=seed) for name, frame in future.items()}
    add(database, kept, ledger)
    for book in (read_book(database, ledger), read_book(database, ledger, as_of=date_of(day))):
        pd.testing.assert_frame_equal(features(book, date_of(day)), before, check_exact=True)
