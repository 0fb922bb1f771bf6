"""How long after a stop the default is known: distribution by kind of customer, from drawn stops of its own.

A stop becomes a default with the credit event, or when a material item is ninety days past due, whichever is
first. The second depends on what happens to be unpaid, so its distribution comes from drawing many stops
of each kind of customer, with random numbers that no portfolio uses: it owes nothing to later draws.
"""

from dataclasses import dataclass

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.chain import DAYS_A_MONTH, Chain
from arrisk.sim.customers import Traits
from arrisk.sim.delays import Law
from arrisk.sim.invoices import due_day
from arrisk.sim.params import SimulationParameters
from arrisk.sim.timeline import Floats, Ints, Runs, make_generator

_EPISODES = 600
_SLOTS = 48
_BEFORE, _LONGEST = 190, 400
_RATE_EDGES: Floats = np.array([0.3, 0.7, 1.5, 3.0])
_RATES: Floats = np.array([0.18, 0.5, 1.05, 2.1, 5.0])
_AMOUNT_EDGES: Floats = np.log([350.0, 800.0, 2_500.0])
_AMOUNTS: Floats = np.log([230.0, 550.0, 1_400.0, 6_000.0])
_RUN_PATTERNS = 6  # any day and the five weekdays: most customers
_SEED = 7


@dataclass(frozen=True)
class _Kind:
    """A kind of customer."""

    terms: int
    rate: float
    log_amount: float


def tabulate_lags(traits: Traits, chain: Chain, *, first_day: int, runs: Runs, params: SimulationParameters) -> Floats:
    """Give the chance that the default is known at most so many days after the stop; [customer, days]."""
    rate = np.searchsorted(_RATE_EDGES, traits.monthly_rate)
    amount = np.searchsorted(_AMOUNT_EDGES, traits.log_amount)
    codes, place = np.unique(np.stack([traits.terms, rate, amount]), axis=1, return_inverse=True)
    kinds = [_Kind(int(one), float(_RATES[two]), float(_AMOUNTS[three])) for one, two, three in codes.T]
    table = np.array([_distribution(kind, chain, first_day, runs, params) for kind in kinds])
    found: Floats = table[place.ravel()]
    return found


def _distribution(kind: _Kind, chain: Chain, first_day: int, runs: Runs, params: SimulationParameters) -> Floats:
    rng = make_generator(_SEED, f"lags {kind.terms} {kind.rate} {kind.log_amount}")
    stop = first_day + 200 + rng.integers(0, 365, _EPISODES)
    event = stop + rng.integers(*params.event_days, _EPISODES)
    hold = np.minimum(stop + rng.integers(*params.hold_days, _EPISODES), event)
    overdue = _draw_overdue_day(rng, kind, stop, hold, chain, runs, params)
    lag = np.clip(np.minimum(event, overdue) - stop, 0, _LONGEST)
    return np.cumsum(np.bincount(lag, minlength=_LONGEST + 1)) / _EPISODES


def _draw_overdue_day(
    rng: np.random.Generator,
    kind: _Kind,
    stop: Ints,
    hold: Ints,
    chain: Chain,
    runs: Runs,
    params: SimulationParameters,
) -> Ints:
    """Draw the first day on which unpaid items worth more than the materiality are ninety days past due."""
    shape, window = (_EPISODES, _SLOTS), _BEFORE + params.hold_days[1]
    issued = stop[:, None] - _BEFORE + rng.integers(0, window, shape)
    count = rng.poisson(kind.rate * window / DAYS_A_MONTH, _EPISODES)
    due = due_day(issued, np.full(shape, kind.terms))
    paid = _draw_paid_day(rng, kind, issued, due, chain, runs, params)
    is_unpaid = (np.arange(_SLOTS) < count[:, None]) & (issued < hold[:, None]) & (paid >= stop[:, None])
    amount = np.exp(kind.log_amount + params.amount_spread_within * rng.standard_normal(shape)) * is_unpaid
    order = np.argsort(due, axis=1)
    owed = np.cumsum(np.take_along_axis(amount, order, axis=1), axis=1) > params.materiality_amount
    day = np.where(owed, np.take_along_axis(due, order, axis=1) + params.default_days, NEVER)
    return np.asarray(day.min(axis=1), dtype=np.int64)


def _draw_paid_day(
    rng: np.random.Generator,
    kind: _Kind,
    issued: Ints,
    due: Ints,
    chain: Chain,
    runs: Runs,
    params: SimulationParameters,
) -> Ints:
    """Draw payment days of customers about to stop, their states weighted by where stops come from."""
    lasting = np.cumprod(np.append(1.0, chain.up[:-1] / chain.down[1, 1:]))
    weights = lasting * np.array(params.strength_hazard)
    strength = rng.choice(len(weights), len(issued), p=weights / weights.sum())
    discipline = rng.choice(len(params.discipline_weights), len(issued), p=params.discipline_weights)
    centre = np.array(params.discipline_days)[discipline] + np.array(params.strength_days)[strength]
    spread = np.broadcast_to(np.array(params.discipline_spread)[discipline][:, None], issued.shape)
    centre = np.broadcast_to((centre + params.terms_days[kind.terms])[:, None], issued.shape)
    law = Law(centre, spread, (issued - due).astype(float), np.full(issued.shape, params.latest_days))
    raw = due + np.ceil(law.quantile(rng.random(issued.shape))).astype(np.int64)
    pattern = np.broadcast_to(rng.integers(0, _RUN_PATTERNS, len(issued))[:, None], issued.shape)
    return runs.next_run(pattern, raw)
