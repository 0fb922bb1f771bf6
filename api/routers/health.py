"""Whether the service lives, can work, and what runs."""

from http import HTTPStatus
from importlib import metadata

from fastapi import APIRouter

from api.deps import ServiceDep
from api.errors import NotReadyError, problem_responses
from api.schemas import Ready, State, Version
from arrisk import registry
from arrisk.errors import ModelError

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> State:
    """Say that the process answers."""
    return State(status="live")


@router.get("/ready", responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE))
def ready(service: ServiceDep) -> Ready:
    """Say whether the model store can be read; an empty one can."""
    store = service.home / "models"
    try:
        if store.exists():
            next(store.iterdir(), None)
        return Ready(status="ready", count_models=len(registry.list_models(service.home)))
    except (OSError, ModelError) as error:
        what = error.what if isinstance(error, ModelError) else "the model store cannot be read"
        raise NotReadyError(what, hint="tell whoever runs the service") from error


@router.get("/version")
async def version() -> Version:
    """Say which version runs."""
    return Version(arrisk=metadata.version("arrisk"), api="v1")
