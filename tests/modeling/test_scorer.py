import json
from dataclasses import replace

import numpy as np
import pytest

from arrisk.errors import ModelError
from arrisk.modeling.calibrate import IsotonicCalibrator
from arrisk.modeling.chain import LateModel, Link, predict_late
from arrisk.modeling.describe import describe_training, list_figures
from arrisk.modeling.scorer import Scorer, dump_scorer, parse_scorer


@pytest.fixture(scope="module")
def scorer(training):
    return describe_training(training, ledger="book", policy_hash="abc")


def test_a_model_read_back_scores_bit_for_bit_the_same(scorer, portfolio):
    again = parse_scorer(dump_scorer(scorer))
    assert np.array_equal(predict_late(again.model, portfolio[0]), predict_late(scorer.model, portfolio[0]))
    assert np.array_equal(again.model.curve.open_share, scorer.model.curve.open_share)
    assert again.card == replace(scorer.card, metrics=again.card.metrics)
    assert dump_scorer(again) == dump_scorer(scorer)


@pytest.mark.parametrize("name", ["base_rate", "shrunk_rate", "logistic", "boosted_trees"])
def test_every_kind_of_model_can_be_saved(scorer, training, portfolio, name):
    link = Link(training.candidates[name].model, IsotonicCalibrator((-1.0, 1.0), (-2.0, 2.5)))
    model = LateModel(scorer.model.columns, (link, *scorer.model.links[1:]), scorer.model.curve)
    files = dump_scorer(Scorer(model, scorer.card))
    assert ("p_late/model.txt" in files) == (name == "boosted_trees")
    again = parse_scorer(files)
    assert np.array_equal(predict_late(again.model, portfolio[0]), predict_late(model, portfolio[0]))


def test_the_card_says_what_was_learnt_and_from_what(scorer, training):
    assert scorer.card.name == "late-payment"
    assert scorer.card.as_of_day == 15_550
    assert scorer.card.rows == training.rows
    assert scorer.card.first_day <= scorer.card.last_day < 15_550
    assert "lightgbm" in scorer.card.versions
    assert list_figures(training)["rows"] == training.rows


def test_every_file_is_plain_text_that_a_person_can_read(scorer):
    for name, text in dump_scorer(scorer).items():
        assert name.endswith((".json", ".txt"))
        if name.endswith(".json"):
            json.loads(text)


def test_a_changed_file_is_refused(scorer):
    files = dump_scorer(scorer)
    files["p_late/calibrator.json"] = files["p_late/calibrator.json"].replace("1", "2")
    with pytest.raises(ModelError, match="changed") as refusal:
        parse_scorer(files)
    assert refusal.value.where == "p_late/calibrator.json"


def test_a_missing_file_is_refused(scorer):
    files = dump_scorer(scorer)
    del files["curve.json"]
    with pytest.raises(ModelError, match=r"missing \(curve.json\)"):
        parse_scorer(files)


def test_a_file_that_was_put_in_is_refused(scorer):
    with pytest.raises(ModelError, match="changed"):
        parse_scorer({**dump_scorer(scorer), "p_late/extra.json": "{}"})


@pytest.mark.parametrize(
    "manifest", [None, "", "[]", "{}", '{"format": 99, "sha256": {}}', "not json", '{"format": 1, "sha256": {}}']
)
def test_a_damaged_manifest_is_refused(scorer, manifest):
    files = dump_scorer(scorer)
    del files["manifest.json"]
    with pytest.raises(ModelError):
        parse_scorer(files if manifest is None else {**files, "manifest.json": manifest})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("card.json", '{"name": "late-payment"}'),
        ("features.json", '[{"nome": "x"}]'),
        ("p_late/model.json", '{"kind": "neural_network"}'),
        ("p_late/calibrator.json", '{"kind": "platt"}'),
        ("p_late/model.json", "[]"),
    ],
)
def test_a_well_sealed_file_with_wrong_fields_is_refused(scorer, name, text, monkeypatch):
    monkeypatch.setattr("arrisk.modeling.scorer._check_manifest", lambda _: None)
    with pytest.raises(ModelError, match="cannot be understood"):
        parse_scorer({**dump_scorer(scorer), name: text})
