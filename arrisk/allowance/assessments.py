"""Assessments of single customers, as a person writes them into a file, checked row by row."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import pandas as pd

from arrisk.errors import InputError, nearest
from arrisk.frames import NEVER, day_of
from arrisk.money import exponent

COLUMNS = ("customer_id", "reason", "assessed_by", "assessed_on")
"""What every assessment says, beside one of ``rate`` and ``amount``; ``valid_to_on`` may be left out."""

_Value = TypeVar("_Value")


def parse_assessments(table: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Read assessments of customers from the text of a file.

    Parameters
    ----------
    table : text, "" where nothing stands: customer_id, rate (a share of what is owed) or amount (in book currency),
        reason, assessed_by, assessed_on (the day by whose knowledge), and perhaps valid_to_on (the last day on which
        it holds). The index is the number of the row.
    currency : the book currency.

    Returns
    -------
    DataFrame
        One row per row: customer_id, rate and amount (minor units; one of the two is None), reason, assessed_by,
        assessed_day, valid_to_day (NEVER = until replaced), row.

    Raises
    ------
    InputError
        When a column is missing or a value is wrong; row and column are named.
    """
    for name in (*COLUMNS, "amount" if "rate" not in table else "rate"):
        if name not in table:
            hint = nearest(name, [str(column) for column in table.columns])
            raise InputError(f"the assessments have no column '{name}'", hint=hint)
    listed = [
        _parse_row(row, {str(key): str(value).strip() for key, value in cells.items()}, currency)
        for row, cells in table.iterrows()
    ]
    frame = _make_frame(listed)
    twice = frame.duplicated(["customer_id", "assessed_day"])
    if twice.any():
        row, name = frame.loc[twice, ["row", "customer_id"]].iloc[0]
        what = f"customer '{name}' is assessed twice on one day"
        raise InputError(what, where=f"row {row}", hint="one assessment of a customer for a day")
    return frame


_PARSED = ("customer_id", "rate", "amount", "reason", "assessed_by", "assessed_day", "valid_to_day", "row")
NOBODY = pd.DataFrame({name: pd.Series(dtype="int64" if name.endswith("_day") else "str") for name in _PARSED})
"""The assessments where nobody is assessed."""


def to_plain(assessments: pd.DataFrame) -> list[dict[str, Any]]:
    """Give parsed assessments as JSON can hold them; ``from_plain`` reads them again."""
    rows = assessments[[*_PARSED]].to_dict("records")
    return [
        {str(name): str(value) if isinstance(value, Decimal) else value for name, value in row.items()} for row in rows
    ]


def from_plain(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Read assessments as ``to_plain`` gives them.

    Examples
    --------
    >>> from_plain(to_plain(NOBODY)).equals(NOBODY)
    True
    """
    listed = [{**row, "rate": None if row["rate"] is None else Decimal(row["rate"])} for row in rows]
    return _make_frame(listed) if listed else NOBODY


def _make_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    # Beside a missing one an amount would become a float.
    amounts = pd.Series([row["amount"] for row in rows], dtype=object)
    return pd.DataFrame(rows, columns=[*_PARSED]).assign(amount=amounts)


def _parse_row(row: Hashable, cells: dict[str, str], currency: str) -> dict[str, object]:
    for name in COLUMNS:
        if not cells[name]:
            raise InputError("nothing stands there", where=f"row {row}, column {name}", hint="every assessment says it")
    rate, amount = cells.get("rate", ""), cells.get("amount", "")
    if bool(rate) == bool(amount):
        raise InputError("an assessment has a rate or an amount, one of the two", where=f"row {row}")
    last = cells.get("valid_to_on", "")
    return {
        "customer_id": cells["customer_id"],
        "rate": _place(_parse_rate, rate, f"row {row}, column rate") if rate else None,
        "amount": _place(lambda text: _parse_amount(text, currency), amount, f"row {row}, column amount")
        if amount
        else None,
        "reason": cells["reason"],
        "assessed_by": cells["assessed_by"],
        "assessed_day": _place(day_of, cells["assessed_on"], f"row {row}, column assessed_on"),
        "valid_to_day": _place(day_of, last, f"row {row}, column valid_to_on") if last else NEVER,
        "row": row,
    }


def _place(parse: Callable[[str], _Value], text: str, where: str) -> _Value:
    try:
        return parse(text)
    except InputError as error:
        raise InputError(error.what, where=where, hint=error.hint) from error


def _parse_rate(text: str) -> Decimal:
    rate = _parse_number(text)
    if not 0 <= rate <= 1:
        raise InputError(f"the rate {text} is not a share", hint="a share between 0 and 1, such as 0.4 for 40 %")
    return rate


def _parse_amount(text: str, currency: str) -> int:
    minor = _parse_number(text).scaleb(exponent(currency))
    if minor < 0 or minor != int(minor):
        hint = f"an amount of 0 or more in {currency}, with no more decimals than it has"
        raise InputError(f"the amount {text} is not one of {currency}", hint=hint)
    return int(minor)


def _parse_number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise InputError(f"'{text}' is not a number", hint="a plain decimal number, such as 12500.00")
    return number
