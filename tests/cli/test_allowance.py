"""The allowance from the command line: it ties to the ageing, shows what stands beside it, and says what is wrong."""

import json

import numpy as np
import pandas as pd
import pytest

from arrisk.config import find_sample

SAMPLE_END = "2024-12-31"


def read(path):
    return json.loads(path.read_text())


@pytest.fixture
def estimate(arrisk, tmp_path):
    """Give a function that estimates the sample's allowance by the matrix and reads the result."""

    def run(*options, book=None, method="matrix"):
        out = tmp_path / "allowance.json"
        moment = () if "--as-of" in options else ("--period-end", SAMPLE_END)
        ran = arrisk("allowance", book or find_sample(), *moment, "--method", method, *options, "--json", out)
        assert ran.code == 0, ran.err
        return ran, read(out)

    return run


@pytest.mark.slow
def test_the_rows_tie_to_the_ageing_and_to_the_total(arrisk, estimate, tmp_path):
    ran, found = estimate("--chart", tmp_path / "a.svg")
    arrisk("aging", find_sample(), "--period-end", SAMPLE_END, "--json", tmp_path / "aging.json")
    rows, aging = pd.DataFrame(found["rows"]), read(tmp_path / "aging.json")
    by_bucket = rows.groupby("bucket")["gross_amount"].sum().round(2).to_dict()
    assert by_bucket == {row["bucket"]: row["amount"] for row in aging["buckets"] if row["count"]}
    assert rows["allowance"].sum() == pytest.approx(found["total"], abs=0.001)
    assert (found["method"], found["currency"], found["as_of"]) == ("matrix", "EUR", "2025-01-01")
    assert (rows["rate"] * rows["base_amount"]).to_numpy() == pytest.approx(rows["allowance"].to_numpy(), abs=0.001)
    assert 0 < found["total"] < found["upper_total"]
    assert f"The allowance on {SAMPLE_END} by matrix" in ran.out
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.slow
def test_as_of_the_next_day_is_the_same_book_but_a_day_older(estimate):
    _, end = estimate()
    _, next_day = estimate("--as-of", "2025-01-01")
    assert next_day["gross_total"] == end["gross_total"]
    assert (end["age_on"], next_day["age_on"]) == (SAMPLE_END, "2025-01-01")


@pytest.mark.slow
def test_two_frameworks_and_moved_assumptions_stand_beside_it(estimate):
    ran, found = estimate("--frameworks", "--sensitivity")
    frame = pd.DataFrame(found["frameworks"])
    parts = ["scenarios", "discounting", "cover", "overlays", "later_collections"]
    assert frame[parts].sum(axis=1).to_numpy() == pytest.approx(frame["difference"].to_numpy(), abs=0.001)
    assert frame["ifrs9_amount"].sum() == pytest.approx(found["total"], abs=0.001)
    moved = pd.DataFrame(found["sensitivity"]).set_index("assumption")
    assert moved.loc["write-off probability", "low"] < moved.loc["write-off probability", "high"]
    assert "Two frameworks over one exposure set" in ran.out
    assert "How each assumption moves it" in ran.out


@pytest.mark.slow
def test_a_customer_assessed_on_its_own_leaves_the_pool(estimate, tmp_path):
    _, before = estimate()
    customer = "C000045"
    file = tmp_path / "own.csv"
    file.write_text(f"customer_id,rate,reason,assessed_by,assessed_on\n{customer},0.5,talks,ana,2024-12-20\n")
    _, after = estimate("--individual", file)
    rows = pd.DataFrame(after["rows"])
    own = rows.loc[rows["segment"] == "individual"]
    assert own["allowance"].sum() == pytest.approx(0.5 * own["base_amount"].sum(), abs=0.02)
    assert rows["gross_amount"].sum() == pytest.approx(before["gross_total"], abs=0.001)


@pytest.mark.slow
def test_all_methods_stand_side_by_side_and_the_last_close_is_named(arrisk, estimate):
    close = ("close", find_sample(), "--period-end", "2024-11-30", "--method", "matrix")
    for step in (("--by", "ana"), ("--to", "reviewed", "--by", "ben"), ("--to", "posted", "--by", "ana")):
        assert arrisk(*close, *step).code == 0
    ran, found = estimate("--compare")
    table = pd.DataFrame(found["methods"]).set_index("method")
    assert set(table.index) == {"matrix", "roll-rate", "model"}
    assert table.loc["matrix", "total"] == found["total"]
    parts = table[["performing", "in_default", "individual", "overlays"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["total"].to_numpy(), abs=0.001)
    assert [check["name"] for check in found["cross_checks"]] == ["remaining life", "vintages"]
    assert found["presumption"]["verdict"] in {"supported", "rebutted", "not decided"}
    movement = found["movement"]
    assert movement["period_end"] == "2024-11-30"
    assert movement["change"] == pytest.approx(found["total"] - movement["closing"], abs=0.001)
    assert "since the close of 2024-11-30" in ran.out


@pytest.mark.slow
def test_past_closes_are_held_against_what_was_lost(arrisk, tmp_path):
    out, items = tmp_path / "b.json", tmp_path / "items.parquet"
    period = ("--from", "2024-10-15", "--to", "2024-12-31")
    ran = arrisk("backtest", "allowance", find_sample(), *period, "--predictions", items, "--json", out)
    assert ran.code == 0, ran.err
    closes, rows = pd.DataFrame(read(out)["closes"]), pd.read_parquet(items)
    assert closes["close_on"].unique().tolist() == ["2024-10-31", "2024-11-30", "2024-12-31"]
    for name in ("matrix", "roll-rate", "model", "lost_amount"):
        assert closes[name].sum() == pytest.approx(rows[name].sum())
        assert np.isfinite(rows[name]).all()
    assert "By bucket, over all closes" in ran.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--period-end", "2024-03-31", "--method", "matrx"), "did you mean 'matrix'"),
        (("--method", "matrix"), "the day is missing"),
        (("--period-end", "2024-03-31", "--method", "matrix", "--entity", "south"), "no entity 'south'"),
        (("--period-end", "2024-03-31", "--method", "matrix", "--collections-until", "2024-04-15"), "not elected"),
        (("--from-table", "rates.csv"), "no book and no day"),
    ],
)
def test_what_cannot_be_asked_is_said(arrisk, book, options, said):
    ran = arrisk("allowance", book, *options)
    assert ran.code == 2
    assert said in ran.err


def test_given_rates_are_applied_and_written(arrisk, tmp_path):
    table, out = tmp_path / "rates.csv", tmp_path / "given.json"
    table.write_text("bucket,gross_amount,rate\nnot_due,15000000,0.003\n1-30,7500000,0.016\n")
    ran = arrisk("allowance", "--from-table", table, "--currency", "CHF", "--json", out)
    assert ran.code == 0, ran.err
    found = read(out)
    assert (found["total"], found["currency"], found["method"]) == (165_000.0, "CHF", "given")
    assert [row["allowance"] for row in found["rows"]] == [45_000.0, 120_000.0]
    ran = arrisk("allowance", "--from-table", table, "--round", "none")
    assert ran.code == 2
    assert "nothing to round to" in ran.err
