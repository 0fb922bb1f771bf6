"""Exact money: int64 minor units of a currency, decimal text in and out.

Nothing inside arrisk adds floating-point money. An amount is read from its decimal text (or from the
nearest cent of a binary number), kept as a count of minor units, and turned into a decimal only where a
person reads it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.errors import InputError
from arrisk.frames import to_arrow, to_text

# ISO 4217: currencies whose minor unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"), 0),
    **dict.fromkeys(("UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_PLAIN = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
_LARGEST = 10**17
"""Minor units above this would not leave room for sums in an int64."""

_POWERS = 10.0 ** np.arange(5)

Minor = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class ParsedAmounts(NamedTuple):
    """Amounts read from text or numbers, each array of the length of the input."""

    minor: Minor
    is_missing: Mask
    is_readable: Mask
    is_rounded: Mask


def exponent(currency: str) -> int:
    """Give the number of decimals of a currency's minor unit (ISO 4217; two where the code is unknown).

    Examples
    --------
    >>> exponent("EUR"), exponent("JPY"), exponent("KWD")
    (2, 0, 3)
    """
    return _EXPONENTS.get(currency, 2)


def exponents(currencies: pd.Series) -> npt.NDArray[np.int64]:
    """Give the exponent of each row's currency."""
    encoded = to_arrow(currencies).dictionary_encode()
    table: npt.NDArray[np.int64] = np.array(
        [exponent(str(name)) for name in encoded.dictionary.to_pylist()] + [2], dtype="int64"
    )
    return np.asarray(table[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)])


def parse_amounts(values: pd.Series, decimals: npt.NDArray[np.int64]) -> ParsedAmounts:
    """Read decimal amounts into minor units.

    Parameters
    ----------
    values : text such as ``-1234.50``, or numbers of any kind.
    decimals : the exponent of each row's currency.

    Returns
    -------
    ParsedAmounts
        Unreadable and missing amounts are 0 in ``minor`` and marked; an amount with more decimals than its
        currency has is rounded half away from zero and marked in ``is_rounded``.

    Examples
    --------
    >>> parse_amounts(pd.Series(["10.05", "1e3", "7.005", None]), np.array([2, 2, 2, 2])).minor.tolist()
    [1005, 0, 701, 0]
    """
    if pd.api.types.is_integer_dtype(values.dtype):
        return _parse_integers(values, decimals)
    if pd.api.types.is_float_dtype(values.dtype):
        return _parse_floats(to_doubles(values), decimals)
    return _parse_texts(values, decimals)


def parse_minor(text: str, currency: str, *, where: str) -> int:
    """Read one amount that a person gives.

    Raises
    ------
    InputError
        When it is none, or has more decimals than its currency.

    Examples
    --------
    >>> parse_minor("-1250.5", "EUR", where="--amount")
    -125050
    """
    parsed = parse_amounts(pd.Series([text], dtype="str"), np.array([exponent(currency)], dtype="int64"))
    if parsed.is_missing[0] or not parsed.is_readable[0] or parsed.is_rounded[0]:
        raise InputError(f"'{text}' is not an amount", where=where, hint="a number such as 1250.00")
    return int(parsed.minor[0])


def to_doubles(values: pd.Series) -> npt.NDArray[np.float64]:
    """Give binary numbers as doubles; a shorter one becomes the double of the decimal that it prints as."""
    numbers = values.to_numpy(na_value=np.nan)
    return numbers if numbers.dtype == np.float64 else numbers.astype("str").astype("float64")


def _parse_integers(values: pd.Series, decimals: npt.NDArray[np.int64]) -> ParsedAmounts:
    missing = values.isna().to_numpy()
    largest = _LARGEST // 10 ** int(decimals.max(initial=0))
    filled = values.fillna(0)
    readable = ~missing & filled.between(-largest, largest).to_numpy(dtype=bool)
    whole = filled.where(readable, 0).to_numpy(dtype="int64")
    return ParsedAmounts(whole * 10**decimals, missing, readable, np.zeros(len(values), bool))


def _parse_floats(values: npt.NDArray[np.float64], decimals: npt.NDArray[np.int64]) -> ParsedAmounts:
    missing = np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = values * _POWERS[decimals]
        readable = np.abs(scaled) <= _LARGEST
    scaled = np.where(readable, scaled, 0.0)
    whole = np.rint(scaled)
    rounded = np.zeros(len(values), dtype=bool)
    between = np.flatnonzero(np.abs(scaled - whole) > 1e-7)
    whole[between], rounded[between] = _round_half_up(scaled[between])
    return ParsedAmounts(whole.astype("int64"), missing, readable, rounded)


def _round_half_up(scaled: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], Mask]:
    """Round half away from zero; the mask marks the numbers that were not whole."""
    whole = np.trunc(scaled)
    rest = np.abs(scaled - whole)
    # A binary number stands for the decimal it prints as: 1.005 means 1.005, though it is stored a little
    # below. How far below grows with the amount; where doubles lie more than an eighth of a unit apart
    # nobody can say.
    step = np.spacing(np.abs(scaled))
    whole += np.copysign(rest >= 0.5 - np.minimum(2 * step, 0.125), scaled)
    return whole, np.abs(scaled - whole) > 1e-6 + 4 * step


def _parse_texts(values: pd.Series, decimals: npt.NDArray[np.int64]) -> ParsedAmounts:
    text = pc.utf8_trim_whitespace(_write_decimals(values))
    missing = pc.fill_null(pc.equal(text, ""), True).to_numpy(zero_copy_only=False)
    plain = pc.fill_null(pc.match_substring_regex(text, _PLAIN), False)
    stripped = pc.utf8_ltrim(pc.if_else(plain, text, "0"), characters="+")
    return _assemble(stripped, decimals, np.asarray(missing), plain.to_numpy(zero_copy_only=False))


def _write_decimals(values: pd.Series) -> pa.Array:
    dtype = values.dtype
    inner = dtype.pyarrow_dtype if isinstance(dtype, pd.ArrowDtype) else None
    # With up to six decimals Arrow writes no exponent, and it is much faster than writing each.
    if inner is not None and pa.types.is_decimal(inner) and 0 <= inner.scale <= 6:
        return to_arrow(values.astype("str"))
    return to_text(values)


def _split_decimal(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    unsigned = pc.utf8_ltrim(text, characters="-0")
    integral = pc.replace_substring_regex(unsigned, r"\..*$", "")
    fraction = pc.replace_substring_regex(unsigned, r"^[^.]*\.?", "")
    return integral, fraction


def _assemble(text: pa.Array, decimals: npt.NDArray[np.int64], missing: Mask, plain: Mask) -> ParsedAmounts:
    integral, fraction = _split_decimal(text)
    fits = pc.less_equal(pc.utf8_length(integral), 18).to_numpy(zero_copy_only=False)
    safe = pc.if_else(pa.array(fits), pc.if_else(pc.equal(integral, ""), "0", integral), "0")
    whole = pc.cast(safe, pa.int64()).to_numpy(zero_copy_only=False)
    # Five digits decide every exponent (at most four) and its rounding; the rest only says that a part was
    # cut.
    head = pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(fraction, 5, padding="0"), 0, 5), pa.int64())
    tail = pc.utf8_rtrim(pc.utf8_slice_codeunits(fraction, 5), characters="0")
    cut = 10 ** (5 - decimals)
    parts = head.to_numpy(zero_copy_only=False)
    minor = whole * 10**decimals + (parts + cut // 2) // cut
    rounded = (parts % cut != 0) | pc.greater(pc.utf8_length(tail), 0).to_numpy(zero_copy_only=False)
    readable = plain & fits & ~missing & (whole <= _LARGEST // 10**decimals)
    sign = np.where(pc.starts_with(text, "-").to_numpy(zero_copy_only=False), -1, 1)
    return ParsedAmounts(np.where(readable, sign * minor, 0), missing, readable, rounded & readable)


def to_major(minor: npt.ArrayLike, currencies: pd.Series) -> npt.NDArray[np.float64]:
    """Turn minor units into decimal amounts, each the double nearest to the exact decimal.

    Examples
    --------
    >>> to_major([1005, 1005], pd.Series(["EUR", "JPY"]))
    array([  10.05, 1005.  ])
    """
    return np.asarray(np.asarray(minor, dtype="int64") / _POWERS[exponents(currencies)])


def to_decimals(frame: pd.DataFrame, amounts: Sequence[str]) -> pd.DataFrame:
    """Give a frame's money columns in decimal major units of each row's ``currency``."""
    return frame.assign(**{name: to_major(frame[name], frame["currency"]) for name in amounts})


def format_minor(minor: int, currency: str) -> str:
    """Write an amount exactly, with its currency's decimals and thousands separators.

    Examples
    --------
    >>> format_minor(-123456789, "EUR"), format_minor(1500, "JPY")
    ('-1,234,567.89', '1,500')
    """
    decimals = exponent(currency)
    sign = "-" if minor < 0 else ""
    whole, part = divmod(abs(int(minor)), 10**decimals)
    return f"{sign}{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")


def write_minor(minor: int, currency: str) -> str:
    """Write an amount as a plain decimal, as it would stand in a file.

    Examples
    --------
    >>> write_minor(-123456789, "EUR")
    '-1234567.89'
    """
    return format_minor(minor, currency).replace(",", "")


def divide_half_up(numerator: Minor, denominator: Minor) -> Minor:
    """Divide whole numbers, rounding half away from zero.

    Examples
    --------
    >>> divide_half_up(np.array([5, -5, 4]), np.array([10, 10, 10])).tolist()
    [1, -1, 0]
    """
    size = (2 * np.abs(numerator) + denominator) // (2 * denominator)
    return np.where(numerator < 0, -size, size)


def spread_minor(amount: int, weights: Sequence[int]) -> list[int]:
    """Spread an amount in proportion to weights, so that the parts sum to it exactly.

    Parameters
    ----------
    amount : minor units.
    weights : one per part, none negative; where all are 0 the first part takes all.

    Returns
    -------
    list of int
        Each part is its exact share rounded down or up; those cut by most are rounded up, the first of equals first.

    Examples
    --------
    >>> spread_minor(100, [1, 1, 1]), spread_minor(-5, [3, 0, 1])
    ([34, 33, 33], [-4, 0, -1])
    """
    whole = sum(weights)
    if not whole:
        return [amount, *[0] * (len(weights) - 1)]
    # Python's whole numbers: the product of two amounts does not always fit 64 bits.
    shares = [divmod(abs(amount) * int(weight), whole) for weight in weights]
    left = abs(amount) - sum(share for share, _ in shares)
    raised = set(sorted(range(len(shares)), key=lambda place: -shares[place][1])[:left])
    sign = -1 if amount < 0 else 1
    return [sign * (share + (place in raised)) for place, (share, _) in enumerate(shares)]
