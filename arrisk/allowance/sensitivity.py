"""What the allowance would be, were one assumption another: each moves alone, all others stay."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Allowance, Estimate, sum_total
from arrisk.allowance.exposures import Exposures, set_off_credits
from arrisk.policy import Policy

COLUMNS = ("assumption", "low_setting", "high_setting", "low", "base", "high", "unit")

_SHARE, _POINTS, _DISCOUNT = 0.10, 0.10, 0.05
_MOST_STEPS = 240


def measure_sensitivity(
    exposures: Exposures,
    estimate: Estimate,
    *,
    policy: Policy,
    reestimate: Callable[[Policy], Allowance] | None = None,
) -> pd.DataFrame:
    """Measure how the allowance of a method moves with each assumption, before assessments and overlays.

    Parameters
    ----------
    exposures : the open items.
    estimate : of the same items.
    policy : the whole policy.
    reestimate : makes the allowance under another policy, from the ledger on; without it neither the length of the
        history nor the days of default are moved.

    Returns
    -------
    DataFrame
        One row per assumption: assumption, low_setting and high_setting (what it is moved to, in words; "" = not moved
        that way), low, base and high (the totals, int64 minor units; missing where not moved), unit (the currency).
    """
    rows = [
        *_move_estimate(exposures, estimate, policy),
        *_move_policy(exposures, estimate, policy),
        *(_ask_again(policy, reestimate) if reestimate else []),
    ]
    frame = pd.DataFrame(rows, columns=["assumption", "low_setting", "high_setting", "low", "high"])
    base = _total(exposures, estimate, policy)
    totals = {name: frame[name].astype("Int64") for name in ("low", "high")}
    return frame.assign(**totals, base=base, unit=exposures.currency)[[*COLUMNS]]


_Row = tuple[object, ...]


def _total(exposures: Exposures, estimate: Estimate, policy: Policy, **changed: object) -> int:
    return sum_total(exposures, estimate, policy=policy.allowance.model_copy(update=changed))


def _move_estimate(exposures: Exposures, estimate: Estimate, policy: Policy) -> list[_Row]:
    """Move what the method expects: how often something is written off, and what is lost then."""
    likelihoods = [_total(exposures, _scale_p(estimate, 1 + move), policy) for move in (-_SHARE, _SHARE)]
    losses = [_total(exposures, _shift_loss(estimate, move), policy) for move in (-_POINTS, _POINTS)]
    percent, points = f"{100 * _SHARE:g} %", f"{100 * _POINTS:g} points"
    return [
        ("write-off probability", f"- {percent}", f"+ {percent}", *likelihoods),
        ("loss given write-off", f"- {points}", f"+ {points}", *losses),
    ]


def _scale_p(estimate: Estimate, factor: float) -> Estimate:
    return replace(estimate, p_lost=np.minimum(estimate.p_lost * factor, 1.0))


def _shift_loss(estimate: Estimate, points: float) -> Estimate:
    shares = [np.clip(share + points, 0.0, 1.0) for share in (estimate.loss_share, estimate.uncovered_loss_share)]
    return replace(estimate, loss_share=shares[0], uncovered_loss_share=shares[1])


def _move_policy(exposures: Exposures, estimate: Estimate, policy: Policy) -> list[_Row]:
    """Move what the policy does with the same estimate: discounting, cover and credit notes."""
    # The higher the rate, the lower the allowance: the settings stand in their own order, not in that of the totals.
    discounted = [_total(exposures, estimate, policy, discount_rate=rate) for rate in (0.0, _DISCOUNT)]
    covered = [_total(exposures, estimate, policy, cover=cover) for cover in ("net", "gross")]
    items = exposures.items
    bases = (set_off_credits(items), items["open_amount"].clip(lower=0).to_numpy())
    noted = [_total(replace(exposures, items=items.assign(base_amount=base)), estimate, policy) for base in bases]
    return [
        ("discount rate", "0 %", f"{100 * _DISCOUNT:g} %", *discounted),
        ("security and insurance", "net", "gross", *covered),
        ("credit notes", "set off", "kept", *noted),
    ]


def _ask_again(policy: Policy, reestimate: Callable[[Policy], Allowance]) -> list[_Row]:
    """Move what the method learns from: the length of the history and the days of default."""
    steps = policy.allowance.history_steps
    ends = max(steps // 2, 2), min(2 * steps, _MOST_STEPS)
    learned = [
        reestimate(
            policy.model_copy(update={"allowance": policy.allowance.model_copy(update={"history_steps": count})})
        )
        for count in ends
    ]
    days = policy.default.past_due_days * 2 // 3
    default = policy.default.model_copy(update={"past_due_days": days})
    sooner = reestimate(policy.model_copy(update={"default": default}))
    return [
        ("history", *(f"{count} steps" for count in ends), *(one.total for one in learned)),
        ("default", f"{days} days past due", "", sooner.total, None),
    ]
