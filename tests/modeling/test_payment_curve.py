"""From invoices and outcomes to predictions: what must hold of them whatever the data."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.frames import NEVER, to_days
from arrisk.labels import label_late
from arrisk.modeling.chain import describe_curves, predict_chain
from arrisk.modeling.describe import describe_training
from arrisk.modeling.metrics import compute_auc
from arrisk.modeling.payment_curve import describe_trials, fit_rival
from arrisk.modeling.rows import Column
from arrisk.modeling.stages import FEW_ENDS
from tests.modeling.samples import COLUMNS, INPUTS, TRAINED_DAY, make_portfolio, train_portfolio

P_LATE = ["p_late", "p_late_30", "p_late_60", "p_late_90"]
DATES = ["paid_on_p10", "expected_paid_on", "paid_on_p90"]
DUE_DAY = 16_000


def at_issue(training, later):
    features, outcomes = later
    age = (outcomes["issued_day"] - outcomes["due_day"]).to_numpy(dtype="int64")
    return training.model.predict_issue(features, age=age)


def while_open(training, features, *, age):
    """Predict as if all invoices were as many days past due, and whole."""
    own = features.assign(open_share=1.0, is_disputed=0.0)
    return training.model.predict_open(own, age=np.full(len(own), age, dtype="int64"))


def describe(curves, outcomes):
    return describe_curves(curves, due_day=outcomes["due_day"].to_numpy(), index=outcomes.index)


def describe_open(training, features, *, age):
    curves = while_open(training, features, age=age)
    return describe_curves(curves, due_day=np.full(len(features), DUE_DAY), index=features.index)


def test_probabilities_fall_in_k_and_stay_strictly_inside_0_and_1(training, later):
    late = describe(at_issue(training, later), later[1])[P_LATE].to_numpy()
    assert (np.diff(late, axis=1) <= 0).all()
    assert ((late > 0) & (late < 1)).all()


def test_late_payers_are_told_from_prompt_ones_out_of_time(training, later):
    target = label_late(later[1], k=0, end_day=15_800)
    assert compute_auc(target, 1 - at_issue(training, later).read_paid(0)) > 0.75


@pytest.mark.slow
def test_features_of_other_invoices_predict_nothing(portfolio, later):
    features, outcomes = portfolio
    order = np.random.default_rng(5).permutation(len(features))
    foreign = features.iloc[order].set_index(features.index)
    training = train_portfolio(foreign, outcomes)
    assert {trial.champion for trial in training.trials["issue"].values()} == {"base_rate"}
    rows = outcomes["issued_day"] >= TRAINED_DAY
    age = np.full(rows.sum(), -30)
    late = 1 - training.model.predict_issue(foreign.loc[rows], age=age).read_paid(0)
    assert np.ptp(late) == 0


def test_dates_stand_in_order_and_not_before_issue(training, later):
    predicted = describe(at_issue(training, later), later[1])
    early, middle, late = (to_days(predicted[name]) for name in DATES)
    assert (early <= middle).all()
    assert (middle <= late).all()
    assert (early >= later[1]["issued_day"].to_numpy()).all()


def test_the_expected_day_is_past_due_exactly_where_lateness_is_more_likely_than_not(training, later):
    curves = at_issue(training, later)
    is_past_due = curves.find_paid_day(0.5) > 0
    of_the_paid = curves.read_paid(0) / curves.read_paid(curves.grid.end_day)
    assert is_past_due.any()
    assert not is_past_due.all()
    assert (is_past_due == (of_the_paid < 0.5)).all()


def test_the_interval_covers_about_four_in_five(training, later):
    predicted, ended = describe(at_issue(training, later), later[1]), later[1]["ended_day"].to_numpy()
    inside = (to_days(predicted["paid_on_p10"]) <= ended) & (ended <= to_days(predicted["paid_on_p90"]))
    assert 0.65 < inside.mean() < 0.95


@pytest.mark.parametrize(("age", "certain"), [(-10, 0), (0, 0), (1, 1), (30, 1), (31, 2), (40, 2), (61, 3), (200, 4)])
def test_an_open_invoice_is_late_by_as_much_as_it_is_already(training, later, age, certain):
    predicted = describe_open(training, later[0], age=age)
    assert (predicted[P_LATE[:certain]] == 1).all(axis=None)
    assert (predicted[P_LATE[certain:]] < 1).all(axis=None)
    assert (np.diff(predicted[P_LATE].to_numpy(), axis=1) <= 0).all()
    for name in DATES:
        assert (to_days(predicted[name]) >= DUE_DAY + age).all()


@pytest.mark.parametrize("age", [731, 5_000])
def test_an_invoice_older_than_any_curve_still_gets_dates_and_stays_open(training, later, age):
    predicted = describe_open(training, later[0], age=age)
    assert (predicted[P_LATE] == 1).all(axis=None)
    for name in DATES:
        assert (to_days(predicted[name]) >= DUE_DAY + age).all()
    assert (predicted["p_written_off"] == 0).all()


def test_curves_fall_day_by_day_and_what_ends_was_paid_or_written_off(training, later):
    for curves in (at_issue(training, later), while_open(training, later[0], age=5)):
        days = range(-40, 200)
        left = np.array([curves.read_open(day) for day in days])
        paid, lost = (np.array([read(day) for day in days]) for read in (curves.read_paid, curves.read_written_off))
        assert (np.diff(left, axis=0) <= 1e-12).all()
        assert (left + paid + lost) == pytest.approx(1, abs=1e-9)


def test_being_open_later_is_the_curve_divided_by_what_is_left(training, later):
    curves = while_open(training, later[0], age=-10)
    older = curves.given_open(np.full(len(curves), 12))
    assert older.read_open(40) == pytest.approx(curves.read_open(40) / curves.read_open(11), rel=1e-9)


@pytest.mark.slow
def test_the_model_knows_nothing_of_what_happened_afterwards(portfolio, training, later):
    features, outcomes = portfolio
    changed = outcomes.copy()
    changed.loc[changed["ended_day"] >= TRAINED_DAY, "ended_day"] += 77
    again = train_portfolio(features, changed)
    assert np.array_equal(at_issue(again, later).open_share, at_issue(training, later).open_share)
    assert np.array_equal(
        while_open(again, later[0], age=3).open_share, while_open(training, later[0], age=3).open_share
    )


@pytest.mark.slow
def test_the_order_of_the_rows_in_the_file_changes_nothing(portfolio, training, later):
    features, outcomes = portfolio
    order = outcomes.sample(frac=1, random_state=4).index
    again = train_portfolio(features.loc[order], outcomes.loc[order])
    assert np.array_equal(at_issue(again, later).open_share, at_issue(training, later).open_share)


def test_only_complete_outcomes_are_learnt_from(portfolio, training):
    _, outcomes = portfolio
    for last, trial in training.trials["issue"].items():
        assert trial.rows <= int((outcomes["due_day"] + last < TRAINED_DAY).sum())
    assert training.trials["issue"][0].rows == int((outcomes["due_day"] < TRAINED_DAY).sum())


def test_a_ledger_of_thirty_invoices_gets_an_answer():
    features, outcomes = make_portfolio(customers=6, invoices=30, seed=3)
    training = train_portfolio(features, outcomes, as_of_day=int(outcomes["issued_day"].quantile(0.9)))
    late = 1 - at_issue(training, (features, outcomes)).read_paid(0)
    assert training.trials["issue"][0].champion == "base_rate"
    assert ((late > 0) & (late < 1)).all()
    json.dumps(describe_trials(training), allow_nan=False)


def test_a_ledger_in_which_nothing_was_ever_paid_gets_an_answer():
    features, outcomes = make_portfolio(customers=6, invoices=30, seed=3)
    unpaid = outcomes.assign(ended_day=NEVER, cause="")
    training = train_portfolio(features, unpaid, as_of_day=DUE_DAY)
    predicted = describe_open(training, features, age=0)
    assert predicted["p_late"].min() > 0.9
    assert (to_days(predicted["expected_paid_on"]) >= DUE_DAY).all()


def test_a_ledger_without_a_complete_outcome_is_refused(portfolio):
    features, outcomes = portfolio
    first = int(outcomes["issued_day"].min())
    with pytest.raises(ModelError, match="no invoice was due before that day"):
        train_portfolio(features, outcomes, as_of_day=first + 5)


def test_a_missing_feature_is_named(training, later):
    with pytest.raises(ModelError, match="late_count"):
        at_issue(training, (later[0].drop(columns="late_count"), later[1]))
    with pytest.raises(ModelError, match="open_share"):
        training.model.predict_open(later[0], age=np.zeros(len(later[0]), dtype="int64"))


def test_one_invoice_alone_is_scored_as_in_the_batch(training, later):
    features, outcomes = later
    whole = describe(at_issue(training, later), outcomes)
    for row in (0, 7, 23):
        alone = (features.iloc[[row]], outcomes.iloc[[row]])
        pd.testing.assert_frame_equal(
            describe(at_issue(training, alone), alone[1]), whole.iloc[[row]], check_exact=True
        )


def test_no_invoices_give_an_empty_answer(training, later):
    features, outcomes = later[0].iloc[:0], later[1].iloc[:0]
    assert describe(at_issue(training, (features, outcomes)), outcomes).empty
    assert describe_open(training, features, age=0).empty


@pytest.mark.parametrize("kind", ["base_rate", "shrunk_rate", "logistic", "boosted_trees", "blend"])
def test_a_curve_of_one_kind_of_model_has_that_kind_where_it_can_be_fitted(training, later, kind):
    chain = fit_rival(training, kind)
    assert [stage.last_day for stage in chain.stages] == list(FEW_ENDS)
    assert chain.stages[0].link.model.kind == kind
    assert chain.stages[-1].link.model.kind == "base_rate"
    curves = predict_chain(chain, later[0], age=np.full(len(later[0]), -30))
    assert (np.diff(curves.open_share, axis=1) <= 0).all()


def test_a_customers_usual_delay_shows_in_the_day_expected(training, later):
    features = later[0].iloc[[0, 0]].assign(settled_count=20.0, late_count=[0.0, 20.0], mean_days_late=[-12.0, 15.0])
    prompt, slow = training.model.predict_issue(features, age=np.full(2, -30)).find_paid_day(0.5)
    assert prompt < slow


def test_a_silence_that_nobody_broke_so_far_is_a_stop_to_the_curve_and_unknown_to_its_rivals(portfolio, later):
    features, outcomes = portfolio
    inputs = replace(INPUTS, columns=(*COLUMNS, Column("silence", 1, "rare")))
    training = train_portfolio(features.assign(silence=0.0), outcomes, inputs=inputs)
    rows, age = later[0].iloc[[3, 3]].assign(silence=[0.0, 40.0]), np.full(2, -30)
    late = 1 - training.model.predict_issue(rows, age=age).read_paid(30)
    assert late[1] == pytest.approx(0.9 + 0.1 * late[0], abs=0.01)
    own = while_open(training, rows, age=0).read_paid(30)
    assert 1 - own[1] > 0.85 > 1 - own[0]
    rival = predict_chain(fit_rival(training, "base_rate"), rows, age=age).read_paid(30)
    assert rival[0] == rival[1]


def test_the_card_and_the_trials_are_plain_data(training):
    card = describe_training(training, ledger="book", policy_hash="abc").card
    json.dumps({**card.metrics, **card.champions}, allow_nan=False)
    assert set(card.champions) == {f"{chain}/{last}" for chain in ("issue", "open") for last in FEW_ENDS}
