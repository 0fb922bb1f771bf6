"""For everybody who deals with a customer: find it, see it, and try what limit it would get."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Path, Query

from api.answers.base import describe_limits, write_amount
from api.answers.case import describe_case_row
from api.answers.collection import describe_dispute, describe_promise
from api.answers.customer import (
    describe_exposures,
    describe_items,
    describe_payments,
    describe_point,
    describe_score,
    describe_view,
    list_plain,
)
from api.auth import GuardedRoute, require
from api.desks import Look, LookDep, Place, PlaceDep, find_alone, require_alone
from api.errors import problem_responses
from api.paging import After, Limit, Page, read_cursor, write_cursor
from api.schemas.base import RecommendedLimit
from api.schemas.customer import (
    CustomerAnswer,
    FoundCustomer,
    HistoryAnswer,
    LastContact,
    LimitAnswer,
    OpenItem,
    StoredScore,
    TrendPoint,
    WhatIfAnswer,
    WhatIfRequest,
)
from arrisk.contacts.accounts import Account, rewind_account
from arrisk.decisions.cases import rewind_case
from arrisk.errors import MissingError
from arrisk.schema import Book
from arrisk.store.customer_runs import list_customer_runs
from arrisk.store.run_pages import Page as RowPage
from arrisk.store.run_pages import list_page
from arrisk.store.runs import find_newest, require_newest
from arrisk.uses import casework, collecting
from arrisk.uses.credit import LimitReview
from arrisk.uses.customers import (
    list_customer_items,
    read_history,
    require_customer,
    search_customers,
    view_customer,
)
from arrisk.uses.sign_in import Caller
from arrisk.uses.what_if import Changes, try_changes

router = APIRouter(prefix="/customers", tags=["credit"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("customers.read")]
Scorer = Annotated[Caller, require("scores.read")]
CustomerId = Annotated[str, Path(max_length=200, examples=["C00042"])]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_COMPUTING = (*_PROBLEMS, HTTPStatus.CONFLICT)
_FOUND = ("customer_id", "name", "country", "industry", "parent_id")
_TREND = 24


@router.get("", responses=problem_responses(*_PROBLEMS))
def search(
    _: Reader,
    look: LookDep,
    q: Annotated[str, Query(max_length=200, description="The beginning of an id, or a part of a name.")] = "",
    after: After = None,
    limit: Limit = 50,
) -> Page[FoundCustomer]:
    """Search customers by id or name, in capital or small letters alike; the best match first."""
    found = search_customers(look.book, q, as_of=look.as_of)
    if after:
        match, customer_id = read_cursor(after, int, str)
        is_later = (found["match"] > match) | ((found["match"] == match) & (found["customer_id"] > customer_id))
        found = found.loc[is_later.to_numpy()]
    shown = list_plain(found.head(limit), *_FOUND, "match")
    following = write_cursor(shown[-1]["match"], shown[-1]["customer_id"]) if len(found) > limit else None
    return Page(items=[FoundCustomer(**{name: row[name] for name in _FOUND}) for row in shown], next=following)


@router.get("/{customer_id:path}/items", responses=problem_responses(*_PROBLEMS))
def list_items(
    _: Reader, look: LookDep, customer_id: CustomerId, after: After = None, limit: Limit = 100
) -> Page[OpenItem]:
    """List a customer's open invoices and credit notes, the longest due first."""
    items = list_customer_items(look.take(customer_id), customer_id, as_of=look.as_of)
    if after:
        days, invoice_id = read_cursor(after, int, str)
        due = items["days_past_due"]
        items = items.loc[((due < days) | ((due == days) & (items["invoice_id"] > invoice_id))).to_numpy()]
    shown = describe_items(items.head(limit))
    following = write_cursor(shown[-1].days_past_due, shown[-1].invoice_id) if len(items) > limit else None
    return Page(items=shown, next=following)


@router.get("/{customer_id:path}/history", responses=problem_responses(*_PROBLEMS))
def show_history(
    _: Reader,
    look: LookDep,
    customer_id: CustomerId,
    limit: Annotated[int, Query(ge=1, le=500, description="Invoices at most, the newest.")] = 200,
) -> HistoryAnswer:
    """Show how a customer paid its invoices, and its exposure against its limit over two years."""
    history = read_history(look.take(customer_id), customer_id, as_of=look.as_of, policy=look.place.policy)
    return HistoryAnswer(
        as_of=look.as_of,
        currency=look.book.currency,
        count=len(history.due),
        invoices=describe_payments(history.due.tail(limit)),
        exposure=describe_exposures(history.exposure, look.book.currency),
    )


@router.get("/{customer_id:path}/stored-score", responses=problem_responses(*_PROBLEMS))
def show_stored_score(caller: Scorer, place: PlaceDep, customer_id: CustomerId) -> StoredScore:
    """Show what the newest run found of a customer: probabilities, grade, expected loss, reasons."""
    require_alone(place, caller, customer_id)
    require_newest(place.service.database, place.ledger)
    found = _find_score(place, customer_id)
    if found is None:
        raise MissingError(f"the newest run has no customer '{customer_id}'", where="customer_id", hint="another one")
    return found


@router.get("/{customer_id:path}/limit", responses=problem_responses(*_COMPUTING))
def recommend_limit(caller: Scorer, look: LookDep, customer_id: CustomerId) -> LimitAnswer:
    """Recommend a limit and terms, by all that is known now, as `arrisk limits` does for the whole ledger."""
    require_alone(look.place, caller, customer_id)
    require_customer(look.book, customer_id, as_of=look.as_of)
    review = look.place.review(look.as_of)
    own = review.limits.loc[(review.limits["customer_id"] == customer_id).to_numpy()]
    (limit,) = describe_limits(own, currency=look.book.currency)
    return LimitAnswer(
        as_of=look.as_of,
        currency=look.book.currency,
        book_amount=write_amount(review.book_amount, look.book.currency),
        source=_name_source(look, review),
        limit=limit,
    )


@router.post("/{customer_id:path}/what-if", responses=problem_responses(*_COMPUTING))
def try_what_if(caller: Scorer, look: LookDep, customer_id: CustomerId, request: WhatIfRequest) -> WhatIfAnswer:
    """Say what probability, grade and limit a customer would get if facts were otherwise; nothing is kept."""
    require_alone(look.place, caller, customer_id)
    require_customer(look.book, customer_id, as_of=look.as_of)
    changes = Changes(
        master=request.master,
        attributes=request.attributes,
        financials=request.financials,
        requested_limit=None if request.requested_limit is None else float(request.requested_limit),
        terms_days=request.terms_days,
    )
    service, review = look.place.service, look.place.review(look.as_of)
    tried = try_changes(
        look.view.book,
        customer_id,
        changes,
        as_of=look.as_of,
        home=service.home,
        policy=service.policy,
        review=review,
    )
    currency = look.book.currency
    as_is, as_if = (_describe_limit(row, currency) for row in (tried.as_is, tried.as_if))
    return WhatIfAnswer(
        as_of=look.as_of,
        currency=currency,
        source=_name_source(look, review),
        as_is=as_is,
        as_if=as_if,
        proposed_limit=write_amount(tried.proposed, currency),
    )


@router.get("/{customer_id:path}", responses=problem_responses(*_PROBLEMS))
def show_customer(caller: Reader, look: LookDep, customer_id: CustomerId) -> CustomerAnswer:
    """Show all that is known of a customer: master data, group, what it owes, scores, limits, decisions, promises.

    As of a past day nothing of it is later: scores are of runs until then, cases and promises as they stood.
    """
    place = look.place
    own = look.take(customer_id)
    view = view_customer(look.book, own, customer_id, as_of=look.as_of, policy=place.policy)
    alone = find_alone(place, caller)
    is_seen = alone is None or customer_id in alone
    until = look.as_of if look.is_past else None
    may: dict[str, Callable[[], dict[str, Any]]] = {
        "scores.read": lambda: {
            "score": _find_score(place, customer_id, until=until),
            "trend": _list_trend(place, customer_id, until=until),
        },
        "cases.read": lambda: {"cases": _list_cases(look, customer_id)},
        "worklist.read": lambda: _read_file(look, own, customer_id),
    }
    more = dict.fromkeys(("score", "trend", "cases", "collector", "last_contact", "promises", "raised_disputes"))
    for permission, read in may.items():
        if is_seen and permission in caller.permissions:
            more |= read()
    return CustomerAnswer(as_of=look.as_of, **describe_view(view, currency=look.book.currency), **more)


def _describe_limit(row: pd.Series, currency: str) -> RecommendedLimit:
    return describe_limits(row.to_frame().T.infer_objects(), currency=currency)[0]


def _name_source(look: Look, review: LimitReview) -> str:
    return f"policy {look.place.service.policy.hash()}; {review.model_note}"


def _find_score(place: Place, customer_id: str, *, until: date | None = None) -> StoredScore | None:
    database = place.service.database
    run = find_newest(database, place.ledger, until=until)
    if run is None:
        return None
    rows = list_page(database, run, "customers", RowPage(limit=1, equals={"customer_id": customer_id}))
    return describe_score(rows[0], run) if rows else None


def _list_trend(place: Place, customer_id: str, *, until: date | None) -> list[TrendPoint]:
    rows = list_customer_runs(place.service.database, place.ledger, customer_id, limit=_TREND, until=until)
    return [describe_point(row, row["run_id"], row["as_of"], row["currency"]) for row in rows]


def _list_cases(look: Look, customer_id: str) -> list[Any]:
    place, on = look.place, look.as_of if look.is_past else look.place.now.date()
    cases = [case for case in casework.list_cases(place.records) if case.ledger == place.ledger]
    own = [case for case in reversed(cases) if case.customer_id == customer_id]
    known = (rewind_case(case, before=on) for case in own) if look.is_past else own
    return [describe_case_row(case, on=on) for case in known if case is not None]


def _read_file(look: Look, own: Book, customer_id: str) -> dict[str, Any]:
    place, today = look.place, look.place.now.date()
    account = place.files.read(on=today).accounts.get(customer_id, Account(customer_id))
    if look.is_past:
        account = rewind_account(account, before=look.as_of)
        receipts = collecting.read_receipts(own, as_of=look.as_of)
        judged = collecting.judge_account(account, receipts, as_of=look.as_of, policy=place.policy)
    else:
        judged = place.read_paid().judge(account, place.policy)
    return {
        "collector": account.collector,
        "last_contact": LastContact(**account.last_contact) if account.last_contact else None,
        "promises": [describe_promise(one) for one in judged],
        "raised_disputes": [describe_dispute(one) for one in account.disputes],
    }
