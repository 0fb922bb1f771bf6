"""Who belongs to which group, industry and country, as far as was known on each day."""

from functools import partial

import numpy as np
import pandas as pd

from arrisk.features.context import LEVELS, Context, Level, build_level
from arrisk.features.events import History
from arrisk.frames import NEVER, Days, Mask, match, run_together, to_arrow

_COLUMN = {"industry": "industry", "country": "country"}


def label_rows(customers: pd.DataFrame, level: str) -> pd.Series:
    """Name the key of each row of the master data: a group goes by its head, a firm without one by itself."""
    if level == "group":
        return customers["parent_id"].fillna(customers["customer_id"])
    if level == "book":
        return pd.Series("book", index=customers.index, dtype="str")
    return customers[_COLUMN[level]]


def list_levels(history: History, context: Context | None) -> Context:
    """Give the series of every level: those that are there already, or new ones from the whole book.

    Parameters
    ----------
    history : of all customers.
    context : the series, where they are shared by parts of a book.

    Returns
    -------
    Context
        A group is kept only where it ever had two members; for a firm alone its own figures say the same.
    """
    if context is not None:
        return context
    built = run_together([partial(_build, history, level) for level in LEVELS], rows=len(history.segments))
    return dict(zip(LEVELS, built, strict=True))


def _build(history: History, level: str) -> Level:
    customers = history.book["customers"]
    labels = label_rows(customers, level)
    owners = match(customers["customer_id"], history.customers)
    if level == "group":
        labels = labels.where(_is_shared(labels, owners))
    names = pd.Series(pd.array(to_arrow(labels).unique().drop_null(), dtype="str"))
    members = pd.DataFrame(
        {
            "key": match(labels, names),
            "customer": owners,
            "start": customers["known_day"].to_numpy(),
            "stop": customers["superseded_day"].to_numpy(),
        }
    )
    if level == "book":
        # Every debtor belongs to the book, also one without master data.
        names = pd.Series(["book"], dtype="str")
        everyone = np.arange(len(history.customers))
        members = pd.DataFrame({"key": 0, "customer": everyone, "start": -NEVER, "stop": NEVER})
    return build_level(
        names,
        members,
        versions=history.versions,
        segments=history.segments,
        spans=history.segment_spans,
        last_day=history.last_day,
    )


def _is_shared(labels: pd.Series, owners: Days) -> Mask:
    pairs = pd.DataFrame({"label": labels, "owner": owners}).drop_duplicates()
    sizes = pairs["label"].value_counts()
    shared = pd.Series(sizes.index[sizes > 1].astype("str"))
    return match(labels, shared) >= 0
