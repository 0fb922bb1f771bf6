"""The use cases of writing off: list candidates, propose, approve or decline them, hand over what is to be booked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from arrisk import money
from arrisk.acts import Actor, is_same_person
from arrisk.allowance.bad_debt import approvals, standing
from arrisk.allowance.bad_debt.approvals import State, WriteOff, replay
from arrisk.allowance.bad_debt.candidates import AMOUNTS, WRITE_OFF, list_candidates
from arrisk.allowance.bad_debt.standing import Standing
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of
from arrisk.modeling.lgd.losses import fit_write_off_loss
from arrisk.pipeline import Tell, silent
from arrisk.records import Entry
from arrisk.registry.folders import make_slug
from arrisk.schema import fingerprint_book, fingerprint_tables
from arrisk.uses.desk import Desk

_TEXTS = ("invoice_id", "customer_id", "entity_id", "currency", "reason", "recommendation", "evidence")


def name_record(ledger: str) -> str:
    """Give the key of a ledger's record of write-offs."""
    return f"write-offs/{make_slug(ledger)}"


def find_candidates(desk: Desk, *, tell: Tell = silent) -> pd.DataFrame:
    """List the candidates, and what the record says of them.

    Returns
    -------
    DataFrame
        As given by ``list_candidates``, and state ('' = not proposed).

    Raises
    ------
    BookError
        When the record was changed.
    """
    tell("Listing candidates")
    return mark_states(desk, find_by_policy(desk))


def find_by_policy(desk: Desk) -> pd.DataFrame:
    """List the candidates, as given by ``list_candidates``, whatever the record says of them."""
    loss = fit_write_off_loss(desk.book, as_of=desk.as_of, policy=desk.policy)
    return list_candidates(desk.book, loss, as_of=desk.as_of, policy=desk.policy)


def mark_states(desk: Desk, found: pd.DataFrame) -> pd.DataFrame:
    """Add to candidates what the record says of them; raises as ``find_candidates`` does."""
    standings = {one.invoice_id: stand for one, stand, _ in read_standings(desk)}
    state = [standings.get(invoice_id, "") for invoice_id in found["invoice_id"]]
    return found.assign(state=pd.Series(state, index=found.index, dtype="str"))


def propose(
    desk: Desk, invoice_ids: Sequence[str], *, actor: Actor, note: str = "", tell: Tell = silent
) -> list[Standing]:
    """Propose candidates, with all that speaks for and against them; what is proposed already stays as it is.

    Parameters
    ----------
    invoice_ids : which; none = all that need not wait.
    note : what else is to be known; needed for a candidate that should wait.

    Raises
    ------
    InputError
        When an invoice is no candidate, or should wait and no note says why not.
    """
    actor.require_name()
    found = find_candidates(desk, tell=tell)
    chosen = _choose_candidates(found, invoice_ids, note)
    tell("Taking down what is known")
    data = fingerprint_book(fingerprint_tables(desk.book, as_of_day=day_of(desk.as_of)))
    basis = {"note": note, "as_of": desk.as_of.isoformat(), "policy": desk.policy.hash(), "data": data}
    proposals = [_describe(row, desk.book.currency) | basis for row in _list_rows(chosen)]

    def draft(known: Mapping[str, WriteOff]) -> list[dict[str, Any]]:
        return [one for one in proposals if not approvals.is_same(known.get(one["invoice_id"]), one)]

    return _act(desk, "propose", draft, actor, [one["invoice_id"] for one in proposals])


def approve(desk: Desk, invoice_ids: Sequence[str], *, actor: Actor) -> list[Standing]:
    """Approve proposed write-offs that are open as proposed; approving again changes nothing.

    Parameters
    ----------
    invoice_ids : which; none = all that others proposed.

    Raises
    ------
    InputError
        When one is not proposed, what is open has changed, or what ``approvals.approve`` raises.
    """
    actor.require_name()
    chosen = _choose_standings(desk, invoice_ids, skip=actor.by)
    standing.require_unchanged(chosen)
    names = [one.invoice_id for one, stand, _ in chosen if stand != standing.BOOKED]

    def draft(known: Mapping[str, WriteOff]) -> list[dict[str, Any]]:
        return approvals.approve(
            [known[name] for name in names],
            known.values(),
            by=actor.by,
            on=actor.on,
            authority=desk.policy.authority,
            together_days=desk.policy.write_offs.together_days,
        )

    return _act(desk, "approve", draft, actor, [one.invoice_id for one, _, _ in chosen])


def decline(desk: Desk, invoice_ids: Sequence[str], *, actor: Actor, note: str) -> list[Standing]:
    """Decline proposed write-offs, or take approvals back before they are booked; declining again changes nothing.

    Raises
    ------
    InputError
        When one is not in the record or booked, or what ``approvals.decline`` raises.
    """
    actor.require_name()
    if not invoice_ids:
        raise InputError("which write-offs is not said", hint="their invoice ids")
    chosen = _choose_standings(desk, invoice_ids)
    for one, stand, _ in chosen:
        if stand in {standing.BOOKED, standing.UNAPPROVED}:
            raise InputError(f"{one.invoice_id} is {stand}", hint="reverse it in the ledger")
    names = [one.invoice_id for one, _, _ in chosen]

    def draft(known: Mapping[str, WriteOff]) -> list[dict[str, Any]]:
        authority = desk.policy.authority
        return approvals.decline([known[name] for name in names], by=actor.by, note=note, authority=authority)

    return _act(desk, "decline", draft, actor, names)


def read_standings(desk: Desk) -> list[Standing]:
    """Read where the write-offs of the ledger's record stand.

    Raises
    ------
    BookError
        When the record was changed.
    """
    found = desk.records.replay(name_record(desk.book.name), replay)
    return standing.find_standings(list(found.values()), desk.book, as_of=desk.as_of) if found else []


def _choose_candidates(found: pd.DataFrame, invoice_ids: Sequence[str], note: str) -> pd.DataFrame:
    if not invoice_ids:
        return found.loc[(found["recommendation"] == WRITE_OFF).to_numpy()]
    known = found["invoice_id"].tolist()
    for name in invoice_ids:
        if name not in known:
            hint = nearest(name, known) if known else "see [write_offs] of the policy"
            raise InputError(f"'{name}' is no candidate for a write-off", hint=hint)
    chosen = found.loc[found["invoice_id"].isin(list(invoice_ids)).to_numpy()]
    waiting = chosen.loc[(chosen["recommendation"] != WRITE_OFF).to_numpy()]
    if len(waiting) and not note.strip():
        row = waiting.iloc[0]
        what = f"{row['invoice_id']} should {row['recommendation']}"
        raise InputError(what, where="note", hint="a note with why it should not")
    return chosen


def _choose_standings(desk: Desk, invoice_ids: Sequence[str], *, skip: str = "") -> list[Standing]:
    """Find write-offs of the record; without any named, those still proposed, by others than ``skip``."""
    found = {one.write_off.invoice_id: one for one in read_standings(desk)}
    if not invoice_ids:
        waiting = [one for one in found.values() if one.stand == State.PROPOSED.value]
        return [one for one in waiting if not is_same_person(one.write_off.proposer, skip)]
    for name in invoice_ids:
        if name not in found:
            hint = nearest(name, list(found)) if found else "`arrisk write-offs propose`"
            raise InputError(f"no write-off of '{name}' was proposed", hint=hint)
    return [found[name] for name in dict.fromkeys(invoice_ids)]


def _list_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _describe(row: Mapping[str, Any], book_currency: str) -> dict[str, Any]:
    """Give what the record holds of a candidate, amounts as decimal text."""
    amounts = {name: money.write_minor(row[name], row["currency"]) for name in AMOUNTS}
    return {
        **{name: str(row[name]) for name in _TEXTS},
        "amount": amounts.pop("open_amount"),
        **amounts,
        "book_amount": money.write_minor(row["book_amount"], book_currency),
        "book_currency": book_currency,
        "days_past_due": int(row["days_past_due"]),
        "state": State.PROPOSED.value,
    }


def _act(
    desk: Desk,
    action: str,
    draft: Callable[[Mapping[str, WriteOff]], Sequence[Mapping[str, Any]]],
    actor: Actor,
    names: Sequence[str],
) -> list[Standing]:
    """Record acts on the record as it is while nobody else can act; give where all that are named stand."""

    def make(known: Mapping[str, WriteOff]) -> list[Entry]:
        ledger = {"ledger": desk.book.name}
        contents = [{**ledger, **one, "policy": desk.policy.hash()} for one in draft(known)]
        return [Entry(at=actor.stamp, by=actor.by, action=action, content=content) for content in contents]

    if names:
        desk.records.append_replayed(name_record(desk.book.name), replay, make)
    return [one for one in read_standings(desk) if one.write_off.invoice_id in set(names)]
