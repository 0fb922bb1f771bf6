"""The journal entries of a close: each balances, and together they lead from the opening allowance to the closing."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from arrisk.allowance.closes.states import Close, State
from arrisk.ledger.ageing import require_tie
from arrisk.money import write_minor

COLUMNS = ("entry_id", "entity", "period_end", "state", "account", "role", "debit", "credit", "currency", "text")

_ENTRIES = (
    ("charge", "charge", "expense", "allowance", "expected credit losses of the period"),
    ("write-off", "write_offs", "allowance", "receivables", "bad debt written off"),
    ("recovery", "recoveries", "receivables", "allowance", "recovered of what was written off: reinstated"),
    ("recovery-cash", "recoveries", "cash", "receivables", "recovered of what was written off: received"),
    ("fx", "fx", "fx", "allowance", "opening allowance at new exchange rates"),
    ("other", "other", "other", "allowance", "other movement of the allowance"),
)
"""Of each entry: name, amount of the movement, account debited, account credited, text; a negative amount swaps both.

A write-off lowers receivables and allowance alike, so that it changes neither net receivables nor expense.
"""


def list_journal(close: Close) -> pd.DataFrame:
    """List the journal entries of a close; of a posted one that was reversed, the entries that take them back.

    Their ids are the same however often they are written: of the same entity, period and version.

    Parameters
    ----------
    close : in any state; its accounts are those of the policy when it was drafted.

    Returns
    -------
    DataFrame
        Two rows per entry whose amount is not 0: entry_id, entity, period_end, state, account, role, debit and credit
        (int64 minor units, one of them 0), currency, text.

    Raises
    ------
    ArriskError
        When debits and credits differ.
    """
    is_reversal = close.state is State.REVERSED
    rows = [] if is_reversal and not close.was_posted else list(_list_rows(close, is_reversal=is_reversal))
    journal = pd.DataFrame(rows, columns=COLUMNS).astype({"debit": "int64", "credit": "int64"})
    require_tie(journal["debit"].to_list(), int(journal["credit"].sum()), what="the debits of the journal")
    return journal


def _list_rows(close: Close, *, is_reversal: bool) -> Iterator[tuple[object, ...]]:
    movement: Mapping[str, int] = close.document["movement"]
    accounts: Mapping[str, Any] = close.document["accounts"]
    version = f"-v{close.version}" if close.version > 1 else ""
    reversed_ = "-reversal" if is_reversal else ""
    for name, part, debited, credited, text in _ENTRIES:
        amount = movement[part]
        entry_id = f"{close.entity}-{close.period_end}{version}-{name}{reversed_}"
        roles = (debited, credited) if (amount > 0) != is_reversal else (credited, debited)
        for role, is_debit in zip(roles, (True, False), strict=True):
            size = abs(amount)
            sides = (size, 0) if is_debit else (0, size)
            start = (entry_id, close.entity, close.period_end.isoformat(), close.state.value)
            if amount:
                yield (*start, accounts[role], role, *sides, close.document["currency"], text)


def write_amounts(journal: pd.DataFrame) -> pd.DataFrame:
    """Give the journal with debit and credit as plain decimal text, as a general ledger reads them."""
    currencies = journal["currency"].tolist()
    texts = {
        side: [write_minor(amount, currency) for amount, currency in zip(journal[side], currencies, strict=True)]
        for side in ("debit", "credit")
    }
    return journal.assign(**texts)
