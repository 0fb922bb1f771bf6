"""From invoices and outcomes to predictions: what must hold of them whatever the data."""

import json

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.frames import NEVER, to_days
from arrisk.labels import label_late
from arrisk.modeling.chain import predict_at_issue, predict_late, predict_open, predict_still_open
from arrisk.modeling.late_payment import describe_trials, report_late, train_late
from arrisk.modeling.metrics import compute_auc
from tests.modeling.samples import INPUTS, make_portfolio, see_as_of

P_LATE = ["p_late", "p_late_30", "p_late_60", "p_late_90"]
DATES = ["paid_on_p10", "expected_paid_on", "paid_on_p90"]


@pytest.fixture(scope="module")
def later(portfolio):
    features, outcomes = portfolio
    rows = outcomes["issued_day"] >= 15_550
    return features.loc[rows], outcomes.loc[rows]


def at_issue(training, later):
    features, outcomes = later
    days = {name: outcomes[name].to_numpy() for name in ("issued_day", "due_day")}
    return predict_at_issue(training.model, features, **days)


def test_probabilities_fall_in_k_and_stay_strictly_inside_0_and_1(training, later):
    late = predict_late(training.model, later[0])
    assert (np.diff(late, axis=1) < 0).all()
    assert (late > 0).all()
    assert (late < 1).all()


def test_late_payers_are_told_from_prompt_ones_out_of_time(training, later):
    features, outcomes = later
    target = label_late(outcomes, k=0, end_day=15_800)
    assert compute_auc(target, predict_late(training.model, features)[:, 0]) > 0.75


def test_features_of_other_invoices_predict_nothing(portfolio):
    features, outcomes = portfolio
    order = np.random.default_rng(5).permutation(len(features))
    foreign = features.iloc[order].set_index(features.index)
    seen = see_as_of(outcomes, 15_550)
    training = train_late(foreign.loc[seen.index], seen, inputs=INPUTS, as_of_day=15_550)
    later = outcomes["issued_day"] >= 15_550
    target = label_late(outcomes.loc[later], k=0, end_day=15_800)
    for link in training.candidates.values():
        assert compute_auc(target, link.predict(foreign.loc[later])) == pytest.approx(0.5, abs=0.12)
    assert training.trials[0].champion == "base_rate"


def test_dates_stand_in_order_and_not_before_issue(training, later):
    predicted = at_issue(training, later)
    early, middle, late = (to_days(predicted[name]) for name in DATES)
    assert (early <= middle).all()
    assert (middle <= late).all()
    assert (early >= later[1]["issued_day"].to_numpy()).all()


def test_the_expected_day_is_past_due_exactly_where_lateness_is_more_likely_than_not(training, later):
    predicted = at_issue(training, later)
    is_past_due = to_days(predicted["expected_paid_on"]) > later[1]["due_day"].to_numpy()
    assert (is_past_due == (predicted["p_late"] > 0.5)).all()


def test_the_interval_covers_about_four_in_five(training, later):
    predicted, ended = at_issue(training, later), later[1]["ended_day"].to_numpy()
    inside = (to_days(predicted["paid_on_p10"]) <= ended) & (ended <= to_days(predicted["paid_on_p90"]))
    assert 0.65 < inside.mean() < 0.95


@pytest.mark.parametrize(("age", "certain"), [(-10, 0), (0, 0), (1, 1), (30, 1), (31, 2), (40, 2), (61, 3), (200, 4)])
def test_an_open_invoice_is_late_by_as_much_as_it_is_already(training, later, age, certain):
    features = later[0]
    due = np.full(len(features), 16_000)
    issued = due - 30
    predicted = predict_open(training.model, features, issued_day=issued, due_day=due, as_of_day=16_000 + age)
    assert (predicted[P_LATE[:certain]] == 1).all(axis=None)
    assert (predicted[P_LATE[certain:]] < 1).all(axis=None)
    assert (np.diff(predicted[P_LATE].to_numpy(), axis=1) <= 0).all()
    for name in DATES:
        assert (to_days(predicted[name]) >= 16_000 + age).all()


def test_on_the_day_of_issue_open_and_at_issue_are_the_same(training, later):
    features = later[0]
    issued = np.full(len(features), 16_000)
    same = {"issued_day": issued, "due_day": issued + 30}
    pd.testing.assert_frame_equal(
        predict_at_issue(training.model, features, **same),
        predict_open(training.model, features, as_of_day=16_000, **same),
    )


def test_lateness_is_more_likely_the_longer_an_invoice_stays_open(training, later):
    features = later[0]
    due = np.full(len(features), 16_000)
    days = {"issued_day": due - 30, "due_day": due}
    by_age = [
        predict_open(training.model, features, as_of_day=16_000 + age, **days)[P_LATE].to_numpy()
        for age in (-20, -5, 0, 10, 29)
    ]
    assert (np.diff(np.stack(by_age), axis=0) >= -1e-12).all()


def test_being_open_later_is_less_likely_and_agrees_with_lateness(training, later):
    features = later[0]
    due = np.full(len(features), 16_000)
    days = {"issued_day": due - 30, "due_day": due, "as_of_day": 15_990}
    still = [predict_still_open(training.model, features, horizon_days=h, **days) for h in (1, 10, 40, 100)]
    assert (np.diff(np.stack(still), axis=0) <= 0).all()
    # Ten days on it is the due day: open at its end is late.
    assert still[1] == pytest.approx(predict_open(training.model, features, **days)["p_late"], abs=1e-9)


def test_the_model_knows_nothing_of_what_happened_afterwards(portfolio, training, later):
    features, outcomes = portfolio
    changed = outcomes.copy()
    after = changed["ended_day"] >= 15_550
    changed.loc[after, "ended_day"] += 77
    seen = see_as_of(changed, 15_550)
    again = train_late(features.loc[seen.index], seen, inputs=INPUTS, as_of_day=15_550)
    assert np.array_equal(predict_late(again.model, later[0]), predict_late(training.model, later[0]))


def test_the_order_of_the_rows_in_the_file_changes_nothing(portfolio, training, later):
    features, outcomes = portfolio
    seen = see_as_of(outcomes, 15_550).sample(frac=1, random_state=4)
    again = train_late(features.loc[seen.index], seen, inputs=INPUTS, as_of_day=15_550)
    assert np.array_equal(predict_late(again.model, later[0]), predict_late(training.model, later[0]))


def test_the_report_has_candidates_baselines_depths_and_intervals_and_is_json(training, later):
    features, outcomes = later
    report = json.loads(json.dumps(report_late(training, features, outcomes, end_day=15_800), allow_nan=False))
    assert {"rows_train", "rows_test", "base_rate", "champion", "candidates", "baselines"} <= set(report)
    assert set(report["baselines"]) == {"base_rate", "shrunk_rate"}
    measures = {"auc", "brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"}
    assert all(measures <= set(found) for found in report["candidates"].values())
    assert list(report["by_history_depth"]) == ["0", "1-4", "5+"]
    assert sum(part["rows"] for part in report["by_history_depth"].values()) == report["rows_test"]
    assert report["intervals"]["auc"]["low"] < report["intervals"]["auc"]["high"]
    assert report["rows_test"] == len(features)


def test_only_complete_outcomes_are_tested(training, later):
    features, outcomes = later
    seen = see_as_of(outcomes, 15_651)
    report = report_late(training, features.loc[seen.index], seen, end_day=15_650)
    assert report["rows_test"] == int((outcomes["due_day"] <= 15_650).sum())


def test_only_complete_outcomes_are_learnt_from(portfolio, training):
    _, outcomes = portfolio
    assert training.rows == int((outcomes["due_day"] < 15_550).sum())
    assert training.last_day < 15_550 - 30


def test_a_ledger_of_thirty_invoices_gets_an_answer():
    features, outcomes = make_portfolio(customers=6, invoices=30, seed=3)
    day = int(outcomes["issued_day"].quantile(0.9))
    seen = see_as_of(outcomes, day)
    training = train_late(features.loc[seen.index], seen, inputs=INPUTS, as_of_day=day)
    late = predict_late(training.model, features)
    assert training.trials[0].champion == "base_rate"
    assert ((late > 0) & (late < 1)).all()
    json.dumps(describe_trials(training), allow_nan=False)


def test_a_ledger_in_which_nothing_was_ever_paid_gets_an_answer():
    features, outcomes = make_portfolio(customers=6, invoices=30, seed=3)
    unpaid = outcomes.assign(ended_day=NEVER, cause="")
    training = train_late(features, unpaid, inputs=INPUTS, as_of_day=16_000)
    predicted = predict_open(
        training.model,
        features,
        issued_day=unpaid["issued_day"].to_numpy(),
        due_day=unpaid["due_day"].to_numpy(),
        as_of_day=16_000,
    )
    assert predict_late(training.model, features)[:, 0].min() > 0.9
    assert (to_days(predicted["expected_paid_on"]) >= 16_000).all()


def test_a_ledger_without_a_complete_outcome_is_refused(portfolio):
    features, outcomes = portfolio
    with pytest.raises(ModelError, match="no invoice was due before that day"):
        train_late(features, see_as_of(outcomes, 20_000), inputs=INPUTS, as_of_day=1)


def test_a_missing_feature_is_named(training, later):
    with pytest.raises(ModelError, match="late_count"):
        predict_late(training.model, later[0].drop(columns="late_count"))


def test_one_invoice_alone_is_scored_as_in_the_batch(training, later):
    features, outcomes = later
    whole = at_issue(training, later)
    for row in (0, 7, 23):
        alone = at_issue(training, (features.iloc[[row]], outcomes.iloc[[row]]))
        pd.testing.assert_frame_equal(alone, whole.iloc[[row]], check_exact=True)


def test_no_invoices_give_an_empty_answer(training, later):
    features, outcomes = later
    assert at_issue(training, (features.iloc[:0], outcomes.iloc[:0])).empty
