"""What is answered of one customer's score."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class ScoreReason(BaseModel):
    """One business reason; the contributions and the starting value sum to the margin."""

    rank: int = Field(description="1 = the strongest.")
    reason: str
    feature: str = Field(description="The feature that speaks for it.")
    value: float | None = Field(description="Its value; null = not known.")
    contribution: float = Field(description="Logits; above 0 = more risk.")
    text: str
    five_c: str = Field(description="character, capacity, capital, collateral or conditions.")


class CustomerScoreAnswer(BaseModel):
    """The score of one customer, computed from its rows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": "C0001",
                    "as_of": "2025-06-01",
                    "model": "default/alder/1",
                    "trained_before": "2025-01-01",
                    "is_newest": True,
                    "p_default_12m": 0.034,
                    "grade": "5",
                    "in_default": None,
                    "starting_value": -3.9,
                    "margin": -3.346,
                    "reasons": [
                        {
                            "rank": 1,
                            "reason": "past due items",
                            "feature": "overdue_share",
                            "value": 0.41,
                            "contribution": 0.554,
                            "text": "41% of what is open is past due",
                            "five_c": "capacity",
                        }
                    ],
                }
            ]
        }
    )

    customer_id: str
    as_of: date
    model: str
    trained_before: date
    is_newest: bool = Field(
        description="Whether the figures of everybody else, with which it is compared, rest on the newest rows too."
    )
    p_default_12m: float | None = Field(description="Of default within a year; null for one that is in default.")
    grade: str
    in_default: str | None = Field(description="Since when and why it is in default; null = it is not.")
    starting_value: float | None = Field(description="The logit before anything is known of it.")
    margin: float | None = Field(description="The logit of its probability.")
    reasons: list[ScoreReason]


class FiveCFact(BaseModel):
    """One thing that speaks for a C."""

    text: str
    points: float | None = Field(description="On the scale of the grades, more = less risk; null = it only tells.")


class FiveC(BaseModel):
    """One of the five C's of a customer."""

    points: float = Field(description="Of all its reasons, on the scale of the grades: more = less risk.")
    known: int = Field(description="Facts that are known, of those asked for.")
    asked: int
    facts: list[FiveCFact] = Field(description="Those that weigh most.")


class FiveCsAnswer(BaseModel):
    """The five C's of one customer, and how much data stands behind each."""

    customer_id: str
    as_of: date
    score: CustomerScoreAnswer
    depth: str = Field(description="How much is known in all, from A, fresh accounts, to E, nothing.")
    depth_text: str
    five_cs: dict[str, FiveC] = Field(description="By name: character, capacity, capital, collateral, conditions.")
