"""What a mapping may say: the shape of its TOML file, each part with its defaults."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Destiny = Literal["invoice", "credit_note", "payment", "by_sign", "leave_out"]
"""What becomes of a document of some type."""


class Rules(BaseModel):
    """A part of a mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_texts(value: object) -> object:
    items = _as_list(value)
    return [str(item) if isinstance(item, int) else item for item in items] if isinstance(items, list) else items


def _require_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


def _require_date_format(pattern: str) -> str:
    directives = set(re.findall(r"%(.)", pattern))
    unknown = directives - set("YymdjbBHMSfpIaAzZ%")
    has_day = bool(directives & set("Yy")) and (
        "j" in directives or bool("d" in directives and directives & set("mbB"))
    )
    if unknown or not has_day:
        raise ValueError("a date format names day, month and year: %d, %m (or %b), %Y (or %y), such as '%d.%m.%Y'")
    return pattern


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
Pattern = Annotated[str, AfterValidator(_require_pattern)]
DateFormat = Annotated[str, AfterValidator(_require_date_format)]
DateFormats = Annotated[tuple[DateFormat, ...], BeforeValidator(_as_list)]


class SourceRules(Rules):
    """How the file is written; by default encoding and delimiter are detected, dates ISO, decimals plain."""

    encoding: str = ""
    delimiter: str = Field(default="", max_length=1)
    sheet: str = ""
    header_line: int = Field(default=1, ge=1)
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    dates: DateFormats = ()
    missing: Texts = ()

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same sign")
        return self


class BookRules(Rules):
    """What is said of the whole book."""

    name: str = ""
    currency: str = Field(default="", pattern="^([A-Z]{3})?$")
    extract_end_on: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")


class ColumnRules(Rules):
    """Where one column comes from and what is done to its text, in the order of the fields."""

    from_: Names = Field(default=(), alias="from")
    join: tuple[str, ...] = ()
    separator: str = "-"
    constant: str = ""
    optional: bool = False
    remove: Pattern = ""
    upper: bool = False
    map: dict[str, str] = Field(default_factory=dict)
    pad: int = Field(default=0, ge=0, le=40)
    default: str = ""
    within: Names = ()
    dates: DateFormats = ()
    baseline: Names = ()
    terms: Names = ()

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if sum(map(bool, (self.from_, self.join, self.constant))) > 1:
            raise ValueError("give one of: from, join, constant")
        if not (self.from_ or self.join or self.constant or self.baseline):
            raise ValueError("say where the column comes from: from, join or constant")
        if bool(self.baseline) != bool(self.terms):
            raise ValueError(
                "baseline and terms go together: a missing due date is baseline plus the days of the terms"
            )
        return self


class RowRules(Rules):
    """Which rows of the source belong to a table, by the text of one column."""

    column: str
    in_: Texts = Field(default=(), alias="in")
    not_in: Texts = ()
    because: str = ""

    @model_validator(mode="after")
    def _has_one_list(self) -> Self:
        if bool(self.in_) == bool(self.not_in):
            raise ValueError("give one of: in, not_in")
        return self


def _as_column(value: object) -> object:
    return {"from": value} if isinstance(value, str | list) else value


Column = Annotated[ColumnRules, BeforeValidator(_as_column)]


class TableRules(Rules):
    """One canonical table."""

    columns: dict[str, Column]
    keep: tuple[RowRules, ...] = ()
    one_per: str = ""
    only_with: Names = ()


class CreditRules(Rules):
    """An indicator column that marks credits, for exports whose amounts carry no sign."""

    column: str
    in_: Texts = Field(alias="in")


class DocumentRules(Rules):
    """What each document is: by its type where one is given, by the sign of its amount otherwise."""

    type: Names = ()
    types: dict[str, Destiny] = Field(default_factory=dict)
    other: Destiny = "by_sign"
    credit: CreditRules | None = None
