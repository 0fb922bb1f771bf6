"""For finance: the ledger as of a day: ageing down to the invoice, key figures, reconciliation."""

import tempfile
from datetime import date
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response

from api.answers.ledger import (
    CUSTOMER_AMOUNTS,
    ITEM_AMOUNTS,
    describe_ageing,
    describe_customers,
    describe_items,
    describe_kpis,
    describe_reconciliation,
)
from api.auth import GuardedRoute, require
from api.errors import problem_responses
from api.exports import Format, describe_files, send_frame, write_money
from api.moments import Moment, MomentDep
from api.paging import After, Limit, Order, Page, cut_page
from api.schemas.base import PastDay
from api.schemas.ledger import AgedCustomer, AgedItem, AgeingAnswer, KpiAnswer, ReconciliationAnswer, TrendAnswer
from api.views import EntityName, View, ViewDep, choose_scope
from arrisk import pipeline
from arrisk.errors import InputError, nearest
from arrisk.reports.kpis import KpiReport
from arrisk.uses.drill import Drill, drill_ageing
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["finance"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("ledger.read")]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_MOST_MONTHS = 60
_CUSTOMER_ORDERS = {
    "open_amount": Order("open_amount", "customer_id", is_descending=True),
    "customer_id": Order("customer_id", "customer_id"),
}
_ITEM_ORDERS = {
    "days_past_due": Order("days_past_due", "invoice_id", is_descending=True),
    "open_amount": Order("open_amount", "invoice_id", is_descending=True),
    "invoice_id": Order("invoice_id", "invoice_id"),
}


@router.get("/ageing", responses=problem_responses(*_PROBLEMS))
def show_ageing(caller: Reader, view: ViewDep, at: MomentDep, entity: EntityName = None) -> AgeingAnswer:
    """Show what is open by days past due, and by segment; both sum to the total, as in `arrisk aging`."""
    scope = choose_scope(caller, view.book, entity)
    return describe_ageing(_drill(view, at, scope), scope)


class Part:
    """Which part of an ageing is looked into."""

    def __init__(
        self,
        entity: EntityName = None,
        segment: Annotated[str | None, Query(max_length=200, description="Only this segment.")] = None,
        bucket: Annotated[str | None, Query(max_length=50, description="Only this bucket, such as 31-60.")] = None,
        customer_id: Annotated[str | None, Query(max_length=200, description="Only this customer.")] = None,
    ) -> None:
        self.entity, self.segment, self.bucket, self.customer_id = entity, segment, bucket, customer_id


PartDep = Annotated[Part, Depends()]


@router.get("/ageing/customers", responses=problem_responses(*_PROBLEMS))
def list_aged_customers(
    caller: Reader,
    view: ViewDep,
    at: MomentDep,
    part: PartDep,
    sort: Annotated[Literal["open_amount", "customer_id"], Query(description="The largest first.")] = "open_amount",
    after: After = None,
    limit: Limit = 100,
) -> Page[AgedCustomer]:
    """List the customers behind the ageing, or behind one segment or bucket of it; all pages sum to it."""
    found = _drill(view, at, choose_scope(caller, view.book, part.entity))
    page, following = cut_page(_choose_customers(found, part), order=_CUSTOMER_ORDERS[sort], after=after, limit=limit)
    return Page(items=describe_customers(page, found), next=following)


@router.get("/ageing/items", responses=problem_responses(*_PROBLEMS))
def list_aged_items(
    caller: Reader,
    view: ViewDep,
    at: MomentDep,
    part: PartDep,
    sort: Annotated[
        Literal["days_past_due", "open_amount", "invoice_id"], Query(description="By what; the largest first.")
    ] = "days_past_due",
    after: After = None,
    limit: Limit = 100,
) -> Page[AgedItem]:
    """List the open invoices and credit notes behind the ageing, or behind a segment, a bucket, a customer of it."""
    found = _drill(view, at, choose_scope(caller, view.book, part.entity))
    page, following = cut_page(_choose_items(found, part), order=_ITEM_ORDERS[sort], after=after, limit=limit)
    return Page(items=describe_items(page, found.ageing.currency), next=following)


@router.get(
    "/ageing/export",
    response_class=Response,
    responses={**describe_files("csv", "xlsx"), **problem_responses(*_PROBLEMS)},
)
def export_ageing(
    caller: Reader,
    view: ViewDep,
    at: MomentDep,
    level: Annotated[
        Literal["customers", "items"], Query(description="A row per customer, or per open item.")
    ] = "items",
    file_format: Format = "csv",
    entity: EntityName = None,
) -> Response:
    """Download the whole ageing as CSV or as a workbook; text that begins like a formula is harmless in both."""
    found = _drill(view, at, choose_scope(caller, view.book, entity))
    currency = found.ageing.currency
    if level == "customers":
        rows, amounts = found.customers, [*found.buckets, *CUSTOMER_AMOUNTS]
    else:
        rows, amounts = found.items[list(AgedItem.model_fields)].astype({"bucket": "str"}), list(ITEM_AMOUNTS)
    rows = write_money(rows.assign(currency=currency), amounts, file_format=file_format, currency=currency)
    return send_frame(rows, name=f"ageing-{level}-{at.age_on}", file_format=file_format)


@router.get("/kpis", responses=problem_responses(*_PROBLEMS))
def show_kpis(caller: Reader, view: ViewDep, at: MomentDep, entity: EntityName = None) -> KpiAnswer:
    """Measure how well receivables are collected, in the policy's window, as in `arrisk kpis`."""
    scope = choose_scope(caller, view.book, entity)
    return describe_kpis(view.compute("kpis", at, scope, make=partial(_measure, view, at, scope)))


@router.get("/kpis/trend", responses=problem_responses(*_PROBLEMS))
def show_trend(
    caller: Reader,
    view: ViewDep,
    from_on: Annotated[PastDay, Query(alias="from", description="The first day of the range.")],
    to_on: Annotated[PastDay, Query(alias="to", description="The last day of the range.")],
    entity: EntityName = None,
) -> TrendAnswer:
    """Measure the key figures at each month end of a range of five years at most, each as it was known then."""
    scope = choose_scope(caller, view.book, entity)
    if (to_on.year - from_on.year) * 12 + to_on.month - from_on.month >= _MOST_MONTHS:
        raise InputError("the range is too long", where="from, to", hint=f"{_MOST_MONTHS} months at most")
    make = partial(_measure_trend, view, from_on, to_on, scope)
    months = view.compute("trend", from_on, to_on, scope, make=make)
    return TrendAnswer(currency=view.book.currency, months=[describe_kpis(one) for one in months])


@router.post("/reconciliation", responses=problem_responses(*_PROBLEMS, HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
def reconcile(
    caller: Reader,
    view: ViewDep,
    control: Annotated[
        bytes,
        Body(
            media_type="text/csv",
            description="The control account: day,amount,currency.",
            examples=["day,amount\n2024-12-31,1200.00\n"],
        ),
    ],
    entity: EntityName = None,
) -> ReconciliationAnswer:
    """Compare open balances by day with the general ledger's control account, sent as CSV, and explain differences.

    Nothing is stored.
    """
    scope = choose_scope(caller, view.book, entity)
    with tempfile.TemporaryDirectory(prefix="arrisk-control-") as folder:
        path = Path(folder) / "control.csv"
        path.write_bytes(control)
        return describe_reconciliation(pipeline.reconcile(view.restrict(scope), path))


def _drill(view: View, at: Moment, scope: str | None) -> Drill:
    make = partial(drill_ageing, view.book, as_of=at.as_of, age_on=at.age_on, policy=view.service.policy, entity=scope)
    return view.compute("ageing", at, scope, make=make)


def _measure(view: View, at: Moment, scope: str | None) -> KpiReport:
    return pipeline.measure(view.restrict(scope), as_of=at.as_of, age_on=at.age_on, policy=view.service.policy)


def _measure_trend(view: View, from_on: date, to_on: date, scope: str | None) -> list[KpiReport]:
    return pipeline.measure_trend(view.restrict(scope), from_on=from_on, to_on=to_on, policy=view.service.policy)


def _choose_customers(found: Drill, part: Part) -> pd.DataFrame:
    rows = _choose_segment(found.customers, found, part)
    if part.bucket is None:
        return rows
    _require_bucket(found, part.bucket)
    owing = found.items.loc[(found.items["bucket"].astype("str") == part.bucket).to_numpy(), "customer_id"]
    return rows.loc[rows["customer_id"].isin(owing).to_numpy()]


def _choose_items(found: Drill, part: Part) -> pd.DataFrame:
    rows = _choose_segment(found.items, found, part).astype({"bucket": "str"})
    if part.bucket is None:
        return rows
    _require_bucket(found, part.bucket)
    return rows.loc[(rows["bucket"] == part.bucket).to_numpy()]


def _choose_segment(rows: pd.DataFrame, found: Drill, part: Part) -> pd.DataFrame:
    if part.customer_id is not None:
        rows = rows.loc[(rows["customer_id"] == part.customer_id).to_numpy()]
    if part.segment is None:
        return rows
    names = found.customers["segment"].unique().tolist()
    if part.segment not in names:
        raise InputError(f"there is no segment '{part.segment}'", where="segment", hint=nearest(part.segment, names))
    return rows.loc[(rows["segment"] == part.segment).to_numpy()]


def _require_bucket(found: Drill, bucket: str) -> None:
    if bucket not in found.buckets:
        raise InputError(f"there is no bucket '{bucket}'", where="bucket", hint=", ".join(found.buckets))
