"""Several backtests of one ledger from different days, put together: the mean of each measure and its spread."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from arrisk.modeling.evaluate import to_plain

SUMMARISED = ("horizons", "integrated_brier", "timing")
"""The parts of a report in which measures stand by model; their names stay as they are."""

_LEFT_OUT = {"intervals", "champion", "by_amount_decile"}


def summarise_origins(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the mean and the range of each measure over backtests with different cutoffs.

    Parameters
    ----------
    reports : as given by ``report_curve``, each with its ``cutoff``; at least one.

    Returns
    -------
    dict
        Plain data: ``cutoffs``; ``champions``, by name how often each was chosen; and the parts of a report without
        intervals and deciles, each figure as ``mean``, ``low`` and ``high`` (the smallest and the largest) over the
        ``count`` of reports that have it. A figure that none has is left out.

    Examples
    --------
    >>> reports = [
    ...     {"cutoff": day, "champion": "boosted", "timing": {"candidates": {"boosted": {"coverage": share}}}}
    ...     for day, share in (("2024-01-01", 0.8), ("2024-04-01", 0.7))
    ... ]
    >>> summarise_origins(reports)["timing"]["candidates"]["boosted"]["coverage"]
    {'mean': 0.75, 'low': 0.7, 'high': 0.8, 'count': 2}
    """
    champions = [str(report["champion"]) for report in reports]
    parts = {name: _summarise([report[name] for report in reports if name in report]) for name in SUMMARISED}
    summary = {
        "cutoffs": [report["cutoff"] for report in reports],
        "champions": {name: champions.count(name) for name in dict.fromkeys(champions)},
        **{name: part for name, part in parts.items() if part},
    }
    return dict(to_plain(summary))


def _summarise(values: Sequence[Any]) -> dict[str, Any]:
    trees = [value for value in values if isinstance(value, Mapping)]
    if trees:
        names = dict.fromkeys(name for tree in trees for name in tree if name not in _LEFT_OUT)
        parts = {name: _summarise([tree[name] for tree in trees if name in tree]) for name in names}
        return {name: part for name, part in parts.items() if part}
    numbers = [float(value) for value in values if isinstance(value, Real)]
    if not numbers:
        return {}
    return {"mean": np.mean(numbers), "low": min(numbers), "high": max(numbers), "count": len(numbers)}
