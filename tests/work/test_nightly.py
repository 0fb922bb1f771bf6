"""The nightly run: the figures of the commands, the same run for the same inputs, and no step done twice."""

import json
from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from arrisk import pipeline
from arrisk.allowance.estimates import describe
from arrisk.errors import InputError
from arrisk.ledger.ageing import summarise_ageing
from arrisk.store.book import read_book
from arrisk.store.claims import list_steps
from arrisk.store.jobs import Order, State, cancel, put, read_job
from arrisk.store.run_pages import read_rows
from arrisk.store.runs import find_newest, list_parts, list_runs, read_reports
from arrisk.uses import credit, nightly, rating, reserve
from arrisk.uses.plain import to_plain
from arrisk.uses.watch import watch
from tests.api.ledger import AS_OF, NAME
from tests.store.test_runs import worklist

DAY = AS_OF


def ask(worker, *, as_of: date = DAY, ledger: str = NAME):
    return put(worker.database, Order("nightly", ledger, {"as_of": as_of.isoformat()}, "ana"), at=worker.now())


def run(worker, **more):
    job = ask(worker, **more)
    worker.drain()
    return read_job(worker.database, job.job_id)


def plain(value: object) -> object:
    return json.loads(json.dumps(to_plain(value)))


@pytest.fixture
def given(worker):
    return {"as_of": DAY, "home": worker.home, "policy": worker.policy}


@pytest.mark.slow
def test_figures_are_those_of_the_commands(worker, add_ledger, given):
    add_ledger()
    assert run(worker).state == State.DONE
    found = find_newest(worker.database, NAME)
    book = read_book(worker.database, NAME)
    compare_rows(worker, found, book, given)
    compare_reports(worker, read_reports(worker.database, found), book, given)


def compare_rows(worker, found, book, given):
    scores = pipeline.score(book, model_name=None, **given)
    rated = rating.rate(book, scores, **given)
    review = credit.review_limits(book, **given)
    invoices = read_rows(worker.database, found, "invoices")
    assert_frame_equal(invoices[rated.invoices.columns], rated.invoices, check_exact=True)
    customers = read_rows(worker.database, found, "customers")
    owing = customers.loc[customers["count_open"] > 0].reset_index(drop=True)
    assert_frame_equal(owing[rated.customers.columns], rated.customers, check_exact=True)
    worklist = pipeline.make_worklist(book, scores, policy=worker.policy)
    assert_frame_equal(read_rows(worker.database, found, "worklist")[worklist.columns], worklist, check_exact=True)
    limits = review.limits.sort_values("customer_id").reset_index(drop=True)
    same = [
        "recommended_limit",
        "binding",
        "need_amount",
        "recommended_terms_days",
        "deposit_share",
        "available_amount",
    ]
    assert_frame_equal(customers[same], limits[same], check_exact=True)
    assert customers["limit_reasons"].tolist() == limits["reasons"].tolist()
    for name in nightly.CAPS:
        caps = pd.Series([row[name] for row in customers["caps"]], dtype="float64").to_numpy()
        np.testing.assert_array_equal(caps, limits[f"{name}_cap_amount"].to_numpy())


def compare_reports(worker, reports, book, given):
    policy = worker.policy
    assert set(reports) == set(nightly.REPORTS)
    assert reports["ageing"] == plain(summarise_ageing(pipeline.age(book, as_of=DAY, age_on=DAY, policy=policy)))
    assert reports["kpis"] == plain(pipeline.measure(book, as_of=DAY, age_on=DAY, policy=policy).to_dict())
    cash = pipeline.forecast_cash(book, weeks=13, model_name=None, **given)
    assert reports["forecast"] == plain({"as_of": DAY, "model": cash.model_note, **cash.cash.describe()})
    evidence = reserve.gather_evidence(book, age_on=DAY, **given)
    wanted = {name: describe(reserve.complete_allowance(evidence, method=name)) for name in reserve.METHODS}
    assert reports["allowance"] == plain({"method": policy.allowance.method, "methods": wanted})
    assert reports["watch"]["checks"] == plain([asdict(check) for check in watch(book, cases=(), **given).checks])


def rank_them(day) -> nightly._Part:
    """Stand in for the scores, which take long."""
    return nightly._Part({"count": 2}, {"worklist": worklist(2)})


@pytest.fixture
def quick(monkeypatch):
    """Let a day have reports that take no time."""
    reports = {"customers": rank_them, "ageing": nightly._age, "kpis": nightly._measure}
    monkeypatch.setattr(nightly, "REPORTS", reports)


def test_the_same_inputs_give_the_same_run_and_no_new_rows(worker, add_ledger, quick):
    add_ledger()
    first, second = run(worker).result, run(worker).result
    assert first == {"run_id": second["run_id"], "as_of": DAY.isoformat(), "is_new": True, "dropped": 0}
    assert second["is_new"] is False
    assert len(list_runs(worker.database)) == 1


@pytest.mark.slow
def test_another_day_or_policy_gives_another_run(worker, add_ledger, quick):
    add_ledger()
    runs = {run(worker).result["run_id"], run(worker, as_of=date(2024, 8, 1)).result["run_id"]}
    worker.policy = replace_policy(worker.policy)
    runs.add(run(worker).result["run_id"])
    assert len(runs) == 3


def replace_policy(policy):
    return policy.model_copy(update={"kpis": policy.kpis.model_copy(update={"window_days": 30})})


@pytest.mark.slow
def test_old_runs_are_dropped_by_policy(worker, add_ledger, quick):
    add_ledger()
    runs = worker.policy.runs.model_copy(update={"keep": 1})
    worker.policy = worker.policy.model_copy(update={"runs": runs})
    run(worker, as_of=date(2024, 8, 1))
    assert run(worker).result["dropped"] == 1
    assert [found.as_of for found in list_runs(worker.database)] == [DAY]
    early = run(worker, as_of=date(2024, 7, 1))
    assert next(found.run_id for found in list_runs(worker.database)) == early.result["run_id"], "asked for, and gone"


def test_a_run_that_was_broken_off_goes_on_with_the_next_step(worker, add_ledger, quick, monkeypatch):
    add_ledger()
    computed = []

    def watched(name, compute):
        def spy(day):
            computed.append(name)
            return compute(day)

        return spy

    def stop(day):
        worker.stop.set()
        day.task.tell("stopped here")

    reports = {name: watched(name, compute) for name, compute in nightly.REPORTS.items()}
    monkeypatch.setattr(nightly, "REPORTS", {**reports, "ageing": stop})
    job = ask(worker)
    assert worker.do_next().state == State.QUEUED
    assert find_newest(worker.database, NAME) is None
    monkeypatch.setattr(nightly, "REPORTS", reports)
    worker.stop.clear()
    worker.drain()
    done = read_job(worker.database, job.job_id)
    assert (done.state, done.attempts) == (State.DONE, 1)
    assert computed == list(reports)
    assert len(list_steps(worker.database, done)) == len(reports)
    assert list_parts(worker.database, find_newest(worker.database, NAME)) == set(reports)


def test_a_run_is_cancelled_where_it_tells_how_far_it_is(worker, add_ledger, quick, monkeypatch):
    add_ledger()
    job = ask(worker)

    def wait_for_the_end(day):
        cancel(worker.database, job.job_id, by="ben", at=worker.now())
        while True:
            day.task.tell("waiting")

    monkeypatch.setattr(nightly, "REPORTS", {**nightly.REPORTS, "ageing": wait_for_the_end})
    worker.drain()
    assert read_job(worker.database, job.job_id).state == State.CANCELLED
    assert find_newest(worker.database, NAME) is None


def test_a_ledger_that_is_not_there_fails_with_a_reason(worker, add_ledger, quick):
    add_ledger()
    job = run(worker, ledger="birch")
    assert job.state == State.FAILED
    assert "birch" in job.problem["detail"]


def test_a_worker_whose_job_was_given_away_writes_nothing_more(worker, add_ledger, quick, monkeypatch):
    add_ledger()
    job = ask(worker)
    # As if nothing had been heard of the first one for long.
    late = replace(worker, silent_seconds=-3600.0)

    def lose(day):
        late.do_next()
        return nightly._age(day)

    monkeypatch.setattr(nightly, "REPORTS", {**nightly.REPORTS, "ageing": lose})
    monkeypatch.setattr(late, "kinds", {"nightly": lambda _: {"done_by": "the other"}})
    worker.drain()
    assert read_job(worker.database, job.job_id).result == {"done_by": "the other"}
    assert find_newest(worker.database, NAME) is None


def test_an_error_of_the_program_fails_the_job_and_not_the_worker(worker, add_ledger, quick):
    add_ledger()
    worker.kinds = {"nightly": lambda _: {}[1]}
    job = run(worker)
    assert (job.state, job.problem["type"]) == (State.FAILED, "urn:arrisk:problem:internal")
    worker.kinds = {"nightly": lambda _: (_ for _ in ()).throw(InputError("no", where="/etc/passwd", hint="yes"))}
    assert run(worker).problem == {"type": "urn:arrisk:problem:input", "detail": "no", "where": "", "hint": "yes"}
