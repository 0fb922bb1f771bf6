"""Results as plain data that JSON can hold."""

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd


def to_plain(value: object) -> object:
    """Give a result as plain data: frames as lists of rows, days as YYYY-MM-DD, what is missing or infinite as None.

    Examples
    --------
    >>> to_plain({"rows": pd.DataFrame({"day": [date(2026, 1, 5)], "amount": [float("nan")]})})
    {'rows': [{'day': '2026-01-05', 'amount': None}]}
    """
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, pd.DataFrame):
        return [to_plain(row) for row in value.to_dict("records")]
    if isinstance(value, list | tuple | np.ndarray | pd.Series):
        return [to_plain(item) for item in value]
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value.isoformat()[:10] if isinstance(value, date) else value
