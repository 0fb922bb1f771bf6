"""For finance: the month end: draft, review, post and reverse a close; its journal, and the auditor's pack."""

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path as FolderPath
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Path, Query, Response

from api.answers.close import describe_close, describe_journal, summarise_close
from api.auth import GuardedRoute, require
from api.errors import problem_responses
from api.etags import MayMatch, read_seen, write_etag
from api.exports import Format, describe_files, send_bytes, send_frame, write_money
from api.idempotency import once
from api.packing import pack_folder
from api.paging import After, Limit, Order, Page, cut_page
from api.schemas.base import PastDay
from api.schemas.close import CloseAnswer, CloseSummary, DraftRequest, JournalAnswer, ReverseRequest
from api.views import EntityName, View, ViewDep, choose_one, choose_own
from arrisk.acts import Actor
from arrisk.allowance.closes.document import Period
from arrisk.allowance.closes.journal import list_journal
from arrisk.allowance.closes.states import Close, State
from arrisk.errors import MissingError
from arrisk.uses import audit, closing, drafting
from arrisk.uses.scope import require_entity
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["finance"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("closes.read")]
Drafter = Annotated[Caller, require("closes.draft")]
Signatory = Annotated[Caller, require("closes.sign")]
PeriodEnd = Annotated[PastDay, Path(description="The last day of the period.", examples=["2024-12-31"])]

Sort = Literal["place", "newest"]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_SIGNING = (*_PROBLEMS, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_ORDERS: Mapping[str, Order] = {
    "place": Order("place", "place"),
    "newest": Order("period_end", "place", is_descending=True),
}


@router.get("/closes", responses=problem_responses(*_PROBLEMS))
def list_closes(
    caller: Reader,
    view: ViewDep,
    entity: EntityName = None,
    sort: Annotated[Sort, Query(description="place = by company and period; newest = the newest period first.")] = (
        "place"
    ),
    after: After = None,
    limit: Limit = 100,
) -> Page[CloseSummary]:
    """List the closes of a ledger by selling company and period."""
    names = sorted(view.book["invoices"]["entity_id"].astype("str").unique())
    seen = [name for name in names if not caller.entities or name in caller.entities]
    if entity is not None:
        seen = [name for name in seen if name == require_entity(entity, caller.entities)]
    found = [close for name in seen for close in closing.list_closes(view.records, view.book.name, name)]
    places = [f"{close.entity} {close.period_end}" for close in found]
    ends = pd.Series([str(close.period_end) for close in found], dtype="str")
    rows = pd.DataFrame({"place": pd.Series(places, dtype="str"), "period_end": ends, "at": range(len(found))})
    page, following = cut_page(rows, order=_ORDERS[sort], after=after, limit=limit)
    return Page(items=[summarise_close(found[at]) for at in page["at"]], next=following)


@router.get("/closes/{period_end}", responses=problem_responses(*_PROBLEMS))
def show_close(
    caller: Reader, view: ViewDep, period_end: PeriodEnd, response: Response, entity: EntityName = None
) -> CloseAnswer:
    """Show a close with its movements, and who did what. Its ETag says which draft was read."""
    return _answer(_find(view, caller, period_end, entity), response)


@router.post(
    "/closes",
    dependencies=[once],
    status_code=HTTPStatus.CREATED,
    responses=problem_responses(*_SIGNING, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
def draft_close(caller: Drafter, view: ViewDep, request: DraftRequest, response: Response) -> CloseAnswer:
    """Draft the close of a period; the same inputs give the draft that is there, as in `arrisk close`.

    Of a large ledger it takes a while: `POST /v1/jobs` with the kind `close` has it drafted beside the service.
    """
    found = drafting.draft(
        view.book,
        drafting.Asked.read({**request.list_plain(), "entity": choose_own(caller, request.entity)}),
        actor=_act_now(caller),
        records=view.records,
        home=view.service.home,
        policy=view.policy,
    )
    return _answer(found, response)


@router.post("/closes/{period_end}/review", dependencies=[once], responses=problem_responses(*_SIGNING))
def review_close(
    caller: Signatory,
    view: ViewDep,
    period_end: PeriodEnd,
    response: Response,
    entity: EntityName = None,
    if_match: MayMatch = None,
) -> CloseAnswer:
    """Review a draft; whoever drafted it cannot."""
    return _sign(view, caller, _find(view, caller, period_end, entity), State.REVIEWED, if_match, response)


@router.post("/closes/{period_end}/post", dependencies=[once], responses=problem_responses(*_SIGNING))
def post_close(
    caller: Signatory,
    view: ViewDep,
    period_end: PeriodEnd,
    response: Response,
    entity: EntityName = None,
    if_match: MayMatch = None,
) -> CloseAnswer:
    """Post a reviewed close: its journal entries are in force."""
    return _sign(view, caller, _find(view, caller, period_end, entity), State.POSTED, if_match, response)


@router.post("/closes/{period_end}/reverse", dependencies=[once], responses=problem_responses(*_SIGNING))
def reverse_close(
    caller: Signatory,
    view: ViewDep,
    period_end: PeriodEnd,
    request: ReverseRequest,
    response: Response,
    entity: EntityName = None,
    if_match: MayMatch = None,
) -> CloseAnswer:
    """Take a close back: a draft is dropped, the entries of a posted one are reversed."""
    close = _find(view, caller, period_end, entity)
    reversed_ = closing.reverse_close(
        view.book.name,
        close.entity,
        period_end,
        reason=request.reason,
        actor=_act_now(caller, if_match),
        records=view.records,
        policy=view.policy,
    )
    return _answer(reversed_, response)


@router.get("/closes/{period_end}/journal", responses=problem_responses(*_PROBLEMS))
def show_journal(caller: Reader, view: ViewDep, period_end: PeriodEnd, entity: EntityName = None) -> JournalAnswer:
    """List the journal entries of a close; of a posted one that was reversed, those that take it back."""
    return describe_journal(_find(view, caller, period_end, entity))


@router.get(
    "/closes/{period_end}/journal/export",
    response_class=Response,
    responses={**describe_files("csv", "xlsx"), **problem_responses(*_PROBLEMS)},
)
def export_journal(
    caller: Reader, view: ViewDep, period_end: PeriodEnd, file_format: Format = "csv", entity: EntityName = None
) -> Response:
    """Download the journal entries for the general ledger, as `arrisk close --journal` writes them."""
    close = _find(view, caller, period_end, entity)
    rows = write_money(list_journal(close), ["debit", "credit"], file_format=file_format)
    return send_frame(rows, name=f"journal-{close.entity}-{period_end}", file_format=file_format)


@router.get(
    "/closes/{period_end}/pack",
    response_class=Response,
    responses={**describe_files("zip"), **problem_responses(*_PROBLEMS, HTTPStatus.CONFLICT)},
)
def download_pack(caller: Reader, view: ViewDep, period_end: PeriodEnd, entity: EntityName = None) -> Response:
    """Download all that stands behind a close, for an auditor, as `arrisk close --pack` writes it. It takes a while.

    The close is made again from the ledger as of its day, and has to come out to the cent.
    """
    close = _find(view, caller, period_end, entity)

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="arrisk-pack-") as folder:
            target = FolderPath(folder) / "pack"
            audit.write_pack(view.book, close, target, home=view.service.home, policy=view.service.policy)
            return pack_folder(target)

    content = view.compute("pack", close.entity, close.seal, len(close.steps), make=make)
    return send_bytes(content, name=f"pack-{close.entity}-{period_end}", file_format="zip")


def _sign(view: View, caller: Caller, close: Close, to: State, if_match: str | None, response: Response) -> CloseAnswer:
    signed = closing.sign_close(
        view.book,
        close.entity,
        close.period_end,
        to=to,
        actor=_act_now(caller, if_match),
        records=view.records,
        policy=view.policy,
    )
    return _answer(signed, response)


def _answer(close: Close, response: Response) -> CloseAnswer:
    response.headers["ETag"] = write_etag(len(close.steps))
    return describe_close(close)


def _find(view: View, caller: Caller, period_end: date, entity: str | None) -> Close:
    name = choose_one(caller, view.book, entity, as_of=Period("", period_end).as_of)
    close = closing.find_close(view.records, view.book.name, name, period_end)
    if close is None:
        there = [one.period_end for one in closing.list_closes(view.records, view.book.name, name)]
        hint = f"drafted are: {', '.join(map(str, there)) or 'none'}"
        raise MissingError(f"no close of {name} for {period_end} is drafted", where="period_end", hint=hint)
    return close


def _act_now(caller: Caller, if_match: str | None = None) -> Actor:
    return Actor(caller.login, datetime.now(UTC), saw=read_seen(if_match))
