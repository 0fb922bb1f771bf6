"""What is posted and answered of models: which there are, how they fare, and who let which of them score."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Reference = Annotated[str, Field(min_length=1, max_length=400, examples=["payment-curve/main/2"])]
Reason = Annotated[str, Field(min_length=1, max_length=2000, examples=["the yearly validation passed"])]


class ModelSummary(BaseModel):
    """One version of a model."""

    reference: str = Field(description="NAME/LEDGER/VERSION.")
    name: str = Field(description="What it predicts.")
    ledger: str
    version: int
    trained_as_of: date = Field(description="It learnt only from what was known before this day.")
    is_promoted: bool = Field(description="Whether it may score.")
    is_champion: bool = Field(description="Whether it scores today.")


class Promotion(BaseModel):
    """One line of the promotion log."""

    seq: int
    at: str
    action: str = Field(description="promote or roll_back.")
    reference: str
    by: str
    reason: str
    report_sha256: str = Field(description="Of the backtest it rests on; empty = none.")
    model_sha256: str
    champion_before: int = Field(description="The version that scored before; 0 = none.")
    champion: int = Field(description="The version that scores after it; 0 = none.")


class ModelAnswer(ModelSummary):
    """One version of a model with its card and its files."""

    card: dict[str, Any] = Field(description="What it learnt from, how good it was, under which policy.")
    files: list[str] = Field(description="For GET /v1/models/file.")
    trained_by: str | None = Field(description="Who asked for its training; null = not by this service.")
    promotions: list[Promotion]


class PromotionLog(BaseModel):
    """Who let which model score, page by page, the newest first; and whether the log is as it was written."""

    items: list[Promotion]
    next: str | None = Field(description="Send it as `after`; null = this is the last page.")
    last_sha256: str = Field(description="Of the last line; note it elsewhere.")
    fault: str = Field(description="The first line that is not as it was written; empty = all are.")


class PromoteRequest(BaseModel):
    """Which version is to score, why, and the backtest that speaks for it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reference": "payment-curve/main/2",
                    "reason": "the yearly validation passed",
                    "report": '{"champion": "payment_curve", "ledger": "main", "verdict": {"passed": true}}',
                }
            ]
        },
    )

    reference: Reference
    reason: Reason
    report: Annotated[str, Field(min_length=2, max_length=10_000_000)] = Field(
        description="The text of the file that `arrisk backtest ... --json` wrote; its SHA-256 is logged."
    )


class RollbackRequest(BaseModel):
    """Whose champion is taken back, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"model": "payment-curve/main", "reason": "scores jumped"}]}
    )

    model: Annotated[str, Field(min_length=1, max_length=400, description="NAME/LEDGER.")]
    reason: Reason


class WatchShift(BaseModel):
    """How far one quantity has moved since the training."""

    name: str = Field(description="score, or a feature.")
    psi: float = Field(description="Population stability index.")
    counts_from: float = Field(description="Only beyond this it counts: the policy's limit, or what chance would do.")


class WatchGroup(BaseModel):
    """Predictions of about the same height, and what became of them."""

    rows: int
    expected: float = Field(description="The mean prediction.")
    observed: float = Field(description="The share that it happened to.")


class WatchCheck(BaseModel):
    """One check."""

    about: str = Field(description="The model, the table, or decisions.")
    name: str
    value: float | None = Field(description="null = it cannot be said yet.")
    limit: str
    state: str = Field(description="quiet, look, or not yet.")
    note: str
    shifts: list[WatchShift] = Field(default=[], description="Of a check of stability, the farthest first.")
    groups: list[WatchGroup] = Field(default=[], description="Of a check of calibration, the lowest first.")


class WatchAnswer(BaseModel):
    """Whether the promoted models still are what they were when they were trained."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2025-01-01",
                    "ledger": "main",
                    "source": "run 7",
                    "fired": False,
                    "checks": [],
                    "notes": [],
                }
            ]
        }
    )

    as_of: date
    ledger: str
    source: str = Field(description="The nightly run that found it, or computed.")
    fired: bool = Field(description="Whether somebody has to look.")
    checks: list[WatchCheck]
    notes: list[str]
