"""The features: each one's formula over the facts known at its question.

The names are those of the catalogue, where meaning, unit and reason stand. A share, mean or age that has nothing to
rest on is missing; a count or an amount of nothing is 0.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from arrisk.features.facts import Count, Facts, Floats, Formula, Money, Share, divide
from arrisk.features.layout import LOG_STEPS, LOW_BITS
from arrisk.features.own import OWN_FORMULAS, WEEKDAYS

_SHIFT = float(1 << LOW_BITS)


def _since(slot: str) -> Formula:
    return lambda facts: facts.since(slot)


def _mean_money(part: str, whole: str) -> Formula:
    return lambda facts: divide(facts.money(part), facts.count(whole))


def _row(name: str) -> Formula:
    return lambda facts: facts.rows[name]


def _weighted_days_late(family: str) -> Formula:
    def compute(facts: Facts) -> Floats:
        total = facts.count(f"{family}_weighted_high") * _SHIFT + facts.count(f"{family}_weighted_low")
        return divide(total, facts.count(f"{family}_amount"))

    return compute


def _spread_days_late(family: str) -> Formula:
    """Give the standard deviation over n; missing below two settlements."""

    def compute(facts: Facts) -> Floats:
        count, total = facts.count(f"{family}_count"), facts.count(f"{family}_days_late")
        square = count * facts.count(f"{family}_days_late_squared") - total * total
        return np.where(count >= 2, np.sqrt(np.maximum(divide(square, count * count), 0.0)), np.nan)

    return compute


def _trend_days_late(facts: Facts) -> Floats:
    new = divide(facts.count("trend_new_sum"), facts.count("trend_new_count"))
    return new - divide(facts.count("trend_old_sum"), facts.count("trend_old_count"))


def _last_days_late(facts: Facts) -> Floats:
    return np.where(facts.count("recent_count") > 0, facts.count("recent_last"), np.nan)


def _late_share_shrunk(facts: Facts) -> Floats:
    prior = divide(facts.levels["book_due_late"], facts.levels["book_due_count"])
    late = facts.count("due_late") + facts.prior_strength * prior
    return late / (facts.count("due_count") + facts.prior_strength)


def _level_share(level: str) -> Formula:
    """Late share of what fell due in a year, shrunk to the book's."""

    def compute(facts: Facts) -> Floats:
        prior = divide(facts.levels["book_due_late_365"], facts.levels["book_due_count_365"])
        late = facts.levels[f"{level}_due_late_365"] + facts.prior_strength * prior
        return late / (facts.levels[f"{level}_due_count_365"] + facts.prior_strength)

    return compute


def _level_ratio(part: str, whole: str) -> Formula:
    return lambda facts: divide(facts.levels[part], facts.levels[whole])


def _open_amount(facts: Facts) -> Floats:
    return (facts.count("open_amount") + facts.count("residue_amount")) / facts.scale


def _oldest_overdue_days(facts: Facts) -> Floats:
    days = facts.since("oldest_due")
    return np.where(np.isnan(days), 0.0, days)


def _mean_overdue_days(facts: Facts) -> Floats:
    return facts.days - divide(facts.count("overdue_due_day"), facts.count("overdue_count"))


def _mean_gap_days(facts: Facts) -> Floats:
    count = facts.count("issued_count")
    span = facts.since("first_issued") - facts.since("last_issued")
    return np.where(count >= 2, divide(span, count - 1), np.nan)


def _sales_pace(facts: Facts) -> Floats:
    return divide(facts.count("issued_90_amount") * (365 / 90), facts.count("issued_365_amount"))


def _mode_weekday_share(facts: Facts) -> Floats:
    return divide(facts.sums[WEEKDAYS].max(axis=0).astype("float64"), facts.count("settled_365_count"))


def _over_limit(amount: Formula) -> Formula:
    return lambda facts: divide(amount(facts), facts.rows["limit_amount"])


def _amount_with_open(facts: Facts) -> Floats:
    return _open_amount(facts) + facts.own["amount"]


def _age_of(row: str) -> Formula:
    return lambda facts: facts.days - facts.rows[row]


def _ratio_of_rows(part: str, whole: str) -> Formula:
    return lambda facts: divide(facts.rows[part], facts.rows[whole])


_HISTORY: dict[str, Formula] = {
    "invoices_count": Count("issued_count"),
    "invoices_count_90": Count("issued_90_count"),
    "invoices_count_365": Count("issued_365_count"),
    "invoiced_amount_90": Money("issued_90_amount"),
    "invoiced_amount_365": Money("issued_365_amount"),
    "mean_invoice_amount": _mean_money("issued_amount", "issued_count"),
    "mean_terms_days": Share("issued_terms_days", "issued_count"),
    "sales_pace_90": _sales_pace,
    "days_since_first_invoice": _since("first_issued"),
    "days_since_last_invoice": _since("last_issued"),
    "mean_gap_days": _mean_gap_days,
    "settled_count": Count("settled_count"),
    "settled_count_90": Count("settled_90_count"),
    "settled_count_365": Count("settled_365_count"),
    "settled_amount_90": Money("settled_90_amount"),
    "settled_amount_365": Money("settled_365_amount"),
    "late_count": Count("settled_late"),
    "late_count_90": Count("settled_90_late"),
    "late_count_365": Count("settled_365_late"),
    "late_30_count": Count("settled_late_30"),
    "late_60_count": Count("settled_late_60"),
    "late_90_count": Count("settled_late_90"),
    "late_share": Share("settled_late", "settled_count"),
    "late_share_90": Share("settled_90_late", "settled_90_count"),
    "late_share_365": Share("settled_365_late", "settled_365_count"),
    "late_amount_share": Share("settled_late_amount", "settled_amount"),
    "late_amount_share_365": Share("settled_365_late_amount", "settled_365_amount"),
    "late_30_share": Share("settled_late_30", "settled_count"),
    "late_30_share_365": Share("settled_365_late_30", "settled_365_count"),
    "due_late_share": Share("due_late", "due_count"),
    "due_late_share_90": Share("due_90_late", "due_90_count"),
    "due_late_share_365": Share("due_365_late", "due_365_count"),
    "due_late_amount_share_365": Share("due_365_late_amount", "due_365_amount"),
    "late_share_shrunk": _late_share_shrunk,
    "mean_days_late": Share("settled_days_late", "settled_count"),
    "mean_days_late_90": Share("settled_90_days_late", "settled_90_count"),
    "mean_days_late_365": Share("settled_365_days_late", "settled_365_count"),
    "weighted_days_late": _weighted_days_late("settled"),
    "weighted_days_late_365": _weighted_days_late("settled_365"),
    "clipped_days_late_90": Share("settled_90_clipped_days_late", "settled_90_count"),
    "clipped_days_late_365": Share("settled_365_clipped_days_late", "settled_365_count"),
    "recent_days_late": Share("recent_sum", "recent_weight"),
    "last_days_late": _last_days_late,
    "trend_days_late": _trend_days_late,
    "spread_days_late": _spread_days_late("settled"),
    "spread_days_late_365": _spread_days_late("settled_365"),
    "in_parts_share_365": Share("settled_365_in_parts", "settled_365_count"),
    "paid_after_m7_share_365": Share("habit_365_after_m7", "settled_365_count"),
    "paid_after_m3_share_365": Share("habit_365_after_m3", "settled_365_count"),
    "paid_after_4_share_365": Share("habit_365_after_4", "settled_365_count"),
    "paid_after_10_share_365": Share("habit_365_after_10", "settled_365_count"),
    "paid_after_20_share_365": Share("habit_365_after_20", "settled_365_count"),
    "modal_weekday_share": _mode_weekday_share,
    "month_end_share": Share("habit_365_month_end", "settled_365_count"),
    "payments_count_90": Count("payments_90_count"),
    "payments_amount_90": Money("payments_90_amount"),
    "payments_amount_365": Money("payments_365_amount"),
    "days_since_last_payment": _since("last_payments"),
    "silence": lambda facts: facts.count("silence") / LOG_STEPS,
}

_BALANCE: dict[str, Formula] = {
    "open_count": Count("open_count"),
    "open_amount": _open_amount,
    "due_soon_count": Count("due_soon_count"),
    "due_soon_amount": Money("due_soon_amount"),
    "open_in_parts_count": Count("open_in_parts"),
    "overdue_count": Count("overdue_count"),
    "overdue_amount": Money("overdue_amount"),
    "overdue_share": Share("overdue_amount", "open_amount"),
    "overdue_count_share": Share("overdue_count", "open_count"),
    "overdue_30_amount": Money("overdue_30_amount"),
    "overdue_90_amount": Money("overdue_90_amount"),
    "oldest_overdue_days": _oldest_overdue_days,
    "mean_overdue_days": _mean_overdue_days,
    "open_to_sales": lambda facts: divide(_open_amount(facts), facts.money("issued_365_amount")),
    "open_credits_amount": Money("open_credits_amount"),
    "credit_share_365": Share("credits_365_amount", "issued_365_amount"),
    "limit_amount": _row("limit_amount"),
    "limit_utilisation": _over_limit(_open_amount),
    "overdue_to_limit": _over_limit(Money("overdue_amount")),
    "limit_age_days": _age_of("limit_day"),
    "open_orders_count": Count("orders_count"),
    "open_orders_amount": Money("orders_amount"),
    "shipped_orders_amount": Money("shipped_orders_amount"),
    "collateral_amount": Money("collateral_amount"),
    "collateral_share": lambda facts: divide(facts.money("collateral_amount"), _open_amount(facts)),
}

_EVENTS: dict[str, Formula] = {
    "open_disputes_count": Count("open_disputes_count"),
    "open_disputes_amount": Money("open_disputes_amount"),
    "disputes_count_365": Count("disputes_365_count"),
    "dispute_share_365": Share("disputes_365_count", "issued_365_count"),
    "mean_resolution_days": Share("resolved_days", "resolved_count"),
    "upheld_share": Share("upheld_count", "resolved_count"),
    "write_offs_count": Count("write_offs_count"),
    "written_off_amount": Money("write_offs_amount"),
    "written_off_amount_365": Money("write_offs_365_amount"),
    "recovered_amount": Money("recoveries_amount"),
    "credit_events_count": Count("credit_events_count"),
    "credit_events_count_365": Count("credit_events_365_count"),
    "days_since_credit_event": _since("last_credit_events"),
    "applications_count_365": Count("applications_365_count"),
}

_SURROUNDINGS: dict[str, Formula] = {
    "onboarded_days": _age_of("onboarded_day"),
    "firm_age_days": _age_of("incorporated_day"),
    "employees": _row("employees"),
    "accounts_age_days": _age_of("period_end_day"),
    "attributes_age_days": _age_of("attributes_day"),
    "equity_share": _ratio_of_rows("equity", "total_assets"),
    "current_ratio": _ratio_of_rows("current_assets", "current_liabilities"),
    "net_margin": _ratio_of_rows("net_income", "revenue"),
    "group_open_amount": lambda facts: facts.levels["group_open_amount"] / facts.scale,
    "group_overdue_share": _level_ratio("group_overdue_amount", "group_open_amount"),
    "group_late_share_365": _level_ratio("group_due_late_365", "group_due_count_365"),
    "industry_late_share_365": _level_share("industry"),
    "country_late_share_365": _level_share("country"),
    "book_late_share_365": _level_ratio("book_due_late_365", "book_due_count_365"),
    "book_overdue_share": _level_ratio("book_overdue_amount", "book_open_amount"),
    "gdp_growth": _row("gdp_growth"),
    "unemployment_rate": _row("unemployment_rate"),
    "industry_output": _row("industry_output"),
    "conditions_age_days": _age_of("condition_day"),
}

_OWN: Mapping[str, Formula] = {**OWN_FORMULAS, "limit_utilisation_after": _over_limit(_amount_with_open)}

FORMULAS: Mapping[str, Formula] = MappingProxyType({**_HISTORY, **_BALANCE, **_EVENTS, **_SURROUNDINGS, **_OWN})
"""Formula by feature name, in the order of the output's columns."""
