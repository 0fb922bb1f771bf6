"""What is checked of a model in use, against the limits of the policy."""

from collections.abc import Iterator
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

MOST_NAMED = 5
"""So many of the features that moved are named."""


class State(StrEnum):
    """What a check says."""

    QUIET = "quiet"
    LOOK = "look"
    NOT_YET = "not yet"


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
    """

    about: str
    name: str
    value: float | None
    limit: str
    state: State
    note: str = ""


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
    yield Check(about, "score shift, PSI", score.psi, limit, state, f"{reference.rows:,} then, {len(seen.score):,} now")
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
    yield Check(about, "share of features that moved", share, allowed, state, named)


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
    return Check(about, name, ratio, limit, state, f"{observed:.2%} of {rows:,}, {predicted:.2%} expected")


def check_defaults(about: str, matured: Matured, *, policy: WatchPolicy) -> Check:
    """Test whether more customers came into default in the past year than was predicted, by Jeffreys' test."""
    name, limit = "defaults of a year, Jeffreys p-value", f"at least {policy.default_p_at_least:g}"
    rows = len(matured.target)
    if rows < FEWEST_ROWS:
        return Check(about, name, None, limit, State.NOT_YET, "no year since the training is over")
    count, defaults, mean = np.array([float(rows)]), np.array([matured.target.sum()]), matured.probability.mean()
    p_value = float(check_jeffreys(defaults, count, p=np.array([mean]))[0])
    state = State.LOOK if p_value < policy.default_p_at_least else State.QUIET
    note = f"{int(defaults[0])} of {rows:,} customers, {mean * rows:.1f} expected"
    return Check(about, name, p_value, limit, state, note)


def check_age(about: str, *, days: int, policy: WatchPolicy) -> Check:
    """Check how long ago a model was trained."""
    state = State.LOOK if days > policy.age_days_at_most else State.QUIET
    return Check(about, "days since the training", float(days), f"at most {policy.age_days_at_most}", state)


def _is_beyond(shift: Stability, limit: float) -> bool:
    return shift.psi > max(shift.critical, limit)
