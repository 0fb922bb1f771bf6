"""Models of the lost share: segments drawn to the pool, cover, and regressions that have to earn their place."""

import json

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError, ModelError
from arrisk.modeling.lgd.models import LossModel, SegmentLoss, fit_loss_model, fit_segment_loss
from arrisk.modeling.rows import Column
from tools.sba_lgd import measure

COLUMNS = (Column("size", precision=1.0), Column("noise"))


def make_losses(count=400, *, weight=2.0, seed=3):
    """Draw cases whose loss share rises with size where ``weight`` is not 0, and does not differ by segment."""
    random = np.random.default_rng(seed)
    size = random.normal(size=count)
    centre = 1 / (1 + np.exp(-weight * size))
    return pd.DataFrame(
        {
            "customer_id": [f"C{number}" for number in range(count)],
            "start_day": np.sort(random.integers(15_000, 16_000, count)),
            "kind": random.choice(["a", "b"], count),
            "size": size,
            "noise": random.normal(size=count),
            "loss_share": np.clip(centre + random.normal(0, 0.1, count), 0, 1),
        }
    )


def draw_segments(shares, *, each=50, spread=0.2, seed=2):
    random = np.random.default_rng(seed)
    loss = np.repeat(shares, each) + random.normal(0, spread, each * len(shares))
    segment = np.repeat(np.arange(len(shares)), each)
    return pd.DataFrame({"segment": segment, "loss_share": np.clip(loss, 0, 1)})


def test_segments_that_do_not_differ_are_the_pool():
    losses = pd.DataFrame({"segment": ["a", "a", "b", "b"], "loss_share": [0.2, 0.8, 0.2, 0.8]})
    model = fit_segment_loss(losses, segments=["segment"])
    assert [level.loss for level in model.levels] == pytest.approx([0.5, 0.5])


def test_a_small_segment_is_drawn_to_the_pool_more_than_a_large_one():
    losses = draw_segments([0.3, 0.5, 0.7])
    small = pd.DataFrame({"segment": [9, 9], "loss_share": [0.9, 0.9]})
    model = fit_segment_loss(pd.concat([losses, small]), segments=["segment"])
    large, few = model.levels[0], model.levels[3]
    assert (few.key, few.cases) == (("9",), 2)
    own = losses["loss_share"].head(50).mean()
    assert own < large.loss < model.pool < few.loss < 0.9
    assert (0.9 - few.loss) / (0.9 - model.pool) > 5 * (large.loss - own) / (model.pool - own)


def test_an_unknown_segment_gets_the_pool():
    model = fit_segment_loss(draw_segments([0.3, 0.7]), segments=["segment"])
    assert model.predict(pd.DataFrame({"segment": [7, None]})).tolist() == [model.pool] * 2


def test_a_number_names_the_same_segment_however_it_is_stored():
    model = fit_segment_loss(draw_segments([0.3, 0.7]), segments=["segment"])
    whole, text = (model.predict(pd.DataFrame({"segment": pd.Series([0, 1], dtype=kind)})) for kind in ("float", "str"))
    assert whole.tolist() == pytest.approx([0.3, 0.7], abs=0.05)
    assert text.tolist() == whole.tolist()


def test_a_case_counts_as_much_as_it_has_developed():
    losses = pd.DataFrame({"loss_share": [0.2, 0.8], "developed_share": [1.0, 0.25]})
    assert fit_segment_loss(losses).pool == pytest.approx((0.2 + 0.25 * 0.8) / 1.25)


def test_the_part_of_the_cover_that_comes_in_is_found():
    random = np.random.default_rng(1)
    covered = random.choice([0.0, 0.5, 0.9], 600)
    loss = 0.8 * (1 - 0.7 * covered) + random.normal(0, 0.05, 600)
    model = fit_segment_loss(pd.DataFrame({"loss_share": np.clip(loss, 0, 1), "covered_share": covered}))
    assert (model.effect, model.pool) == pytest.approx((0.7, 0.8), abs=0.02)
    predicted = model.predict(pd.DataFrame({"covered_share": [0.0, 0.5, np.nan]}))
    assert predicted.tolist() == pytest.approx([0.8, 0.52, 0.8], abs=0.02)


def test_cover_that_is_worth_more_than_its_amount_is_found():
    random = np.random.default_rng(2)
    covered = random.choice([0.0, 0.1, 0.5, 0.9], 2_000)
    loss = 0.8 * (1 - 0.2 * covered - 0.4 * (covered > 0)) + random.normal(0, 0.05, 2_000)
    model = fit_segment_loss(pd.DataFrame({"loss_share": loss, "covered_share": covered}))
    assert (model.effect, model.standing) == pytest.approx((0.2, 0.4), abs=0.03)
    assert model.predict(pd.DataFrame({"covered_share": [0.1, 0.0]})).tolist() == pytest.approx([0.464, 0.8], abs=0.02)


def test_without_a_covered_case_half_of_the_cover_is_believed():
    model = fit_segment_loss(pd.DataFrame({"loss_share": [0.4, 0.6]}))
    assert (model.effect, model.standing) == (0.5, 0.0)


@pytest.mark.parametrize("covered", [[1.0, 1.0], [0.0, 1.0]])
def test_full_cover_that_comes_in_needs_no_special_care(covered):
    losses = pd.DataFrame({"loss_share": [0.0, 0.0], "covered_share": covered})
    assert 0 <= fit_segment_loss(losses).predict(losses).max() <= 1


def test_no_case_is_nothing_to_learn_from():
    with pytest.raises(InputError, match="no case"):
        fit_segment_loss(pd.DataFrame({"loss_share": []}))


def test_a_regression_wins_where_features_matter():
    losses = make_losses()
    model, duels = fit_loss_model(losses, segments=["kind"], columns=COLUMNS)
    assert model.model.kind == "logistic"
    assert duels[0].gain.value > 0.1
    assert np.abs(model.predict(losses) - losses["loss_share"]).mean() < 0.12


def test_the_segment_mean_stays_where_they_do_not():
    model, duels = fit_loss_model(make_losses(weight=0.0), segments=["kind"], columns=COLUMNS)
    assert isinstance(model.model, SegmentLoss)
    assert [duel.is_won for duel in duels] == [False, False]


def test_few_cases_are_not_given_to_a_regression():
    model, duels = fit_loss_model(make_losses(90), segments=["kind"], columns=COLUMNS)
    assert (model.model.kind, duels, model.cases) == ("segment_mean", (), 90)


def test_the_order_of_the_rows_changes_nothing():
    losses = make_losses()
    one, _ = fit_loss_model(losses, segments=["kind"], columns=COLUMNS)
    other, _ = fit_loss_model(losses.sample(frac=1, random_state=4), segments=["kind"], columns=COLUMNS)
    assert one.predict(losses).tolist() == pytest.approx(other.predict(losses).tolist(), abs=1e-9)


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_a_model_reads_back_as_it_was_written(weight):
    losses = make_losses(weight=weight)
    model, _ = fit_loss_model(losses, segments=["kind"], columns=COLUMNS)
    again = LossModel.from_json(json.loads(json.dumps(model.to_json(), allow_nan=False)))
    assert again.predict(losses).tolist() == model.predict(losses).tolist()


@pytest.mark.parametrize("damage", [{"kind": "oracle"}, {"model": {}}, {"cases": None}])
def test_a_damaged_model_is_refused(damage):
    data = fit_loss_model(make_losses(50))[0].to_json()
    with pytest.raises(ModelError, match="cannot be understood"):
        LossModel.from_json(data | damage)


def test_a_missing_feature_is_named():
    model, _ = fit_loss_model(make_losses(), segments=["kind"], columns=COLUMNS)
    with pytest.raises(ModelError, match="'size'"):
        model.predict(make_losses().drop(columns="size"))


@pytest.mark.slow
def test_on_charged_off_loans_the_model_misses_by_a_tenth_less_than_the_industry_mean(realdata):
    rows = [row for row in measure(realdata) if row["exposure"] == "disbursed"]
    assert [row["train"] + row["test"] for row in rows] == [686] * 3
    for row in rows:
        assert row["error_of_model"] <= 0.9 * row["error_of_naics_mean"], row["trained on"]
        assert row["model_over_naics"]["low"] > 0
    assert rows[2]["error_of_model"] < 0.171
