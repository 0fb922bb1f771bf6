"""What came back of what was written off as bad debt, by invoice and by year of the write-off."""

from datetime import date

import pandas as pd

from arrisk.allowance.bad_debt.candidates import BAD_DEBT
from arrisk.frames import day_of, match, take, visible
from arrisk.ledger.conversion import to_book_currency
from arrisk.schema import Book


def list_recovered(book: Book, *, as_of: date) -> pd.DataFrame:
    """List what was written off as bad debt, and what was recovered of it since.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.

    Returns
    -------
    DataFrame
        One row per invoice of which something is written off, in order of day: invoice_id, customer_id, entity_id,
        currency, reason, written_off_on (the first day), amount and recovered_amount (int64 minor units),
        last_recovered_on (missing = nothing yet), recovered_share (above 1 where more came in than was written off).
    """
    as_of_day = day_of(as_of)
    losses = visible(book["write_offs"], as_of_day=as_of_day)
    losses = losses.loc[(losses["reason"] == BAD_DEBT).to_numpy()]
    lost = losses.groupby("invoice_id", as_index=False).agg(
        written_off_on=("written_off_on", "min"), amount=("amount", "sum")
    )
    # A write-off that was taken back as a whole leaves nothing to recover.
    lost = lost.loc[(lost["amount"] > 0).to_numpy()]
    invoices = visible(book["invoices"], as_of_day=as_of_day)[["invoice_id", "customer_id", "entity_id", "currency"]]
    lost = invoices.merge(lost, on="invoice_id").sort_values(["written_off_on", "invoice_id"], ignore_index=True)
    received = visible(book["recoveries"], as_of_day=as_of_day).groupby("invoice_id", as_index=False)
    back = received.agg(amount=("amount", "sum"), last_on=("recovered_on", "max"))
    place = match(lost["invoice_id"], back["invoice_id"])
    recovered = take(back["amount"].to_numpy(), place, 0)
    return lost.assign(
        reason=BAD_DEBT,
        recovered_amount=recovered,
        last_recovered_on=back["last_on"].reset_index(drop=True).reindex(place).to_numpy(),
        recovered_share=recovered / lost["amount"],
    ).astype({"reason": "str"})


def sum_by_year(recovered: pd.DataFrame, book: Book, *, as_of: date) -> pd.DataFrame:
    """Sum what was written off and recovered by the year of the write-off, in book currency.

    Parameters
    ----------
    recovered : as given by ``list_recovered``.
    as_of : the day of the rates.

    Returns
    -------
    DataFrame
        One row per year: year, currency, invoices, amount, recovered_amount (int64 minor units), recovered_share.

    Raises
    ------
    CurrencyError
        When a currency has no rate.
    """
    in_book = to_book_currency(recovered, book, amounts=["amount", "recovered_amount"], as_of=as_of)
    in_book = in_book.assign(year=in_book["written_off_on"].dt.year)
    sums = in_book.groupby(["year", "currency"], as_index=False).agg(
        invoices=("invoice_id", "size"), amount=("amount", "sum"), recovered_amount=("recovered_amount", "sum")
    )
    return sums.assign(recovered_share=sums["recovered_amount"] / sums["amount"])
