"""Past allowances against what was lost: what is counted, and what the intervals say."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.backtest import compare_errors, follow_items, rate_buckets, sum_closes
from arrisk.allowance.exposures import list_exposures
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from tests.books import book_of, credit_note, invoice, recovery, write_off

POLICY = load_policy()


def follow(book, as_of):
    episodes = list_defaults(book, as_of=as_of, policy=POLICY)
    exposures = list_exposures(book, episodes, as_of=as_of, policy=POLICY)
    return exposures.items["invoice_id"].tolist(), follow_items(exposures, book)


def test_only_what_is_written_off_after_the_close_is_lost_net_of_what_came_back():
    book = book_of(
        extract_end_on=date(2025, 12, 31),
        invoices=[invoice("I1"), invoice("I2"), credit_note("N1", "B")],
        write_offs=[
            write_off("I1", amount="30", written_off_on="2024-03-01"),
            write_off("I1", amount="50", written_off_on="2024-06-01"),
        ],
        recoveries=[
            recovery("I1", amount="5", recovered_on="2024-03-20"),
            recovery("I1", amount="10", recovered_on="2024-09-01"),
        ],
    )
    ids, followed = follow(book, date(2024, 4, 1))
    assert ids == ["I1", "I2", "N1"]
    assert followed["written_off_amount"].tolist() == [50, 0, 0]
    assert followed["lost_amount"].tolist() == [40, 0, 0]
    assert followed["still_open_amount"].tolist() == [20, 100, 0]


def test_foreign_amounts_are_followed_at_the_rates_of_the_close():
    book = book_of(
        extract_end_on=date(2025, 12, 31),
        invoices=[invoice("I1", currency="CAD")],
        write_offs=[write_off("I1")],
        rates=[
            {"currency": "CAD", "rate_on": "2024-01-01", "rate": "0.5"},
            {"currency": "CAD", "rate_on": "2024-05-01", "rate": "0.9"},
        ],
    )
    _, followed = follow(book, date(2024, 4, 1))
    assert followed["lost_amount"].tolist() == [50]
    assert followed["still_open_amount"].tolist() == [0]


def rows_of(count=400, closes=6, seed=3):
    random = np.random.default_rng(seed)
    risk = random.uniform(0, 0.2, count)
    frames = []
    for month in range(closes):
        amount = random.lognormal(3, 1, count)
        lost = np.where(random.random(count) < risk, amount, 0.0)
        columns = {"good": amount * risk, "high": amount * risk * 1.6, "bucket": "not_due", "open_amount": amount}
        frames.append(
            pd.DataFrame({"close_on": date(2024, month + 1, 1), "customer_id": np.arange(count), **columns}).assign(
                lost_amount=lost, truth=amount * risk, still_open_amount=0.0, is_in_default=np.arange(count) % 5 == 0
            )
        )
    return pd.concat(frames, ignore_index=True)


def test_the_better_method_is_found_and_its_gain_is_clear_of_chance():
    compared = compare_errors(rows_of(), ["good", "high"], against="lost_amount").iloc[0]
    assert compared["error"] < compared["other_error"]
    assert 0 < compared["low"] < compared["gain"] < compared["high"]
    against_truth = compare_errors(rows_of(), ["good", "high"], against="truth").iloc[0]
    assert against_truth["error"] == pytest.approx(0)
    assert against_truth["other_error"] == pytest.approx(0.6)


def test_a_method_is_not_better_than_itself():
    rows = rows_of()
    compared = compare_errors(rows.assign(same=rows["good"]), ["good", "same"], against="lost_amount").iloc[0]
    assert compared[["gain", "low", "high"]].tolist() == [0, 0, 0]


def test_parts_of_all_closes_sum_to_the_whole():
    rows = rows_of()
    closes, buckets = sum_closes(rows, ["good", "lost_amount"]), rate_buckets(rows, ["good"])
    for name in ("open_amount", "good", "lost_amount"):
        assert closes[name].sum() == pytest.approx(rows[name].sum())
        assert buckets[name].sum() == pytest.approx(rows[name].sum())
    assert buckets["hit_good"].tolist() == pytest.approx((buckets["lost_amount"] / buckets["good"]).tolist())
