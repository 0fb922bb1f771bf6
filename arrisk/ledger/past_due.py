"""When a customer owed too much for too long: undisputed items long past due, net of its credits, over materiality.

Everything holds for the evening of a day d, by what was known then: row versions with ``known_day <= d`` and
``superseded_day > d``, ages and exchange rates of day d.
"""

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.frames import NEVER, Days, Mask, concat, match, take, to_days
from arrisk.ledger.rate_steps import RateSteps, trace_rates
from arrisk.ledger.steps import add_up, list_changes, pair_versions
from arrisk.policy import DefaultPolicy
from arrisk.schema import Book

_TIME = ["customer", "currency", "start", "stop"]
_LEVELS = ["gross", "overdue", "credit"]
_WHOLE = 2**53
"""More than any invoice: what a dispute without an amount takes of it."""


def list_past_due(
    book: Book, movements: pd.DataFrame, customers: pd.Series, *, as_of_day: int, default: DefaultPolicy
) -> pd.DataFrame:
    """List the times during which what a customer owes long past due is material.

    Of an evening, in book currency at the newest rate of the day: overdue = the undisputed parts of invoices at
    least ``past_due_days`` past due; credit = receipts not applied, open credit notes and what was paid too much
    on invoices, not below zero; gross = open invoices. It is material where overdue - credit exceeds both
    ``open_share`` of gross - credit and ``open_amount``.

    Parameters
    ----------
    book : a checked book.
    movements : as given by ``list_movements``.
    customers : ids, each once.
    as_of_day : only what was known before the start of this day counts.
    default : the policy.

    Returns
    -------
    DataFrame
        One row per time: customer (place among the ids), start (the first evening), stop (the first evening after
        it; NEVER = it lasts). Times of a customer do not overlap; they may adjoin.

    Raises
    ------
    CurrencyError
        When a rate is missing that it takes on one of the days.
    """
    rates = trace_rates(book)
    book = _keep_debtors(book, movements, customers, as_of_day=as_of_day, default=default)
    items = _list_items(book, movements, customers, rates, default)
    first = _find_first_days(items, count=len(customers))
    times = concat([*_split_overdue(items), _list_receipts(book, customers, rates)])
    times = _clip(times, first=first, as_of_day=as_of_day)
    times = concat([times, _list_rate_days(times, rates, as_of_day)])
    accounts = add_up(list_changes(times, amounts=_LEVELS), owner=["customer", "currency"])
    totals = add_up(list_changes(_to_book_currency(accounts, rates), amounts=_LEVELS), owner=["customer"])
    is_over = _is_material(totals, book.currency, default)
    return totals.loc[is_over, ["customer", "start", "stop"]].reset_index(drop=True)


def _keep_debtors(
    book: Book, movements: pd.DataFrame, customers: pd.Series, *, as_of_day: int, default: DefaultPolicy
) -> Book:
    """Leave out invoices and receipts of customers who surely never owed anything long past due, as most never do."""
    invoices, payments = book["invoices"], book["payments"]
    owner, payer = (match(frame["customer_id"], customers) for frame in (invoices, payments))
    owes = np.zeros(len(customers) + 1, dtype=bool)
    ripe = to_days(invoices["due_on"]) + default.past_due_days
    owes[owner[(ripe < as_of_day) & ~_is_settled_before(ripe, invoices, movements)]] = True
    # Nobody stands in the last place: that of an id that is not there.
    owes[-1] = False
    kept = {
        name: frame.loc[owes[places]].reset_index(drop=True)
        for name, frame, places in (("invoices", invoices, owner), ("payments", payments, payer))
    }
    return book.with_tables(**kept)


def _is_settled_before(ripe: Days, invoices: pd.DataFrame, movements: pd.DataFrame) -> Mask:
    """Mark what was surely settled for good by its day; anything that was corrected is in doubt."""
    amounts, known = movements["amount"].to_numpy(), movements["known_day"].to_numpy()
    place = match(movements["invoice_id"], invoices["invoice_id"])
    is_last = (movements["superseded_day"] == NEVER).to_numpy()
    counts = (place >= 0) & is_last & (known <= take(ripe, place, -NEVER)) & (amounts > 0)
    settled = np.zeros(len(invoices), dtype="int64")
    np.add.at(settled, place[counts], amounts[counts])
    is_sure = (settled >= invoices["amount"].to_numpy()) & (invoices["superseded_day"] == NEVER).to_numpy()
    is_sure[place[(place >= 0) & (~is_last | (amounts < 0))]] = False
    return is_sure


def _is_material(totals: pd.DataFrame, currency: str, default: DefaultPolicy) -> Mask:
    gross, overdue, credit = (totals[name].to_numpy() for name in _LEVELS)
    credit = np.maximum(credit, 0)
    least = default.open_amount * 10 ** money.exponent(currency)
    net = overdue - credit
    return np.asarray((net > least) & (net > default.open_share * (gross - credit)))


def _list_items(
    book: Book, movements: pd.DataFrame, customers: pd.Series, rates: RateSteps, default: DefaultPolicy
) -> pd.DataFrame:
    """Say what each invoice adds to its customer's account and when; what is overdue counts from ``ripe`` on."""
    lives, invoices = _list_lives(book, movements), book["invoices"]
    row, left = lives["row"].to_numpy(), lives["open_amount"].to_numpy()
    is_note = (invoices["kind"] == "credit_note").to_numpy()[row]
    gross = np.where(is_note, 0, np.maximum(left, 0))
    return lives.assign(
        customer=match(invoices["customer_id"], customers)[row],
        currency=rates.encode(invoices["currency"])[row],
        ripe=np.maximum(lives["start"], to_days(invoices["due_on"])[row] + default.past_due_days),
        gross=gross,
        overdue=np.maximum(gross - lives["disputed"], 0),
        credit=np.where(is_note, left, np.maximum(-left, 0)),
    )


def _list_lives(book: Book, movements: pd.DataFrame) -> pd.DataFrame:
    """Cut the time of each version of an invoice where its open or its disputed amount changes."""
    invoices, disputes = book["invoices"], book["disputes"]
    raised = disputes.assign(superseded_day=np.minimum(disputes["superseded_day"], to_days(disputes["resolved_on"])))
    stated = disputes["amount"].fillna(_WHOLE).clip(0, _WHOLE).to_numpy(dtype="int64")
    moves, claims = (pair_versions(rows, invoices, key="invoice_id") for rows in (movements, raised))
    times = concat(
        [
            pd.DataFrame(
                {
                    "row": np.arange(len(invoices)),
                    "start": invoices["known_day"],
                    "stop": invoices["superseded_day"],
                    "open_amount": invoices["amount"],
                    "disputed": 0,
                }
            ),
            _of_parent(moves).assign(open_amount=-movements["amount"].to_numpy()[moves["row"]], disputed=0),
            _of_parent(claims).assign(open_amount=0, disputed=stated[claims["row"]]),
        ]
    )
    lives = add_up(list_changes(times, amounts=["open_amount", "disputed"]), owner=["row"])
    return lives.loc[(lives["open_amount"] != 0).to_numpy()]


def _of_parent(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[["parent", "start", "stop"]].rename(columns={"parent": "row"})


def _find_first_days(items: pd.DataFrame, *, count: int) -> Days:
    """Give the first evening on which each customer has anything long past due; NEVER for most."""
    is_ripe = ((items["overdue"] > 0) & (items["ripe"] < items["stop"])).to_numpy()
    first = np.full(count, NEVER, dtype="int64")
    np.minimum.at(first, items["customer"].to_numpy()[is_ripe], items["ripe"].to_numpy()[is_ripe])
    return first


def _split_overdue(items: pd.DataFrame) -> list[pd.DataFrame]:
    """Give what is open, and what is overdue, which begins later."""
    overdue = items.assign(start=items["ripe"], gross=0, credit=0)
    overdue = overdue.loc[((overdue["overdue"] != 0) & (overdue["start"] < overdue["stop"])).to_numpy()]
    return [items.assign(overdue=0)[_TIME + _LEVELS], overdue[_TIME + _LEVELS]]


def _list_receipts(book: Book, customers: pd.Series, rates: RateSteps) -> pd.DataFrame:
    """Say what each receipt, less the parts of it that were applied, adds to its customer's credit."""
    payments, allocations = book["payments"], book["allocations"]
    parts = pair_versions(allocations, payments, key="payment_id")
    whole = pd.DataFrame(
        {
            "row": np.arange(len(payments)),
            "start": payments["known_day"],
            "stop": payments["superseded_day"],
            "credit": payments["amount"],
        }
    )
    times = concat([whole, _of_parent(parts).assign(credit=-allocations["amount"].to_numpy()[parts["row"]])])
    row = times["row"].to_numpy()
    owner, currency = match(payments["customer_id"], customers), rates.encode(payments["currency"])
    return times.assign(customer=owner[row], currency=currency[row], gross=0, overdue=0)[_TIME + _LEVELS]


def _clip(times: pd.DataFrame, *, first: Days, as_of_day: int) -> pd.DataFrame:
    """Leave out what lies before a customer's first day or cannot be known yet: no rate of such a day is asked for."""
    customer = times["customer"].to_numpy()
    begin = np.where(customer >= 0, first[customer], NEVER)
    start = np.maximum(times["start"].to_numpy(), begin)
    stop = np.where(times["stop"] < as_of_day, times["stop"], NEVER)
    keep: Mask = (start < stop) & (start < as_of_day)
    return times.assign(start=start, stop=stop).loc[keep].reset_index(drop=True)


def _list_rate_days(times: pd.DataFrame, rates: RateSteps, as_of_day: int) -> pd.DataFrame:
    """Give times without amounts that begin where a rate changes, so that each account is looked at on that day."""
    accounts = times.groupby(["customer", "currency"], as_index=False)["start"].min()
    accounts = accounts.merge(rates.list_days(), on="currency")
    is_seen = ((accounts["day"] > accounts["start"]) & (accounts["day"] < as_of_day)).to_numpy()
    times = accounts.loc[is_seen, ["customer", "currency", "day"]].rename(columns={"day": "start"})
    return times.assign(stop=NEVER, **dict.fromkeys(_LEVELS, 0))


def _to_book_currency(accounts: pd.DataFrame, rates: RateSteps) -> pd.DataFrame:
    codes, days = accounts["currency"].to_numpy(), accounts["start"].to_numpy()
    converted = {name: rates.convert(accounts[name].to_numpy(), codes, days) for name in _LEVELS}
    return accounts.drop(columns="currency").assign(**converted)
