"""Reads the general ledger's control account: its balance by day and currency."""

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.errors import BookError, nearest
from arrisk.frames import Mask, to_days
from arrisk.schema.cells import read_dates, read_text

_COLUMNS = ("day", "amount")


def read_control(raw: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Read the balances of the control account.

    Parameters
    ----------
    raw : columns day and amount (decimal, in major units) as text or typed, and currency; other columns are
        not used.
    currency : what a missing currency stands for.

    Returns
    -------
    DataFrame
        One row per day and currency, in order: day (int64), currency, amount (int64 minor units).

    Raises
    ------
    BookError
        When a column is missing, nothing can be read, or a day stands twice.

    Examples
    --------
    >>> raw = pd.DataFrame({"day": ["1970-01-31"], "amount": ["12.50"]})
    >>> read_control(raw, currency="EUR").values.tolist()
    [[30, 'EUR', 1250]]
    """
    for name in _COLUMNS:
        if name not in raw:
            hint = f"{nearest(name, map(str, raw.columns))} A control file has the columns day, amount, currency"
            raise BookError(f"the column '{name}' is missing", where="control account", hint=hint)
    if not len(raw):
        raise BookError("there is no balance to compare with", where="control account", hint="export it again")
    dates, _ = read_dates(raw["day"].reset_index(drop=True))
    _refuse(dates.isna().to_numpy(), raw["day"], "day", "is not a date", "write YYYY-MM-DD")
    codes = read_text(raw["currency"]) if "currency" in raw else pd.Series(currency, index=range(len(raw)))
    codes = codes.fillna(currency).astype("str")
    parsed = money.parse_amounts(raw["amount"].reset_index(drop=True), money.exponents(codes))
    hint = "write a plain decimal such as 1234.50"
    _refuse(~parsed.is_readable, raw["amount"], "amount", "is not an amount", hint)
    frame = pd.DataFrame({"day": to_days(dates), "currency": codes, "amount": parsed.minor})
    twice = frame.duplicated(["day", "currency"]).to_numpy()
    _refuse(twice, raw["day"], "day", "stands twice", "one balance per day and currency")
    return frame.sort_values(["currency", "day"], ignore_index=True)


def _refuse(wrong: Mask, values: pd.Series, column: str, what: str, hint: str) -> None:
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        place = f"control account, row {first + 1}, {column}"
        raise BookError(f"'{values.iloc[first]}' {what}", where=place, hint=hint)
