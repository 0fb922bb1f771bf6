"""A collector's file on one customer: what was done, what was promised, and where it stands on the list.

A file is nothing but its steps; whoever reads them again finds the same file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from arrisk.acts import Step
from arrisk.errors import BookError


@dataclass(frozen=True)
class Promise:
    """What a customer promised to pay.

    Parameters
    ----------
    promise_id : ``P1``, ``P2``, ... of this customer.
    made_on, due_on : the day it was made, the day by which the money is promised.
    amount : minor units of ``currency``.
    book_amount : the same in minor units of the book currency, at the rate of the day it was made.
    by : who took it down.
    cancelled_on : the day on which it was taken back; None = it stands.
    """

    promise_id: str
    made_on: date
    due_on: date
    amount: int
    currency: str
    book_amount: int
    by: str
    note: str = ""
    cancelled_on: date | None = None


@dataclass(frozen=True)
class Dispute:
    """What a customer says is wrong.

    Parameters
    ----------
    dispute_id : ``D1``, ``D2``, ... of this customer.
    amount : minor units of ``currency``.
    outcome : how it ended; empty = it goes on.
    """

    dispute_id: str
    raised_on: date
    reason: str
    amount: int
    currency: str
    invoice_ids: tuple[str, ...]
    by: str
    note: str = ""
    ended_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Snooze:
    """Why a customer is left alone until a day.

    Parameters
    ----------
    overdue_amount, disputed_amount : what was so then, minor units of the book currency.
    """

    until_on: date
    reason: str
    by: str
    overdue_amount: int
    disputed_amount: int


@dataclass(frozen=True)
class Move:
    """Why a customer stands at another place of the list, up to a day: ``place`` is up or down."""

    place: str
    until_on: date
    reason: str
    by: str


@dataclass(frozen=True)
class Account:
    """The file on a customer as its steps leave it.

    Parameters
    ----------
    collector : who works on it; empty = nobody in particular.
    last_contact : the newest contact's content, with its ``at`` and ``by``; empty = none.
    steps : all of them, in order; their number is the version of the file.
    """

    customer_id: str
    collector: str = ""
    promises: tuple[Promise, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    snooze: Snooze | None = None
    move: Move | None = None
    last_contact: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def version(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    @property
    def open_disputes(self) -> tuple[Dispute, ...]:
        """The disputes that go on."""
        return tuple(dispute for dispute in self.disputes if not dispute.outcome)


def replay_accounts(steps: Iterable[Step], accounts: Mapping[str, Account] | None = None) -> dict[str, Account]:
    """Find the files that steps add up to, by customer_id.

    Parameters
    ----------
    steps : ``content`` names the customer.
    accounts : the files before these steps; None = there were none.

    Raises
    ------
    BookError
        When a step is none of those that there are.
    """
    found = dict(accounts or {})
    for step in steps:
        customer_id = str(step.content["customer_id"])
        account = found.get(customer_id, Account(customer_id))
        if step.action not in _FOLLOW:
            raise BookError(f"a collector's record holds '{step.action}'", hint="the record of a backup")
        changed = _FOLLOW[step.action](account, step)
        found[customer_id] = replace(changed, steps=(*account.steps, step))
    return found


def rewind_account(account: Account, *, before: date) -> Account:
    """Give a file as it was at the start of a day."""
    steps = [step for step in account.steps if day_of_step(step) < before]
    return replay_accounts(steps).get(account.customer_id, Account(account.customer_id))


def day_of_step(step: Step) -> date:
    """Give the day of a step, in UTC."""
    return date.fromisoformat(step.at[:10])


def _read(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give the content of a step without the customer, days as days."""
    return {
        name: date.fromisoformat(value) if name.endswith("_on") else value
        for name, value in content.items()
        if name != "customer_id"
    }


def _contact(account: Account, step: Step) -> Account:
    return replace(account, last_contact={**step.content, "at": step.at, "by": step.by})


def _promise(account: Account, step: Step) -> Account:
    made = Promise(**_read(step.content), made_on=day_of_step(step), by=step.by)
    return replace(account, promises=(*account.promises, made))


def _cancel_promise(account: Account, step: Step) -> Account:
    named, on = step.content["promise_id"], day_of_step(step)
    changed = [replace(one, cancelled_on=on) if one.promise_id == named else one for one in account.promises]
    return replace(account, promises=tuple(changed))


def _dispute(account: Account, step: Step) -> Account:
    content = _read(step.content)
    content["invoice_ids"] = tuple(content["invoice_ids"])
    raised = Dispute(**content, raised_on=day_of_step(step), by=step.by)
    return replace(account, disputes=(*account.disputes, raised))


def _end_dispute(account: Account, step: Step) -> Account:
    named, ended = step.content["dispute_id"], {"ended_on": day_of_step(step), "outcome": step.content["outcome"]}
    changed = [replace(one, **ended) if one.dispute_id == named else one for one in account.disputes]
    return replace(account, disputes=tuple(changed))


def _snooze(account: Account, step: Step) -> Account:
    return replace(account, snooze=Snooze(**_read(step.content), by=step.by))


def _wake(account: Account, _: Step) -> Account:
    return replace(account, snooze=None)


def _move(account: Account, step: Step) -> Account:
    return replace(account, move=Move(**_read(step.content), by=step.by))


def _move_back(account: Account, _: Step) -> Account:
    return replace(account, move=None)


def _assign(account: Account, step: Step) -> Account:
    return replace(account, collector=step.content["collector"])


_FOLLOW = {
    "contact": _contact,
    "promise": _promise,
    "cancel_promise": _cancel_promise,
    "dispute": _dispute,
    "end_dispute": _end_dispute,
    "snooze": _snooze,
    "wake": _wake,
    "move": _move,
    "move_back": _move_back,
    "assign": _assign,
}
