"""Whether a default model holds everywhere: by industry, country, size, and how much is known of the customer."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from arrisk.features.five_cs import DEPTH_GRADES
from arrisk.modeling.default.metrics import check_jeffreys
from arrisk.modeling.default.tested import Tested
from arrisk.modeling.evaluate import group_depths
from arrisk.modeling.metrics import compute_auc
from arrisk.modeling.rows import Floats, read_column

MOST_GROUPS = 8
"""So many groups of a segment are shown; the others stand together."""

OTHERS, UNKNOWN = "all others", "not known"

COLUMNS = ("segment", "group", "rows", "customers", "defaults", "default_rate", "p_default", "jeffreys", "gini")


def measure_segments(tested: Tested, customers: pd.DataFrame) -> pd.DataFrame:
    """Measure a model by segment.

    Parameters
    ----------
    tested : questions whose year is over.
    customers : one row per customer: customer_id, industry, country.

    Returns
    -------
    DataFrame
        One row per segment and group: segment, group, rows (all questions); of the first question about each customer:
        customers, defaults, default_rate, p_default (mean predicted) and the p-value jeffreys, small where more
        defaulted than predicted; and gini over all questions. NaN where nothing can be measured.
    """
    first = tested.is_first
    rows = []
    for segment, groups in list_segments(tested, customers):
        for group in order_groups(groups):
            part = (groups == group).to_numpy()
            target, p = tested.target[part & first], tested.p[part & first]
            count, defaults = len(target), float(target.sum())
            mean = float(p.mean()) if count else np.nan
            own = check_jeffreys(np.array([defaults]), np.array([float(count)]), p=np.array([mean]))[0]
            gini = 2 * compute_auc(tested.target[part], tested.p[part]) - 1
            rate = defaults / count if count else np.nan
            rows.append((segment, group, int(part.sum()), count, int(defaults), rate, mean, float(own), gini))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def list_segments(tested: Tested, customers: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """List the segments with each row's group."""
    features, index = tested.features, tested.features.index
    depth = pd.Series("", index=index, dtype="object")
    for name, part in group_depths(read_column(features, "settled_count")).items():
        depth[part] = name
    yield "invoices paid so far", depth
    data = pd.Series(read_column(features, "data_depth"), index=index)
    yield "data depth, A = most", data.map(DEPTH_GRADES).fillna(UNKNOWN)
    yield "open amount", pd.Series(group_sizes(read_column(features, "open_amount")), index=index)
    learnt = pd.Series(tested.is_learnt, index=index)
    yield "customer", learnt.map({True: "learnt from", False: "never learnt from"})
    known = customers.set_index("customer_id")
    for name in ("industry", "country"):
        own = tested.customer_id.map(known[name]).astype("object")
        yield name, keep_largest(own.where(own.notna(), UNKNOWN))


def group_sizes(amount: Floats) -> list[str]:
    """Group amounts: nothing, or the third of those above nothing.

    Examples
    --------
    >>> group_sizes(np.array([0.0, 1.0, 2.0, 3.0, np.nan]))
    ['nothing', 'lowest third', 'middle third', 'highest third', 'nothing']
    """
    some = np.nan_to_num(amount) > 0
    thirds = np.quantile(amount[some], [1 / 3, 2 / 3]) if some.any() else np.zeros(2)
    names = ("lowest third", "middle third", "highest third")
    place = np.searchsorted(thirds, np.nan_to_num(amount), side="left")
    return [names[own] if is_some else "nothing" for own, is_some in zip(place, some, strict=True)]


def keep_largest(groups: pd.Series, *, most: int = MOST_GROUPS) -> pd.Series:
    """Keep the names of the largest groups, and put the others together.

    Examples
    --------
    >>> keep_largest(pd.Series(["a", "a", "b", "b", "c", "d"]), most=3).tolist()
    ['a', 'a', 'b', 'b', 'all others', 'all others']
    """
    counts = groups.value_counts()
    if len(counts) <= most:
        return groups
    ranked = counts.rename_axis("name").reset_index().sort_values(["count", "name"], ascending=[False, True])
    return groups.where(groups.isin(ranked["name"].head(most - 1)), OTHERS)


def order_groups(groups: pd.Series) -> list[str]:
    """Order the groups of a segment by name, the others and those not known last."""
    return sorted(groups.unique(), key=lambda name: (name in {OTHERS, UNKNOWN}, _rank(str(name)), str(name)))


def _rank(name: str) -> int:
    sizes = ("nothing", "lowest third", "middle third", "highest third")
    return sizes.index(name) if name in sizes else 0
