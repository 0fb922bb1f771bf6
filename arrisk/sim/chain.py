"""The hidden Markov chain of macro regime and financial strength: daily chances and exact survival."""

from dataclasses import dataclass

import numpy as np

from arrisk.sim.params import INDUSTRIES, REGIMES, SIZES, Shock, SimulationParameters
from arrisk.sim.timeline import Floats, Ints

DAYS_A_MONTH = 30.4
LONGEST = 400  # days for which survival is tabulated; longer horizons are cut there
_NORMAL, _SHOCK = REGIMES.index("normal"), REGIMES.index("shock")


@dataclass(frozen=True)
class Chain:
    """Daily chances of everything that moves by itself.

    `regime[m, m']`, `up[s]`, `down[m, s]` and `hazard[class, m, s]` are chances a day; a class is an industry
    and a size; `survival[class, m, s, h]` is the chance of still paying h days later.
    """

    regime: Floats
    up: Floats
    down: Floats
    hazard: Floats
    regime_days: Floats  # [industry, m]
    survival: Floats


def class_of(industries: Ints, sizes: Ints) -> Ints:
    """Give the number of the hazard class of an industry and a size."""
    return industries * len(SIZES) + sizes


def build_chain(params: SimulationParameters, shock: Shock | None) -> Chain:
    """Turn monthly parameters into daily chances and tabulate survival by products of the daily matrix."""
    regime = _build_regime(params, shock)
    up = np.array(params.strength_up) / DAYS_A_MONTH
    down = np.outer(_shock_free(params.regime_down_factors, shock), params.strength_down) / DAYS_A_MONTH
    hazard = _build_hazard(params, shock)
    return Chain(
        regime=regime,
        up=up,
        down=down,
        hazard=hazard,
        regime_days=_build_regime_days(params, shock),
        survival=_tabulate_survival(_join(regime, up, down), hazard),
    )


def _build_regime(params: SimulationParameters, shock: Shock | None) -> Floats:
    boom, stress = 0, 2
    chances = np.zeros((len(REGIMES), len(REGIMES)))
    chances[boom, _NORMAL] = params.boom_to_normal
    chances[_NORMAL, boom] = params.normal_to_boom
    chances[_NORMAL, stress] = params.normal_to_stress
    chances[stress, _NORMAL] = params.stress_to_normal
    chances[_SHOCK, _NORMAL] = 1 / shock.mean_months if shock else 1.0
    chances /= DAYS_A_MONTH
    return chances + np.diag(1 - chances.sum(axis=1))


def _shock_free(factors: tuple[float, ...], shock: Shock | None) -> Floats:
    """Leave strength alone in a shock of one industry."""
    chosen = np.array(factors)
    if shock is not None and shock.industry is not None:
        chosen[_SHOCK] = chosen[_NORMAL]
    return chosen


def _is_hit(shock: Shock | None) -> Floats:
    if shock is None:
        return np.zeros(len(INDUSTRIES))
    return np.array([float(shock.industry in (None, industry)) for industry in INDUSTRIES])


def _build_hazard(params: SimulationParameters, shock: Shock | None) -> Floats:
    factors = np.tile(params.regime_hazard_factors, (len(INDUSTRIES), 1))
    if shock is not None:
        factors[:, _SHOCK] = 1 + _is_hit(shock) * (shock.hazard_factor - 1)
    by_class = np.outer(params.industry_hazard, params.size_hazard)[:, :, None, None]
    monthly = by_class * factors[:, None, :, None] * np.array(params.strength_hazard)
    daily: Floats = monthly / DAYS_A_MONTH
    return daily.reshape(-1, *monthly.shape[2:])


def _build_regime_days(params: SimulationParameters, shock: Shock | None) -> Floats:
    days = np.tile(params.regime_days, (len(INDUSTRIES), 1))
    if shock is not None:
        days[:, _SHOCK] = _is_hit(shock) * shock.extra_days
    return days


def _join(regime: Floats, up: Floats, down: Floats) -> Floats:
    """Daily matrix of (regime, strength): the regime moves first, strength moves under the new regime."""
    levels = len(up)
    joint = np.zeros((len(regime), levels, len(regime), levels))
    for new in range(len(regime)):
        move = np.diag(up[:-1], 1) + np.diag(down[new, 1:], -1)
        move += np.diag(1 - move.sum(axis=1))
        joint[:, :, new, :] = regime[:, new, None, None] * move
    return joint.reshape(len(regime) * levels, -1)


def _tabulate_survival(joint: Floats, hazard: Floats) -> Floats:
    alive = (1 - hazard).reshape(len(hazard), -1)
    table = np.ones((LONGEST + 1, *alive.shape))
    for day in range(1, LONGEST + 1):
        table[day] = (alive * table[day - 1]) @ joint.T
    by_state: Floats = np.ascontiguousarray(np.moveaxis(table, 0, -1))
    return by_state.reshape((*hazard.shape, LONGEST + 1))
