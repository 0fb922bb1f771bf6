"""Where a customer stands on the worklist for what was done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from arrisk.contacts.accounts import Account, Snooze
from arrisk.contacts.promises import Judged, Standing
from arrisk.money import format_minor
from arrisk.policy.contacts import ContactPolicy


class Pending(StrEnum):
    """What the next step with a customer waits for, or comes from."""

    NOTHING = "open"
    PROMISED = "promised"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_PARTLY = "promise_partly"
    PUT_OFF = "snoozed"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class RowFacts:
    """What a run says of a customer, minor units of the book currency."""

    currency: str
    overdue_amount: int
    disputed_amount: int


@dataclass(frozen=True)
class Placed:
    """Where a customer stands for what was done about it.

    Parameters
    ----------
    place : up, down, or empty: where the amounts put it.
    hidden_until_on : the first day on which it is on the list again; None = it is.
    why : what is to be known beside the amounts; empty = nothing.
    next_step : instead of that of the amounts; empty = that one.
    """

    state: Pending
    place: str
    hidden_until_on: date | None
    why: str
    next_step: str


def place_account(
    account: Account, judged: Sequence[Judged], facts: RowFacts, *, on: date, policy: ContactPolicy
) -> Placed:
    """Say where a customer stands: hidden while a promise runs or it is put off, moved, or where the amounts put it."""
    failed = _find_failed(judged)
    move = account.move if account.move is not None and on < account.move.until_on else None
    snooze = account.snooze if account.snooze is not None and on < account.snooze.until_on else None
    news = _find_news(snooze, facts, policy) if snooze else ""
    state, until, step = Pending.NOTHING, None, ""
    if failed:
        state, step = _FAILED[failed.standing]
    elif back_on := _find_covered(judged, facts, policy):
        state, until, step = Pending.PROMISED, back_on, "wait for the promised money"
    elif snooze and not news:
        state, until, step = Pending.PUT_OFF, snooze.until_on, f"wait: {snooze.reason}"
    elif account.open_disputes:
        state, step = Pending.DISPUTED, "settle the dispute first"
    notes = [_say_failed(failed)] if failed else []
    notes += [f"moved {move.place}: {move.reason} ({move.by})"] if move else []
    notes += [f"put off until {snooze.until_on}, but {news}"] if snooze and news else []
    notes += [f"disputes {dispute.dispute_id} ({dispute.reason})" for dispute in account.open_disputes]
    return Placed(state, move.place if move else "", until, "; ".join(notes), step)


_FAILED = {
    Standing.BROKEN: (Pending.PROMISE_BROKEN, "call: why was the promise not kept?"),
    Standing.PARTLY: (Pending.PROMISE_PARTLY, "call: when does the rest come?"),
}


def _find_failed(judged: Sequence[Judged]) -> Judged | None:
    """Find the newest promise that was not kept, unless another was made once it was over."""
    failed = [one for one in judged if one.standing in _FAILED]
    if not failed:
        return None
    newest = max(failed, key=lambda one: one.promise.due_on)
    standing = [one.promise for one in judged if one.standing is not Standing.CANCELLED]
    return None if any(promise.made_on > newest.last_on for promise in standing) else newest


def _find_covered(judged: Sequence[Judged], facts: RowFacts, policy: ContactPolicy) -> date | None:
    """Give the day on which the first promise that runs is over; None = they do not cover enough of what is overdue."""
    running = [one for one in judged if one.standing is Standing.OPEN]
    promised = sum(one.promise.book_amount for one in running)
    if not running or promised < policy.promise_covers_share * facts.overdue_amount:
        return None
    return min(one.last_on for one in running) + timedelta(days=1)


def _find_news(snooze: Snooze, facts: RowFacts, policy: ContactPolicy) -> str:
    """Say what is new since a customer was put off; empty = nothing."""
    for word, was, now in (
        ("overdue", snooze.overdue_amount, facts.overdue_amount),
        ("disputed", snooze.disputed_amount, facts.disputed_amount),
    ):
        if now > was * (1 + policy.news_share):
            return f"{_write(now - was, facts.currency)} more is {word}"
    return ""


def _say_failed(one: Judged) -> str:
    promise = one.promise
    said = f"{_write(promise.amount, promise.currency)} promised for {promise.due_on}"
    return f"{said}, {_write(one.received, promise.currency) if one.received else 'nothing'} came in"


def _write(amount: int, currency: str) -> str:
    return f"{format_minor(amount, currency)} {currency}"
