"""What is answered about payments to come."""

from datetime import date

from pydantic import BaseModel, Field


class ExpectedInvoice(BaseModel):
    """When one open invoice is likely to be paid, in its own currency."""

    invoice_id: str
    currency: str
    open_amount: str
    due_on: date
    days_past_due: int
    p_late: float
    p_late_30: float = Field(description="Of being paid more than 30 days after its due day, or never.")
    p_late_60: float
    p_late_90: float
    p_written_off: float
    expected_paid_on: date = Field(description="The day by which it is paid with one half, given that it is paid.")
    paid_on_p10: date
    paid_on_p90: date
    p_paid: list[float] = Field(description="Of being paid by the end of each of `days`.")


class PaymentCurveAnswer(BaseModel):
    """By which day how much of what a customer owes is likely to be paid."""

    as_of: date
    currency: str
    model: str
    count: int = Field(description="Open invoices; the longest due of them are listed.")
    open_amount: str = Field(description="Of all open invoices, in book currency.")
    days: list[int] = Field(description="From `as_of` on.")
    share_paid: list[float] = Field(
        description="The share of open_amount that is expected by the end of each day; empty = nothing is open."
    )
    invoices: list[ExpectedInvoice]
