"""The champion rule, and how the evidence for it is gathered."""

from dataclasses import replace

import numpy as np
import pytest

from arrisk.modeling.candidates import Candidate, list_candidates
from arrisk.modeling.champion import choose_champion
from arrisk.modeling.rates import fit_base_rate
from arrisk.modeling.trial import fit_link, hold_trial
from tests.modeling.samples import PAST, make_sample

CANDIDATES = list_candidates(past=PAST)


def test_a_habit_that_the_past_rate_shows_beats_the_base_rate(sample):
    trial = hold_trial(sample, CANDIDATES)
    assert trial.champion != "base_rate"
    (duel,) = [duel for duel in trial.duels if duel.challenger == "shrunk_rate"]
    assert duel.gain.low > 0


@pytest.mark.slow
def test_shuffled_outcomes_leave_the_base_rate_champion_but_for_chance(sample):
    trials = []
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(len(sample))
        trials.append(hold_trial(replace(sample, target=sample.target[order]), CANDIDATES))
    # One standard error is passed by chance alone in one of six duels.
    assert sum(trial.champion == "base_rate" for trial in trials) >= 4
    assert max(duel.gain.value for trial in trials for duel in trial.duels) < 0.01


ROWS, NOISE = 400, 0.2
TARGET = np.resize([0.0, 1.0], ROWS)


def forecast_better(errors):
    """Give a forecast whose log loss is smaller than that of one half by so many standard errors."""
    gain = np.random.default_rng(1).normal(0, NOISE, ROWS)
    chance = np.exp(gain - gain.mean() + errors * gain.std() / np.sqrt(ROWS) - np.log(2))
    return np.where(TARGET == 1, chance, 1 - chance)


@pytest.mark.parametrize(("errors", "wins"), [(3.0, True), (1.3, True), (0.7, False), (0.0, False), (-3.0, False)])
def test_a_challenger_has_to_gain_more_than_one_standard_error(errors, wins):
    forecasts = {"simple": np.full(ROWS, 0.5), "other": forecast_better(errors)}
    champion, (duel,) = choose_champion(forecasts, TARGET, np.arange(ROWS))
    assert duel.gain.value == pytest.approx(errors * NOISE / np.sqrt(ROWS), rel=0.1)
    assert duel.is_won == wins == (champion == "other")


@pytest.mark.parametrize(("errors", "wins"), [(1.3, True), (0.0, True), (-0.7, True), (-1.3, False), (-3.0, False)])
def test_a_mean_of_models_replaces_its_own_part_unless_it_is_worse_by_a_standard_error(errors, wins):
    forecasts = {"part": np.full(ROWS, 0.5), "mean": forecast_better(errors)}
    champion, (duel,) = choose_champion(forecasts, TARGET, np.arange(ROWS), parts={"mean": ("part", "other")})
    assert duel.is_won == wins == (champion == "mean")


def test_a_mean_of_models_has_no_such_favour_against_others():
    forecasts = dict.fromkeys(("simple", "part", "mean"), np.full(ROWS, 0.5))
    champion, duels = choose_champion(forecasts, TARGET, np.arange(ROWS), parts={"mean": ("part",)})
    assert champion == "simple"
    assert [duel.champion for duel in duels] == ["simple", "simple"]


def test_a_winner_is_challenged_in_turn():
    target = np.array([0.0, 1.0] * 100)
    forecasts = {"first": np.full(200, 0.5), "second": 0.3 + 0.4 * target, "third": 0.1 + 0.8 * target}
    champion, duels = choose_champion(forecasts, target, np.arange(200))
    assert champion == "third"
    assert [(duel.champion, duel.challenger) for duel in duels] == [("first", "second"), ("second", "third")]


def test_a_gain_that_one_customer_makes_does_not_count():
    target = np.tile([0.0, 1.0], 200)
    gain = np.where(np.arange(400) < 40, 0.6, -0.045)
    chance = np.exp(gain - np.log(2))
    lucky = np.where(target == 1, np.minimum(chance, 0.99), np.maximum(1 - chance, 0.01))
    forecasts = {"simple": np.full(400, 0.5), "lucky": lucky}
    one = np.maximum(np.arange(400) - 39, 0)
    assert choose_champion(forecasts, target, one)[0] == "simple"
    assert choose_champion(forecasts, target, np.arange(400))[0] == "lucky"


@pytest.mark.parametrize("invoices", [0, 1, 5, 30])
def test_a_handful_of_invoices_gets_the_base_rate_and_no_error(invoices):
    sample = make_sample(customers=5, invoices=40).take(np.arange(invoices))
    trial = hold_trial(sample, CANDIDATES)
    assert trial.champion == "base_rate"
    probability = fit_link(sample, CANDIDATES, trial, name=trial.champion).predict(sample.features)
    assert ((probability > 0) & (probability < 1)).all()


def test_one_class_gets_the_base_rate_and_no_error(sample):
    never = sample.take(sample.target == 0)
    trial = hold_trial(never, CANDIDATES)
    assert trial.champion == "base_rate"
    assert "logistic" not in trial.offered
    assert fit_link(never, CANDIDATES, trial, name="base_rate").predict(never.features[:1])[0] < 0.01


def test_no_model_is_judged_on_rows_that_it_could_have_seen(sample):
    seen = []

    def remember(fit_on):
        model = fit_base_rate(fit_on)
        seen.append((fit_on, model))
        return model

    hold_trial(sample, [Candidate("base_rate", remember)])
    assert seen
    for fit_on, _ in seen:
        first_tested = sample.asked_day[sample.asked_day > fit_on.known_day.max()].min()
        assert fit_on.known_day.max() < first_tested
        assert len(fit_on) < len(sample)
