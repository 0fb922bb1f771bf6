"""Paths of the hidden states, and the stops: when a customer ceases to pay, and what becomes of it."""

from dataclasses import dataclass

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.chain import DAYS_A_MONTH, Chain
from arrisk.sim.customers import Traits
from arrisk.sim.params import REGIMES, Shock, SimulationParameters
from arrisk.sim.timeline import Bools, Ints, Levels, Timeline, list_month_starts, make_generator

_WIDE = 2**32  # more than any day


@dataclass(frozen=True)
class Stops:
    """One element per stop, by customer and day: no payment from `stop_day` until `resume_day` (or NEVER)."""

    customer: Ints
    stop_day: Ints
    resume_day: Ints
    event_day: Ints  # the credit event becomes known, whatever else has happened by then
    hold_day: Ints  # no delivery from this day until it resumes
    write_off_day: Ints
    is_cured: Bools

    def __len__(self) -> int:
        """Count the stops."""
        return len(self.customer)

    def find_next(self, customers: Ints, days: Ints) -> Ints:
        """Position of the stop that each customer is in on a day, or of its next one; -1 = none to come."""
        keys = self.customer * _WIDE + self.resume_day
        found = np.searchsorted(keys, customers * _WIDE + days, side="right")
        inside = np.minimum(found, max(len(self) - 1, 0))
        is_own = (found < len(self)) & (np.append(self.customer, -1)[inside] == customers)
        return np.where(is_own, inside, -1)


@dataclass(frozen=True)
class Paths:
    """Hidden states by day, counted from `first_day`."""

    first_day: int
    regime: Ints  # [day]
    strength: Levels  # [day, unit]
    discipline: Levels  # [day, customer]
    stops: Stops

    def strength_at(self, units: Ints, days: Ints) -> Ints:
        """Financial strength of units on days."""
        return self.strength[days - self.first_day, units].astype(np.int64)

    def discipline_at(self, customers: Ints, days: Ints) -> Ints:
        """Payment discipline of customers on days."""
        return self.discipline[days - self.first_day, customers].astype(np.int64)

    def regime_at(self, days: Ints) -> Ints:
        """Macro regime on days."""
        return self.regime[days - self.first_day]


def simulate_paths(
    traits: Traits,
    chain: Chain,
    *,
    timeline: Timeline,
    params: SimulationParameters,
    shock: Shock | None,
    seed: int,
) -> Paths:
    """Run regime, strength, discipline and stops day by day."""
    regime = _run_regime(chain, timeline, shock, seed)
    strength = _run_strength(traits, chain, regime, seed)
    stops = _run_stops(traits, chain, regime, strength, timeline, params, seed)
    return Paths(
        first_day=timeline.first_day,
        regime=regime,
        strength=strength,
        discipline=_run_discipline(len(traits), len(regime), params, seed),
        stops=stops,
    )


def _run_regime(chain: Chain, timeline: Timeline, shock: Shock | None, seed: int) -> Ints:
    rng = make_generator(seed, "regime")
    edges = np.cumsum(chain.regime, axis=1)
    begins = -1
    if shock is not None:
        begins = int(list_month_starts(timeline.start_day, timeline.last_day)[shock.start_month - 1])
    path = np.empty(timeline.last_day - timeline.first_day + 1, dtype=np.int64)
    state = REGIMES.index("normal")
    for offset, chance in enumerate(rng.random(len(path))):
        state = int(np.searchsorted(edges[state], chance, side="right"))
        if timeline.first_day + offset == begins:
            state = REGIMES.index("shock")
        path[offset] = state
    return path


def _run_strength(traits: Traits, chain: Chain, regime: Ints, seed: int) -> Levels:
    rng = make_generator(seed, "strength")
    count = len(traits)
    up, down = chain.up, chain.down
    shares = np.cumprod(np.append(1.0, up[:-1] / down[1, 1:]))
    edges = np.cumsum(shares) / shares.sum()
    state = np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(up) - 1)
    state = np.clip(state + (traits.size == traits.size.max()), 0, len(up) - 1)
    path = np.empty((len(regime), count), dtype=np.int8)
    for offset, now in enumerate(regime):
        chance = rng.random(count)
        state = state + (chance > 1 - up[state]) - (chance < down[now][state])
        path[offset] = state
    return path


def _run_discipline(count: int, days: int, params: SimulationParameters, seed: int) -> Levels:
    """Walk between neighbours so that the long-run shares are the given weights (Metropolis)."""
    rng = make_generator(seed, "discipline")
    weights = np.array(params.discipline_weights)
    move = params.discipline_move / DAYS_A_MONTH / 2
    up = np.append(move * np.minimum(1, weights[1:] / weights[:-1]), 0.0)
    down = np.append(0.0, move * np.minimum(1, weights[:-1] / weights[1:]))
    edges = np.cumsum(weights) / weights.sum()
    state = np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(weights) - 1)
    path = np.empty((days, count), dtype=np.int8)
    for offset in range(days):
        chance = rng.random(count)
        state = state + (chance > 1 - up[state]) - (chance < down[state])
        path[offset] = state
    return path


def _run_stops(
    traits: Traits,
    chain: Chain,
    regime: Ints,
    strength: Levels,
    timeline: Timeline,
    params: SimulationParameters,
    seed: int,
) -> Stops:
    """Each day a paying customer may stop; a cured one pays again and may stop once more."""
    rng = make_generator(seed, "stops")
    pays_from = np.maximum(traits.onboarded_day, timeline.start_day)
    found: list[tuple[Ints, Ints, Ints, Ints, Bools]] = []
    for day in range(timeline.start_day, timeline.last_day + 1):
        offset = day - timeline.first_day
        hazard = chain.hazard[traits.hazard_class, regime[offset], strength[offset][traits.unit]]
        stopping = np.flatnonzero((rng.random(len(traits)) < hazard) & (pays_from < day))
        if not len(stopping):
            continue
        cured = rng.random(len(stopping)) < params.cure_share
        resume = np.where(cured, day + rng.integers(*params.cure_days, len(stopping)), NEVER)
        event = day + rng.integers(*params.event_days, len(stopping))
        pays_from[stopping] = resume
        found.append((stopping, np.full(len(stopping), day), resume, event, cured))
    return _gather_stops(found, rng, params)


def _gather_stops(
    found: list[tuple[Ints, Ints, Ints, Ints, Bools]], rng: np.random.Generator, params: SimulationParameters
) -> Stops:
    none = (np.empty(0, np.int64),) * 4 + (np.empty(0, bool),)
    customer, stop, resume, event, cured = (np.concatenate(parts) for parts in zip(none, *found, strict=True))
    order = np.lexsort((stop, customer))
    customer, stop, resume, event, cured = (part[order] for part in (customer, stop, resume, event, cured))
    hold = np.minimum(stop + rng.integers(*params.hold_days, len(stop)), event)
    write_off = np.where(cured, NEVER, stop + rng.integers(*params.write_off_days, len(stop)))
    return Stops(
        customer=customer,
        stop_day=stop,
        resume_day=resume,
        event_day=event,
        hold_day=hold,
        write_off_day=write_off,
        is_cured=cured,
    )
