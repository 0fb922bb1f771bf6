"""For who runs the service: files that are sent, and long work on them."""

from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.auth import GuardedRoute, require
from api.books import choose_ledger
from api.deps import Service, ServiceDep
from api.errors import problem_responses
from api.idempotency import once
from api.paging import After, Limit, Page, read_cursor, write_cursor
from api.schemas.job import JobAnswer, JobRequest, PreviewAnswer, UploadAnswer, UploadProblem
from api.views import choose_own
from arrisk.acts import is_same_person
from arrisk.ingest.receiving import Receiver
from arrisk.store import jobs as store
from arrisk.store import uploads as files
from arrisk.store.jobs import Job, State
from arrisk.store.uploads import Upload
from arrisk.uses import drafting, intake, sampling
from arrisk.uses.mappings import resolve
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["operations"], route_class=GuardedRoute)

Number = Annotated[int, Path(ge=1, lt=2**63)]
Reader = Annotated[Caller, require("jobs.read")]
Asker = Annotated[Caller, require("jobs.write", "closes.draft")]
FileReader = Annotated[Caller, require("uploads.read")]
FileWriter = Annotated[Caller, require("uploads.write")]

_READ = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
_SENT = (*_READ, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
_BINARY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/uploads", status_code=HTTPStatus.CREATED, responses=problem_responses(*_SENT), openapi_extra=_BINARY)
async def send_file(
    request: Request,
    name: Annotated[str, Query(max_length=300, description="The file's name; its ending says what it is.")],
    caller: FileWriter,
    service: ServiceDep,
) -> UploadAnswer:
    """Send a file as the body of the request: CSV, a workbook, Parquet, or a zip of canonical tables.

    It is kept under the hash of its content, so that the same file sent twice is there once. `POST /v1/jobs` adds its
    rows to a ledger.
    """
    receiver = Receiver(name, service.bounds)
    try:
        async for piece in request.stream():
            await run_in_threadpool(receiver.take, piece)
        return await run_in_threadpool(_keep, receiver, service, caller)
    finally:
        receiver.close()


def _keep(receiver: Receiver, service: Service, caller: Caller) -> UploadAnswer:
    found = receiver.keep(service.home)
    with service.database.write() as connection:
        added = files.add_upload(
            connection,
            name=found.name,
            kind=found.format,
            sha256=found.sha256,
            size_bytes=found.size_bytes,
            by=caller.login,
            at=datetime.now(UTC),
        )
    return _describe_files(service, [added])[0]


def _describe_files(service: Service, found: list[Upload]) -> list[UploadAnswer]:
    added = files.find_added(service.database, [one.upload_id for one in found])
    return [
        UploadAnswer(**vars(one), **(vars(added[one.upload_id]) if one.upload_id in added else {})) for one in found
    ]


@router.get("/uploads", responses=problem_responses(*_READ))
def list_files(_: FileReader, service: ServiceDep, after: After = None, limit: Limit = 50) -> Page[UploadAnswer]:
    """List the files that were sent, the newest first."""
    found = files.list_uploads(service.database, before=_read_number(after), limit=limit + 1)
    items = _describe_files(service, found[:limit])
    return Page(items=items, next=write_cursor(items[-1].upload_id) if len(found) > limit else None)


@router.get("/uploads/{upload_id}", responses=problem_responses(*_READ))
def read_file(upload_id: Number, _: FileReader, service: ServiceDep) -> UploadAnswer:
    """Say what is known of a file."""
    return _describe_files(service, [files.read_upload(service.database, upload_id)])[0]


@router.get("/uploads/{upload_id}/problems", responses=problem_responses(*_READ))
def list_file_problems(
    upload_id: Number,
    _: FileReader,
    service: ServiceDep,
    job_id: Annotated[int | None, Query(ge=1, lt=2**63, description="Found by this job; missing = the newest.")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[UploadProblem]:
    """List what was found wrong when the file's rows were added; a refused row does not stop the others."""
    files.read_upload(service.database, upload_id)
    found = files.list_problems(
        service.database, upload_id, job_id=job_id, after=_read_number(after) or 0, limit=limit + 1
    )
    items = [UploadProblem.model_validate(row) for row in found[:limit]]
    return Page(items=items, next=write_cursor(items[-1].seq) if len(found) > limit else None)


@router.get("/uploads/{upload_id}/preview", responses=problem_responses(*_READ))
def preview_file(
    upload_id: Number,
    _: FileReader,
    service: ServiceDep,
    mapping: Annotated[
        str, Query(max_length=200, description="A shipped one, or LEDGER/NAME of a kept one; none = canonical.")
    ] = "",
) -> PreviewAnswer:
    """Show what the first rows of a file would give, before anything is added."""
    upload = files.read_upload(service.database, upload_id)
    name, toml = resolve(service.database, mapping, "")
    return PreviewAnswer.model_validate(intake.preview(upload, service.home, mapping=name, mapping_toml=toml))


@router.post("/jobs", status_code=HTTPStatus.ACCEPTED, responses=problem_responses(*_READ), dependencies=[once])
def ask_for_job(request: JobRequest, caller: Asker, service: ServiceDep, response: Response) -> JobAnswer:
    """Ask for long work; `GET /v1/jobs/{job_id}` says how far it is.

    A close is asked for by who may draft one, and is drafted in that name; all else by who may start jobs.
    """
    caller.require("closes.draft" if request.close else "jobs.write")
    today = date.today()  # noqa: DTZ011 - a business day is the user's own
    arguments = request.list_arguments(today=today)
    if request.upload_id is not None:
        files.read_upload(service.database, request.upload_id)
        arguments = _fix_mapping(service, arguments)
    if request.kind == sampling.KIND:
        sampling.require_no_ledger(service.database)
    if request.close:
        choose_ledger(service.database, request.ledger)
        arguments["entity"] = choose_own(caller, request.close.entity)
    order = store.Order(request.kind, request.ledger, arguments, caller.login)
    job = store.put(service.database, order, at=datetime.now(UTC))
    response.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return _describe(job)


def _fix_mapping(service: Service, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take a kept mapping down as it is now: what is kept under its name later does not change the job."""
    name, toml = resolve(service.database, arguments.get("mapping", ""), arguments.get("mapping_toml", ""))
    intake.choose_mapping(name, toml)
    chosen = {"mapping": name, "mapping_toml": toml}
    return {"upload_id": arguments["upload_id"], **{key: value for key, value in chosen.items() if value}}


@router.get("/jobs", responses=problem_responses(*_READ))
def list_all_jobs(
    _: Reader,
    service: ServiceDep,
    state: State | None = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    ledger: Annotated[str | None, Query(max_length=200)] = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[JobAnswer]:
    """List jobs, the newest first."""
    found = store.list_jobs(
        service.database, before=_read_number(after), limit=limit + 1, state=state, kind=kind, ledger=ledger
    )
    items = [_describe(job) for job in found[:limit]]
    return Page(items=items, next=write_cursor(items[-1].job_id) if len(found) > limit else None)


@router.get("/jobs/{job_id}", responses=problem_responses(*_READ))
def read_one_job(job_id: Number, _: Reader, service: ServiceDep) -> JobAnswer:
    """Say how far a job is, and what came of it."""
    return _describe(store.read_job(service.database, job_id))


@router.delete(
    "/jobs/{job_id}", status_code=HTTPStatus.ACCEPTED, responses=problem_responses(*_READ), dependencies=[once]
)
def cancel_job(job_id: Number, caller: Asker, service: ServiceDep) -> JobAnswer:
    """Stop a job: one that waits at once, one that is being done at its next pause. What is done stays."""
    if not is_same_person(store.read_job(service.database, job_id).made_by, caller.login):
        caller.require("jobs.write")
    return _describe(store.cancel(service.database, job_id, by=caller.login, at=datetime.now(UTC)))


def _describe(job: Job) -> JobAnswer:
    found = {name: getattr(job, name) for name in JobAnswer.model_fields}
    if job.kind == drafting.KIND:
        found["arguments"] = {name: job.arguments[name] for name in drafting.SHOWN if name in job.arguments}
    return JobAnswer.model_validate(found)


def _read_number(after: str | None) -> int | None:
    if after is None:
        return None
    (number,) = read_cursor(after, int)
    # A number beyond the database's is of no row either.
    return max(0, min(int(number), 2**63 - 1))
