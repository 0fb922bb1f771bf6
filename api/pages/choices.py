"""What somebody chose for the columns of a file, as it stands in an address or in a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from urllib.parse import urlencode

COLUMN: Final = "c."
"""A field of the form with a column begins so: ``c.invoices.amount``."""

AS_SAID: Final = "as said"
"""Days or amounts are written as the mapping says."""


@dataclass(frozen=True)
class Chosen:
    """What was chosen.

    Parameters
    ----------
    mapping : the mapping that it begins with; empty = the one that fits best.
    columns : by field, the column of the file; empty = none was chosen yet.
    date, decimal : how days and amounts are written; empty = not said.
    currency, end_on : the book currency and the last day of the file; empty = not said.
    """

    mapping: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    date: str = ""
    decimal: str = ""
    currency: str = ""
    end_on: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Read it; another mapping than the one whose columns were chosen begins anew."""
        said = {name: str(given.get(name, "")).strip() for name in ("mapping", "date", "decimal", "currency", "end_on")}
        if given.get("before", said["mapping"]) != said["mapping"]:
            return cls(mapping=said["mapping"])
        columns = {key.removeprefix(COLUMN): str(value) for key, value in given.items() if key.startswith(COLUMN)}
        return cls(columns=columns, **said)

    def complete(self, look: Mapping[str, Any]) -> Self:
        """Fill in what the API proposes where nothing was said."""
        columns = {one["field"]: one["column"] or "" for one in look["fields"]}
        return replace(
            self,
            mapping=look["mapping"],
            columns=columns,
            date=self.date or _say(look["date"]),
            decimal=self.decimal or _say(look["decimal"]),
            currency=self.currency or look["currency"],
        )

    def list_open(self, look: Mapping[str, Any]) -> list[str]:
        """List what has to be chosen before anything can be read."""
        missing = [
            f"which column is the {one['field'].split('.')[1].replace('_', ' ')}"
            for one in look["fields"]
            if one["is_required"] and not one["column"]
        ]
        return [
            *missing,
            *([] if self.date else ["how days are written"]),
            *([] if self.decimal else ["how amounts are written"]),
        ]

    def write_query(self) -> str:
        """Write it for an address."""
        return urlencode(dict(self.list_hidden()))

    def list_hidden(self) -> list[tuple[str, str]]:
        """List it as fields of a form."""
        said = [(name, getattr(self, name)) for name in ("mapping", "date", "decimal", "currency", "end_on")]
        return [(name, text) for name, text in said if text] + [
            (COLUMN + key, column) for key, column in self.columns.items()
        ]

    @property
    def request(self) -> dict[str, Any]:
        """As ``POST /v1/uploads/{upload_id}/columns`` takes it."""
        return {"mapping": self.mapping, "columns": dict(self.columns) or None}

    @property
    def draft(self) -> dict[str, Any]:
        """As ``POST /v1/mappings`` takes it."""
        return {
            "mapping": self.mapping,
            "columns": {key: column for key, column in self.columns.items() if column},
            "dates": [self.date] if self.date not in ("", AS_SAID) else [],
            "decimal": self.decimal if self.decimal != AS_SAID else "",
            "currency": self.currency,
            "extract_end_on": self.end_on or None,
        }


def _say(proposed: str | None) -> str:
    return "" if proposed is None else proposed or AS_SAID
