"""What is posted and answered of mappings: which column of a file becomes what, and how the file is written."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.schemas.job import Ledger, PreviewAnswer
from arrisk.ingest.drafts import Choice
from arrisk.ingest.notation import DECIMALS, Decimals

_CODES = [decimal + thousands for decimal, thousands in DECIMALS]

Named = Annotated[
    str, Field(max_length=200, description="A shipped mapping, or LEDGER/NAME of a kept one.", examples=["generic"])
]
Cell = Annotated[str, Field(max_length=500)]
Columns = Annotated[
    dict[Cell, Cell],
    Field(
        max_length=1000,
        description="By field, such as invoices.amount, the column of the file; empty = left out.",
        examples=[{"invoices.amount": "Gross amount"}],
    ),
]


class _Posted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ColumnsRequest(_Posted):
    """By which mapping a file is looked at; nothing = by the one that fits best."""

    mapping: Named = ""
    columns: Columns | None = Field(None, description="What somebody chose; null = guess it.")


class FieldAnswer(BaseModel):
    """What a column of the file may become."""

    field: str = Field(description="Such as invoices.amount.")
    also: list[str] = Field(description="Where else the same column goes.")
    meaning: str
    kind: str = Field(description="id, text, date, amount or number.")
    is_required: bool
    column: str | None = Field(description="Of the file; null = none.")
    is_named: bool = Field(description="Whether the mapping knows the column by its name; false = it looks alike.")


class ColumnAnswer(BaseModel):
    """A column of the file, with its first different values."""

    name: str
    samples: list[str]


class ColumnsAnswer(BaseModel):
    """What a file looks like, and what its columns may become."""

    needs_mapping: bool = Field(description="false = its columns have our names already.")
    mapping: str = Field(description="The one that is proposed, or was asked for.")
    fits: bool = Field(description="Whether the file's columns have that mapping's names as they are.")
    columns: list[ColumnAnswer]
    fields: list[FieldAnswer]
    dates: list[str] = Field(description="Formats in which the days can be read; several = somebody has to say.")
    date: str | None = Field(description="The one that is proposed; empty = as the mapping says, null = choose one.")
    decimals: list[str] = Field(description="Decimal sign and sign of thousands with which amounts can be read.")
    decimal: str | None = Field(description="As `date`.")
    currency: str = Field(description="The book currency that the mapping states.")


class MappingDraft(_Posted):
    """What somebody chose: the mapping that it begins with, and what is otherwise."""

    mapping: Named = "generic"
    columns: Columns
    dates: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = Field(
        [], description="Such as %d.%m.%Y; none = as the mapping says."
    )
    decimal: Literal["", *_CODES] = Field(  # type: ignore[valid-type]
        "", description="The decimal sign, and the sign of thousands; empty = as the mapping says."
    )
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = Field("", description="The book currency, ISO 4217.")
    extract_end_on: date | None = Field(None, description="The last day that the file covers; null = the last in it.")

    @property
    def choice(self) -> Choice:
        """The same, as the library takes it."""
        signs = Decimals(self.decimal[0], self.decimal[1:]) if self.decimal else None
        return Choice(self.columns, tuple(self.dates), signs, self.currency, self.extract_end_on)


class DraftPreview(PreviewAnswer):
    """What a file would give, and the mapping by which it would."""

    mapping_toml: str = Field(description="For `POST /v1/jobs`, or a file of your own.")


class MappingRequest(_Posted):
    """A mapping that is to be kept, as it was chosen or written out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "ledger": "alder",
                    "name": "month end",
                    "draft": {
                        "columns": {
                            "invoices.invoice_id": "No",
                            "invoices.customer_id": "Customer",
                            "invoices.issued_on": "Issued",
                            "invoices.due_on": "Due",
                            "invoices.amount": "Gross",
                        }
                    },
                }
            ]
        },
    )

    ledger: Ledger
    name: Annotated[str, Field(min_length=1, max_length=60)]
    draft: MappingDraft | None = None
    toml: Annotated[str, Field(max_length=100_000)] = ""

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.draft is None) == (not self.toml):
            raise ValueError("give one of the two: draft, or toml")
        return self


class MappingAnswer(BaseModel):
    """A mapping."""

    reference: str = Field(description="By which it is asked for.")
    ledger: str | None = Field(description="null = a shipped one, for every ledger.")
    name: str
    version: int | None = Field(description="One more each time that it is kept anew; null = a shipped one.")
    description: str
    made_by: str | None
    made_at: str | None
