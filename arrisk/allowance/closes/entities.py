"""One selling company's part of an allowance, and its parts in other currencies."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Allowance, round_half_up, sum_rows
from arrisk.allowance.exposures import Exposures
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of, match, visible
from arrisk.ledger.ageing import age_ledger
from arrisk.policy import Policy
from arrisk.schema import Book


def choose_entity(book: Book, name: str | None, *, as_of: date) -> str:
    """Choose the selling company: the one that is named, or the only one.

    Raises
    ------
    InputError
        When there is none of that name, or more than one and none is named.
    """
    known = visible(book["invoices"], as_of_day=day_of(as_of))["entity_id"].astype("str")
    names = sorted(known.unique())
    if name is None and len(names) > 1:
        raise InputError(f"the book has {len(names)} entities", where="entity", hint=nearest("", names))
    if not names:
        raise InputError(f"no invoice is known before {as_of}", hint="a later day")
    if name is not None and name not in names:
        raise InputError(f"no entity '{name}'", where="entity", hint=nearest(name, names))
    return name or names[0]


def take_entity(allowance: Allowance, book: Book, *, entity: str, policy: Policy) -> Allowance:
    """Take the items of one selling company out of an allowance; rates and bounds of each item stay as they are.

    Raises
    ------
    ArriskError
        When its rows do not sum to its open balance.
    """
    ageing = allowance.exposures.ageing
    own = age_ledger(book, as_of=ageing.as_of, age_on=ageing.age_on, ageing=policy.ageing, entity=entity)
    listed, items = allowance.exposures.items, allowance.items
    if len(own.items) == len(items):
        return allowance
    is_own = (listed["entity_id"] == entity).to_numpy()
    exposures = Exposures(own, listed.loc[is_own].reset_index(drop=True))
    valued = items.loc[is_own].reset_index(drop=True)
    return replace(allowance, exposures=exposures, items=valued, rows=sum_rows(exposures, valued))


def split_by_currency(allowance: Allowance, opened: pd.DataFrame) -> Mapping[str, int]:
    """Split what is booked by the currencies of the invoices.

    What belongs to no single invoice is in the book currency, and so is what rounding leaves.

    Parameters
    ----------
    opened : open items in their own currencies: invoice_id and currency.

    Returns
    -------
    dict
        Minor units of the book currency by currency; they sum to the allowance.
    """
    items, own = allowance.items, allowance.exposures.currency
    currencies = opened["currency"].to_numpy(dtype=object)[match(items["invoice_id"], opened["invoice_id"])]
    sums = pd.Series(items["expected_loss"].to_numpy()).groupby(currencies).sum()
    whole = dict(zip(sums.index.astype("str"), round_half_up(sums.to_numpy(dtype="float64")).tolist(), strict=True))
    foreign = {name: int(amount) for name, amount in whole.items() if name != own}
    return {own: allowance.total - int(np.sum(list(foreign.values()), dtype="int64")), **foreign}
