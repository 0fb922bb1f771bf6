"""Reasons sum to what they explain, stage by stage and along the whole chain."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.calibrate import UNCHANGED, IsotonicCalibrator, PlattCalibrator
from arrisk.modeling.candidates import list_candidates
from arrisk.modeling.chain import Chain, Link, Stage, predict_chain
from arrisk.modeling.curves import make_grid
from arrisk.modeling.explain import contribute_chain, contribute_exactly, describe, explain
from arrisk.modeling.logistic import to_margin
from arrisk.modeling.payment_curve import fit_rival
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.shap_summary import summarise_reasons
from arrisk.modeling.stopped import StopRule
from tests.modeling.samples import COLUMNS, PAST

CANDIDATES = {candidate.name: candidate for candidate in list_candidates(past=PAST)}
AGES = [-30, -3, 0, 1, 29, 30, 31, 60, 75, 91, 400, 730]


class Careless(BaseRate):
    """A model whose reasons leave something out."""

    def contribute(self, features):
        return self.margin - 0.5, pd.DataFrame(index=features.index)


@pytest.fixture(scope="module")
def sample(sample):
    """Give the rows with silences."""
    silences = np.random.default_rng(5).exponential(4, len(sample))
    return replace(sample, features=sample.features.assign(silence=silences))


@pytest.fixture(scope="module", params=[None, StopRule()], ids=["of all", "with stops"])
def chain(sample, request):
    """Give a chain whose stages are of every kind, differently calibrated."""
    kinds = ["blend", "boosted_trees", "logistic", "shrunk_rate", "kaplan_meier", "base_rate"]
    calibrators = [PlattCalibrator(0.8, 0.3), IsotonicCalibrator((-3.0, 0.0, 2.0), (-2.0, 0.5, 1.0)), UNCHANGED]
    ends = (-3, 0, 30, 60, 90, 730)
    stages = tuple(
        Stage(last, Link(CANDIDATES[kind].fit(sample), calibrators[place % 3]), 0.02 * place)
        for place, (kind, last) in enumerate(zip(kinds, ends, strict=True))
    )
    return Chain(make_grid(first_day=-180, ends=ends), stages, request.param)


def margin_of(chain, features, *, age, shift=0.0):
    """Read the logit of being unpaid at the first horizon not passed off the curve."""
    ends = np.array([30, 60, 90, 180, 365, 730])
    curves = predict_chain(chain, features, age=age, shift=shift)
    return to_margin(1 - curves.read_paid(ends[np.searchsorted(ends, age)]))


@pytest.mark.parametrize("name", list(CANDIDATES))
def test_reasons_of_one_model_sum_to_its_margin(sample, name):
    model = CANDIDATES[name].fit(sample)
    base, parts = contribute_exactly(model, sample.features)
    assert np.abs(base + parts.to_numpy().sum(axis=1) - model.predict_margin(sample.features)).max() < 1e-9


def test_reasons_that_do_not_tie_are_a_fault():
    with pytest.raises(ArithmeticError, match="miss the margin by 5"):
        contribute_exactly(Careless(margin=1.0), pd.DataFrame(index=[0]))


@pytest.mark.parametrize("shift", [0.0, 0.4])
@pytest.mark.parametrize("age", AGES)
def test_parts_and_the_starting_value_are_the_logit_of_the_next_horizon(chain, sample, age, shift):
    features = sample.features.iloc[:60]
    ages = np.full(len(features), age)
    found = contribute_chain(chain, features, age=ages, shift=shift)
    ends = [30, 60, 90, 180, 365, 730]
    horizon = next(end for end in ends if end >= age)
    assert (found.horizon == horizon).all()
    total = found.starting + found.parts.to_numpy().sum(axis=1)
    assert np.abs(total - found.margins).max() < 1e-9
    if horizon in {stage.last_day for stage in chain.stages}:
        assert found.margins == pytest.approx(margin_of(chain, features, age=ages, shift=shift), abs=1e-9)


def test_parts_of_the_fitted_chains_are_the_logit_of_p_late_30(training, later):
    features = later[0]
    own = features.assign(open_share=1.0, is_disputed=0.0)
    for chain, asked, age in ((training.model.issue, features, -30), (training.model.open, own, -5)):
        ages = np.full(len(asked), age)
        found = contribute_chain(chain, asked, age=ages)
        late = to_margin(1 - predict_chain(chain, asked, age=ages).read_paid(30))
        total = found.starting + found.parts.to_numpy().sum(axis=1)
        assert np.abs(total - late).max() < 1e-9


def test_what_a_silence_says_of_a_stop_is_its_own_part(sample):
    rate = Link(BaseRate(-1.0), UNCHANGED)
    stages = tuple(Stage(last, rate, 0.0) for last in (0, 30, 730))
    chain = Chain(make_grid(first_day=-180, ends=(0, 30, 730)), stages, StopRule())
    features, age = sample.features.iloc[:3].assign(silence=[0.0, 5.0, 50.0]), np.full(3, -10)
    found = contribute_chain(chain, features, age=age)
    silence, others = found.parts["silence"], found.parts.drop(columns="silence").sum(axis=1)
    assert silence.iloc[0] == pytest.approx(0, abs=1e-9)
    assert (silence.diff().dropna() > 0.5).all()
    assert (others.diff().dropna().abs() < 0.1 * np.diff(found.margins)).all()
    assert found.margins == pytest.approx(found.starting + silence + others, abs=1e-9)
    assert found.margins == pytest.approx(margin_of(chain, features, age=age), abs=1e-9)


def test_rows_of_different_age_are_explained_as_each_alone(chain, sample):
    features = sample.features.iloc[: len(AGES)]
    together = explain(chain, features, age=np.array(AGES))
    for place, age in enumerate(AGES):
        alone = explain(chain, features.iloc[[place]], age=np.array([age]))
        assert alone.margins[0] == together.margins[place]
        assert alone.starting_values[0] == pytest.approx(together.starting_values[place], abs=1e-12)
        shown = together.reasons[together.reasons["row"] == features.index[place]].set_index("feature")["contribution"]
        own = alone.reasons.set_index("feature")["contribution"].reindex(shown.index, fill_value=0.0)
        assert own.to_dict() == pytest.approx(shown.to_dict(), abs=1e-12)


def test_what_was_cut_off_is_the_weakest(chain, sample):
    features, age = sample.features.iloc[:20], np.full(20, -10)
    whole, cut = (explain(chain, features, age=age, top=top).reasons for top in (None, 3))
    assert cut["rank"].max() == 3
    assert len(whole) > len(cut)
    pd.testing.assert_frame_equal(cut, whole[whole["rank"] <= 3].reset_index(drop=True))
    for _, reasons in whole.groupby("row"):
        assert reasons["rank"].tolist() == sorted(reasons["rank"])
        assert (reasons["contribution"].abs().diff().dropna() <= 0).all()


def test_the_summary_sums_up_the_very_reasons_that_are_served(chain, sample):
    features, age = sample.features.iloc[:100], np.full(100, -10)
    found = contribute_chain(chain, features, age=age)
    table = summarise_reasons(found.parts, found.facts, base=found.starting, margin=found.margins)
    served = explain(chain, features, age=age).reasons
    sizes = served["contribution"].abs().groupby(served["feature"]).sum() / len(features)
    shown = table.set_index("reason")["mean_absolute"]
    assert shown[sizes.index].to_dict() == pytest.approx(sizes.to_dict(), abs=1e-12)
    assert set(shown[shown > 0].index) == set(sizes.index)


def test_drift_is_a_part_of_its_own(chain, sample):
    features, age = sample.features.iloc[:50], np.full(50, -10)
    calm, moved = (contribute_chain(chain, features, age=age, shift=shift) for shift in (0.0, 0.5))
    assert (calm.parts["drift"] == 0).all()
    assert (moved.parts["drift"] > 0).all()
    assert (moved.margins > calm.margins).all()
    late = contribute_chain(chain, features, age=np.full(50, 31), shift=0.5)
    assert (late.parts["drift"] == 0).all()


def test_columns_of_one_group_and_a_columns_gap_are_one_reason(sample):
    for name in ("logistic", "blend"):
        _, parts = contribute_exactly(CANDIDATES[name].fit(sample), sample.features)
        assert parts.columns.is_unique
        assert set(parts.columns) <= {column.reason for column in COLUMNS}


def test_a_chain_that_treats_everybody_alike_has_no_reasons(training, later):
    features = later[0].iloc[:5]
    found = explain(fit_rival(training, "base_rate"), features, age=np.full(5, -30)).reasons
    # How long before the due date an invoice was issued is all that it looks at.
    assert set(found["feature"]) <= {"stage_left_share", "interaction"}
    assert found["contribution"].abs().max() < 0.5
    assert list(found.columns) == ["row", "rank", "feature", "value", "contribution", "text"]


def test_reasons_are_in_words_with_the_value():
    assert describe("mean_days_late", 12.4) == "pays on average 12 days after the due date"
    assert describe("mean_days_late", np.nan).startswith("nothing known yet")
    assert describe("days_past_due", 12.0) == "12 days past due"
    assert describe("days_past_due", -3.0) == "due in 3 days"
    assert describe("open_share", 0.25) == "25% of it is open"
