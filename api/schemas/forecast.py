"""What is answered of expected receipts: money is text, days YYYY-MM-DD."""

from datetime import date

from pydantic import BaseModel, Field


class Expected(BaseModel):
    """Receipts of a week: the mean, and a band in which four weeks in five lie."""

    mean: str
    p10: str
    p90: str


class ForecastWeek(BaseModel):
    """Expected receipts of one week."""

    week: int = Field(description="1, 2, ...; the first begins on as_of.")
    from_on: date
    to_on: date
    due_amount: str = Field(description="Open amounts that are due in the week.")
    open_book: Expected = Field(description="From what is open now.")
    future_sales: Expected = Field(description="From what will be invoiced.")
    total: Expected
    received: str | None = Field(description="What came in by all that is known now; null = the week is not over.")


class ForecastAnswer(BaseModel):
    """Receipts by week, from the open book and from future sales."""

    as_of: date = Field(description="The first day of the first week; what was known before it counts.")
    ledger: str
    currency: str
    source: str = Field(description="run N = stored by the nightly job; computed = just now.")
    model: str = Field(description="Which payment curve, in words.")
    open_amount: str = Field(description="Open invoices without what receipts at hand settle.")
    set_off_amount: str
    overdue_amount: str
    unbooked_amount: str = Field(description="Expected to be in already, though not booked yet.")
    later_amount: str = Field(description="Expected after the last week.")
    never_amount: str
    weeks: list[ForecastWeek]
