"""The world around: exchange rates and macro series, published late and revised."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.params import COUNTRIES, CURRENCIES, INDUSTRIES
from arrisk.sim.paths import Paths
from arrisk.sim.timeline import Floats, Ints, Texts, Timeline, list_month_starts, make_generator, month_end

_LEVELS = (1.0, 1.16, 0.089, 0.93)
_WEEK = 7
_BEFORE = 400  # days before the first day of the book for which rates are given: limits are older than invoices
_AFTER = 700


@dataclass(frozen=True)
class Rates:
    """Weekly exchange rates: book currency for one unit, [currency, week]."""

    first_day: int
    weekly: Floats

    def at(self, currencies: Texts, days: Ints) -> Floats:
        """Newest rate on or before each day."""
        codes = pd.Index(CURRENCIES).get_indexer(pd.Index(currencies))
        week = np.clip((days - self.first_day) // _WEEK, 0, self.weekly.shape[1] - 1)
        found: Floats = self.weekly[codes, week]
        return found


def draw_rates(*, timeline: Timeline, seed: int) -> Rates:
    """Draw slow random walks around each currency's usual rate."""
    rng = make_generator(seed, "rates")
    first = timeline.start_day - _BEFORE
    weeks = (timeline.last_day + _AFTER - first) // _WEEK
    walks = np.zeros((len(CURRENCIES), weeks))
    for week in range(1, weeks):
        walks[1:, week] = 0.995 * walks[1:, week - 1] + 0.008 * rng.standard_normal(len(CURRENCIES) - 1)
    return Rates(first_day=first, weekly=np.round(np.array(_LEVELS)[:, None] * np.exp(walks), 5))


def build_rates(rates: Rates) -> pd.DataFrame:
    """Give the rates table: one row per foreign currency and week."""
    weeks = rates.weekly.shape[1]
    days = rates.first_day + _WEEK * np.arange(weeks)
    return pd.DataFrame(
        {
            "currency": np.tile(np.array(CURRENCIES[1:], dtype=object), weeks),
            "rate_on": np.repeat(days, len(CURRENCIES) - 1),
            "rate": rates.weekly[1:].T.ravel(),
        }
    )


def build_conditions(paths: Paths, *, timeline: Timeline, seed: int) -> pd.DataFrame:
    """Give the macro and sector series: monthly, a month or two late, one value in five revised later."""
    rng = make_generator(seed, "conditions")
    starts = list_month_starts(timeline.start_day - 365, timeline.end_day)
    level = _smooth(np.array([-1.0, 0.0, 1.2, 2.0])[paths.regime_at(np.maximum(starts, paths.first_day))])
    noise = rng.standard_normal
    frames = [_series("gdp_growth", starts, 1.8 - 1.5 * level + 0.3 * noise(len(level)), 45)]
    for country in COUNTRIES:
        value = 5.0 + 1.3 * level + 0.2 * noise(len(level)) + rng.uniform(-1.5, 2.5)
        frames.append(_series("unemployment_rate", starts, value, 35, country=country))
    for industry in INDUSTRIES:
        value = 100 - 4.0 * level + 1.5 * noise(len(level))
        frames.append(_series("industry_output", starts, value, 50, industry=industry))
    table = pd.concat(frames, ignore_index=True)
    revised = table[rng.random(len(table)) < 0.2].copy()
    revised["value"] = (revised["value"] + 0.1 * noise(len(revised))).round(2)
    revised["known_on"] += 60
    return pd.concat([table, revised], ignore_index=True).sort_values("known_on", kind="stable", ignore_index=True)


def _smooth(level: Floats) -> Floats:
    smoothed = level.copy()
    for month in range(1, len(level)):
        smoothed[month] = 0.6 * smoothed[month - 1] + 0.4 * level[month]
    return smoothed


def _series(
    name: str,
    starts: Ints,
    value: Floats,
    delay: int,
    *,
    country: str | None = None,
    industry: str | None = None,
) -> pd.DataFrame:
    ends = month_end(starts)
    columns = {"series": name, "country": country, "industry": industry, "period_on": ends}
    return pd.DataFrame({**columns, "known_on": np.minimum(ends + delay, NEVER), "value": np.round(value, 2)})
