"""What a credit bureau tells every half year: noisy readings of the hidden state."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.sim.customers import Traits
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Paths
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Bools, Floats, Ints, Timeline, make_generator

_EVERY_DAYS = 182
BUREAU_DELAY_DAYS = 21  # the bureau's picture is three weeks old
_COVERED_SHARE = 0.8
_RATINGS = np.array(["E", "D", "C", "B", "A"], dtype=object)


@dataclass(frozen=True)
class Coverage:
    """Whom the bureau reports on, one element per customer."""

    is_covered: Bools
    first_day: Ints
    lasting: Floats  # error of every reading of a customer, in levels of strength


def draw_coverage(rng: np.random.Generator, traits: Traits, timeline: Timeline) -> Coverage:
    """Draw whom the bureau reports on; the first numbers of the attributes' generator."""
    count = len(traits)
    return Coverage(
        is_covered=rng.random(count) < _COVERED_SHARE,
        first_day=np.maximum(traits.onboarded_day - 5, timeline.start_day + rng.integers(0, _EVERY_DAYS, count)),
        lasting=0.5 * rng.standard_normal(count),
    )


def build_attributes(
    traits: Traits, paths: Paths, *, timeline: Timeline, params: SimulationParameters, seed: int
) -> pd.DataFrame:
    """Give the bureau's reports, from shortly before a customer is onboarded until it has failed."""
    rng = make_generator(seed, "attributes")
    coverage = draw_coverage(rng, traits, timeline)
    paperless_from = timeline.start_day + rng.integers(-800, 2_400, len(traits))
    gone = np.full(len(traits), 2**31, dtype=np.int64)
    failed = ~paths.stops.is_cured
    gone[paths.stops.customer[failed]] = paths.stops.event_day[failed]
    frames = []
    for turn in range((timeline.end_day - timeline.start_day) // _EVERY_DAYS + 1):
        day = coverage.first_day + turn * _EVERY_DAYS
        chosen = np.flatnonzero(coverage.is_covered & (day <= timeline.end_day) & (day < gone))
        frames.append(_one_turn(rng, traits, paths, chosen, day[chosen], coverage.lasting, paperless_from, params))
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values(["known_on", "customer_id"], kind="stable", ignore_index=True)


def _one_turn(
    rng: np.random.Generator,
    traits: Traits,
    paths: Paths,
    chosen: Ints,
    day: Ints,
    lasting: Floats,
    paperless_from: Ints,
    params: SimulationParameters,
) -> pd.DataFrame:
    seen = np.maximum(day - BUREAU_DELAY_DAYS, paths.first_day)
    level = paths.strength_at(traits.unit[chosen], seen)
    reading = level + lasting[chosen] + params.bureau_noise * rng.standard_normal(len(chosen))
    discipline = paths.discipline_at(chosen, seen)
    beyond = np.array(params.discipline_days)[discipline] + np.array(params.strength_days)[level]
    return pd.DataFrame(
        {
            "customer_id": make_ids("C", chosen, 6),
            "known_on": day,
            "bureau_score": np.clip(np.rint(20 + 11 * reading), 1, 100).astype(np.int64),
            "bureau_rating": _RATINGS[np.clip((reading / 1.6).astype(np.int64), 0, 4)],
            "bureau_days_beyond_terms": np.clip(np.rint(beyond + 6 + 6 * rng.standard_normal(len(chosen))), 0, 120),
            "legal_filings": rng.poisson(np.exp(-2.2 - 0.45 * (level - 3))),
            "paperless": np.where(day >= paperless_from[chosen], "yes", "no").astype(object),
        }
    )
