"""A saved model is plain text, reads back bit for bit, and is refused when anything about it was changed."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.modeling.boosted import BoostedModel
from arrisk.modeling.bootstrap import Interval
from arrisk.modeling.calibrate import IsotonicCalibrator, PlattCalibrator
from arrisk.modeling.candidates import list_candidates
from arrisk.modeling.chain import Chain, Link, Stage
from arrisk.modeling.curves import make_grid
from arrisk.modeling.describe import describe_training, list_figures
from arrisk.modeling.drift import DriftRule
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.reference import make_reference
from arrisk.modeling.rows import Column
from arrisk.modeling.scorer import FORMAT, Card, Scorer, dump_scorer, parse_scorer
from arrisk.modeling.stopped import StopRule
from tests.modeling.samples import PAST

CANDIDATES = {candidate.name: candidate for candidate in list_candidates(past=PAST)}


@pytest.fixture(scope="module")
def scorer(training):
    return describe_training(training, ledger="book", policy_hash="abc")


def predict_both(model, features):
    """Give both chains' curves, with shares of both kinds side by side."""
    own, age = features.assign(open_share=0.7, is_disputed=1.0), np.full(len(features), -4)
    curves = [model.predict_issue(features, age=age - 26), model.predict_open(own, age=age)]
    return np.hstack([share for one in curves for share in (one.open_share, one.written_off)])


def put_into_first_stage(model, candidate, sample):
    first, *others = model.issue.stages
    link = replace(first.link, model=candidate.fit(sample), calibrator=IsotonicCalibrator((-1.0, 1.0), (-2.0, 2.5)))
    return replace(model, issue=replace(model.issue, stages=(replace(first, link=link), *others)))


def test_a_model_read_back_scores_bit_for_bit_the_same(scorer, portfolio):
    again = parse_scorer(dump_scorer(scorer))
    assert np.array_equal(predict_both(again.model, portfolio[0]), predict_both(scorer.model, portfolio[0]))
    assert again.card == replace(scorer.card, metrics=again.card.metrics)
    assert dump_scorer(again) == dump_scorer(scorer)


@pytest.mark.parametrize("name", list(CANDIDATES))
def test_every_kind_of_model_can_be_saved(scorer, sample, portfolio, name):
    model = put_into_first_stage(scorer.model, CANDIDATES[name], sample)
    files = dump_scorer(Scorer(model, scorer.card))
    assert ("issue/0/model.txt" in files) == (name in {"boosted_trees", "blend"})
    again = parse_scorer(files)
    assert again.model.issue.stages[0].link.model.kind == name
    assert np.array_equal(predict_both(again.model, portfolio[0]), predict_both(model, portfolio[0]))


def test_the_rule_by_which_a_model_follows_the_times_is_saved(scorer):
    rule = DriftRule(60.0, 30.0, Interval(0.1, 0.05, 0.2))
    again = parse_scorer(dump_scorer(Scorer(replace(scorer.model, drift=rule, shift=0.1 + 0.2), scorer.card)))
    assert again.model.drift == rule
    assert again.model.shift == 0.1 + 0.2


def test_the_card_says_what_was_learnt_and_from_what(scorer, training):
    asked = training.asked["issue"]
    assert scorer.card.name == "payment-curve"
    assert scorer.card.as_of_day == 15_550
    assert scorer.card.rows == len(asked)
    assert scorer.card.customers == asked.customer_id.nunique()
    due = asked.due_day < 15_550
    assert scorer.card.base_rate == pytest.approx((asked.ended[due] > 0).mean())
    assert scorer.card.first_day <= scorer.card.last_day < 15_550
    assert "lightgbm" in scorer.card.versions
    assert list_figures(training)["rows"] == len(asked)
    assert "issue.0.log_loss_gain.shrunk_rate_over_base_rate" in list_figures(training)


def test_every_file_is_plain_text_that_a_person_can_read(scorer):
    for name, text in dump_scorer(scorer).items():
        assert name.endswith((".json", ".txt"))
        if name.endswith(".json"):
            json.loads(text)


def make_scorer():
    """Give a curve whose every number is written here."""
    rate = Link(BaseRate(-0.7), PlattCalibrator(1.1, 0.1 + 0.2))
    trees = Link(BoostedModel("tree\nend\n", ("x",), ("y",)), IsotonicCalibrator((-1.0, 1.0), (-2.0, 2.5)))
    grid = make_grid(ends=(-1, 0), first_day=-3)
    issue = Chain(grid, (Stage(-1, rate, 0.0), Stage(0, trees, 0.25)), StopRule(-2.0, 0.9))
    model = PaymentCurve((Column("x", 1, "log"),), issue, issue, DriftRule(60.0, 30.0, Interval(0.1, 0.05, 0.2)), 0.3)
    card = Card("payment-curve", "book", 15_550, 15_000, 15_500, 800, 40, 0.25, "abc", {"issue/0": "x"}, {}, {"a": "1"})
    return Scorer(model, card)


def test_a_curve_is_written_as_ever():
    files = dump_scorer(make_scorer())
    assert FORMAT == 4
    assert files["issue/0/model.txt"] == "tree\nend\n"
    assert (
        files["issue/-1/calibrator.json"] == '{\n "kind": "platt",\n "shift": 0.30000000000000004,\n "slope": 1.1\n}\n'
    )
    # The manifest holds the hash of every other file: when this one changes, saved curves need another FORMAT.
    assert (
        hashlib.sha256(files["manifest.json"].encode()).hexdigest()
        == "9101afd88f15be5c703b951da9f8adf563e77b4e59c271bada1bb3bec7db3750"
    )


@pytest.mark.parametrize(
    "name", ["issue/0/calibrator.json", "open/stages.json", "drift.json", "reference.json", "card.json"]
)
def test_a_changed_file_is_refused(scorer, name):
    files = dump_scorer(scorer)
    files[name] += " "
    with pytest.raises(ModelError, match="changed") as refusal:
        parse_scorer(files)
    assert refusal.value.where == name


def test_a_model_that_learnt_under_another_policy_is_refused(scorer):
    files = dump_scorer(scorer)
    assert parse_scorer(files, policy_hash="abc").card.policy_hash == "abc"
    with pytest.raises(ModelError, match="another policy"):
        parse_scorer(files, policy_hash="abd")


@pytest.mark.parametrize("ask", ["predict_issue", "predict_open"])
def test_a_model_that_was_trained_on_other_features_is_refused(scorer, portfolio, ask):
    own = portfolio[0].assign(open_share=0.7, is_disputed=1.0)
    name = scorer.model.columns[0].name
    with pytest.raises(ModelError, match=f"needs the feature '{name}'"):
        getattr(parse_scorer(dump_scorer(scorer)).model, ask)(own.drop(columns=name), age=np.full(len(own), -4))


def test_how_scores_and_features_were_spread_is_saved_with_the_model(scorer):
    reference = make_reference(
        np.array([0.1, 0.2, 0.1 + 0.2]), pd.DataFrame({"x": [1.0, np.nan, 3.0]}, dtype="float64"), columns=[Column("x")]
    )
    assert parse_scorer(dump_scorer(replace(scorer, reference=reference))).reference == reference
    assert parse_scorer(dump_scorer(scorer)).reference is None


def test_a_missing_file_is_refused(scorer):
    files = dump_scorer(scorer)
    del files["drift.json"]
    with pytest.raises(ModelError, match=r"missing \(drift.json\)"):
        parse_scorer(files)


def test_a_file_that_was_put_in_is_refused(scorer):
    with pytest.raises(ModelError, match="changed"):
        parse_scorer({**dump_scorer(scorer), "issue/0/extra.json": "{}"})


@pytest.mark.parametrize(
    "manifest",
    [None, "", "[]", "{}", '{"format": 1, "sha256": {}}', "not json", f'{{"format": {FORMAT}, "sha256": {{}}}}'],
)
def test_a_damaged_manifest_is_refused(scorer, manifest):
    files = dump_scorer(scorer)
    del files["manifest.json"]
    with pytest.raises(ModelError):
        parse_scorer(files if manifest is None else {**files, "manifest.json": manifest})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("card.json", '{"name": "payment-curve"}'),
        ("features.json", '[{"nome": "x"}]'),
        ("reference.json", '{"rows": 3}'),
        ("drift.json", '{"rule": {"half_life_days": 30}, "shift": 0}'),
        ("issue/stages.json", "[]"),
        ("open/stages.json", '{"stages": []}'),
        ("issue/0/model.json", '{"kind": "neural_network"}'),
        ("issue/0/calibrator.json", '{"kind": "platt"}'),
        ("open/0/model.json", "[]"),
    ],
)
def test_a_well_sealed_file_with_wrong_fields_is_refused(scorer, name, text, monkeypatch):
    monkeypatch.setattr("arrisk.modeling.scorer.check_seal", lambda _, version: None)
    with pytest.raises(ModelError, match="cannot be understood"):
        parse_scorer({**dump_scorer(scorer), name: text})
