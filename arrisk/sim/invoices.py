"""Invoices as they are issued: day, amount, terms, due day."""

from dataclasses import dataclass

import numpy as np

from arrisk.sim.customers import Traits
from arrisk.sim.params import TERMS, SimulationParameters
from arrisk.sim.paths import Paths
from arrisk.sim.timeline import (
    Bools,
    Floats,
    Ints,
    Timeline,
    list_month_starts,
    make_generator,
    month_end,
    month_of,
    roll_forward,
)

TERMS_LENGTH: Ints = np.array([14, 30, 30, 45, 60, 30, 90])
_END_OF_MONTH = TERMS.index("EOM30")
_DISCOUNT = TERMS.index("2/10 NET30")
# Sales by calendar month; building and food have seasons of their own.
_SEASON: Floats = np.array([0.9, 0.9, 1.05, 1.0, 1.0, 1.05, 0.95, 0.8, 1.05, 1.1, 1.15, 1.05])
_BUILDING_SEASON: Floats = np.array([0.6, 0.65, 0.9, 1.05, 1.15, 1.2, 1.2, 1.1, 1.2, 1.15, 1.0, 0.8])
_RETAIL_SEASON: Floats = np.array([0.8, 0.8, 0.9, 0.95, 0.95, 0.95, 0.9, 0.9, 1.05, 1.2, 1.5, 1.3])
_STRENGTH_SALES: Floats = np.array([0.85, 0.95, 1.0, 1.0, 1.0, 1.0, 1.0, 1.05])
_REGIME_SALES: Floats = np.array([1.06, 1.0, 0.92, 0.88])
_SMALLEST = 2_000  # minor units


@dataclass(frozen=True)
class Invoices:
    """One element per invoice in the order of issue; amounts in minor units of the customer's currency."""

    customer: Ints
    issued_day: Ints
    due_day: Ints
    terms: Ints
    amount: Ints
    relative_amount: Floats  # log amount less the customer's usual one, in its standard deviations
    stop: Ints  # position of the stop that the customer is in or comes to next, -1 = none

    def __len__(self) -> int:
        """Count the invoices."""
        return len(self.customer)


def draw_invoices(
    traits: Traits, paths: Paths, *, timeline: Timeline, params: SimulationParameters, seed: int
) -> Invoices:
    """Draw what is sold to paying customers, and to those who have stopped until deliveries are held."""
    rng = make_generator(seed, "invoices")
    customer, issued = _draw_issues(rng, traits, paths, timeline)
    stop = paths.stops.find_next(customer, issued)
    held = np.append(paths.stops.hold_day, 2**31)[stop] <= issued
    customer, issued, stop = customer[~held], issued[~held], stop[~held]
    other = rng.random(len(customer)) < params.other_terms_share
    terms = np.where(other, rng.integers(0, len(TERMS), len(customer)), traits.terms[customer])
    relative = rng.standard_normal(len(customer))
    log_amount = traits.log_amount[customer] + params.amount_spread_within * relative
    return Invoices(
        customer=customer,
        issued_day=issued,
        due_day=due_day(issued, terms),
        terms=terms,
        amount=np.maximum(np.rint(100 * np.exp(log_amount)), _SMALLEST).astype(np.int64),
        relative_amount=relative,
        stop=stop,
    )


def due_day(issued: Ints, terms: Ints) -> Ints:
    """Due day under the terms: days after the invoice, or after the end of its month."""
    begins = np.where(terms == _END_OF_MONTH, month_end(issued), issued)
    return begins + TERMS_LENGTH[terms]


def offers_discount(terms: Ints) -> Bools:
    """Whether 2 % may be deducted for payment within ten days."""
    return np.asarray(terms == _DISCOUNT)


def _draw_issues(rng: np.random.Generator, traits: Traits, paths: Paths, timeline: Timeline) -> tuple[Ints, Ints]:
    """Poisson counts by customer and month, spread over business days, more of them at the month's end."""
    everyone = np.arange(len(traits))
    customers, days = [], []
    for start in list_month_starts(timeline.start_day, timeline.last_day):
        last = min(int(month_end(np.array([start]))[0]), timeline.last_day)
        mean = _mean_sales(traits, paths, int(start)) * (last - start + 1) / 30.4
        chosen = np.repeat(everyone, rng.poisson(mean))
        place = rng.random(len(chosen)) ** 0.8  # more towards the end of the month
        day = roll_forward(start + (place * (last - start + 1)).astype(np.int64))
        customers.append(chosen)
        days.append(day)
    customer, issued = np.concatenate(customers), np.concatenate(days)
    real = (issued >= traits.onboarded_day[customer]) & (issued <= timeline.last_day)
    customer, issued = customer[real], issued[real]
    order = np.lexsort((customer, issued))
    return customer[order], issued[order]


def _mean_sales(traits: Traits, paths: Paths, start: int) -> Floats:
    month = int(month_of(np.array([start]))[0])
    season = np.full(8, _SEASON[month])
    season[1], season[5] = _BUILDING_SEASON[month], _RETAIL_SEASON[month]
    level = paths.strength_at(traits.unit, np.full(len(traits), start))
    mean: Floats = traits.monthly_rate * season[traits.industry] * _STRENGTH_SALES[level]
    return mean * float(_REGIME_SALES[paths.regime_at(np.array([start]))[0]])
