"""Defaults of customers: which trigger began each, when it was over, as known before a day.

It has the parts of article 178 of Regulation (EU) 575/2013: days past due over a relative and an absolute threshold
(Delegated Regulation (EU) 2018/171), signs that payment is unlikely, and a probation (guidelines EBA/GL/2016/07).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, concat, day_of, match
from arrisk.ledger.movements import WRITTEN_OFF, list_movements
from arrisk.ledger.past_due import list_past_due
from arrisk.ledger.steps import pair_versions
from arrisk.policy import DefaultPolicy, Policy
from arrisk.schema import Book

CREDIT_EVENT, WRITE_OFF, PAST_DUE = TRIGGERS = ("credit_event", "write_off", "past_due")
"""What begins a default; of several on one day the first is named."""

_INSOLVENCY = "insolvency"
_SHIFT = 32


def list_defaults(book: Book, *, as_of: date, policy: Policy) -> pd.DataFrame:
    """List the defaults of all customers, by what was known before a day; listed once and kept with the book.

    Days are evenings. A trigger is on during the evenings of the days d on which, by what was known by then, (a)
    the undisputed items at least ``past_due_days`` past due on d, net of the customer's credits, are material
    (``list_past_due``); (b) a bad-debt write-off became known on d; (c) a credit event became known on d. A
    write-off and a credit event are on for their own day alone; insolvency stays on for good. A default begins on
    the first day with a trigger, and is over ``probation_days`` after the first day on which all are off, unless
    another comes by then: that prolongs it. What becomes known later changes nothing that was said of earlier
    days.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.
    policy : its section ``default`` holds all numbers.

    Returns
    -------
    DataFrame
        One row per default, in order of customer and day: customer_id, entered_day, trigger ('credit_event',
        'write_off', 'past_due'), left_day (the first evening out of default; NEVER = it was in default on the
        evening before ``as_of``). At the start of day D it is in default iff entered_day < D <= left_day.

    Raises
    ------
    CurrencyError
        When a customer with an item long past due has amounts in a currency without a rate on the day.
    """
    return book.derive(_Replay(day_of(as_of), policy.default))


@dataclass(frozen=True)
class _Replay:
    """Lists the defaults of a book as of a day under a policy."""

    as_of_day: int
    default: DefaultPolicy

    def __call__(self, book: Book) -> pd.DataFrame:
        return _list_defaults(book, as_of_day=self.as_of_day, default=self.default)


def _list_defaults(book: Book, *, as_of_day: int, default: DefaultPolicy) -> pd.DataFrame:
    movements = list_movements(book)
    owners = pd.concat([book["invoices"]["customer_id"], book["credit_events"]["customer_id"]])
    customers = pd.Series(owners.unique(), dtype="str").sort_values(ignore_index=True)
    past_due = list_past_due(book, movements, customers, as_of_day=as_of_day, default=default)
    triggers = concat(
        [
            past_due.assign(trigger=TRIGGERS.index(PAST_DUE)),
            _list_write_offs(book, movements, customers).assign(trigger=TRIGGERS.index(WRITE_OFF)),
            _list_credit_events(book, customers).assign(trigger=TRIGGERS.index(CREDIT_EVENT)),
        ]
    )
    triggers = triggers.loc[(triggers["start"] < as_of_day).to_numpy()]
    return _join(triggers, customers, as_of_day=as_of_day, probation_days=default.probation_days)


def _list_write_offs(book: Book, movements: pd.DataFrame, customers: pd.Series) -> pd.DataFrame:
    """Give the day on which each bad-debt write-off became known; a correction of it is not another one."""
    bad = movements.loc[((movements["cause"] == WRITTEN_OFF) & (movements["amount"] > 0)).to_numpy()]
    bad = bad.reset_index(drop=True)
    invoices = book["invoices"]
    pairs = pair_versions(bad, invoices, key="invoice_id")
    pairs = pairs.assign(
        customer=match(invoices["customer_id"], customers)[pairs["parent"]],
        invoice_id=bad["invoice_id"].to_numpy()[pairs["row"]],
        applied_day=bad["applied_day"].to_numpy()[pairs["row"]],
    )
    first = pairs.groupby(["customer", "invoice_id", "applied_day"], as_index=False)["start"].min()
    return pd.DataFrame({"customer": first["customer"], "start": first["start"], "stop": first["start"] + 1})


def _list_credit_events(book: Book, customers: pd.Series) -> pd.DataFrame:
    """Give the day on which each credit event became known; a correction of it is not another one."""
    events = book["credit_events"]
    events = events.assign(customer=match(events["customer_id"], customers))
    first = events.groupby(["customer", "occurred_on", "kind"], as_index=False)["known_day"].min()
    stays = (first["kind"] == _INSOLVENCY).to_numpy()
    start = first["known_day"].to_numpy()
    return pd.DataFrame({"customer": first["customer"], "start": start, "stop": np.where(stays, NEVER, start + 1)})


def _join(triggers: pd.DataFrame, customers: pd.Series, *, as_of_day: int, probation_days: int) -> pd.DataFrame:
    """Join the times of triggers that lie no more than the probation apart."""
    triggers = triggers.sort_values(["customer", "start", "trigger"], kind="stable", ignore_index=True)
    customer, start = triggers["customer"].to_numpy(), triggers["start"].to_numpy()
    # The latest end so far of the same customer: one running maximum over all, since a customer's keys lie together.
    latest = np.maximum.accumulate((customer << _SHIFT) + triggers["stop"].to_numpy())
    stop = latest - (customer << _SHIFT)
    begins = np.ones(len(triggers), dtype=bool)
    begins[1:] = (customer[1:] != customer[:-1]) | (start[1:] > stop[:-1] + probation_days)
    left = stop[np.roll(begins, -1)] + probation_days
    chosen = triggers.loc[begins]
    return pd.DataFrame(
        {
            "customer_id": customers.to_numpy()[chosen["customer"]],
            "entered_day": chosen["start"].to_numpy(),
            "trigger": np.array(TRIGGERS, dtype=object)[chosen["trigger"]],
            "left_day": np.where(left < as_of_day, left, NEVER),
        }
    ).astype({"customer_id": "str", "trigger": "str"})
