"""What a collector may do about a customer: each action checked, and written as the record holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from arrisk.acts import is_same_person
from arrisk.contacts.accounts import Account
from arrisk.errors import CurrencyError, InputError, nearest
from arrisk.ledger.conversion import convert_minor
from arrisk.money import format_minor
from arrisk.policy.contacts import ContactPolicy


@dataclass(frozen=True)
class Facts:
    """What the ledger says of a customer when somebody acts.

    Parameters
    ----------
    currency : the book currency.
    overdue_amount, disputed_amount : minor units of the book currency.
    open_amounts : of each open invoice, minor units of its currency.
    currencies : of each open invoice.
    rates : book currency for one unit of each currency that has a rate.
    """

    currency: str
    overdue_amount: int
    disputed_amount: int
    open_amounts: Mapping[str, int]
    currencies: Mapping[str, str]
    rates: Mapping[str, float] = field(default_factory=dict)

    def value(self, amount: int, currency: str) -> int:
        """Turn an amount into minor units of the book currency.

        Raises
        ------
        CurrencyError
            When the currency has no rate.
        """
        if currency == self.currency:
            return amount
        if currency not in self.rates:
            hint = nearest(currency, {self.currency, *self.rates})
            raise CurrencyError(f"{currency} has no rate in {self.currency}", where="currency", hint=hint)
        minor = np.array([amount], dtype="int64")
        return int(convert_minor(minor, self.rates[currency], source=currency, target=self.currency)[0])


class Action(Protocol):
    """Something that a collector does."""

    name: ClassVar[str]

    def write(self, account: Account, facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:
        """Give what the record holds of it.

        Raises
        ------
        InputError
            When it is not allowed as things stand, or an amount is in a currency without a rate.
        """


@dataclass(frozen=True)
class LogContact:
    """The customer was contacted, or it was tried."""

    channel: str
    outcome: str
    note: str = ""
    name: ClassVar[str] = "contact"

    def write(self, _account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        _require_code(self.channel, policy.channels, "channel")
        _require_code(self.outcome, policy.outcomes, "outcome")
        return {"channel": self.channel, "outcome": self.outcome, "note": self.note}


@dataclass(frozen=True)
class TakePromise:
    """The customer promises an amount by a day.

    Parameters
    ----------
    amount : minor units of ``currency``.
    """

    amount: int
    currency: str
    due_on: date
    note: str = ""
    name: ClassVar[str] = "promise"

    def write(self, account: Account, facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:
        """Write it; raises as ``Action.write`` does."""
        _require_positive(self.amount)
        _require_within(self.due_on, on, policy.promise_within_days, "due_on")
        return {
            "promise_id": f"P{len(account.promises) + 1}",
            "amount": self.amount,
            "currency": self.currency,
            "book_amount": facts.value(self.amount, self.currency),
            "due_on": self.due_on.isoformat(),
            "note": self.note,
        }


@dataclass(frozen=True)
class CancelPromise:
    """A promise was taken down wrongly, or another agreement takes its place."""

    promise_id: str
    reason: str
    name: ClassVar[str] = "cancel_promise"

    def write(self, account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        _require_reason(self.reason)
        standing = [promise.promise_id for promise in account.promises if promise.cancelled_on is None]
        _require_one(self.promise_id, standing, "promise", "promise_id")
        return {"promise_id": self.promise_id, "reason": self.reason}


@dataclass(frozen=True)
class RaiseDispute:
    """The customer says that something is wrong with invoices.

    Parameters
    ----------
    amount : minor units of the invoices' currency; None = all that is open of them.
    invoice_ids : open invoices of one currency.
    """

    reason: str
    invoice_ids: tuple[str, ...]
    amount: int | None = None
    note: str = ""
    name: ClassVar[str] = "dispute"

    def write(self, account: Account, facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        _require_code(self.reason, policy.dispute_reasons, "reason")
        if not self.invoice_ids:
            raise InputError("no invoice is named", where="invoice_ids", hint="the disputed invoices")
        if len(set(self.invoice_ids)) < len(self.invoice_ids):
            raise InputError("an invoice is named twice", where="invoice_ids", hint="each once")
        for invoice_id in self.invoice_ids:
            _require_one(invoice_id, list(facts.open_amounts), "open invoice", "invoice_ids")
        currencies = {facts.currencies[invoice_id] for invoice_id in self.invoice_ids}
        if len(currencies) > 1:
            raise InputError("the invoices are in several currencies", where="invoice_ids", hint="a dispute for each")
        (currency,), whole = currencies, sum(facts.open_amounts[invoice_id] for invoice_id in self.invoice_ids)
        amount = whole if self.amount is None else self.amount
        _require_positive(amount)
        if amount > whole:
            open_amount = f"{format_minor(whole, currency)} {currency}"
            raise InputError("more is disputed than is open", where="amount", hint=f"at most {open_amount}")
        return {
            "dispute_id": f"D{len(account.disputes) + 1}",
            "reason": self.reason,
            "amount": amount,
            "currency": currency,
            "invoice_ids": list(self.invoice_ids),
            "note": self.note,
        }


@dataclass(frozen=True)
class EndDispute:
    """A dispute is over."""

    dispute_id: str
    outcome: str
    note: str = ""
    name: ClassVar[str] = "end_dispute"

    def write(self, account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        _require_code(self.outcome, policy.dispute_outcomes, "outcome")
        going_on = [dispute.dispute_id for dispute in account.open_disputes]
        _require_one(self.dispute_id, going_on, "open dispute", "dispute_id")
        return {"dispute_id": self.dispute_id, "outcome": self.outcome, "note": self.note}


@dataclass(frozen=True)
class PutOff:
    """The customer is left alone until a day, or until something new happens."""

    until_on: date
    reason: str
    name: ClassVar[str] = "snooze"

    def write(self, _account: Account, facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:
        """Write it; raises as ``Action.write`` does."""
        _require_reason(self.reason)
        if self.until_on <= on:
            raise InputError(f"{self.until_on} is not after today", where="until_on", hint="a later day")
        _require_within(self.until_on, on, policy.snooze_within_days, "until_on")
        seen = {"overdue_amount": facts.overdue_amount, "disputed_amount": facts.disputed_amount}
        return {"until_on": self.until_on.isoformat(), "reason": self.reason, **seen}


@dataclass(frozen=True)
class Wake:
    """The customer is on the list again."""

    name: ClassVar[str] = "wake"

    def write(self, account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        if account.snooze is None:
            raise InputError("the customer was not put off", hint="nothing: it is on the list")
        return {}


@dataclass(frozen=True)
class MoveTo:
    """The customer stands before, or after, those whose place follows from the amounts."""

    place: Literal["up", "down"]
    reason: str
    name: ClassVar[str] = "move"

    def write(self, _account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:
        """Write it; raises as ``Action.write`` does."""
        _require_reason(self.reason)
        until = on + timedelta(days=policy.move_days)
        return {"place": self.place, "until_on": until.isoformat(), "reason": self.reason}


@dataclass(frozen=True)
class MoveBack:
    """The customer stands where the amounts put it."""

    name: ClassVar[str] = "move_back"

    def write(self, account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        if account.move is None:
            raise InputError("the customer was not moved", hint="nothing: it is where the amounts put it")
        return {}


@dataclass(frozen=True)
class Assign:
    """The customer is a collector's; an empty name takes it back."""

    collector: str
    name: ClassVar[str] = "assign"

    def write(self, account: Account, _facts: Facts, *, on: date, policy: ContactPolicy) -> dict[str, Any]:  # noqa: ARG002
        """Write it; raises as ``Action.write`` does."""
        collector = self.collector.strip()
        if is_same_person(collector, account.collector):
            raise InputError(f"the customer is {collector or 'nobody'}'s already", where="collector", hint="nothing")
        return {"collector": collector}


def _require_code(code: str, codes: Sequence[str], where: str) -> None:
    if code not in codes:
        raise InputError(
            f"'{code}' is no {where.replace('_', ' ')} of the policy", where=where, hint=nearest(code, codes)
        )


def _require_one(name: str, names: Sequence[str], what: str, where: str) -> None:
    if name not in names:
        hint = nearest(name, names) if names else "there is none"
        raise InputError(f"the customer has no {what} '{name}'", where=where, hint=hint)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("no reason is given", where="reason", hint="why, in a few words")


def _require_positive(amount: int) -> None:
    if amount <= 0:
        raise InputError("the amount is not above 0", where="amount", hint="an amount such as 1250.00")


def _require_within(day: date, on: date, days: int, where: str) -> None:
    last = on + timedelta(days=days)
    if not on <= day <= last:
        raise InputError(f"{day} is not from {on} to {last}", where=where, hint=f"within {days} days")
