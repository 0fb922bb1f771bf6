"""Write-offs to their answers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from api.schemas.write_off import Act, Approval, Booking, Candidate, WriteOffAnswer
from arrisk.allowance.bad_debt.candidates import AMOUNTS
from arrisk.allowance.bad_debt.standing import Standing
from arrisk.money import write_minor

_SAID = ("invoice_id", "customer_id", "entity_id", "currency", "amount", "net_amount", "tax_amount")
_MORE = ("expected_recovery_amount", "book_amount", "book_currency", "reason", "recommendation", "evidence", "note")


def describe_candidates(rows: pd.DataFrame, book_currency: str) -> list[Candidate]:
    """Give candidates."""
    return [_describe_candidate(row, book_currency) for row in rows.to_dict("records")]


def describe_standing(found: Standing) -> WriteOffAnswer:
    """Give a write-off and where it stands."""
    one = found.write_off
    said = one.proposal
    return WriteOffAnswer(
        **{name: said[name] for name in (*_SAID, *_MORE)},
        open_amount=write_minor(found.open_amount, said["currency"]),
        state=found.stand,
        proposer=one.proposer,
        approvals=[Approval(**given) for given in one.approvals],
        approved_on=one.approved_on or None,
        acts=[Act(at=act.at, by=act.by, action=act.action) for act in one.acts],
    )


def describe_bookings(rows: pd.DataFrame) -> list[Booking]:
    """Give what the ledger is to book."""
    return [Booking(**{str(name): value for name, value in row.items()}) for row in rows.to_dict("records")]


def _describe_candidate(row: Mapping[Any, Any], book_currency: str) -> Candidate:
    amounts = {name: write_minor(int(row[name]), row["currency"]) for name in AMOUNTS}
    due = row["due_on"]
    return Candidate(
        **{
            **{str(name): value for name, value in row.items() if name in Candidate.model_fields},
            **amounts,
            "book_amount": write_minor(int(row["book_amount"]), book_currency),
            "due_on": None if pd.isna(due) else due.date(),
        }
    )
