"""Allowances by several methods side by side, on the same open balance."""

from collections.abc import Mapping

import pandas as pd

from arrisk.allowance.estimates import Allowance
from arrisk.allowance.exposures import IN_DEFAULT, INDIVIDUAL
from arrisk.allowance.overlays import list_overlay_rows

SIDE_BY_SIDE = ("performing", "in_default", "individual", "overlays", "total", "upper_total")
"""The amounts of a comparison; the first four sum to the total."""


def compare_methods(found: Mapping[str, Allowance]) -> pd.DataFrame:
    """Put allowances of one day side by side.

    Parameters
    ----------
    found : each allowance by its method's name.

    Returns
    -------
    DataFrame
        One row per method: method, currency, and ``SIDE_BY_SIDE`` as int64 minor units: what is booked for performing
        customers, for those in default, for those assessed one by one, by overlays, all of it, and its upper bound.
    """
    return pd.DataFrame([_sum(name, allowance) for name, allowance in found.items()])


def _sum(name: str, allowance: Allowance) -> dict[str, object]:
    rows = allowance.rows
    kinds = {"in_default": rows["segment"] == IN_DEFAULT, "individual": rows["segment"] == INDIVIDUAL}
    apart = {kind: int(rows.loc[mask, "allowance"].sum()) for kind, mask in kinds.items()}
    overlays = int(rows.loc[list_overlay_rows(allowance), "allowance"].sum())
    performing = allowance.total - sum(apart.values()) - overlays
    sums = {"performing": performing, **apart, "overlays": overlays}
    totals = {"total": allowance.total, "upper_total": allowance.upper_total}
    return {"method": name, "currency": allowance.exposures.currency, **sums, **totals}
