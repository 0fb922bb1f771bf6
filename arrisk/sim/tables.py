"""From arrays to canonical tables: ids, dates, exact amounts, and the cut at the end of the extract."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.frames import NEVER, to_dates
from arrisk.sim.timeline import Ints


def make_ids(prefix: str, numbers: Ints, digits: int) -> pd.Series:
    """Ids such as C000012, counted from 1; a negative number gives a missing id.

    >>> make_ids("C", np.array([0, -1]), 3).tolist()
    ['C001', nan]
    """
    whole = pa.array(np.asarray(numbers, dtype=np.int64) + 1, mask=np.asarray(numbers) < 0)
    padded = pc.utf8_lpad(pc.cast(whole, pa.string()), digits, padding="0")
    return pd.Series(pc.binary_join_element_wise(prefix, padded, ""), dtype="str")


def to_text(values: npt.ArrayLike) -> pd.Series:
    """Turn values into a column of pandas' string kind."""
    return pd.Series(values, dtype="str")


def finish(
    frame: pd.DataFrame,
    *,
    end_day: int,
    event: str,
    late: Sequence[str] = (),
    planned: Sequence[str] = (),
    money: Sequence[str] = ("amount",),
) -> pd.DataFrame:
    """Cut a table at the end of the extract and give it dates and amounts.

    Parameters
    ----------
    frame : columns `*_on` as days, amounts in minor units.
    end_day : last day covered; rows whose event or knowledge is later are not in the extract.
    event : column with the row's own day.
    late : columns of days that are filled after their row; those after the end are blank.
    planned : columns of days that may lie after the end, such as due dates.
    money : columns in minor units (of two decimals).

    Returns
    -------
    DataFrame
        A new frame in the same order: dates as datetime64[s], amounts as the doubles nearest to the decimals.
    """
    known = frame["known_on"] if "known_on" in frame else frame[event]
    has_known = (known != NEVER).to_numpy()
    seen = (frame[event].to_numpy() <= end_day) & (~has_known | (known.to_numpy() <= end_day))
    result = frame[seen].reset_index(drop=True)
    for column in late:
        result[column] = result[column].where(result[column] <= end_day, NEVER)
    for column in {event, *late, *planned, "known_on"} & set(result.columns):
        result[column] = to_dates(result[column].to_numpy())
    for column in money:
        result[column] = result[column].to_numpy() / 100
    for column in result.columns[result.dtypes == "object"]:
        result[column] = to_text(result[column])
    return result
