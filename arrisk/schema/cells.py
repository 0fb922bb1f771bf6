"""Reads one column as text, dates or numbers, whatever type it comes in."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.frames import Mask, to_text
from arrisk.money import to_doubles

_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$"


def read_text(values: pd.Series) -> pd.Series:
    """Give trimmed text; empty text is missing. Whole numbers keep no ``.0``."""
    return pd.Series(pd.array(_trim(values), dtype="str"))


def _trim(values: pd.Series) -> pa.Array:
    text = to_text(values)
    trimmed = pc.utf8_trim_whitespace(text)
    # What needs no trimming stands in memory once, as it was given.
    trimmed = text if trimmed.equals(text) else trimmed
    blank = pc.equal(trimmed, "")
    return pc.if_else(blank, pa.scalar(None, trimmed.type), trimmed) if pc.any(blank).as_py() else trimmed


def read_dates(values: pd.Series) -> tuple[pd.Series, Mask]:
    """Read ISO dates and typed dates; a time of day is cut off, as it stands in its own time zone.

    Returns
    -------
    (series of datetime64[s], mask)
        Unreadable and missing dates are NaT; the mask marks the missing ones.

    Examples
    --------
    >>> read_dates(pd.Series(["2024-01-31 08:15", "31.01.2024", None]))[0].tolist()
    [Timestamp('2024-01-31 00:00:00'), NaT, NaT]
    """
    typed = _read_typed_dates(values)
    if typed is not None:
        days, is_missing = typed.astype("datetime64[s]"), np.isnat(typed)
        is_same = values.dtype == days.dtype and bool(((values.to_numpy() == days) | is_missing).all())
        return values.rename(None) if is_same else pd.Series(days), is_missing
    text = _trim(values)
    is_iso = pc.fill_null(pc.match_substring_regex(text, _ISO), False)
    days = pc.if_else(is_iso, pc.utf8_slice_codeunits(text, 0, 10), pa.scalar(None, text.type))
    return _parse_iso(days), pc.is_null(text).to_numpy(zero_copy_only=False)


def _read_typed_dates(values: pd.Series) -> npt.NDArray[np.datetime64] | None:
    """Give the days of a column that holds moments or days already; None where it does not."""
    if isinstance(values.dtype, pd.ArrowDtype):
        array = pa.array(values, from_pandas=True)
        if pa.types.is_timestamp(array.type) and array.type.tz:
            array = pc.local_timestamp(array)
        if not (pa.types.is_timestamp(array.type) or pa.types.is_date(array.type)):
            return None
        return np.asarray(array.to_numpy(zero_copy_only=False)).astype("datetime64[D]")
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return None
    local = values.dt.tz_localize(None) if isinstance(values.dtype, pd.DatetimeTZDtype) else values
    return np.asarray(local.to_numpy()).astype("datetime64[D]")


def _parse_iso(text: pa.Array) -> pd.Series:
    try:
        days = pc.cast(text, pa.date32())
        return pd.Series(days.to_numpy(zero_copy_only=False).astype("datetime64[s]"))
    except pa.ArrowInvalid:
        # Some text looks like a date and is none, such as 2023-02-30: find out which, slowly.
        listed = pd.Series(pd.array(text, dtype="str"))
        return pd.to_datetime(listed, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")


def read_numbers(values: pd.Series) -> pd.Series:
    """Read plain decimals as float64; what is none becomes missing.

    Examples
    --------
    >>> read_numbers(pd.Series(["1.5", "x", None])).tolist()
    [1.5, nan, nan]
    """
    dtype = values.dtype
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_integer_dtype(dtype):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    elif pd.api.types.is_float_dtype(dtype):
        numbers = to_doubles(values)
    else:
        text = pd.Series(pd.array(to_text(values), dtype="str"))
        numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    return pd.Series(np.where(np.isfinite(numbers), numbers, np.nan))
