"""A score explained as a card: the points of each column, so that a person can recompute it by hand."""

import numpy as np
import pandas as pd

from arrisk.features.meanings import explain_value, find_reason
from arrisk.modeling.binning import find_edges, place_values
from arrisk.modeling.grades import PointScale
from arrisk.modeling.rows import read_column
from arrisk.modeling.scorecard import ScorecardModel, list_points, score_points


def explain_points(card: ScorecardModel, features: pd.DataFrame, *, scale: PointScale) -> pd.DataFrame:
    """Give each customer's points, column by column.

    Parameters
    ----------
    card : the scorecard of one of the two default models.
    features : one row per customer; the index, without repeats, names the rows.
    scale : of the points; more are better.

    Returns
    -------
    DataFrame
        One row per customer and column of the card, in the order of the card: row, reason, feature, value, from, to
        and is_missing (the bin it falls into), points (their sum is the score of the card's own probability), lost
        (against a bin that says nothing; below 0 = gained), text.
    """
    points = score_points(card, features, scale=scale)
    bins = list_points(card, scale=scale)
    neutral = (scale.offset - scale.factor * card.intercept) / max(len(card.columns), 1)
    tables = []
    for column in card.columns:
        values = read_column(features, column.name)
        own = bins.loc[bins["column"] == column.name, ["from", "to", "is_missing"]]
        found = own.iloc[place_values(values, find_edges(column.bins))].set_axis(features.index)
        tables.append(
            found.assign(
                row=features.index,
                reason=find_reason(column.name),
                feature=column.name,
                value=values,
                points=points[column.name],
                lost=neutral - points[column.name],
                text=[explain_value(column.name, value) for value in values.tolist()],
            )
        )
    names = ["row", "reason", "feature", "value", "from", "to", "is_missing", "points", "lost", "text"]
    if not tables:
        return pd.DataFrame(columns=names)
    order = np.argsort(np.tile(np.arange(len(features)), len(tables)), kind="stable")
    return pd.concat(tables, ignore_index=True).loc[order, names].reset_index(drop=True)
