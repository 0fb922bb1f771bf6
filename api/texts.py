"""Kinds of values that many requests take: text that a database can keep, amounts, currencies."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, JsonValue


def require_text(text: str) -> str:
    """Give a text that a database can keep.

    Raises
    ------
    ValueError
        When it holds NUL, or a lone half of a surrogate pair.
    """
    if "\0" in text or text != text.encode("utf-8", "replace").decode("utf-8"):
        raise ValueError("has characters that cannot be kept")
    return text


Text = Annotated[str, AfterValidator(require_text), Field(max_length=1000)]
Reason = Annotated[str, AfterValidator(require_text), Field(min_length=1, max_length=500)]
Name = Annotated[str, AfterValidator(require_text), Field(max_length=200)]
AmountText = Annotated[str, Field(pattern=r"^\d{1,15}(\.\d{1,4})?$", examples=["1250.00"])]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]


def example(**values: JsonValue) -> ConfigDict:
    """Give the settings of a request with an example; what it does not know is refused."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})
