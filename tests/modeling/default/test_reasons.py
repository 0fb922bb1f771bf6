"""Reasons of default sum to what they explain, say values in words, and speak for one business reason each."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.features.meanings import NO_ACCOUNTS
from arrisk.modeling.calibrate import UNCHANGED, IsotonicCalibrator, PlattCalibrator
from arrisk.modeling.chain import Link
from arrisk.modeling.default.adverse import put_into_words
from arrisk.modeling.default.model import ALTMAN, find_history, list_default_candidates
from arrisk.modeling.default.reasons import explain_customers
from arrisk.modeling.logistic import to_margin
from tests.modeling.defaults import APPLICANT, COLUMNS, make_observed, train_observed

KINDS = ["base_rate", "altman_rule", "scorecard", "logistic", "boosted_trees", "blend"]
CALIBRATORS = {
    "as it is": UNCHANGED,
    "a line": PlattCalibrator(0.8, 0.3),
    "steps": IsotonicCalibrator((-4.0, -2.5, 0.0, 2.0), (-4.5, -2.0, -1.9, 1.0)),
}


@pytest.fixture(scope="module")
def training():
    return train_observed(make_observed())


@pytest.fixture(scope="module")
def features():
    return make_observed(seed=2, customers=40).features.iloc[:150].set_axis([f"row {n}" for n in range(150)])


@pytest.fixture(scope="module")
def models(training):
    """Give a default model of every kind."""
    made = {}
    for kind in KINDS:
        links = {}
        for name, columns in (("behaviour", COLUMNS), ("application", APPLICANT)):
            candidates = {one.name: one for one in list_default_candidates(columns)}
            links[name] = Link(candidates[kind].fit(training.samples[name]), UNCHANGED)
        made[kind] = replace(training.model, **links)
    return made


def calibrate(model, calibrator):
    links = {name: Link(getattr(model, name).model, calibrator) for name in ("behaviour", "application")}
    return replace(model, **links)


@pytest.mark.parametrize("calibrator", CALIBRATORS)
@pytest.mark.parametrize("kind", KINDS)
def test_reasons_and_the_starting_value_are_the_logit_of_the_probability(models, features, kind, calibrator):
    model = calibrate(models[kind], CALIBRATORS[calibrator])
    assert 0 < find_history(features).mean() < 1
    found = explain_customers(model, features)
    sums = found.reasons.groupby("row")["contribution"].sum().reindex(features.index, fill_value=0.0)
    margin = to_margin(model.predict(features))
    assert np.abs(found.starting_values + sums.to_numpy() - margin).max() < 1e-9
    assert np.abs(found.margins - margin).max() < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_one_customer_is_explained_bit_for_bit_as_in_a_batch(models, features, kind):
    model = models[kind]
    together = explain_customers(model, features)
    for place in range(0, len(features), 17):
        row = features.iloc[[place]]
        alone = explain_customers(model, row)
        assert alone.starting_values[0] == together.starting_values[place]
        assert alone.margins[0] == together.margins[place]
        own = together.reasons.loc[together.reasons["row"] == row.index[0]].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.reasons, own, check_exact=True, check_dtype=False)


def test_a_rate_for_everybody_gives_no_reasons(models, features):
    assert explain_customers(models["base_rate"], features).reasons.empty
    words = put_into_words(models["base_rate"], features)
    assert words.isna().all(axis=None)
    assert words.index.equals(features.index)


def test_nobody_has_no_reasons(models, features):
    nobody = features.iloc[:0]
    assert explain_customers(models["blend"], nobody).reasons.empty
    assert put_into_words(models["blend"], nobody).empty


def test_the_strongest_come_first_and_the_others_are_cut_off(models, features):
    whole, cut = (explain_customers(models["logistic"], features, top=top).reasons for top in (None, 2))
    for _, own in whole.groupby("row"):
        assert own["rank"].tolist() == list(range(1, len(own) + 1))
        assert (own["contribution"].abs().diff().dropna() <= 0).all()
        assert own["reason"].is_unique
    pd.testing.assert_frame_equal(cut, whole.loc[whole["rank"] <= 2].reset_index(drop=True))
    assert whole["rank"].max() > 2


def test_an_applicant_is_explained_by_what_the_application_model_reads(models, features):
    reasons = explain_customers(models["blend"], features).reasons
    has_history = pd.Series(find_history(features), index=features.index)
    applicants = reasons.loc[~has_history[reasons["row"]].to_numpy()]
    assert set(applicants["feature"]) <= {column.name for column in APPLICANT}
    assert "late_share" in set(reasons["feature"])


def test_a_reason_says_the_value_of_its_feature(models, features):
    reasons = explain_customers(models["logistic"], features).reasons.set_index(["row", "feature"])
    for (row, feature), reason in reasons.iterrows():
        value = features.loc[row, feature]
        assert reason["value"] == value or (np.isnan(value) and np.isnan(reason["value"]))
        if feature == "late_share":
            assert reason["text"] == f"paid {value:.0%} of its invoices late"
        if feature == "employees":
            assert reason["text"] == f"{value:.0f} employees"


def test_missing_accounts_are_named(models, features):
    reasons = explain_customers(models["logistic"], features).reasons
    without = features.index[features[ALTMAN].isna()]
    own = reasons.loc[reasons["row"].isin(without) & (reasons["feature"] == ALTMAN)]
    assert len(own)
    assert set(own["text"]) == {NO_ACCOUNTS}
    others = reasons.loc[~reasons["row"].isin(without)]
    assert not (others["text"] == NO_ACCOUNTS).any()


class Told:
    """A model that tells its parts as it is told."""

    kind = "told"

    def __init__(self, **parts):
        self.parts = parts

    def predict_margin(self, features):
        return np.full(len(features), -2.0 + sum(self.parts.values()))

    def contribute(self, features):
        return -2.0, pd.DataFrame(self.parts, index=features.index)


def tell(model, features, **parts):
    told = replace(model, behaviour=Link(Told(**parts), UNCHANGED))
    columns = tuple(replace(COLUMNS[1], name=name) for name in parts)
    asked = features.loc[find_history(features)].iloc[:1]
    usual = dict.fromkeys(parts, 0.5)
    told = replace(told, columns=(COLUMNS[0], *columns), reference={**model.reference, **usual})
    return explain_customers(told, asked.assign(**dict.fromkeys(parts, 0.9))).reasons


def test_features_of_one_reason_are_added_and_the_strongest_in_its_direction_speaks(models, features):
    reasons = tell(models["blend"], features, late_share=-0.4, late_share_90=0.3, late_share_365=0.2, late_30_share=0.1)
    assert reasons["reason"].tolist() == ["pays later than agreed"]
    assert reasons["contribution"].tolist() == pytest.approx([0.2])
    assert reasons["text"].tolist() == ["paid 90% late in 90 days"]


def test_one_whose_value_lies_where_it_is_expected_speaks_rather_than_a_stronger_one(models, features):
    assert tell(models["blend"], features, retained_earnings_share=0.3, leverage=0.2)["feature"].tolist() == [
        "leverage"
    ]
    assert tell(models["blend"], features, retained_earnings_share=-0.3, leverage=-0.2)["feature"].tolist() == [
        "retained_earnings_share"
    ]
    assert tell(models["blend"], features, retained_earnings_share=0.3)["feature"].tolist() == [
        "retained_earnings_share"
    ]


def test_a_missing_ratio_beside_known_ones_is_no_lack_of_accounts(models, features):
    reasons = tell(models["blend"], features, retained_earnings_share=0.3, leverage=0.2)
    assert NO_ACCOUNTS not in set(reasons["reason"])
