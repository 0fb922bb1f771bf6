"""What is checked of a model in use, against the limits of the policy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from arrisk.modeling.bootstrap import bootstrap_mean
from arrisk.modeling.default.metrics import Stability, check_jeffreys
from arrisk.modeling.reference import Reference
from arrisk.modeling.rows import read_column
from arrisk.monitoring.observed import Matured, Seen
from arrisk.policy import WatchPolicy

FEWEST_ROWS, FEWEST_CUSTOMERS = 30, 10
"""With fewer outcomes nothing is said."""

OVERRIDES = "decisions"
"""What a check of decisions is about."""

MOST_NAMED = 5
"""So many of the features that moved are named."""

MOST_GROUPS, FEWEST_GROUPS = 10, 4
"""So many groups by height of the prediction; fewer where what is predicted is rare."""


class State(StrEnum):
    """What a check says."""

    QUIET = "quiet"
    LOOK = "look"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class Shift:
    """How far one quantity has moved.

    Parameters
    ----------
    name : ``score``, or a feature.
    psi : population stability index.
    counts_from : only beyond this it counts: the policy's limit, or what chance alone would do.
    """

    name: str
    psi: float
    counts_from: float


@dataclass(frozen=True)
class Group:
    """Predictions of about the same height, and what became of them.

    Parameters
    ----------
    rows : how many.
    expected, observed : the mean prediction, and the share that it happened to.
    """

    rows: int
    expected: float
    observed: float


@dataclass(frozen=True)
class Check:
    """One line of the watch.

    Parameters
    ----------
    about : the model or the table.
    name : what is checked, with its unit.
    value : what was found; None = it cannot be said yet.
    limit : what the policy allows, in words.
    state : whether somebody has to look.
    note : what stands behind it.
    shifts : of a check of stability: what moved how far, the score or the features, the farthest first.
    groups : of a check of calibration: by height of the prediction, the lowest first.
    """

    about: str
    name: str
    value: float | None
    limit: str
    state: State
    note: str = ""
    shifts: tuple[Shift, ...] = ()
    groups: tuple[Group, ...] = ()


def check_shifts(about: str, reference: Reference | None, seen: Seen, *, policy: WatchPolicy) -> Iterator[Check]:
    """Compare scores and features of today with those of the day of training, by the population stability index.

    A shift counts when it is beyond the limit and beyond what chance does to samples of these sizes.
    """
    limit = f"at most {policy.score_shift_at_most:g}"
    if reference is None or not (reference.rows and len(seen.score)):
        yield Check(about, "score shift, PSI", None, limit, State.NOT_YET, "nothing to compare")
        return
    score = reference.score.compare(seen.score)
    state = State.LOOK if _is_beyond(score, policy.score_shift_at_most) else State.QUIET
    note = f"{reference.rows:,} then, {len(seen.score):,} now"
    own = _list_shifts({"score": score}, policy.score_shift_at_most)
    yield Check(about, "score shift, PSI", score.psi, limit, state, note, shifts=own)
    found = {
        name: spread.compare(read_column(seen.features, name))
        for name, spread in reference.features.items()
        if name in seen.features
    }
    moved = {name: one.psi for name, one in found.items() if _is_beyond(one, policy.feature_shift_at_most)}
    share = len(moved) / len(reference.features) if reference.features else 0.0
    lost = sorted(set(reference.features) - set(found))
    worst = sorted(moved, key=moved.__getitem__, reverse=True)[:MOST_NAMED]
    named = ", ".join([*(f"{name} not there" for name in lost), *(f"{name} {moved[name]:.2f}" for name in worst)])
    state = State.LOOK if lost or share > policy.moved_share_at_most else State.QUIET
    allowed = f"at most {policy.moved_share_at_most:g} beyond PSI {policy.feature_shift_at_most:g}"
    shifts = _list_shifts(found, policy.feature_shift_at_most)
    yield Check(about, "share of features that moved", share, allowed, state, named, shifts=shifts)


def check_calibration(about: str, matured: Matured, *, policy: WatchPolicy) -> Check:
    """Compare how many invoices of those issued since the training were late with how many were expected to be.

    The gap counts when its 95 % interval, drawn over customers, leaves out zero.
    """
    name = "invoices 30 days late, observed to predicted"
    limit = f"{policy.late_ratio_at_least:g} to {policy.late_ratio_at_most:g}"
    rows, customers = len(matured.target), len(np.unique(matured.customer))
    if rows < FEWEST_ROWS or customers < FEWEST_CUSTOMERS:
        note = f"{rows} invoices issued since the training are 30 days past due"
        return Check(about, name, None, limit, State.NOT_YET, note)
    gap = bootstrap_mean(matured.target - matured.probability, matured.customer)
    observed, predicted = float(matured.target.mean()), float(matured.probability.mean())
    ratio = observed / predicted
    is_outside = not policy.late_ratio_at_least <= ratio <= policy.late_ratio_at_most
    state = State.LOOK if is_outside and not gap.low <= 0 <= gap.high else State.QUIET
    note = f"{observed:.2%} of {rows:,}, {predicted:.2%} expected"
    return Check(about, name, ratio, limit, state, note, groups=group_by_height(matured, MOST_GROUPS))


def check_defaults(about: str, matured: Matured, *, policy: WatchPolicy) -> Check:
    """Test whether more customers came into default in the past year than was predicted, by Jeffreys' test."""
    name = "defaults of a year, Jeffreys p-value"
    if len(matured.target) < FEWEST_ROWS:
        limit = _allow_p(policy.default_p_at_least)
        return Check(about, name, None, limit, State.NOT_YET, "no year since the training is over")
    return _test_defaults(about, name, matured, p_at_least=policy.default_p_at_least)


def check_overrides(matured: Matured, *, is_above: bool, policy: WatchPolicy) -> Check:
    """Test whether more customers came into default than the score said of whom people decided otherwise.

    Parameters
    ----------
    matured : what became of the decisions of one kind.
    is_above : whether their limits are above those recommended: then people gave too much. Otherwise below: then people
        knew more than the score.
    """
    name = f"defaults of a year after limits {'above' if is_above else 'below'} the recommended, Jeffreys p-value"
    rows = len(matured.target)
    if rows < FEWEST_CUSTOMERS:
        limit = _allow_p(policy.override_p_at_least)
        return Check(OVERRIDES, name, None, limit, State.NOT_YET, f"{rows} customers' such decisions are a year old")
    return _test_defaults(OVERRIDES, name, matured, p_at_least=policy.override_p_at_least)


def _allow_p(p_at_least: float) -> str:
    return f"at least {p_at_least:g}"


def _test_defaults(about: str, name: str, matured: Matured, *, p_at_least: float) -> Check:
    rows = len(matured.target)
    count, defaults, mean = np.array([float(rows)]), np.array([matured.target.sum()]), matured.probability.mean()
    p_value = float(check_jeffreys(defaults, count, p=np.array([mean]))[0])
    state = State.LOOK if p_value < p_at_least else State.QUIET
    note = f"{int(defaults[0])} of {rows:,} customers, {mean * rows:.1f} expected"
    return Check(
        about, name, p_value, _allow_p(p_at_least), state, note, groups=group_by_height(matured, FEWEST_GROUPS)
    )


def check_age(about: str, *, days: int, policy: WatchPolicy) -> Check:
    """Check how long ago a model was trained."""
    state = State.LOOK if days > policy.age_days_at_most else State.QUIET
    return Check(about, "days since the training", float(days), f"at most {policy.age_days_at_most}", state)


def group_by_height(matured: Matured, most: int) -> tuple[Group, ...]:
    """Part predictions into groups of about the same size by their height; equal ones stay together.

    Examples
    --------
    >>> late = Matured(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.3, 0.3]), np.arange(3))
    >>> group_by_height(late, 2)
    (Group(rows=1, expected=0.1, observed=0.0), Group(rows=2, expected=0.3, observed=1.0))
    """
    edges = np.unique(np.quantile(matured.probability, np.linspace(0, 1, most + 1)[1:-1]))
    place = np.searchsorted(edges, matured.probability, side="right")
    return tuple(
        Group(
            int((own := place == one).sum()), float(matured.probability[own].mean()), float(matured.target[own].mean())
        )
        for one in np.unique(place)
    )


def _list_shifts(found: Mapping[str, Stability], limit: float) -> tuple[Shift, ...]:
    shifts = [Shift(name, float(one.psi), float(max(one.critical, limit))) for name, one in found.items()]
    return tuple(sorted(shifts, key=lambda one: (-one.psi, one.name)))


def _is_beyond(shift: Stability, limit: float) -> bool:
    return shift.psi > max(shift.critical, limit)
