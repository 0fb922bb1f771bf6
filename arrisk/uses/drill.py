"""The use case of looking into the ageing: total, segments, customers, open items; each level ties to the one above."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from arrisk.allowance.exposures import name_segments
from arrisk.frames import day_of, match, visible
from arrisk.ledger.ageing import Ageing, age_ledger, name_buckets, require_tie
from arrisk.policy import Policy
from arrisk.schema import Book


@dataclass(frozen=True)
class Drill:
    """An ageing to look into; amounts are int64 minor units of the book currency.

    Parameters
    ----------
    ageing : of the ledger, or of one selling company.
    items : one row per open item: those of ``ageing.items``, and segment.
    customers : one row per customer with something open or a receipt not applied: customer_id, name, segment, one
        column per bucket, open_amount, unapplied_amount, count, oldest_days_past_due (missing = nothing is open).
    segments : one row per segment with something open: segment, one column per bucket, open_amount, count,
        count_customers.
    """

    ageing: Ageing
    items: pd.DataFrame
    customers: pd.DataFrame
    segments: pd.DataFrame

    @property
    def buckets(self) -> list[str]:
        """The buckets in order."""
        return [str(name) for name in self.ageing.buckets["bucket"]]


def drill_ageing(book: Book, *, as_of: date, age_on: date, policy: Policy, entity: str | None = None) -> Drill:
    """Age the ledger and split it by segment, customer and item.

    Parameters
    ----------
    as_of : only what was known before the start of this day counts.
    age_on : the day of ages and rates.
    policy : buckets, and the columns of the customers that make a segment.
    entity : only what this selling company is owed; None = all.

    Raises
    ------
    CurrencyError
        When something open is in a currency without a rate.
    ArriskError
        When a level does not sum to the open balance.
    """
    ageing = age_ledger(book, as_of=as_of, age_on=age_on, ageing=policy.ageing, entity=entity)
    ids = ageing.customers["customer_id"]
    names = name_segments(book, ids, as_of=as_of, policy=policy.allowance)
    segment = pd.Series(names, index=ids.to_numpy(), dtype="str")
    items = ageing.items.assign(segment=segment.reindex(ageing.items["customer_id"]).to_numpy())
    customers = _list_customers(book, ageing, segment, as_of=as_of)
    segments = _sum_segments(items, customers, name_buckets(policy.ageing))
    require_tie(segments["open_amount"].to_list(), ageing.total, what="the segments of the ageing")
    return Drill(ageing, items, customers, segments)


def _list_customers(book: Book, ageing: Ageing, segment: pd.Series, *, as_of: date) -> pd.DataFrame:
    groups = ageing.items.groupby("customer_id")
    ids = ageing.customers["customer_id"]
    known = visible(book["customers"], as_of_day=day_of(as_of))
    place = match(ids, known["customer_id"])
    names = pd.Series([*known["name"].tolist(), None], dtype=object).iloc[place].reset_index(drop=True)
    listed = ageing.customers.assign(
        count=groups.size().reindex(ids, fill_value=0).to_numpy(),
        oldest_days_past_due=groups["days_past_due"].max().reindex(ids).astype("Int64").to_numpy(),
    )
    listed.insert(1, "name", names)
    listed.insert(2, "segment", segment.to_numpy())
    return listed


def _sum_segments(items: pd.DataFrame, customers: pd.DataFrame, buckets: list[str]) -> pd.DataFrame:
    owing = customers.loc[(customers["count"] > 0).to_numpy()]
    sums = owing.groupby("segment", sort=True)[[*buckets, "open_amount", "count"]].sum()
    sums = sums.assign(count_customers=owing.groupby("segment").size())
    require_tie(sums["count"].to_list(), len(items), what="the items of the segments")
    return sums.reset_index()
