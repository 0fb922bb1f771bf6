"""The allowance seen from other sides, to its answers."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from api.answers.base import list_rows, to_finite, write_amount
from api.schemas.allowance_views import (
    AllowanceMovement,
    BacktestAnswer,
    ComparedErrors,
    FrameworkBucket,
    FrameworksAnswer,
    MovedAssumption,
    MovedBucket,
    PastBucket,
    PastClose,
    SensitivityAnswer,
)
from arrisk.allowance.closes.rollforward import compare_buckets
from arrisk.allowance.closes.states import Close
from arrisk.allowance.estimates import Allowance
from arrisk.allowance.frameworks import PARTS, Frameworks
from arrisk.money import write_minor
from arrisk.uses.allowance_proof import AllowanceTrial
from arrisk.uses.reserve import Evidence

_FRAMEWORKS = ("ifrs9_amount", "asc326_amount", "difference", *PARTS)
_PAST = ("open_amount", "lost_amount", "still_open_amount")


def describe_frameworks(both: Frameworks) -> FrameworksAnswer:
    """Give both frameworks by bucket."""
    ageing = both.ifrs9.exposures.ageing
    return FrameworksAnswer(
        as_of=ageing.as_of,
        age_on=ageing.age_on,
        currency=ageing.currency,
        method=both.ifrs9.method,
        ifrs9_total=write_minor(both.ifrs9.total, ageing.currency),
        asc326_total=write_minor(both.asc326.total, ageing.currency),
        buckets=list_rows(_write(both.differences, _FRAMEWORKS, ageing.currency), FrameworkBucket),
        notes=list(both.asc326.notes),
    )


def describe_sensitivity(moved: pd.DataFrame, evidence: Evidence, *, method: str) -> SensitivityAnswer:
    """Give how assumptions move an allowance, as given by ``move_assumptions``."""
    ageing = evidence.exposures.ageing

    def write(minor: Any) -> str | None:  # noqa: ANN401 - an integer, or pandas' NA
        return None if pd.isna(minor) else write_minor(int(minor), ageing.currency)

    rows = moved.astype(object).to_dict("records")
    names = ("assumption", "low_setting", "high_setting")
    assumptions = [
        MovedAssumption(**{name: row[name] for name in names}, low=write(row["low"]), high=write(row["high"]))
        for row in rows
    ]
    return SensitivityAnswer(
        as_of=ageing.as_of,
        age_on=ageing.age_on,
        currency=ageing.currency,
        method=method,
        base=write_minor(int(rows[0]["base"]), ageing.currency),
        assumptions=assumptions,
    )


def describe_backtest(trial: AllowanceTrial, *, currency: str) -> BacktestAnswer:
    """Give past closes beside what was lost."""
    methods = trial.methods
    return BacktestAnswer(
        currency=currency,
        methods=list(methods),
        closes=[
            PastClose(close_on=row["close_on"].date(), part=row["part"], **_write_past(row, methods, currency))
            for row in trial.closes.to_dict("records")
        ],
        buckets=[
            PastBucket(
                part=row["part"],
                bucket=row["bucket"],
                **_write_past(row, methods, currency),
                hits={name: to_finite(row[f"hit_{name}"]) for name in methods},
            )
            for row in trial.buckets.to_dict("records")
        ],
        errors=[ComparedErrors(**to_finite(row)) for row in _name_columns(trial.errors)],
        notes=list(trial.notes),
    )


def describe_movement(last: Close, now: Allowance) -> AllowanceMovement:
    """Give what moved since a close."""
    ageing, currency = now.exposures.ageing, now.exposures.currency
    moved = _write(compare_buckets(last.document["rows"], now), ("before", "now", "change"), currency)
    return AllowanceMovement(
        entity=last.entity,
        close_on=last.period_end,
        age_on=ageing.age_on,
        currency=currency,
        method=now.method,
        before_method=last.document["method"],
        before=write_minor(last.total, currency),
        now=write_minor(now.total, currency),
        change=write_minor(now.total - last.total, currency),
        buckets=list_rows(moved, MovedBucket),
    )


def _write(frame: pd.DataFrame, amounts: Sequence[str], currency: str) -> pd.DataFrame:
    return frame.assign(**{name: [write_minor(minor, currency) for minor in frame[name].tolist()] for name in amounts})


def _write_past(row: Any, methods: Iterable[str], currency: str) -> dict[str, Any]:  # noqa: ANN401 - a row of a frame
    amounts: dict[str, Any] = {name: write_amount(row[name], currency) for name in _PAST}
    return amounts | {"expected": {name: write_amount(row[name], currency) for name in methods}}


def _name_columns(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
