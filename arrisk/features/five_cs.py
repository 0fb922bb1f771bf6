"""The five C's as of each question, beside the behaviour with us: accounts, the group, security, and what is known.

Capacity and capital rest on the newest accounts that were known; where a subsidiary has none of its own, its parent's
stand in. Nothing is filled in: what is not known is NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa

from arrisk.features.amounts import Converter, make_converter
from arrisk.features.catalogue import Feature, parse_features
from arrisk.features.facts import Floats, divide, pick
from arrisk.features.grouping import Ints, find_latest
from arrisk.features.happenings import list_security
from arrisk.features.history import build_features
from arrisk.features.lookups import date_table
from arrisk.features.standing import sum_standing
from arrisk.features.statements import FIGURES, Accounts, compute_capacity, compute_capital
from arrisk.frames import NEVER, Mask, match, take, to_arrow, to_days
from arrisk.policy import CollateralPolicy, Policy
from arrisk.schema import Book

FRESH_DAYS = 548
"""Accounts, and attributes, up to eighteen months old are fresh."""

DEPTH_GRADES = MappingProxyType({5: "A", 4: "B", 3: "C", 2: "D", 1: "E"})
"""The letter of each code of ``data_depth``."""

DEPTH_WORDS = MappingProxyType(
    {
        "A": "its own accounts, at most 18 months old",
        "B": "older accounts of its own, or its parent's",
        "C": "attributes of the last 18 months, no accounts",
        "D": "its payments alone",
        "E": "nothing yet",
    }
)
"""What each letter of ``data_depth`` says is known."""

KINDS = tuple(CollateralPolicy.model_fields)
"""The kinds of security that policy counts on."""

YEAR_APART, MOST_APART = 270, 460
"""Accounts of a year before end so many days earlier, at least and at most."""

_TEXT = """
quick_ratio | capacity | ratio | -1 | current assets without inventory over current liabilities
    liquid assets cover {value:.0%} of short-term debt
interest_cover | capacity | score | -1 | EBIT over interest expense, from -10 to 20
    earns its interest {value:.1f} times
ebit_margin | capacity | share | -1 | EBIT over revenue
    an EBIT margin of {value:.1%}
cash_flow_to_debt | capacity | ratio | -1 | operating cash flow over total liabilities
    a year's cash flow is {value:.0%} of its debt
revenue_growth | capacity | share | -1 | revenue against the accounts of a year before
    revenue moved by {value:+.0%} in a year
usual_to_revenue | capacity | ratio | 0 | amount we invoiced in 365 days over its revenue
    we invoice {value:.1%} of its revenue
requested_to_usual | capacity | ratio | +1 | sales expected in the newest application over those of 365 days
    asks for {value:.1f} times its usual volume
requested_to_revenue | capacity | ratio | +1 | sales expected in the newest application, per year, over its revenue
    asks for {value:.1%} of its revenue
net_worth_log | capital | score | -1 | log of 1 + tangible net worth in book currency, with its sign
    tangible net worth of {money:,.0f}
leverage | capital | share | +1 | total liabilities over total assets
    debt is {value:.0%} of its assets
retained_earnings_share | capital | share | -1 | retained earnings over total assets
    retained earnings are {value:.0%} of its assets
altman_z | capital | score | -1 | Altman's Z of listed manufacturers; missing without a market value
    Altman's Z is {value:.2f} (distress below 1.81, safe above 2.99)
altman_z1 | capital | score | -1 | Altman's Z' of private firms
    Altman's Z' is {value:.2f} (distress below 1.23, safe above 2.90)
altman_z2 | capital | score | -1 | Altman's Z'' of firms that are no manufacturers
    Altman's Z'' is {value:.2f} (distress below 1.10, safe above 2.60)
ohlson_o | capital | score | +1 | Ohlson's O; missing without the year before
    Ohlson's O is {value:.2f}
statement_age_days | capital | days | +1 | days since the balance-sheet day of the accounts that are read
    accounts are {value:.0f} days old
accounts_of_parent | capital | share | 0 | 1 = the parent's accounts are read, because the firm has none of its own
    its parent's accounts are read for its own: {yes}
parent_credit_events | character | count | +1 | credit events of the parent; missing without a parent
    {value:.0f} credit events of its parent
covered_share | collateral | share | -1 | open amount that security covers after the policy's haircuts, at most 1
    {value:.0%} of the open amount is secured after haircuts
covered_by_guarantee | collateral | share | -1 | open amount covered by guarantees after the haircut
    {value:.0%} of the open amount is guaranteed
covered_by_deposit | collateral | share | -1 | open amount covered by deposits after the haircut
    {value:.0%} of the open amount is covered by a deposit
covered_by_credit_insurance | collateral | share | -1 | open amount covered by credit insurance after the haircut
    {value:.0%} of the open amount is insured
covered_by_letter_of_credit | collateral | share | -1 | open amount covered by letters of credit after the haircut
    {value:.0%} of the open amount is covered by a letter of credit
covered_by_lien | collateral | share | -1 | open amount covered by liens after the haircut
    {value:.0%} of the open amount is covered by a lien
data_depth | character | score | 0 | how much is known, 5 = A, fresh accounts, to 1 = E, nothing
    how much is known: {value:.0f} on a scale from 1 to 5
"""

FIVE_CS: Mapping[str, Feature] = MappingProxyType(parse_features(_TEXT, is_own=False))
"""What each column means, in the order of the output."""


@dataclass(frozen=True)
class Asked:
    """The questions: customer and parent as codes (their place in ``ids``, -1 = none), and as of when."""

    ids: pd.Series
    customer: Ints
    parent: Ints
    days: Ints


@dataclass(frozen=True)
class AccountsRead:
    """The accounts that each question reads, and whose they are."""

    newest: Accounts
    before: Accounts
    rate: Floats
    age: Floats
    of_parent: Floats


def build_five_cs(
    book: Book, questions: pd.DataFrame, *, policy: Policy, behaviour: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Build the five C's of each customer as they were known at each question.

    ``data_depth`` says how much that was; the first line that holds counts:

    ====  =====  ======================================================================
    code  grade  known
    ====  =====  ======================================================================
    5     A      own accounts, the balance-sheet day at most 18 months ago
    4     B      older own accounts, or the parent's
    3     C      attributes (a bureau's score and the like) of the last 18 months
    2     D      a payment record: an invoice of ours has fallen due
    1     E      none of these
    ====  =====  ======================================================================

    Parameters
    ----------
    book : a checked book.
    questions : one row per question, in any order: customer_id, as_of_day (int64 days, strict).
    policy : how much each kind of security counts for.
    behaviour : the features that ``build_features`` gives for the same questions, in book currency; None = built here.

    Returns
    -------
    DataFrame
        One row per question in the given order, one float64 column per entry of ``FIVE_CS``; NaN = not known.

    Raises
    ------
    CurrencyError
        When a security, or anything the behaviour rests on, has a foreign currency without a rate. Accounts without a
        rate only lack what depends on their size.
    """
    known = build_features(book, questions, policy=policy) if behaviour is None else behaviour
    asked = ask_masters(book, questions)
    converter = make_converter(book, None)
    read = read_accounts(book["financials"], asked, converter)
    columns = compute_capacity(read.newest, read.before) | compute_capital(read.newest, read.before, rate=read.rate)
    expected = _read_expected(book["applications"], asked, scale=converter.scale)
    columns |= compare_volumes(
        expected, invoiced=_take_column(known, "invoiced_amount_365"), revenue=read.newest["revenue"] * read.rate
    )
    columns |= {"statement_age_days": read.age, "accounts_of_parent": read.of_parent}
    columns["parent_credit_events"] = _count_parent_events(book["credit_events"], asked)
    exposure = _take_column(known, "open_amount")
    columns |= share_cover(sum_cover(book["collateral"], asked, converter, policy.collateral), exposure)
    columns["data_depth"] = grade_depth(
        read.age,
        read.of_parent,
        attributes_age=_take_column(known, "attributes_age_days"),
        late_share=_take_column(known, "due_late_share"),
    )
    return pd.DataFrame({name: columns[name] for name in FIVE_CS})


def ask_masters(book: Book, questions: pd.DataFrame) -> Asked:
    """Find each question's customer, and the parent that its master row of that day names."""
    customers = book["customers"]
    parts = [to_arrow(questions["customer_id"]), to_arrow(customers["parent_id"])]
    ids = pd.Series(pd.array(pa.chunked_array(parts).unique().drop_null(), dtype="str"))
    customer = match(questions["customer_id"], ids)
    days = questions["as_of_day"].to_numpy(dtype="int64")
    master = find_latest(date_table(customers, ids, ""), customer, days, days)
    parent = take(match(customers["parent_id"], ids), master, missing=-1)
    return Asked(ids, customer, np.where(parent == customer, -1, parent), days)


def read_accounts(accounts: pd.DataFrame, asked: Asked, converter: Converter) -> AccountsRead:
    """Read the newest accounts known at each question, and those of about a year before them in the same currency."""
    dated = date_table(accounts, asked.ids, "period_end_on")
    ends, currency = to_days(accounts["period_end_on"]), pd.factorize(accounts["currency"])[0]
    own = find_latest(dated, asked.customer, asked.days, asked.days)
    of_parent = find_latest(dated, np.where(own < 0, asked.parent, -1), asked.days, asked.days)
    row = np.where(own < 0, of_parent, own)
    owner = np.where(own < 0, asked.parent, asked.customer)
    end = take(ends, row, missing=-NEVER)
    earlier = find_latest(dated, np.where(row < 0, -1, owner), asked.days, end - YEAR_APART)
    is_alike = take(currency, earlier, missing=-1) == take(currency, row, missing=-1)
    is_near = take(ends, earlier, missing=-NEVER) >= end - MOST_APART
    earlier = np.where(is_alike & is_near, earlier, -1)
    return AccountsRead(
        newest=_take_figures(accounts, row),
        before=_take_figures(accounts, earlier),
        rate=pick(_find_rates(accounts, converter), row),
        age=np.where(row < 0, np.nan, asked.days - end),
        of_parent=np.where(row < 0, np.nan, own < 0),
    )


def _find_rates(accounts: pd.DataFrame, converter: Converter) -> Floats:
    """Give the rate of each row that was known before it was; NaN where there was none."""
    found = converter.find_rates(accounts["currency"], accounts["known_day"].to_numpy())
    is_home = (accounts["currency"] == converter.currency).to_numpy(dtype=bool)
    return np.where(is_home, 1.0, pick(converter.rates["rate"].to_numpy(dtype="float64"), found))


def _read_expected(applications: pd.DataFrame, asked: Asked, *, scale: float) -> Floats:
    """Read the sales per month that the newest application expects, in units of the currency."""
    newest = find_latest(date_table(applications, asked.ids, "applied_on"), asked.customer, asked.days, asked.days)
    return pick(applications["expected_monthly_sales"].to_numpy(dtype="float64", na_value=np.nan) / scale, newest)


def compare_volumes(monthly: Floats, *, invoiced: Floats, revenue: Floats) -> dict[str, Floats]:
    """Compare what we invoiced in a year, and the sales expected per month, with each other and the revenue."""
    expected = 12.0 * monthly
    usual, whole = np.where(invoiced > 0, invoiced, 0.0), np.where(revenue > 0, revenue, 0.0)
    return {
        "usual_to_revenue": divide(np.where(usual > 0, usual, np.nan), whole),
        "requested_to_usual": divide(expected, usual),
        "requested_to_revenue": divide(expected, whole),
    }


def _count_parent_events(events: pd.DataFrame, asked: Asked) -> Floats:
    standing = pd.DataFrame(
        {
            "owner": match(events["customer_id"], asked.ids),
            "start": events["known_day"].to_numpy(),
            "stop": events["superseded_day"].to_numpy(),
            "amount": np.ones(len(events), dtype="int64"),
        }
    )
    counts = sum_standing(standing, customer=asked.parent, days=asked.days)
    return np.where(asked.parent < 0, np.nan, counts)


def sum_cover(
    collateral: pd.DataFrame, asked: Asked, converter: Converter, haircuts: CollateralPolicy
) -> dict[str, Floats]:
    """Sum what each kind of valid security covers of a loss, after the policy's haircut, in units of the currency."""
    last_day = int(asked.days.max(initial=-NEVER))
    standing = list_security(collateral, customers=asked.ids, converter=converter, last_day=last_day)
    amounts = {}
    for kind, counted in haircuts.model_dump().items():
        rows = standing.loc[(collateral["kind"] == kind).to_numpy(dtype=bool)]
        amounts[kind] = sum_standing(rows, customer=asked.customer, days=asked.days) / converter.scale * counted
    return amounts


def share_cover(amounts: Mapping[str, Floats], exposure: Floats) -> dict[str, Floats]:
    """Give the share of the open amount that each kind of security, and all together, cover; NaN where none is open."""
    owed = np.where(exposure > 0, exposure, 0.0)
    shares = {f"covered_by_{kind}": np.minimum(divide(amount, owed), 1.0) for kind, amount in amounts.items()}
    total = np.add.reduce(list(amounts.values()))
    return {"covered_share": np.minimum(divide(total, owed), 1.0)} | shares


def grade_depth(age: Floats, of_parent: Floats, *, attributes_age: Floats, late_share: Floats) -> Floats:
    """Grade how much is known of each customer: the codes of ``DEPTH_GRADES``."""
    # The first that holds counts; of one customer this is much faster than np.select.
    grade = np.where(np.isnan(late_share), 1.0, 2.0)
    grade = np.where(attributes_age <= FRESH_DAYS, 3.0, grade)
    grade = np.where(np.isnan(of_parent), grade, 4.0)
    is_own: Mask = of_parent == 0
    return np.where(is_own & (age <= FRESH_DAYS), 5.0, grade)


def _take_figures(accounts: pd.DataFrame, rows: Ints) -> Accounts:
    return {name: pick(accounts[name].to_numpy(dtype="float64", na_value=np.nan), rows) for name in FIGURES}


def _take_column(frame: pd.DataFrame, name: str) -> Floats:
    return frame[name].to_numpy(dtype="float64")
