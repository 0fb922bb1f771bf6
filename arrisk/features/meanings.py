"""What every feature means, whatever builds it, and which business reason it belongs to.

A reason is what a person would say: features that say much the same are one reason, because apart one of two can push
up what the other pulls down, which is no reason to tell anybody.
"""

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from arrisk.features.attributes import CATEGORY, PREFIX
from arrisk.features.catalogue import CATALOGUE, Feature, parse_features
from arrisk.features.five_cs import FIVE_CS
from arrisk.features.readings import MEAN_ATTRIBUTE, READINGS

_OF_DEFAULTS = """
industry_default_rate | conditions | share | +1 | defaults a customer-year in its industry, three years, shrunk to all
    {value:.1%} of its industry defaults in a year
country_default_rate | conditions | share | +1 | defaults a customer-year in its country, three years, shrunk to all
    {value:.1%} of its country defaults in a year
past_defaults_count | character | count | +1 | its own defaults so far
    earlier defaults: {value:.0f}
"""

DEFAULTS: Mapping[str, Feature] = MappingProxyType(parse_features(_OF_DEFAULTS, is_own=False))
"""What is known of the defaults of this ledger."""

MEANINGS: Mapping[str, Feature] = MappingProxyType({**CATALOGUE, **FIVE_CS, **READINGS, **DEFAULTS})
"""Every feature that needs no attribute, by its name."""

NO_ACCOUNTS = "no annual accounts known"
"""The reason of all that rests on accounts, where there are none."""

_REASONS = """
pays later than agreed: late_ due_late_ mean_days_late weighted_days_late clipped_days_late recent_days_late
    last_days_late spread_days_late paid_after_
pays later than it used to: trend_days_late
no payment for longer than usual: silence
payment habits: in_parts_share modal_weekday month_end_share run_
past due items: overdue_ oldest_overdue mean_overdue due_soon_
amount open: open_count open_amount open_in_parts open_to_sales open_orders_ shipped_orders_
limit use: limit_ overdue_to_limit
disputes and credit notes: open_disputes_ disputes_ dispute_ mean_resolution upheld_ credit_share open_credits_
credit events and earlier defaults: write_offs_ written_off_ recovered_ credit_events_ days_since_credit past_defaults_
time as customer: days_since_first_invoice onboarded_
age of the firm: firm_age_
size and volume: invoices_count invoiced_amount mean_invoice sales_pace mean_gap days_since_last settled_ payments_
    invoice_ employees applications_ usual_to_revenue requested_
terms and dates: mean_terms terms_ discount_ due_weekday due_day due_at due_month issue_month
profitability and growth: revenue_growth net_margin ebit_margin mean_ebit_margin
liquidity: current_ratio quick_ratio mean_quick_ratio cash_flow_ mean_cash_flow_ mean_cash_share mean_working_capital
indebtedness and equity: equity_share net_worth leverage mean_leverage retained_ mean_retained_
interest cover: interest_cover mean_interest_cover
scores of the accounts: altman_ mean_altman_ ohlson_
group: group_ parent_ accounts_of_parent
industry and country: industry_late industry_default country_
economy: gdp_ unemployment_ industry_output book_ conditions_
security: collateral_ covered_
what is missing or old: data_depth statement_age accounts_age attributes_age
"""

_OF_ACCOUNTS = frozenset(
    {"profitability and growth", "liquidity", "indebtedness and equity", "interest cover", "scores of the accounts"}
)
ATTRIBUTES = (PREFIX, MEAN_ATTRIBUTE, CATEGORY)
"""How the features begin that a book has only where its attributes have such a column."""

_WORD = "its word on record"
_LARGE = 1_000
_ABOUT_ACCOUNTS = ("statement_age", "accounts_")


def _read_reasons(text: str) -> dict[str, str]:
    """Read the reason of each beginning of a name."""
    lines = text.strip().replace("\n    ", " ").splitlines()
    return {start: name for name, starts in (line.split(": ") for line in lines) for start in starts.split()}


_STARTS = _read_reasons(_REASONS)
REASONS = tuple(dict.fromkeys(_STARTS.values()))
"""The business reasons; each attribute is another one by itself."""


@cache
def find_reason(feature: str) -> str:
    """Find the business reason that a feature belongs to: that of the longest beginning of its name that is listed.

    An attribute, in numbers, in words or as the mean of its reports, is a reason by itself, named as its column is; so
    is a feature that nobody listed.

    Examples
    --------
    >>> find_reason("late_share_90"), find_reason("accounts_of_parent")
    ('pays later than agreed', 'group')
    >>> find_reason("attribute_score"), find_reason("mean_attribute_score")
    ('attribute "score"', 'attribute "score"')
    """
    if feature.startswith(ATTRIBUTES):
        own = feature.removeprefix(next(start for start in ATTRIBUTES if feature.startswith(start)))
        return f'attribute "{own}"'
    found = max((start for start in _STARTS if feature.startswith(start)), key=len, default="")
    return _STARTS.get(found, feature)


def rests_on_accounts(feature: str) -> bool:
    """Say whether a feature is read off annual accounts, and missing where none are known.

    Examples
    --------
    >>> rests_on_accounts("leverage"), rests_on_accounts("firm_age_days")
    (True, False)
    """
    return find_reason(feature) in _OF_ACCOUNTS or feature.startswith(_ABOUT_ACCOUNTS)


def explain_value(feature: str, value: float) -> str:
    """Say a feature's value in words.

    Examples
    --------
    >>> explain_value("past_defaults_count", 2.0), explain_value("mean_attribute_score", 71.25)
    ('earlier defaults: 2', 'attribute "score": 71.25 over the years')
    """
    if feature in MEANINGS:
        return MEANINGS[feature].explain(value)
    over = " over the years" if feature.startswith(MEAN_ATTRIBUTE) and not math.isnan(value) else ""
    return f"{find_reason(feature)}: {show_value(feature, value)}{over}"


def show_value(feature: str, value: float) -> str:
    """Give a feature's value alone, as ``explain_value`` shows it; a word's code says nothing and is not shown."""
    if math.isnan(value):
        return "unknown"
    if feature in MEANINGS:
        return MEANINGS[feature].show(value)
    if feature.startswith(CATEGORY):
        return _WORD
    return f"{value:.4g}" if abs(value) < _LARGE else f"{value:,.0f}"
