"""How likely accounts and the bureau's reports in a simulated ledger are in every hidden state.

Where the observer is told more than the ledger shows, it is what lasts of a firm's figures and of the bureau's error.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr
from scipy.stats import poisson

from arrisk.sim.accounts import REVENUE_OF_PURCHASES, build_financials, draw_publishers
from arrisk.sim.attributes import BUREAU_DELAY_DAYS, build_attributes, draw_coverage
from arrisk.sim.timeline import Floats, Ints, make_generator
from arrisk.sim.world import World

_LEAST = 1e-12
_NORMAL = 4.0  # the level at which every figure is the usual one
_CASH_FLOOR, _REVENUE_FLOOR, _RATIO_FLOOR = -2.9, 51_000, 0.36
_SHORT_TERM = (0.155, 0.945)  # share of the debt, within what is cut off


@dataclass(frozen=True)
class Readings:
    """Readings of customers, [reading]; `chance` [reading, discipline, strength] is how likely each is."""

    customer: Ints
    day: Ints
    chance: npt.NDArray[np.floating]


@dataclass(frozen=True)
class Accounts:
    """Accounts of customers, [accounts]: last day, mean of the readings of the level, and how many there are."""

    customer: Ints
    end_day: Ints
    level: Floats
    readings: Ints


def read_accounts(world: World, today: int) -> Accounts:
    """Read the level of strength in each set of accounts known before a day."""
    traits, params = world.traits, world.params
    table = build_financials(traits, world.paths, timeline=world.timeline, params=params, seed=world.seed)
    table = table.loc[table["known_on"] < today].drop_duplicates(["customer_id", "period_end_on"])
    customer = _find_customers(table)
    lasting = draw_publishers(make_generator(world.seed, "accounts"), traits, params).lasting[:, customer]
    usual = 12 * REVENUE_OF_PURCHASES * traits.monthly_rate * np.exp(traits.log_amount)
    signals = _read_signals(table, usual[customer], lasting)
    known = ~np.isnan(signals)
    readings = known.sum(axis=0)
    level = _NORMAL + np.where(known, signals, 0.0).sum(axis=0) / np.maximum(readings, 1)
    chosen = readings > 0
    ends = table["period_end_on"].to_numpy()
    return Accounts(customer[chosen], ends[chosen], level[chosen], readings[chosen])


def _read_signals(table: pd.DataFrame, usual: Floats, lasting: Floats) -> Floats:
    """Undo how the simulator makes figures of five signals; NaN where a figure is cut off."""
    said = {name: table[name].to_numpy(dtype="float64") for name in table.columns[4:]}
    assets, revenue, current = said["total_assets"], said["revenue"], said["current_assets"]
    owed, debt = said["current_liabilities"], said["total_liabilities"]
    cash = (said["cash"] / assets - 0.09) / 0.03
    liquid = (current / owed - 1.35 - 0.1 * lasting[0]) / 0.16
    is_whole = (owed > _SHORT_TERM[0] * debt) & (owed < _SHORT_TERM[1] * debt) & (current > _RATIO_FLOOR * owed)
    turnover = (np.log(revenue / usual) - 0.5 * lasting[0]) / 0.05
    return np.array(
        [
            (said["equity"] / assets - 0.32 - 0.05 * lasting[2]) / 0.085,
            np.where(cash > _CASH_FLOOR, cash, np.where(is_whole, liquid, np.nan)),
            (said["ebit"] / revenue - 0.045) / 0.018,
            (said["operating_cash_flow"] - said["net_income"] - said["depreciation"]) / (0.02 * revenue),
            np.where(revenue > _REVENUE_FLOOR, turnover, np.nan),
        ]
    )


def read_reports(world: World, today: int) -> Readings:
    """Read the bureau's reports known before a day."""
    traits, params = world.traits, world.params
    table = build_attributes(traits, world.paths, timeline=world.timeline, params=params, seed=world.seed)
    table = table.loc[table["known_on"] < today]
    customer = _find_customers(table)
    lasting = draw_coverage(make_generator(world.seed, "attributes"), traits, world.timeline).lasting
    strengths = np.arange(len(params.strength_days))
    score = table["bureau_score"].to_numpy()[:, None]
    low, high = (
        ndtr(((score + side - 20) / 11 - strengths - lasting[customer, None]) / params.bureau_noise)
        for side in (-0.5, 0.5)
    )
    scored = np.where(score <= 1, high, np.where(score >= 100, 1 - low, high - low))
    filed = poisson.pmf(table["legal_filings"].to_numpy()[:, None], np.exp(-2.2 - 0.45 * (strengths - 3)))
    beyond = table["bureau_days_beyond_terms"].to_numpy()[:, None, None]
    centre = np.array(params.discipline_days)[:, None] + np.array(params.strength_days) + 6
    below, above = (ndtr((beyond + side - centre) / 6) for side in (-0.5, 0.5))
    late = np.where(beyond <= 0, above, above - below)
    day = np.maximum(table["known_on"].to_numpy() - BUREAU_DELAY_DAYS, world.paths.first_day)
    return Readings(customer, day, np.maximum((scored * filed)[:, None, :] * late, _LEAST))


def _find_customers(table: pd.DataFrame) -> Ints:
    """Turn the ids of a table into positions."""
    return np.asarray(table["customer_id"].str[1:].astype("int64") - 1)
