"""The catalogue of features: what each one means, which C it speaks for, its unit, its direction, its reason in words.

The five C's of credit: character (how it pays), capacity (can it pay), capital (what it owns), conditions (what happens
around it), collateral (what secures us).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from arrisk.features.behaviour import FORMULAS


class FiveC(StrEnum):
    """What of a customer a feature speaks for."""

    CHARACTER = "character"
    CAPACITY = "capacity"
    CAPITAL = "capital"
    CONDITIONS = "conditions"
    COLLATERAL = "collateral"


class Unit(StrEnum):
    """How a value is read. Amounts are in units of the features' currency."""

    AMOUNT = "amount"
    COUNT = "count"
    DAYS = "days"
    SHARE = "share"
    RATIO = "ratio"
    CODE = "code"


_AFTER_DUE = "days after the due date"


@dataclass(frozen=True)
class Feature:
    """One feature.

    Parameters
    ----------
    name : the column.
    meaning : one clause for the documentation.
    five_c : what of a customer it speaks for.
    unit : how its value is read.
    direction : 1 = a higher value goes with later payment, -1 = with earlier payment, 0 = not known beforehand.
    reason : for a credit analyst, with ``{value}`` in it.
    is_own : whether it speaks of the invoice that is asked about; at a question about a customer it is missing.

    Examples
    --------
    >>> CATALOGUE["mean_days_late"].explain(12.4)
    'pays on average 12 days after the due date'
    >>> CATALOGUE["mean_days_late"].explain(-3)
    'pays on average 3 days before the due date'
    """

    name: str
    meaning: str
    five_c: FiveC
    unit: Unit
    direction: int
    reason: str
    is_own: bool = False

    def explain(self, value: float) -> str:
        """Say the feature in words; a missing value says that there is nothing to rest on."""
        if value != value:
            return f"nothing known yet: {self.meaning}"
        if value < 0 and _AFTER_DUE in self.reason:
            return self.reason.replace(_AFTER_DUE, "days before the due date").format(value=-value)
        return self.reason.format(value=value)


_C = {"ch": FiveC.CHARACTER, "cy": FiveC.CAPACITY, "cl": FiveC.CAPITAL, "co": FiveC.CONDITIONS, "cr": FiveC.COLLATERAL}
_U = {"amt": Unit.AMOUNT, "n": Unit.COUNT, "d": Unit.DAYS, "s": Unit.SHARE, "r": Unit.RATIO, "code": Unit.CODE}
_Line = tuple[str, str, str, int, str, str]

# name, C, unit, direction, meaning, reason
_SALES: tuple[_Line, ...] = (
    ("invoices_count", "ch", "n", 0, "invoices so far", "{value:.0f} invoices so far"),
    ("invoices_count_90", "ch", "n", 0, "invoices of the last 90 days", "{value:.0f} invoices in 90 days"),
    ("invoices_count_365", "ch", "n", 0, "invoices of the last 365 days", "{value:.0f} invoices in a year"),
    ("invoiced_amount_90", "cy", "amt", 0, "amount invoiced in 90 days", "{value:,.0f} invoiced in 90 days"),
    ("invoiced_amount_365", "cy", "amt", 0, "amount invoiced in 365 days", "{value:,.0f} invoiced in a year"),
    (
        "mean_invoice_amount",
        "cy",
        "amt",
        0,
        "mean amount of an invoice so far",
        "an invoice is {value:,.0f} on average",
    ),
    ("mean_terms_days", "ch", "d", 0, "mean days from issue to due day so far", "buys on {value:.0f} days on average"),
    (
        "sales_pace_90",
        "cy",
        "r",
        0,
        "sales of 90 days, per year, over those of 365 days",
        "sales run at {value:.1f} times last year's pace",
    ),
    ("days_since_first_invoice", "ch", "d", -1, "days since the first invoice", "buys from us for {value:.0f} days"),
    ("days_since_last_invoice", "ch", "d", 0, "days since the last invoice", "last invoice {value:.0f} days ago"),
    ("mean_gap_days", "ch", "d", 0, "mean days between invoices", "buys every {value:.0f} days"),
)
_SETTLED: tuple[_Line, ...] = (
    ("settled_count", "ch", "n", 0, "invoices paid so far", "{value:.0f} invoices paid so far"),
    ("settled_count_90", "ch", "n", 0, "invoices paid in 90 days", "{value:.0f} invoices paid in 90 days"),
    ("settled_count_365", "ch", "n", 0, "invoices paid in 365 days", "{value:.0f} invoices paid in a year"),
    ("settled_amount_90", "ch", "amt", 0, "amount of invoices paid in 90 days", "{value:,.0f} settled in 90 days"),
    ("settled_amount_365", "ch", "amt", 0, "amount of invoices paid in 365 days", "{value:,.0f} settled in a year"),
    ("late_count", "ch", "n", 1, "invoices paid after the due date", "{value:.0f} invoices paid late so far"),
    ("late_count_90", "ch", "n", 1, "invoices paid late in 90 days", "{value:.0f} invoices paid late in 90 days"),
    ("late_count_365", "ch", "n", 1, "invoices paid late in 365 days", "{value:.0f} invoices paid late in a year"),
    ("late_share", "ch", "s", 1, "late share of the invoices paid", "paid {value:.0%} of its invoices late"),
    ("late_share_90", "ch", "s", 1, "late share of the invoices paid in 90 days", "paid {value:.0%} late in 90 days"),
    ("late_share_365", "ch", "s", 1, "late share of the invoices paid in 365 days", "paid {value:.0%} late in a year"),
    ("late_amount_share", "ch", "s", 1, "late share of the amount paid", "paid {value:.0%} of the money late"),
    (
        "late_amount_share_365",
        "ch",
        "s",
        1,
        "late share of the amount paid in 365 days",
        "paid {value:.0%} of the year's money late",
    ),
    (
        "late_30_share",
        "ch",
        "s",
        1,
        "share of invoices paid more than 30 days late",
        "paid {value:.0%} more than 30 days late",
    ),
    (
        "late_30_share_365",
        "ch",
        "s",
        1,
        "share paid more than 30 days late, in 365 days",
        "paid {value:.0%} more than 30 days late in a year",
    ),
    (
        "due_late_share",
        "ch",
        "s",
        1,
        "share of invoices that fell due and were not paid by then",
        "{value:.0%} of what fell due was not paid in time",
    ),
    (
        "due_late_share_90",
        "ch",
        "s",
        1,
        "share not paid in time of what fell due in 90 days",
        "{value:.0%} of what fell due in 90 days was not paid in time",
    ),
    (
        "due_late_share_365",
        "ch",
        "s",
        1,
        "share not paid in time of what fell due in 365 days",
        "{value:.0%} of what fell due in a year was not paid in time",
    ),
    (
        "due_late_amount_share_365",
        "ch",
        "s",
        1,
        "amount share not paid in time of what fell due in 365 days",
        "{value:.0%} of the money that fell due in a year was not paid in time",
    ),
    (
        "late_share_shrunk",
        "ch",
        "s",
        1,
        "late share of what fell due, mixed with the book's while it is short",
        "a late rate of {value:.0%}, allowing for how little is known",
    ),
    (
        "mean_days_late",
        "ch",
        "d",
        1,
        "mean days from due date to payment (negative = early)",
        "pays on average {value:.0f} days after the due date",
    ),
    (
        "mean_days_late_90",
        "ch",
        "d",
        1,
        "mean days late of what was paid in 90 days",
        "paid on average {value:.0f} days after the due date in 90 days",
    ),
    (
        "mean_days_late_365",
        "ch",
        "d",
        1,
        "mean days late of what was paid in 365 days",
        "paid on average {value:.0f} days after the due date in a year",
    ),
    (
        "weighted_days_late",
        "ch",
        "d",
        1,
        "mean days late, weighted by amount",
        "pays the average unit of money {value:.0f} days after the due date",
    ),
    (
        "weighted_days_late_365",
        "ch",
        "d",
        1,
        "mean days late in 365 days, weighted by amount",
        "paid the average unit of money {value:.0f} days after the due date in a year",
    ),
    (
        "recent_days_late",
        "ch",
        "d",
        1,
        "mean days late of the last ten payments, the newest weighing most",
        "lately pays {value:.0f} days after the due date",
    ),
    (
        "last_days_late",
        "ch",
        "d",
        1,
        "days late of the invoice paid last",
        "paid its last invoice {value:.0f} days after the due date",
    ),
    (
        "trend_days_late",
        "ch",
        "d",
        1,
        "mean days late of the last five payments less that of the five before",
        "its payments came {value:+.0f} days later than before",
    ),
    ("spread_days_late", "ch", "d", 0, "standard deviation of days late", "its payment day varies by {value:.0f} days"),
    (
        "spread_days_late_365",
        "ch",
        "d",
        0,
        "standard deviation of days late in 365 days",
        "its payment day varied by {value:.0f} days in a year",
    ),
    (
        "in_parts_share_365",
        "ch",
        "s",
        0,
        "share of invoices paid in several parts in 365 days",
        "paid {value:.0%} of its invoices in parts",
    ),
    (
        "modal_weekday_share",
        "ch",
        "s",
        0,
        "share paid on its usual weekday in 365 days",
        "paid {value:.0%} on one weekday",
    ),
    (
        "month_end_share",
        "ch",
        "s",
        0,
        "share paid in the last three days of a month in 365 days",
        "paid {value:.0%} at month end",
    ),
    ("payments_count_90", "cy", "n", 0, "receipts of 90 days", "{value:.0f} receipts in 90 days"),
    ("payments_amount_90", "cy", "amt", 0, "amount received in 90 days", "{value:,.0f} received in 90 days"),
    ("payments_amount_365", "cy", "amt", 0, "amount received in 365 days", "{value:,.0f} received in a year"),
    ("days_since_last_payment", "cy", "d", 0, "days since the last receipt", "last receipt {value:.0f} days ago"),
)
_BALANCE: tuple[_Line, ...] = (
    ("open_count", "cy", "n", 0, "open invoices", "{value:.0f} open invoices"),
    ("open_amount", "cy", "amt", 0, "open amount of invoices", "{value:,.0f} open"),
    ("open_in_parts_count", "cy", "n", 0, "open invoices paid in part", "{value:.0f} open invoices paid in part"),
    ("overdue_count", "cy", "n", 1, "open invoices past due", "{value:.0f} invoices past due"),
    ("overdue_amount", "cy", "amt", 1, "open amount past due", "{value:,.0f} past due"),
    (
        "overdue_share",
        "cy",
        "s",
        1,
        "share of the open amount that is past due",
        "{value:.0%} of what is open is past due",
    ),
    (
        "overdue_count_share",
        "cy",
        "s",
        1,
        "share of the open invoices that are past due",
        "{value:.0%} of the open invoices are past due",
    ),
    (
        "overdue_30_amount",
        "cy",
        "amt",
        1,
        "open amount more than 30 days past due",
        "{value:,.0f} more than 30 days past due",
    ),
    (
        "overdue_90_amount",
        "cy",
        "amt",
        1,
        "open amount more than 90 days past due",
        "{value:,.0f} more than 90 days past due",
    ),
    (
        "oldest_overdue_days",
        "cy",
        "d",
        1,
        "days past due of the oldest open invoice; 0 = nothing is past due",
        "oldest open invoice {value:.0f} days past due",
    ),
    (
        "mean_overdue_days",
        "cy",
        "d",
        1,
        "mean days past due of the open invoices past due",
        "open invoices past due for {value:.0f} days on average",
    ),
    (
        "open_to_sales",
        "cy",
        "r",
        0,
        "open amount over the sales of 365 days",
        "what is open is {value:.0%} of a year's sales",
    ),
    ("open_credits_amount", "cy", "amt", 0, "open amount of credit notes", "{value:,.0f} of credit notes open"),
    (
        "credit_share_365",
        "ch",
        "s",
        0,
        "credit notes over invoices, amounts of 365 days",
        "{value:.0%} of a year's sales were credited",
    ),
    (
        "limit_amount",
        "cy",
        "amt",
        0,
        "credit limit valid that day (0 = none granted; missing = unlimited or not known)",
        "credit limit {value:,.0f}",
    ),
    ("limit_utilisation", "cy", "r", 1, "open amount over the credit limit", "uses {value:.0%} of its limit"),
    ("overdue_to_limit", "cy", "r", 1, "amount past due over the credit limit", "past due by {value:.0%} of its limit"),
    ("limit_age_days", "cy", "d", 0, "days since the credit limit was set", "limit set {value:.0f} days ago"),
    ("open_orders_count", "cy", "n", 0, "orders not yet invoiced", "{value:.0f} open orders"),
    ("open_orders_amount", "cy", "amt", 0, "amount of orders not yet invoiced", "open orders of {value:,.0f}"),
    (
        "shipped_orders_amount",
        "cy",
        "amt",
        0,
        "amount shipped and not yet invoiced",
        "{value:,.0f} shipped, not invoiced",
    ),
    ("collateral_amount", "cr", "amt", 0, "amount covered by valid security", "security covers {value:,.0f}"),
    (
        "collateral_share",
        "cr",
        "r",
        0,
        "covered amount over the open amount",
        "security covers {value:.0%} of what is open",
    ),
)
_EVENTS: tuple[_Line, ...] = (
    ("open_disputes_count", "ch", "n", 1, "disputes not resolved", "{value:.0f} open disputes"),
    ("open_disputes_amount", "ch", "amt", 1, "amount in dispute", "{value:,.0f} in dispute"),
    ("disputes_count_365", "ch", "n", 1, "disputes raised in 365 days", "{value:.0f} disputes in a year"),
    ("dispute_share_365", "ch", "s", 1, "disputes over invoices of 365 days", "disputes {value:.0%} of its invoices"),
    (
        "mean_resolution_days",
        "ch",
        "d",
        0,
        "mean days until a dispute was resolved",
        "its disputes took {value:.0f} days",
    ),
    (
        "upheld_share",
        "ch",
        "s",
        0,
        "share of resolved disputes in which the customer was right",
        "was right in {value:.0%} of its disputes",
    ),
    ("write_offs_count", "ch", "n", 1, "write-offs of bad debt so far", "{value:.0f} invoices written off"),
    ("written_off_amount", "ch", "amt", 1, "amount written off so far", "{value:,.0f} written off"),
    ("written_off_amount_365", "ch", "amt", 1, "amount written off in 365 days", "{value:,.0f} written off in a year"),
    ("recovered_amount", "ch", "amt", 0, "amount recovered after write-offs", "{value:,.0f} recovered"),
    ("credit_events_count", "ch", "n", 1, "insolvencies and the like so far", "{value:.0f} credit events"),
    ("credit_events_count_365", "ch", "n", 1, "credit events in 365 days", "{value:.0f} credit events in a year"),
    ("days_since_credit_event", "ch", "d", 0, "days since the last credit event", "credit event {value:.0f} days ago"),
    (
        "applications_count_365",
        "cy",
        "n",
        0,
        "requests for credit in 365 days",
        "asked for credit {value:.0f} times in a year",
    ),
)
_SURROUNDINGS: tuple[_Line, ...] = (
    ("onboarded_days", "ch", "d", -1, "days since it became a customer", "a customer for {value:.0f} days"),
    ("firm_age_days", "cl", "d", -1, "days since the firm was founded", "founded {value:.0f} days ago"),
    ("employees", "cy", "n", 0, "number of people employed", "{value:.0f} employees"),
    (
        "accounts_age_days",
        "cl",
        "d",
        0,
        "days since the balance-sheet day of the newest accounts",
        "newest accounts are {value:.0f} days old",
    ),
    (
        "attributes_age_days",
        "ch",
        "d",
        0,
        "days since other information was last received",
        "other information is {value:.0f} days old",
    ),
    ("equity_share", "cl", "s", 0, "equity over total assets, newest accounts", "equity is {value:.0%} of its assets"),
    (
        "current_ratio",
        "cy",
        "r",
        0,
        "current assets over current liabilities, newest accounts",
        "current assets cover {value:.1f} times what it owes soon",
    ),
    ("net_margin", "cy", "s", 0, "net income over revenue, newest accounts", "earns {value:.0%} of its revenue"),
    ("group_open_amount", "cy", "amt", 0, "open amount of the whole group", "{value:,.0f} open in its group"),
    (
        "group_overdue_share",
        "cy",
        "s",
        1,
        "share of the group's open amount that is past due",
        "{value:.0%} of what its group owes is past due",
    ),
    (
        "group_late_share_365",
        "ch",
        "s",
        1,
        "share the group did not pay in time of what fell due in 365 days",
        "its group paid {value:.0%} late in a year",
    ),
    (
        "industry_late_share_365",
        "co",
        "s",
        1,
        "late share of the industry in 365 days, mixed with the book's",
        "its industry pays {value:.0%} late",
    ),
    (
        "country_late_share_365",
        "co",
        "s",
        1,
        "late share of the country in 365 days, mixed with the book's",
        "its country pays {value:.0%} late",
    ),
    (
        "book_late_share_365",
        "co",
        "s",
        1,
        "late share of the whole book in 365 days",
        "our customers pay {value:.0%} late",
    ),
    (
        "book_overdue_share",
        "co",
        "s",
        0,
        "share of the book's open amount that is past due",
        "{value:.0%} of all that we are owed is past due",
    ),
    (
        "gdp_growth",
        "co",
        "r",
        -1,
        "newest published value of the series gdp_growth for the customer",
        "growth of {value:.1f} where it works",
    ),
    (
        "unemployment_rate",
        "co",
        "r",
        1,
        "newest published value of the series unemployment_rate for the customer",
        "unemployment of {value:.1f} where it works",
    ),
    (
        "industry_output",
        "co",
        "r",
        -1,
        "newest published value of the series industry_output for the customer",
        "an output of {value:.1f} in its industry",
    ),
    (
        "conditions_age_days",
        "co",
        "d",
        0,
        "days since the newest period of these three series",
        "the newest figures of its surroundings are {value:.0f} days old",
    ),
)
_OWN: tuple[_Line, ...] = (
    ("invoice_amount", "cy", "amt", 0, "amount of the invoice", "the invoice is {value:,.0f}"),
    (
        "invoice_amount_log",
        "cy",
        "r",
        0,
        "logarithm of 1 + the amount of the invoice",
        "the invoice's size ({value:.1f} in logs)",
    ),
    (
        "invoice_amount_ratio",
        "cy",
        "r",
        0,
        "amount of the invoice over the customer's mean",
        "the invoice is {value:.1f} times the usual",
    ),
    ("terms_days", "ch", "d", 0, "days from issue to due day of the invoice", "due {value:.0f} days after issue"),
    ("terms_gap_days", "ch", "d", 0, "its days less the customer's mean", "{value:+.0f} days against the usual terms"),
    ("due_weekday", "ch", "code", 0, "weekday of the due day, 0 = Monday", "the weekday on which it falls due"),
    (
        "due_at_month_end",
        "ch",
        "code",
        0,
        "1 = due in the last three days of a month",
        "whether it falls due at month end",
    ),
    ("issue_month", "co", "code", 0, "month of issue, 1..12", "the month in which it was issued"),
    (
        "run_wait_days",
        "ch",
        "d",
        1,
        "days from the due day to the customer's usual weekday of payment",
        "falls due {value:.0f} days before its usual day of payment",
    ),
    (
        "limit_utilisation_after",
        "cy",
        "r",
        1,
        "open amount with this invoice over the credit limit",
        "uses {value:.0%} of its limit with this invoice",
    ),
)


def _build() -> dict[str, Feature]:
    features = {}
    for lines in (_SALES, _SETTLED, _BALANCE, _EVENTS, _SURROUNDINGS, _OWN):
        for name, five_c, unit, direction, meaning, reason in lines:
            features[name] = Feature(name, meaning, _C[five_c], _U[unit], direction, reason, lines is _OWN)
    return {name: features[name] for name in FORMULAS}


CATALOGUE: Mapping[str, Feature] = MappingProxyType(_build())
"""Every feature by its name, in the order of the output's columns."""
