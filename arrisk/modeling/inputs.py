"""Which features the late-payment models read, taken from the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.features import CATALOGUE, Feature
from arrisk.features.attributes import PREFIX
from arrisk.features.meanings import ATTRIBUTES
from arrisk.frames import NEVER
from arrisk.modeling.rates import PastRate
from arrisk.modeling.rows import Column, Scale, set_columns

_SCALES: Mapping[str, Scale] = {
    "amount": "log",
    "count": "log",
    "days": "log",
    "ratio": "log",
    "share": "plain",
    "code": "code",
    "score": "plain",
}
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "late_share_shrunk": ("late_", "due_late_", "mean_days_late", "weighted_days_late", "recent_days_late",
                          "last_days_late", "trend_days_late", "spread_days_late", "clipped_days_late", "paid_after_"),
    "overdue_amount": ("overdue_", "oldest_overdue", "mean_overdue", "open_count", "open_amount", "open_in_parts",
                       "due_soon_"),
    "invoice_amount_ratio": ("invoice_amount", "invoice_size"),
    "run_slack_days": ("run_",),
    "days_since_first_invoice": ("days_since_first_invoice", "invoices_count", "settled_count"),
    "invoiced_amount_365": ("invoiced_amount", "settled_amount", "payments_amount", "sales_pace",
                            "mean_invoice_amount"),
}  # fmt: skip
"""By the feature that speaks for them: columns, by how they begin, that say much the same and are explained together.

Apart, one of two such columns can push up what the other pulls down, which is no reason to tell anybody.
"""

_MATTERS, _MAY_MATTER = 20.0, 1000.0
"""Precision of the linear model's prior on a standardised coefficient: 0.22 or 0.03 logits either way."""

_KNOWN_TO_MATTER = frozenset(
    {
        "late_count", "late_share", "late_share_90", "late_share_365", "due_late_share", "due_late_share_90",
        "late_share_shrunk", "mean_days_late", "mean_days_late_90", "recent_days_late", "last_days_late",
        "spread_days_late", "trend_days_late", "settled_count", "overdue_count", "oldest_overdue_days", "open_count",
        "invoice_amount_log", "invoice_amount_ratio", "days_since_first_invoice", "book_late_share_365",
        "attributes_age_days", "clipped_days_late_90", "clipped_days_late_365", "paid_after_m7_share_365",
        "paid_after_m3_share_365", "paid_after_4_share_365", "paid_after_10_share_365", "paid_after_20_share_365",
        "run_slack_days", "run_slack_30_days", "run_gap_days", "silence", "invoice_size_log_ratio", "discount_offered",
        "due_soon_count", "due_soon_amount",
    }
)  # fmt: skip
"""How the customer paid, what it owes now, and what the invoice is against its usual ones."""


_PAST = ("settled_count", "late_count", "late_30_count", "late_60_count", "late_90_count")
"""How many of a customer's invoices were paid, and how many of them later than 0, 30, 60 and 90 days past due."""

OPEN_COLUMNS = (
    Column("open_share", 0, "plain", _MATTERS),
    Column("is_disputed", 1, "plain", _MATTERS),
)
"""What is known of an open invoice itself on the day of scoring, beside the features."""


_OF_THE_TIMES = frozenset(
    {
        "gdp_growth", "unemployment_rate", "industry_output", "conditions_age_days", "book_late_share_365",
        "book_overdue_share", "industry_late_share_365", "country_late_share_365", "days_since_first_invoice",
        "invoices_count", "settled_count", "late_count", "late_30_count", "late_60_count", "late_90_count",
        "onboarded_days", "write_offs_count", "credit_events_count",
    }
)  # fmt: skip
"""What moves for everybody with the calendar, or only ever grows with it."""


@dataclass(frozen=True)
class Inputs:
    """Which feature columns the models read.

    Parameters
    ----------
    columns : all of them, in a fixed order.
    past : for each stage (after which day past due, until which), where there is one, the customer's own past rate of
        being unpaid at its end given unpaid at its start.
    horizons : for each k, where there is one, its own past rate of late by k.
    history_count : the column with how many settled invoices of the customer were known.
    """

    columns: tuple[Column, ...]
    past: Mapping[tuple[int, int], PastRate]
    horizons: Mapping[int, PastRate]
    history_count: str


def list_inputs(features: Iterable[str] = ()) -> Inputs:
    """List the inputs of the late-payment models: every feature of the catalogue, and every attribute.

    Parameters
    ----------
    features : the columns of the feature frame; those that begin like an attribute are taken.

    Examples
    --------
    >>> inputs = list_inputs()
    >>> inputs.columns[0].name, inputs.horizons[0].events.name
    ('invoices_count', 'late_count')
    """
    columns = {name: as_column(feature) for name, feature in CATALOGUE.items()}
    attributes = [Column(name, 0, "plain", _MATTERS) for name in features if name.startswith(PREFIX)]
    counts = [columns[name] for name in _PAST]
    horizons = {
        k: PastRate(count=counts[0], events=events) for k, events in zip((0, 30, 60, 90), counts[1:], strict=False)
    }
    stages = zip((-NEVER, 0, 30, 60), (0, 30, 60, 90), counts, counts[1:], strict=False)
    past = {(after, last): PastRate(count=count, events=events) for after, last, count, events in stages}
    return Inputs((*columns.values(), *attributes), past, horizons, history_count="settled_count")


def fill_attributes(features: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Add as missing those attributes among a model's columns that a book does not have: nothing is known of them.

    Examples
    --------
    >>> known = pd.DataFrame({"attribute_score": [7.0]})
    >>> fill_attributes(known, [Column("attribute_score"), Column("attribute_rank"), Column("open_count")])
       attribute_score  attribute_rank
    0              7.0             NaN
    """
    attributes = [column.name for column in columns if column.name.startswith(ATTRIBUTES)]
    absent = {name: np.nan for name in attributes if name not in features}
    return set_columns(features, **absent) if absent else features


def as_column(feature: Feature) -> Column:
    """Say how models read a feature of a catalogue."""
    group = next((name for name, starts in _GROUPS.items() if feature.name.startswith(starts)), feature.name)
    precision = _MATTERS if feature.name in _KNOWN_TO_MATTER else _MAY_MATTER
    # Days late have two signs, and the difference between -5 and 5 is the one that matters: no logarithm.
    # A ratio of logarithms needs no second one.
    is_plain = "days_late" in feature.name or feature.name == "invoice_size_log_ratio"
    scale = "plain" if is_plain else _SCALES[feature.unit.value]
    if feature.name == "silence":
        scale = "rare"
    return Column(feature.name, feature.direction, scale, precision, group, feature.name in _OF_THE_TIMES)
