"""What is answered of the allowance seen from other sides; money as text, days as YYYY-MM-DD."""

from datetime import date

from pydantic import BaseModel, Field


class FrameworkBucket(BaseModel):
    """The allowance of one bucket under both frameworks; the five parts sum to the difference."""

    bucket: str
    ifrs9_amount: str
    asc326_amount: str
    difference: str = Field(description="asc326_amount - ifrs9_amount.")
    scenarios: str
    discounting: str
    cover: str
    overlays: str
    later_collections: str


class FrameworksAnswer(BaseModel):
    """The allowance of IFRS 9 beside that of ASC 326, from the same open items."""

    as_of: date
    age_on: date
    currency: str
    method: str
    ifrs9_total: str
    asc326_total: str
    buckets: list[FrameworkBucket]
    notes: list[str] = Field(description="What ASC 326 allows, and the policy elects.")


class MovedAssumption(BaseModel):
    """What the allowance would be, were one assumption another."""

    assumption: str
    low_setting: str = Field(description="What it is moved to; empty = not moved that way.")
    high_setting: str
    low: str | None
    high: str | None


class SensitivityAnswer(BaseModel):
    """How the allowance moves with each assumption, before assessments and overlays; each moves alone."""

    as_of: date
    age_on: date
    currency: str
    method: str
    base: str = Field(description="The allowance as it is.")
    assumptions: list[MovedAssumption]


class PastClose(BaseModel):
    """One past close: what was expected, and what was lost since."""

    close_on: date
    part: str = Field(description="performing or in_default.")
    open_amount: str
    expected: dict[str, str] = Field(description="By method.")
    lost_amount: str = Field(description="Written off since as bad debt, less what came back of it.")
    still_open_amount: str


class PastBucket(BaseModel):
    """One bucket over all the closes."""

    part: str
    bucket: str
    open_amount: str
    expected: dict[str, str]
    lost_amount: str
    still_open_amount: str
    hits: dict[str, float | None] = Field(description="Lost over expected: 1 = right, above = too little set aside.")


class ComparedErrors(BaseModel):
    """Two methods by how far they were off over all closes, on performing customers."""

    method: str
    other: str
    error: float | None = Field(description="As a share of all that was lost; null = nothing was.")
    other_error: float | None
    gain: float | None
    low: float | None = Field(description="Of the gain, with 95 %.")
    high: float | None


class BacktestAnswer(BaseModel):
    """The allowance of past month ends, and what became of what was open then."""

    currency: str
    methods: list[str]
    closes: list[PastClose]
    buckets: list[PastBucket]
    errors: list[ComparedErrors]
    notes: list[str]


class MovedBucket(BaseModel):
    """What the last posted close holds for a bucket, and what it would be now."""

    bucket: str
    before: str
    now: str
    change: str


class AllowanceMovement(BaseModel):
    """What moved since the last posted close of a selling company."""

    entity: str
    close_on: date = Field(description="The period end of that close.")
    age_on: date
    currency: str
    method: str
    before_method: str = Field(description="The method of that close.")
    before: str
    now: str
    change: str
    buckets: list[MovedBucket]
