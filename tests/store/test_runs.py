"""Runs: written piece by piece, seen once complete, read back as they were, and dropped when old."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from arrisk.errors import InputError, MissingError
from arrisk.store import Database
from arrisk.store.run_pages import Page, count_rows, list_page, mark, read_rows
from arrisk.store.runs import (
    NewRun,
    Run,
    complete_run,
    drop_old_runs,
    find_newest,
    list_parts,
    list_runs,
    open_run,
    read_reports,
    require_newest,
    write_part,
)
from tests.store.test_jobs import AT

NEW = NewRun(
    ledger="alder", kind="nightly", as_of=date(2026, 1, 5), currency="EUR", fingerprint="f1", data_sha256="d",
    policy_hash="p", payment_model="payment-curve/alder/1", default_model="", arrisk="0", made_by="ana",
)  # fmt: skip


def agree(_: object) -> None:
    """Let a writer go on."""


def lose(_: object) -> None:
    raise InterruptedError


def worklist(count: int = 5) -> pd.DataFrame:
    rank = np.arange(1, count + 1)
    return pd.DataFrame(
        {
            "rank": rank,
            "customer_id": pd.Series([f"C{number:06}" for number in rank], dtype="str"),
            "name": pd.Series([f"Alder {number} \"x, y\"\n" for number in rank], dtype="str"),
            "currency": pd.Series(["EUR"] * count, dtype="str"),
            "country": pd.Series([["IE", "DE", None][number % 3] for number in rank], dtype="str"),
            "industry": pd.Series([None] * count, dtype="str"),
            "grade": pd.Series(["1"] * count, dtype="str"),
            "at_stake_amount": 1e6 / rank / 3,
            "overdue_amount": 100.1 * (rank % 4),
            "due_soon_amount": 0.1 + 0.2 * rank,
            "disputed_amount": 0.0,
            "p_open": np.where(rank % 2, 1 / 3, np.nan),
            "count_items": rank,
            "oldest_days_past_due": rank - 3,
            "why": pd.Series(["", *[None] * (count - 1)], dtype="str"),
            "next_step": pd.Series(["call: when?"] * count, dtype="str"),
        }
    )  # fmt: skip


def customers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": pd.Series(["A", "B"], dtype="str"),
            "open_amount": [0.1 + 0.2, 0.0],
            "expected_loss": [1.0, 0.0],
            "caps": [{"grade": 0.1 + 0.2, "country": None}, None],
            "recommended_terms_days": [30, 14],
            "oldest_days_past_due": pd.array([3, None], dtype="Int64"),
            "review_on": pd.Series([pd.Timestamp("2026-03-01"), pd.NaT]).astype("datetime64[s]"),
        }
    )


def make_run(database: Database, new: NewRun = NEW, at=AT, **rows: pd.DataFrame) -> Run:
    run = open_run(database, new, at=at)
    if not list_parts(database, run):
        write_part(database, run, "customers", {"count": 1}, rows=rows, still=agree, end=agree)
    complete_run(database, run, at=at, end=agree)
    return run


def test_rows_are_read_as_they_were_written(database: Database):
    run = make_run(database, worklist=worklist(), customers=customers())
    assert_frame_equal(read_rows(database, run, "worklist")[worklist().columns], worklist())
    found = read_rows(database, run, "customers")
    assert_frame_equal(found[customers().columns], customers())
    assert found["name"].isna().all()


def test_rows_of_one_customer_are_found(database: Database):
    run = make_run(database, worklist=worklist())
    assert read_rows(database, run, "worklist", customer_id="C000002")["rank"].tolist() == [2]


def test_a_run_is_not_seen_before_it_is_complete(database: Database):
    run = open_run(database, NEW, at=AT)
    write_part(database, run, "customers", {}, rows={"worklist": worklist()}, still=agree, end=agree)
    assert (find_newest(database, "alder"), list_runs(database)) == (None, [])
    complete_run(database, run, at=AT, end=agree)
    assert find_newest(database, "alder").run_id == run.run_id


def test_the_same_inputs_give_the_same_run(database: Database):
    assert make_run(database).run_id == make_run(database, at=AT + timedelta(hours=1)).run_id
    assert len(list_runs(database)) == 1


def test_what_a_killed_writer_left_is_written_anew(database: Database):
    run = open_run(database, NEW, at=AT)
    with pytest.raises(InterruptedError):
        write_part(database, run, "customers", {}, rows={"worklist": worklist()}, still=agree, end=lose)
    assert len(read_rows(database, run, "worklist")) == 5
    assert list_parts(database, run) == set()
    write_part(database, run, "customers", {}, rows={"worklist": worklist(3)}, still=agree, end=agree)
    assert read_rows(database, run, "worklist")["rank"].tolist() == [1, 2, 3]
    assert list_parts(database, run) == {"customers"}


def test_the_latest_day_is_shown_and_of_a_day_what_was_completed_last(database: Database):
    late = make_run(database, replace(NEW, fingerprint="late"))
    make_run(database, replace(NEW, fingerprint="early", as_of=date(2025, 12, 1)), at=AT + timedelta(hours=1))
    assert find_newest(database, "alder").run_id == late.run_id
    again = make_run(database, replace(NEW, fingerprint="again"), at=AT + timedelta(hours=2))
    assert find_newest(database, "alder").run_id == again.run_id
    make_run(database, replace(NEW, fingerprint="late"), at=AT + timedelta(hours=3))
    assert find_newest(database, "alder").run_id == late.run_id
    assert find_newest(database, "alder", as_of=date(2025, 12, 1)).fingerprint == "early"


def test_a_ledger_without_a_run_is_said(database: Database):
    with pytest.raises(MissingError, match="nothing was computed yet of the ledger 'birch'"):
        require_newest(database, "birch")


def test_reports_are_read_by_name(database: Database):
    assert read_reports(database, make_run(database)) == {"customers": {"count": 1}}


def test_old_runs_are_dropped_and_what_was_left_unfinished(database: Database):
    open_run(database, replace(NEW, fingerprint="left"), at=AT)
    days = [date(2026, 1, day) for day in (5, 6, 7)]
    runs = [make_run(database, replace(NEW, fingerprint=str(day), as_of=day), worklist=worklist()) for day in days]
    other = make_run(database, replace(NEW, fingerprint="other", ledger="birch"), worklist=worklist())
    assert drop_old_runs(database, "alder", kind="nightly", keep=2) == 2
    assert {run.run_id for run in list_runs(database)} == {runs[1].run_id, runs[2].run_id, other.run_id}
    assert len(read_rows(database, runs[0], "worklist")) == 0
    assert len(read_rows(database, runs[1], "worklist")) == 5


def test_an_old_day_that_was_just_asked_for_stays_until_the_next_run(database: Database):
    days = (date(2026, 1, 7), date(2025, 1, 7))
    new, old = (make_run(database, replace(NEW, fingerprint=str(day), as_of=day)) for day in days)
    assert drop_old_runs(database, "alder", kind="nightly", keep=1, spare=old.run_id) == 0
    assert find_newest(database, "alder").run_id == new.run_id
    assert drop_old_runs(database, "alder", kind="nightly", keep=1, spare=new.run_id) == 1
    assert [run.run_id for run in list_runs(database)] == [new.run_id]


@pytest.mark.parametrize(("order", "descending"), [("", False), ("overdue_amount", True), ("overdue_amount", False)])
def test_pages_give_every_row_once_in_order(database: Database, order: str, descending: bool):
    run = make_run(database, worklist=worklist(23))
    page = Page(limit=5, order=order, is_descending=descending)
    found = []
    while rows := list_page(database, run, "worklist", page):
        found += rows
        page = replace(page, after=mark(rows[-1], "worklist", page))
    by = [order, "rank"] if order else ["rank"]
    wanted = worklist(23).sort_values(by, ascending=[not descending, True][: len(by)])
    assert [row["rank"] for row in found] == wanted["rank"].tolist()


def test_pages_are_filtered(database: Database):
    run = make_run(database, worklist=worklist(23))
    page = Page(equals={"country": ["IE", "DE"]}, at_least={"count_items": 5}, at_most={"count_items": 8})
    assert [row["rank"] for row in list_page(database, run, "worklist", page)] == [6, 7]
    assert count_rows(database, run, "worklist", page) == 2
    assert count_rows(database, run, "worklist", Page(contains={"name": "ALDER 2"})) == 5
    assert count_rows(database, run, "worklist", Page(contains={"name": "%"})) == 0


def test_an_order_that_there_is_not_is_refused(database: Database):
    with pytest.raises(InputError, match="cannot be ordered by 'rank; drop table runs'"):
        list_page(database, make_run(database), "worklist", Page(order="rank; drop table runs"))


def test_no_run_reads_another_ones_rows(database: Database):
    run = make_run(database, worklist=worklist(2))
    make_run(database, replace(NEW, fingerprint="f2"), worklist=worklist(4))
    assert len(list_page(database, run, "worklist", Page())) == 2
