"""Customers: the traits that stay, and the master-data table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.chain import class_of
from arrisk.sim.params import BOOK_CURRENCY, COUNTRIES, INDUSTRIES, SIZES, TERMS, SimulationParameters
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import RUN_KINDS, Bools, Floats, Ints, Texts, Timeline, make_generator

_CURRENCY_OF = {"GB": "GBP", "SE": "SEK", "US": "USD"}
_TERMS_SHARES = (0.10, 0.42, 0.08, 0.12, 0.16, 0.07, 0.05)
_RUN_SPLITS = ((1.0,), (0.12, 0.15, 0.18, 0.20, 0.35), (0.5, 0.5), (0.15, 0.2, 0.2, 0.2, 0.25))
_FORMS = {
    "DE": "GmbH",
    "FR": "SARL",
    "GB": "Ltd",
    "IT": "Srl",
    "NL": "BV",
    "PL": "Sp. z o.o.",
    "SE": "AB",
    "US": "LLC",
}
_LARGE_FORMS = {
    "DE": "AG",
    "FR": "SA",
    "GB": "plc",
    "IT": "SpA",
    "NL": "NV",
    "PL": "SA",
    "SE": "AB",
    "US": "Inc",
}
_FIRST_WORDS = [
    "Alder",
    "Birch",
    "Cedar",
    "Delta",
    "Elm",
    "Falcon",
    "Granite",
    "Harbour",
    "Iris",
    "Juniper",
    "Keystone",
    "Linden",
    "Meridian",
    "North",
    "Orchard",
]
_SECOND_WORDS = [
    "Brothers",
    "Components",
    "Foods",
    "Group",
    "Handel",
    "Industries",
    "Logistics",
    "Partners",
    "Supply",
    "Systems",
    "Trading",
    "Works",
]


@dataclass(frozen=True)
class Traits:
    """What a customer is and stays, one element per customer; codes count in the tuples of `params`."""

    industry: Ints
    size: Ints
    country: Ints
    hazard_class: Ints
    unit: Ints  # customers of one group share the unit, and with it their financial strength
    parent: Ints  # position of the parent, or -1
    terms: Ints
    run_pattern: Ints
    monthly_rate: Floats
    log_amount: Floats
    onboarded_day: Ints
    applied_day: Ints  # of its first request for credit
    incorporated_day: Ints
    employees: Ints
    is_orderer: Bools
    currency: Texts

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.industry)


def draw_traits(*, customers: int, timeline: Timeline, params: SimulationParameters, seed: int) -> Traits:
    """Draw the lasting traits of all customers."""
    rng = make_generator(seed, "customers")
    size = _choose(rng, params.size_shares, customers)
    industry = _choose(rng, params.industry_shares, customers)
    country = _choose(rng, params.country_shares, customers)
    parent = _draw_parents(rng, size, params.group_share)
    onboarded = _draw_onboarding(rng, customers, timeline, params)
    return Traits(
        industry=industry,
        size=size,
        country=country,
        hazard_class=class_of(industry, size),
        unit=np.where(parent >= 0, parent, np.arange(customers)),
        parent=parent,
        terms=_choose(rng, _TERMS_SHARES, customers),
        run_pattern=_draw_run_patterns(rng, customers, params),
        monthly_rate=np.array(params.invoices_per_month)[size]
        * np.exp(params.invoices_spread * rng.standard_normal(customers)),
        log_amount=np.log(np.array(params.amount_medians)[size])
        + params.amount_spread_between * rng.standard_normal(customers),
        onboarded_day=onboarded,
        applied_day=onboarded - rng.integers(2, 30, customers),
        incorporated_day=onboarded - 200 - rng.gamma(1.3, 4_000, customers).astype(np.int64),
        employees=np.ceil(np.array([9, 70, 700])[size] * np.exp(0.7 * rng.standard_normal(customers))).astype(np.int64),
        is_orderer=rng.random(customers) < params.ordered_share,
        currency=_currency_of(country),
    )


def _choose(rng: np.random.Generator, shares: tuple[float, ...], count: int) -> Ints:
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(shares) - 1)


def _draw_parents(rng: np.random.Generator, size: Ints, share: float) -> Ints:
    """Draw groups: the head is a medium or large customer, the others belong to it."""
    count = len(size)
    heads = rng.permutation(np.flatnonzero(size > 0))
    members = rng.permutation(np.flatnonzero(size < 2))[: int(share * count)]
    heads = np.setdiff1d(heads, members, assume_unique=True)[: max(len(members) // 2, 1)]
    parent = np.full(count, -1, dtype=np.int64)
    if len(heads) and len(members):
        parent[members] = heads[rng.integers(0, len(heads), len(members))]
    return parent


def _draw_onboarding(rng: np.random.Generator, count: int, timeline: Timeline, params: SimulationParameters) -> Ints:
    days = timeline.end_day - timeline.start_day
    share = 1 - np.exp(-params.newcomers_per_month * days / 30.4)
    before = timeline.start_day - 30 - rng.gamma(1.5, 1_200, count).astype(np.int64)
    during = timeline.start_day + rng.integers(0, max(days, 1), count)
    return np.where(rng.random(count) < share, during, before)


def _draw_run_patterns(rng: np.random.Generator, count: int, params: SimulationParameters) -> Ints:
    kinds = _choose(rng, params.run_shares, count)
    patterns = np.zeros(count, dtype=np.int64)
    for kind, split in enumerate(_RUN_SPLITS):
        patterns[kinds == kind] = np.flatnonzero(kind == RUN_KINDS)[_choose(rng, split, int((kinds == kind).sum()))]
    return patterns


def _currency_of(countries: Ints) -> Texts:
    names = np.array([_CURRENCY_OF.get(country, BOOK_CURRENCY) for country in COUNTRIES], dtype=object)
    return names[countries]


def build_customers(traits: Traits, *, timeline: Timeline, seed: int) -> pd.DataFrame:
    """Give the master data: newcomers are known once they apply, a few rows are corrected later."""
    rng = make_generator(seed, "master data")
    known = np.where(traits.onboarded_day >= timeline.start_day, traits.applied_day, NEVER)
    names = _draw_names(rng, traits)
    frame = pd.DataFrame(
        {
            "customer_id": make_ids("C", np.arange(len(traits)), 6),
            "name": names,
            "country": np.array(COUNTRIES, dtype=object)[traits.country],
            "industry": np.array(INDUSTRIES, dtype=object)[traits.industry],
            "legal_form": _legal_forms(traits),
            "incorporated_on": traits.incorporated_day,
            "onboarded_on": traits.onboarded_day,
            "parent_id": make_ids("C", traits.parent, 6),
            "employees": traits.employees,
            "currency": traits.currency,
            "known_on": known,
        }
    )
    return pd.concat([frame, _draw_corrections(rng, frame, timeline)], ignore_index=True)


def _legal_forms(traits: Traits) -> Texts:
    common = np.array([_FORMS[country] for country in COUNTRIES], dtype=object)[traits.country]
    large = np.array([_LARGE_FORMS[country] for country in COUNTRIES], dtype=object)[traits.country]
    forms = np.where(traits.size == len(SIZES) - 1, large, common)
    return np.where((traits.size == 0) & (traits.employees < 4), "sole trader", forms)


def _draw_names(rng: np.random.Generator, traits: Traits) -> list[str]:
    first = rng.integers(0, len(_FIRST_WORDS), len(traits))
    second = rng.integers(0, len(_SECOND_WORDS), len(traits))
    pairs = zip(first, second, range(1, len(traits) + 1), strict=True)
    return [f"{_FIRST_WORDS[one]} {_SECOND_WORDS[two]} {number}" for one, two, number in pairs]


def _draw_corrections(rng: np.random.Generator, frame: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Master data is put right later: one customer in fifty reports another number of employees."""
    chosen = frame[rng.random(len(frame)) < 0.02].copy()
    earliest = np.maximum(chosen["onboarded_on"], timeline.start_day) + 1
    chosen["known_on"] = earliest + rng.integers(30, 700, len(chosen))
    chosen["employees"] = np.maximum(chosen["employees"] * rng.choice([0.5, 0.8, 1.3, 2.0], len(chosen)), 1).astype(
        "int64"
    )
    return chosen


def terms_text(codes: Ints) -> Texts:
    """Terms as they stand on the invoice."""
    return np.array(TERMS, dtype=object)[codes]
