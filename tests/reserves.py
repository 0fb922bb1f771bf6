"""Allowances made by hand: `reserve({"31-60": 100}, {"31-60": 0.1})` is an allowance of 10 on one open item of 100."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Estimate, assemble
from arrisk.allowance.exposures import ALL, CREDIT_NOTES, Exposures, list_exposures
from arrisk.ledger.ageing import Ageing, age_open_items, sum_buckets
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from tests.books import book_of, customer, invoice

END = date(2024, 12, 31)
AS_OF = END + timedelta(days=1)
DAYS = {"not_due": 0, "1-30": 10, "31-60": 40, "61-90": 70, ">90": 200}
"""How many days past due an item of each bucket is on the period end."""

POLICY = load_policy()


def item(bucket, amount, *, customer_id="A", **more):
    """Give an invoice that is open on the period end, in a bucket."""
    due_on = END - timedelta(days=DAYS[bucket])
    days = {"issued_on": (due_on - timedelta(days=30)).isoformat(), "due_on": due_on.isoformat()}
    return invoice(customer_id=customer_id, amount=str(amount), **days, **more)


def book_in(items):
    """Give the book of some items, numbered in their order."""
    ids = dict.fromkeys(one["customer_id"] for one in items)
    named = [one | {"invoice_id": f"I{place}"} for place, one in enumerate(items)]
    return book_of(customers=[customer(name) for name in ids], invoices=named)


def expose(book, *, policy=POLICY, as_of=AS_OF):
    """List what is open on the evening of the period end."""
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    return list_exposures(book, episodes, as_of=as_of, age_on=as_of - timedelta(days=1), policy=policy)


def expose_rows(rows):
    """Make exposures without a book, for many examples: rows are customer, bucket, cents, whether a credit note."""
    names, buckets, cents, is_note = zip(*rows, strict=True)
    kind = np.where(is_note, "credit_note", "invoice")
    amounts = np.where(is_note, -np.array(cents), cents)
    days = [DAYS[bucket] for bucket in buckets]
    listed = pd.DataFrame({"customer_id": names, "kind": kind, "open_amount": amounts, "days_past_due": days})
    aged = age_open_items(listed, ageing=POLICY.ageing)
    ageing = Ageing(AS_OF, END, "USD", aged, sum_buckets(aged), pd.DataFrame(), int(amounts.sum()), 0)
    segment = pd.Series(np.where(is_note, CREDIT_NOTES, ALL), dtype="str")
    more = {"segment": segment, "base_amount": amounts.clip(0), "covered_share": 0.0, "is_in_default": False}
    return Exposures(ageing, aged.assign(**more))


def guess(exposures, rates, *, loss_share=1.0, uncovered=None, loss_days=0.0):
    """Expect a share of each item by its bucket."""
    p_lost = exposures.items["bucket"].astype("str").map(rates).to_numpy(dtype="float64")
    p_lost = np.where(exposures.items["kind"] == "credit_note", 0.0, p_lost)
    full = np.ones(len(p_lost))
    bare = full * (loss_share if uncovered is None else uncovered)
    return Estimate(p_lost, np.minimum(2 * p_lost, 1), full * loss_share, bare, full * loss_days, pd.DataFrame())


def reserve_items(items, rates, *, policy=POLICY, **more):
    """Give the allowance of some items, by a rate for each bucket."""
    exposures = expose(book_in(items), policy=policy)
    return assemble(exposures, guess(exposures, rates, **more), method="given", policy=policy.allowance)


def reserve_rows(rows, rates):
    """Give the allowance of rows as ``expose_rows`` takes them."""
    exposures = expose_rows(rows)
    return assemble(exposures, guess(exposures, rates), method="given", policy=POLICY.allowance)


def reserve(amounts, rates, *, policy=POLICY, **more):
    """Give the allowance of one item of each bucket, each of a customer of its own."""
    items = [item(bucket, amount, customer_id=f"C{bucket}") for bucket, amount in amounts.items()]
    return reserve_items(items, rates, policy=policy, **more)
