"""Which open invoices ought to be written off, with evidence and amount."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.frames import NEVER, Days, Mask, concat, date_of, day_of, match, take, to_days, visible
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.open_items import list_open_items, list_unapplied
from arrisk.ledger.outcomes import end_tolerance
from arrisk.modeling.lgd.cases import compute_covered_share
from arrisk.modeling.lgd.models import LossModel
from arrisk.modeling.rows import Floats
from arrisk.policy import Policy
from arrisk.policy.write_offs import WriteOffPolicy
from arrisk.schema import Book

BAD_DEBT, SMALL_BALANCE = "bad_debt", "small_balance"
"""Why an invoice is written off, in the words of the table ``write_offs``."""

WRITE_OFF = "write off"
IN_DISPUTE = "wait: in dispute"
TO_SET_OFF = "wait: credits to be set off"
SECURED = "wait: security to be realised"
"""What to do; the first reason to wait that holds is named."""

AMOUNTS = ("open_amount", "net_amount", "tax_amount", "expected_recovery_amount")
COLUMNS = (
    *("invoice_id", "customer_id", "entity_id", "currency", "due_on", "days_past_due", *AMOUNTS, "book_amount"),
    *("reason", "recommendation", "evidence"),
)
_INSOLVENCY = "insolvency"
_ACCOUNT = ["customer_id", "currency"]


def list_candidates(book: Book, loss: LossModel, *, as_of: date, policy: Policy) -> pd.DataFrame:
    """List the open invoices that ought to be written off by policy, also those that have to wait.

    Bad debt is what is long past due of a customer from whom nothing came in, what is older than the policy bears, and
    what was issued before the customer's insolvency. A small balance is what a payment left over, within the tolerance
    of an invoice's end. Neither is proof: a person decides.

    Parameters
    ----------
    book : a checked book.
    loss : share lost of what is written off.
    as_of : only what was known before the start of this day counts.
    policy : its sections ``write_offs`` and ``end``.

    Returns
    -------
    DataFrame
        One row per invoice, those to be written off first, the largest first: ``COLUMNS``. Amounts are int64 minor
        units of ``currency``, ``book_amount`` is the open amount in book currency; net + tax = open amount.

    Raises
    ------
    CurrencyError
        When a candidate is in a currency without a rate.
    """
    items = list_open_items(book, as_of=as_of)
    invoices = items.loc[((items["kind"] == "invoice") & (items["open_amount"] > 0)).to_numpy()]
    invoices = _add_customer_facts(invoices.reset_index(drop=True), book, as_of=as_of)
    invoices["is_covered"] = _find_covered(invoices, _sum_credits(items, book, as_of=as_of))
    chosen = _choose(invoices, book, as_of=as_of, policy=policy)
    chosen = chosen.assign(covered_share=_cover(chosen, invoices, book, as_of=as_of))
    chosen = chosen.assign(recommendation=_recommend(chosen), evidence=list(_give_evidence(chosen, as_of=as_of)))
    chosen = _split(chosen, loss, policy.write_offs).astype({"recommendation": "str", "evidence": "str"})
    order = chosen.assign(waits=chosen["recommendation"] != WRITE_OFF, size=-chosen["book_amount"])
    order = order.sort_values(["waits", "size", "invoice_id"], kind="stable")
    return order[list(COLUMNS)].reset_index(drop=True)


def _add_customer_facts(invoices: pd.DataFrame, book: Book, *, as_of: date) -> pd.DataFrame:
    as_of_day = day_of(as_of)
    events = visible(book["credit_events"], as_of_day=as_of_day)
    events = events.loc[(events["kind"] == _INSOLVENCY).to_numpy()]
    insolvent = _take_extreme(
        events["customer_id"], to_days(events["occurred_on"]), invoices["customer_id"], first=True
    )
    payers, days = _list_receipts(book, as_of_day=as_of_day)
    return invoices.assign(
        issued_day=to_days(invoices["issued_on"]),
        insolvent_day=insolvent,
        receipt_day=_take_extreme(payers, days, invoices["customer_id"], first=False),
    )


def _take_extreme(ids: pd.Series, days: Days, wanted: pd.Series, *, first: bool) -> Days:
    """Give the first or the last day of each wanted id; NEVER where it has none."""
    grouped = pd.Series(days).groupby(ids.to_numpy())
    found = grouped.min() if first else grouped.max()
    return take(found.to_numpy(dtype="int64"), match(wanted, pd.Series(found.index, dtype="str")), NEVER)


def _list_receipts(book: Book, *, as_of_day: int) -> tuple[pd.Series, Days]:
    """List the days on which money came in, and from whom; what no receipt is known of counts by its application."""
    invoices = visible(book["invoices"], as_of_day=as_of_day)
    payments = visible(book["payments"], as_of_day=as_of_day)
    applied = visible(book["allocations"], as_of_day=as_of_day)
    known = concat([payments[["payment_id"]], invoices[["invoice_id"]].set_axis(["payment_id"], axis=1)])
    applied = applied.loc[match(applied["payment_id"], known["payment_id"]) < 0]
    recovered = visible(book["recoveries"], as_of_day=as_of_day)
    paid = payments.loc[(payments["amount"] > 0).to_numpy()]
    ids, days = [paid["customer_id"], invoices["customer_id"]], [paid["paid_on"], invoices["settled_on"]]
    for rows, on in ((applied, "applied_on"), (recovered, "recovered_on")):
        place = match(rows["invoice_id"], invoices["invoice_id"])
        counts = (place >= 0) & (rows["amount"] > 0).to_numpy()
        ids.append(invoices["customer_id"].iloc[place[counts]])
        days.append(rows.loc[counts, on])
    payers, when = pd.concat(ids, ignore_index=True), np.concatenate([to_days(one) for one in days])
    # A settlement is an event of its own: not known before its day.
    seen = when < as_of_day
    return payers.loc[seen].reset_index(drop=True), when[seen]


def _sum_credits(items: pd.DataFrame, book: Book, *, as_of: date) -> pd.DataFrame:
    """Sum what each customer has to its credit: receipts not applied, open credit notes and what was paid too much."""
    unapplied = list_unapplied(book, as_of=as_of).rename(columns={"unapplied_amount": "credit"})
    notes = items.loc[(items["open_amount"] < 0).to_numpy()].assign(credit=lambda rows: -rows["open_amount"])
    return concat([part[[*_ACCOUNT, "credit"]] for part in (unapplied, notes)]).groupby(_ACCOUNT, as_index=False).sum()


def _find_covered(invoices: pd.DataFrame, owned: pd.DataFrame) -> Mask:
    """Mark what a customer's credits pay for, at least in part, when they are set off against what is oldest."""
    ordered = invoices.sort_values(["due_on", "invoice_id"], kind="stable")
    before = ordered.groupby(_ACCOUNT)["open_amount"].cumsum() - ordered["open_amount"]
    credit = invoices[_ACCOUNT].merge(owned, on=_ACCOUNT, how="left")["credit"].fillna(0).to_numpy()
    return np.asarray(before.sort_index().to_numpy() < credit)


def _choose(invoices: pd.DataFrame, book: Book, *, as_of: date, policy: Policy) -> pd.DataFrame:
    """Keep what meets a rule of the policy, with the reason."""
    rules, age = policy.write_offs, invoices["days_past_due"].to_numpy()
    amounts, left = invoices["amount"].to_numpy(), invoices["open_amount"].to_numpy()
    receipt = invoices["receipt_day"]
    silent = day_of(as_of) - receipt.where(receipt < NEVER, invoices["issued_day"]).to_numpy()
    insolvent = invoices["insolvent_day"].to_numpy()
    is_bad = (age >= rules.past_due_days) & (silent >= rules.no_receipt_days)
    is_bad |= age >= rules.paying_past_due_days
    # What was sold after the insolvency was sold knowing of it, and is paid by the estate.
    is_bad |= (insolvent + rules.after_insolvency_days <= day_of(as_of)) & (
        invoices["issued_day"].to_numpy() <= insolvent
    )
    tolerance = end_tolerance(amounts, money.exponents(invoices["currency"]), end=policy.end)
    is_rest = (left < amounts) & (left <= tolerance) & (age >= rules.small_past_due_days)
    kept = invoices.assign(is_bad=is_bad, is_rest=is_rest).loc[is_bad | is_rest].reset_index(drop=True)
    in_book = to_book_currency(kept, book, amounts=["open_amount"], as_of=as_of)["open_amount"]
    is_small = kept["is_rest"] & (in_book <= rules.small_amount * 10 ** money.exponent(book.currency))
    reason = pd.Series(np.where(is_small, SMALL_BALANCE, BAD_DEBT), index=kept.index, dtype="str")
    kept = kept.assign(book_amount=in_book, reason=reason)
    is_chosen: Mask = np.asarray(kept["is_bad"] | is_small, dtype=bool)
    return kept.loc[is_chosen].reset_index(drop=True)


def _cover(chosen: pd.DataFrame, invoices: pd.DataFrame, book: Book, *, as_of: date) -> Floats:
    """Give the share of what its customer owes that valid security covers."""
    keys = chosen[_ACCOUNT].drop_duplicates()
    owed = invoices.groupby(_ACCOUNT, as_index=False).agg(exposure=("open_amount", "sum")).merge(keys, on=_ACCOUNT)
    owed = owed.assign(covered_share=compute_covered_share(owed.assign(start_day=day_of(as_of)), book, as_of=as_of))
    return chosen[_ACCOUNT].merge(owed, on=_ACCOUNT, how="left")["covered_share"].to_numpy(dtype="float64")


def _recommend(chosen: pd.DataFrame) -> pd.Series:
    is_secured = (chosen["covered_share"] > 0) & (chosen["reason"] == BAD_DEBT)
    conditions = [chosen["disputed_amount"] > 0, chosen["is_covered"], is_secured]
    return pd.Series(np.select(conditions, [IN_DISPUTE, TO_SET_OFF, SECURED], WRITE_OFF), index=chosen.index)


def _give_evidence(chosen: pd.DataFrame, *, as_of: date) -> Iterator[str]:
    """Say of each candidate what speaks for a write-off, and what against it."""
    names = ["currency", "days_past_due", "insolvent_day", "receipt_day", "disputed_amount", "is_covered"]
    columns = [chosen[name].tolist() for name in [*names, "covered_share", "amount", "open_amount"]]
    for currency, age, insolvent, receipt, disputed, is_covered, covered, amount, left in zip(*columns, strict=True):
        receipt_text = "no receipt from the customer yet"
        if receipt < NEVER:
            receipt_text = f"no receipt from the customer for {day_of(as_of) - receipt:,} days"
        parts = [
            f"insolvent since {date_of(insolvent)}" if insolvent < NEVER else "",
            f"{age:,} days past due" if age > 0 else "not due yet",
            receipt_text,
            f"{money.format_minor(amount - left, currency)} of it settled" if left < amount else "",
            f"{money.format_minor(disputed, currency)} in dispute" if disputed > 0 else "",
            "the customer has credits to be set off" if is_covered else "",
            f"{covered:.0%} covered by security" if covered > 0 else "",
        ]
        yield "; ".join(filter(None, parts))


def _split(chosen: pd.DataFrame, loss: LossModel, rules: WriteOffPolicy) -> pd.DataFrame:
    """Take the tax out of the amount, and expect what will come back of it."""
    gross = chosen["open_amount"].to_numpy(dtype="int64")
    tax = split_tax(gross, rules.tax_rate)
    back = np.rint(gross * (1.0 - loss.predict(chosen))).astype("int64") if len(chosen) else gross
    # Nobody goes after a small balance.
    back = np.where(chosen["reason"] == BAD_DEBT, np.clip(back, 0, gross), 0)
    return chosen.assign(net_amount=gross - tax, tax_amount=tax, expected_recovery_amount=back)


def split_tax(gross: Days, tax_rate: float) -> Days:
    """Give the tax in gross amounts of minor units, each rounded half up.

    Parameters
    ----------
    gross : int64 minor units, >= 0.
    tax_rate : of the net amount; it stands for the decimal it prints as.

    Examples
    --------
    >>> split_tax(np.array([119_00, 100_00, 1]), 0.19).tolist()
    [1900, 1597, 0]
    """
    numerator, denominator = Decimal(str(tax_rate)).as_integer_ratio()
    whole = numerator + denominator
    # Python's whole numbers: an amount times the digits of a rate does not always fit 64 bits.
    return np.asarray((gross.astype(object) * (2 * numerator) + whole) // (2 * whole)).astype("int64")
