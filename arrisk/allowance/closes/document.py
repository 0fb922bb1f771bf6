"""The document of a close: the allowance, its movement and that of the receivables, and what became known too late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

import pandas as pd

from arrisk.allowance.closes.entities import split_by_currency
from arrisk.allowance.closes.journal import list_journal
from arrisk.allowance.closes.receivables import (
    RECOVERIES,
    Totals,
    convert_lines,
    list_later_known,
    list_lines,
    move_receivables,
    require_open_balance,
    subtract,
    sum_lines,
)
from arrisk.allowance.closes.rollforward import revalue, roll_forward
from arrisk.allowance.closes.states import Close
from arrisk.allowance.estimates import AMOUNTS, Allowance
from arrisk.errors import InputError
from arrisk.ledger.ageing import age_ledger
from arrisk.ledger.conversion import list_newest_rates
from arrisk.ledger.open_items import list_open_items
from arrisk.money import format_minor, to_major
from arrisk.policy import Policy
from arrisk.schema import Book

_ROW = ["segment", "bucket", "count", *AMOUNTS, "rate"]


@dataclass(frozen=True)
class Period:
    """What a person says of the period to close; amounts are minor units of the book currency.

    Parameters
    ----------
    entity : the selling company.
    end : the last day.
    opening : the allowance that stands on the account before the first close; None = nothing was said.
    since : the day after which the first close's period begins; None = the month of ``end``.
    other : what moved the allowance and is neither expense nor exchange rates; None = nothing was said.
    reason : why there is an ``other``.
    """

    entity: str
    end: date
    opening: int | None = None
    since: date | None = None
    other: int | None = None
    reason: str = ""

    @property
    def as_of(self) -> date:
        """What was known before the start of this day counts."""
        return self.end + timedelta(days=1)

    def complete(self, standing: Close | None, last: Close | None) -> Self:
        """Take what was not said from the draft that is there, so that to look at a draft leaves it as it is.

        Parameters
        ----------
        standing : the close of the period so far.
        last : the last posted close; after one an opening is no longer given.
        """
        if standing is None:
            return self
        basis = standing.document["basis"]
        said: dict[str, Any] = {}
        if last is None and self.opening is None:
            said["opening"] = basis["opening"]
        if last is None and self.since is None and basis["since"]:
            said["since"] = date.fromisoformat(basis["since"])
        if self.other is None:
            said |= {"other": basis["other"], "reason": basis["reason"]}
        return replace(self, **said)

    def begin_after(self, last: Close | None, *, currency: str) -> date:
        """Give the last day of the period before.

        Raises
        ------
        InputError
            When an opening is given though there is a close to carry forward, that is in another currency, the days
            do not follow, or an ``other`` has no reason.
        """
        if last and (self.opening is not None or self.since is not None):
            hint = "leave both out"
            raise InputError(f"the opening is what {last.name} carries forward", where="opening, since", hint=hint)
        before = last.period_end if last else self.since or self.end.replace(day=1) - timedelta(days=1)
        if last and last.document["currency"] != currency:
            what = f"{last.name} is in {last.document['currency']}, the book is in {currency}"
            raise InputError(what, hint="another ledger name for another book currency")
        if before >= self.end:
            raise InputError(f"the period would end on {self.end} and begin after {before}", where="since")
        if self.other and not self.reason.strip():
            raise InputError("what the other movement is for is not said", where="reason", hint="a sentence")
        return before


def write_document(
    book: Book,
    allowance: Allowance,
    period: Period,
    *,
    basis: Mapping[str, Any],
    last: Close | None,
    policy: Policy,
) -> dict[str, Any]:
    """Write the document of a close; the same inputs give the same document.

    Parameters
    ----------
    book : the whole book.
    allowance : of the entity as of the period end.
    period : which, and what a person adds.
    basis : what the document rests on: fingerprints and references.
    last : the last posted close, whose closing is the opening; None = this is the first.
    policy : gives accounts and buckets.

    Returns
    -------
    dict
        As JSON can hold it, amounts in minor units of the book currency, ``totals`` in each currency's own.

    Raises
    ------
    ArriskError
        When a movement does not sum to its closing, or the postings not to the ageing.
    CurrencyError
        When something moved in a currency without a rate.
    """
    since = period.begin_after(last, currency=book.currency)
    lines = list_lines(book, entity=period.entity)
    totals, known_before = sum_lines(lines, on=period.end), sum_lines(lines, on=since)
    opened = _list_open(book, period)
    require_open_balance(totals, opened)
    then: Totals = last.document["totals"] if last else known_before
    moved = convert_lines(subtract(totals, then), book, on=period.end)
    owed = _read_opening(book, period.entity, since, last, policy)
    receivables = move_receivables(moved, opening=owed, closing=allowance.exposures.ageing.total)
    rates = list_newest_rates(book, as_of=period.as_of, on=period.end) | {book.currency: 1.0}
    movement = roll_forward(
        opening=last.document["movement"]["closing"] if last else period.opening or 0,
        write_offs=receivables.write_offs,
        recoveries=moved[RECOVERIES],
        fx=_revalue(last, rates),
        other=period.other or 0,
        closing=allowance.total,
    )
    by_currency = split_by_currency(allowance, opened)
    late = list_later_known(lines, book, since=since, on=period.end)
    changed = convert_lines(subtract(known_before, then), book, on=period.end)
    return {
        "ledger": book.name,
        "entity": period.entity,
        "period_end": period.end.isoformat(),
        "since": since.isoformat(),
        "currency": book.currency,
        "method": allowance.method,
        "basis": dict(basis),
        "movement": movement.to_plain(),
        "receivables": receivables.to_plain(),
        "rows": allowance.rows[_ROW].to_dict("records"),
        "by_currency": by_currency,
        "rates": {currency: rates[currency] for currency in by_currency},
        "totals": totals,
        "later_known": late.to_dict("records"),
        "changed_past": {line: amount for line, amount in changed.items() if amount},
        "accounts": policy.allowance.accounts.model_dump(),
        "notes": [*_note_opening(period, since, last, book.currency), *_note_other(period), *allowance.notes],
    }


def _list_open(book: Book, period: Period) -> pd.DataFrame:
    opened = list_open_items(book, as_of=period.as_of, age_on=period.end)
    return opened.loc[(opened["entity_id"] == period.entity).to_numpy()]


def _read_opening(book: Book, entity: str, since: date, last: Close | None, policy: Policy) -> int:
    """Read what was open at the last period end: as posted, or, for the first close, as the ledger has it."""
    if last:
        return int(last.document["receivables"]["closing"])
    before = age_ledger(book, as_of=since + timedelta(days=1), age_on=since, ageing=policy.ageing, entity=entity)
    return before.total


def _revalue(last: Close | None, rates: Mapping[str, float]) -> int:
    return revalue(last.document["by_currency"], old=last.document["rates"], new=rates) if last else 0


def _note_opening(period: Period, since: date, last: Close | None, currency: str) -> list[str]:
    if last:
        return [f"the opening is the closing of {last.period_end}, posted by {last.posted_by}"]
    if period.opening is None:
        return [
            f"the first close, and no opening was given: the whole allowance is charged; the period is after {since}"
        ]
    return [f"the first close: the opening of {format_minor(period.opening, currency)} was given as of {since}"]


def _note_other(period: Period) -> list[str]:
    return [f"other: {period.reason}"] if period.other else []


def describe_close(close: Close) -> dict[str, Any]:
    """Give a close as plain data for JSON, amounts in decimal major units of the book currency.

    Returns
    -------
    dict
        entity, period_end, state, version, who, document_sha256, basis, allowance and its rows, movement, receivables,
        net_receivables, later_known, changed_past, journal, notes, steps.
    """
    document = close.document
    currency = str(document["currency"])

    def scale(amounts: Mapping[str, int]) -> dict[str, float]:
        values = to_major(list(amounts.values()), pd.Series([currency] * len(amounts), dtype="str"))
        return dict(zip(amounts, values.tolist(), strict=True))

    def scale_rows(rows: Iterable[Mapping[Any, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
        return [{**row, **scale({name: row[name] for name in names})} for row in rows]

    movement, receivables = document["movement"], document["receivables"]
    journal = list_journal(close).to_dict("records")
    names = ("ledger", "entity", "period_end", "since", "currency", "method", "basis", "rates", "notes")
    return {
        **{name: document[name] for name in names},
        "state": close.state.value,
        "version": close.version,
        "drafted_by": close.drafted_by,
        "reviewed_by": close.reviewed_by,
        "posted_by": close.posted_by,
        "reason": close.reason,
        "document_sha256": close.seal,
        **scale({"total": movement["closing"], "net_receivables": receivables["closing"] - movement["closing"]}),
        "rows": scale_rows(document["rows"], AMOUNTS),
        "by_currency": scale(document["by_currency"]),
        "movement": scale(movement),
        "receivables": scale(receivables),
        "later_known": scale_rows(document["later_known"], ("amount", "largest_amount")),
        "changed_past": scale(document["changed_past"]),
        "journal": scale_rows(journal, ("debit", "credit")),
        "steps": [{"at": step.at, "by": step.by, "action": step.action} for step in close.steps],
    }
