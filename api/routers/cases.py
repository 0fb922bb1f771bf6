"""For credit analysts and managers: a case on a limit, from the request to the letter."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from api.answers.case import describe_case, describe_case_row
from api.auth import GuardedRoute, require
from api.desks import Place, PlaceDep, find_alone, require_alone
from api.errors import problem_responses
from api.etags import IfMatch, read_etag, write_etag
from api.idempotency import once
from api.paging import After, Limit, Page, read_cursor, write_cursor
from api.schemas.case import (
    ApproveRequest,
    CaseAnswer,
    CaseRow,
    DeclineRequest,
    LetterAnswer,
    NoteRequest,
    OpenRequest,
    ScoreAgainRequest,
)
from arrisk.acts import Actor
from arrisk.decisions.authority import Verdict
from arrisk.decisions.cases import Case, State
from arrisk.errors import MissingError
from arrisk.uses import casework, collecting, papers
from arrisk.uses.desk import Desk
from arrisk.uses.sign_in import Caller

router = APIRouter(prefix="/cases", tags=["credit"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("cases.read")]
Proposer = Annotated[Caller, require("cases.propose")]
Decider = Annotated[Caller, require("cases.decide")]
CaseId = Annotated[str, Path(max_length=50, examples=["C-0001"])]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_ACTING = (*_PROBLEMS, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8"}
_act_on = partial(router.post, dependencies=[once], responses=problem_responses(*_ACTING))


@router.get("", responses=problem_responses(*_PROBLEMS))
def list_cases(
    caller: Reader,
    place: PlaceDep,
    state: Annotated[State | None, Query(description="Only cases in this state.")] = None,
    customer_id: Annotated[str | None, Query(max_length=200, description="Only cases on this customer.")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[CaseRow]:
    """List the cases of a ledger, the newest first."""
    on, alone = place.now.date(), find_alone(place, caller)
    before = int(read_cursor(after, int)[0]) if after else None
    cases = [case for case in casework.list_cases(place.records) if case.ledger == place.ledger]
    found = [
        (number, case)
        for number, case in reversed(list(enumerate(cases)))
        if (before is None or number < before)
        and state in {None, case.stand(on)}
        and customer_id in {None, case.customer_id}
        and (alone is None or case.customer_id in alone)
    ]
    shown = found[:limit]
    following = write_cursor(shown[-1][0]) if len(found) > limit else None
    return Page(items=[describe_case_row(case, on=on) for _, case in shown], next=following)


@router.post("", status_code=HTTPStatus.CREATED, dependencies=[once], responses=problem_responses(*_ACTING))
def open_case(caller: Proposer, place: PlaceDep, request: OpenRequest, response: Response) -> CaseAnswer:
    """Open a case: take down all that is known of the customer, and recommend a limit.

    The same case that `arrisk decide open` opens on the same ledger.
    """
    require_alone(place, caller, request.customer_id)
    requested = None if request.requested_limit is None else float(request.requested_limit)
    book = place.view().book
    as_of = request.as_of or collecting.find_known_day(book, on=place.now.date())
    desk = Desk(book, as_of, place.records, place.policy)
    case = casework.open_case(
        desk,
        request.customer_id,
        requested_limit=requested,
        actor=place.act(caller),
        home=place.service.home,
        review=place.review(as_of),
    )
    return _answer(case, place, response)


@router.get("/{case_id}", responses=problem_responses(*_PROBLEMS))
def show_case(caller: Reader, place: PlaceDep, case_id: CaseId, response: Response) -> CaseAnswer:
    """Show a case with all that it holds; the `ETag` goes with an act on it."""
    return _answer(_find(place, caller, case_id), place, response)


@router.get(
    "/{case_id}/memo",
    response_class=Response,
    responses={
        200: {"description": "The memo.", "content": {_TYPES[kind]: {} for kind in ("pdf", "html")}},
        **problem_responses(*_PROBLEMS),
    },
)
def show_memo(
    caller: Reader,
    place: PlaceDep,
    case_id: CaseId,
    file_format: Annotated[Literal["pdf", "html"], Query(alias="format", description="pdf or html.")] = "pdf",
) -> Response:
    """Download the credit memo: one page on the case for a committee."""
    return _hand_out(
        papers.write_memo(_find(place, caller, case_id), f".{file_format}", on=place.now.date()), file_format
    )


@router.get(
    "/{case_id}/letter",
    response_class=Response,
    responses={
        200: {"description": "The letter.", "content": {_TYPES[kind]: {} for kind in ("html", "txt")}},
        **problem_responses(*_PROBLEMS),
    },
)
def show_letter(
    caller: Reader,
    place: PlaceDep,
    case_id: CaseId,
    file_format: Annotated[Literal["html", "txt"], Query(alias="format", description="html or txt.")] = "html",
) -> Response:
    """Download the letter that was written about a decision against the customer."""
    letter = casework.read_letter(_find(place, caller, case_id), policy=place.policy)
    return _hand_out(papers.format_letter(letter, f".{file_format}"), file_format)


def _hand_out(paper: str | bytes, file_format: str) -> Response:
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }
    return Response(paper, media_type=_TYPES[file_format], headers=headers)


@dataclass(frozen=True)
class Acting:
    """Somebody who acts on a case, and which version of it was seen."""

    caller: Caller
    place: Place
    case: Case
    saw: int
    response: Response

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.place.act(self.caller, saw=self.saw)

    def answer(self, case: Case) -> CaseAnswer:
        """Give the case after it."""
        return _answer(case, self.place, self.response)


def _open_acting(caller: Caller, place: Place, case_id: str, if_match: str, response: Response) -> Acting:
    return Acting(caller, place, _find(place, caller, case_id), read_etag(if_match), response)


def _open_proposing(
    caller: Proposer, place: PlaceDep, case_id: CaseId, if_match: IfMatch, response: Response
) -> Acting:
    return _open_acting(caller, place, case_id, if_match, response)


def _open_deciding(caller: Decider, place: PlaceDep, case_id: CaseId, if_match: IfMatch, response: Response) -> Acting:
    return _open_acting(caller, place, case_id, if_match, response)


ProposingDep = Annotated[Acting, Depends(_open_proposing)]
DecidingDep = Annotated[Acting, Depends(_open_deciding)]


@_act_on("/{case_id}/score")
def score_again(acting: ProposingDep, request: ScoreAgainRequest) -> CaseAnswer:
    """Take down what is known by a later day, and recommend anew; approvals so far no longer count."""
    place = acting.place
    book = place.view().book
    as_of = request.as_of or collecting.find_known_day(book, on=place.now.date())
    case = casework.score_again(
        Desk(book, as_of, place.records, place.policy),
        acting.case.reference,
        actor=acting.actor,
        home=place.service.home,
        review=place.review(as_of),
    )
    return acting.answer(case)


@_act_on("/{case_id}/approve")
def approve(acting: DecidingDep, request: ApproveRequest) -> CaseAnswer:
    """Approve a limit, or offer a lower one than was asked for.

    Whoever approves needs the authority for the amount and is not who proposed it; above an amount two persons approve.
    A limit other than recommended needs a reason of the policy and a note.
    """
    policy = acting.place.policy
    days = policy.limits.valid_days if request.valid_days is None else request.valid_days
    verdict = _decide(acting, float(request.limit), request.override_reason, request.note)
    verdict = replace(verdict, conditions=request.conditions, valid_days=days)
    return _conclude(acting, casework.approve_case, verdict)


@_act_on("/{case_id}/decline")
def decline(acting: DecidingDep, request: DeclineRequest) -> CaseAnswer:
    """Decline a case; where a limit was recommended, with a reason of the policy and a note."""
    return _conclude(acting, casework.decline_case, _decide(acting, 0.0, request.override_reason, request.note))


@_act_on("/{case_id}/accept")
def accept(acting: ProposingDep, request: NoteRequest) -> CaseAnswer:
    """Record that the customer accepts what was offered."""
    return _close(acting, "accept", State.ACCEPTED, request.note)


@_act_on("/{case_id}/withdraw")
def withdraw(acting: ProposingDep, request: NoteRequest) -> CaseAnswer:
    """Record that the request is withdrawn."""
    return _close(acting, "withdraw", State.WITHDRAWN, request.note)


@_act_on("/{case_id}/letter")
def send_letter(acting: ProposingDep) -> LetterAnswer:
    """Write the letter about a decision against the customer, and start the clocks; again, the same letter."""
    place = acting.place
    case, letter = casework.send_letter(
        acting.case.reference, actor=acting.actor, records=place.records, policy=place.policy
    )
    html = papers.format_letter(letter, ".html")
    return LetterAnswer(case=acting.answer(case), title=letter.title, text=letter.text, html=html)


@_act_on("/{case_id}/asked")
def note_request(acting: ProposingDep) -> CaseAnswer:
    """Record that the customer asked in writing for the reasons, or that the papers be kept."""
    place = acting.place
    case = casework.note_request(acting.case.reference, actor=acting.actor, records=place.records, policy=place.policy)
    return acting.answer(case)


def _decide(acting: Acting, limit: float, override: str, note: str) -> Verdict:
    return Verdict(acting.caller.login, acting.place.now.date(), limit, override, note)


def _conclude(acting: Acting, decide: Callable[..., Case], verdict: Verdict) -> CaseAnswer:
    place = acting.place
    case = decide(acting.case.reference, verdict, actor=acting.actor, records=place.records, policy=place.policy)
    return acting.answer(case)


def _close(acting: Acting, action: str, to: State, note: str) -> CaseAnswer:
    case = casework.close_case(
        acting.case.reference, action, to, note=note, actor=acting.actor, records=acting.place.records
    )
    return acting.answer(case)


def _find(place: Place, caller: Caller, case_id: str) -> Case:
    """Find a case; one that the caller may not see is not told from one that is not there."""
    try:
        case = casework.find_case(place.records, f"{place.ledger}/{case_id}")[1]
        require_alone(place, caller, case.customer_id)
    except MissingError:
        raise MissingError(f"no case '{case_id}'", where="case_id", hint="GET /v1/cases lists them") from None
    return case


def _answer(case: Case, place: Place, response: Response) -> CaseAnswer:
    response.headers["ETag"] = write_etag(case.version)
    return describe_case(case, on=place.now.date(), policy=place.policy)
