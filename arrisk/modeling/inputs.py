"""Which features the late-payment models read, taken from the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass

from arrisk.features import CATALOGUE, Feature
from arrisk.modeling.rates import PastRate
from arrisk.modeling.rows import Column, Scale

_SCALES: Mapping[str, Scale] = {
    "amount": "log",
    "count": "log",
    "days": "log",
    "ratio": "log",
    "share": "plain",
    "code": "code",
}
_GROUPS = {"invoice_amount_log": "invoice_amount"}
"""Columns that say the same thing twice are explained together."""


@dataclass(frozen=True)
class Inputs:
    """Which feature columns the models read.

    Parameters
    ----------
    columns : all of them, in a fixed order.
    past : for each horizon k, where there is one, the customer's own past rate of "late by k given late by
        the horizon before".
    history_count : the column with how many settled invoices of the customer were known.
    """

    columns: tuple[Column, ...]
    past: Mapping[int, PastRate]
    history_count: str


def list_inputs() -> Inputs:
    """List the inputs of the late-payment models: every feature of the catalogue.

    Examples
    --------
    >>> inputs = list_inputs()
    >>> inputs.columns[0].name, inputs.past[0].events.name
    ('invoices_count', 'late_count')
    """
    columns = {name: _as_column(feature) for name, feature in CATALOGUE.items()}
    past = {0: PastRate(count=columns["settled_count"], events=columns["late_count"])}
    return Inputs(tuple(columns.values()), past, history_count="settled_count")


def _as_column(feature: Feature) -> Column:
    group = _GROUPS.get(feature.name, feature.name)
    return Column(feature.name, feature.direction, _SCALES[feature.unit.value], group)
