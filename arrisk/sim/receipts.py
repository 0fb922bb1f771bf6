"""Payments and their allocations: one receipt per customer and payment run."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.customers import Traits
from arrisk.sim.invoices import Invoices
from arrisk.sim.params import SimulationParameters
from arrisk.sim.settlements import Settlements
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Floats, Ints, make_generator

_PROMPT_DAYS = 70  # a receipt for an older item is booked at once: it must not look unpaid on its ninetieth day
_BOOKING = ((0.85, 0.06, 0.04, 0.02, 0.02, 0.01), (0.80, 0.10, 0.04, 0.02, 0.02, 0.01, 0.005, 0.005))
_LATE_SHARE, _LATE_DAYS = 0.03, (1, 4)  # parts of a receipt that are known some days after the others
_METHODS = np.array(["transfer", "direct debit", "card", "cheque"], dtype=object)
_WIDE = 2**32


@dataclass(frozen=True)
class Receipts:
    """`invoice`, `receipt`, `amount`: one element per part of a receipt; the others: one per receipt."""

    invoice: Ints
    receipt: Ints
    part: Ints
    part_known_day: Ints
    customer: Ints
    paid_day: Ints
    known_day: Ints
    applied_day: Ints
    amount: Ints
    overpaid: Ints


def gather_receipts(
    invoices: Invoices, settlements: Settlements, *, end_day: int, params: SimulationParameters, seed: int
) -> Receipts:
    """Gather what a customer pays on one day into one receipt, booked at once or some days late."""
    rng = make_generator(seed, "receipts")
    invoice, day, part = _list_parts(settlements, end_day)
    customer = invoices.customer[invoice]
    keys, receipt = np.unique(day * _WIDE + customer, return_inverse=True)
    count = len(keys)
    age = np.zeros(count, dtype=np.int64)
    np.maximum.at(age, receipt, day - invoices.due_day[invoice])
    is_prompt = age > _PROMPT_DAYS
    booked, applied = (np.where(is_prompt, 0, rng.choice(len(shares), count, p=shares)) for shares in _BOOKING)
    is_over = (rng.random(count) < params.overpaid_share) & ~is_prompt
    overpaid = np.where(is_over, rng.integers(100, 4_000, count), 0)
    known = keys // _WIDE + booked
    late = np.where(rng.random(len(part)) < _LATE_SHARE, rng.integers(*_LATE_DAYS, len(part)), 0)
    return Receipts(
        invoice=invoice,
        receipt=receipt,
        part=part,
        part_known_day=(known + applied)[receipt] + np.where(is_prompt[receipt], 0, late),
        customer=keys % _WIDE,
        paid_day=keys // _WIDE,
        known_day=known,
        applied_day=known + applied,
        amount=overpaid + np.bincount(receipt, part, minlength=count).astype(np.int64),
        overpaid=overpaid,
    )


def _list_parts(settlements: Settlements, end_day: int) -> tuple[Ints, Ints, Ints]:
    invoice, days, parts = [], [], []
    for day, part in (
        (settlements.course.first_day, settlements.first_part),
        (settlements.course.final_day, settlements.last_part),
    ):
        chosen = np.flatnonzero((day <= end_day) & (part > 0))
        invoice.append(chosen)
        days.append(day[chosen])
        parts.append(part[chosen])
    return np.concatenate(invoice), np.concatenate(days), np.concatenate(parts)


def build_payments(traits: Traits, receipts: Receipts, *, seed: int) -> pd.DataFrame:
    """Give the payments table; one reference in eight is missing."""
    rng = make_generator(seed, "payments")
    count = len(receipts.customer)
    method = np.minimum(rng.gamma(0.6, 1.0, len(traits)).astype(np.int64), len(_METHODS) - 1)
    is_referenced = rng.random(count) < 0.88
    return pd.DataFrame(
        {
            "payment_id": _receipt_ids(np.arange(count)),
            "customer_id": make_ids("C", receipts.customer, 6),
            "paid_on": receipts.paid_day,
            "amount": receipts.amount,
            "currency": traits.currency[receipts.customer],
            "method": _METHODS[method[receipts.customer]],
            "reference": make_ids("RUN", np.where(is_referenced, receipts.paid_day, -1), 6),
            "known_on": receipts.known_day,
        }
    )


def build_allocations(receipts: Receipts) -> pd.DataFrame:
    """Give the allocations of receipts, in the order of application."""
    order = np.lexsort((receipts.invoice, receipts.receipt, receipts.applied_day[receipts.receipt]))
    receipt = receipts.receipt[order]
    return pd.DataFrame(
        {
            "payment_id": _receipt_ids(receipt),
            "invoice_id": make_ids("I", receipts.invoice[order], 8),
            "amount": receipts.part[order],
            "applied_on": receipts.applied_day[receipt],
            "known_on": receipts.part_known_day[order],
        }
    )


def _receipt_ids(numbers: Ints) -> pd.Series:
    return make_ids("P", numbers, 8)


def unapplied_until(receipts: Receipts, customers: Ints, days: Ints) -> Ints:
    """Sum of what customers have overpaid before days, in minor units."""
    chosen = np.flatnonzero(receipts.overpaid)
    order = chosen[np.lexsort((receipts.paid_day[chosen], receipts.customer[chosen]))]
    keys = receipts.customer[order] * _WIDE + receipts.paid_day[order]
    totals = np.append(0, np.cumsum(receipts.overpaid[order]))
    begin = np.searchsorted(keys, customers * _WIDE)
    end = np.searchsorted(keys, customers * _WIDE + np.minimum(days, NEVER))
    return np.asarray(totals[end] - totals[begin], dtype=np.int64)


def chance_unseen(ages: Ints, gaps: Ints) -> Floats:
    """Chance that a payment is not applied in the books yet at the start of a later day.

    Parameters
    ----------
    ages : days past due on which it was made.
    gaps : days from the payment to the later day; 0 or less = not paid before, which counts as no payment.

    Examples
    --------
    >>> chance_unseen(np.array([5, 5, 80]), np.array([1, 20, 1])).round(3).tolist()
    [0.34, 0.0, 0.0]
    """
    late = np.zeros(_LATE_DAYS[1])
    late[0], late[_LATE_DAYS[0] :] = 1 - _LATE_SHARE, _LATE_SHARE / (_LATE_DAYS[1] - _LATE_DAYS[0])
    shares = np.convolve(np.convolve(*_BOOKING), late)
    at_least = np.append(0.0, 1 - np.cumsum(shares))
    unseen: Floats = np.where(ages > _PROMPT_DAYS, 0.0, at_least[np.clip(gaps, 0, len(shares))])
    return unseen
