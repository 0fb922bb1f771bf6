"""The worklist as collectors see it: the order of a run, and what was done since then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
import pandas as pd

from arrisk.contacts.accounts import Account, Snooze
from arrisk.contacts.promises import Judged, Standing
from arrisk.frames import match
from arrisk.money import exponents, format_minor
from arrisk.policy.contacts import ContactPolicy

_PLACES = {"up": 0, "": 1, "down": 2}
_FACTS = ("overdue_amount", "disputed_amount")


class Pending(StrEnum):
    """What the next step with a customer waits for, or comes from."""

    NOTHING = "open"
    PROMISED = "promised"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_PARTLY = "promise_partly"
    PUT_OFF = "snoozed"
    DISPUTED = "disputed"


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


def show_worklist(
    rows: pd.DataFrame,
    accounts: Mapping[str, Account],
    judged: Mapping[str, Sequence[Judged]],
    *,
    on: date,
    policy: ContactPolicy,
) -> pd.DataFrame:
    """Put what collectors did to the worklist of a run.

    Figures are those of the run.

    Parameters
    ----------
    rows : one row per customer, as ``build_worklist`` gives them.
    accounts : the collectors' files, by customer_id.
    judged : the promises of those that made any, by customer_id.
    on : the day on which the list is worked.

    Returns
    -------
    DataFrame
        The rows in the order in which they are worked, with place, state, collector, hidden_until_on (None = it is
        on the list), version (of the file), last_contact_at, and why and next_step for what was done.
    """
    row = match(pd.Series(list(accounts), dtype="str"), rows["customer_id"])
    there = [(place, account) for place, account in zip(row.tolist(), accounts.values(), strict=True) if place >= 0]
    facts = _read_facts(rows.iloc[[place for place, _ in there]])
    found = [
        (place, account, place_account(account, judged.get(account.customer_id, ()), fact, on=on, policy=policy))
        for (place, account), fact in zip(there, facts, strict=True)
    ]
    return _order(_put_in(rows, found))


@dataclass(frozen=True)
class RowFacts:
    """What a run says of a customer, minor units of the book currency."""

    currency: str
    overdue_amount: int
    disputed_amount: int


def _read_facts(rows: pd.DataFrame) -> list[RowFacts]:
    scale = 10.0 ** exponents(rows["currency"])
    minor = ((rows[name].to_numpy() * scale).round().astype("int64").tolist() for name in _FACTS)
    return [RowFacts(*fact) for fact in zip(rows["currency"].tolist(), *minor, strict=True)]


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


def _put_in(rows: pd.DataFrame, found: Sequence[tuple[int, Account, Placed]]) -> pd.DataFrame:
    """Give the rows with what was done, those untouched with what says so."""
    count = len(rows)
    columns = {name: np.full(count, blank, dtype=object) for name, blank in _BLANK.items()}
    columns |= {name: rows[name].to_numpy(dtype=object, copy=True) for name in ("why", "next_step")}
    for row, account, placed in found:
        columns["place"][row] = placed.place
        columns["state"][row] = placed.state.value
        columns["collector"][row] = account.collector
        columns["hidden_until_on"][row] = placed.hidden_until_on
        columns["version"][row] = account.version
        columns["last_contact_at"][row] = account.last_contact.get("at")
        if placed.why:
            columns["why"][row] = "; ".join(part for part in (placed.why, columns["why"][row]) if part)
        if placed.next_step:
            columns["next_step"][row] = placed.next_step
    return rows.assign(**columns)


_BLANK: Mapping[str, object] = {
    "place": "",
    "state": Pending.NOTHING.value,
    "collector": "",
    "hidden_until_on": None,
    "version": 0,
    "last_contact_at": None,
}


def _order(rows: pd.DataFrame) -> pd.DataFrame:
    place = rows["place"].map(_PLACES).to_numpy(dtype="int64")
    order = np.lexsort((rows["rank"].to_numpy(), place))
    return rows.iloc[order].reset_index(drop=True)
