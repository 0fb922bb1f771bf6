"""A close to its answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.schemas.close import (
    Assessment,
    CloseAnswer,
    CloseRow,
    CloseStep,
    CloseSummary,
    JournalAnswer,
    JournalLine,
    LaterKnown,
)
from arrisk.allowance.closes.journal import list_journal, write_amounts
from arrisk.allowance.closes.states import Close
from arrisk.allowance.estimates import AMOUNTS
from arrisk.frames import NEVER, date_of
from arrisk.money import write_minor


def summarise_close(close: Close) -> CloseSummary:
    """Give one close of a list."""
    return CloseSummary(**_summarise(close))


def describe_close(close: Close) -> CloseAnswer:
    """Give a close with all that was drafted."""
    document = close.document
    currency = str(document["currency"])
    movement, receivables = document["movement"], document["receivables"]
    return CloseAnswer(
        **_summarise(close),
        ledger=document["ledger"],
        since=document["since"],
        reason=close.reason,
        document_sha256=close.seal,
        net_receivables=write_minor(receivables["closing"] - movement["closing"], currency),
        movement=_write(movement, currency),
        receivables=_write(receivables, currency),
        by_currency=_write(document["by_currency"], currency),
        rates=document["rates"],
        changed_past=_write(document["changed_past"], currency),
        rows=[CloseRow(**row) for row in _write_rows(document["rows"], AMOUNTS, currency)],
        later_known=[
            LaterKnown(**row) for row in _write_rows(document["later_known"], ("amount", "largest_amount"), currency)
        ],
        assessments=[_describe_assessment(one, currency) for one in document.get("assessments", ())],
        basis=document["basis"],
        notes=list(document["notes"]),
        steps=[CloseStep(at=step.at, by=step.by, action=step.action) for step in close.steps],
    )


def _describe_assessment(one: Mapping[str, Any], currency: str) -> Assessment:
    return Assessment(
        customer_id=one["customer_id"],
        rate=one["rate"],
        amount=None if one["amount"] is None else write_minor(one["amount"], currency),
        reason=one["reason"],
        assessed_by=one["assessed_by"],
        assessed_on=date_of(one["assessed_day"]),
        valid_to_on=None if one["valid_to_day"] >= NEVER else date_of(one["valid_to_day"]),
    )


def describe_journal(close: Close) -> JournalAnswer:
    """Give the journal entries of a close."""
    lines = write_amounts(list_journal(close)).to_dict("records")
    return JournalAnswer(
        entity=close.entity,
        period_end=close.period_end,
        state=close.state.value,
        lines=[JournalLine(**{str(name): value for name, value in line.items()}) for line in lines],
    )


def _summarise(close: Close) -> dict[str, Any]:
    currency = str(close.document["currency"])
    return {
        "entity": close.entity,
        "period_end": close.period_end,
        "state": close.state.value,
        "version": close.version,
        "method": close.document["method"],
        "currency": currency,
        "total": write_minor(close.total, currency),
        "drafted_by": close.drafted_by,
        "reviewed_by": close.reviewed_by,
        "posted_by": close.posted_by,
    }


def _write(amounts: Mapping[str, int], currency: str) -> dict[str, str]:
    return {name: write_minor(amount, currency) for name, amount in amounts.items()}


def _write_rows(rows: Iterable[Mapping[str, Any]], names: Iterable[str], currency: str) -> list[dict[str, Any]]:
    listed = list(names)
    return [{**row, **{name: write_minor(row[name], currency) for name in listed}} for row in rows]
