"""An allowance to its answer: one object per row, money as text, what is missing as null."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from api.answers.base import describe_model, list_rows, to_amounts, to_plain, write_amount
from api.schemas.allowance import (
    AllowanceFigures,
    BucketAllowance,
    Comparison,
    CrossCheck,
    HeldOverlay,
    MethodAllowance,
    ScenarioAllowance,
    ToAssess,
)
from arrisk.allowance.comparison import SIDE_BY_SIDE, compare_methods
from arrisk.allowance.cross_checks import CrossCheck as Check
from arrisk.allowance.estimates import AMOUNTS, Allowance
from arrisk.allowance.individual import list_to_assess
from arrisk.allowance.overlays import register_overlays
from arrisk.allowance.presumption import Presumption
from arrisk.money import write_minor
from arrisk.policy.allowance import AllowancePolicy
from arrisk.policy.frameworks import Overlay
from arrisk.registry import Saved
from arrisk.uses import reserve
from arrisk.uses.reserve import Evidence


def describe_allowance(
    made: Mapping[str, Allowance],
    evidence: Evidence,
    saved: Saved | None,
    *,
    compare: bool,
    entity: str | None = None,
) -> AllowanceFigures:
    """Give an allowance.

    Parameters
    ----------
    made : by method, the one asked for first.
    saved : the payment curve that was used; None = none.
    compare : whether the methods stand side by side.
    entity : the selling company that they are of; None = the whole book.
    """
    method, found = next(iter(made.items()))
    ageing, currency = found.exposures.ageing, found.exposures.currency
    comparison = None
    if compare:
        checks, presumption = reserve.cross_check(evidence, entity=entity), reserve.judge_presumption(evidence)
        comparison = describe_comparison(made, checks, presumption, currency=currency)
    return AllowanceFigures(
        as_of=ageing.as_of,
        age_on=ageing.age_on,
        currency=currency,
        method=method,
        total=write_minor(found.total, currency),
        upper_total=write_minor(found.upper_total, currency),
        gross_total=write_minor(ageing.total, currency),
        policy=evidence.policy.hash(),
        model=describe_model(saved, evidence.book) if saved else None,
        buckets=[str(name) for name in ageing.buckets["bucket"]],
        allowances=describe_buckets(found),
        rates=describe_rates(found),
        scenarios=describe_scenarios(found),
        overlays=describe_overlays(found, evidence.policy.allowance.overlays),
        to_assess=_list_to_assess(found, evidence.policy.allowance),
        notes=list(found.notes),
        comparison=comparison,
    )


def describe_buckets(allowance: Allowance) -> list[BucketAllowance]:
    """Give the rows of an allowance."""
    return list_rows(_write_minor(allowance.rows, AMOUNTS, allowance.exposures.currency), BucketAllowance)


def describe_scenarios(allowance: Allowance) -> list[ScenarioAllowance]:
    """Give what would be booked in each scenario."""
    shown = _write_minor(allowance.scenarios, ["allowance"], allowance.exposures.currency)
    return list_rows(shown.assign(weight=to_plain(shown["weight"])).astype({"weight": object}), ScenarioAllowance)


def describe_rates(allowance: Allowance) -> list[dict[str, Any]]:
    """Give the evidence of a method; its amounts are in major units."""
    currency = allowance.exposures.currency
    columns = {
        str(name): to_amounts(values, currency) if str(name).endswith("_amount") else to_plain(values)
        for name, values in allowance.rates.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def describe_overlays(allowance: Allowance, overlays: Sequence[Overlay]) -> list[HeldOverlay]:
    """Give overlays with what each adds."""
    currency = allowance.exposures.currency
    return [
        HeldOverlay.model_validate(
            {**row, "factor": overlay.factor}
            | {"amount": None if overlay.amount is None else write_amount(overlay.amount, currency)}
            | {"allowance": write_minor(row["allowance"], currency)}
        )
        for overlay, row in zip(overlays, register_overlays(allowance, overlays).to_dict("records"), strict=True)
    ]


def _list_to_assess(allowance: Allowance, policy: AllowancePolicy) -> list[ToAssess]:
    listed = list_to_assess(allowance, policy=policy)
    return list_rows(_write_minor(listed, ("owed_amount", "allowance"), allowance.exposures.currency), ToAssess)


def describe_comparison(
    made: Mapping[str, Allowance], checks: Sequence[Check], presumption: Presumption, *, currency: str
) -> Comparison:
    """Give allowances by several methods side by side."""
    return Comparison(
        methods=[
            MethodAllowance.model_validate({**row, "allowances": describe_buckets(made[row["method"]])})
            for row in _write_minor(compare_methods(made), SIDE_BY_SIDE, currency).to_dict("records")
        ],
        cross_checks=[
            CrossCheck(
                name=check.name,
                total=None if check.total is None else write_minor(check.total, currency),
                note=check.note,
            )
            for check in checks
        ],
        presumption=presumption.text,
    )


def _write_minor(frame: pd.DataFrame, amounts: Sequence[str], currency: str) -> pd.DataFrame:
    return frame.assign(**{name: [write_minor(minor, currency) for minor in frame[name].tolist()] for name in amounts})
