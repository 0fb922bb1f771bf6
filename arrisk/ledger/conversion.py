"""Several currencies: look at one alone, or turn all into the book currency at a day's rates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import money
from arrisk.errors import CurrencyError, nearest
from arrisk.frames import Days, Mask, day_of, match, to_days, visible
from arrisk.schema import Book

_OWN_CURRENCY = ("invoices", "payments", "limits", "orders", "collateral")
_OF_INVOICE = ("disputes", "write_offs", "recoveries")


def restrict_currency(book: Book, currency: str) -> Book:
    """Keep the rows of one currency and make it the book currency.

    What belongs to an invoice goes with it. Rates are left out, since they are prices in the former book
    currency; so are credit applications where the book currency changes, because their amounts are in it.

    Parameters
    ----------
    book : a checked book.
    currency : ISO 4217.

    Raises
    ------
    CurrencyError
        When no invoice and no receipt is in that currency.
    """
    used = {str(name) for table in ("invoices", "payments") for name in book[table]["currency"].unique()}
    if currency not in used:
        raise CurrencyError(f"nothing in the ledger is in {currency}", hint=nearest(currency, used))
    tables = {name: _where(book[name], (book[name]["currency"] == currency).to_numpy()) for name in _OWN_CURRENCY}
    invoice_ids, payment_ids = tables["invoices"]["invoice_id"], tables["payments"]["payment_id"]
    for name in _OF_INVOICE:
        tables[name] = _where(book[name], match(book[name]["invoice_id"], invoice_ids) >= 0)
    applied = book["allocations"]
    # A receipt applied to an invoice of another currency has lost that part: it must not look unapplied.
    to_kept, from_kept = (
        match(applied["invoice_id"], invoice_ids),
        match(applied["payment_id"], payment_ids),
    )
    tables["allocations"] = _where(applied, (to_kept >= 0) | (from_kept >= 0))
    if currency != book.currency:
        tables["applications"] = book["applications"].iloc[:0]
    tables["rates"] = book["rates"].iloc[:0]
    return Book(book.name, currency, book.extract_end_on, {**book.tables, **tables})


def _where(frame: pd.DataFrame, keep: Mask) -> pd.DataFrame:
    return frame.loc[keep].reset_index(drop=True)


def to_book_currency(
    frame: pd.DataFrame, book: Book, *, amounts: Sequence[str], as_of: date, on: date | None = None
) -> pd.DataFrame:
    """Convert amounts into the book currency, each at its currency's newest rate of a day.

    Every total that adds across currencies goes through here.

    Parameters
    ----------
    frame : rows with a ``currency``.
    book : gives the rates and the book currency.
    amounts : names of the columns to convert, int64 minor units.
    as_of : only rates known before the start of this day count.
    on : the day of the rates, that is, none later; None = ``as_of``.

    Returns
    -------
    DataFrame
        The same rows, the amounts as int64 minor units of the book currency (each rounded half away from
        zero), ``currency`` the book currency throughout.

    Raises
    ------
    CurrencyError
        When a currency of the frame has no rate; it names the pairs.
    """
    codes, names = pd.factorize(frame["currency"])
    foreign = [(code, str(name)) for code, name in enumerate(names) if name != book.currency]
    rates = list_newest_rates(book, as_of=as_of, on=on) if foreign else {}
    _require_rates([name for _, name in foreign], rates, book.currency, on or as_of)
    columns = {column: frame[column].to_numpy(dtype="int64", copy=True) for column in amounts}
    for code, name in foreign:
        rows = codes == code
        for values in columns.values():
            values[rows] = convert_minor(values[rows], rates[name], source=name, target=book.currency)
    return frame.assign(**columns, currency=pd.Series(book.currency, index=frame.index, dtype="str"))


def list_newest_rates(book: Book, *, as_of: date, on: date | None = None) -> dict[str, float]:
    """Give each currency's newest rate of a day: book currency for one unit.

    Parameters
    ----------
    book : a checked book.
    as_of : only rates known before the start of this day count.
    on : the day of the rates, that is, none later; None = ``as_of``.
    """
    rates = visible(book["rates"], as_of_day=day_of(as_of))
    usable = (to_days(rates["rate_on"]) <= day_of(on or as_of)) & (rates["rate"] > 0).to_numpy()
    newest = rates.loc[usable].sort_values(["currency", "rate_on"]).drop_duplicates("currency", keep="last")
    return dict(zip(newest["currency"].astype(str), newest["rate"].astype(float), strict=True))


def list_unit_worths(currencies: pd.Series, book: Book, *, as_of: date) -> npt.NDArray[np.float64]:
    """Give what a minor unit of each currency is worth in major units of the book currency, NaN without a rate.

    Parameters
    ----------
    currencies : shape (n,).
    book : a checked book.
    as_of : the day of the rates; only those known before its start count.
    """
    rates = pd.Series(list_newest_rates(book, as_of=as_of) | {book.currency: 1.0}, dtype="float64")
    return np.asarray(currencies.map(rates).to_numpy(dtype="float64") / 10.0 ** money.exponents(currencies))


def _require_rates(needed: Sequence[str], rates: dict[str, float], target: str, on: date) -> None:
    missing = sorted(set(needed) - set(rates))
    if missing:
        pairs = ", ".join(f"{source} -> {target}" for source in missing)
        raise CurrencyError(
            f"amounts of several currencies cannot be added without a rate: {pairs}",
            where=f"table rates, on or before {on}",
            hint=f"add the rate to the table 'rates', or see the currency {missing[0]} alone",
        )


def convert_minor(minor: Days, rate: float, *, source: str, target: str) -> Days:
    """Convert minor units of one currency into minor units of another, exactly, rounding half away from zero.

    Parameters
    ----------
    minor : int64 minor units of ``source``.
    rate : units of ``target`` for one unit of ``source``; it stands for the decimal it prints as.
    source, target : ISO 4217.

    Examples
    --------
    >>> convert_minor(np.array([1000, -1, 50]), 0.725, source="CAD", target="USD").tolist()
    [725, -1, 36]
    >>> convert_minor(np.array([1000]), 0.0066, source="JPY", target="USD").tolist()
    [660]
    """
    numerator, denominator = Decimal(str(float(rate))).as_integer_ratio()
    shift = money.exponent(target) - money.exponent(source)
    # Python's whole numbers: the product of an amount and a rate's digits does not always fit 64 bits.
    whole = np.abs(minor).astype(object) * (2 * numerator * 10 ** max(shift, 0))
    denominator *= 10 ** max(-shift, 0)
    size = ((whole + denominator) // (2 * denominator)).astype("int64")
    return np.asarray(np.where(minor < 0, -size, size))
