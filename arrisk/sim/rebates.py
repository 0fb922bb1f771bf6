"""Yearly rebates: credit notes of January, each set off against a later invoice or left open."""

from dataclasses import dataclass

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.customers import Traits
from arrisk.sim.invoices import Invoices
from arrisk.sim.timeline import Ints, Timeline, make_generator, month_of, roll_forward

_RATE = 0.01  # of last year's sales
_CHANCE = 0.5  # that a medium or large customer has a rebate agreement
_SET_OFF_DAYS = 3  # after the invoice against which it is set off
_MOST = 3  # the invoice is at least so many times the rebate
_YEAR = 365
_WIDE = 2**32


@dataclass(frozen=True)
class Rebates:
    """`notes_*`: one element per credit note; the others: one per invoice, the note that is set off."""

    notes_customer: Ints
    notes_day: Ints
    notes_amount: Ints
    applied_day: Ints
    amount: Ints
    note: Ints


def draw_rebates(traits: Traits, invoices: Invoices, *, timeline: Timeline, seed: int) -> Rebates:
    """Credit one percent of a year's sales to customers with an agreement, on a day in January."""
    rng = make_generator(seed, "rebates")
    agreed = (traits.size > 0) & (rng.random(len(traits)) < _CHANCE)
    found: list[tuple[Ints, Ints, Ints]] = []
    days = np.arange(timeline.start_day + 31, timeline.end_day)
    for january in days[(month_of(days) == 0) & (month_of(days - 1) == 11)]:
        sold = (invoices.issued_day < january) & (invoices.issued_day >= january - _YEAR)
        sales = np.bincount(invoices.customer[sold], invoices.amount[sold], minlength=len(traits))
        chosen = np.flatnonzero(agreed & (sales > 0))
        issued = roll_forward(january + rng.integers(9, 25, len(chosen)))
        found.append((chosen, issued, np.rint(sales[chosen] * _RATE).astype(np.int64)))
    none = (np.empty(0, np.int64),) * 3
    customer, day, amount = (np.concatenate(parts) for parts in zip(none, *found, strict=True))
    return _set_off(customer, day, amount, invoices)


def _set_off(customer: Ints, day: Ints, amount: Ints, invoices: Invoices) -> Rebates:
    """Set each note off against the customer's next invoice, when that is large enough."""
    order = np.lexsort((invoices.issued_day, invoices.customer))
    keys = invoices.customer[order] * _WIDE + invoices.issued_day[order]
    place = np.searchsorted(keys, customer * _WIDE + day, side="left")
    invoice = np.append(order, -1)[place]
    fits = (invoice >= 0) & (np.append(invoices.customer, -1)[invoice] == customer)
    fits &= np.append(invoices.amount, 0)[invoice] >= _MOST * amount
    fits &= np.append(invoices.issued_day, NEVER)[invoice] < day + _YEAR // 2
    note = np.full(len(invoices), -1, dtype=np.int64)
    note[invoice[fits]] = np.flatnonzero(fits)
    is_used = note >= 0
    return Rebates(
        notes_customer=customer,
        notes_day=day,
        notes_amount=amount,
        applied_day=np.where(is_used, invoices.issued_day + _SET_OFF_DAYS, NEVER),
        amount=np.where(is_used, np.append(amount, 0)[note], 0),
        note=note,
    )
