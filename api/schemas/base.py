"""What is posted and what is answered: money as text, days as YYYY-MM-DD."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from arrisk.errors import InputError, nearest
from arrisk.frames import date_of, day_of
from arrisk.schema import TABLES, Column, Kind

Rows = list[dict[str, object]]

_REQUIRED = ("customers", "invoices")
_AMOUNT: dict[str, object] = {"type": ["string", "null"], "pattern": r"^[+-]?\d*\.?\d*$", "examples": ["1234.50"]}
_KINDS: Mapping[Kind, dict[str, object]] = {
    Kind.ID: {"type": ["string", "integer", "null"]},
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.DATE: {"type": ["string", "null"], "format": "date"},
    Kind.AMOUNT: _AMOUNT,
    Kind.NUMBER: {"type": ["number", "string", "null"]},
}


def _read_day(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("a day is text, YYYY-MM-DD")
    try:
        return date_of(day_of(value))
    except InputError as error:
        raise ValueError(f"{error.what}; write {error.hint}") from error


def _refuse_future(day: date, *, days_ahead: int) -> date:
    latest = date.today() + timedelta(days=days_ahead)  # noqa: DTZ011 - a business day is the user's own
    if day > latest:
        raise ValueError(f"{day} lies in the future, where nothing is known yet; a day up to {latest}")
    return day


def _require_tables(tables: dict[str, Rows]) -> dict[str, Rows]:
    for name in _REQUIRED:
        if name not in tables:
            raise ValueError(f"the table '{name}' is missing; {nearest(name, tables) or 'add it'}")
    if not tables["invoices"]:
        raise ValueError("the table 'invoices' has no row; add the invoices, open and settled")
    return tables


def describe_tables() -> dict[str, Any]:
    """Describe the canonical tables as a JSON schema."""
    tables = {
        table.name: {
            "type": "array",
            "description": f"One row per {table.one_row_per}.",
            "items": {
                "type": "object",
                "properties": {column.name: _describe_column(column) for column in table.all_columns},
                "required": [column.name for column in table.all_columns if column.is_required],
            },
        }
        for table in TABLES.values()
    }
    return {"type": "object", "properties": tables, "required": list(_REQUIRED)}


def _describe_column(column: Column) -> dict[str, object]:
    return {**_KINDS[column.kind], "description": column.meaning}


Day = Annotated[date, BeforeValidator(_read_day, json_schema_input_type=date)]
KnownDay = Annotated[Day, AfterValidator(partial(_refuse_future, days_ahead=1))]
"""A day before whose start things are known; tomorrow is "all that is known today"."""

PastDay = Annotated[Day, AfterValidator(partial(_refuse_future, days_ahead=0))]
"""A day whose evening counts."""

Tables = Annotated[dict[str, Rows], AfterValidator(_require_tables), WithJsonSchema(describe_tables())]

EXAMPLE: dict[str, Any] = {
    "name": "alder",
    "currency": "EUR",
    "as_of": "2024-04-01",
    "count_reasons": 3,
    "tables": {
        "customers": [{"customer_id": "A", "name": "Alder Ltd", "country": "IE"}],
        "invoices": [
            {
                "invoice_id": "1",
                "customer_id": "A",
                "issued_on": "2024-01-02",
                "due_on": "2024-02-01",
                "amount": "100.50",
                "settled_on": "2024-02-11",
            },
            {
                "invoice_id": "2",
                "customer_id": "A",
                "issued_on": "2024-03-05",
                "due_on": "2024-04-04",
                "amount": "200.00",
            },
        ],
    },
}


class BookRequest(BaseModel):
    """A book, or a part of it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", description="The ledger's name: its newest promoted model is used.")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="The book currency, ISO 4217; missing = the policy's."
    )
    extract_end_on: Day | None = Field(default=None, description="The last day covered; missing = the latest event.")
    tables: Tables = Field(description="Canonical tables by name; money as text, days as YYYY-MM-DD.")


class CreditRequest(BookRequest):
    """A book, or a part of it, and the day as of which it is looked at."""

    as_of: KnownDay = Field(description="What was known before the start of this day counts.")
    customer_ids: list[str] | None = Field(
        default=None, description="Answer for these customers only; those they are compared with are all that are sent."
    )


class ScoreRequest(CreditRequest):
    """A book, or a part of it, and the day as of which its open invoices are scored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    model: str | None = Field(
        default=None, description="NAME/LEDGER/VERSION or NAME/LEDGER: use this model, also if of another ledger."
    )
    count_reasons: int | None = Field(
        default=None, ge=0, strict=True, description="How many reasons an invoice gets at most; missing = all."
    )


class LimitRequest(CreditRequest):
    """A book, or a part of it, and the day as of which limits are recommended."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{name: EXAMPLE[name] for name in ("name", "currency", "as_of", "tables")}]},
    )


class Problem(BaseModel):
    """What is wrong, where, and what to try (RFC 9457)."""

    type: str = Field(description="The kind of problem.", examples=["urn:arrisk:problem:model"])
    title: str = Field(description="The kind of problem in words.")
    status: int
    detail: str = Field(description="What is wrong with this request.")
    where: str = Field(description="Table, row and column, or the place in the body; empty where there is none.")
    hint: str = Field(description="What to try; empty where there is nothing to say.")


class UsedModel(BaseModel):
    """The model that scored."""

    reference: str = Field(description="NAME/LEDGER/VERSION.")
    trained_as_of: date = Field(description="It learnt only from what was known before this day.")
    ledger: str
    is_other_ledger: bool = Field(description="Whether it was trained on another ledger than the one posted.")


class Reason(BaseModel):
    """One part of a margin."""

    feature: str
    value: float | None = Field(description="The feature's value; null = not known.")
    contribution: float = Field(description="In logits; positive = later.")
    text: str


class ScoredInvoice(BaseModel):
    """One open invoice, given that it is open."""

    invoice_id: str
    customer_id: str
    currency: str
    open_amount: str
    days_past_due: int
    p_late: float
    p_late_30: float
    p_late_60: float
    p_late_90: float
    p_written_off: float
    expected_paid_on: date | None
    paid_on_p10: date | None
    paid_on_p90: date | None
    starting_value: float = Field(description="The margin before anything is known of the invoice, in logits.")
    horizon_days: int = Field(
        description="The lateness that is explained, in days past due: 30, or the next horizon of an older invoice."
    )
    margin: float = Field(
        description="Of the probability of being later than horizon_days, in logits: starting_value + the reasons' "
        "contributions + other_contribution."
    )
    other_contribution: float = Field(description="The sum of the reasons that count_reasons cut off.")
    reasons: list[Reason] = Field(description="The strongest first.")


class FoundProblem(BaseModel):
    """What is wrong with a posted row; row 0 = with the whole table."""

    table: str
    row: int
    column: str
    value: str
    rule: str
    severity: str
    hint: str


class RowCount(BaseModel):
    """How many rows of a table were read: accepted + refused = read."""

    table: str
    read: int
    accepted: int
    refused: int


class ScoreAnswer(BaseModel):
    """Scores of the open invoices."""

    as_of: date
    currency: str
    model: UsedModel
    invoices: list[ScoredInvoice]
    problems: list[FoundProblem]
    rows: list[RowCount]
    notes: list[str] = Field(description="What to know before relying on the scores.")


class RecommendedLimit(BaseModel):
    """One customer's recommended limit and terms, money in the book currency."""

    customer_id: str
    current_limit: str | None = Field(description="null = no amount is given.")
    current_limit_kind: str | None = Field(description="amount, none, zero; null = none was given, or it has ended.")
    recommended_limit: str
    limit_kind: str = Field(description="amount or zero.")
    binding: str = Field(description="What bounds it: need, starter, refused, in_default, or one of the caps.")
    need_amount: str
    own_amount: str = Field(description="What is given without cover.")
    cover_amount: str = Field(description="What valid security adds.")
    caps: dict[str, str | None] = Field(description="Every cap by name; null = does not apply.")
    p_default_12m: float | None = Field(description="null = in default.")
    grade: str | None
    recommended_terms_days: int
    deposit_share: float
    review_on: date
    valid_to_on: date
    reasons: str


class LimitAnswer(BaseModel):
    """Recommended limits."""

    as_of: date
    currency: str
    book_amount: str = Field(description="All that is owed by the rows sent: caps that are shares of it rest on this.")
    source: str = Field(description="The policy's hash, and which default model was used.")
    limits: list[RecommendedLimit]
    problems: list[FoundProblem]
    rows: list[RowCount]


class State(BaseModel):
    """Whether the service can work."""

    status: str


class Ready(State):
    """Whether the model store can be read, and what it holds."""

    count_models: int


class Version(BaseModel):
    """What runs."""

    arrisk: str
    api: str
