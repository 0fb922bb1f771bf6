"""What credit analysts ask for and are answered: cases, and orders that wait."""

from datetime import date

from pydantic import BaseModel, Field

from api.schemas.base import KnownDay
from api.texts import AmountText, Currency, Name, Reason, Text, example
from arrisk.decisions.cases import State


class OpenRequest(BaseModel):
    """A case on a customer's limit."""

    model_config = example(customer_id="C00042", requested_limit="40000.00")

    customer_id: Name
    requested_limit: AmountText | None = Field(
        default=None, description="In book currency; missing = that of the customer's newest application, if any."
    )
    as_of: KnownDay | None = Field(default=None, description="Missing = all that the ledger covers.")


class ScoreAgainRequest(BaseModel):
    """What is known by a later day."""

    model_config = example(as_of="2026-03-01")

    as_of: KnownDay | None = Field(default=None, description="Missing = all that the ledger covers.")


class ApproveRequest(BaseModel):
    """A limit that is approved, in book currency."""

    model_config = example(limit="25000.00", conditions="a guarantee of the parent")

    limit: AmountText
    override_reason: Name = Field(default="", description="Why otherwise than recommended: a code of the policy.")
    note: Text = ""
    conditions: Text = ""
    valid_days: int | None = Field(default=None, ge=1, le=3650, description="Missing = the policy's.")


class DeclineRequest(BaseModel):
    """Why a case is declined; where a limit was recommended, with a code of the policy and a note."""

    model_config = example(override_reason="new_information", note="a writ was served on the customer")

    override_reason: Name = ""
    note: Text = ""


class NoteRequest(BaseModel):
    """What else is to be known."""

    model_config = example(note="the customer pays in advance")

    note: Text = ""


class StepAnswer(BaseModel):
    """One step of a case."""

    at: str
    by: str
    action: str


class CaseRow(BaseModel):
    """A case in a list, money in book currency."""

    case_id: str
    customer_id: str
    name: str
    state: State
    proposer: str
    as_of: date | None = Field(description="What was known before the start of this day was taken down.")
    currency: str
    requested_limit: str | None
    recommended_limit: str | None
    decided_limit: str | None
    version: int = Field(description="The ETag of the case.")


class OverrideReason(BaseModel):
    """A reason of the policy for a decision other than recommended."""

    code: str
    text: str


class CaseAnswer(CaseRow):
    """A case with all that it holds."""

    moves: list[State] = Field(description="What it may become next.")
    override_reasons: list[OverrideReason]

    proposal: str = Field(description="The recommendation in one sentence.")
    basis: str = Field(description="Model, policy and data that it rests on.")
    snapshot: dict[str, object] = Field(
        description="All that was known, as it was taken down; amounts are numbers in book currency."
    )
    decision: dict[str, object]
    approvals: list[dict[str, object]]
    letter: dict[str, object]
    asked: dict[str, object]
    steps: list[StepAnswer]


class LetterAnswer(BaseModel):
    """The letter about an adverse decision."""

    case: CaseAnswer
    title: str
    text: str
    html: str


class OrderRequest(BaseModel):
    """An order that is asked about before it is taken."""

    model_config = example(customer_id="C00042", amount="12500.00", currency="EUR", stage="order")

    customer_id: Name
    amount: AmountText
    currency: Currency | None = Field(default=None, description="Missing = the book currency.")
    stage: str = Field(default="order", pattern="^(order|ship)$")


class ReleaseRequest(BaseModel):
    """Why an order may go on."""

    model_config = example(reason="paid by phone this morning")

    reason: Reason


class HoldReason(BaseModel):
    """A rule that speaks against an order."""

    rule: str
    kind: str
    text: str
    release_by: str = Field(description="The role that may release it.")
    released_by: str = Field(description="The rule or the person who released it; empty = it holds.")


class OrderAnswer(BaseModel):
    """An order and whether it may ship, money in book currency."""

    order_id: str
    customer_id: str
    ordered_on: date
    currency: str
    amount: str
    exposure_amount: str
    limit_amount: str | None
    limit_kind: str | None
    decision: str = Field(description="ship, hold, or not_checked.")
    release_by: str = Field(description="The roles that together may release it.")
    is_released: bool = Field(description="Whether persons have released what held it.")
    said: str = Field(description="Why, in words.")
    reasons: list[HoldReason]
