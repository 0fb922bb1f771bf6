"""Two frameworks over one exposure set: IFRS 9 and ASC 326, and what explains the difference, to the cent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import pandas as pd

from arrisk.allowance.estimates import Allowance, Estimate, assemble
from arrisk.allowance.exposures import Exposures
from arrisk.allowance.later_collections import take_out_collected
from arrisk.allowance.overlays import apply_overlays
from arrisk.errors import PolicyError
from arrisk.frames import Days
from arrisk.policy.allowance import AllowancePolicy
from arrisk.policy.frameworks import Framework

PARTS = ("scenarios", "discounting", "cover", "overlays", "later_collections")
"""What takes an amount of IFRS 9 to that of ASC 326, in the order in which one after the other is changed."""


@dataclass(frozen=True)
class Later:
    """What is known of a later day, for those who may look at it.

    Parameters
    ----------
    until : the day.
    collected : what came in of each open item, as given by ``list_later_collections``.
    estimate : of the same items at the age that they have by then; what was not collected is rated by it.
    """

    until: date
    collected: Days
    estimate: Estimate


@dataclass(frozen=True)
class Frameworks:
    """The allowance under both frameworks; amounts are int64 minor units of the book currency.

    Parameters
    ----------
    ifrs9, asc326 : the two allowances.
    differences : one row per bucket: bucket, ifrs9_amount, asc326_amount, difference (of the second from the first),
        and the ``PARTS``, which sum to it exactly.
    """

    ifrs9: Allowance
    asc326: Allowance
    differences: pd.DataFrame


@dataclass(frozen=True)
class _Setting:
    """How an allowance is made; each step of the explanation changes one thing."""

    estimate: Estimate
    policy: AllowancePolicy
    framework: Framework = "ifrs9"
    later: Later | None = None


def compare_frameworks(
    exposures: Exposures,
    *,
    weighted: Estimate,
    plain: Estimate,
    method: str,
    policy: AllowancePolicy,
    assess: Callable[[Allowance], Allowance],
    later: Later | None = None,
) -> Frameworks:
    """Make the allowance of IFRS 9 and that of ASC 326 from the same open items.

    IFRS 9 weighs scenarios in and discounts (5.5.17, simplified approach 5.5.15). ASC 326 with the expedient holds the
    conditions of the balance-sheet date; rates of loss are not discounted (326-20-30-5); a contract of insurance
    on its own is left out where the policy says so (326-20-30-12).

    Parameters
    ----------
    exposures : the open items.
    weighted, plain : what a method expects with the scenarios weighed in, and without.
    method : its name.
    policy : discounting, cover and overlays, and under ``asc326`` what is different there.
    assess : what is done for customers assessed on their own, under both frameworks.
    later : what came in after the balance-sheet date; only where the policy elects it.

    Raises
    ------
    PolicyError
        When later collections are given and not elected.
    """
    special = policy.asc326
    if later:
        require_elected(policy)
    first = _Setting(weighted, policy)
    steps = [first, replace(first, estimate=plain) if special.expedient else first]
    undiscounted = policy.model_copy(update={"discount_rate": 0.0})
    steps.append(replace(steps[-1], policy=undiscounted))
    steps.append(replace(steps[-1], policy=undiscounted.model_copy(update={"cover": special.cover})))
    steps.append(replace(steps[-1], framework="asc326"))
    steps.append(replace(steps[-1], later=later))
    made = [_make(exposures, setting, method=method, assess=assess) for setting in steps]
    asc326 = replace(made[-1], notes=(*made[-1].notes, *_note(policy, later)))
    return Frameworks(made[0], asc326, _explain(made))


def require_elected(policy: AllowancePolicy) -> None:
    """Refuse to look at later collections where the policy does not elect it.

    Raises
    ------
    PolicyError
        When it does not.
    """
    if not policy.asc326.later_collections:
        hint = "later_collections = true, for an entity that is not public and elects the expedient"
        what = "later collections are not elected"
        raise PolicyError(what, where="allowance.asc326.later_collections", hint=hint)


def _make(
    exposures: Exposures, setting: _Setting, *, method: str, assess: Callable[[Allowance], Allowance]
) -> Allowance:
    later = setting.later
    estimate = later.estimate if later else setting.estimate
    allowance = assess(assemble(exposures, estimate, method=method, policy=setting.policy))
    if later:
        allowance = take_out_collected(allowance, later.collected)
    chosen = [overlay for overlay in setting.policy.overlays if setting.framework in overlay.frameworks]
    return apply_overlays(allowance, chosen)


def _explain(made: Sequence[Allowance]) -> pd.DataFrame:
    buckets = made[0].exposures.ageing.buckets["bucket"]
    sums = [one.rows.groupby("bucket")["allowance"].sum().reindex(buckets, fill_value=0).to_numpy() for one in made]
    parts = {name: after - before for name, (before, after) in zip(PARTS, pairwise(sums), strict=True)}
    amounts = {"ifrs9_amount": sums[0], "asc326_amount": sums[-1], "difference": sums[-1] - sums[0]}
    return pd.DataFrame({"bucket": buckets.to_numpy(), **amounts, **parts})


def _note(policy: AllowancePolicy, later: Later | None) -> list[str]:
    notes = []
    if policy.asc326.expedient:
        notes.append("ASU 2025-05: the conditions of the balance-sheet date are assumed to hold (the expedient)")
    if later:
        notes.append(f"ASU 2025-05: what came in until {later.until} is taken out, the rest is rated at its age then")
    elif policy.asc326.later_collections:
        notes.append("ASU 2025-05: later collections are elected, and no day was given until which to look at them")
    return notes
