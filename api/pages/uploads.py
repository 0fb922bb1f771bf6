"""For who runs the service: files that are sent, what their columns mean, and their way into a ledger."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response

from api.errors import describe_problem
from api.pages.choices import Chosen
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.sent_files import SentFile
from api.pages.start import SAMPLE_LEDGER, read_steps
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem
from arrisk.errors import InputError

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("uploads.read")]
Writer = Annotated[Visit, needs("uploads.write")]
Asker = Annotated[Visit, needs("jobs.write")]

_PROBLEMS = 50


@router.get("/uploads")
async def list_uploads(visit: Reader) -> Response:
    """List the files that were sent."""
    return await _list(visit)


@router.post("/uploads")
async def send_file(visit: Writer) -> Response:
    """Pass a file on to the API as it comes in."""
    try:
        file = SentFile(visit.request, "file")
        name = await file.find_name()
    except InputError as error:
        return await _list(visit, problem=describe_problem(error))
    try:
        upload = await visit.send_stream("/v1/uploads", file.read(), name=name)
    except RefusedError as error:
        await file.pass_over()
        return await _list(visit, problem=error.problem)
    return visit.go(f"/uploads/{upload['upload_id']}", done="file_sent")


@router.post("/uploads/sample")
async def add_sample(visit: Asker) -> Response:
    """Have made-up rows added, to look around."""
    form = await visit.form()
    try:
        job = await visit.send("/v1/jobs", body={"kind": "sample", "ledger": SAMPLE_LEDGER}, form=form)
    except RefusedError as error:
        return await _list(visit, problem=error.problem)
    return visit.go(f"/jobs/{job['job_id']}", done="job_asked")


@router.get("/uploads/{upload_id}")
async def show_file(visit: Reader, upload_id: int) -> Response:
    """Show a file: what its columns may become, what its first rows would give, and what was wrong with it."""
    return await _show(visit, upload_id, Chosen.read(visit.request.query_params))


@router.post("/uploads/{upload_id}/keep")
async def keep_mapping(visit: Writer, upload_id: int) -> Response:
    """Keep what was chosen as a mapping of a ledger."""
    form = await visit.form()
    chosen, given = Chosen.read(form), _read_target(form)
    try:
        kept = await visit.send("/v1/mappings", body=_describe_kept(chosen, given), form=form)
    except RefusedError as error:
        return await _show(visit, upload_id, chosen, given=given, problem=error.problem)
    mapping = Chosen(mapping=kept["reference"]).write_query()
    return visit.go(f"/uploads/{upload_id}?{mapping}", done="mapping_kept")


@router.post("/uploads/{upload_id}/add")
async def add_to_book(visit: Asker, upload_id: int) -> Response:
    """Have the rows of a file added to a ledger, by what was chosen; with a name that is kept too."""
    form = await visit.form()
    chosen, given = Chosen.read(form), _read_target(form)
    body: dict[str, Any] = {"kind": "ingest", "ledger": given["ledger"], "upload_id": upload_id}
    try:
        if chosen.columns:
            draft = await visit.send("/v1/uploads/{}/preview", upload_id, body=chosen.draft)
            body["mapping_toml"] = draft["mapping_toml"]
        if given["name"]:
            await visit.send("/v1/mappings", body=_describe_kept(chosen, given))
        job = await visit.send("/v1/jobs", body=body, form=form)
    except RefusedError as error:
        return await _show(visit, upload_id, chosen, given=given, problem=error.problem)
    return visit.go(f"/jobs/{job['job_id']}", done="job_asked")


async def _list(visit: Visit, *, problem: Problem | None = None) -> Response:
    found = await visit.get("/v1/uploads", after=visit.request.query_params.get("after"))
    return await visit.render(
        "service/uploads.html",
        status=problem.status if problem else 200,
        found=found,
        steps=await read_steps(visit),
        problem=problem,
    )


async def _show(
    visit: Visit,
    upload_id: int,
    chosen: Chosen,
    *,
    given: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response:
    file = await visit.get("/v1/uploads/{}", upload_id)
    after = visit.request.query_params.get("after")
    wrong = await visit.get("/v1/uploads/{}/problems", upload_id, limit=_PROBLEMS, after=after)
    look, preview, refused = None, None, None
    try:
        look = await visit.send("/v1/uploads/{}/columns", upload_id, body=chosen.request)
        chosen = chosen.complete(look)
        preview = await _preview(visit, upload_id, chosen, look)
    except RefusedError as error:
        refused = error.problem
    shown = problem or refused
    return await visit.render(
        "service/file.html",
        status=shown.status if shown else 200,
        file=file,
        wrong=wrong,
        look=look,
        chosen=chosen,
        preview=preview,
        given=Given(given or {}),
        mappings=await visit.get("/v1/mappings"),
        steps=await read_steps(visit),
        problem=shown,
    )


async def _preview(visit: Visit, upload_id: int, chosen: Chosen, look: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Try what was chosen on the first rows; None where something has to be chosen first."""
    if not look["needs_mapping"]:
        return await visit.get("/v1/uploads/{}/preview", upload_id)
    if chosen.list_open(look):
        return None
    return await visit.send("/v1/uploads/{}/preview", upload_id, body=chosen.draft)


def _read_target(form: Any) -> Given:  # noqa: ANN401 - a form
    given = fill(form, "ledger", "new_ledger", "name")
    return Given(
        {"ledger": given["new_ledger"] or given["ledger"], "new_ledger": given["new_ledger"], "name": given["name"]}
    )


def _describe_kept(chosen: Chosen, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"ledger": given["ledger"], "name": given["name"], "draft": chosen.draft}
