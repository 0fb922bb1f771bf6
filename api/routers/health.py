"""Whether the service lives, can work, and what runs."""

from http import HTTPStatus
from importlib import metadata

from fastapi import APIRouter, Request, Response

from api.deps import ServiceDep
from api.errors import NotReadyError, problem_responses
from api.metrics import CONTENT_TYPE, Metrics
from api.schemas.base import Ready, State, Version
from arrisk import registry
from arrisk.errors import ModelError, StoreError
from arrisk.store import ask_alive

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> State:
    """Say that the process answers."""
    return State(status="live")


@router.get("/ready", responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE))
def ready(service: ServiceDep) -> Ready:
    """Say whether the database answers and the model store can be read; an empty one can."""
    store = service.home / "models"
    try:
        ask_alive(service.database)
        if store.exists():
            next(store.iterdir(), None)
        return Ready(status="ready", count_models=len(registry.list_models(service.home)))
    except (OSError, ModelError, StoreError) as error:
        what = "the model store cannot be read" if isinstance(error, OSError) else error.what
        raise NotReadyError(what, hint="tell whoever runs the service") from error


@router.get("/version")
async def version() -> Version:
    """Say which version runs."""
    return Version(arrisk=metadata.version("arrisk"), api="v1")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Give counts for Prometheus: requests and how long they took, jobs, connections, models."""
    found: Metrics = request.app.state.metrics
    return Response(found.write(), media_type=CONTENT_TYPE)
