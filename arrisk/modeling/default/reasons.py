"""Reasons: why a customer is likely to default, as business reasons whose parts sum to the logit of its probability.

Each of the two models splits its margin into one part per feature: coefficient x (value - average), the evidence of a
bin against one that says nothing, or TreeSHAP. The parts of the features of one business reason are added. What speaks
for it, with its value, is its strongest feature in its direction; rather one whose value lies where one would expect
it, above or below the usual. Where no annual accounts are known at all, whatever would rest on them is one reason,
which says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.features.meanings import MEANINGS, NO_ACCOUNTS, explain_value, find_reason, rests_on_accounts
from arrisk.modeling.chain import Link
from arrisk.modeling.default.model import DefaultModel, find_history
from arrisk.modeling.explain import contribute_link
from arrisk.modeling.reason_sums import sum_reasons
from arrisk.modeling.rows import Floats, Ints, read_column, require_columns

_COLUMNS = ["row", "rank", "reason", "feature", "value", "contribution"]


@dataclass(frozen=True)
class Asked:
    """The customers that one of the two models answers for: n rows, f features, which belong to some reasons.

    Parameters
    ----------
    link : the model.
    rows : which of the rows asked about these are, shape (n,).
    names : the features.
    known : what was known of them, shape (n, f).
    reasons : the names of the business reasons.
    place : the reason of each feature of each row, as its place among ``reasons``, shape (n, f).
    side : 1 = its value lies where more risk is to be expected, -1 = less, against the usual one; 0 = cannot be said.
    """

    link: Link
    rows: Ints
    names: tuple[str, ...]
    known: Floats
    reasons: tuple[str, ...]
    place: Ints
    side: Floats


@dataclass(frozen=True)
class CustomerReasons:
    """Why customers score as they do, in numbers that sum up.

    Parameters
    ----------
    starting_values : the logit before anything is known of a customer, shape (n,).
    margins : the logit of each customer's probability of default, shape (n,).
    reasons : one row per customer and reason: row (index value of the features), rank (1 = strongest), reason, feature
        (which speaks for it), value, contribution (logits; positive = more risk), text; where none was cut off, the
        contributions of a row and its starting value sum to its margin.
    """

    starting_values: Floats
    margins: Floats
    reasons: pd.DataFrame


def explain_customers(model: DefaultModel, features: pd.DataFrame, *, top: int | None = None) -> CustomerReasons:
    """Explain each customer's probability of default within a year.

    Parameters
    ----------
    model : the default model.
    features : one row per customer that is not in default; the index, without repeats, names the rows.
    top : how many reasons a customer gets at most, the strongest first; None = all.

    Raises
    ------
    ModelError
        When a feature is missing.
    """
    found = rank_reasons(model, features)
    reasons = found.reasons if top is None else found.reasons.loc[found.reasons["rank"] <= top].reset_index(drop=True)
    return CustomerReasons(found.starting_values, found.margins, reasons.assign(text=tell_reasons(reasons)))


def rank_reasons(model: DefaultModel, features: pd.DataFrame) -> CustomerReasons:
    """Give the reasons of ``explain_customers`` without their texts."""
    starting, margins = np.zeros(len(features)), np.zeros(len(features))
    tables = []
    for asked in ask_links(model, features):
        starting[asked.rows], margins[asked.rows], parts = contribute_link(asked.link, features.iloc[asked.rows])
        tables.append(_rank_rows(asked, parts))
    table = pd.concat(tables) if tables else pd.DataFrame(columns=_COLUMNS).astype({"row": "int64"})
    table = table.sort_values(["row", "rank"], kind="stable", ignore_index=True)
    return CustomerReasons(starting, margins, table.assign(row=features.index.to_numpy()[table["row"]]))


def tell_reasons(reasons: pd.DataFrame) -> list[str]:
    """Say each reason in words: that of its feature, with its value."""
    columns = (reasons[name].tolist() for name in ("reason", "feature", "value"))
    return [
        NO_ACCOUNTS if reason == NO_ACCOUNTS else explain_value(feature, value)
        for reason, feature, value in zip(*columns, strict=True)
    ]


def ask_links(model: DefaultModel, features: pd.DataFrame) -> Iterator[Asked]:
    """Give each of the two models its customers, with the reasons that what it reads belongs to.

    Raises
    ------
    ModelError
        When a feature is missing.
    """
    require_columns(features, model.columns)
    has_history = find_history(features)
    for link, columns, chosen in (
        (model.behaviour, model.columns, has_history),
        (model.application, model.known_before, ~has_history),
    ):
        rows = np.flatnonzero(chosen)
        if len(rows):
            names = tuple(column.name for column in columns)
            values = np.column_stack([read_column(features, name)[rows] for name in names])
            usual = np.array([model.reference[name] for name in names])
            expected = np.array([MEANINGS[name].direction if name in MEANINGS else 0 for name in names])
            side = np.nan_to_num(np.sign(values - usual)) * expected
            yield Asked(link, rows, names, values, *_sort_features(names, values), side)


def _sort_features(names: tuple[str, ...], values: Floats) -> tuple[tuple[str, ...], Ints]:
    """Sort the features into reasons, row by row."""
    own = [find_reason(name) for name in names]
    reasons = (*dict.fromkeys(own), NO_ACCOUNTS)
    place = np.tile(np.array([reasons.index(reason) for reason in own]), (len(values), 1))
    of_accounts = np.array([rests_on_accounts(name) for name in names])
    if of_accounts.any():
        has_none = np.isnan(values[:, of_accounts]).all(axis=1)
        place[np.ix_(has_none, of_accounts)] = len(reasons) - 1
    return reasons, place


def _rank_rows(asked: Asked, parts: pd.DataFrame) -> pd.DataFrame:
    """Rank the reasons of each row by their size, those that say nothing left out."""
    columns = np.array([asked.names.index(name) for name in map(str, parts)], dtype="int64")
    count = len(asked.reasons)
    matrix = parts.to_numpy(dtype="float64")
    totals, speaker = sum_reasons(matrix, asked.place[:, columns], asked.side[:, columns], count=count)
    # Stable, so that ties stand in the order of the features.
    order = np.argsort(-np.abs(totals), axis=1, kind="stable")
    ranked = np.take_along_axis(totals, order, axis=1)
    row, rank = np.nonzero(ranked)
    reason = order[row, rank]
    feature = columns[speaker[row, reason]] if len(columns) else reason
    return pd.DataFrame(
        {
            "row": asked.rows[row],
            "rank": rank + 1,
            "reason": np.array(asked.reasons, dtype="object")[reason],
            "feature": np.array(asked.names, dtype="object")[feature],
            "value": asked.known[row, feature],
            "contribution": ranked[row, rank],
        }
    )
