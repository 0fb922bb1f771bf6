"""For who runs the service: long work, how far it is, what came of it; and asking for more of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.start import read_steps
from api.pages.visits import Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("jobs.read")]
Asker = Annotated[Visit, needs("jobs.write")]
Stopper = Annotated[Visit, needs("jobs.write", "closes.draft")]

STATES: Final = ("queued", "running", "done", "failed", "cancelled")
KINDS: Final = {
    "ingest": "add a file",
    "train": "train models",
    "nightly": "compute a day",
    "close": "draft a close",
    "sample": "add the sample",
}
_ASKED: Final = (
    (
        *("train", "Train the models", 0),
        "They learn from what was known before this day. The first of a ledger score at once; later ones are promoted.",
    ),
    (
        *("nightly", "Compute the day", 1),
        "Scores, limits, the worklist, the forecast, the allowance, and a watch over the models, before this day.",
    ),
)
_UNDER_WAY: Final = ("queued", "running")


@router.get("/jobs")
async def list_jobs(visit: Reader, state: str = "", kind: str = "", after: str = "") -> Response:
    """List the jobs, the newest first."""
    return await _list(visit, state=state, kind=kind, after=after)


@router.post("/jobs")
async def ask_for_job(visit: Asker) -> Response:
    """Ask for the training of models, or for a day."""
    form = await visit.form()
    given = fill(form, "kind", "ledger", "as_of")
    try:
        job = await visit.send("/v1/jobs", body=given, form=form)
    except RefusedError as error:
        return await _list(visit, given=given, problem=error.problem)
    return visit.go(f"/jobs/{job['job_id']}", done="job_asked")


@router.get("/jobs/{job_id}")
async def show_job(visit: Reader, job_id: int) -> Response:
    """Show how far a job is, and what came of it."""
    return await _show(visit, job_id)


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(visit: Stopper, job_id: int) -> Response:
    """Stop a job."""
    form = await visit.form()
    try:
        await visit.send("/v1/jobs/{}", job_id, form=form, method="DELETE")
    except RefusedError as error:
        return await _show(visit, job_id, problem=error.problem)
    return visit.go(f"/jobs/{job_id}", done="job_stopped")


async def _list(
    visit: Visit,
    *,
    state: str = "",
    kind: str = "",
    after: str = "",
    given: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response:
    found = await visit.get("/v1/jobs", state=state, kind=kind, after=after)
    return await visit.render(
        "service/jobs.html",
        status=problem.status if problem else 200,
        found=found,
        is_under_way=any(job["state"] in _UNDER_WAY for job in found["items"]),
        state=state,
        kind=kind,
        kinds=KINDS,
        states=STATES,
        asks=_offer(visit, await visit.get("/v1/ledgers"), given or {}),
        steps=await read_steps(visit),
        problem=problem,
    )


async def _show(visit: Visit, job_id: int, *, problem: Problem | None = None) -> Response:
    job = await visit.get("/v1/jobs/{}", job_id)
    return await visit.render(
        "service/job.html",
        status=problem.status if problem else 200,
        job=job,
        kinds=KINDS,
        is_under_way=job["state"] in _UNDER_WAY,
        may_stop=visit.may("jobs.write") or visit.is_own(job["made_by"]),
        steps=await read_steps(visit),
        problem=problem,
    )


def _offer(visit: Visit, ledgers: list[dict[str, Any]], given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Offer what may be asked for: models learn until the last day that is covered, and the next one is computed."""
    if not ledgers:
        return []
    covered = {one["name"]: one["covered_until"] for one in ledgers}
    offered = []
    for kind, title, later, note in _ASKED:
        own = given if given.get("kind") == kind else {}
        ledger = own.get("ledger") or visit.ledger or ""
        ledger = ledger if ledger in covered else ledgers[0]["name"]
        proposed = (date.fromisoformat(covered[ledger]) + timedelta(days=later)).isoformat()
        as_of = own.get("as_of", "") if own else proposed
        said = {"kind": kind, "title": title, "note": note, "ledger": ledger, "as_of": as_of}
        offered.append({**said, "until": covered[ledger]})
    return offered
