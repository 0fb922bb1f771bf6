"""What collectors ask for and are answered: the worklist, a customer's file, and what is done about it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.base import Day
from api.texts import AmountText, Currency, Name, Reason, Text, example
from arrisk.contacts.placing import Pending
from arrisk.contacts.promises import Standing


class ContactRequest(BaseModel):
    """A customer was contacted, or it was tried; the words are those of the policy."""

    model_config = example(channel="call", outcome="reached", note="asks for a copy of the invoice")

    channel: Name
    outcome: Name
    note: Text = ""


class PromiseRequest(BaseModel):
    """A customer promises an amount by a day."""

    model_config = example(amount="1250.00", currency="EUR", due_on="2026-12-15", note="half of it now")

    amount: AmountText
    currency: Currency | None = Field(default=None, description="Missing = the book currency.")
    due_on: Day
    note: Text = ""


class ReasonRequest(BaseModel):
    """Why."""

    model_config = example(reason="a plan of payments instead")

    reason: Reason


class DisputeRequest(BaseModel):
    """A customer says that something is wrong with invoices of one currency."""

    model_config = example(reason="quality", invoice_ids=["I0001"], amount="100.00", note="two of ten were broken")

    reason: Name
    invoice_ids: list[Name] = Field(min_length=1, max_length=500)
    amount: AmountText | None = Field(default=None, description="Missing = all that is open of them.")
    note: Text = ""


class EndDisputeRequest(BaseModel):
    """How a dispute ended; the words are those of the policy."""

    model_config = example(outcome="credit_note", note="N0007")

    outcome: Name
    note: Text = ""


class SnoozeRequest(BaseModel):
    """A customer is left alone until a day, or until something new happens."""

    model_config = example(until_on="2026-12-10", reason="the bookkeeper is back then")

    until_on: Day
    reason: Reason


class MoveRequest(BaseModel):
    """A customer stands before, or after, those whose place follows from the amounts."""

    model_config = example(place="up", reason="asked to be called today")

    place: Literal["up", "down"]
    reason: Reason


class AssignRequest(BaseModel):
    """Whose customer it is; empty = nobody's."""

    model_config = example(collector="cleo")

    collector: Name


class WorklistRow(BaseModel):
    """A customer to be worked; figures are those of the run, money in the book currency."""

    rank: int = Field(description="The place that follows from the amounts.")
    customer_id: str
    name: str | None
    country: str | None
    industry: str | None
    grade: str | None
    currency: str
    at_stake_amount: str
    overdue_amount: str
    due_soon_amount: str
    disputed_amount: str
    p_open: float | None = Field(description="The probability that what counts is still open at the horizon.")
    count_items: int
    oldest_days_past_due: int
    state: Pending
    place: str = Field(description="up, down, or empty: where the amounts put it.")
    collector: str
    hidden_until_on: date | None = Field(description="The first day on which it is on the list again; null = it is.")
    last_contact_at: str | None
    expected_on: date | None = Field(
        description="The first day on which one of its open invoices is expected to be paid; null = none is."
    )
    why: str = Field(description="Why it is here: what was done about it, then the figures.")
    next_step: str
    version: int = Field(description="Of the customer's file: the ETag of `/worklist/{customer_id}`.")


class WorklistPage(BaseModel):
    """Some rows of the worklist."""

    as_of: date = Field(description="What was known before the start of this day is in the figures.")
    items: list[WorklistRow]
    count: int = Field(description="Rows that are left from here on, these included.")
    next: str | None = Field(description="Send it as `after` to get the next page; null = this is the last.")


class PromiseAnswer(BaseModel):
    """A promise, and what became of it by the ledger."""

    promise_id: str
    made_on: date
    due_on: date
    amount: str
    currency: str
    standing: Standing
    received_amount: str
    last_on: date = Field(description="The last day on which a receipt counts.")
    by: str
    note: str


class DisputeAnswer(BaseModel):
    """A dispute that a collector took down."""

    dispute_id: str
    raised_on: date
    reason: str
    amount: str
    currency: str
    invoice_ids: list[str]
    by: str
    note: str
    ended_on: date | None
    outcome: str


class SnoozeAnswer(BaseModel):
    """Why a customer is left alone, and until when."""

    until_on: date
    reason: str
    by: str


class MoveAnswer(BaseModel):
    """Why a customer stands before or after the others, and until when."""

    place: Literal["up", "down"]
    until_on: date
    reason: str
    by: str


class ActionAnswer(BaseModel):
    """One thing that was done."""

    at: str
    by: str
    action: str
    content: dict[str, object]


class FileAnswer(BaseModel):
    """A collector's file on a customer."""

    customer_id: str
    name: str | None
    version: int
    collector: str
    snooze: SnoozeAnswer | None = Field(description="The last one that nobody ended; its day may be over.")
    move: MoveAnswer | None = Field(description="The last one that nobody ended; its day may be over.")
    promises: list[PromiseAnswer]
    disputes: list[DisputeAnswer]
    row: WorklistRow | None = Field(description="Its row of the worklist; null = it is not on it.")
    actions: list[ActionAnswer] = Field(description="The newest first, at most a hundred.")


class ProgressRow(BaseModel):
    """The day of one collector."""

    collector: str
    count_customers: int
    count_contacts: int
    count_promises: int
    count_disputes: int
    count_snoozed: int
    promised_amount: str
    count_left: int | None = Field(
        description="Its own customers on the list about whom nobody did anything today; null = none of its own."
    )


class ProgressAnswer(BaseModel):
    """The work of a day, by collector; days begin in UTC."""

    on: date
    currency: str
    collectors: list[ProgressRow]
