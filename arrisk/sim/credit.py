"""What the company's naive credit department does: applications, limits by rule of thumb, orders."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.conditions import Rates
from arrisk.sim.customers import Traits
from arrisk.sim.invoices import TERMS_LENGTH, Invoices
from arrisk.sim.paths import Stops
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Bools, Floats, Ints, Timeline, make_generator

_REVIEW_DAYS = 365
_ROUND_TO = 50_000  # minor units
_KINDS = np.array(["amount", "none", "zero"], dtype=object)
_SHIP_DAYS = 3


def build_applications(traits: Traits, *, timeline: Timeline, rates: Rates, seed: int) -> pd.DataFrame:
    """Give the requests for credit in book currency: one before onboarding, some for more credit later."""
    rng = make_generator(seed, "applications")
    count = len(traits)
    again = np.flatnonzero(rng.random(count) < 0.25)
    begin = np.maximum(traits.onboarded_day[again], timeline.start_day)
    later = begin + 60 + rng.integers(0, np.maximum(timeline.end_day - begin - 60, 1))
    customer = np.concatenate([np.arange(count), again])
    day = np.concatenate([traits.applied_day, later])
    order = np.lexsort((customer, day))
    customer, day = customer[order], day[order]
    sales = _monthly_sales(traits, customer) * rates.at(traits.currency[customer], day)
    expected = sales * np.exp(0.1 + 0.35 * rng.standard_normal(len(customer)))
    return pd.DataFrame(
        {
            "application_id": make_ids("A", np.arange(len(customer)), 7),
            "customer_id": make_ids("C", customer, 6),
            "applied_on": day,
            "requested_limit": _round_up(expected * (1 + TERMS_LENGTH[traits.terms[customer]] / 30) * 1.2),
            "requested_terms_days": TERMS_LENGTH[traits.terms[customer]],
            "expected_monthly_sales": _round_up(expected),
        }
    )


def build_limits(traits: Traits, stops: Stops, *, timeline: Timeline, seed: int) -> pd.DataFrame:
    """Give the limits: two to four months of sales, reviewed every year, zero after a credit event."""
    rng = make_generator(seed, "limits")
    kind = np.where(rng.random(len(traits)) < 0.05, 1, 0)
    begin = np.maximum(traits.onboarded_day, timeline.start_day - rng.integers(0, _REVIEW_DAYS, len(traits)))
    months = rng.uniform(2.0, 4.5, len(traits)) + TERMS_LENGTH[traits.terms] / 60
    frames = []
    for turn in range((timeline.end_day - timeline.start_day) // _REVIEW_DAYS + 2):
        day = begin + turn * _REVIEW_DAYS
        chosen = np.flatnonzero((day <= timeline.end_day) & ~_is_out(stops, np.arange(len(traits)), day))
        drift = np.exp(0.15 * rng.standard_normal(len(chosen)))
        amount = _round_up(_monthly_sales(traits, chosen) * months[chosen] * drift)
        frames.append(_limits(traits, chosen, kind[chosen], amount, day[chosen], day[chosen] + _REVIEW_DAYS + 30))
    cut = stops.event_day + rng.integers(1, 5, len(stops))
    none = np.zeros(len(stops), dtype=np.int64)
    frames.append(_limits(traits, stops.customer, none + 2, none, cut, none + NEVER))
    table = pd.concat(frames, ignore_index=True)
    table = table.drop_duplicates(["customer_id", "valid_from_on"], keep="last")
    return table.sort_values(["valid_from_on", "customer_id"], kind="stable", ignore_index=True)


def _is_out(stops: Stops, customers: Ints, days: Ints) -> Bools:
    """Whether the customer's limit is withdrawn on the day."""
    stop = stops.find_next(customers, days)
    return np.append(stops.event_day, NEVER)[stop] <= days


def _limits(traits: Traits, customer: Ints, kind: Ints, amount: Ints, begin: Ints, end: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": make_ids("C", customer, 6),
            "limit_amount": np.where(kind == 1, np.nan, amount),
            "limit_kind": _KINDS[kind],
            "valid_from_on": begin,
            "valid_to_on": end,
            "currency": traits.currency[customer],
        }
    )


def build_orders(traits: Traits, invoices: Invoices, *, end_day: int, seed: int) -> pd.DataFrame:
    """Give the orders behind the invoices of customers that order; those invoiced after the end are open."""
    rng = make_generator(seed, "orders")
    chosen = np.flatnonzero(traits.is_orderer[invoices.customer])
    issued = invoices.issued_day[chosen]
    wished = issued - rng.integers(4, 25, len(chosen))
    ordered = np.maximum(wished, traits.onboarded_day[invoices.customer[chosen]])
    shipped = np.maximum(issued - rng.integers(0, _SHIP_DAYS, len(chosen)), ordered)
    order = np.lexsort((chosen, ordered))
    customer = invoices.customer[chosen][order]
    table = pd.DataFrame(
        {
            "order_id": make_ids("O", np.arange(len(chosen)), 8),
            "customer_id": make_ids("C", customer, 6),
            "ordered_on": ordered[order],
            "amount": invoices.amount[chosen][order],
            "currency": traits.currency[customer],
            "shipped_on": shipped[order],
            "invoiced_on": issued[order],
        }
    )
    return table[table["ordered_on"] <= end_day]


def _monthly_sales(traits: Traits, customers: Ints) -> Floats:
    """Usual sales per month in major units; the mean amount lies above the usual one."""
    return traits.monthly_rate[customers] * np.exp(traits.log_amount[customers]) * 1.4


def _round_up(major: Floats) -> Ints:
    return (np.floor(100 * major / _ROUND_TO) + 1).astype(np.int64) * _ROUND_TO
