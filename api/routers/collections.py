"""For collectors: whom to contact today, and what was done about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from api.answers.collection import describe_file, describe_progress, describe_row
from api.auth import GuardedRoute, require
from api.desks import Place, PlaceDep, find_alone, require_alone
from api.errors import problem_responses
from api.etags import IfMatch, read_etag, write_etag
from api.idempotency import once
from api.paging import After, Limit, read_cursor, write_cursor
from api.schemas.collection import (
    AssignRequest,
    ContactRequest,
    DisputeRequest,
    EndDisputeRequest,
    FileAnswer,
    MoveRequest,
    ProgressAnswer,
    PromiseRequest,
    ReasonRequest,
    SnoozeRequest,
    WorklistPage,
    WorklistRow,
)
from api.worklists import Paid, Worked
from arrisk import money
from arrisk.contacts import actions
from arrisk.contacts.accounts import Account
from arrisk.contacts.actions import Action
from arrisk.contacts.listing import Wanted, choose_rows, key_of, place_accounts
from arrisk.contacts.placing import Pending
from arrisk.contacts.promises import Judged
from arrisk.errors import InputError
from arrisk.store.runs import find_newest
from arrisk.store.worklists import read_worklist_rows
from arrisk.uses import collecting
from arrisk.uses.customers import require_customer
from arrisk.uses.desk import Desk
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["collections"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("worklist.read")]
Worker = Annotated[Caller, require("worklist.act")]
CustomerId = Annotated[str, Path(max_length=200, examples=["C00042"])]
ItemId = Annotated[str, Path(max_length=20, examples=["P1"])]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_ACTING = (*_PROBLEMS, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_BOUND = 1e15
Amount = Annotated[float | None, Query(ge=-_BOUND, le=_BOUND, allow_inf_nan=False)]
Days = Annotated[int | None, Query(ge=-100_000, le=100_000)]
Segment = Annotated[str | None, Query(max_length=200)]
Sort = Annotated[
    Literal["listed", "at_stake", "overdue", "oldest"],
    Query(description="`listed` = in the order in which it is worked; else the largest first."),
]


@dataclass(frozen=True)
class Filter:
    """Which rows of the worklist are asked for."""

    collector: Annotated[str | None, Query(max_length=200, description="Whose; `-` = nobody's.")] = None
    state: Annotated[Pending | None, Query(description="What the next step waits for, or comes from.")] = None
    show: Annotated[
        Literal["open", "hidden", "all"],
        Query(description="Who is to be worked, who is put off or has promised, or all."),
    ] = "open"
    overdue_from: Amount = None
    overdue_to: Amount = None
    oldest_from: Days = None
    oldest_to: Days = None
    country: Segment = None
    industry: Segment = None
    grade: Segment = None

    def read(self) -> Wanted:
        """Give what is asked for."""
        facts = {name: value for name, value in vars(self).items() if name != "show"}
        return Wanted(**facts, is_hidden={"open": False, "hidden": True, "all": None}[self.show])


@router.get("/worklist", responses=problem_responses(*_PROBLEMS))
def list_worklist(
    caller: Reader,
    place: PlaceDep,
    wanted: Annotated[Filter, Depends(Filter)],
    sort: Sort = "listed",
    after: After = None,
    limit: Limit = 50,
) -> WorklistPage:
    """List whom to contact, in order, with why it is here and what to do next.

    Figures are those of the newest run. Who was put off, or has promised enough, is hidden until its day or until
    something new happens; `show` brings them back.
    """
    worked = place.read_worklist()
    listing, seen = worked.listing, _read_place(after)
    rows = choose_rows(listing, wanted.read(), sort=sort, after=seen)
    alone = find_alone(place, caller)
    if alone is not None:
        ids = listing.rows["customer_id"].iloc[rows]
        rows = rows[ids.isin(list(alone)).to_numpy(dtype=bool)]
    shown = rows[:limit].tolist()
    return WorklistPage(
        as_of=worked.run.as_of,
        items=_describe_rows(place, worked, shown),
        count=len(rows),
        next=write_cursor(*map(str, key_of(listing, shown[-1], sort=sort))) if len(rows) > limit else None,
    )


@router.get("/collectors/progress", responses=problem_responses(*_PROBLEMS))
def show_progress(_: Reader, place: PlaceDep) -> ProgressAnswer:
    """Show what each collector has done today."""
    today = place.now.date()
    known = place.files.read(on=today)
    currency = place.view().book.currency
    return describe_progress(collecting.read_progress(known.accounts, on=today), currency=currency)


@router.get("/worklist/{customer_id:path}", responses=problem_responses(*_PROBLEMS))
def show_file(caller: Reader, place: PlaceDep, customer_id: CustomerId, response: Response) -> FileAnswer:
    """Show what was done about a customer, what it promised, its row of the list; the `ETag` goes with an act."""
    require_alone(place, caller, customer_id)
    view = place.view()
    as_of = collecting.find_known_day(view.book, on=place.now.date())
    require_customer(view.book, customer_id, as_of=as_of)
    account = place.files.read(on=place.now.date()).accounts.get(customer_id, Account(customer_id))
    response.headers["ETag"] = write_etag(account.version)
    return _describe(place, account)


@dataclass(frozen=True)
class Doing:
    """A collector who acts on a customer's file.

    Parameters
    ----------
    saw : the version of the file that the collector has seen.
    """

    caller: Caller
    place: Place
    customer_id: str
    saw: int
    response: Response

    @property
    def currency(self) -> str:
        """The book currency."""
        return self.place.view().book.currency

    def do(self, action: Action) -> FileAnswer:
        """Record an action, and give the file after it."""
        require_alone(self.place, self.caller, self.customer_id)
        book = self.place.view().book
        today = self.place.now.date()
        desk = Desk(book, collecting.find_known_day(book, on=today), self.place.records, self.place.policy)
        actor = self.place.act(self.caller, saw=self.saw)
        account = collecting.act(self.place.files, desk, self.customer_id, action, actor=actor)
        self.response.headers["ETag"] = write_etag(account.version)
        return _describe(self.place, account)


def _open_doing(
    caller: Worker, place: PlaceDep, customer_id: CustomerId, if_match: IfMatch, response: Response
) -> Doing:
    return Doing(caller, place, customer_id, read_etag(if_match), response)


DoingDep = Annotated[Doing, Depends(_open_doing)]
_act_on = partial(router.post, dependencies=[once], responses=problem_responses(*_ACTING))


@_act_on("/worklist/{customer_id:path}/contacts")
def log_contact(doing: DoingDep, request: ContactRequest) -> FileAnswer:
    """Log a contact: by which channel, with what outcome."""
    return doing.do(actions.LogContact(request.channel, request.outcome, request.note))


@_act_on("/worklist/{customer_id:path}/promises")
def take_promise(doing: DoingDep, request: PromiseRequest) -> FileAnswer:
    """Take down a promise to pay; the ledger tells whether it is kept."""
    currency = request.currency or doing.currency
    amount = money.parse_minor(request.amount, currency, where="amount")
    return doing.do(actions.TakePromise(amount, currency, request.due_on, request.note))


@_act_on("/worklist/{customer_id:path}/promises/{promise_id}/cancel")
def cancel_promise(doing: DoingDep, promise_id: ItemId, request: ReasonRequest) -> FileAnswer:
    """Take a promise back that was taken down wrongly, or that another agreement replaces."""
    return doing.do(actions.CancelPromise(promise_id, request.reason))


@_act_on("/worklist/{customer_id:path}/disputes")
def raise_dispute(doing: DoingDep, request: DisputeRequest) -> FileAnswer:
    """Take down what a customer says is wrong with invoices; the ledger's own disputes are uploaded with it."""
    invoice_ids = tuple(request.invoice_ids)
    amount = None if request.amount is None else _read_disputed(doing, invoice_ids[0], request.amount)
    return doing.do(actions.RaiseDispute(request.reason, invoice_ids, amount, request.note))


@_act_on("/worklist/{customer_id:path}/disputes/{dispute_id}/end")
def end_dispute(doing: DoingDep, dispute_id: ItemId, request: EndDisputeRequest) -> FileAnswer:
    """Say how a dispute ended."""
    return doing.do(actions.EndDispute(dispute_id, request.outcome, request.note))


@_act_on("/worklist/{customer_id:path}/snooze")
def put_off(doing: DoingDep, request: SnoozeRequest) -> FileAnswer:
    """Leave a customer alone until a day, or until something new happens."""
    return doing.do(actions.PutOff(request.until_on, request.reason))


@_act_on("/worklist/{customer_id:path}/wake")
def wake(doing: DoingDep) -> FileAnswer:
    """Put a customer who was put off on the list again."""
    return doing.do(actions.Wake())


@_act_on("/worklist/{customer_id:path}/move")
def move(doing: DoingDep, request: MoveRequest) -> FileAnswer:
    """Put a customer first or last for some days."""
    return doing.do(actions.MoveTo(request.place, request.reason))


@_act_on("/worklist/{customer_id:path}/move-back")
def move_back(doing: DoingDep) -> FileAnswer:
    """Put a customer back where the amounts put it."""
    return doing.do(actions.MoveBack())


@_act_on("/worklist/{customer_id:path}/assign")
def assign(doing: DoingDep, request: AssignRequest) -> FileAnswer:
    """Give a customer to a collector, or take it back."""
    return doing.do(actions.Assign(request.collector))


def _read_disputed(doing: Doing, invoice_id: str, text: str) -> int:
    """Read a disputed amount in the currency of its invoice; of an unknown invoice the action itself tells."""
    invoices = doing.place.view().book["invoices"]
    own = invoices.loc[(invoices["invoice_id"] == invoice_id).to_numpy(dtype=bool), "currency"]
    return money.parse_minor(text, str(own.iloc[0]) if len(own) else doing.currency, where="amount")


def _describe(place: Place, account: Account) -> FileAnswer:
    book, today = place.view().book, place.now.date()
    as_of = collecting.find_known_day(book, on=today)
    paid = Paid(
        place.view().compute("receipts", as_of, make=lambda: collecting.read_receipts(book, as_of=as_of)), as_of
    )
    judged = paid.judge(account, place.policy)
    return describe_file(account, judged, _find_row(place, account, judged), currency=book.currency)


def _find_row(place: Place, account: Account, judged: Sequence[Judged]) -> WorklistRow | None:
    """Find the row of a customer with what was done last, which others may not see yet."""
    if find_newest(place.service.database, place.ledger) is None:
        return None
    worked = place.read_worklist()
    row = worked.listing.row_of.get(account.customer_id)
    if row is None:
        return None
    listing = place_accounts(worked.listing, [(account, judged)], on=worked.on, policy=place.policy.contacts)
    (found,) = _describe_rows(place, replace(worked, listing=listing), [row])
    return found


def _describe_rows(place: Place, worked: Worked, rows: Sequence[int]) -> list[WorklistRow]:
    ranks = worked.listing.rows["rank"].to_numpy()[list(rows)].tolist()
    found = read_worklist_rows(place.service.database, worked.run, ranks)
    return [describe_row(values, worked.listing, row) for values, row in zip(found, rows, strict=True)]


def _read_place(after: str | None) -> tuple[float, int] | None:
    """Read where the page before ended."""
    if after is None:
        return None
    key, rank = map(str, read_cursor(after, str, str))
    try:
        return float(key), int(rank)
    except ValueError:
        raise InputError(
            "this is no cursor of this list", where="after", hint="the `next` of the page before"
        ) from None
