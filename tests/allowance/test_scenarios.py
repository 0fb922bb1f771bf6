"""Scenarios: the mean of losses over states of the economy, by a link that keeps the mean over the cycle."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.allowance.scenarios import (
    Scenario,
    apply_scenarios,
    compare_scenarios,
    link_vasicek,
    read_scenarios,
)
from arrisk.errors import InputError, PolicyError
from arrisk.policy import Policy
from tests.allowance.estimates import estimate_of, exposures_of, item
from tests.books import book_of, invoice

KNOWN = (Scenario("good", 0.3, (1.0,)), Scenario("usual", 0.5, (0.0,)), Scenario("bad", 0.2, (-1.5,)))
TWO = """
[[allowance.scenarios]]
name = "usual"
weight = {usual}
z = [0.0]
[[allowance.scenarios]]
name = "bad"
weight = 0.4
{bad}
"""


def read_policy(*, usual=0.6, bad="z = [-2.0, -1.0]"):
    return Policy.parse(TWO.format(usual=usual, bad=bad), where="mine.toml")


@pytest.mark.parametrize(("z", "percent"), [(1, 0.5255), (0, 1.4287), (-1.5, 5.0983)])
def test_the_link_gives_the_known_probabilities(z, percent):
    assert 100 * link_vasicek(np.array([0.02]), z=z, asset_correlation=0.12)[0] == pytest.approx(percent, abs=5e-5)


@given(p=st.floats(0.0001, 0.9999), rho=st.floats(0.0, 0.6))
def test_the_mean_of_the_link_over_the_cycle_is_the_long_run_probability(p, rho):
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    mean = (weights * link_vasicek(np.full(120, p), z=nodes, asset_correlation=rho)).sum() / weights.sum()
    assert mean == pytest.approx(p, abs=1e-6)


def test_what_is_certain_or_impossible_stays_so_in_every_state():
    assert link_vasicek(np.array([0.0, 1.0]), z=-3.0, asset_correlation=0.2).tolist() == [0.0, 1.0]


def test_the_weighted_probability_is_the_known_one_and_not_that_of_the_mean_state():
    mean = apply_scenarios(estimate_of([0.02]), KNOWN, asset_correlation=0.12).p_lost[0]
    assert 100 * mean == pytest.approx(1.8917, abs=5e-5)
    state = sum(one.weight * one.z[0] for one in KNOWN)
    assert mean > link_vasicek(np.array([0.02]), z=state, asset_correlation=0.12)[0] * 1.2


def test_the_allowance_is_the_weighted_sum_of_those_of_the_scenarios():
    policy = Policy.parse("", where="").allowance
    exposures, estimate = exposures_of(item("I1", 10**10, -5)), estimate_of([0.02])
    rows = compare_scenarios(exposures, estimate, KNOWN, policy=policy).set_index("scenario")
    of_paths = rows.loc[[one.name for one in KNOWN]]
    assert (of_paths["allowance"] * of_paths["weight"]).sum() == pytest.approx(1.8917e8, rel=3e-5)
    assert rows.index[3:].tolist() == ["z = +1", "z = -1", "z = -2"]
    assert rows["allowance"].iloc[3:].is_monotonic_increasing
    assert rows["weight"].iloc[3:].isna().all()


def test_without_scenarios_the_estimate_stands_and_a_note_says_so():
    estimate = estimate_of([0.02])
    same = apply_scenarios(estimate, (), asset_correlation=0.12)
    assert same.p_lost is estimate.p_lost
    assert "no scenario" in same.notes[-1]


def test_the_state_is_that_of_the_day_of_the_loss_and_the_last_one_lasts():
    path = (Scenario("path", 1.0, (-2.0, 0.0, 1.0)),)
    days = np.array([0.0, 89.0, 90.0, 200.0, 5000.0])
    moved = apply_scenarios(replace(estimate_of([0.02] * 5), loss_days=days), path, asset_correlation=0.12)
    expected = link_vasicek(np.full(5, 0.02), z=np.array([-2.0, -2.0, 0.0, 1.0, 1.0]), asset_correlation=0.12)
    assert moved.p_lost == pytest.approx(expected)


def make_series(*, known_on=None, last=11.0):
    months = [date(2022, 1 + month, 1).isoformat() for month in range(10)]
    values = [9.0, 11.0] * 5
    rows = [
        {"series": "unemployment_rate", "period_on": day, "known_on": day, "value": str(value)}
        for day, value in zip(months, values, strict=True)
    ]
    late = {"series": "unemployment_rate", "period_on": "2022-12-01", "known_on": known_on, "value": str(last)}
    return book_of(invoices=[invoice()], conditions=[*rows, late] if known_on else rows)


def test_a_path_of_a_series_is_measured_by_its_own_mean_and_spread():
    policy = read_policy(bad='series = "unemployment_rate"\npath = [12.0, 10.0]\nhigh_is_bad = true').allowance
    _, bad = read_scenarios(policy, make_series(), as_of=date(2023, 1, 1))
    assert bad.z == pytest.approx((-2.0 / np.sqrt(10 / 9), 0.0))


def test_what_is_published_on_the_day_or_later_changes_no_path():
    policy = read_policy(bad='series = "unemployment_rate"\npath = [12.0]').allowance
    day = date(2023, 1, 1)
    before = read_scenarios(policy, make_series(), as_of=day)
    assert read_scenarios(policy, make_series(known_on="2023-01-01", last=99.0), as_of=day) == before
    assert read_scenarios(policy, make_series(known_on="2022-12-31", last=99.0), as_of=day) != before


@pytest.mark.parametrize(
    ("series", "told"), [("unemployment", "did you mean 'unemployment_rate'"), ("x", "8 are needed")]
)
def test_a_series_that_is_not_there_is_refused(series, told):
    policy = read_policy(bad=f'series = "{series}"\npath = [12.0]').allowance
    with pytest.raises(InputError) as caught:
        read_scenarios(policy, make_series(), as_of=date(2023, 1, 1))
    assert told in str(caught.value.hint)


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        ({"usual": 0.5}, 4, "sum to 0.9"),
        ({"bad": ""}, 6, "needs either z"),
        ({"bad": 'z = [1.0]\nseries = "gdp_growth"\npath = [1.0]'}, 6, "needs either z"),
        ({"bad": 'series = "gdp_growth"'}, 6, "needs either z"),
        ({"bad": "z = [inf]"}, 9, "finite"),
    ],
)
def test_a_mistake_in_scenarios_is_named_with_its_line(change, line, told):
    with pytest.raises(PolicyError) as caught:
        read_policy(**change)
    assert caught.value.where == f"mine.toml, line {line}"
    assert told in caught.value.what
