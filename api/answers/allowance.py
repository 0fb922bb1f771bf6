"""An allowance to its answer: one object per row, money as text, what is missing as null."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from api.answers.base import describe_model, list_rows, to_amounts, to_plain
from api.schemas.allowance import (
    AllowanceFigures,
    BucketAllowance,
    Comparison,
    CrossCheck,
    MethodAllowance,
    ScenarioAllowance,
)
from arrisk.allowance.comparison import SIDE_BY_SIDE, compare_methods
from arrisk.allowance.cross_checks import CrossCheck as Check
from arrisk.allowance.estimates import AMOUNTS, Allowance
from arrisk.allowance.presumption import Presumption
from arrisk.money import write_minor
from arrisk.registry import Saved
from arrisk.uses import reserve
from arrisk.uses.reserve import Evidence


def describe_allowance(
    made: Mapping[str, Allowance], evidence: Evidence, saved: Saved | None, *, compare: bool
) -> AllowanceFigures:
    """Give an allowance.

    Parameters
    ----------
    made : by method, the one asked for first.
    saved : the payment curve that was used; None = none.
    compare : whether the methods stand side by side.
    """
    method, found = next(iter(made.items()))
    ageing, currency = found.exposures.ageing, found.exposures.currency
    comparison = None
    if compare:
        checks, presumption = reserve.cross_check(evidence), reserve.judge_presumption(evidence)
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
        allowances=describe_buckets(found),
        rates=describe_rates(found),
        scenarios=describe_scenarios(found),
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


def describe_comparison(
    made: Mapping[str, Allowance], checks: Sequence[Check], presumption: Presumption, *, currency: str
) -> Comparison:
    """Give allowances by several methods side by side."""
    return Comparison(
        methods=list_rows(_write_minor(compare_methods(made), SIDE_BY_SIDE, currency), MethodAllowance),
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
