"""What is posted and answered of closes: money as text, days as YYYY-MM-DD."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.allowance import Method
from api.schemas.base import PastDay

Money = Annotated[str, Field(pattern=r"^[+-]?\d{1,15}(\.\d{1,4})?$", examples=["1234.50"])]
Words = Annotated[str, Field(max_length=2000)]


class Assessment(BaseModel):
    """A customer who is assessed on his own; rate or amount."""

    model_config = ConfigDict(extra="forbid")

    customer_id: Annotated[str, Field(max_length=200)]
    rate: float | None = Field(default=None, description="Of what is owed, 0 to 1.")
    amount: Money | None = None
    reason: Words
    assessed_by: Annotated[str, Field(max_length=200)]
    assessed_on: date = Field(description="The day by whose knowledge.")
    valid_to_on: date | None = Field(default=None, description="The last day on which it holds.")


class DraftRequest(BaseModel):
    """Which period is to be closed, and what the ledger does not know of it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"period_end": "2024-12-31", "method": "matrix"}]}
    )

    period_end: PastDay
    entity: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="The selling company; needed where there are several."
    )
    method: Method | None = Field(default=None, description="missing = that of the draft, or of the policy.")
    opening: Money | None = Field(default=None, description="The allowance before the first close.")
    since: PastDay | None = Field(default=None, description="The first close's period begins after this day.")
    other: Money | None = Field(default=None, description="Neither expense nor exchange rates: a first adoption.")
    reason: Words = Field(default="", description="Why there is an `other`.")
    assessments: Annotated[list[Assessment], Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, description="Customers assessed on their own; missing = those of the draft stay."
    )

    def list_plain(self) -> dict[str, Any]:
        """Give what was said, as JSON holds it."""
        return self.model_dump(mode="json", exclude_none=True)


class ReverseRequest(BaseModel):
    """Why a close is taken back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "an invoice was booked twice"}]}
    )

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class CloseStep(BaseModel):
    """Who did what, and when."""

    at: str
    by: str
    action: str


class CloseSummary(BaseModel):
    """One close in a list."""

    entity: str
    period_end: date
    state: str = Field(description="draft, reviewed, posted or reversed.")
    version: int
    method: str
    currency: str
    total: str = Field(description="The allowance.")
    drafted_by: str
    reviewed_by: str
    posted_by: str


class CloseRow(BaseModel):
    """The allowance of one segment and bucket."""

    segment: str
    bucket: str
    count: int
    gross_amount: str
    base_amount: str
    allowance: str
    uncovered_allowance: str
    upper_allowance: str
    rate: float


class LaterKnown(BaseModel):
    """What happened before the period and became known in it."""

    line: str
    count: int
    amount: str
    largest_item: str
    largest_amount: str


class JournalLine(BaseModel):
    """One side of a journal entry."""

    entry_id: str
    entity: str
    period_end: date
    state: str
    account: str
    role: str
    debit: str
    credit: str
    currency: str
    text: str


class JournalAnswer(BaseModel):
    """The journal entries of a close; debits equal credits entry by entry."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entity": "main",
                    "period_end": "2024-12-31",
                    "state": "posted",
                    "lines": [
                        {
                            "entry_id": "main-2024-12-31-charge",
                            "entity": "main",
                            "period_end": "2024-12-31",
                            "state": "posted",
                            "account": "6850",
                            "role": "expense",
                            "debit": "120.00",
                            "credit": "0.00",
                            "currency": "EUR",
                            "text": "expected credit losses of the period",
                        }
                    ],
                }
            ]
        }
    )

    entity: str
    period_end: date
    state: str
    lines: list[JournalLine]


class CloseAnswer(CloseSummary):
    """A close with its movement, that of the receivables, and who did what."""

    ledger: str
    since: date = Field(description="The period begins after this day.")
    reason: str = Field(description="Why it was reversed.")
    document_sha256: str = Field(description="Of all that was drafted.")
    net_receivables: str
    movement: dict[str, str] = Field(description="opening + charge - write_offs + recoveries + fx + other = closing.")
    receivables: dict[str, str]
    by_currency: dict[str, str]
    rates: dict[str, float]
    changed_past: dict[str, str]
    rows: list[CloseRow]
    later_known: list[LaterKnown]
    assessments: list[Assessment] = Field(description="Customers assessed on their own, as they were given.")
    basis: dict[str, Any] = Field(description="What it rests on: data, policy, model, previous close.")
    notes: list[str]
    steps: list[CloseStep]
