"""How the days of payment spread around the due date, in agreement with the probabilities of lateness.

The portfolio's delays give one survival curve (Kaplan-Meier, so that open invoices count as open, not as never seen).
An invoice's own curve has that shape, but passes through the invoice's p_late at 0, 30, 60 and 90 days past due: before
the first and after the last of them the log-odds are shifted, between two of them the fall is shared out alike. Dates
and conditional probabilities are read off it, so that they never contradict each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from arrisk.modeling.logistic import estimate_rate, to_margin, to_probability
from arrisk.modeling.rows import Floats, Ints, Mask

_MIN_AT_RISK = 10
_TAIL_SHARE = 0.9
_TAIL_DAYS = 365
_CHUNK = 20_000


@dataclass(frozen=True)
class DelayCurve:
    """The share of the portfolio's invoices not yet paid ``days`` after the due date (negative = before it).

    Parameters
    ----------
    first_day : days past due of the first value.
    open_share : P(paid later than that many days past due), one value per day, falling.
    """

    first_day: int
    open_share: Floats

    @property
    def days(self) -> Ints:
        """The days past due at which the curve is given."""
        return self.first_day + np.arange(len(self.open_share))

    def to_json(self) -> dict[str, Any]:
        """Describe the curve as plain data."""
        return {"first_day": self.first_day, "open_share": self.open_share.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(int(data["first_day"]), np.array(data["open_share"], dtype="float64"))


def fit_delay_curve(delay: Floats, is_paid: Mask) -> DelayCurve:
    """Estimate the portfolio's curve.

    Parameters
    ----------
    delay : days past due of the payment or, where there is none, of the last day on which it was seen open.
    is_paid : whether it was paid then; shape as ``delay``.

    Returns
    -------
    DelayCurve
        Kaplan-Meier while at least ten invoices are at risk; from there on a constant daily rate, estimated
        on the slowest tenth.

    Examples
    --------
    >>> curve = fit_delay_curve(np.repeat([-1.0, 0, 2, 5], 10), np.repeat(True, 40))
    >>> curve.days[:4].tolist(), curve.open_share[:4].tolist()
    ([-1, 0, 1, 2], [0.75, 0.5, 0.5, 0.25])
    """
    # The curve spans the due date and 90 days after it, whatever was seen.
    first = int(min(delay[is_paid].min(initial=-1), -1))
    last = int(max(delay.max(initial=90), 90)) + 1
    place = np.clip(delay, first, last).astype("int64") - first
    paid = np.bincount(place[is_paid], minlength=last - first + 1).astype("float64")
    seen = np.bincount(place, minlength=last - first + 1).astype("float64")
    # Seen open on a day means open at its end: it is at risk on that day and leaves afterwards.
    at_risk = seen[::-1].cumsum()[::-1]
    share = np.cumprod(1 - paid / np.maximum(at_risk, 1))
    return DelayCurve(first, _add_tail(share, paid, at_risk))


def _add_tail(share: Floats, paid: Floats, at_risk: Floats) -> Floats:
    count = max(1, int((at_risk >= _MIN_AT_RISK).sum()))
    slowest = share <= 1 - _TAIL_SHARE
    start = int(np.argmax(slowest)) + 1 if slowest.any() else 0
    rate = estimate_rate(paid[start:].sum(), at_risk[start:].sum())
    days = max(_TAIL_DAYS, len(share) - count)
    tail = share[count - 1] * (1 - rate) ** np.arange(1, days + 1)
    return np.concatenate([share[:count], tail])


@dataclass(frozen=True)
class InvoiceCurves:
    """The curves of some invoices: ``open_share`` has shape (n, days), ``days`` are days past due."""

    days: Ints
    open_share: Floats

    def read(self, day: Ints) -> Floats:
        """Read P(paid later than ``day`` days past due) for each invoice; before the curve it is 1."""
        place = day - self.days[0]
        value = self.open_share[np.arange(len(day)), np.clip(place, 0, len(self.days) - 1)]
        return np.where(place < 0, 1.0, value)

    def find_day(self, level: Floats) -> Ints:
        """Find each invoice's first day past due on which the open share is at or below ``level``."""
        below = self.open_share <= level[:, None]
        found = np.where(below.any(axis=1), self.days[below.argmax(axis=1)], self.days[-1])
        return np.asarray(found, dtype="int64")


def bend_curves(curve: DelayCurve, p_late: Floats, *, horizons: Sequence[int]) -> Iterator[tuple[slice, InvoiceCurves]]:
    """Bend the portfolio's curve through each invoice's probabilities, in chunks of rows.

    Parameters
    ----------
    p_late : P(late by k) for each invoice and horizon, falling along a row, shape (n, horizons).
    horizons : the k, in days past due, rising.

    Yields
    ------
    slice, InvoiceCurves
        Which rows, and their curves.
    """
    days, shape = curve.days, np.clip(curve.open_share, 1e-9, 1 - 1e-9)
    at_horizon = np.interp(horizons, days, shape)
    left, fraction = _place_days(days, shape, at_horizon, horizons)
    is_before, is_after = days < horizons[0], days > horizons[-1]
    for start in range(0, len(p_late), _CHUNK):
        rows = slice(start, min(start + _CHUNK, len(p_late)))
        late = p_late[rows]
        bent = late[:, left + 1] + (late[:, left] - late[:, left + 1]) * fraction
        shift = to_margin(late) - to_margin(at_horizon)
        bent[:, is_before] = to_probability(to_margin(shape[is_before]) + shift[:, :1])
        bent[:, is_after] = to_probability(to_margin(shape[is_after]) + shift[:, -1:])
        yield rows, InvoiceCurves(days, np.minimum.accumulate(bent, axis=1))


def _place_days(days: Ints, shape: Floats, at_horizon: Floats, horizons: Sequence[int]) -> tuple[Ints, Floats]:
    # Between two horizons an invoice's curve falls when the portfolio's does, or evenly where that is flat.
    left = np.clip(np.searchsorted(horizons, days, side="right") - 1, 0, len(horizons) - 2)
    knots = np.array(horizons, dtype="float64")
    even = (knots[left + 1] - days) / (knots[left + 1] - knots[left])
    fall = at_horizon[left] - at_horizon[left + 1]
    alike = (shape - at_horizon[left + 1]) / np.where(fall > 1e-12, fall, 1.0)
    return left, np.clip(np.where(fall > 1e-12, alike, even), 0.0, 1.0)
