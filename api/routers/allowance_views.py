"""For finance: the allowance seen from other sides: two frameworks, moved assumptions, past closes, the last close."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query

from api.answers.allowance_views import (
    describe_backtest,
    describe_frameworks,
    describe_movement,
    describe_sensitivity,
)
from api.auth import GuardedRoute, require
from api.errors import problem_responses
from api.evidence import find_curve, gather_evidence
from api.moments import MomentDep
from api.schemas.allowance import Method
from api.schemas.allowance_views import AllowanceMovement, BacktestAnswer, FrameworksAnswer, SensitivityAnswer
from api.schemas.base import PastDay
from api.views import EntityName, View, ViewDep, choose_one, choose_scope, require_whole
from arrisk import pipeline
from arrisk.errors import InputError, MissingError
from arrisk.reports.trends import list_month_ends
from arrisk.uses import allowance_proof, closing, reserve
from arrisk.uses.sign_in import Caller

router = APIRouter(prefix="/allowance", tags=["finance"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("allowance.read")]
MethodName = Annotated[Method | None, Query(description="missing = the policy's.")]

_MOST_CLOSES: Final = 12
_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.get("/frameworks", responses=problem_responses(*_PROBLEMS))
def compare_frameworks(
    caller: Reader, view: ViewDep, at: MomentDep, method: MethodName = None, entity: EntityName = None
) -> FrameworksAnswer:
    """Make the allowance of IFRS 9 beside that of ASC 326, as `arrisk allowance --frameworks` does.

    What came in after the day is not looked at: that needs a day until which, which the command line takes.
    """
    scope = choose_scope(caller, view.book, entity)
    chosen = _choose_method(view, method)
    saved = find_curve(view, at, [chosen])

    def make() -> FrameworksAnswer:
        evidence = gather_evidence(view, at, saved)
        return describe_frameworks(reserve.compare_in_frameworks(evidence, method=chosen, entity=scope))

    return view.compute("frameworks", at, chosen, saved and saved.reference, scope, make=make)


@router.get("/sensitivity", responses=problem_responses(*_PROBLEMS))
def measure_sensitivity(
    caller: Reader,
    view: ViewDep,
    at: MomentDep,
    method: MethodName = None,
    *,
    again: Annotated[
        bool,
        Query(
            description="Move, too, what matrix and roll-rate learn from: all amounts are followed three times more."
        ),
    ] = False,
) -> SensitivityAnswer:
    """Measure how the allowance of the whole ledger moves with each assumption, each moved alone.

    With `again` the figures are those of `arrisk allowance --sensitivity`.
    """
    require_whole(caller, view.book)
    chosen = _choose_method(view, method)
    saved = find_curve(view, at, [chosen])

    def make() -> SensitivityAnswer:
        evidence = gather_evidence(view, at, saved)
        moved = reserve.move_assumptions(evidence, method=chosen, again=again)
        return describe_sensitivity(moved, evidence, method=chosen)

    return view.compute("sensitivity", at, chosen, saved and saved.reference, again, make=make)


@router.get("/backtest", responses=problem_responses(*_PROBLEMS))
def try_past_closes(
    caller: Reader,
    view: ViewDep,
    from_on: Annotated[PastDay, Query(alias="from", description="The first day of the period.")],
    to_on: Annotated[PastDay, Query(alias="to", description="The last day; leave the ledger a year after it.")],
) -> BacktestAnswer:
    """Try the allowance on twelve past month ends at most, each beside what was lost of it since.

    The figures are those of `arrisk backtest allowance`, but that nothing is fitted: the method `model` is tried where
    a curve was trained before the first of the month ends.
    """
    require_whole(caller, view.book)
    ends = list_month_ends(from_on, to_on)
    if len(ends) > _MOST_CLOSES:
        hint = f"{_MOST_CLOSES} month ends at most; more by `arrisk backtest allowance`"
        raise InputError(f"there are {len(ends)} month ends in it", where="from, to", hint=hint)
    methods = _list_tried(view, ends)
    make = partial(_try_closes, view, from_on, to_on, methods)
    return view.compute("backtest", from_on, to_on, methods, make=make)


@router.get("/movement", responses=problem_responses(*_PROBLEMS))
def show_movement(
    caller: Annotated[Caller, require("closes.read")],
    view: ViewDep,
    at: MomentDep,
    method: MethodName = None,
    entity: EntityName = None,
) -> AllowanceMovement:
    """Show what moved since the last posted close of a selling company; customers assessed on their own stay pooled."""
    name = choose_one(caller, view.book, entity, as_of=at.as_of)
    last = closing.find_last_close(view.records, view.book.name, name, at.age_on)
    if last is None:
        hint = "a later day, or draft, review and post a close"
        raise MissingError(f"no close of {name} before {at.age_on} is posted", where="period_end", hint=hint)
    chosen = _choose_method(view, method)
    saved = find_curve(view, at, [chosen])

    def make() -> AllowanceMovement:
        evidence = gather_evidence(view, at, saved)
        return describe_movement(last, reserve.complete_allowance(evidence, method=chosen, entity=name))

    return view.compute("movement", at, chosen, saved and saved.reference, name, last.seal, make=make)


def _choose_method(view: View, method: str | None) -> str:
    return method or view.service.policy.allowance.method


def _list_tried(view: View, ends: Sequence[date]) -> tuple[str, ...]:
    """List the methods that need nothing fitted to be tried on month ends."""
    first = min(ends, default=date.min)
    has_model = ends and pipeline.find_model(
        view.service.home, ledger=view.book.name, as_of=first + timedelta(days=1), name=None
    )
    return tuple(name for name in reserve.METHODS if name != "model" or has_model)


def _try_closes(view: View, from_on: date, to_on: date, methods: tuple[str, ...]) -> BacktestAnswer:
    trial = allowance_proof.try_allowance(
        view.book, from_on=from_on, to_on=to_on, home=view.service.home, policy=view.service.policy, methods=methods
    )
    return describe_backtest(trial, currency=view.book.currency)
