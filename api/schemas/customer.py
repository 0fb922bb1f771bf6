"""What is asked and answered about customers: found, seen, scored, tried."""

from datetime import date

from pydantic import BaseModel, Field

from api.schemas.base import RecommendedLimit
from api.schemas.case import CaseRow
from api.schemas.collection import DisputeAnswer, PromiseAnswer
from api.schemas.ledger import Bucket
from api.texts import AmountText, Name, Text, example


class FoundCustomer(BaseModel):
    """A customer that was searched for."""

    customer_id: str
    name: str | None
    country: str | None
    industry: str | None
    parent_id: str | None


class GroupMember(BaseModel):
    """A customer of the same group."""

    customer_id: str
    name: str | None


class Exposure(BaseModel):
    """What a customer could cost us in one currency."""

    currency: str
    open_amount: str = Field(description="Invoices less credit notes.")
    overdue_amount: str
    unapplied_amount: str
    order_amount: str
    exposure_amount: str


class GivenLimit(BaseModel):
    """A limit that was given."""

    limit_amount: str | None
    limit_kind: str
    currency: str
    valid_from_on: date
    valid_to_on: date | None


class LedgerDispute(BaseModel):
    """A dispute that the ledger has."""

    dispute_id: str
    invoice_id: str
    opened_on: date
    resolved_on: date | None
    reason: str | None


class Application(BaseModel):
    """A request for credit, amounts in book currency."""

    application_id: str
    applied_on: date
    requested_limit: str | None
    requested_terms_days: float | None
    expected_monthly_sales: str | None


class CreditEvent(BaseModel):
    """An insolvency or the like."""

    occurred_on: date
    kind: str


class StoredScore(BaseModel):
    """What a run found of a customer, money in book currency."""

    run_id: int
    as_of: date
    made_at: str
    currency: str
    payment_model: str
    default_model: str
    policy: str
    p_default_12m: float | None = Field(description="null = in default, or there is no model.")
    grade: str | None
    lgd: float | None
    expected_loss: str | None
    p_late: float | None
    open_amount: str | None
    overdue_amount: str | None
    recommended_limit: str | None
    binding: str | None
    reasons: list[str] = Field(description="Of p_default_12m, the strongest first.")
    reasons_late: list[str] = Field(description="Of its invoice with the most at stake.")
    adverse_reasons: list[str] = Field(description="For telling a customer why credit was refused.")


class TrendPoint(BaseModel):
    """What an earlier run found."""

    run_id: int
    as_of: date
    p_default_12m: float | None
    grade: str | None
    p_late: float | None
    open_amount: str | None
    recommended_limit: str | None


class Downgrade(BaseModel):
    """A customer whose grade fell, money in book currency."""

    customer_id: str
    name: str | None
    grade: str
    grade_before: str
    p_default_12m: float | None = Field(description="null = in default.")
    p_before: float | None
    exposure_amount: str | None = Field(description="Open items and open orders, as its limit was held against them.")


class DowngradesAnswer(BaseModel):
    """Whose grade the newest night finds worse than the night before it did."""

    as_of: date = Field(description="Of the newest night.")
    compared_with: date | None = Field(description="Of the night before it; null = there is none.")
    currency: str
    count: int
    items: list[Downgrade] = Field(description="The worst grade first, then who owes most.")


class Accounts(BaseModel):
    """Annual accounts, in their own currency."""

    period_end_on: date = Field(description="The balance-sheet day.")
    known_on: date
    currency: str
    figures: dict[str, float | None] = Field(description="By name, such as equity; null = not stated.")


class OpenItem(BaseModel):
    """An open invoice or credit note, in its own currency."""

    invoice_id: str
    entity_id: str
    kind: str
    currency: str
    issued_on: date
    due_on: date
    amount: str = Field(description="Negative for credit notes.")
    open_amount: str
    disputed_amount: str
    days_past_due: int


class LastContact(BaseModel):
    """When and how a customer was contacted last."""

    at: str
    by: str
    channel: str
    outcome: str
    note: str


class CustomerAnswer(BaseModel):
    """All that is known of a customer; what the caller may not see is null."""

    customer_id: str
    as_of: date = Field(description="What was known before the start of this day.")
    currency: str
    name: str | None
    country: str | None
    industry: str | None
    legal_form: str | None
    incorporated_on: date | None
    onboarded_on: date | None
    parent_id: str | None
    employees: float | None
    group: list[GroupMember] = Field(description="Itself included; empty = it stands alone.")
    open_amount: str = Field(description="In book currency: the buckets sum to it.")
    unapplied_amount: str
    ageing: list[Bucket]
    exposure: list[Exposure] = Field(description="By currency.")
    count_items: int
    items: list[OpenItem] = Field(description="Open invoices and credit notes, the longest due, 25 at most.")
    limits: list[GivenLimit]
    disputes: list[LedgerDispute]
    applications: list[Application]
    credit_events: list[CreditEvent]
    accounts: list[Accounts] = Field(description="The newest first.")
    attributes: dict[str, float | str | bool | None] = Field(description="The newest by name; null = not known.")
    score: StoredScore | None
    trend: list[TrendPoint] | None = Field(description="The newest first.")
    cases: list[CaseRow] | None
    collector: str | None
    last_contact: LastContact | None
    promises: list[PromiseAnswer] | None
    raised_disputes: list[DisputeAnswer] | None


class PaidInvoice(BaseModel):
    """How one invoice was paid, or is not yet, in its own currency."""

    invoice_id: str
    due_on: date
    days_late: int = Field(description="Of its end after the due day; of an open one so far. Negative = before it.")
    currency: str
    amount: str
    ending: str = Field(description="paid, credited, written_off ...; open = it has not ended.")


class ExposurePoint(BaseModel):
    """What a customer could cost us on a day, in book currency."""

    as_of: date
    exposure_amount: str
    limit_amount: str | None = Field(description="null = no limit was given.")


class HistoryAnswer(BaseModel):
    """How a customer paid, and what it owed over time, by what was known before a day."""

    as_of: date
    currency: str
    count: int = Field(description="Invoices that are due; the newest of them are listed.")
    invoices: list[PaidInvoice] = Field(description="The one due first comes first.")
    exposure: list[ExposurePoint] = Field(description="At the starts of the last months, and on the day itself.")


class WhatIfRequest(BaseModel):
    """What is supposed to be otherwise; null = not known."""

    model_config = example(
        financials={"equity": "250000"}, attributes={"bureau_score": "70"}, requested_limit="40000", terms_days=60
    )

    master: dict[Name, Text | None] = Field(
        default_factory=dict, max_length=20, description="country, industry, legal_form, incorporated_on, employees."
    )
    attributes: dict[Name, Text | None] = Field(
        default_factory=dict, max_length=100, description="Columns of the table attributes."
    )
    financials: dict[Name, Text | None] = Field(
        default_factory=dict, max_length=50, description="Figures of the newest annual accounts, in their currency."
    )
    requested_limit: AmountText | None = None
    terms_days: float | None = Field(default=None, ge=0, le=3650, allow_inf_nan=False)


class WhatIfAnswer(BaseModel):
    """The limit as things are, and as it would be."""

    as_of: date
    currency: str
    source: str = Field(description="Policy and model.")
    as_is: RecommendedLimit
    as_if: RecommendedLimit
    proposed_limit: str = Field(description="Then: what was asked for, as far as it is recommended.")


class LimitAnswer(BaseModel):
    """A customer's recommended limit, as `arrisk limits` gives it."""

    as_of: date
    currency: str
    book_amount: str = Field(description="All that we are owed, on which caps that are shares of it rest.")
    source: str = Field(description="Policy and model.")
    limit: RecommendedLimit
