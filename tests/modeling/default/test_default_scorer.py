"""A saved default model is plain text, reads back bit for bit, and is refused when anything about it was changed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.modeling.calibrate import IsotonicCalibrator
from arrisk.modeling.chain import Link
from arrisk.modeling.default.model import APPLICATION, BEHAVIOUR, list_default_candidates
from arrisk.modeling.default.scorer import (
    FORMAT,
    NAME,
    DefaultScorer,
    describe_default,
    dump_default,
    list_default_figures,
    parse_default,
)
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.lgd.models import LossModel, fit_loss_model, fit_segment_loss
from arrisk.modeling.plain_files import seal
from arrisk.modeling.reference import make_reference
from arrisk.modeling.rows import Column
from arrisk.modeling.scorer import parse_scorer
from tests.modeling.defaults import COLUMNS, TRAINED_DAY, make_observed, train_observed

CANDIDATES = {candidate.name: candidate for candidate in list_default_candidates(COLUMNS)}


@pytest.fixture(scope="module")
def observed():
    return make_observed()


@pytest.fixture(scope="module")
def training(observed):
    return train_observed(observed)


@pytest.fixture(scope="module")
def cases():
    random = np.random.default_rng(3)
    size = random.normal(size=400)
    loss = np.clip(0.4 + 0.2 * size + random.normal(0, 0.1, 400), 0, 1)
    frame = {"industry": np.resize(["steel", "food"], 400), "size": size, "loss_share": loss}
    return pd.DataFrame({**frame, "customer_id": np.arange(400).astype("str"), "start_day": np.arange(400)})


@pytest.fixture(scope="module")
def losses(cases):
    regression, _ = fit_loss_model(cases, segments=["industry"], columns=[Column("size")])
    assert regression.model.kind != "segment_mean"
    return Losses(LossModel(fit_segment_loss(cases, segments=["industry"]), (), len(cases)), regression)


@pytest.fixture(scope="module")
def scorer(training, losses):
    return describe_default(training, losses, ledger="book", policy_hash="abc")


@pytest.fixture(scope="module")
def files(scorer):
    return dump_default(scorer)


def test_a_model_read_back_predicts_bit_for_bit_the_same(scorer, files, observed, cases):
    again = parse_default(files)
    assert np.array_equal(again.model.predict(observed.features), scorer.model.predict(observed.features))
    assert np.array_equal(again.losses.given_default.predict(cases), scorer.losses.given_default.predict(cases))
    assert np.array_equal(again.losses.given_write_off.predict(cases), scorer.losses.given_write_off.predict(cases))
    assert again.model.known_before == scorer.model.known_before
    assert again.card == replace(scorer.card, metrics=again.card.metrics)
    assert dump_default(again) == files


@pytest.mark.parametrize("folder", [BEHAVIOUR, APPLICATION])
@pytest.mark.parametrize("name", list(CANDIDATES))
def test_every_candidate_can_be_saved(scorer, training, observed, name, folder):
    fitted = CANDIDATES[name].fit(training.samples[folder])
    link = Link(fitted, IsotonicCalibrator((-3.0, 0.0), (-2.5, 0.1 + 0.2)))
    model = replace(scorer.model, **{folder: link})
    files = dump_default(DefaultScorer(model, scorer.losses, scorer.card))
    assert (f"{folder}/model.txt" in files) == (name in {"boosted_trees", "blend"})
    again = parse_default(files)
    assert getattr(again.model, folder).model.kind == fitted.kind
    assert np.array_equal(again.model.predict(observed.features), model.predict(observed.features))


def test_the_card_says_what_was_learnt_and_from_what(scorer, observed, training):
    card = scorer.card
    assert (card.name, card.ledger, card.policy_hash, card.as_of_day) == (NAME, "book", "abc", TRAINED_DAY)
    assert card.rows == len(observed)
    assert card.customers == observed.customer_id.nunique()
    assert card.base_rate == pytest.approx(observed.defaulted.mean())
    assert (card.first_day, card.last_day) == (observed.asked_day.min(), observed.asked_day.max())
    assert card.champions[BEHAVIOUR] == training.trials[BEHAVIOUR].champion
    assert card.champions["given_default"] == "segment_mean"
    assert card.metrics["given_write_off"]["cases"] == 400
    assert card.metrics[APPLICATION]["rows"] == len(observed)
    assert "lightgbm" in card.versions


def test_the_figures_of_a_run_name_both_models(training):
    figures = list_default_figures(training)
    assert figures["application.rows"] == len(training.samples[APPLICATION])
    assert figures["behaviour.events"] == training.samples[BEHAVIOUR].events
    assert "behaviour.log_loss_gain.altman_rule_over_base_rate" in figures


def test_every_file_is_plain_text_that_a_person_can_read(files):
    for name, text in files.items():
        assert name.endswith((".json", ".txt"))
        if name.endswith(".json"):
            json.loads(text)


@pytest.mark.parametrize(
    "name", ["behaviour/model.json", "application/calibrator.json", "losses.json", "reference.json", "card.json"]
)
def test_an_edited_file_is_refused(files, name):
    with pytest.raises(ModelError, match="changed") as refusal:
        parse_default({**files, name: files[name].replace("0", "1", 1) + " "})
    assert refusal.value.where == name


def test_a_missing_file_is_refused(files):
    with pytest.raises(ModelError, match=r"missing \(losses.json\)"):
        parse_default({name: text for name, text in files.items() if name != "losses.json"})


def test_a_file_that_was_put_in_is_refused(files):
    with pytest.raises(ModelError, match="changed"):
        parse_default({**files, "behaviour/extra.json": "{}"})


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": 0, "sha256": {}}', '{"format": 1, "sha256": {}}'])
def test_a_damaged_manifest_is_refused(files, manifest):
    with pytest.raises(ModelError):
        parse_default({**files, "manifest.json": manifest})


def test_a_model_that_learnt_under_another_policy_is_refused(files):
    assert parse_default(files, policy_hash="abc").card.policy_hash == "abc"
    with pytest.raises(ModelError, match="another policy"):
        parse_default(files, policy_hash="abd")


@pytest.mark.parametrize("column", [COLUMNS[1], COLUMNS[-1]])
def test_a_model_that_was_trained_on_other_features_is_refused(files, observed, column):
    with pytest.raises(ModelError, match=f"needs the feature '{column.name}'"):
        parse_default(files).model.predict(observed.features.drop(columns=column.name))


def test_how_scores_and_features_were_spread_is_saved_with_the_model(scorer, observed):
    reference = make_reference(scorer.model.predict(observed.features), observed.features, columns=COLUMNS)
    assert set(reference.features) == {column.name for column in COLUMNS}
    assert parse_default(dump_default(replace(scorer, reference=reference))).reference == reference


def test_a_default_model_is_no_payment_curve(scorer, files):
    with pytest.raises(ModelError, match="another format"):
        parse_scorer(files)
    with pytest.raises(ModelError, match="'payment-curve', not 'default-12m'"):
        parse_default(dump_default(replace(scorer, card=replace(scorer.card, name="payment-curve"))))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("card.json", '{"name": "default-12m"}'),
        ("features.json", "[]"),
        ("features.json", '{"behaviour": [{"nome": "x"}], "application": []}'),
        ("losses.json", "[]"),
        ("reference.json", "[]"),
        ("losses.json", "{}"),
        ("losses.json", '{"given_default": null}'),
        ("losses.json", '{"given_default": {"kind": "guess"}}'),
        ("behaviour/model.json", '{"kind": "neural_network"}'),
        ("application/calibrator.json", '{"kind": "platt"}'),
    ],
)
def test_a_well_sealed_file_with_wrong_fields_is_refused(files, name, text):
    rest = {each: content for each, content in files.items() if each != "manifest.json"}
    with pytest.raises(ModelError, match="cannot be understood"):
        parse_default(seal({**rest, name: text}, version=FORMAT))
