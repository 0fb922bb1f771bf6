"""The rows a model learns from, and what is known of their columns.

A row is one question: "this invoice, as of this day". Its features look back from that day alone; its target
became known later, on ``known_day``. Rows are kept in time order (ties by id), so that "earlier" is always
"further up".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.errors import ModelError, nearest

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Scale = Literal["plain", "log", "rare", "code"]


@dataclass(frozen=True)
class Column:
    """What a model must know of one feature column.

    Parameters
    ----------
    name : the column in the feature frame.
    direction : +1 when more means later payment, -1 when less does, 0 when either may be.
    scale : "log" for amounts, counts and days, whose effect fades as they grow; "plain" for shares; "rare"
        for what is almost always near 0 and matters most where it is not; "code" for numbers that only name something,
        which a linear model leaves out.
    precision : how strongly a linear model draws its coefficient towards zero (precision of the prior on the
        standardised coefficient): small for what is known to matter, large for what may.
    group : the feature that this column expresses; columns of one group are explained together.
    is_of_the_times : whether it rises and falls for all rows with the calendar. Models leave it out: they would learn
        the days of the past by heart; how the times move is for the drift.
    """

    name: str
    direction: int = 0
    scale: Scale = "plain"
    precision: float = 100.0
    group: str = ""
    is_of_the_times: bool = False

    @property
    def reason(self) -> str:
        """The name under which this column's contribution is shown."""
        return self.group or self.name


@dataclass(frozen=True)
class Sample:
    """Rows in time order with one yes-or-no target.

    Parameters
    ----------
    features : one row per question, numeric columns, missing is NaN.
    target : 1 = it happened, 0 = it did not; shape (n,).
    customer : which customer the row is about, as whole numbers; shape (n,).
    asked_day, known_day : the day of the question and the last day before its target was known; shape (n,).
    columns : what is known of the feature columns, in the order in which models read them.
    """

    features: pd.DataFrame
    target: Floats
    customer: Ints
    asked_day: Ints
    known_day: Ints
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.target)

    @property
    def events(self) -> int:
        """How often it happened."""
        return int(self.target.sum())

    def take(self, positions: Ints | Mask) -> Self:
        """Keep some rows, in the order given."""
        return replace(
            self,
            features=self.features.iloc[positions],
            target=self.target[positions],
            customer=self.customer[positions],
            asked_day=self.asked_day[positions],
            known_day=self.known_day[positions],
        )

    def latest(self, count: int) -> Self:
        """Keep the newest rows."""
        return self.take(np.arange(max(0, len(self) - count), len(self)))

    def is_learnable(self, *, rows: int, of_each: int) -> bool:
        """Say whether there are enough rows, and enough of both outcomes, to fit something."""
        return len(self) >= rows and min(self.events, len(self) - self.events) >= of_each


def order_sample(sample: Sample, *, ids: pd.Series) -> Sample:
    """Put rows into time order; rows of one day are ordered by id, never by where they stood in a file."""
    # np.lexsort sorts by its last key first.
    _, by_id = np.unique(ids.to_numpy(dtype="str"), return_inverse=True)
    return sample.take(np.lexsort((by_id, sample.asked_day)))


def set_columns(features: pd.DataFrame, **columns: Floats | float) -> pd.DataFrame:
    """Give a feature frame with columns added or replaced; the others are not copied."""
    rest = features.drop(columns=[name for name in columns if name in features])
    # One by one they would leave the frame in pieces, which pandas then reads slowly.
    return pd.concat([rest, pd.DataFrame(columns, index=features.index)], axis=1)


def read_column(features: pd.DataFrame, name: str) -> Floats:
    """Read one feature column as contiguous float64, missing as NaN.

    Contiguous, because numpy may take another code path, with another last bit, for strided data.
    """
    return np.ascontiguousarray(features[name].to_numpy(dtype="float64", na_value=np.nan))


def require_columns(features: pd.DataFrame, columns: Sequence[Column]) -> None:
    """Refuse a feature frame that lacks a column of the model.

    Raises
    ------
    ModelError
        Naming the first missing column and the nearest one that is there.
    """
    for column in columns:
        if column.name not in features.columns:
            raise ModelError(
                f"the model needs the feature '{column.name}', which is not there",
                where="feature frame",
                hint=nearest(column.name, [str(name) for name in features.columns]),
            )
