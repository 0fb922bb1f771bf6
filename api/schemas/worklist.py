"""What stands beside the worklist: a customer's open items, and what may be chosen from."""

from datetime import date

from pydantic import BaseModel, Field

from api.schemas.customer import OpenItem


class WorkedItem(OpenItem):
    """An open invoice or credit note, with what the newest run expects of it; null = it was not scored."""

    expected_paid_on: date | None
    paid_on_p10: date | None = Field(description="In one case of ten it is paid by this day.")
    paid_on_p90: date | None = Field(description="In nine cases of ten it is paid by this day.")
    p_still_open: float | None = Field(description="The probability that it is still open at the worklist's horizon.")
    main_reason: str | None


class ChoicesAnswer(BaseModel):
    """What may be chosen from: the policy's words and days, the collectors, and what customers on the list are like."""

    channels: list[str]
    outcomes: list[str]
    dispute_reasons: list[str]
    dispute_outcomes: list[str]
    promise_within_days: int
    snooze_within_days: int
    move_days: int
    collectors: list[str] = Field(description="The logins of those who may work the list, and of those who have some.")
    countries: list[str]
    industries: list[str]
    grades: list[str]
