"""Rules compared by what they sold and lost, also at equal sales and at equal loss, with intervals over customers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.decisions.caps import Floats
from arrisk.modeling.bootstrap import draw_weights

_LEAST, _MOST, _STEPS = 1e-6, 1e6, 30
_NEAR = 1e-3


@dataclass(frozen=True)
class Outcome:
    """What one rule let through and held back, customer by customer.

    Parameters
    ----------
    customers : as given by ``sum_outcome``; of every rule in the same order.
    """

    customers: pd.DataFrame

    def sum(self, name: str) -> float:
        """Sum one of the amounts over all customers."""
        return float(self.customers[name].sum())

    def list_moves(self, other: "Outcome", *, most: int = 20) -> pd.DataFrame:
        """List the customers to whom this rule sells most more, or less, than another.

        Returns
        -------
        DataFrame
            customer_id, sold_amount, sold_before_amount, lost_amount, lost_before_amount.
        """
        before = other.customers[["sold_amount", "lost_amount"]].rename(
            columns={"sold_amount": "sold_before_amount", "lost_amount": "lost_before_amount"}
        )
        joined = pd.concat([self.customers[["customer_id", "sold_amount", "lost_amount"]], before], axis=1)
        change = (joined["sold_amount"] - joined["sold_before_amount"]).abs()
        order = change.sort_values(ascending=False, kind="stable").index[:most]
        columns = ["customer_id", "sold_amount", "sold_before_amount", "lost_amount", "lost_before_amount"]
        return joined.loc[order[change.loc[order] > 0], columns].reset_index(drop=True)


def compare_outcomes(outcomes: Mapping[str, Outcome], *, margin_share: float) -> pd.DataFrame:
    """Put rules side by side.

    Parameters
    ----------
    outcomes : by rule.
    margin_share : what is left of a sale after its variable cost.

    Returns
    -------
    DataFrame
        One row per rule: rule, sold_amount, sold_share, lost_amount, loss_share (of what was sold), held_count,
        held_amount, avoided_amount, forgone_amount.
    """
    rows = []
    for name, outcome in outcomes.items():
        sold, held = outcome.sum("sold_amount"), outcome.sum("held_amount")
        lost, avoided = outcome.sum("lost_amount"), outcome.sum("avoided_amount")
        rows.append(
            {
                "rule": name,
                "sold_amount": sold,
                "sold_share": sold / max(sold + held, 1e-9),
                "lost_amount": lost,
                "loss_share": lost / max(sold, 1e-9),
                "held_count": int(outcome.sum("held_count")),
                "held_amount": held,
                "avoided_amount": avoided,
                "forgone_amount": margin_share * max(held - avoided, 0.0),
            }
        )
    return pd.DataFrame(rows)


def match_outcomes(others: Mapping[str, Outcome], outcome_at: Callable[[float], Outcome]) -> pd.DataFrame:
    """Move the appetite of a rule until it sells as much as others, and until it loses as much, and compare the rest.

    Parameters
    ----------
    others : by rule.
    outcome_at : the rule's outcome at an appetite.

    Returns
    -------
    DataFrame
        One row per other rule and comparison: rule, at (``equal sales`` or ``equal loss``), appetite, off_share (how
        far from equal it came), gain (the loss that is saved, or the sales that are added, as a share of the other's),
        low, high (95 % interval, customers drawn with replacement).
    """
    rows = []
    for name, other in others.items():
        for at, held, gained, sign in (
            ("equal sales", "sold_amount", "lost_amount", -1.0),
            ("equal loss", "lost_amount", "sold_amount", 1.0),
        ):
            appetite, own = _find_equal(outcome_at, held, other.sum(held))
            gain = _bootstrap_ratio(own.customers[gained], other.customers[gained])
            low, high = sorted((sign * gain[1], sign * gain[2]))
            off = own.sum(held) / max(other.sum(held), 1e-9) - 1.0
            rows.append(
                {"rule": name, "at": at, "appetite": appetite, "off_share": off}
                | {"gain": sign * gain[0], "low": low, "high": high}
            )
    return pd.DataFrame(rows)


def _find_equal(outcome_at: Callable[[float], Outcome], name: str, target: float) -> tuple[float, Outcome]:
    """Bisect on the logarithm of the appetite; of all that was tried, the nearest to the target."""
    low, high = np.log(_LEAST), np.log(_MOST)
    tried: list[tuple[float, float, Outcome]] = []
    for _ in range(_STEPS):
        middle = (low + high) / 2
        found = outcome_at(float(np.exp(middle)))
        off = found.sum(name) - target
        tried.append((abs(off), float(np.exp(middle)), found))
        if abs(off) <= _NEAR * max(target, 1e-9):
            break
        low, high = (middle, high) if off < 0 else (low, middle)
    _, appetite, nearest = min(tried, key=lambda one: one[0])
    return appetite, nearest


def _bootstrap_ratio(own: pd.Series, other: pd.Series) -> tuple[float, float, float]:
    """Give own over other less 1, and its interval over customers."""
    pair = np.column_stack([own.to_numpy(dtype="float64"), other.to_numpy(dtype="float64")])
    sums: Floats = np.concatenate([weights @ pair for weights in draw_weights(np.arange(len(pair)))])
    ratio = sums[:, 0] / np.maximum(sums[:, 1], 1e-9) - 1.0
    low, high = np.quantile(ratio, [0.025, 0.975])
    return float(pair[:, 0].sum() / max(pair[:, 1].sum(), 1e-9) - 1.0), float(low), float(high)
