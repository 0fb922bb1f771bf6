"""For those who validate models: which there are, how they fare, and to let one score or take it back."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.answers.base import to_finite
from api.auth import GuardedRoute, require
from api.deps import Service, ServiceDep
from api.errors import problem_responses
from api.idempotency import once
from api.paging import After, Limit, Order, Page, cut_page
from api.schemas.base import KnownDay
from api.schemas.model import (
    ModelAnswer,
    ModelSummary,
    PromoteRequest,
    Promotion,
    PromotionLog,
    RollbackRequest,
    WatchAnswer,
    WatchCheck,
)
from api.views import View, ViewDep
from arrisk import registry
from arrisk.acts import is_same_person
from arrisk.errors import AccessError, MissingError, ModelError, nearest
from arrisk.frames import date_of
from arrisk.monitoring import State
from arrisk.registry import Entry, Saved
from arrisk.store import runs
from arrisk.uses import casework, governance
from arrisk.uses.sign_in import Caller
from arrisk.uses.watch import watch

router = APIRouter(tags=["modelrisk"], route_class=GuardedRoute)

Validator = Annotated[Caller, require("models.promote")]
ReferenceText = Annotated[
    str, Query(min_length=1, max_length=400, description="NAME/LEDGER/VERSION.", examples=["payment-curve/main/2"])
]

_READING = require("models.read")
_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_BY_REFERENCE = Order("reference", "reference")
_NEWEST = Order("seq", "seq", is_descending=True)


@router.get("/models", dependencies=[_READING], responses=problem_responses(*_PROBLEMS))
def list_models(
    service: ServiceDep,
    name: Annotated[str | None, Query(max_length=200, description="Only what predicts this.")] = None,
    ledger: Annotated[str | None, Query(max_length=200, description="Only of this ledger.")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[ModelSummary]:
    """List the saved models by name, ledger and version: which may score, and which does."""
    every = registry.list_models(service.home)
    found = [one for one in every if name in (None, one.name) and ledger in (None, one.ledger)]
    places = [f"{one.name}/{one.ledger}/{one.version:08d}" for one in found]
    rows = pd.DataFrame({"reference": pd.Series(places, dtype="str"), "at": range(len(found))})
    page, following = cut_page(rows, order=_BY_REFERENCE, after=after, limit=limit)
    return Page(items=[ModelSummary(**_summarise(service, found[at])) for at in page["at"]], next=following)


@router.get("/models/card", dependencies=[_READING], responses=problem_responses(*_PROBLEMS))
def show_model(service: ServiceDep, reference: ReferenceText) -> ModelAnswer:
    """Show a version with its card, its files, and who let it score."""
    saved = _find(service, reference)
    files = registry.read_files(saved)
    own = [entry for entry in registry.read_log(service.home) if entry.reference == saved.reference]
    return ModelAnswer(
        **_summarise(service, saved),
        card=to_finite(json.loads(files["card.json"])),
        files=sorted(files),
        trained_by=governance.find_trainer(service.database, saved),
        promotions=[_describe_entry(entry) for entry in own],
    )


@router.get(
    "/models/file",
    dependencies=[_READING],
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_responses(*_PROBLEMS),
    },
)
def show_file(
    service: ServiceDep,
    reference: ReferenceText,
    file: Annotated[
        str, Query(min_length=1, max_length=400, description="One of `files` of the card.", examples=["card.json"])
    ],
) -> Response:
    """Download one of the plain files that a version consists of, as it was saved."""
    files = registry.read_files(_find(service, reference))
    if file not in files:
        raise MissingError(f"{reference} has no file '{file}'", where="file", hint=nearest(file, files))
    return Response(files[file], media_type="text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})


@router.get("/monitoring", dependencies=[_READING], responses=problem_responses(*_PROBLEMS))
def show_monitoring(
    view: ViewDep,
    as_of: Annotated[
        KnownDay | None,
        Query(description="What was known before this day; missing = as the newest nightly run found it."),
    ] = None,
) -> WatchAnswer:
    """Check whether the promoted models still are what they were when they were trained, as `arrisk watch` does."""
    service = view.service
    if as_of is None:
        run = runs.require_newest(service.database, view.book.name)
        found = runs.read_reports(service.database, run).get("watch")
        if found is None:
            raise MissingError(f"run {run.run_id} watched no model", where="as_of", hint="a day, which is computed")
        return _describe_watch(view, run.as_of, found["checks"], found["notes"], source=f"run {run.run_id}")
    cases = casework.list_cases(view.records)
    make = partial(watch, view.book, as_of=as_of, home=service.home, policy=service.policy, cases=cases)
    # Promotions and decisions change what is watched, without a new book.
    steps = sum(case.version for case in cases)
    made = view.compute("watch", as_of, registry.check_log(service.home).last_sha256, steps, make=make)
    return _describe_watch(view, as_of, [asdict(check) for check in made.checks], made.notes, source="computed")


@router.get("/promotions", dependencies=[_READING], responses=problem_responses(*_PROBLEMS))
def list_promotions(service: ServiceDep, after: After = None, limit: Limit = 100) -> PromotionLog:
    """List who let which model score, the newest first, and say whether the log is as it was written."""
    log = registry.check_log(service.home)
    rows = pd.DataFrame({"seq": pd.Series([entry.seq for entry in log.entries], dtype="int64")})
    page, following = cut_page(rows, order=_NEWEST, after=after, limit=limit)
    items = [_describe_entry(log.entries[seq - 1]) for seq in page["seq"]]
    return PromotionLog(items=items, next=following, last_sha256=log.last_sha256, fault=log.fault)


@router.post(
    "/promotions",
    dependencies=[once],
    status_code=HTTPStatus.CREATED,
    responses=problem_responses(*_PROBLEMS, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
def promote(caller: Validator, service: ServiceDep, request: PromoteRequest) -> Promotion:
    """Let a version score, on the report of a backtest that passed. Whoever asked for its training cannot."""
    saved = _find(service, request.reference)
    trainer = governance.find_trainer(service.database, saved)
    if trainer is not None and is_same_person(trainer, caller.login):
        raise AccessError(f"{caller.login} had {saved.reference} trained and cannot promote it", hint="somebody else")
    with tempfile.TemporaryDirectory(prefix="arrisk-report-") as folder:
        path = Path(folder) / "report.json"
        path.write_text(request.report, "utf-8", newline="")
        entry = governance.promote(
            service.home,
            saved.reference,
            report=governance.read_report(path),
            person=governance.Person(caller.login, request.reason),
            at=datetime.now(UTC),
            policy=service.policy.governance,
        )
    return _describe_entry(entry)


@router.post("/rollbacks", dependencies=[once], status_code=HTTPStatus.CREATED, responses=problem_responses(*_PROBLEMS))
def roll_back(caller: Validator, service: ServiceDep, request: RollbackRequest) -> Promotion:
    """Take the champion's promotion back: the champion before it scores again."""
    person = governance.Person(caller.login, request.reason)
    return _describe_entry(governance.roll_back(service.home, request.model, person=person, at=datetime.now(UTC)))


def _describe_watch(
    view: View, as_of: date, checks: Sequence[Mapping[str, Any]], notes: Sequence[str], *, source: str
) -> WatchAnswer:
    shown = [WatchCheck.model_validate(to_finite(check)) for check in checks]
    fired = any(check.state == State.LOOK for check in shown)
    return WatchAnswer(as_of=as_of, ledger=view.book.name, source=source, fired=fired, checks=shown, notes=list(notes))


def _find(service: Service, reference: str) -> Saved:
    every = registry.list_models(service.home)
    found = next((one for one in every if one.reference == reference), None)
    if found is None:
        known = [one.reference for one in every]
        hint = nearest(reference, known) if known else "`arrisk train`"
        raise MissingError(f"there is no model '{reference}'", where="reference", hint=hint)
    return found


def _summarise(service: Service, saved: Saved) -> dict[str, Any]:
    return {
        "reference": saved.reference,
        "name": saved.name,
        "ledger": saved.ledger,
        "version": saved.version,
        "trained_as_of": date_of(saved.as_of_day),
        "is_promoted": registry.is_promoted(service.home, saved),
        "is_champion": _is_champion(service, saved),
    }


def _is_champion(service: Service, saved: Saved) -> bool:
    try:
        champion = registry.find_champion(service.home, name=saved.name, ledger=saved.ledger)
    except ModelError:
        # What was promoted is not what is there: nothing scores.
        return False
    return champion is not None and champion.version == saved.version


def _describe_entry(entry: Entry) -> Promotion:
    return Promotion(**{name: getattr(entry, name) for name in Promotion.model_fields})
