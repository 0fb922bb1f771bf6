"""For finance: write-offs: candidates, proposals, approvals by somebody else, and what the ledger is to book."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.answers.write_off import describe_bookings, describe_candidates, describe_standing
from api.auth import GuardedRoute, require
from api.errors import problem_responses
from api.exports import Format, describe_files, send_frame
from api.idempotency import once
from api.moments import Moment, MomentDep
from api.paging import After, Limit, Order, Page, cut_page
from api.schemas.write_off import (
    ActedAnswer,
    ApproveRequest,
    Booking,
    Candidate,
    DeclineRequest,
    ProposeRequest,
    WriteOffAnswer,
)
from api.views import View, ViewDep
from arrisk.acts import Actor
from arrisk.allowance.bad_debt.standing import Standing, list_bookings
from arrisk.errors import MissingError, nearest
from arrisk.uses import write_offs
from arrisk.uses.desk import Desk
from arrisk.uses.scope import restrict_rows
from arrisk.uses.sign_in import Caller

router = APIRouter(prefix="/write-offs", tags=["finance"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("write_offs.read")]
Proposer = Annotated[Caller, require("write_offs.propose")]
Decider = Annotated[Caller, require("write_offs.decide")]
StateName = Annotated[str | None, Query(max_length=50, description="Only this state, such as proposed.")]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_ACTING = (*_PROBLEMS, HTTPStatus.CONFLICT)
_ORDER = Order("invoice_id", "invoice_id")


@router.get("/candidates", responses=problem_responses(*_PROBLEMS))
def list_candidates(
    caller: Reader, view: ViewDep, at: MomentDep, after: After = None, limit: Limit = 100
) -> Page[Candidate]:
    """List the open invoices that ought to be written off by policy, with evidence, as in `arrisk write-offs`."""
    rows = _find_candidates(caller, view, at)
    page, following = cut_page(rows, order=_ORDER, after=after, limit=limit)
    return Page(items=describe_candidates(page, view.book.currency), next=following)


@router.get("", responses=problem_responses(*_PROBLEMS))
def list_write_offs(
    caller: Reader, view: ViewDep, at: MomentDep, state: StateName = None, after: After = None, limit: Limit = 100
) -> Page[WriteOffAnswer]:
    """List what was proposed, where it stands, and whether the ledger has booked it."""
    found = [one for one in _read(caller, view, at) if state in (None, one.stand)]
    rows = pd.DataFrame({"invoice_id": _name(found), "at": range(len(found))})
    page, following = cut_page(rows, order=_ORDER, after=after, limit=limit)
    return Page(items=[describe_standing(found[place]) for place in page["at"]], next=following)


@router.post("/propose", dependencies=[once], responses=problem_responses(*_ACTING))
def propose(caller: Proposer, view: ViewDep, at: MomentDep, request: ProposeRequest) -> ActedAnswer:
    """Propose candidates; one that is proposed already stays as it is."""
    _require_known(_find_candidates(caller, view, at)["invoice_id"].tolist(), request.invoice_ids, "candidate")
    return _act(partial(write_offs.propose, note=request.note), caller, view, at, request.invoice_ids)


@router.post("/approve", dependencies=[once], responses=problem_responses(*_ACTING))
def approve(caller: Decider, view: ViewDep, at: MomentDep, request: ApproveRequest) -> ActedAnswer:
    """Approve what somebody else proposed, within one's authority; above an amount two persons approve."""
    _require_known(_name(_read(caller, view, at)), request.invoice_ids, "proposed write-off")
    return _act(write_offs.approve, caller, view, at, request.invoice_ids)


@router.post("/decline", dependencies=[once], responses=problem_responses(*_ACTING))
def decline(caller: Decider, view: ViewDep, at: MomentDep, request: DeclineRequest) -> ActedAnswer:
    """Decline what was proposed, or take an approval back before it is booked."""
    _require_known(_name(_read(caller, view, at)), request.invoice_ids, "proposed write-off")
    return _act(partial(write_offs.decline, note=request.note), caller, view, at, request.invoice_ids)


@router.get("/bookings", responses=problem_responses(*_PROBLEMS))
def list_ready(caller: Reader, view: ViewDep, at: MomentDep, after: After = None, limit: Limit = 100) -> Page[Booking]:
    """List what is approved and not booked yet, for the ledger to book."""
    rows = list_bookings(_read(caller, view, at))
    page, following = cut_page(rows, order=_ORDER, after=after, limit=limit)
    return Page(items=describe_bookings(page), next=following)


@router.get(
    "/bookings/export",
    response_class=Response,
    responses={**describe_files("csv", "xlsx"), **problem_responses(*_PROBLEMS)},
)
def export_ready(caller: Reader, view: ViewDep, at: MomentDep, file_format: Format = "csv") -> Response:
    """Download what is approved and not booked yet, as `arrisk write-offs export` writes it."""
    rows = list_bookings(_read(caller, view, at))
    return send_frame(rows, name=f"write-offs-{at.as_of}", file_format=file_format)


def _open_desk(view: View, at: Moment) -> Desk:
    return Desk(view.book, at.as_of, view.records, view.policy)


def _find_candidates(caller: Caller, view: View, at: Moment) -> pd.DataFrame:
    # The record changes without a new book: only what the ledger says is kept.
    desk = _open_desk(view, at)
    found = view.compute("candidates", at.as_of, make=partial(write_offs.find_by_policy, desk))
    return restrict_rows(write_offs.mark_states(desk, found), caller.entities)


def _read(caller: Caller, view: View, at: Moment) -> list[Standing]:
    found = write_offs.read_standings(_open_desk(view, at))
    return [one for one in found if not caller.entities or one.write_off.proposal["entity_id"] in caller.entities]


def _act(
    act: Callable[..., list[Standing]], caller: Caller, view: View, at: Moment, invoice_ids: Sequence[str]
) -> ActedAnswer:
    done = act(_open_desk(view, at), invoice_ids, actor=Actor(caller.login, datetime.now(UTC)))
    return ActedAnswer(write_offs=[describe_standing(one) for one in done])


def _name(found: Sequence[Standing]) -> list[str]:
    return [one.write_off.invoice_id for one in found]


def _require_known(known: Sequence[str], invoice_ids: Sequence[str], what: str) -> None:
    for name in invoice_ids:
        if name not in known:
            hint = nearest(name, known) if known else "there is none"
            raise MissingError(f"'{name}' is no {what}", where="invoice_ids", hint=hint)
