"""What is answered of the ledger as of a day: ageing, key figures, reconciliation. Money is text, days YYYY-MM-DD."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_AGEING: dict[str, Any] = {
    "as_of": "2025-01-01",
    "age_on": "2024-12-31",
    "currency": "EUR",
    "entity": None,
    "total": "1200.00",
    "unapplied": "0.00",
    "count": 3,
    "buckets": [
        {"bucket": "not_due", "amount": "900.00", "count": 2},
        {"bucket": "1-30", "amount": "300.00", "count": 1},
    ],
    "segments": [
        {
            "segment": "steel",
            "open_amount": "1200.00",
            "count": 3,
            "count_customers": 2,
            "buckets": {"not_due": "900.00", "1-30": "300.00"},
        }
    ],
}


class LedgerAnswer(BaseModel):
    """A ledger."""

    name: str
    currency: str = Field(description="The book currency, ISO 4217.")
    covered_until: date = Field(description="The last day of which it knows.")


class Bucket(BaseModel):
    """What is open in one range of days past due, in book currency."""

    bucket: str
    amount: str
    count: int = Field(description="Open items.")


class Segment(BaseModel):
    """What customers of one segment owe."""

    segment: str
    open_amount: str
    count: int = Field(description="Open items.")
    count_customers: int = Field(description="Customers with something open.")
    buckets: dict[str, str] = Field(description="Amounts by bucket; they sum to open_amount.")


class AgeingAnswer(BaseModel):
    """The ageing by bucket and by segment; both sum to the total."""

    model_config = ConfigDict(json_schema_extra={"examples": [_AGEING]})

    as_of: date = Field(description="What was known before the start of this day counts.")
    age_on: date = Field(description="The day of ages and rates.")
    currency: str = Field(description="Of all amounts: the book currency.")
    entity: str | None = Field(description="The selling company; null = all.")
    total: str = Field(description="Open invoices less open credit notes.")
    unapplied: str = Field(description="Receipts not yet applied: beside the total, in no bucket.")
    count: int = Field(description="Open items.")
    buckets: list[Bucket]
    segments: list[Segment]


class AgedCustomer(BaseModel):
    """What one customer owes."""

    customer_id: str
    name: str | None
    segment: str
    open_amount: str
    unapplied_amount: str = Field(description="Receipts not yet applied, beside the open amount.")
    count: int = Field(description="Open items.")
    oldest_days_past_due: int | None = Field(description="null = nothing is open.")
    buckets: dict[str, str] = Field(description="Amounts by bucket; they sum to open_amount.")


class AgedItem(BaseModel):
    """One open invoice or credit note, amounts in the book currency."""

    invoice_id: str
    customer_id: str
    entity_id: str
    segment: str
    kind: str = Field(description="invoice or credit_note.")
    issued_on: date
    due_on: date | None
    days_past_due: int = Field(description="Negative = not yet due.")
    bucket: str
    amount: str
    open_amount: str
    disputed_amount: str


class KpiFigure(BaseModel):
    """One key figure."""

    name: str
    title: str
    unit: str = Field(description="days, share, amount or per year.")
    value: float | None = Field(description="null = not defined, or an amount.")
    amount: str | None = Field(description="Of figures that are money, in the book currency.")
    reason: str = Field(description="Why it is not defined; empty = it is.")
    meaning: str


class KpiAnswer(BaseModel):
    """The key figures of one window."""

    as_of: date
    age_on: date
    from_on: date = Field(description="The first day of the window.")
    to_on: date = Field(description="The last day of the window.")
    days: int
    currency: str
    figures: list[KpiFigure]
    notes: list[str]


class TrendAnswer(BaseModel):
    """The key figures at each month end of a range."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"currency": "EUR", "months": []}]})

    currency: str
    months: list[KpiAnswer]


class ReconciledDay(BaseModel):
    """The ledger and the control account on one evening; difference = explained + unexplained."""

    day: date
    currency: str
    ledger_amount: str
    control_amount: str
    event_amount: str = Field(description="What had happened by then, as known today.")
    unapplied_amount: str
    difference_amount: str = Field(description="control - ledger.")
    explained_amount: str
    unexplained_amount: str


class ReconciledPart(BaseModel):
    """One part of a difference."""

    day: date
    currency: str
    reason: str
    meaning: str
    category: str
    amount: str
    count_items: int
    item_ids: str = Field(description="The largest.")


class ReconciliationAnswer(BaseModel):
    """The control account against the ledger."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "count_days": 1,
                    "count_different": 0,
                    "count_unexplained": 0,
                    "days": [
                        {
                            "day": "2024-12-31",
                            "currency": "EUR",
                            "ledger_amount": "1200.00",
                            "control_amount": "1200.00",
                            "event_amount": "1200.00",
                            "unapplied_amount": "0.00",
                            "difference_amount": "0.00",
                            "explained_amount": "0.00",
                            "unexplained_amount": "0.00",
                        }
                    ],
                    "parts": [],
                    "notes": [],
                }
            ]
        }
    )

    count_days: int = Field(description="Days and currencies compared.")
    count_different: int
    count_unexplained: int
    days: list[ReconciledDay]
    parts: list[ReconciledPart]
    notes: list[str]
