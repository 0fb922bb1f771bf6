"""The catalogue of features: what each one means, which C it speaks for, its unit, its direction, its reason in words.

The five C's of credit: character (how it pays), capacity (can it pay), capital (what it owns), conditions (what happens
around it), collateral (what secures us).
"""

import math
import re
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
    SCORE = "score"


_AFTER_DUE = "days after the due date"
_PLACE = re.compile(r"\{[^}]+\}")
_DAYS_A_YEAR = 365
_SILENCES = ((4.0, "as if it had stopped paying"), (0.5, "for longer than usual"), (-math.inf, "no longer than usual"))


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
    reason : for a credit analyst, with ``{value}`` in it, or with what is read off it: ``{years}`` of a value in days,
        ``{money}`` of a logarithm of 1 + an amount, ``{yes}`` for yes or no, ``{silence}`` for how long it is.
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
        if math.isnan(value):
            return f"nothing known yet: {self.meaning}"
        if value < 0 and _AFTER_DUE in self.reason:
            return _fill(self.reason.replace(_AFTER_DUE, "days before the due date"), -value)
        return _fill(self.reason, value)

    def show(self, value: float) -> str:
        """Give a value alone as the reason would show it.

        Examples
        --------
        >>> CATALOGUE["mean_days_late"].show(12.4), CATALOGUE["firm_age_days"].show(900.0)
        ('12', '2.5')
        """
        return _fill("".join(_PLACE.findall(self.reason)), value)


def _fill(text: str, value: float) -> str:
    """Put a value into a text."""
    if "{money" in text:
        amount = math.copysign(math.expm1(min(abs(value), 700.0)), value)
        return text.format(money=amount)
    silence = next((words for least, words in _SILENCES if value >= least), "")
    return text.format(value=value, years=value / _DAYS_A_YEAR, yes="yes" if value else "no", silence=silence)


# Two lines a feature: name, C, unit, direction and meaning; then its reason.
_OF_CUSTOMERS = """
invoices_count | character | count | 0 | invoices so far
    {value:.0f} invoices so far
invoices_count_90 | character | count | 0 | invoices of the last 90 days
    {value:.0f} invoices in 90 days
invoices_count_365 | character | count | 0 | invoices of the last 365 days
    {value:.0f} invoices in a year
invoiced_amount_90 | capacity | amount | 0 | amount invoiced in 90 days
    {value:,.0f} invoiced in 90 days
invoiced_amount_365 | capacity | amount | 0 | amount invoiced in 365 days
    {value:,.0f} invoiced in a year
mean_invoice_amount | capacity | amount | 0 | mean amount of an invoice so far
    an invoice is {value:,.0f} on average
mean_terms_days | character | days | 0 | mean days from issue to due day so far
    buys on {value:.0f} days on average
sales_pace_90 | capacity | ratio | 0 | sales of 90 days, per year, over those of 365 days
    sales run at {value:.1f} times last year's pace
days_since_first_invoice | character | days | -1 | days since the first invoice
    has bought from us for {years:.1f} years
days_since_last_invoice | character | days | 0 | days since the last invoice
    last invoice {value:.0f} days ago
mean_gap_days | character | days | 0 | mean days between invoices
    buys every {value:.0f} days
settled_count | character | count | 0 | invoices paid so far
    {value:.0f} invoices paid so far
settled_count_90 | character | count | 0 | invoices paid in 90 days
    {value:.0f} invoices paid in 90 days
settled_count_365 | character | count | 0 | invoices paid in 365 days
    {value:.0f} invoices paid in a year
settled_amount_90 | character | amount | 0 | amount of invoices paid in 90 days
    {value:,.0f} settled in 90 days
settled_amount_365 | character | amount | 0 | amount of invoices paid in 365 days
    {value:,.0f} settled in a year
late_count | character | count | +1 | invoices paid after the due date
    {value:.0f} invoices paid late so far
late_count_90 | character | count | +1 | invoices paid late in 90 days
    {value:.0f} invoices paid late in 90 days
late_count_365 | character | count | +1 | invoices paid late in 365 days
    {value:.0f} invoices paid late in a year
late_30_count | character | count | +1 | invoices paid more than 30 days late so far
    {value:.0f} invoices paid more than 30 days late
late_60_count | character | count | +1 | invoices paid more than 60 days late so far
    {value:.0f} invoices paid more than 60 days late
late_90_count | character | count | +1 | invoices paid more than 90 days late so far
    {value:.0f} invoices paid more than 90 days late
late_share | character | share | +1 | late share of the invoices paid
    paid {value:.0%} of its invoices late
late_share_90 | character | share | +1 | late share of the invoices paid in 90 days
    paid {value:.0%} late in 90 days
late_share_365 | character | share | +1 | late share of the invoices paid in 365 days
    paid {value:.0%} late in a year
late_amount_share | character | share | +1 | late share of the amount paid
    paid {value:.0%} of the money late
late_amount_share_365 | character | share | +1 | late share of the amount paid in 365 days
    paid {value:.0%} of the year's money late
late_30_share | character | share | +1 | share of invoices paid more than 30 days late
    paid {value:.0%} more than 30 days late
late_30_share_365 | character | share | +1 | share paid more than 30 days late, in 365 days
    paid {value:.0%} more than 30 days late in a year
due_late_share | character | share | +1 | share of invoices that fell due and were not paid by then
    {value:.0%} of what fell due was not paid in time
due_late_share_90 | character | share | +1 | share not paid in time of what fell due in 90 days
    {value:.0%} of what fell due in 90 days was not paid in time
due_late_share_365 | character | share | +1 | share not paid in time of what fell due in 365 days
    {value:.0%} of what fell due in a year was not paid in time
due_late_amount_share_365 | character | share | +1 | amount share not paid in time of what fell due in 365 days
    {value:.0%} of the money that fell due in a year was not paid in time
late_share_shrunk | character | share | +1 | late share of what fell due, mixed with the book's while it is short
    did not pay {value:.0%} in time, allowing for how little is known
mean_days_late | character | days | +1 | mean days from due date to payment (negative = early)
    pays on average {value:.0f} days after the due date
mean_days_late_90 | character | days | +1 | mean days late of what was paid in 90 days
    paid on average {value:.0f} days after the due date in 90 days
mean_days_late_365 | character | days | +1 | mean days late of what was paid in 365 days
    paid on average {value:.0f} days after the due date in a year
weighted_days_late | character | days | +1 | mean days late, weighted by amount
    pays the average unit of money {value:.0f} days after the due date
weighted_days_late_365 | character | days | +1 | mean days late in 365 days, weighted by amount
    paid the average unit of money {value:.0f} days after the due date in a year
clipped_days_late_90 | character | days | +1 | mean days late in 90 days, each between -40 and 60
    paid without its extremes {value:.0f} days after the due date in 90 days
clipped_days_late_365 | character | days | +1 | mean days late in 365 days, each between -40 and 60
    paid without its extremes {value:.0f} days after the due date in a year
recent_days_late | character | days | +1 | mean days late of the last ten payments, the newest weighing most
    lately pays {value:.0f} days after the due date
last_days_late | character | days | +1 | days late of the invoice paid last
    paid its last invoice {value:.0f} days after the due date
trend_days_late | character | days | +1 | mean days late of the last five payments less that of the five before
    its payments came {value:+.0f} days later than before
spread_days_late | character | days | 0 | standard deviation of days late
    its payment day varies by {value:.0f} days
spread_days_late_365 | character | days | 0 | standard deviation of days late in 365 days
    its payment day varied by {value:.0f} days in a year
in_parts_share_365 | character | share | 0 | share of invoices paid in several parts in 365 days
    paid {value:.0%} of its invoices in parts
paid_after_m7_share_365 | character | share | +1 | share paid later than 7 days before the due day in 365 days
    paid {value:.0%} later than a week before the due date
paid_after_m3_share_365 | character | share | +1 | share paid later than 3 days before the due day in 365 days
    paid {value:.0%} later than three days before the due date
paid_after_4_share_365 | character | share | +1 | share paid more than 4 days late in 365 days
    paid {value:.0%} more than 4 days late in a year
paid_after_10_share_365 | character | share | +1 | share paid more than 10 days late in 365 days
    paid {value:.0%} more than 10 days late in a year
paid_after_20_share_365 | character | share | +1 | share paid more than 20 days late in 365 days
    paid {value:.0%} more than 20 days late in a year
modal_weekday_share | character | share | 0 | share paid on its usual weekday in 365 days
    paid {value:.0%} on one weekday
month_end_share | character | share | 0 | share paid in the last three days of a month in 365 days
    paid {value:.0%} at month end
payments_count_90 | capacity | count | 0 | receipts of 90 days
    {value:.0f} receipts in 90 days
payments_amount_90 | capacity | amount | 0 | amount received in 90 days
    {value:,.0f} received in 90 days
payments_amount_365 | capacity | amount | 0 | amount received in 365 days
    {value:,.0f} received in a year
days_since_last_payment | capacity | days | 0 | days since the last receipt
    last receipt {value:.0f} days ago
silence | character | score | +1 | ln(1 + 55 x the odds of having stopped paying), by its silence and its habits
    silent {silence}
open_count | capacity | count | 0 | open invoices
    {value:.0f} open invoices
open_amount | capacity | amount | 0 | open amount of invoices
    {value:,.0f} open
due_soon_count | capacity | count | +1 | open invoices past due or due within 5 days
    {value:.0f} invoices past due or due within 5 days
due_soon_amount | capacity | amount | +1 | open amount past due or due within 5 days
    {value:,.0f} past due or due within 5 days
open_in_parts_count | capacity | count | 0 | open invoices paid in part
    {value:.0f} open invoices paid in part
overdue_count | capacity | count | +1 | open invoices past due
    {value:.0f} invoices past due
overdue_amount | capacity | amount | +1 | open amount past due
    {value:,.0f} past due
overdue_share | capacity | share | +1 | share of the open amount that is past due
    {value:.0%} of what is open is past due
overdue_count_share | capacity | share | +1 | share of the open invoices that are past due
    {value:.0%} of the open invoices are past due
overdue_30_amount | capacity | amount | +1 | open amount more than 30 days past due
    {value:,.0f} more than 30 days past due
overdue_90_amount | capacity | amount | +1 | open amount more than 90 days past due
    {value:,.0f} more than 90 days past due
oldest_overdue_days | capacity | days | +1 | days past due of the oldest open invoice; 0 = nothing is past due
    oldest open invoice {value:.0f} days past due
mean_overdue_days | capacity | days | +1 | mean days past due of the open invoices past due
    open invoices past due for {value:.0f} days on average
open_to_sales | capacity | ratio | 0 | open amount over the sales of 365 days
    what is open is {value:.0%} of a year's sales
open_credits_amount | capacity | amount | 0 | open amount of credit notes
    {value:,.0f} of credit notes open
credit_share_365 | character | share | 0 | credit notes over invoices, amounts of 365 days
    {value:.0%} of a year's sales were credited
limit_amount | capacity | amount | 0 | credit limit valid that day (0 = none granted; missing = unlimited or not known)
    credit limit {value:,.0f}
limit_utilisation | capacity | ratio | +1 | open amount over the credit limit
    uses {value:.0%} of its limit
overdue_to_limit | capacity | ratio | +1 | amount past due over the credit limit
    past due by {value:.0%} of its limit
limit_age_days | capacity | days | 0 | days since the credit limit was set
    limit set {value:.0f} days ago
open_orders_count | capacity | count | 0 | orders not yet invoiced
    {value:.0f} open orders
open_orders_amount | capacity | amount | 0 | amount of orders not yet invoiced
    open orders of {value:,.0f}
shipped_orders_amount | capacity | amount | 0 | amount shipped and not yet invoiced
    {value:,.0f} shipped, not invoiced
collateral_amount | collateral | amount | 0 | amount covered by valid security
    security covers {value:,.0f}
collateral_share | collateral | ratio | 0 | covered amount over the open amount
    security covers {value:.0%} of what is open
open_disputes_count | character | count | +1 | disputes not resolved
    {value:.0f} open disputes
open_disputes_amount | character | amount | +1 | amount in dispute
    {value:,.0f} in dispute
disputes_count_365 | character | count | +1 | disputes raised in 365 days
    {value:.0f} disputes in a year
dispute_share_365 | character | share | +1 | disputes over invoices of 365 days
    disputes {value:.0%} of its invoices
mean_resolution_days | character | days | 0 | mean days until a dispute was resolved
    its disputes took {value:.0f} days
upheld_share | character | share | 0 | share of resolved disputes in which the customer was right
    was right in {value:.0%} of its disputes
write_offs_count | character | count | +1 | write-offs of bad debt so far
    {value:.0f} invoices written off
written_off_amount | character | amount | +1 | amount written off so far
    {value:,.0f} written off
written_off_amount_365 | character | amount | +1 | amount written off in 365 days
    {value:,.0f} written off in a year
recovered_amount | character | amount | 0 | amount recovered after write-offs
    {value:,.0f} recovered
credit_events_count | character | count | +1 | insolvencies and the like so far
    {value:.0f} credit events
credit_events_count_365 | character | count | +1 | credit events in 365 days
    {value:.0f} credit events in a year
days_since_credit_event | character | days | 0 | days since the last credit event
    credit event {value:.0f} days ago
applications_count_365 | capacity | count | 0 | requests for credit in 365 days
    asked for credit {value:.0f} times in a year
onboarded_days | character | days | -1 | days since it became a customer
    a customer for {years:.1f} years
firm_age_days | capital | days | -1 | days since the firm was founded
    founded {years:.1f} years ago
employees | capacity | count | 0 | number of people employed
    {value:.0f} employees
accounts_age_days | capital | days | 0 | days since the balance-sheet day of the newest accounts
    newest accounts are {value:.0f} days old
attributes_age_days | character | days | 0 | days since other information was last received
    other information is {value:.0f} days old
equity_share | capital | share | 0 | equity over total assets, newest accounts
    equity is {value:.0%} of its assets
current_ratio | capacity | ratio | 0 | current assets over current liabilities, newest accounts
    current assets cover {value:.1f} times what it owes soon
net_margin | capacity | share | 0 | net income over revenue, newest accounts
    earns {value:.0%} of its revenue
group_open_amount | capacity | amount | 0 | open amount of the whole group
    {value:,.0f} open in its group
group_overdue_share | capacity | share | +1 | share of the group's open amount that is past due
    {value:.0%} of what its group owes is past due
group_late_share_365 | character | share | +1 | share the group did not pay in time of what fell due in 365 days
    its group paid {value:.0%} late in a year
industry_late_share_365 | conditions | share | +1 | late share of the industry in 365 days, mixed with the book's
    its industry pays {value:.0%} late
country_late_share_365 | conditions | share | +1 | late share of the country in 365 days, mixed with the book's
    its country pays {value:.0%} late
book_late_share_365 | conditions | share | +1 | late share of the whole book in 365 days
    our customers pay {value:.0%} late
book_overdue_share | conditions | share | 0 | share of the book's open amount that is past due
    {value:.0%} of all that we are owed is past due
gdp_growth | conditions | ratio | -1 | newest published growth of the economy where the customer works
    growth of {value:.1f} where it works
unemployment_rate | conditions | ratio | +1 | newest published unemployment where the customer works
    unemployment of {value:.1f} where it works
industry_output | conditions | ratio | -1 | newest published output of the customer's industry
    an output of {value:.1f} in its industry
conditions_age_days | conditions | days | 0 | days since the newest period of these three series
    the newest figures of its surroundings are {value:.0f} days old
"""

_OF_INVOICES = """
invoice_amount | capacity | amount | 0 | amount of the invoice
    the invoice is {value:,.0f}
invoice_amount_log | capacity | ratio | 0 | logarithm of 1 + the amount of the invoice
    the invoice's size ({value:.1f} in logs)
invoice_amount_ratio | capacity | ratio | 0 | amount of the invoice over the customer's mean
    the invoice is {value:.1f} times the usual
invoice_size_log_ratio | capacity | ratio | 0 | log of 1 + its amount less the mean log of the customer's earlier ones
    the invoice's size against the usual ({value:+.1f} in logs)
terms_days | character | days | 0 | days from issue to due day of the invoice
    due {value:.0f} days after issue
terms_gap_days | character | days | 0 | its days less the customer's mean
    {value:+.0f} days against the usual terms
discount_offered | character | share | 0 | 1 = its terms offer a cash discount
    whether its terms offer a cash discount
due_weekday | character | code | 0 | weekday of the due day, 0 = Monday
    the weekday on which it falls due
due_day_of_month | character | code | 0 | day of the month of the due day, 1..31
    the day of the month on which it falls due
due_at_month_end | character | code | 0 | 1 = due in the last three days of a month
    whether it falls due at month end
due_month | conditions | code | 0 | month of the due day, 1..12
    the month in which it falls due
issue_month | conditions | code | 0 | month of issue, 1..12
    the month in which it was issued
run_slack_days | character | days | 0 | days by which its due day follows the customer's last day of payment before it
    its usual day of payment lies {value:.0f} days before the due day
run_slack_30_days | character | days | 0 | days from the customer's last day of payment before 30 days past due to then
    its usual day of payment lies {value:.0f} days before 30 days past due
run_gap_days | character | days | 0 | days between the customer's days of payment before and after its due day
    {value:.0f} days between its days of payment
limit_utilisation_after | capacity | ratio | +1 | open amount with this invoice over the credit limit
    uses {value:.0%} of its limit with this invoice
"""


def parse_features(text: str, *, is_own: bool) -> dict[str, Feature]:
    """Read features from text, two lines each: name, C, unit, direction and meaning; then the reason."""
    lines = text.strip().splitlines()
    features = {}
    for entry, reason in zip(lines[::2], lines[1::2], strict=True):
        name, five_c, unit, direction, meaning = entry.split(" | ")
        features[name] = Feature(name, meaning, FiveC(five_c), Unit(unit), int(direction), reason.strip(), is_own)
    return features


def _build() -> dict[str, Feature]:
    features = parse_features(_OF_CUSTOMERS, is_own=False) | parse_features(_OF_INVOICES, is_own=True)
    return {name: features[name] for name in FORMULAS}


CATALOGUE: Mapping[str, Feature] = MappingProxyType(_build())
"""Every feature by its name, in the order of the output's columns."""
