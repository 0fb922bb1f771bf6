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
    assert trial.duels[0].challenger == "shrunk_rate"
    assert trial.duels[0].gain.low > 0


def test_shuffled_outcomes_leave_the_base_rate_champion_and_an_auc_of_one_half(sample):
    order = np.random.default_rng(8).permutation(len(sample))
    shuffled = replace(sample, target=sample.target[order])
    trial = hold_trial(shuffled, CANDIDATES)
    assert trial.champion == "base_rate"


def test_a_gain_within_chance_keeps_the_simpler_candidate():
    random = np.random.default_rng(1)
    target = (random.random(200) < 0.3).astype(float)
    simple = np.full(200, 0.3)
    nearly = np.clip(simple + random.normal(0, 0.02, 200) + 0.004 * (target - 0.3), 0.01, 0.99)
    champion, duels = choose_champion({"simple": simple, "nearly": nearly}, target, np.arange(200) // 5)
    assert champion == "simple"
    assert duels[0].gain.low <= 0


def test_a_winner_is_challenged_in_turn():
    target = np.array([0.0, 1.0] * 100)
    forecasts = {"first": np.full(200, 0.5), "second": 0.3 + 0.4 * target, "third": 0.1 + 0.8 * target}
    champion, duels = choose_champion(forecasts, target, np.arange(200))
    assert champion == "third"
    assert [(duel.champion, duel.challenger) for duel in duels] == [("first", "second"), ("second", "third")]


def test_a_gain_that_one_customer_makes_does_not_count():
    target = np.tile([0.0, 1.0], 100)
    customer = np.where(np.arange(200) < 100, 0, np.arange(200))
    better_for_one = np.where(customer == 0, 0.1 + 0.8 * target, 0.52 - 0.04 * target)
    champion, _ = choose_champion({"simple": np.full(200, 0.5), "lucky": better_for_one}, target, customer)
    assert champion == "simple"


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
