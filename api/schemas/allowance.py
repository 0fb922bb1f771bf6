"""What is posted and answered of the allowance: money as text, days as YYYY-MM-DD."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.moments import Moment, read_moment
from api.schemas.base import EXAMPLE, BookRequest, FoundProblem, KnownDay, PastDay, RowCount, UsedModel

Method = Literal["matrix", "roll-rate", "model"]


class AllowanceRequest(BookRequest):
    """A book, the day as of which its allowance is estimated, and how."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    **{name: EXAMPLE[name] for name in ("name", "currency", "tables")},
                    "period_end": "2024-03-31",
                    "method": "matrix",
                }
            ]
        },
    )

    as_of: KnownDay | None = Field(
        default=None, description="What was known before the start of this day counts; either this or period_end."
    )
    period_end: PastDay | None = Field(
        default=None, description="The evening of this day counts; either this or as_of."
    )
    method: Method | None = Field(default=None, description="missing = the policy's.")
    compare: bool = Field(
        default=False, strict=True, description="All methods side by side, with what is held beside them."
    )
    model: str | None = Field(
        default=None, description="NAME/LEDGER/VERSION or NAME/LEDGER: the payment curve of the method 'model'."
    )

    def read_moment(self) -> Moment:
        """Give the day before which things were known, and the day of the ages.

        Raises
        ------
        InputError
            When neither or both days are given.
        """
        return read_moment(self.as_of, self.period_end)


class BucketAllowance(BaseModel):
    """The allowance of one segment and bucket, money in the book currency."""

    segment: str
    bucket: str
    count: int = Field(description="Open items.")
    gross_amount: str = Field(description="What is open; all rows tie to the ageing.")
    base_amount: str = Field(description="What the rate is applied to: less what credit notes take off.")
    rate: float = Field(description="allowance / base_amount.")
    allowance: str
    uncovered_allowance: str = Field(description="Had it no cover.")
    upper_allowance: str = Field(description="Shown and never booked.")


class ScenarioAllowance(BaseModel):
    """What would be booked in one state of the economy."""

    scenario: str
    weight: float | None = Field(description="null = a state that nobody expects, shown to compare.")
    z: float = Field(description="In the first period, in standard deviations; above 0 = good times.")
    allowance: str


class HeldOverlay(BaseModel):
    """What people add to a method: who stands for it, until when, and what it adds."""

    name: str
    factor: float | None = Field(description="On what the method gives; null = an amount.")
    amount: str | None = Field(description="In the book currency; null = a factor.")
    segments: str = Field(description="Empty = all but customers assessed on their own.")
    buckets: str = Field(description="Empty = all.")
    reason: str
    owner: str
    source: str
    approver: str = Field(description="Empty = nobody approved it yet.")
    from_on: date
    expires_on: date
    status: str = Field(description="applied, or why it is not.")
    allowance: str = Field(description="What it adds.")


class ToAssess(BaseModel):
    """A customer in default who owes much, and is to be assessed on its own before a close."""

    customer_id: str
    owed_amount: str
    allowance: str = Field(description="What the method expects of it meanwhile.")


class MethodAllowance(BaseModel):
    """The allowance by one method; the first four amounts sum to the total."""

    method: str
    performing: str
    in_default: str
    individual: str
    overlays: str
    total: str
    upper_total: str
    allowances: list[BucketAllowance] = Field(description="One per segment and bucket.")


class CrossCheck(BaseModel):
    """One coarse number to hold beside the totals."""

    name: str
    total: str | None = Field(description="null = nothing was ever written off, so that it says nothing.")
    note: str


class Comparison(BaseModel):
    """All methods on the same open balance, and what is held beside them."""

    methods: list[MethodAllowance] = Field(description="The one asked for first.")
    cross_checks: list[CrossCheck] = Field(description="Of the whole ledger: none beside one selling company.")
    presumption: str = Field(description="Whether the ledger supports default no later than 90 days past due.")


class AllowanceFigures(BaseModel):
    """The allowance of a book, and how it was arrived at."""

    as_of: date
    age_on: date = Field(description="The day of the ages.")
    currency: str
    method: str
    total: str
    upper_total: str = Field(description="What it is not above with the confidence of the policy.")
    gross_total: str = Field(description="All that is open, as in the ageing.")
    policy: str = Field(description="The policy's hash.")
    model: UsedModel | None = Field(description="The payment curve; null = none was needed.")
    buckets: list[str] = Field(description="All buckets, in their order.")
    allowances: list[BucketAllowance] = Field(description="One per segment and bucket.")
    rates: list[dict[str, Any]] = Field(
        description="What stands behind the rates; the columns are the method's own, amounts are text."
    )
    scenarios: list[ScenarioAllowance]
    overlays: list[HeldOverlay] = Field(description="Of the policy, in its order.")
    to_assess: list[ToAssess] = Field(description="The largest first.")
    notes: list[str] = Field(description="What to know before relying on it.")
    comparison: Comparison | None = Field(description="null = not asked for.")


class AllowanceAnswer(AllowanceFigures):
    """The allowance of a posted book."""

    problems: list[FoundProblem]
    rows: list[RowCount]
