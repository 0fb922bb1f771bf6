"""The canonical tables: columns, kinds, keys, event days. Everything else is derived from these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """How a column's values are read."""

    ID = "id"
    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    name : as users write it.
    kind : how its values are read.
    meaning : one clause for the data contract page.
    is_required : whether a row needs a value.
    default : what a missing value stands for; empty = it stays missing.
    choices : the values that are understood; others are kept and warned about.
    """

    name: str
    kind: Kind
    meaning: str
    is_required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One canonical table.

    Parameters
    ----------
    name : the file's name without its ending.
    one_row_per : what a row is.
    columns : in the order in which they are written.
    key : the columns that name a row; the same key with a later known_on is a correction.
    event_on : the column with the row's own day, taken for a missing known_on; empty = known from the start.
    is_event : whether the row tells of something that happened, which nobody knows before its day.
    filled_later : column -> the column with the day on which it is filled (an event of its own).
    takes_any_column : whether unknown columns are kept as attributes.
    """

    name: str
    one_row_per: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    event_on: str = ""
    is_event: bool = True
    filled_later: Mapping[str, str] = field(default_factory=dict)
    takes_any_column: bool = False

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The table's own columns and the two that every table takes."""
        return self.columns + tuple(column for column in _EVERY_TABLE if column.name not in self.column_names)


_EVERY_TABLE = (
    Column("entity_id", Kind.ID, "the selling company", default="main"),
    Column("known_on", Kind.DATE, "the day on which the row could first be known; missing = its own event day"),
)


def _id(name: str, meaning: str, *, required: bool = True) -> Column:
    return Column(name, Kind.ID, meaning, is_required=required)


def _on(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, Kind.DATE, meaning, is_required=required)


def _amount(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, Kind.AMOUNT, meaning, is_required=required)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.NUMBER, name.replace("_", " ") + ", in the row's currency") for name in names)


_CUSTOMER = _id("customer_id", "the debtor")
_INVOICE = _id("invoice_id", "the invoice")
_CURRENCY = Column("currency", Kind.ID, "ISO 4217; missing = the book currency", default="book")

_ALL = (
    Table(
        "customers",
        "debtor",
        (
            _CUSTOMER,
            Column("name", Kind.TEXT, "as it stands on the invoice"),
            Column("country", Kind.TEXT, "ISO 3166 alpha-2"),
            Column("industry", Kind.TEXT, "any code or name, used as it is"),
            Column("legal_form", Kind.TEXT, "such as Ltd, GmbH, sole trader"),
            _on("incorporated_on", "the day the firm was founded"),
            _on("onboarded_on", "the day it became a customer"),
            _id("parent_id", "the group's head, a customer_id or any other id", required=False),
            Column("employees", Kind.NUMBER, "number of people"),
            _CURRENCY,
        ),
        key=("customer_id",),
        is_event=False,
    ),
    Table(
        "invoices",
        "invoice or credit note",
        (
            _INVOICE,
            _CUSTOMER,
            _on("issued_on", "the day of the invoice", required=True),
            _on("due_on", "the day on which it is due", required=True),
            _amount("amount", "the gross amount; positive for credit notes too", required=True),
            _CURRENCY,
            Column("kind", Kind.TEXT, "what it is", default="invoice", choices=("invoice", "credit_note")),
            Column("terms", Kind.TEXT, "terms of payment, as written"),
            _on("settled_on", "short form of one payment of the full amount on that day, unless it has allocations"),
        ),
        key=("invoice_id",),
        event_on="issued_on",
        filled_later={"settled_on": "settled_on"},
    ),
    Table(
        "limits",
        "credit limit given",
        (
            _CUSTOMER,
            _amount("limit_amount", "the limit; needed for limit_kind 'amount'"),
            Column("limit_kind", Kind.TEXT, "what it means", default="amount", choices=("amount", "none", "zero")),
            _on("valid_from_on", "first day of validity", required=True),
            _on("valid_to_on", "last day of validity; missing = until replaced"),
            _CURRENCY,
        ),
        key=("customer_id", "valid_from_on"),
        event_on="valid_from_on",
        is_event=False,
    ),
    Table(
        "payments",
        "receipt",
        (
            _id("payment_id", "the receipt"),
            _CUSTOMER,
            _on("paid_on", "the day on which the money came in", required=True),
            _amount("amount", "the amount received", required=True),
            _CURRENCY,
            Column("method", Kind.TEXT, "such as transfer, cheque, direct debit"),
            Column("reference", Kind.TEXT, "what the payer wrote"),
        ),
        key=("payment_id",),
        event_on="paid_on",
    ),
    Table(
        "allocations",
        "part of a receipt or credit note applied to an invoice",
        (
            _id("payment_id", "the receipt, or the invoice_id of a credit note"),
            _INVOICE,
            _amount("amount", "the part applied, in the invoice's currency", required=True),
            _on("applied_on", "the day on which the balance moves", required=True),
        ),
        key=("payment_id", "invoice_id", "applied_on"),
        event_on="applied_on",
    ),
    Table(
        "disputes",
        "dispute",
        (
            _id("dispute_id", "the dispute"),
            _INVOICE,
            _on("opened_on", "the day on which it was raised", required=True),
            _on("resolved_on", "the day on which it ended"),
            _amount("amount", "the disputed part; missing = the whole invoice"),
            Column("reason", Kind.TEXT, "why"),
            Column("outcome", Kind.TEXT, "how it ended, known on resolved_on"),
        ),
        key=("dispute_id",),
        event_on="opened_on",
        filled_later={"resolved_on": "resolved_on", "outcome": "resolved_on"},
    ),
    Table(
        "write_offs",
        "write-off",
        (
            _INVOICE,
            _on("written_off_on", "the day of the write-off", required=True),
            _amount("amount", "the amount written off", required=True),
            Column(
                "reason",
                Kind.TEXT,
                "why",
                default="bad_debt",
                choices=("bad_debt", "commercial", "discount", "small_balance"),
            ),
        ),
        key=("invoice_id", "written_off_on"),
        event_on="written_off_on",
    ),
    Table(
        "recoveries",
        "money received after a write-off",
        (
            _INVOICE,
            _on("recovered_on", "the day on which it came in", required=True),
            _amount("amount", "the amount", required=True),
        ),
        key=("invoice_id", "recovered_on"),
        event_on="recovered_on",
    ),
    Table(
        "credit_events",
        "insolvency and the like",
        (
            _CUSTOMER,
            _on("occurred_on", "the day of the event", required=True),
            Column(
                "kind",
                Kind.TEXT,
                "what happened",
                is_required=True,
                choices=("insolvency", "payment_default", "legal", "moratorium"),
            ),
        ),
        key=("customer_id", "occurred_on", "kind"),
        event_on="occurred_on",
    ),
    Table(
        "applications",
        "request for credit",
        (
            _id("application_id", "the request"),
            _CUSTOMER,
            _on("applied_on", "the day of the request", required=True),
            _amount("requested_limit", "the limit asked for, in book currency"),
            Column("requested_terms_days", Kind.NUMBER, "the terms asked for, in days"),
            _amount("expected_monthly_sales", "sales expected per month, in book currency"),
        ),
        key=("application_id",),
        event_on="applied_on",
    ),
    Table(
        "financials",
        "published annual accounts",
        (
            _CUSTOMER,
            _on("period_end_on", "the balance-sheet day", required=True),
            _on("known_on", "the day of publication", required=True),
            _CURRENCY,
            *_numbers(
                "revenue",
                "ebit",
                "interest_expense",
                "net_income",
                "total_assets",
                "current_assets",
                "cash",
                "inventory",
                "receivables",
                "total_liabilities",
                "current_liabilities",
                "equity",
                "retained_earnings",
                "operating_cash_flow",
                "intangible_assets",
                "depreciation",
                "gross_debt",
                "market_equity",
            ),
        ),
        key=("customer_id", "period_end_on"),
        event_on="known_on",
        is_event=False,
    ),
    Table(
        "attributes",
        "anything else known of a customer on a day",
        (_CUSTOMER, _on("known_on", "the day from which it is known", required=True)),
        key=("customer_id",),
        event_on="known_on",
        is_event=False,
        takes_any_column=True,
    ),
    Table(
        "collateral",
        "security held",
        (
            _id("collateral_id", "the security"),
            _CUSTOMER,
            Column(
                "kind",
                Kind.TEXT,
                "what it is",
                is_required=True,
                choices=("guarantee", "deposit", "credit_insurance", "letter_of_credit", "lien"),
            ),
            _amount("amount", "the covered amount", required=True),
            _CURRENCY,
            Column("cover_share", Kind.NUMBER, "share of a loss that is covered, 0..1"),
            _on("valid_from_on", "first day of validity", required=True),
            _on("valid_to_on", "last day of validity; missing = open-ended"),
        ),
        key=("collateral_id",),
        event_on="valid_from_on",
        is_event=False,
    ),
    Table(
        "orders",
        "order accepted and not yet invoiced",
        (
            _id("order_id", "the order"),
            _CUSTOMER,
            _on("ordered_on", "the day of the order", required=True),
            _amount("amount", "the amount", required=True),
            _CURRENCY,
            _on("shipped_on", "the day of shipment"),
            _on("invoiced_on", "the day of the invoice"),
        ),
        key=("order_id",),
        event_on="ordered_on",
        filled_later={"shipped_on": "shipped_on", "invoiced_on": "invoiced_on"},
    ),
    Table(
        "rates",
        "exchange rate",
        (
            Column("currency", Kind.ID, "ISO 4217", is_required=True),
            _on("rate_on", "the day of the rate", required=True),
            Column("rate", Kind.NUMBER, "book currency for one unit", is_required=True),
        ),
        key=("currency", "rate_on"),
        event_on="rate_on",
        is_event=False,
    ),
    Table(
        "conditions",
        "macro or sector observation",
        (
            _id("series", "its name; models read gdp_growth, unemployment_rate and industry_output"),
            Column("country", Kind.TEXT, "ISO 3166 alpha-2; missing = all"),
            Column("industry", Kind.TEXT, "missing = all"),
            _on("period_on", "the period it speaks of", required=True),
            _on("known_on", "the day of publication", required=True),
            Column("value", Kind.NUMBER, "the observation", is_required=True),
        ),
        key=("series", "country", "industry", "period_on"),
        event_on="known_on",
        is_event=False,
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.name: table for table in _ALL})
"""Every canonical table by its name."""

MANDATORY = ("customers", "invoices")
"""The tables without which there is no book."""
