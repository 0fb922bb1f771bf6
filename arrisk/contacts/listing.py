"""The worklist as collectors see it: the order of a run, and what was done since then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from arrisk.acts import fold_name
from arrisk.contacts.accounts import Account
from arrisk.contacts.placing import Pending, Placed, RowFacts, place_account
from arrisk.contacts.promises import Judged
from arrisk.frames import Mask, to_arrow
from arrisk.money import exponents
from arrisk.policy.contacts import ContactPolicy

_PLACES = {"up": 0, "": 1, "down": 2}
_STATES = {state.value: code for code, state in enumerate(Pending)}
_KINDS = ("country", "industry", "grade")
_FACTS = ("overdue_amount", "disputed_amount")

SORTS: Mapping[str, str] = MappingProxyType(
    {"at_stake": "at_stake_amount", "overdue": "overdue_amount", "oldest": "oldest_days_past_due"}
)
"""What else the list may be ordered by, the largest first, and the column."""

LISTED = "listed"
"""The order in which the list is worked: who was moved up, the others by rank, who was moved down."""

NOBODY = "-"
"""How a filter names customers whom no collector has."""


@dataclass(frozen=True)
class Listing:
    """The worklist of a run on a day; figures are those of the run.

    Parameters
    ----------
    rows : one row per customer by rank, with customer_id, name, rank, currency, overdue_amount, disputed_amount and
        what it is filtered and ordered by.
    row_of : where each customer stands in them.
    place, state, is_hidden : of each row.
    kinds : what its customers are like: each value of country, industry and grade once, in order.
    touched : of the rows about which something was done: the file, and where it stands.
    """

    rows: pd.DataFrame
    row_of: Mapping[str, int]
    place: npt.NDArray[np.int8]
    state: npt.NDArray[np.int8]
    is_hidden: Mask
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    touched: Mapping[int, tuple[Account, Placed]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for; None = no matter which.

    Parameters
    ----------
    text : the beginning of an id, or a part of a name, in capital or small letters alike.
    collector : whose; ``NOBODY`` = of those that no collector has.
    state : what the next step waits for.
    is_hidden : those who are put off or have promised, or those who are to be worked.
    overdue_from, overdue_to : major units of the book currency, both included.
    oldest_from, oldest_to : days past due of the oldest item, both included.
    country, industry, grade : of the customer.
    """

    text: str | None = None
    collector: str | None = None
    state: Pending | None = None
    is_hidden: bool | None = False
    overdue_from: float | None = None
    overdue_to: float | None = None
    oldest_from: int | None = None
    oldest_to: int | None = None
    country: str | None = None
    industry: str | None = None
    grade: str | None = None


def start_listing(rows: pd.DataFrame) -> Listing:
    """Give the list of a run before anything was done about it.

    Parameters
    ----------
    rows : one row per customer, as ``Listing`` says.
    """
    count = len(rows)
    place, state = np.full(count, _PLACES[""], dtype="int8"), np.full(count, _STATES[Pending.NOTHING], dtype="int8")
    row_of = {customer_id: row for row, customer_id in enumerate(rows["customer_id"].tolist())}
    kinds = {name: sorted(rows[name].dropna().unique().tolist()) for name in _KINDS}
    return Listing(rows.reset_index(drop=True), row_of, place, state, np.zeros(count, dtype=bool), kinds)


def place_accounts(
    listing: Listing,
    accounts: Iterable[tuple[Account, Sequence[Judged]]],
    *,
    on: date,
    policy: ContactPolicy,
) -> Listing:
    """Put what was done about some customers to the list.

    Parameters
    ----------
    accounts : the collectors' files that changed, with their promises as they are judged; customers who are not on the
        list are passed over.
    on : the day on which the list is worked.
    """
    there = [
        (listing.row_of[one.customer_id], one, judged) for one, judged in accounts if one.customer_id in listing.row_of
    ]
    facts = _read_facts(listing.rows.iloc[[row for row, *_ in there]])
    place, state, is_hidden = listing.place.copy(), listing.state.copy(), listing.is_hidden.copy()
    touched = dict(listing.touched)
    for (row, account, judged), fact in zip(there, facts, strict=True):
        placed = place_account(account, judged, fact, on=on, policy=policy)
        place[row], state[row] = _PLACES[placed.place], _STATES[placed.state]
        is_hidden[row] = placed.hidden_until_on is not None
        touched[row] = (account, placed)
    return replace(listing, place=place, state=state, is_hidden=is_hidden, touched=touched)


def choose_rows(
    listing: Listing, wanted: Wanted, *, sort: str = LISTED, after: tuple[float, int] | None = None
) -> npt.NDArray[np.int64]:
    """Choose rows of the list, in order.

    Parameters
    ----------
    sort : ``LISTED``, or one of ``SORTS``.
    after : the key of the last row that was seen, as ``key_of`` gives it; None = begin.

    Returns
    -------
    array of int64
        Positions in ``listing.rows``.
    """
    chosen = _filter(listing, wanted)
    key, rank = _list_keys(listing, sort), listing.rows["rank"].to_numpy()
    if after is not None:
        chosen &= (key > after[0]) | ((key == after[0]) & (rank > after[1]))
    rows = np.flatnonzero(chosen)
    return rows[np.lexsort((rank[rows], key[rows]))]


def key_of(listing: Listing, row: int, *, sort: str = LISTED) -> tuple[float, int]:
    """Give what a row is ordered by, for ``choose_rows`` to go on after it."""
    return float(_list_keys(listing, sort)[row]), int(listing.rows["rank"].to_numpy()[row])


def _list_keys(listing: Listing, sort: str) -> npt.NDArray[np.float64]:
    if sort == LISTED:
        return listing.place.astype("float64")
    return -listing.rows[SORTS[sort]].to_numpy(dtype="float64")


def _filter(listing: Listing, wanted: Wanted) -> Mask:
    rows = listing.rows
    chosen = _says(rows, wanted.text.strip().lower()) if wanted.text else np.ones(len(rows), dtype=bool)
    if wanted.collector is not None:
        chosen &= _has_collector(listing, wanted.collector)
    if wanted.state is not None:
        chosen &= listing.state == _STATES[wanted.state]
    if wanted.is_hidden is not None:
        chosen &= listing.is_hidden == wanted.is_hidden
    for name, least, most in (
        ("overdue_amount", wanted.overdue_from, wanted.overdue_to),
        ("oldest_days_past_due", wanted.oldest_from, wanted.oldest_to),
    ):
        if least is not None:
            chosen &= rows[name].to_numpy() >= least
        if most is not None:
            chosen &= rows[name].to_numpy() <= most
    for name in _KINDS:
        value = getattr(wanted, name)
        if value is not None:
            chosen &= (rows[name] == value).to_numpy(dtype=bool, na_value=False)
    return chosen


def _says(rows: pd.DataFrame, text: str) -> Mask:
    ids, names = (pc.fill_null(pc.utf8_lower(to_arrow(rows[column])), "") for column in ("customer_id", "name"))
    return np.asarray(pc.or_(pc.starts_with(ids, text), pc.match_substring(names, text)), dtype=bool)


def _has_collector(listing: Listing, collector: str) -> Mask:
    name = "" if collector == NOBODY else fold_name(collector)
    found = np.full(len(listing.rows), not name)
    for row, (account, _) in listing.touched.items():
        found[row] = fold_name(account.collector) == name
    return found


def _read_facts(rows: pd.DataFrame) -> list[RowFacts]:
    scale = 10.0 ** exponents(rows["currency"])
    minor = ((rows[name].to_numpy() * scale).round().astype("int64").tolist() for name in _FACTS)
    return [RowFacts(*fact) for fact in zip(rows["currency"].tolist(), *minor, strict=True)]
