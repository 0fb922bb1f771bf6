"""Calibrators: monotone maps from a model's margin to a probability strictly between 0 and 1.

They are fitted on predictions out of time, never on rows the model has seen. Platt's two parameters are drawn
towards "change nothing", because few rows say little about a slope; isotonic steps are tried only when there
are enough events for them. Either is kept only when it predicts later rows better than no change.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from arrisk.modeling.champion import choose_champion
from arrisk.modeling.logistic import estimate_rate, fit_logistic, to_margin, to_probability
from arrisk.modeling.rows import Floats, Ints

PRIOR_PRECISION = 300.0
"""Precision of the prior on Platt's slope (about 1) and shift (about 0): some 1,200 rows weigh as much."""

MIN_PLATT_EVENTS, MIN_ISOTONIC_EVENTS = 50, 1000
"""Of either outcome, in either half of the evidence, before a line or steps are tried."""

_MIN_SLOPE = 0.05
_MAX_KNOTS = 200


class Calibrator(Protocol):
    """What every calibrator can do."""

    kind: ClassVar[str]

    def calibrate(self, margin: Floats) -> Floats:
        """Turn margins into probabilities strictly between 0 and 1, never reversing an order."""

    def to_json(self) -> dict[str, Any]:
        """Describe the calibrator as plain data."""


@dataclass(frozen=True)
class PlattCalibrator:
    """A straight line on the log-odds (Platt 1999)."""

    kind: ClassVar[str] = "platt"
    slope: float
    shift: float

    def calibrate(self, margin: Floats) -> Floats:
        """Turn margins into probabilities strictly between 0 and 1, shape kept."""
        return to_probability(self.slope * margin + self.shift)

    def to_json(self) -> dict[str, Any]:
        """Describe the calibrator as plain data."""
        return {"slope": self.slope, "shift": self.shift}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(slope=float(data["slope"]), shift=float(data["shift"]))


@dataclass(frozen=True)
class IsotonicCalibrator:
    """Monotone steps joined by straight lines on the log-odds (Zadrozny, Elkan 2002)."""

    kind: ClassVar[str] = "isotonic"
    knots: tuple[float, ...]
    margins: tuple[float, ...]

    def calibrate(self, margin: Floats) -> Floats:
        """Turn margins into probabilities strictly between 0 and 1, shape kept."""
        return to_probability(np.interp(margin, self.knots, self.margins))

    def to_json(self) -> dict[str, Any]:
        """Describe the calibrator as plain data."""
        return {"knots": list(self.knots), "margins": list(self.margins)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(knots=tuple(map(float, data["knots"])), margins=tuple(map(float, data["margins"])))


CALIBRATORS: dict[str, type[PlattCalibrator | IsotonicCalibrator]] = {
    calibrator.kind: calibrator for calibrator in (PlattCalibrator, IsotonicCalibrator)
}

UNCHANGED = PlattCalibrator(slope=1.0, shift=0.0)


def fit_calibrator(margin: Floats, target: Floats, customer: Ints) -> Calibrator:
    """Fit the calibrator that the evidence carries.

    Parameters
    ----------
    margin : log-odds predicted out of time, in time order, shape (n,).
    target : what happened, shape (n,).
    customer : which customer each row belongs to, shape (n,).

    Returns
    -------
    Calibrator
        Platt's line or isotonic steps where, fitted on the earlier half, they beat unchanged margins on the later one
        by the champion rule; otherwise nothing is changed: what is no better out of time does harm.
    """
    half = len(margin) // 2
    early = margin[:half], target[:half]
    counts = [side.sum() for part in (target[:half], target[half:]) for side in (part, 1 - part)]
    if min(counts) < MIN_PLATT_EVENTS:
        return UNCHANGED
    trials: dict[str, Calibrator] = {"unchanged": UNCHANGED, "platt": fit_platt(*early)}
    if min(counts) >= MIN_ISOTONIC_EVENTS:
        trials["isotonic"] = fit_isotonic(*early)
    later = {name: trial.calibrate(margin[half:]) for name, trial in trials.items()}
    best, _ = choose_champion(later, target[half:], customer[half:])
    if best == "unchanged":
        return UNCHANGED
    return fit_platt(margin, target) if best == "platt" else fit_isotonic(margin, target)


def fit_platt(margin: Floats, target: Floats) -> PlattCalibrator:
    """Fit slope and shift of the log-odds, drawn towards 1 and 0.

    Examples
    --------
    >>> fit_platt(np.zeros(0), np.zeros(0))
    PlattCalibrator(slope=1.0, shift=0.0)
    """
    design = np.column_stack([margin, np.ones(len(margin))])
    penalty = np.full(2, PRIOR_PRECISION)
    slope, shift = fit_logistic(design, target, penalty=penalty, centre=np.array([1.0, 0.0]))
    if slope < _MIN_SLOPE:
        # A model that ranks backwards keeps its order here: calibration must not hide that it is no good.
        rest = fit_logistic(design[:, 1:], target, penalty=penalty[1:], centre=np.zeros(1), offset=_MIN_SLOPE * margin)
        slope, shift = _MIN_SLOPE, rest[0]
    return PlattCalibrator(slope=float(slope), shift=float(shift))


def fit_isotonic(margin: Floats, target: Floats) -> IsotonicCalibrator:
    """Fit monotone steps; each step's rate is estimated with half an event of doubt on either side.

    Examples
    --------
    >>> steps = fit_isotonic(np.array([-1.0, -1.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    >>> steps.calibrate(np.array([-1.0, 0.0, 1.0]))
    array([0.167, 0.5  , 0.833])
    """
    from sklearn.isotonic import isotonic_regression  # noqa: PLC0415 - slow to import

    order = np.argsort(margin, kind="stable")
    places, inverse, counts = np.unique(margin[order], return_inverse=True, return_counts=True)
    events = np.bincount(inverse, weights=target[order])
    fitted = isotonic_regression(events / counts, sample_weight=counts)
    _, step = np.unique(fitted, return_inverse=True)
    size, happened = np.bincount(step, weights=counts), np.bincount(step, weights=events)
    centre = np.bincount(step, weights=places * counts) / size
    rate = np.array([estimate_rate(*pair) for pair in zip(happened, size, strict=True)])
    keep = np.unique(np.linspace(0, len(centre) - 1, min(_MAX_KNOTS, len(centre))).astype("int64"))
    rising = np.maximum.accumulate(to_margin(rate))[keep]
    return IsotonicCalibrator(knots=tuple(map(float, centre[keep])), margins=tuple(map(float, rising)))
