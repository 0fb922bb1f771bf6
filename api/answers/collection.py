"""Worklists and collectors' files as answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.answers.base import write_amount
from api.schemas.collection import (
    ActionAnswer,
    DisputeAnswer,
    FileAnswer,
    MoveAnswer,
    ProgressAnswer,
    ProgressRow,
    PromiseAnswer,
    SnoozeAnswer,
    WorklistRow,
)
from api.schemas.customer import OpenItem
from api.schemas.worklist import WorkedItem
from arrisk.contacts.accounts import Account, Dispute
from arrisk.contacts.listing import Listing
from arrisk.contacts.placing import Pending
from arrisk.contacts.promises import Judged
from arrisk.money import write_minor
from arrisk.store.worklists import ITEM_FACTS
from arrisk.uses.collecting import Progressed

_AMOUNTS = ("at_stake_amount", "overdue_amount", "due_soon_amount", "disputed_amount")
_PLAIN = (
    *("rank", "customer_id", "name", "country", "industry", "grade", "currency", "p_open", "count_items"),
    "oldest_days_past_due",
)
_MOST_ACTIONS = 100
_MONEY = ("amount", "book_amount", "overdue_amount", "disputed_amount")


def describe_row(row: Mapping[str, Any], listing: Listing, place: int, *, expected_on: date | None) -> WorklistRow:
    """Give a row of the worklist with what was done about it.

    Parameters
    ----------
    row : as the run has it.
    place : where it stands in the listing's rows.
    expected_on : when the first of its open invoices is expected to be paid.
    """
    account, placed = listing.touched.get(place, (None, None))
    facts = {name: row[name] for name in _PLAIN} | {name: write_amount(row[name], row["currency"]) for name in _AMOUNTS}
    notes = [placed.why if placed else "", row["why"] or ""]
    return WorklistRow(
        **facts,
        state=placed.state if placed else Pending.NOTHING,
        place=placed.place if placed else "",
        collector=account.collector if account else "",
        hidden_until_on=placed.hidden_until_on if placed else None,
        last_contact_at=account.last_contact.get("at") if account else None,
        expected_on=expected_on,
        why="; ".join(note for note in notes if note),
        next_step=(placed.next_step if placed else "") or row["next_step"] or "",
        version=account.version if account else 0,
    )


def describe_file(
    account: Account, judged: Sequence[Judged], row: WorklistRow | None, *, name: str | None, currency: str
) -> FileAnswer:
    """Give a collector's file; ``name`` is the customer's, ``currency`` that of the book."""
    snooze, move = account.snooze, account.move
    return FileAnswer(
        customer_id=account.customer_id,
        name=name,
        version=account.version,
        collector=account.collector,
        snooze=SnoozeAnswer(until_on=snooze.until_on, reason=snooze.reason, by=snooze.by) if snooze else None,
        move=MoveAnswer.model_validate(vars(move)) if move else None,
        promises=[describe_promise(one) for one in judged],
        disputes=[describe_dispute(one) for one in account.disputes],
        row=row,
        actions=[
            ActionAnswer(at=step.at, by=step.by, action=step.action, content=_write_money(step.content, currency))
            for step in reversed(account.steps[-_MOST_ACTIONS:])
        ],
    )


def _write_money(content: Mapping[str, Any], currency: str) -> dict[str, object]:
    """Give what a step holds with its amounts as text: those in book currency, and one in its own."""
    own = {"amount": content.get("currency", currency)}
    return {
        name: write_minor(value, own.get(name, currency)) if name in _MONEY else value
        for name, value in content.items()
        if name != "customer_id"
    }


def describe_promise(one: Judged) -> PromiseAnswer:
    """Give a promise with what became of it."""
    promise = one.promise
    return PromiseAnswer(
        promise_id=promise.promise_id,
        made_on=promise.made_on,
        due_on=promise.due_on,
        amount=write_minor(promise.amount, promise.currency),
        currency=promise.currency,
        standing=one.standing,
        received_amount=write_minor(one.received, promise.currency),
        last_on=one.last_on,
        by=promise.by,
        note=promise.note,
    )


def describe_items(items: Sequence[OpenItem], expected: Mapping[str, Mapping[str, Any]]) -> list[WorkedItem]:
    """Give open items with what a run expects of them; ``expected`` is by invoice, of those that it has."""
    nothing = dict.fromkeys(ITEM_FACTS)
    return [
        WorkedItem.model_validate({**nothing, **expected.get(item.invoice_id, nothing), **vars(item)}) for item in items
    ]


def describe_dispute(one: Dispute) -> DisputeAnswer:
    """Give a dispute that a collector took down."""
    facts = {name: value for name, value in vars(one).items() if name not in {"amount", "invoice_ids"}}
    return DisputeAnswer(**facts, amount=write_minor(one.amount, one.currency), invoice_ids=list(one.invoice_ids))


def describe_progress(found: Progressed, *, currency: str) -> ProgressAnswer:
    """Give the work of a day."""
    rows = [
        ProgressRow(**{**vars(one), "promised_amount": write_minor(one.promised_amount, currency)})
        for one in found.collectors
    ]
    return ProgressAnswer(on=found.on, currency=currency, collectors=rows)
