"""Values as an answer gives them, and the short words in which a chart writes them."""

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from arrisk.errors import InputError

Number = float | Decimal | str | None
"""A number, or its decimal text, as money is answered; None and NaN = missing."""

Day = date | str
"""A day, or its text, YYYY-MM-DD."""

Unit = Literal["money", "days", "share", "number"]
"""Money is in major units, a share between 0 and 1."""

UNKNOWN = "not known"
SPACE = "\u00a0"
_SIZES = ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))
_SHORTENED_FROM = 10_000


def read_number(value: Number) -> float | None:
    """Give a number; None where it is missing or not finite.

    Raises
    ------
    InputError
        When a text is no number.
    """
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError as error:
        raise InputError(f"'{value}' is not a number", where="a chart", hint="a number such as 1250.00") from error
    return number if math.isfinite(number) else None


def read_day(value: Day) -> date:
    """Give a day.

    Raises
    ------
    InputError
        When a text is no day.
    """
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise InputError(f"'{value}' is not a day", where="a chart", hint="YYYY-MM-DD") from error


def write_value(value: float | None, unit: Unit) -> str:
    """Write a value with three figures.

    Examples
    --------
    >>> [write_value(value, "money").replace(SPACE, " ") for value in (1_234_567, -25_000, 9_999, 0.5)]
    ['1.23 M', '−25 k', '9,999', '0.5']
    >>> [write_value(value, "share").replace(SPACE, " ") for value in (0.1234, 1)]
    ['12.3 %', '100 %']
    >>> write_value(1, "days").replace(SPACE, " ")
    '1 day'
    """
    if value is None:
        return UNKNOWN
    if unit == "share":
        return _round(100 * value) + f"{SPACE}%"
    if unit == "days":
        return _round(value) + SPACE + ("day" if abs(value) == 1 else "days")
    size, letter = _choose_size(value)
    return _round(value / size) + letter


def write_change(value: float | None, unit: Unit) -> str:
    """Write a change with its sign.

    Examples
    --------
    >>> write_change(0.423, "number"), write_change(-2, "number"), write_change(0, "number")
    ('+0.423', '−2', '0')
    """
    return ("+" if value is not None and value > 0 else "") + write_value(value, unit)


def write_ticks(ticks: Sequence[float], unit: Unit) -> list[str]:
    """Write the numbers of an axis alike: one size, as many decimals as their steps need.

    Examples
    --------
    >>> [word.replace(SPACE, " ") for word in write_ticks([0, 500_000, 1_000_000], "money")]
    ['0', '0.5 M', '1.0 M']
    """
    size, letter = _choose_size(max(map(abs, ticks)))
    if unit in {"share", "days"}:
        size, letter = (0.01, f"{SPACE}%") if unit == "share" else (1, "")
    step = (ticks[1] - ticks[0]) / size
    decimals = next((count for count in range(9) if math.isclose(round(step, count), step)), 9)
    return [f"{tick / size:,.{decimals}f}{letter}".replace("-", "−") if tick else "0" for tick in ticks]


def _choose_size(value: float) -> tuple[float, str]:
    if abs(value) < _SHORTENED_FROM:
        return 1, ""
    # 999,999 is written as 1 M.
    rounded = abs(float(f"{value:.3g}"))
    return next((size, SPACE + letter) for size, letter in _SIZES if rounded >= size)


def _round(value: float) -> str:
    if not value:
        return "0"
    rounded = Decimal(f"{value:.3g}")
    if rounded == rounded.to_integral_value():
        # From a thousand on a whole number is as short as a rounded one.
        return f"{value if abs(value) >= 1000 else rounded:,.0f}".replace("-", "−")
    return f"{rounded:f}".replace("-", "−")
