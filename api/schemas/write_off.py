"""What is posted and answered of write-offs: money as text, days as YYYY-MM-DD."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

InvoiceIds = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1, max_length=1000)]


class Candidate(BaseModel):
    """An open invoice that ought to be written off by policy; amounts in its own currency."""

    invoice_id: str
    customer_id: str
    entity_id: str
    currency: str
    due_on: date | None
    days_past_due: int
    open_amount: str
    net_amount: str
    tax_amount: str
    expected_recovery_amount: str
    book_amount: str = Field(description="The open amount in the book currency.")
    reason: str = Field(description="bad_debt or small_balance.")
    recommendation: str = Field(description="write off, or wait with what for.")
    evidence: str
    state: str = Field(description="Where the record has it; empty = not proposed.")


class ProposeRequest(BaseModel):
    """Which candidates are proposed to be written off."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"invoice_ids": ["I000042"], "note": ""}]}
    )

    invoice_ids: InvoiceIds
    note: Annotated[str, Field(max_length=2000)] = Field(
        default="", description="What else is to be known; needed for one that should wait."
    )


class ApproveRequest(BaseModel):
    """Which write-offs are approved."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"invoice_ids": ["I000042"]}]})

    invoice_ids: InvoiceIds


class DeclineRequest(BaseModel):
    """Which write-offs are declined, or taken back, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"invoice_ids": ["I000042"], "note": "pays by instalments"}]}
    )

    invoice_ids: InvoiceIds
    note: Annotated[str, Field(min_length=1, max_length=2000)]


class Approval(BaseModel):
    """Who approved, in which role, and up to what amount of the book currency."""

    by: str
    role: str
    up_to: float | None = Field(description="null = any amount.")


class Act(BaseModel):
    """Who did what, and when."""

    at: str
    by: str
    action: str


class WriteOffAnswer(BaseModel):
    """A proposed write-off and where it stands."""

    invoice_id: str
    customer_id: str
    entity_id: str
    currency: str
    amount: str
    net_amount: str
    tax_amount: str
    expected_recovery_amount: str
    book_amount: str
    book_currency: str
    open_amount: str = Field(description="What is open of the invoice now.")
    reason: str
    recommendation: str
    evidence: str
    note: str
    state: str = Field(description="proposed, approved, declined, booked, changed or booked without approval.")
    proposer: str
    approvals: list[Approval]
    approved_on: date | None
    acts: list[Act]


class ActedAnswer(BaseModel):
    """Where the write-offs stand that were acted on."""

    write_offs: list[WriteOffAnswer]


class Booking(BaseModel):
    """A write-off for the ledger to book, as its table `write_offs` takes it."""

    invoice_id: str
    written_off_on: date
    amount: str
    reason: str
    entity_id: str
    known_on: date
    tax_amount: str
