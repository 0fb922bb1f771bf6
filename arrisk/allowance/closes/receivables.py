"""How the receivables moved between two period ends, and what of it had happened before the first of them.

Both come from the postings of the ledger: what was known by one evening less what was known by the other. So a document
booked late, or corrected, moves the period in which it became known, and never one that is closed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.frames import Mask, concat, day_of, to_days
from arrisk.ledger.ageing import require_tie
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.movements import WRITTEN_OFF
from arrisk.ledger.postings import CREDIT, CREDIT_NOTE, INVOICE, RECEIPT, WRITE_OFF, list_postings
from arrisk.schema import Book

SALES, CREDIT_NOTES, RECEIPTS = "sales", "credit_notes", "receipts"
BAD_DEBT, OTHER_WRITE_OFFS, RECOVERIES = "write_offs", "other_write_offs", "recoveries"
BALANCE_LINES = (SALES, RECEIPTS, CREDIT_NOTES, BAD_DEBT, OTHER_WRITE_OFFS)
"""The lines that move the receivables; recoveries come in after the receivable is gone, and do not."""

_LINES = {INVOICE: SALES, CREDIT_NOTE: CREDIT_NOTES, RECEIPT: RECEIPTS, CREDIT: CREDIT_NOTES}
_VERSION = ["known_day", "superseded_day"]

Totals = Mapping[str, Mapping[str, int]]
"""Minor units of each currency by line, signed by their effect on the balance: all that was known by an evening."""


@dataclass(frozen=True, kw_only=True)
class ReceivablesMovement:
    """opening + sales - receipts - credit notes - write-offs - other write-offs + fx = closing.

    All amounts are whole minor units of the book currency, movements at the rates of the closing.

    Parameters
    ----------
    opening, closing : open invoices less open credit notes; both tie to an ageing.
    sales, receipts, credit_notes : of the period.
    write_offs : bad debt.
    other_write_offs : cash discounts, small balances, goodwill.
    fx : what new exchange rates made of the opening, and what rounding leaves in other currencies.

    Raises
    ------
    ArriskError
        When the parts do not sum to the closing.
    """

    opening: int
    sales: int
    receipts: int
    credit_notes: int
    write_offs: int
    other_write_offs: int
    fx: int
    closing: int

    def __post_init__(self) -> None:
        """Refuse a movement that does not tie."""
        gone = self.receipts + self.credit_notes + self.write_offs + self.other_write_offs
        parts = [self.opening, self.sales, -gone, self.fx]
        require_tie(parts, self.closing, what="the movement of the receivables")

    def to_plain(self) -> dict[str, int]:
        """Give it as plain data."""
        return asdict(self)


def list_lines(book: Book, *, entity: str) -> pd.DataFrame:
    """List the postings of an entity with the line of the movement that each belongs to, and its recoveries.

    Returns
    -------
    DataFrame
        One row per version of a posting: line, category, item_id, currency, amount (int64 minor units, signed by its
        effect on the balance; of a recovery as it came in), event_day, known_day, superseded_day.
    """
    postings = list_postings(book)
    own = postings.loc[(postings["entity_id"] == entity).to_numpy()]
    line = own["category"].map(_LINES)
    is_bad = (own["category"] == WRITE_OFF) & (own["cause"] == WRITTEN_OFF)
    line = line.mask(is_bad, BAD_DEBT).fillna(OTHER_WRITE_OFFS)
    columns = ["line", "category", "item_id", "currency", "amount", "event_day", *_VERSION]
    return concat([own.assign(line=line.astype("str"))[columns], _list_recoveries(book, entity)[columns]])


def _list_recoveries(book: Book, entity: str) -> pd.DataFrame:
    recoveries, invoices = book["recoveries"], book["invoices"]
    base = recoveries[["invoice_id", "amount", *_VERSION]].assign(event_day=to_days(recoveries["recovered_on"]))
    joined = base.merge(
        invoices[["invoice_id", "entity_id", "currency", *_VERSION]], on="invoice_id", suffixes=("", "_of_invoice")
    )
    known = np.maximum(joined["known_day"].to_numpy(), joined["known_day_of_invoice"].to_numpy())
    superseded = np.minimum(joined["superseded_day"].to_numpy(), joined["superseded_day_of_invoice"].to_numpy())
    named = joined.assign(line=RECOVERIES, category=RECOVERIES, item_id=joined["invoice_id"])
    whole = named.assign(known_day=known, superseded_day=superseded).astype({"line": "str", "category": "str"})
    kept: pd.DataFrame = whole.loc[(known < superseded) & (joined["entity_id"] == entity).to_numpy()]
    return kept


def sum_lines(lines: pd.DataFrame, *, on: date) -> Totals:
    """Sum what was known by the evening of a day, by line and currency."""
    sums = lines.loc[_is_known(lines, on)].groupby(["line", "currency"], as_index=False)["amount"].sum()
    totals: dict[str, dict[str, int]] = {}
    for line, currency, amount in sums.itertuples(index=False):
        totals.setdefault(str(line), {})[str(currency)] = int(amount)
    return totals


def _is_known(lines: pd.DataFrame, on: date) -> Mask:
    day = day_of(on)
    return np.asarray((lines["known_day"] <= day) & (lines["superseded_day"] > day))


def subtract(now: Totals, then: Totals) -> dict[str, dict[str, int]]:
    """Give what came between two totals; nothing is left out, what is no more counts backwards."""
    return {
        line: {
            currency: now.get(line, {}).get(currency, 0) - then.get(line, {}).get(currency, 0)
            for currency in sorted({*now.get(line, {}), *then.get(line, {})})
        }
        for line in sorted({*now, *then})
    }


def require_open_balance(totals: Totals, items: pd.DataFrame) -> None:
    """Make sure that the lines sum to what is open, currency by currency.

    Parameters
    ----------
    items : open items in their own currencies: currency and open_amount.

    Raises
    ------
    ArriskError
        When they do not.
    """
    opened = items.groupby("currency")["open_amount"].sum()
    balances = [totals.get(line, {}) for line in BALANCE_LINES]
    for currency in sorted({*opened.index, *(name for balance in balances for name in balance)}):
        parts = [balance.get(currency, 0) for balance in balances]
        require_tie(parts, int(opened.get(currency, 0)), what=f"the postings in {currency}")


def convert_lines(moves: Totals, book: Book, *, on: date) -> dict[str, int]:
    """Sum each line in the book currency at the rates of a day.

    Raises
    ------
    CurrencyError
        When something moved in a currency without a rate.
    """
    rows = [(line, currency, amount) for line, sums in moves.items() for currency, amount in sums.items() if amount]
    frame = pd.DataFrame(rows, columns=["line", "currency", "amount"]).astype({"amount": "int64", "currency": "str"})
    whole = to_book_currency(frame, book, amounts=("amount",), as_of=on + timedelta(days=1), on=on)
    sums = whole.groupby("line")["amount"].sum()
    return {line: int(sums.get(line, 0)) for line in (*BALANCE_LINES, RECOVERIES)}


def move_receivables(moved: Mapping[str, int], *, opening: int, closing: int) -> ReceivablesMovement:
    """Put the movement together; exchange rates are what the lines leave.

    In the book currency alone the lines leave nothing, because they sum to the open balance in each currency.

    Parameters
    ----------
    moved : by line, as given by ``convert_lines``.
    opening, closing : as in ``ReceivablesMovement``.
    """
    sales, *gone = (moved[line] for line in BALANCE_LINES)
    receipts, credit_notes, write_offs, other = (-amount for amount in gone)
    return ReceivablesMovement(
        opening=opening,
        sales=sales,
        receipts=receipts,
        credit_notes=credit_notes,
        write_offs=write_offs,
        other_write_offs=other,
        fx=closing - opening - sum(moved[line] for line in BALANCE_LINES),
        closing=closing,
    )


def list_later_known(lines: pd.DataFrame, book: Book, *, since: date, on: date) -> pd.DataFrame:
    """List what happened up to the last period end and became known, or was corrected, only after it.

    The application of a credit note is left out: it lowers the note as much as the invoice.

    Parameters
    ----------
    lines : as given by ``list_lines``.
    since : the last period end.
    on : the period end.

    Returns
    -------
    DataFrame
        One row per line: line, count, amount (book currency minor units, signed by its effect on the balance; of a
        recovery as it came in), largest_item, largest_amount.
    """
    before, after = _is_known(lines, since), _is_known(lines, on)
    chosen = (lines["event_day"] <= day_of(since)) & (lines["category"] != CREDIT) & (before != after)
    late = lines.loc[chosen.to_numpy()]
    late = late.assign(amount=late["amount"] * np.where(after[chosen.to_numpy()], 1, -1))
    items = late.groupby(["line", "item_id", "currency"], as_index=False)["amount"].sum()
    items = items.loc[(items["amount"] != 0).to_numpy()].reset_index(drop=True)
    whole = to_book_currency(items, book, amounts=("amount",), as_of=on + timedelta(days=1), on=on)
    return pd.DataFrame(_describe_late(whole), columns=["line", "count", "amount", "largest_item", "largest_amount"])


def _describe_late(items: pd.DataFrame) -> Iterable[dict[str, object]]:
    for line, rows in items.groupby("line"):
        largest = rows.iloc[int(rows["amount"].abs().to_numpy().argmax())]
        yield {
            "line": line,
            "count": len(rows),
            "amount": int(rows["amount"].sum()),
            "largest_item": str(largest["item_id"]),
            "largest_amount": int(largest["amount"]),
        }
