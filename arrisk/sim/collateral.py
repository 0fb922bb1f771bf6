"""Security held: who is covered, by what, and for which share."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.sim.customers import Traits
from arrisk.sim.params import SimulationParameters
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Floats, Ints, Timeline, make_generator

_KINDS = np.array(["credit_insurance", "guarantee", "deposit", "letter_of_credit", "lien"], dtype=object)
_SHARES = (0.5, 0.2, 0.12, 0.08, 0.1)
_COVER: Floats = np.array([0.9, 0.7, 1.0, 1.0, 0.4])
_REALISED: Floats = np.array([0.95, 0.6, 1.0, 0.95, 0.35])  # part of the cover that is really got
_MONTHS_OF_SALES: Floats = np.array([3.0, 2.0, 0.6, 1.5, 2.5])


@dataclass(frozen=True)
class Securities:
    """One element per security."""

    customer: Ints
    kind: Ints
    amount: Ints  # minor units of the customer's currency
    begin_day: Ints
    end_day: Ints
    realised: Floats  # [customer] share of a loss that security returns, once it is realised

    def cover_at(self, customers: Ints, days: Ints) -> Floats:
        """Share of a loss that the customers' security returns."""
        begin = np.full(len(self.realised), 2**31, dtype=np.int64)
        end = np.zeros(len(self.realised), dtype=np.int64)
        begin[self.customer], end[self.customer] = self.begin_day, self.end_day
        is_valid = (begin[customers] <= days) & (days <= end[customers])
        return np.where(is_valid, self.realised[customers], 0.0)


def draw_securities(traits: Traits, *, timeline: Timeline, params: SimulationParameters, seed: int) -> Securities:
    """Secure some customers, most of them larger ones, mostly by credit insurance."""
    rng = make_generator(seed, "collateral")
    chance = params.secured_share * np.array([0.7, 1.6, 2.0])[traits.size]
    customer = np.flatnonzero(rng.random(len(traits)) < chance)
    kind = rng.choice(len(_KINDS), len(customer), p=_SHARES)
    sales = traits.monthly_rate[customer] * np.exp(traits.log_amount[customer])
    amount = np.ceil(sales * _MONTHS_OF_SALES[kind] / 500 + 0.5).astype(np.int64) * 50_000
    begin = np.maximum(traits.onboarded_day[customer], timeline.start_day - 200)
    begin = begin + rng.integers(0, 200, len(customer))
    realised = np.zeros(len(traits))
    realised[customer] = _COVER[kind] * _REALISED[kind] * rng.uniform(0.7, 1.0, len(customer))
    end = begin + rng.integers(2, 8, len(customer)) * 365
    return Securities(customer=customer, kind=kind, amount=amount, begin_day=begin, end_day=end, realised=realised)


def build_collateral(traits: Traits, securities: Securities) -> pd.DataFrame:
    """Give the collateral table."""
    return pd.DataFrame(
        {
            "collateral_id": make_ids("S", np.arange(len(securities.customer)), 6),
            "customer_id": make_ids("C", securities.customer, 6),
            "kind": _KINDS[securities.kind],
            "amount": securities.amount,
            "currency": traits.currency[securities.customer],
            "cover_share": _COVER[securities.kind],
            "valid_from_on": securities.begin_day,
            "valid_to_on": securities.end_day,
        }
    )
