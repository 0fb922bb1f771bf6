"""Whatever else is known of a customer becomes a feature without code: one column per numeric attribute."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.features.grouping import Dated, Ints, find_latest
from arrisk.schema import TABLES

Floats = npt.NDArray[np.float64]

PREFIX = "attribute_"
"""How the columns of attributes begin."""

_SAID = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_OWN = frozenset({column.name for column in TABLES["attributes"].all_columns} | {"known_day", "superseded_day"})


def list_attributes(attributes: pd.DataFrame) -> list[str]:
    """Name the attribute columns of the table.

    Examples
    --------
    >>> list_attributes(pd.DataFrame(columns=["customer_id", "known_on", "bureau_score"]))
    ['bureau_score']
    """
    return [str(name) for name in attributes.columns if name not in _OWN]


def read_values(column: pd.Series) -> Floats:
    """Read an attribute as numbers: yes and true are 1, no and false are 0, other text is missing.

    Each value is read by itself: what it means must not depend on a row that comes later.

    Examples
    --------
    >>> read_values(pd.Series(["1.5", "yes", "No", "AAA"]))
    array([1.5, 1. , 0. , nan])
    """
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(numbers)
    said = column.str.lower().map(_SAID).to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(numbers), said, numbers)


def look_up_attributes(attributes: pd.DataFrame, dated: Dated, *, customer: Ints, days: Ints) -> dict[str, Floats]:
    """Give each attribute as it was known at each question.

    Parameters
    ----------
    attributes : the checked table.
    dated : its rows by customer and day.
    customer, days : of each question.

    Returns
    -------
    dict of arrays
        One float64 column per attribute, named ``attribute_`` and its column; missing where nothing was known or the
        value is no number.
    """
    names = list_attributes(attributes)
    if not names:
        return {}
    found = find_latest(dated, customer, days, days)
    columns: dict[str, Floats] = {}
    for name in names:
        values = read_values(attributes[name])
        columns[PREFIX + name] = (
            np.where(found >= 0, values[found], np.nan) if len(values) else np.full(len(found), np.nan)
        )
    return columns
