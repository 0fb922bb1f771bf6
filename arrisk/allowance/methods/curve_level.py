"""The level of the payment curve for amounts: what it says of past open books, and what was written off of them since.

A curve learns from invoices, one as much as another. Where it cannot tell how much less often a large one is lost, the
invoices come out right, and their amounts do not; so amounts are compared with amounts, in each ageing bucket. All the
past is followed as far as it goes, and the curve is read as far as that, so that nothing has to be over.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from arrisk.allowance.flows import list_ids
from arrisk.features.landmarks import ask_about, find_disputed
from arrisk.frames import concat, day_of, match, visible
from arrisk.ledger.ageing import age_open_items
from arrisk.ledger.conversion import list_newest_rates
from arrisk.modeling.asking import build_open_features
from arrisk.modeling.open_scores import OpenBook
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.rows import Floats
from arrisk.money import to_major
from arrisk.policy import Policy
from arrisk.schema import Book

TRUST = 10.0
"""Losing customers' worth of trust in the curve: before any is seen, its level is taken to be right within a third."""

MOST_ASKED = 8_000
"""The curve is asked about so many past items of a bucket, taken evenly along their amounts: it is one mean."""


def measure_levels(
    book: Book, flows: pd.DataFrame, opened: OpenBook, model: PaymentCurve, *, as_of: date, policy: Policy
) -> pd.DataFrame:
    """Measure the curve's level for customers that are not in default, bucket by bucket.

    Parameters
    ----------
    book : a checked book.
    flows : as given by ``list_flows`` as of the day.
    opened : gives what was known of the past.
    model : the payment curve; it is read without drift, which is about when customers pay and not whether they fail.
    as_of : only what was known before the start of this day counts.
    policy : buckets, and what features depend on.

    Returns
    -------
    DataFrame
        As given by ``weigh_levels``.
    """
    followed = follow_losses(flows, policy=policy)
    past = followed.loc[followed["age_days"] <= find_last_day(model)].reset_index(drop=True)
    asked = sample_by_amount(past, most=MOST_ASKED)
    if asked.empty:
        return weigh_levels(past, asked.assign(p=0.0))
    questions = _ask(book, asked, as_of=as_of)
    features = build_open_features(book, questions, policy=policy, past=opened.past)
    age = asked["age_days"].to_numpy(dtype="int64")
    curves = model.predict_open(features, age=age)
    days = day_of(as_of) - asked["start_day"].to_numpy()
    return weigh_levels(past, asked.assign(p=curves.read_written_off(age + days - 1)))


def find_last_day(model: PaymentCurve) -> int:
    """Find the last day past due that the curve knows something of: the end of the last stage that anything outlived.

    Where nothing was ever unpaid to the end of a stage, its share written off is not small but unknown.
    """
    known = [stage.last_day for stage in model.open.stages if stage.lost_share > 0]
    return known[-1] if known else model.open.stages[0].last_day


def follow_losses(flows: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """Follow what was open of customers not in default until the end of the flows.

    Returns
    -------
    DataFrame
        The rows of the flows with bucket and lost_amount: what was written off of it since.
    """
    newest_first = flows.iloc[::-1]
    lost = newest_first["written_off_amount"].groupby(newest_first["invoice"]).cumsum().reindex(flows.index)
    followed = flows.assign(lost_amount=np.minimum(lost, flows["open_amount"]), days_past_due=flows["age_days"])
    performing = followed.loc[~followed["is_in_default"].to_numpy(dtype=bool)].reset_index(drop=True)
    aged = age_open_items(performing, ageing=policy.ageing)
    return aged.assign(bucket=aged["bucket"].astype("str"))


def sample_by_amount(past: pd.DataFrame, *, most: int) -> pd.DataFrame:
    """Take items of each bucket evenly along their summed amounts: a mean over them is one by amount.

    Returns
    -------
    DataFrame
        Some rows, with worth: the amount that each stands for.
    """
    parts = []
    for _, rows in past.groupby("bucket", sort=True):
        sums = rows["open_amount"].cumsum().to_numpy()
        count = min(most, len(rows))
        at = np.searchsorted(sums, (np.arange(count) + 0.5) / count * sums[-1])
        parts.append(rows.iloc[np.minimum(at, len(rows) - 1)].assign(worth=sums[-1] / count))
    return concat(parts) if parts else past.assign(worth=0.0)


def weigh_levels(past: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Weigh what was lost against what was expected, bucket by bucket.

    Parameters
    ----------
    past : as given by ``follow_losses``.
    asked : as given by ``sample_by_amount``, with p.

    Returns
    -------
    DataFrame
        One row per bucket: bucket, past_open_amount, past_lost_amount, past_expected_amount (major units of the book
        currency), losing_customers, evidence (as many customers of equal losses would say as much), level.

    Notes
    -----
    Losses count in customers of a like loss u = sum of squared losses / losses, which gives (sum of losses)^2 / sum of
    squared losses of them. With a gamma prior of ``TRUST`` about a level of 1 for all buckets together, and about that
    of all for each, the level is (lost / u + TRUST) / (expected / u + TRUST / level of all).
    """
    expected = (asked["worth"] * asked["p"]).groupby(asked["bucket"]).sum()
    total, _ = _weigh(past, float(expected.sum()), around=1.0)
    rows = []
    for bucket, own in past.groupby("bucket", sort=True):
        level, evidence = _weigh(own, float(expected[bucket]), around=total)
        losers = own.loc[own["lost_amount"] > 0, "customer_id"].nunique()
        sums = (own["open_amount"].sum(), own["lost_amount"].sum(), expected[bucket])
        rows.append((str(bucket), *map(float, sums), int(losers), evidence, level))
    names: Sequence[str] = ("bucket", "past_open_amount", "past_lost_amount", "past_expected_amount")
    return pd.DataFrame(rows, columns=[*names, "losing_customers", "evidence", "level"])


def _weigh(past: pd.DataFrame, expected: float, *, around: float) -> tuple[float, float]:
    """Give the level, and as how many customers of equal losses the losses count."""
    losses = _sum_squares(past["lost_amount"], past["customer_id"])
    # Without any loss, a customer who fails is taken to lose what it owes on average.
    steps = max(past["start_day"].nunique(), 1)
    unit = losses[1] / losses[0] if losses[0] > 0 else _read_unit(past, steps)
    if unit <= 0:
        return around, 0.0
    evidence = losses[0] / unit
    return (evidence + TRUST) / (expected / unit + TRUST / around), evidence


def _sum_squares(amounts: pd.Series, customer_id: pd.Series) -> tuple[float, float]:
    sums = amounts.groupby(customer_id).sum().to_numpy(dtype="float64")
    return float(sums.sum()), float((sums**2).sum())


def _read_unit(past: pd.DataFrame, steps: int) -> float:
    owed, squares = _sum_squares(past["open_amount"], past["customer_id"])
    return squares / owed / steps if owed > 0 else 0.0


def _ask(book: Book, asked: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Ask about past items by what was known of them on their days."""
    invoices = book["invoices"]
    known = invoices.loc[(invoices["known_day"] < day_of(as_of)).to_numpy()]
    ids = list_ids(known).iloc[asked["invoice"].to_numpy()].reset_index(drop=True)
    start = asked["start_day"].to_numpy(dtype="int64")
    parts, places = [], []
    for day in np.unique(start):
        seen, rows = visible(known, as_of_day=int(day)), np.flatnonzero(start == day)
        parts.append(seen.iloc[match(ids.iloc[rows], seen["invoice_id"])])
        places.append(rows)
    own = concat(parts).iloc[np.argsort(np.concatenate(places), kind="stable")].reset_index(drop=True)
    return ask_about(own, as_of_day=start).assign(
        open_share=_read_open_share(book, own, asked["open_amount"].to_numpy(), as_of=as_of),
        is_disputed=find_disputed(book, own["invoice_id"], as_of_day=start),
    )


def _read_open_share(book: Book, invoices: pd.DataFrame, open_amount: Floats, *, as_of: date) -> Floats:
    rates = pd.Series(list_newest_rates(book, as_of=as_of) | {book.currency: 1.0}, dtype="float64")
    whole = to_major(invoices["amount"], invoices["currency"]) * invoices["currency"].map(rates).to_numpy()
    return np.clip(open_amount / whole, 0.0, 1.0)
