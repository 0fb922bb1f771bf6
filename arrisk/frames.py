"""Days, keys and visibility: the few things that every module does with a frame.

Inside the core a day is an int64: days since 1970-01-01. ``NEVER`` is the day that does not come; a missing
day is ``NEVER`` too, so that "has not happened yet" needs no second case.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.errors import InputError

NEVER: int = 2**31 - 1
"""The day that does not come, and the missing day."""

Days = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_NAT = np.iinfo(np.int64).min
_EPOCH = date(1970, 1, 1).toordinal()
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
"""Days beyond these are slips: no ledger holds them."""
_DIGITS = 40
"""Numbers with more digits than this are written with an exponent."""
_WORKERS = 2
_MANY_ROWS = 50_000
_FEW, _LARGE = 4, 1_000_000
_Result = TypeVar("_Result")


def to_days(values: pd.Series | pd.DatetimeIndex) -> Days:
    """Turn dates of any resolution into days since 1970-01-01; a missing date becomes ``NEVER``.

    Examples
    --------
    >>> to_days(pd.Series(pd.to_datetime(["1970-01-02", None])))
    array([         1, 2147483647])
    """
    # pandas dates come in several resolutions; going through datetime64[D] is right for all of them.
    days = np.asarray(values.to_numpy(dtype="datetime64[D]")).astype("int64")
    return np.where(days == _NAT, NEVER, days)


def to_dates(days: npt.ArrayLike, *, index: pd.Index | None = None) -> pd.Series:
    """Turn days since 1970-01-01 into a series of dates; ``NEVER`` becomes missing.

    Examples
    --------
    >>> to_dates([1, NEVER]).tolist()
    [Timestamp('1970-01-02 00:00:00'), NaT]
    """
    whole = np.asarray(days, dtype="int64")
    stamps = np.where(whole >= NEVER, _NAT, whole).astype("datetime64[D]").astype("datetime64[s]")
    return pd.Series(stamps, index=index)


def day_of(value: date | str | pd.Timestamp) -> int:
    """Turn one date, or its ISO text, into its day number.

    Raises
    ------
    InputError
        When the text is not a date of the form YYYY-MM-DD, or one that no ledger can hold.

    Examples
    --------
    >>> day_of("1970-01-11")
    10
    """
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
        # Python also reads 20241231 and 2024-W01-1, which are as likely to be slips as dates.
        if isinstance(value, str) and day.isoformat() != value:
            raise ValueError
        number = day.toordinal() - _EPOCH
    except (ValueError, TypeError) as error:
        raise InputError(f"'{value}' is not a date", hint="YYYY-MM-DD, such as 2024-12-31") from error
    if isinstance(value, str) and not EARLIEST <= day <= LATEST:
        raise InputError(f"no ledger is of {value}", hint=f"a day between {EARLIEST} and {LATEST}")
    return number


def date_of(day: int) -> date:
    """Turn a day number into a date.

    Examples
    --------
    >>> date_of(10)
    datetime.date(1970, 1, 11)
    """
    return date.fromordinal(_EPOCH + int(day))


def to_arrow(values: pd.Series) -> pa.Array:
    """Give a series of ids as one Arrow string array, without copying where it is Arrow-backed already."""
    array = pa.array(values, from_pandas=True, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def to_text(values: pd.Series) -> pa.Array:
    """Write any column as text: missing stays missing, a whole number has no decimals.

    Examples
    --------
    >>> to_text(pd.Series([7.0, None, 2.5])).to_pylist()
    ['7', None, '2.5']
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        return to_text(pd.Series(dtype.categories)).take(pa.array(codes, mask=codes < 0))
    if isinstance(dtype, pd.StringDtype) or pd.api.types.is_integer_dtype(dtype) or _holds_arrow_text(dtype):
        return pc.cast(pa.array(values, from_pandas=True), pa.large_string())
    if pd.api.types.is_object_dtype(dtype):
        try:
            return to_arrow(values)
        except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
            return _write_each(values)
    if pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_bool_dtype(dtype):
        return to_arrow(values.astype("str").where(values.notna()))
    return _write_each(values.astype(object))


def _holds_arrow_text(dtype: object) -> bool:
    if not isinstance(dtype, pd.ArrowDtype):
        return False
    inner = dtype.pyarrow_dtype
    inner = inner.value_type if pa.types.is_dictionary(inner) else inner
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _write_each(values: pd.Series) -> pa.Array:
    texts = [None if gone else _write(cell) for cell, gone in zip(values, values.isna(), strict=True)]
    return pa.array(texts, pa.large_string())


def _write(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, float):
        cell = Decimal(repr(float(cell))).normalize()
    if isinstance(cell, Decimal) and cell.is_finite() and abs(cell.adjusted()) < _DIGITS:
        return f"{cell:f}"
    # A lone half of a surrogate pair cannot be stored as UTF-8.
    return str(cell).encode("utf-8", "replace").decode("utf-8")


def match(values: pd.Series, keys: pd.Series) -> Days:
    """Find each value's position among the keys.

    Parameters
    ----------
    values : ids to look up, any length.
    keys : ids to find them in; of equal keys the first is found.

    Returns
    -------
    array of int64
        Position in ``keys``, or -1 where the value is missing or not there.

    Examples
    --------
    >>> match(pd.Series(["b", "x", None]), pd.Series(["a", "b"]))
    array([ 1, -1, -1])
    """
    if not len(values) or not len(keys):
        return np.full(len(values), -1, dtype="int64")
    if len(values) * _FEW < len(keys):
        return _match_few(to_arrow(values).dictionary_encode(), to_arrow(keys))
    return _index(to_arrow(values), to_arrow(keys))


def _index(values: pa.Array, keys: pa.Array) -> Days:
    found = pc.index_in(values, value_set=keys, skip_nulls=True)
    places = np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False)).astype("int64")
    if len(keys) > _LARGE:
        # Arrow would keep the memory of its table of so many keys.
        pa.default_memory_pool().release_unused()
    return places


def _match_few(values: pa.DictionaryArray, keys: pa.Array) -> Days:
    """Match the other way round: a table of few values fits into the processor's cache, one of many keys does not."""
    place = _index(keys, values.dictionary)
    # Of equal keys the first is written last.
    rows = np.flatnonzero(place >= 0)[::-1]
    first = np.full(len(values.dictionary) + 1, -1, dtype="int64")
    first[place[rows]] = rows
    return np.asarray(first[pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False)])


def take(values: npt.NDArray[np.generic], positions: Days, missing: int) -> Days:
    """Take integer values by position; position -1 gives ``missing``.

    Examples
    --------
    >>> take(np.array([7, 8]), np.array([1, -1]), missing=0)
    array([8, 0])
    """
    if not len(values):
        return np.full(len(positions), missing, dtype="int64")
    return np.where(positions >= 0, values[positions], missing).astype("int64")


def sum_matched(values: pd.Series, amounts: npt.ArrayLike, keys: pd.Series) -> Days:
    """Sum whole amounts by id, in order of the keys; what is of no key is left out.

    Examples
    --------
    >>> sum_matched(pd.Series(["b", "a", "b", "x"]), [1, 2, 4, 8], pd.Series(["a", "b", "c"]))
    array([2, 5, 0])
    """
    place = match(values, keys)
    sums = np.zeros(len(keys), dtype="int64")
    np.add.at(sums, place[place >= 0], np.asarray(amounts, dtype="int64")[place >= 0])
    return sums


def is_visible(frame: pd.DataFrame, *, as_of_day: int) -> Mask:
    """Mark the row versions that were known before the start of a day and not yet replaced by then."""
    known = frame["known_day"].to_numpy()
    superseded = frame["superseded_day"].to_numpy()
    return np.asarray((known < as_of_day) & (superseded >= as_of_day))


def visible(frame: pd.DataFrame, *, as_of_day: int) -> pd.DataFrame:
    """Give the row versions that were known before the start of a day, at most one a key.

    Parameters
    ----------
    frame : a checked table, with ``known_day`` and ``superseded_day``.
    as_of_day : the day; strict, a row known on that day is not seen.
    """
    is_seen = is_visible(frame, as_of_day=as_of_day)
    # Nothing is copied where all is seen, as in most books on their last day.
    return (frame if is_seen.all() else frame.loc[is_seen]).reset_index(drop=True)


def concat(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Stack frames of the same columns, keeping the kinds of the columns when some are empty."""
    filled = [frame for frame in frames if len(frame)]
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    return pd.concat(filled or list(frames[:1]), ignore_index=True)


def run_together(tasks: Sequence[Callable[[], _Result]], *, rows: int) -> list[_Result]:
    """Run tasks side by side and give their results in order.

    Worth it where Arrow or NumPy do the work: they release the interpreter meanwhile.

    Parameters
    ----------
    tasks : functions without arguments, each safe to run beside the others.
    rows : how large the job is; a small one is done in less time than threads take to start.

    Examples
    --------
    >>> run_together([lambda: 1, lambda: 2], rows=10**6)
    [1, 2]
    """
    if rows < _MANY_ROWS:
        return [task() for task in tasks]
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        return list(pool.map(_call, tasks))


def _call(task: Callable[[], _Result]) -> _Result:
    return task()
