"""What is posted and answered about files that were sent, and about jobs."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.base import FoundProblem, KnownDay
from api.schemas.close import DraftRequest

_JOB: Any = {"kind": "nightly", "ledger": "alder", "as_of": "2026-01-05"}

Ledger = Annotated[str, Field(pattern=r"^[^\x00-\x1f/\\]{1,100}$", description="The ledger's name.")]


class UploadAnswer(BaseModel):
    """A file that was sent."""

    upload_id: int
    name: str
    format: str = Field(description="csv, parquet, workbook, or book: a zip of canonical tables.")
    sha256: str
    size_bytes: int
    made_by: str
    made_at: str
    job_id: int | None = Field(None, description="The newest job that was asked to add it; null = none was.")
    job_state: str | None = Field(None, description="As of jobs.")
    count_problems: int = Field(0, description="What that job found wrong in it.")


class UploadProblem(FoundProblem):
    """What is wrong in a file that was added; row 0 = with the whole table."""

    seq: int


class PreviewAnswer(BaseModel):
    """What a file would give."""

    tables: dict[str, list[dict[str, Any]]] = Field(description="The first rows of each canonical table.")
    notes: list[str] = Field(description="What was detected: encoding, columns that nothing takes.")
    problems: list[dict[str, Any]] = Field(description="What could not be read, of the rows looked at.")
    left_out: list[dict[str, Any]] = Field(description="Rows that belong to no table, and why.")


class JobRequest(BaseModel):
    """Long work that is wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_JOB]})

    kind: Literal["ingest", "train", "nightly", "close", "sample"] = Field(
        description="ingest = add a file's rows to a ledger; train = fit its models; nightly = compute its day; "
        "close = draft a close; sample = add made-up rows to look around in, where there is no ledger yet."
    )
    ledger: Ledger
    as_of: KnownDay | None = Field(
        None, description="Train and nightly: what was known before this day counts; null = today."
    )
    upload_id: int | None = Field(None, ge=1, lt=2**63, description="Ingest: the file.")
    mapping: str = Field(
        "", max_length=200, description="Ingest of an ERP's export: a shipped mapping, or LEDGER/NAME of a kept one."
    )
    mapping_toml: str = Field("", max_length=100_000, description="The same, written out.")
    close: DraftRequest | None = Field(None, description="Close: what `POST /v1/closes` takes.")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "ingest" and self.upload_id is None:
            raise ValueError("an ingest needs upload_id: the number that POST /v1/uploads gave")
        if self.kind == "ingest" and self.as_of is not None:
            raise ValueError("an ingest has no as_of: rows say when they were known")
        if self.kind == "sample" and self.as_of is not None:
            raise ValueError("a sample has no as_of: its own last day is taken")
        if self.kind == "close" and self.as_of is not None:
            raise ValueError("a close has no as_of: its period_end says the day")
        if (self.kind == "close") != (self.close is not None):
            raise ValueError("a close, and nothing else, needs 'close': an object with its period_end")
        if self.kind != "ingest" and (self.upload_id is not None or self.mapping or self.mapping_toml):
            raise ValueError("upload_id, mapping and mapping_toml belong to an ingest")
        return self

    def list_arguments(self, *, today: date) -> dict[str, Any]:
        """Give what the job needs to know."""
        if self.close is not None:
            return self.close.list_plain()
        if self.kind == "sample":
            return {}
        if self.kind != "ingest":
            return {"as_of": (self.as_of or today).isoformat()}
        given = {"upload_id": self.upload_id, "mapping": self.mapping, "mapping_toml": self.mapping_toml}
        return {name: value for name, value in given.items() if value}


class JobProblem(BaseModel):
    """Why a job failed."""

    type: str
    detail: str
    where: str
    hint: str


class JobAnswer(BaseModel):
    """A job."""

    job_id: int
    kind: str
    ledger: str
    arguments: dict[str, Any] = Field(description="Of a close: period, company and method alone.")
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: str = Field(description="What goes on, in words.")
    share: float = Field(description="Of its steps that are done, 0 to 1.")
    cancel_by: str | None = Field(description="Who wants it to stop.")
    made_by: str
    made_at: str
    started_at: str | None
    ended_at: str | None
    result: dict[str, Any] | None
    problem: JobProblem | None
