"""The formulas of the invoice that is asked about: its amount, its terms, its due day, and the customer's habits."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numba import int64

from arrisk.features.calendar import day_of_month, is_month_end
from arrisk.features.compiled import entry
from arrisk.features.facts import Facts, Floats, Formula, divide
from arrisk.features.layout import LOG_STEPS, SLOT

WEEKDAYS = slice(SLOT["habit_365_weekday_0"], SLOT["habit_365_weekday_0"] + 7)
"""Payments of 365 days by weekday, Monday first."""


def _own(name: str) -> Formula:
    return lambda facts: facts.own[name]


def _terms_days(facts: Facts) -> Floats:
    return facts.own["due_day"] - facts.own["issued_day"]


def _terms_gap_days(facts: Facts) -> Floats:
    return _terms_days(facts) - divide(facts.count("issued_terms_days"), facts.count("issued_count"))


def _amount_ratio(facts: Facts) -> Floats:
    return divide(facts.own["amount"], divide(facts.money("issued_amount"), facts.count("issued_count")))


def _size_log_ratio(facts: Facts) -> Floats:
    usual = divide(facts.count("issued_log_amount") / LOG_STEPS, facts.count("issued_count"))
    return _take_logs(facts.own["amount"]) - usual


@entry
def _take_logs(values: Floats) -> Floats:
    # One value at a time: numpy's own log may differ in the last bit with the length of the array.
    result = np.empty(len(values))
    for i in range(len(values)):
        result[i] = math.log1p(values[i]) if values[i] > 0 else (np.nan if math.isnan(values[i]) else 0.0)
    return result


@entry
def _mark_month_ends(days: Floats) -> Floats:
    result = np.empty(len(days))
    for i in range(len(days)):
        result[i] = days[i]
        if not math.isnan(days[i]):
            result[i] = 1.0 if is_month_end(int64(days[i])) else 0.0
    return result


@entry
def _list_days_of_month(days: Floats) -> Floats:
    result = np.empty(len(days))
    for i in range(len(days)):
        result[i] = days[i]
        if not math.isnan(days[i]):
            result[i] = day_of_month(int64(days[i]))
    return result


def _month_of(name: str) -> Formula:
    def compute(facts: Facts) -> Floats:
        days = facts.own[name]
        known = ~np.isnan(days)
        months = np.where(known, days, 0).astype("datetime64[D]").astype("datetime64[M]").astype("int64") % 12 + 1
        return np.where(known, months, np.nan)

    return compute


def _days_of_run(slot: str) -> Formula:
    def compute(facts: Facts) -> Floats:
        is_known = (facts.count("settled_365_count") > 0) & ~np.isnan(facts.own["due_day"])
        return np.where(is_known, facts.count(slot), np.nan)

    return compute


OWN_FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "invoice_amount": _own("amount"),
        "invoice_amount_log": lambda facts: _take_logs(facts.own["amount"]),
        "invoice_amount_ratio": _amount_ratio,
        "invoice_size_log_ratio": _size_log_ratio,
        "terms_days": _terms_days,
        "terms_gap_days": _terms_gap_days,
        "discount_offered": _own("discount"),
        "due_weekday": lambda facts: (facts.own["due_day"] + 3) % 7,
        "due_day_of_month": lambda facts: _list_days_of_month(facts.own["due_day"]),
        "due_at_month_end": lambda facts: _mark_month_ends(facts.own["due_day"]),
        "due_month": _month_of("due_day"),
        "issue_month": _month_of("issued_day"),
        "run_slack_days": _days_of_run("run_slack_days"),
        "run_slack_30_days": _days_of_run("run_slack_30_days"),
        "run_gap_days": _days_of_run("run_gap_days"),
    }
)
"""Formula by feature name; at a question about a customer all of them are missing."""
