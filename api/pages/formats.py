"""How figures are shown on a page: the same digits as the API's, easier to read."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

NOTHING: Final = "–"
"""What stands where nothing is known."""


def show_money(amount: str | None, currency: str = "") -> str:
    """Show an amount to the cent, as the API gave it.

    Examples
    --------
    >>> show_money("1234567.50", "USD"), show_money("-20.00"), show_money(None)
    ('1,234,567.50 USD', '−20.00', '–')
    """
    if amount is None:
        return NOTHING
    text = f"{Decimal(amount):,}".replace("-", "−")
    return f"{text} {currency}".rstrip()


def show_share(value: float | str | None, digits: int = 1) -> str:
    """Show a share or a probability in percent.

    Examples
    --------
    >>> show_share(0.0312), show_share(0.5, 0), show_share(None)
    ('3.1 %', '50 %', '–')
    """
    return NOTHING if value is None else f"{100 * float(value):,.{digits}f} %".replace("-", "−")


def show_number(value: float | str | None, digits: int = 0) -> str:
    """Show a number.

    Examples
    --------
    >>> show_number(12345), show_number(-1.26, 1), show_number(None)
    ('12,345', '−1.3', '–')
    """
    return NOTHING if value is None else f"{float(value):,.{digits}f}".replace("-", "−")


def show_day(value: str | date | None) -> str:
    """Show a day.

    Examples
    --------
    >>> show_day("2024-05-02"), show_day(None)
    ('2 May 2024', '–')
    """
    if not value:
        return NOTHING
    day = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return f"{day.day} {day:%b %Y}"


def show_moment(value: str | datetime | None) -> str:
    """Show a moment in UTC to the minute.

    Examples
    --------
    >>> show_moment("2024-05-02T04:30:59+00:00")
    '2 May 2024, 04:30 UTC'
    """
    if not value:
        return NOTHING
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return f"{show_day(moment.date())}, {moment:%H:%M} UTC"


def show_text(value: object) -> str:
    """Show a text; none at all as a dash."""
    return NOTHING if value in (None, "") else str(value)


def show_figure(figure: Mapping[str, Any]) -> str:
    """Show a key figure in its unit.

    Examples
    --------
    >>> show_figure({"unit": "days", "value": 41.26, "amount": None})
    '41.3'
    """
    if figure["amount"] is not None:
        return show_money(figure["amount"])
    return show_share(figure["value"]) if figure["unit"] == "share" else show_number(figure["value"], 1)


def add_amounts(amounts: Iterable[str]) -> str:
    """Add up amounts exactly.

    Examples
    --------
    >>> add_amounts(["0.10", "0.20"])
    '0.30'
    """
    return str(sum(map(Decimal, amounts), Decimal("0.00")))


def take_off(amount: str, other: str) -> str:
    """Take an amount off another one exactly.

    Examples
    --------
    >>> take_off("0.10", "0.30")
    '-0.20'
    """
    return str(Decimal(amount) - Decimal(other))


def take_share(amount: str, whole: str) -> float | None:
    """Give which share of a whole an amount is; None = there is no whole.

    Examples
    --------
    >>> take_share("25.00", "100.00"), take_share("25.00", "0.00")
    (0.25, None)
    """
    return float(Decimal(amount) / Decimal(whole)) if Decimal(whole) else None


def head_numbers(names: Iterable[str]) -> list[tuple[str, str]]:
    """Give the heads of columns of numbers."""
    return [(name.replace("_", " "), "number") for name in names]


def show_words(code: str) -> str:
    """Show a code as words.

    Examples
    --------
    >>> show_words("not_reached")
    'not reached'
    """
    return code.replace("_", " ")


def has_amount(amount: str) -> bool:
    """Whether an amount is not zero.

    Examples
    --------
    >>> has_amount("0.00"), has_amount("-0.01")
    (False, True)
    """
    return Decimal(amount) != 0


def show_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Give codes with their words, for a field that chooses."""
    return [(code, show_words(code)) for code in codes]


def word_dates(pattern: str) -> tuple[str, str]:
    """Give a format of days with the last day of 2024 written so.

    Examples
    --------
    >>> word_dates("%d.%m.%Y")
    ('%d.%m.%Y', '31.12.2024')
    """
    return pattern, date(2024, 12, 31).strftime(pattern)


def word_signs(code: str) -> tuple[str, str]:
    """Give the signs of decimals and thousands with an amount written so.

    Examples
    --------
    >>> word_signs(",."), word_signs(".")
    ((',.', '1.234,50'), ('.', '1234.50'))
    """
    return code, f"1{code[1:]}234{code[:1]}50"


def show_plain(value: object) -> str:
    """Show a fact of a ledger, whatever it is; a whole number without decimals.

    Examples
    --------
    >>> show_plain(649.0), show_plain(0.125), show_plain("SA"), show_plain(None)
    ('649', '0.125', 'SA', '–')
    """
    if isinstance(value, float) and value.is_integer():
        return show_number(value)
    return show_text(value)


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "money": show_money,
    "share": show_share,
    "number": show_number,
    "day": show_day,
    "moment": show_moment,
    "plain": show_plain,
    "shown": show_text,
    "dated": word_dates,
    "signed": word_signs,
    "figure": show_figure,
    "part_of": take_share,
    "sum_amounts": add_amounts,
    "less": take_off,
    "words": show_words,
    "worded": show_choices,
    "has_amount": has_amount,
}
"""By name: the filters of the templates."""
