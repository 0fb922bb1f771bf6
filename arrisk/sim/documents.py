"""The tables of invoices and credit notes, disputes, and what is set off against invoices without money."""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.courses import FULL_CREDIT, GOODWILL, PART_CREDIT
from arrisk.sim.customers import Traits, terms_text
from arrisk.sim.invoices import Invoices
from arrisk.sim.rebates import Rebates
from arrisk.sim.settlements import Settlements
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Ints, make_generator

_REASONS = np.array(["price", "quantity", "quality", "delivery", "duplicate"], dtype=object)
_OUTCOMES = {FULL_CREDIT: "credited", PART_CREDIT: "partly credited", GOODWILL: "goodwill"}


def list_credit_notes(invoices: Invoices, settlements: Settlements, rebates: Rebates) -> pd.DataFrame:
    """List the credit notes by day, with the invoice against which each is applied and when."""
    parts = [
        (np.flatnonzero(day < NEVER), day, amount)
        for day, amount in (
            (settlements.return_day, settlements.returned),
            (settlements.course.credit_day, settlements.credited),
        )
    ]
    frames = [_notes(invoices.customer[own], day[own], amount[own], own, day[own]) for own, day, amount in parts]
    target = np.full(len(rebates.notes_day), -1, dtype=np.int64)
    used = np.flatnonzero(settlements.rebate_day < NEVER)
    target[rebates.note[used]] = used
    applied = np.append(settlements.rebate_day, NEVER)[target]
    frames.append(_notes(rebates.notes_customer, rebates.notes_day, rebates.notes_amount, target, applied))
    notes = pd.concat(frames, ignore_index=True)
    return notes.sort_values(["day", "customer", "invoice"], kind="stable", ignore_index=True)


def _notes(customer: Ints, day: Ints, amount: Ints, invoice: Ints, applied: Ints) -> pd.DataFrame:
    columns = {"customer": customer, "day": day, "amount": amount, "invoice": invoice, "applied_day": applied}
    return pd.DataFrame(columns)


def build_invoices(traits: Traits, invoices: Invoices, notes: pd.DataFrame) -> pd.DataFrame:
    """Give the table of invoices and credit notes."""
    frame = pd.DataFrame(
        {
            "invoice_id": make_ids("I", np.arange(len(invoices)), 8),
            "customer_id": make_ids("C", invoices.customer, 6),
            "issued_on": invoices.issued_day,
            "due_on": invoices.due_day,
            "amount": invoices.amount,
            "currency": traits.currency[invoices.customer],
            "kind": "invoice",
            "terms": terms_text(invoices.terms),
        }
    )
    customer = notes["customer"].to_numpy()
    credit = pd.DataFrame(
        {
            "invoice_id": make_ids("CN", np.arange(len(notes)), 7),
            "customer_id": make_ids("C", customer, 6),
            "issued_on": notes["day"],
            "due_on": notes["day"],
            "amount": notes["amount"],
            "currency": traits.currency[customer],
            "kind": "credit_note",
            "terms": None,
        }
    )
    return pd.concat([frame, credit], ignore_index=True).sort_values("issued_on", kind="stable", ignore_index=True)


def build_credit_allocations(notes: pd.DataFrame) -> pd.DataFrame:
    """Give the allocations of credit notes to invoices."""
    used = notes[notes["applied_day"] < NEVER]
    return pd.DataFrame(
        {
            "payment_id": make_ids("CN", used.index.to_numpy(), 7),
            "invoice_id": make_ids("I", used["invoice"].to_numpy(), 8),
            "amount": used["amount"].to_numpy(),
            "applied_on": used["applied_day"].to_numpy(),
            "known_on": used["applied_day"].to_numpy(),
        }
    )


def build_disputes(invoices: Invoices, settlements: Settlements, *, end_day: int, seed: int) -> pd.DataFrame:
    """Give the disputes; the outcome is blank until the dispute is resolved."""
    rng = make_generator(seed, "disputes")
    chosen = np.flatnonzero(settlements.course.opened_day < NEVER)
    reason = _REASONS[rng.integers(0, len(_REASONS), len(chosen))]
    order = np.argsort(settlements.course.opened_day[chosen], kind="stable")
    chosen, reason = chosen[order], reason[order]
    resolved = settlements.course.resolved_day[chosen]
    outcome = np.array([_OUTCOMES.get(code, "rejected") for code in range(4)], dtype=object)
    return pd.DataFrame(
        {
            "dispute_id": make_ids("D", np.arange(len(chosen)), 7),
            "invoice_id": make_ids("I", chosen, 8),
            "opened_on": settlements.course.opened_day[chosen],
            "resolved_on": resolved,
            "amount": invoices.amount[chosen],
            "reason": reason,
            "outcome": pd.Series(outcome[settlements.course.outcome[chosen]]).where(resolved <= end_day),
        }
    )
