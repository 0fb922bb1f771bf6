"""For finance: the allowance of a ledger that is kept here, by method, with what stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ValidationError

from api.answers.allowance import describe_allowance
from api.auth import GuardedRoute, require
from api.errors import problem_responses
from api.evidence import find_curve, gather_evidence
from api.moments import Moment, MomentDep
from api.schemas.allowance import AllowanceFigures, Method
from api.views import EntityName, View, ViewDep, choose_scope
from arrisk.errors import InputError, ModelError
from arrisk.policy import Policy
from arrisk.policy.allowance import AllowancePolicy
from arrisk.registry import Saved
from arrisk.uses import reserve
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["finance"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("allowance.read")]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.get("/allowance", responses=problem_responses(*_PROBLEMS))
def show_allowance(
    caller: Reader,
    view: ViewDep,
    at: MomentDep,
    method: Annotated[Method | None, Query(description="missing = the policy's.")] = None,
    *,
    compare: Annotated[bool, Query(description="All methods side by side, with what is held beside them.")] = False,
    entity: EntityName = None,
    scenario: Annotated[
        list[Annotated[str, Query(max_length=100)]] | None,
        Query(max_length=10, description="NAME:WEIGHT:Z, supposed instead of the policy's; the weights sum to 1."),
    ] = None,
) -> AllowanceFigures:
    """Estimate what will not come in of the open items, as `arrisk allowance` does; nothing is fitted.

    The loss rates of one selling company are those of the whole ledger. Booked is what a close posts: POST /v1/closes.
    Where there is no payment curve, `compare` leaves out the method `model`, and a note says so.
    """
    scope = choose_scope(caller, view.book, entity)
    asked = _choose_methods(view, at, method, compare=compare)
    supposed = tuple(scenario or ())
    make = partial(_estimate, view, at, asked, scope, compare=compare, supposed=supposed)
    return view.compute("allowance", at, asked, scope, compare, supposed, make=make)


@dataclass(frozen=True)
class _Asked:
    """The methods, the one asked for first; the curve that they need, or why it is not there."""

    names: tuple[str, ...]
    saved: Saved | None
    missing: str = ""


def _choose_methods(view: View, at: Moment, method: str | None, *, compare: bool) -> _Asked:
    chosen = method or view.service.policy.allowance.method
    names = (chosen, *(name for name in reserve.METHODS if compare and name != chosen))
    try:
        return _Asked(names, find_curve(view, at, names))
    except ModelError as error:
        if chosen == "model":
            raise
        return _Asked(tuple(name for name in names if name != "model"), None, error.what)


def _estimate(
    view: View, at: Moment, asked: _Asked, scope: str | None, *, compare: bool, supposed: tuple[str, ...]
) -> AllowanceFigures:
    evidence = gather_evidence(view, at, asked.saved)
    if supposed:
        evidence = evidence.under(_suppose(view.service.policy, supposed))
    made = {name: reserve.complete_allowance(evidence, method=name, entity=scope) for name in asked.names}
    found = describe_allowance(made, evidence, asked.saved, compare=compare, entity=scope)
    if compare and scope is not None:
        found.notes.append(reserve.WHOLE_LEDGER_NOTE)
    if asked.missing:
        found.notes.append(f"the method 'model' is left out: {asked.missing}")
    return found


def _suppose(policy: Policy, supposed: Sequence[str]) -> Policy:
    """Put scenarios of the economy into a policy instead of its own."""
    scenarios = []
    for text in supposed:
        name, *numbers = text.rsplit(":", 2)
        try:
            weight, z = map(float, numbers)
        except ValueError:
            hint = "NAME:WEIGHT:Z, such as bad:0.3:-1.5"
            raise InputError(f"'{text}' is no scenario", where="scenario", hint=hint) from None
        scenarios.append({"name": name, "weight": weight, "z": (z,)})
    try:
        allowance = AllowancePolicy.model_validate({**policy.allowance.model_dump(), "scenarios": tuple(scenarios)})
    except ValidationError as error:
        what = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise InputError(what, where="scenario", hint="weights from 0 to 1 that sum to 1, and a finite z") from None
    return policy.model_copy(update={"allowance": allowance})
