"""For collectors: the file on a customer, and what is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.answers.collection import describe_file
from api.answers.collection import describe_items as describe_worked
from api.answers.customer import describe_items
from api.auth import GuardedRoute, require
from api.desks import Place, PlaceDep, require_alone
from api.errors import problem_responses
from api.etags import IfMatch, read_etag, write_etag
from api.idempotency import once
from api.paging import After, Limit, Order, Page, cut_page
from api.routers.worklist import PROBLEMS, Reader, describe_rows
from api.schemas.collection import (
    AssignRequest,
    ContactRequest,
    DisputeRequest,
    EndDisputeRequest,
    FileAnswer,
    MoveRequest,
    PromiseRequest,
    ReasonRequest,
    SnoozeRequest,
    WorklistRow,
)
from api.schemas.worklist import WorkedItem
from arrisk import money
from arrisk.contacts import actions
from arrisk.contacts.accounts import Account
from arrisk.contacts.actions import Action
from arrisk.contacts.listing import place_accounts
from arrisk.contacts.promises import Judged
from arrisk.decisions.snapshot import make_plain
from arrisk.store.runs import find_newest
from arrisk.store.worklists import read_item_days
from arrisk.uses import collecting
from arrisk.uses.customers import list_customer_items, require_customer
from arrisk.uses.desk import Desk
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["collections"], route_class=GuardedRoute)

Worker = Annotated[Caller, require("worklist.act")]
CustomerId = Annotated[str, Path(max_length=200, examples=["C00042"])]
ItemId = Annotated[str, Path(max_length=20, examples=["P1"])]

_ACTING = (*PROBLEMS, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)
_ITEMS = Order("days_past_due", "invoice_id", is_descending=True)


@router.get("/worklist/{customer_id:path}/items", responses=problem_responses(*PROBLEMS))
def list_items(
    caller: Reader, place: PlaceDep, customer_id: CustomerId, after: After = None, limit: Limit = 100
) -> Page[WorkedItem]:
    """List a customer's open invoices and credit notes, the longest due first, each with when it is expected."""
    require_alone(place, caller, customer_id)
    view, database = place.view(), place.service.database
    as_of = collecting.find_known_day(view.book, on=place.now.date())
    require_customer(view.book, customer_id, as_of=as_of)
    items = list_customer_items(view.owners.take(customer_id), customer_id, as_of=as_of)
    shown, following = cut_page(items, order=_ITEMS, after=after, limit=limit)
    run = find_newest(database, place.ledger)
    expected = read_item_days(database, run, customer_id) if run else {}
    return Page(items=describe_worked(describe_items(shown), expected), next=following)


@router.get("/worklist/{customer_id:path}", responses=problem_responses(*PROBLEMS))
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
        view, today = self.place.view(), self.place.now.date()
        require_customer(view.book, self.customer_id, as_of=collecting.find_known_day(view.book, on=today))
        book = view.owners.take(self.customer_id)
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
    book = place.view().book
    as_of = collecting.find_known_day(book, on=place.now.date())
    name = require_customer(book, account.customer_id, as_of=as_of)["name"]
    judged = place.read_paid().judge(account, place.policy) if account.promises else []
    row = _find_row(place, account, judged)
    return describe_file(account, judged, row, name=make_plain(name), currency=book.currency)


def _find_row(place: Place, account: Account, judged: Sequence[Judged]) -> WorklistRow | None:
    """Find the row of a customer with what was done last, which others may not see yet."""
    if find_newest(place.service.database, place.ledger) is None:
        return None
    worked = place.read_worklist()
    row = worked.listing.row_of.get(account.customer_id)
    if row is None:
        return None
    listing = place_accounts(worked.listing, [(account, judged)], on=worked.on, policy=place.policy.contacts)
    (found,) = describe_rows(place, replace(worked, listing=listing), [row])
    return found
