"""The features of the catalogue for one customer: the kernel over its own rows, and the formulas over its sums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from arrisk.features.behaviour import FORMULAS
from arrisk.features.catalogue import CATALOGUE
from arrisk.features.context import LEVELS
from arrisk.features.facts import Count, Facts, Floats, Money, Share
from arrisk.features.history import kind_of
from arrisk.features.kernel import Asked, Rows, sweep
from arrisk.features.layout import SLOT
from arrisk.features.lookups import SUMS, sum_own
from arrisk.features.segments import Ints
from arrisk.features.single.happenings import list_customer_happenings
from arrisk.features.single.records import make_invoice_records
from arrisk.features.single.rows import COLUMNS, CustomerRows, Row, find_newest
from arrisk.features.single.surroundings import Surroundings
from arrisk.features.statements import FIGURES
from arrisk.frames import NEVER
from arrisk.policy import Policy

_ACCOUNTS = ("equity", "total_assets", "current_assets", "current_liabilities", "net_income", "revenue")
_FIGURE = {name: COLUMNS["financials"].index(name) for name in FIGURES}
_NO_INVOICE = {name: np.array(np.nan) for name in ("amount", "issued_day", "due_day", "discount")}
_UNDATED = np.full(1, NEVER, dtype="int64")


@dataclass(frozen=True)
class Plan:
    """Which features are wanted, those of one form together, so that each form is computed at once.

    Parameters
    ----------
    counts, moneys, parts, wholes : slots of the kernel's sums; a part and a whole make a share.
    names : what they give, in that order.
    others : the features with formulas of their own.
    is_exact : which of ``names``, then of ``others``, keep all their digits.
    missing : those that are never known of a customer.
    """

    counts: Ints
    moneys: Ints
    parts: Ints
    wholes: Ints
    names: tuple[str, ...]
    others: tuple[str, ...]
    is_exact: np.ndarray
    missing: tuple[str, ...]


def plan_behaviour(wanted: Iterable[str]) -> Plan:
    """Plan how to compute some features of the catalogue; other names are left out."""
    names = [name for name in dict.fromkeys(wanted) if name in CATALOGUE]
    asked = [name for name in names if not CATALOGUE[name].is_own]
    counts, moneys, shares = ([name for name in asked if isinstance(FORMULAS[name], form)] for form in _FORMS)
    together = (*counts, *moneys, *shares)
    others = tuple(name for name in asked if name not in together)
    return Plan(
        counts=_place(counts, "slot"),
        moneys=_place(moneys, "slot"),
        parts=_place(shares, "part"),
        wholes=_place(shares, "whole"),
        names=together,
        others=others,
        is_exact=np.array([kind_of(name) == "float64" for name in (*together, *others)], dtype=bool),
        missing=tuple(name for name in names if CATALOGUE[name].is_own),
    )


_FORMS = (Count, Money, Share)


def _place(names: Sequence[str], part: str) -> Ints:
    return np.array([SLOT[getattr(FORMULAS[name], part)] for name in names], dtype="int64")


def build_behaviour(rows: CustomerRows, around: Surroundings, plan: Plan, *, policy: Policy) -> dict[str, float]:
    """Compute the planned features of one customer, to the last bit as ``build_features`` does.

    Parameters
    ----------
    rows : the customer's.
    around : what they are compared with, and the day.
    plan : what is wanted.
    policy : says when an invoice has ended, and how strongly a late rate is shrunk.

    Raises
    ------
    CurrencyError
        When a row that counts has a foreign currency without a rate.
    """
    sums = _sum_up(rows, around, policy=policy)
    facts = Facts(
        sums=sums,
        scale=around.scale,
        days=np.array(around.as_of_day),
        own=_NO_INVOICE,
        rows=_read_rows(rows, around),
        levels=_read_levels(rows, around, sums),
        prior_strength=policy.late.prior_strength,
    )
    values = _compute(facts, plan)
    found = dict(zip((*plan.names, *plan.others), values.tolist(), strict=True))
    return found | dict.fromkeys(plan.missing, np.nan)


def _sum_up(rows: CustomerRows, around: Surroundings, *, policy: Policy) -> Ints:
    records = make_invoice_records(rows, around, end=policy.end)
    happenings = list_customer_happenings(rows, records, around)
    spans = np.array([[0, len(records.versions)], [0, len(records.segments)], [0, len(happenings)], [0, 1]])
    # As wide as the part of a larger table that the kernel is compiled for.
    sums = np.empty((len(SLOT), 9), dtype="int64")[:, :1]
    asked = Asked(np.array([around.as_of_day]), _UNDATED)
    sweep(0, 1, spans, asked, Rows(records.versions, records.segments, happenings, around.scale), sums)
    return sums[:, 0]


def _compute(facts: Facts, plan: Plan) -> Floats:
    whole = facts.sums.astype("float64")
    shares = np.full(len(plan.wholes), np.nan)
    divisor = whole[plan.wholes]
    np.divide(whole[plan.parts], divisor, out=shares, where=divisor != 0)
    others = [FORMULAS[name](facts) for name in plan.others]
    values = np.concatenate([whole[plan.counts], whole[plan.moneys] / facts.scale, shares, others])
    return np.where(plan.is_exact, values, values.astype("float32").astype("float64"))


def _read_rows(rows: CustomerRows, around: Surroundings) -> dict[str, Floats]:
    """Read the figures of the rows that are valid on the day."""
    figures = {
        **_read_master(rows.tables["customers"], around),
        **_read_limit(rows.tables["limits"], around),
        **_read_accounts(rows.list_own("financials"), around),
        "attributes_day": _read_attributes_day(rows.list_own("attributes"), around),
    }
    return {name: _number(value) for name, value in figures.items()}


def _read_master(masters: Sequence[Row], around: Surroundings) -> dict[str, float]:
    at = find_newest(masters, seen_by=around.as_of_day)
    if at < 0:
        names = ("employees", "onboarded_day", "incorporated_day", *around.find_conditions(None, None))
        return dict.fromkeys(names, np.nan)
    country, industry, _, incorporated, onboarded, employees, *_ = masters[at]
    own = {"employees": employees, "onboarded_day": _day(onboarded), "incorporated_day": _day(incorporated)}
    return own | around.find_conditions(country, industry)


def _read_limit(limits: Sequence[Row], around: Surroundings) -> dict[str, float]:
    at = find_newest(limits, seen_by=around.as_of_day, day=2, to=3)
    if at < 0:
        return {"limit_amount": np.nan, "limit_day": np.nan}
    stated, kind, day, _, currency, known, _ = limits[at]
    amount = 0.0 if kind == "zero" else np.nan
    if kind == "amount" and stated is not None:
        amount = around.convert(stated, currency, known, table="limits") / around.scale
    return {"limit_amount": amount, "limit_day": _day(day)}


def _read_accounts(accounts: Sequence[Row], around: Surroundings) -> dict[str, float]:
    at = find_newest(accounts, seen_by=around.as_of_day, day=1)
    if at < 0:
        return dict.fromkeys(("period_end_day", *_ACCOUNTS), np.nan)
    return {"period_end_day": accounts[at][1], **{name: accounts[at][_FIGURE[name]] for name in _ACCOUNTS}}


def _read_attributes_day(attributes: Sequence[Row], around: Surroundings) -> float:
    at = find_newest(attributes, seen_by=around.as_of_day)
    return attributes[at][-2] if at >= 0 else np.nan


def _number(value: float | None) -> Floats:
    """Give a number as an array without a dimension, as a computation with arrays gives it."""
    return np.float64(np.nan if value is None else value)  # type: ignore[return-value]


def _day(day: int) -> float:
    return day if day < NEVER else np.nan


def _read_levels(rows: CustomerRows, around: Surroundings, sums: Ints) -> dict[str, Floats]:
    masters = rows.tables["customers"]
    at = find_newest(masters, seen_by=around.as_of_day)
    labels: dict[str, Any] = {"group": None, "industry": None, "country": None, "book": "book"}
    if at >= 0:
        country, industry, parent, *_ = masters[at]
        labels |= {"group": parent or rows.customer_id, "industry": industry, "country": country}
    levels: dict[str, Floats] = {}
    for level in LEVELS:
        values = _find_sums(around.levels[level], labels[level], sums if level == "group" else None)
        levels |= {f"{level}_{name}": values[column] for name, column in SUMS.items()}
    return levels


def _find_sums(known: Mapping[str, Ints], label: str | None, own: Ints | None) -> Floats:
    """Give a level's sums; a firm alone is its own group."""
    if label is None:
        return np.full(len(SUMS), np.nan)
    if label in known:
        return known[label].astype("float64")
    return np.zeros(len(SUMS)) if own is None else sum_own(own[:, None])[0].astype("float64")
