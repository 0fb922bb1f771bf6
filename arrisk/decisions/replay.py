"""A past period with other limits: which invoices would have been held back, and what became of them in truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.decisions.caps import Floats
from arrisk.decisions.walk import ISSUE, REDUCTION, walk_limits
from arrisk.features.amounts import make_converter
from arrisk.frames import Mask, day_of, match, to_days, visible
from arrisk.ledger.movements import list_movements
from arrisk.schema import Book

_OVERDUE_DAYS = 90


@dataclass(frozen=True)
class Trade:
    """The invoices of a ledger up to the end of a period, and what moved their balances.

    Parameters
    ----------
    invoices : one row per invoice, in order of invoice_id: invoice_id, customer (code), issued_day, amount, lost_amount
        (written off as bad debt less what was recovered, by the end of the extract), stuck_amount (open at the end of
        the extract and more than 90 days past due), in_period; amounts in book currency.
    customers : ids by code, sorted.
    events : as ``walk_limits`` takes them, a column each.
    """

    invoices: pd.DataFrame
    customers: pd.Series
    events: dict[str, npt.NDArray[np.generic]]

    def walk(self, limit: Floats) -> Mask:
        """Say which invoices would have passed, given the limit that held at the issue of each (inf = none)."""
        is_free = ~self.invoices["in_period"].to_numpy(dtype=bool)
        passed = walk_limits(*self.events.values(), limit, is_free)
        return np.asarray(passed)


def list_trade(book: Book, *, from_on: date, to_on: date) -> Trade:
    """List what was invoiced until the end of a period, and what became of it by the end of the extract.

    Parameters
    ----------
    book : a checked book.
    from_on, to_on : the first and the last day of the period.

    Raises
    ------
    CurrencyError
        When an invoice is in a currency whose rate was not known when it was issued.
    """
    seen = visible(book["invoices"], as_of_day=day_of(book.extract_end_on) + 1)
    issued = to_days(seen["issued_on"])
    chosen = (seen["kind"] == "invoice").to_numpy(dtype=bool) & (issued <= day_of(to_on))
    invoices = seen.loc[chosen].sort_values("invoice_id", ignore_index=True)
    issued_day = to_days(invoices["issued_on"])
    converter = make_converter(book, None)
    # A rate of the day itself is as good as one of the day before: nothing is predicted from it.
    factor = converter.find_factors(invoices["currency"], issued_day + 1, table="invoices") / converter.scale
    code, names = pd.factorize(invoices["customer_id"], sort=True)
    moves = _list_reductions(book, invoices)
    open_amount = invoices["amount"].to_numpy() - np.bincount(
        moves["invoice"], weights=moves["amount"], minlength=len(invoices)
    )
    is_stuck = to_days(invoices["due_on"]) < day_of(book.extract_end_on) - _OVERDUE_DAYS
    frame = pd.DataFrame(
        {
            "invoice_id": invoices["invoice_id"],
            "customer": code,
            "issued_day": issued_day,
            "amount": invoices["amount"] * factor,
            "lost_amount": _sum_losses(book, invoices) * factor,
            "stuck_amount": np.where(is_stuck, np.maximum(open_amount, 0.0), 0.0) * factor,
            "in_period": issued_day >= day_of(from_on),
        }
    )
    return Trade(frame, pd.Series(names, dtype="str"), _order_events(frame, moves, factor))


def find_limits(trade: Trade, reviews: Sequence[tuple[int, pd.Series, Floats]], *, newcomer: Floats) -> Floats:
    """Find the limit that held when each invoice was issued: that of the newest review on its day or before.

    Parameters
    ----------
    trade : the invoices.
    reviews : in order of days: day, customer ids, and their limits (inf = none).
    newcomer : for each review, the limit of a customer whom it did not know.

    Returns
    -------
    array of shape (n,)
        inf for invoices before the first review.
    """
    invoices = trade.invoices
    place = np.searchsorted([day for day, _, _ in reviews], invoices["issued_day"].to_numpy(), side="right") - 1
    limit = np.full(len(invoices), np.inf)
    for turn, (_, ids, limits) in enumerate(reviews):
        rows = np.flatnonzero(place == turn)
        known = match(trade.customers, ids)
        table = np.where(known >= 0, np.asarray(limits)[known], newcomer[turn])
        limit[rows] = table[invoices["customer"].to_numpy()[rows]]
    return limit


def sum_outcome(trade: Trade, passed: Mask) -> pd.DataFrame:
    """Sum what passed and what was held back of the period, customer by customer.

    Returns
    -------
    DataFrame
        One row per customer with an invoice in the period: customer_id, sold_amount, lost_amount (written off net, and
        stuck) of what passed; held_amount, held_count and avoided_amount (lost, and stuck) of what was held back.
    """
    own = trade.invoices.assign(passed=passed).loc[trade.invoices["in_period"]]
    gone = own["lost_amount"] + own["stuck_amount"]
    parts = pd.DataFrame(
        {
            "customer": own["customer"],
            "sold_amount": own["amount"].where(own["passed"], 0.0),
            "lost_amount": gone.where(own["passed"], 0.0),
            "held_amount": own["amount"].where(~own["passed"], 0.0),
            "held_count": (~own["passed"]).astype("int64"),
            "avoided_amount": gone.where(~own["passed"], 0.0),
        }
    )
    sums = parts.groupby("customer", as_index=False).sum()
    names = trade.customers.iloc[sums["customer"].to_numpy()].reset_index(drop=True)
    return sums.drop(columns="customer").assign(customer_id=names)


def _list_reductions(book: Book, invoices: pd.DataFrame) -> pd.DataFrame:
    moves = visible(list_movements(book), as_of_day=day_of(book.extract_end_on) + 1)
    place = match(moves["invoice_id"], invoices["invoice_id"])
    day = moves[["applied_day", "known_day"]].max(axis="columns")
    kept = pd.DataFrame({"invoice": place, "day": day, "amount": moves["amount"].astype("float64")})
    return kept.loc[place >= 0].reset_index(drop=True)


def _sum_losses(book: Book, invoices: pd.DataFrame) -> Floats:
    end = day_of(book.extract_end_on) + 1
    written = visible(book["write_offs"], as_of_day=end)
    written = written.loc[written["reason"] == "bad_debt"]
    lost = np.zeros(len(invoices))
    for table, sign in ((written, 1.0), (visible(book["recoveries"], as_of_day=end), -1.0)):
        place = match(table["invoice_id"], invoices["invoice_id"])
        amount = table["amount"].to_numpy(dtype="float64")
        lost += sign * np.bincount(place[place >= 0], weights=amount[place >= 0], minlength=len(invoices))
    return np.asarray(np.maximum(lost, 0.0))


def _order_events(frame: pd.DataFrame, moves: pd.DataFrame, factor: Floats) -> dict[str, npt.NDArray[np.generic]]:
    count = len(frame)
    own = moves["invoice"].to_numpy(dtype="int64")
    customer = frame["customer"].to_numpy(dtype="int64")
    day = np.concatenate([frame["issued_day"].to_numpy(), moves["day"].to_numpy()])
    kind = np.repeat(np.array([ISSUE, REDUCTION]), [count, len(moves)])
    invoice = np.concatenate([np.arange(count), own])
    amount = np.concatenate([frame["amount"].to_numpy(), moves["amount"].to_numpy() * factor[own]])
    owner = customer[invoice]
    # A receipt on the day of issue is of an earlier invoice: it makes room first, unless it is of this one.
    is_early = (kind == REDUCTION) & (day == frame["issued_day"].to_numpy()[invoice])
    order = np.lexsort((invoice, np.where(is_early, ISSUE + 1, kind), day, owner))
    return {
        "customer": owner[order],
        "kind": kind[order],
        "invoice": invoice[order],
        "amount": amount[order],
    }
