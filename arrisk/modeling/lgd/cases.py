"""The cases behind loss given default and loss given write-off: what was exposed, and what came back when.

A case is one debtor's exposure in one currency from one day on. Amounts stay in that currency: a loss is a share.
Everything is taken as it was known before one day, so that a model of an earlier day sees what was known then.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, concat, day_of, to_days, visible
from arrisk.ledger import list_movements
from arrisk.ledger.movements import CREDITED, PAID
from arrisk.modeling.rows import Floats
from arrisk.schema import Book

COVERED = "covered_share"

_CASE = ["customer_id", "currency", "start_day"]


@dataclass(frozen=True)
class Workouts:
    """Exposures that went wrong, and the money that came back.

    Parameters
    ----------
    cases : one row per case: customer_id, start_day, exposure (> 0), followed_days (the last day after the start whose
        flows are all known, >= 0), closed_days (days after the start on which it was closed, nothing more to come;
        NEVER = still open), covered_share (0..1 of the exposure), and whatever else segments are made of.
    flows : one row per amount that came back: case (position in ``cases``), offset_days (after the start, >= 0),
        amount (in the unit of the exposure).
    """

    cases: pd.DataFrame
    flows: pd.DataFrame


def list_write_off_cases(book: Book, *, as_of: date) -> Workouts:
    """List what was written off as bad debt, and what was recovered of it since.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.

    Returns
    -------
    Workouts
        One case per customer, currency and day on which its invoices were first written off; the exposure is what was
        written off (int64 minor units). No case is ever closed: a ledger does not say that nothing more will come.
    """
    as_of_day = day_of(as_of)
    invoices = visible(book["invoices"], as_of_day=as_of_day)
    losses = visible(book["write_offs"], as_of_day=as_of_day)
    losses = losses.loc[losses["reason"] == "bad_debt"].assign(start_day=lambda rows: to_days(rows["written_off_on"]))
    lost = losses.groupby("invoice_id", as_index=False).agg(exposure=("amount", "sum"), start_day=("start_day", "min"))
    lost = lost.merge(invoices[["invoice_id", "customer_id", "currency"]], on="invoice_id")
    flows = _list_recoveries(book, lost, as_of_day=as_of_day)
    return _gather(book, lost, flows, as_of=as_of)


def list_default_cases(book: Book, episodes: pd.DataFrame, *, as_of: date) -> Workouts:
    """List what was open when a customer went into default, and what came back of it since.

    Paid is what was paid on those invoices, and what was recovered after they were written off. What was credited was
    never owed: it leaves the exposure. What is still open when the default ends is back in normal business and counts
    as repaid on that day (EBA/GL/2017/16, artificial cash flow of cured exposures). Money moves on the day it was
    known, so that the exposure is what the books showed at the start of the first day of the default.

    Parameters
    ----------
    book : a checked book.
    episodes : one row per default episode as known at ``as_of``: customer_id, entered_day, left_day (NEVER = not left).
    as_of : only what was known before the start of this day counts.

    Returns
    -------
    Workouts
        One case per episode and currency in which anything was open; exposure as int64 minor units. cases has also
        left_days, days from the entry to the end of the default (NEVER = not left).
    """
    as_of_day = day_of(as_of)
    owed = _list_owed(book, episodes, as_of_day=as_of_day)
    moves = visible(list_movements(book), as_of_day=as_of_day)
    moves = moves.assign(day=moves[["applied_day", "known_day"]].max(axis="columns"))
    moves = owed[["invoice_id", "pair", "start_day", "left_day"]].merge(moves, on="invoice_id")
    owed["exposure"] = owed["amount"] - _sum_pairs(moves.loc[moves["day"] < moves["start_day"]], len(owed))
    after = moves.loc[(moves["day"] >= moves["start_day"]) & (moves["day"] < moves["left_day"])]
    credited = after["cause"] == CREDITED
    # Left open at the end of the default: neither paid nor written off by then.
    rest = np.where(owed["left_day"] < NEVER, owed["exposure"] - _sum_pairs(after, len(owed)), 0)
    is_open = (owed["exposure"] > 0).to_numpy()
    owed["exposure"] -= _sum_pairs(after.loc[credited], len(owed))
    paid = after.loc[after["cause"] == PAID]
    returned = owed[["pair", "left_day"]].rename(columns={"left_day": "day"}).assign(amount=rest).loc[rest > 0]
    recovered = _list_recoveries(book, owed, as_of_day=as_of_day)
    flows = concat([part[["pair", "day", "amount"]] for part in (paid, returned, recovered)])
    return _gather(book, owed.loc[is_open], flows, as_of=as_of)


def compute_covered_share(exposures: pd.DataFrame, book: Book, *, as_of: date) -> Floats:
    """Compute which share of each exposure its customer's valid security covers.

    Each security covers its share of the exposure (all of it where no share is given), at most its amount; together
    they cover at most everything. A security in another currency than the exposure's is not counted.

    Parameters
    ----------
    exposures : customer_id, currency, exposure (int64 minor units, > 0), start_day (the security is valid on it).
    as_of : only securities known before the start of this day count.

    Returns
    -------
    array of shape (n,), 0..1
    """
    held = visible(book["collateral"], as_of_day=day_of(as_of))
    held = held[["customer_id", "currency", "amount", "cover_share"]].assign(
        from_day=to_days(held["valid_from_on"]), to_day=to_days(held["valid_to_on"])
    )
    pairs = exposures[[*_CASE, "exposure"]].assign(row=np.arange(len(exposures))).merge(held)
    pairs = pairs.loc[pairs["start_day"].between(pairs["from_day"], pairs["to_day"])]
    share = pairs["cover_share"].fillna(1.0).clip(0.0, 1.0)
    covers = np.minimum(share, pairs["amount"] / pairs["exposure"])
    covered = np.bincount(pairs["row"], weights=covers, minlength=len(exposures))
    return np.asarray(np.minimum(covered, 1.0), dtype="float64")


def _list_owed(book: Book, episodes: pd.DataFrame, *, as_of_day: int) -> pd.DataFrame:
    """Pair each episode with the customer's invoices from before it."""
    seen = episodes.loc[episodes["entered_day"] < as_of_day, ["customer_id", "entered_day", "left_day"]]
    seen = seen.rename(columns={"entered_day": "start_day"})
    seen = seen.assign(left_day=seen["left_day"].where(seen["left_day"] < as_of_day, NEVER))
    invoices = visible(book["invoices"], as_of_day=as_of_day)
    invoices = invoices.assign(issued_day=to_days(invoices["issued_on"])).loc[invoices["kind"] == "invoice"]
    owed = seen.merge(invoices[["customer_id", "currency", "invoice_id", "issued_day", "amount"]], on="customer_id")
    owed = owed.loc[owed["issued_day"] < owed["start_day"]].reset_index(drop=True)
    return owed.assign(pair=np.arange(len(owed)), left_days=_offset(owed["left_day"], owed["start_day"]))


def _offset(day: pd.Series, start: pd.Series) -> pd.Series:
    return (day - start).where(day < NEVER, NEVER)


def _sum_pairs(moves: pd.DataFrame, count: int) -> pd.Series:
    # Whole cents: adding them as floats would lose the last one of very large amounts.
    sums = np.zeros(count, dtype="int64")
    np.add.at(sums, moves["pair"].to_numpy(), moves["amount"].to_numpy())
    return pd.Series(sums)


def _list_recoveries(book: Book, owed: pd.DataFrame, *, as_of_day: int) -> pd.DataFrame:
    """List what came in on written-off invoices: pair, day, amount."""
    recoveries = visible(book["recoveries"], as_of_day=as_of_day)
    day = np.maximum(to_days(recoveries["recovered_on"]), recoveries["known_day"])
    recoveries = recoveries[["invoice_id", "amount"]].assign(day=day)
    pairs = owed[["invoice_id", "start_day"]].assign(pair=np.arange(len(owed))).merge(recoveries, on="invoice_id")
    return pairs.loc[pairs["day"] >= pairs["start_day"], ["pair", "day", "amount"]].reset_index(drop=True)


def _gather(book: Book, owed: pd.DataFrame, flows: pd.DataFrame, *, as_of: date) -> Workouts:
    """Sum invoices to cases; ``pair`` in the flows is an invoice's place in the index of ``owed``."""
    keys = [*_CASE, *(name for name in ("left_days",) if name in owed)]
    grouped = owed.groupby(keys, sort=True)
    cases = grouped["exposure"].sum().reset_index()
    place = pd.Series(grouped.ngroup().to_numpy(), index=owed.index).reindex(flows["pair"])
    flows = flows.loc[place.notna().to_numpy()].assign(case=place.dropna().to_numpy().astype("int64"))
    cases, flows = _keep_owed(cases, flows)
    cases = cases.assign(
        followed_days=day_of(as_of) - 1 - cases["start_day"],
        closed_days=NEVER,
        **{COVERED: compute_covered_share(cases, book, as_of=as_of)},
    )
    offset = flows["day"].to_numpy() - cases["start_day"].to_numpy()[flows["case"].to_numpy()]
    return Workouts(cases, flows.assign(offset_days=offset)[["case", "offset_days", "amount"]].reset_index(drop=True))


def _keep_owed(cases: pd.DataFrame, flows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out cases of which nothing was owed in the end: all of it was credited."""
    keep = (cases["exposure"] > 0).to_numpy()
    place = np.where(keep, np.cumsum(keep) - 1, -1)[flows["case"].to_numpy()]
    return cases.loc[keep].reset_index(drop=True), flows.assign(case=place).loc[place >= 0]
