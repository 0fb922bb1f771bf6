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


def look_up_attributes(attributes: pd.DataFrame, dated: Dated, *, customer: Ints, days: Ints, order: Ints) -> pd.DataFrame:
    """Give each attribute as it was known at each question.

    Parameters
    ----------
    attributes : the checked table.
    dated : its rows by customer and day.
    customer, days : of each question, in the order in which they are answered.
    order : the place of each of those questions in the caller's frame.

    Returns
    -------
    DataFrame
        One row per question in the caller's order, one float64 column per attribute, named ``attribute_`` and its
        column; missing where nothing was known or the value is no number.
    """
    columns: dict[str, Floats] = {}
    names = list_attributes(attributes)
    found = find_latest(dated, customer, days, days) if names else order
    for name in names:
        values = read_values(attributes[name])
        answers = np.empty(len(order))
        answers[order] = np.where(found >= 0, values[found], np.nan) if len(values) else np.nan
        columns[PREFIX + name] = answers
    return pd.DataFrame(columns, index=pd.RangeIndex(len(order)))
