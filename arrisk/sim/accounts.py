"""Published annual accounts: driven by the hidden strength of the year, noisy, late, and missing for many."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.sim.customers import Traits
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Paths
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Bools, Floats, Ints, Timeline, list_month_starts, make_generator, month_end, month_of

SEEN_BEFORE = ((330, 0.1), (240, 0.2), (150, 0.3), (60, 0.4))  # days before the last one, and their weights
_YEAR_ENDS = (11, 11, 11, 11, 11, 11, 2, 5, 8)  # month of the balance sheet, one drawn per customer
REVENUE_OF_PURCHASES = 40.0  # a customer buys one fortieth of its turnover from us
_TURNOVER: Floats = np.array([1.3, 1.1, 1.0, 1.6, 1.0, 2.0, 1.5, 1.7])  # sales to assets by industry
_STOCK: Floats = np.array([0.22, 0.2, 0.18, 0.15, 0.26, 0.32, 0.03, 0.05])  # inventory to assets by industry
_RESTATED_SHARE = 0.02


@dataclass(frozen=True)
class Publishers:
    """Who publishes accounts and how, one element per customer; `lasting` is what of the figures never changes."""

    publishes: Bools
    year_end: Ints  # month of the balance sheet, 0 = January
    usual_delay: Ints  # days
    lasting: Floats  # [figure, customer], in standard deviations


def draw_publishers(rng: np.random.Generator, traits: Traits, params: SimulationParameters) -> Publishers:
    """Draw who publishes accounts; the first numbers of the accounts' generator."""
    count = len(traits)
    return Publishers(
        publishes=rng.random(count) < np.array(params.published_share)[traits.size],
        year_end=np.array(_YEAR_ENDS)[rng.integers(0, len(_YEAR_ENDS), count)],
        usual_delay=rng.integers(*params.publication_days, count),
        lasting=rng.standard_normal((3, count)),
    )


def build_financials(
    traits: Traits, paths: Paths, *, timeline: Timeline, params: SimulationParameters, seed: int
) -> pd.DataFrame:
    """Give the accounts: one row per customer and year, a few restated later under the same key."""
    rng = make_generator(seed, "accounts")
    publishers = draw_publishers(rng, traits, params)
    frames = []
    for start in list_month_starts(paths.first_day + 366, timeline.end_day):
        end = int(month_end(np.array([start]))[0])
        founded = traits.incorporated_day < end - 400
        ends = publishers.year_end == int(month_of(np.array([end]))[0])
        chosen = np.flatnonzero(publishers.publishes & founded & ends)
        frames.append(_one_year(rng, traits, paths, chosen, end, publishers, params))
    table = pd.concat(frames, ignore_index=True)
    table = pd.concat([table, _restate(rng, table)], ignore_index=True)
    return table.sort_values(["known_on", "customer_id"], kind="stable", ignore_index=True)


def _one_year(
    rng: np.random.Generator,
    traits: Traits,
    paths: Paths,
    chosen: Ints,
    end: int,
    publishers: Publishers,
    params: SimulationParameters,
) -> pd.DataFrame:
    """Accounts of one balance-sheet day; the year counts with its later half twice."""
    level = np.zeros(len(chosen))
    for back, weight in SEEN_BEFORE:
        level += weight * paths.strength_at(traits.unit[chosen], np.full(len(chosen), end - back))
    noise = params.accounts_noise * rng.standard_normal((5, len(chosen)))
    figures = _figures(traits, chosen, (level - 4.0) + noise, publishers.lasting[:, chosen])
    figures["market_equity"] = _market_equity(rng, traits, chosen, level, figures["equity"])
    identity = {
        "customer_id": make_ids("C", chosen, 6),
        "period_end_on": end,
        "known_on": end + publishers.usual_delay[chosen] + rng.integers(-20, 60, len(chosen)),
        "currency": traits.currency[chosen],
    }
    rounded = {name: np.round(value, -3 if name != "market_equity" else -5) for name, value in figures.items()}
    return pd.DataFrame({**identity, **rounded})


def _figures(traits: Traits, chosen: Ints, signal: Floats, lasting: Floats) -> dict[str, Floats]:
    """Balance sheet and income statement that add up, from five noisy readings of strength."""
    industry = traits.industry[chosen]
    purchases = 12 * traits.monthly_rate[chosen] * np.exp(traits.log_amount[chosen])
    revenue = np.maximum(purchases * REVENUE_OF_PURCHASES * np.exp(0.5 * lasting[0] + 0.05 * signal[4]), 50_000)
    assets = revenue / (_TURNOVER[industry] * np.exp(0.2 * lasting[1]))
    equity = assets * np.clip(0.32 + 0.085 * signal[0] + 0.05 * lasting[2], -0.4, 0.9)
    liabilities = assets - equity
    inventory = assets * _STOCK[industry]
    receivables = assets * 0.22
    cash = assets * np.clip(0.09 + 0.03 * signal[1], 0.002, 0.4)
    current_assets = inventory + receivables + cash
    ratio = np.clip(1.35 + 0.16 * signal[1] + 0.1 * lasting[0], 0.35, 5.0)
    current_liabilities = np.clip(current_assets / ratio, 0.15 * liabilities, 0.95 * liabilities)
    debt = np.maximum(liabilities - 0.6 * current_liabilities, 0.0)
    interest = 0.05 * debt
    ebit = revenue * (0.045 + 0.018 * signal[2])
    income = np.where(ebit > interest, 0.74, 1.0) * (ebit - interest)
    depreciation = 0.04 * assets
    return {
        "revenue": revenue,
        "ebit": ebit,
        "interest_expense": interest,
        "net_income": income,
        "total_assets": assets,
        "current_assets": current_assets,
        "cash": cash,
        "inventory": inventory,
        "receivables": receivables,
        "total_liabilities": liabilities,
        "current_liabilities": current_liabilities,
        "equity": equity,
        "retained_earnings": equity - 0.12 * assets,
        "operating_cash_flow": income + depreciation + 0.02 * revenue * signal[3],
        "intangible_assets": 0.04 * assets,
        "depreciation": depreciation,
        "gross_debt": debt,
    }


def _market_equity(rng: np.random.Generator, traits: Traits, chosen: Ints, level: Floats, equity: Floats) -> Floats:
    """Only listed companies have one: a quarter of the large ones, always the same."""
    is_listed = (traits.size[chosen] == 2) & (traits.employees[chosen] % 4 == 0)
    value = np.maximum(equity, 0) * np.exp(0.3 + 0.25 * (level - 4) + 0.2 * rng.standard_normal(len(chosen)))
    return np.where(is_listed, np.maximum(value, 1e5), np.nan)


def _restate(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    again = table[rng.random(len(table)) < _RESTATED_SHARE].copy()
    again["known_on"] += rng.integers(60, 200, len(again))
    again["net_income"] = (again["net_income"] - 0.01 * again["total_assets"]).round(-3)
    return again
