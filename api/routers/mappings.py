"""For who runs the service: what the columns of a file mean, tried on its first rows, and kept for the next file."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter

from api.auth import GuardedRoute
from api.deps import ServiceDep
from api.errors import problem_responses
from api.idempotency import once
from api.routers.jobs import FileReader, FileWriter, Number
from api.schemas.mapping import (
    ColumnAnswer,
    ColumnsAnswer,
    ColumnsRequest,
    DraftPreview,
    FieldAnswer,
    MappingAnswer,
    MappingDraft,
    MappingRequest,
)
from arrisk.ingest.fitting import Field, Guess
from arrisk.ingest.mapping import list_mappings, load_mapping
from arrisk.store import uploads as files
from arrisk.uses import fitting, intake, mappings
from arrisk.uses.mappings import Kept

router = APIRouter(tags=["operations"], route_class=GuardedRoute)

_READ = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)

_NO_LOOK = ColumnsAnswer(
    needs_mapping=False,
    mapping="",
    fits=True,
    columns=[],
    fields=[],
    dates=[],
    date="",
    decimals=[],
    decimal="",
    currency="",
)


@router.post("/uploads/{upload_id}/columns", responses=problem_responses(*_READ))
def look_at_columns(upload_id: Number, request: ColumnsRequest, _: FileReader, service: ServiceDep) -> ColumnsAnswer:
    """Say what the columns of a file may become: guessed by their names, or by what somebody chose. Nothing is kept."""
    upload = files.read_upload(service.database, upload_id)
    look = fitting.look_at(service.database, upload, service.home, mapping=request.mapping, columns=request.columns)
    if look is None:
        return _NO_LOOK
    return ColumnsAnswer(
        needs_mapping=True,
        mapping=look.mapping,
        fits=look.fits,
        columns=[ColumnAnswer(name=name, samples=samples) for name, samples in look.samples.items()],
        fields=[_describe_field(field, guess) for field, guess in look.guesses],
        dates=look.dates,
        date=look.date,
        decimals=look.decimals,
        decimal=look.decimal,
        currency=look.currency,
    )


@router.post("/uploads/{upload_id}/preview", responses=problem_responses(*_READ))
def preview_draft(upload_id: Number, request: MappingDraft, _: FileReader, service: ServiceDep) -> DraftPreview:
    """Show what the first rows of a file would give by what somebody chose. Nothing is kept."""
    upload = files.read_upload(service.database, upload_id)
    toml = fitting.draft(service.database, request.mapping, request.choice)
    found = intake.preview(upload, service.home, mapping_toml=toml)
    return DraftPreview.model_validate({**found, "mapping_toml": toml})


@router.get("/mappings", responses=problem_responses(*_READ))
def list_all_mappings(_: FileReader, service: ServiceDep) -> list[MappingAnswer]:
    """List the mappings that come with arrisk, and those that people kept, the newest of each name."""
    shipped = [
        MappingAnswer(
            reference=name,
            ledger=None,
            name=name,
            version=None,
            description=load_mapping(name).description,
            made_by=None,
            made_at=None,
        )
        for name in list_mappings()
    ]
    return [*shipped, *(_describe(kept) for kept in mappings.list_kept(service.database))]


@router.post("/mappings", status_code=HTTPStatus.CREATED, dependencies=[once], responses=problem_responses(*_READ))
def keep(request: MappingRequest, caller: FileWriter, service: ServiceDep) -> MappingAnswer:
    """Keep a mapping of a ledger under a name; one of that name is replaced, and stays in the record."""
    toml = request.toml
    if request.draft is not None:
        draft = request.draft
        toml = fitting.draft(service.database, draft.mapping, draft.choice, name=request.name)
    kept = mappings.keep_mapping(
        service.database,
        ledger=request.ledger,
        name=request.name,
        toml=toml,
        by=caller.login,
        at=datetime.now(UTC),
    )
    return _describe(kept)


def _describe_field(field: Field, guess: Guess) -> FieldAnswer:
    return FieldAnswer(
        field=field.key,
        also=[".".join(place) for place in field.places[1:]],
        meaning=field.meaning,
        kind=field.kind,
        is_required=field.is_required,
        column=guess.column,
        is_named=guess.is_named,
    )


def _describe(kept: Kept) -> MappingAnswer:
    return MappingAnswer(
        reference=kept.reference,
        ledger=kept.ledger,
        name=kept.name,
        version=kept.version,
        description="",
        made_by=kept.by,
        made_at=kept.at,
    )
