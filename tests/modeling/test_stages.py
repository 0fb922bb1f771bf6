"""What a stage learns from: only what was over by the day of training, and nobody before they entered."""

import numpy as np
import pandas as pd
import pytest

from arrisk.frames import NEVER
from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.chain import Chain, Link, Stage, add_place
from arrisk.modeling.payment_curve import list_evidence
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.stages import (
    FEW_ENDS,
    ISSUE_ENDS,
    MANY_ROWS,
    Cases,
    choose_ends,
    estimate_lost_share,
    fit_grid,
    make_cases,
    sample_stage,
)

AS_OF = 16_000
ENDS = (0, 30, 60)


def cases_of(*rows):
    """Give questions: age at the question, days past due of the end (None = open), cause, days since the due day."""
    age, ended, cause, since = zip(*rows, strict=True)
    due = AS_OF - np.array(since, dtype="int64")
    return Cases(
        features=pd.DataFrame({"row": np.arange(len(rows), dtype="float64")}),
        invoice_id=pd.Series([f"i{number}" for number in range(len(rows))]),
        customer_id=pd.Series([f"c{number}" for number in range(len(rows))]),
        age=np.array(age, dtype="int64"),
        due_day=due,
        asked_day=due + np.array(age, dtype="int64"),
        ended=np.array([NEVER if day is None else day for day in ended], dtype="int64"),
        cause=pd.Series(list(cause)),
    )


def learn(cases, *, after, last):
    """Give what a stage learns: the target by row."""
    grid = fit_grid(cases, ends=ENDS, as_of_day=AS_OF)
    placed = add_place(cases.features, age=cases.age, grid=grid)
    sample = sample_stage(cases, placed, after=after, last=last, as_of_day=AS_OF, columns=())
    return dict(zip(sample.features["row"].astype(int).tolist(), sample.target.tolist(), strict=True)), sample


def test_paid_in_time_is_nothing_and_everything_else_is_late():
    cases = cases_of((-30, -2, "paid", 500), (-30, 0, "paid", 500), (-30, 1, "paid", 500), (-30, None, "", 500))
    assert learn(cases, after=-NEVER, last=0)[0] == {0: 0.0, 1: 0.0, 2: 1.0, 3: 1.0}


def test_what_is_still_open_in_a_stage_that_is_not_over_is_neither_late_nor_paid():
    # Due thirty days ago, the window of thirty days ends today: it is not over. A day earlier it is.
    cases = cases_of((-30, None, "", 30), (-30, None, "", 31), (-30, 5, "paid", 30), (-30, 5, "paid", 31))
    assert learn(cases, after=0, last=30)[0] == {1: 1.0, 3: 0.0}


def test_what_ended_before_a_stage_says_nothing_of_it():
    cases = cases_of((-30, -5, "paid", 500), (-30, 0, "paid", 500), (-30, 1, "paid", 500))
    assert list(learn(cases, after=0, last=30)[0]) == [2]


def test_what_was_credited_in_a_stage_is_left_out_of_it_and_counts_as_open_before():
    cases = cases_of((-30, 10, "credited", 500))
    assert learn(cases, after=-NEVER, last=0)[0] == {0: 1.0}
    assert learn(cases, after=0, last=30)[0] == {}


def test_what_was_written_off_was_not_paid():
    cases = cases_of((-30, 10, "written_off", 500))
    assert learn(cases, after=0, last=30)[0] == {0: 1.0}
    assert learn(cases, after=30, last=60)[0] == {}


def test_a_question_asked_after_a_stage_says_nothing_of_it():
    cases = cases_of((31, 40, "paid", 500), (30, 40, "paid", 500), (1, 40, "paid", 500))
    assert learn(cases, after=0, last=30)[0] == {1: 1.0, 2: 1.0}
    assert learn(cases, after=30, last=60)[0] == {0: 0.0, 1: 0.0, 2: 0.0}


def test_of_the_stage_of_the_question_what_lies_ahead_is_written_down_and_of_later_ones_all_of_it():
    cases = cases_of((16, 20, "paid", 500), (-10, 20, "paid", 500))
    _, own = learn(cases, after=0, last=30)
    left = dict(zip(own.features["row"].tolist(), own.features["stage_left_share"].tolist(), strict=True))
    assert left[1] == 1.0
    assert 0 < left[0] < 1


def test_what_became_known_when_is_the_end_of_the_stage():
    _, sample = learn(cases_of((-30, 3, "paid", 500)), after=0, last=30)
    assert sample.known_day.tolist() == [AS_OF - 500 + 30]
    assert sample.asked_day.tolist() == [AS_OF - 530]


def test_rows_stand_in_the_order_of_days():
    _, sample = learn(cases_of((-30, 3, "paid", 300), (-30, 3, "paid", 500), (-30, 3, "paid", 400)), after=0, last=30)
    assert sample.features["row"].tolist() == [1, 2, 0]


def test_a_receipt_booked_after_the_question_counts_from_the_question_on():
    questions = pd.DataFrame({"invoice_id": ["a"], "customer_id": ["A"], "as_of_day": [110], "due_day": [100]})
    outcomes = pd.DataFrame({"ended_day": [104], "cause": ["paid"]})
    cases = make_cases(questions, pd.DataFrame(index=[0]), outcomes)
    assert (cases.age.tolist(), cases.ended.tolist()) == ([10], [10])


def test_those_who_enter_late_are_at_risk_from_then_on_only():
    # Nine who were asked about on day 16 say nothing of the days before, on which one of the first three paid.
    early = [(-30, 5, "paid", 500), (-30, None, "", 500), (-30, None, "", 500)]
    late = [(16, None, "", 500)] * 9
    spread = fit_grid(cases_of(*early, *late), ends=ENDS, as_of_day=AS_OF).spend(np.array([4, 5, 15, 30]))
    alone = fit_grid(cases_of(*early), ends=ENDS, as_of_day=AS_OF).spend(np.array([4, 5, 15, 30]))
    assert spread == pytest.approx(alone)
    # Counted from their issue they would have diluted the fifth day.
    both = [(-30, 5, "paid", 500), (-30, 20, "paid", 500), (-30, None, "", 500)]
    mixed = fit_grid(cases_of(*both, *late), ends=ENDS, as_of_day=AS_OF)
    hazards = np.diff(mixed.spend(np.array([4, 5, 19, 20])))[[0, 2]]
    assert hazards[0] / hazards[1] == pytest.approx(np.log(1 - 1 / 3) / np.log(1 - 1 / 11), rel=0.02)


def test_days_after_the_day_of_training_are_not_at_risk():
    # Ten open ones due yesterday have been seen on one day past due only.
    seen = [(-30, 20, "paid", 500), (-30, None, "", 500)]
    young = [(-30, None, "", 2)] * 10
    days = np.array([0, 1, 19, 20, 30])
    with_young = fit_grid(cases_of(*seen, *young), ends=ENDS, as_of_day=AS_OF).spend(days)
    assert with_young == pytest.approx(fit_grid(cases_of(*seen), ends=ENDS, as_of_day=AS_OF).spend(days))


def test_the_share_lost_is_of_what_was_not_paid_with_a_little_doubt():
    lost = [(-30, 10, "written_off", 500)]
    open_ = [(-30, 50, "paid", 500)] * 4
    paid = [(-30, 5, "paid", 500)] * 100
    young = [(-30, None, "", 10)] * 50
    share = estimate_lost_share(cases_of(*lost, *open_, *paid, *young), after=0, last=30, as_of_day=AS_OF)
    assert share == pytest.approx((1 + 0.05) / (5 + 1))


def test_where_nothing_was_left_nothing_is_lost():
    assert estimate_lost_share(cases_of((-30, -5, "paid", 500)), after=0, last=30, as_of_day=AS_OF) == 0.0


def test_what_was_credited_is_neither_lost_nor_left():
    rows = [(-30, 10, "credited", 500)] * 5 + [(-30, 10, "written_off", 500)]
    share = estimate_lost_share(cases_of(*rows), after=0, last=30, as_of_day=AS_OF)
    assert share == pytest.approx((1 + 0.05) / (1 + 1))


def test_time_is_cut_finer_where_there_is_much_to_learn_from():
    assert choose_ends(MANY_ROWS - 1, ISSUE_ENDS) == FEW_ENDS
    assert choose_ends(MANY_ROWS, ISSUE_ENDS) == ISSUE_ENDS


def test_a_stage_learns_from_rows_taken_evenly_where_there_are_too_many(monkeypatch):
    monkeypatch.setattr("arrisk.modeling.stages.MOST_ROWS", 10)
    cases = cases_of(*[(-30, number % 7, "paid", 500 - number) for number in range(101)])
    found, _ = learn(cases, after=-NEVER, last=0)
    assert list(found) == [0, 11, 22, 33, 44, 55, 66, 77, 88, 100]


def test_drift_sees_what_was_written_off_as_unpaid_and_nothing_that_was_credited():
    cases = cases_of(
        (-30, 5, "paid", 40),
        (-30, 20, "written_off", 40),
        (-30, 10, "credited", 40),
        (-30, None, "", 40),
        (-30, None, "", 10),
    )
    ends = (0, 30)
    link = Link(BaseRate(0.0), UNCHANGED)
    chain = Chain(fit_grid(cases, ends=ends, as_of_day=AS_OF), tuple(Stage(last, link, 0.0) for last in ends))
    seen = list_evidence(chain, cases, np.full((5, 2), 0.5), as_of_day=AS_OF)
    last = seen.known_day == AS_OF - 10
    assert seen.target[last].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert len(seen.target) == 5 + 3
