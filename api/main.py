"""The HTTP service: `api.main:app` for a server, `create_app` for a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path

import pandas as pd
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api.deps import MAX_BYTES, MAX_ROWS, Service
from api.errors import add_handlers
from api.limits import BodyLimit
from api.routers import credit, finance, health
from api.schemas import EXAMPLE
from arrisk import pipeline
from arrisk.config import arrisk_home
from arrisk.policy import load_policy
from arrisk.schema import check

_ABOUT = """Late-payment probabilities of open invoices with reasons, limits, and the allowance, from posted rows.

Refusals are problem bodies (RFC 9457) with `where` and `hint`. Nothing is stored and nothing is fitted: `arrisk train`
makes the models."""


def create_app(home: Path | None = None, *, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> FastAPI:
    """Make a service.

    Parameters
    ----------
    home : the state folder with the models; None = as the environment says.
    max_rows, max_bytes : how much a request may hold.

    Returns
    -------
    FastAPI
        Its own pages of documentation are off: they would load scripts from elsewhere.
    """
    app = FastAPI(
        title="arrisk",
        version=metadata.version("arrisk"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_warm_up,
    )
    app.state.service = Service(home=home or arrisk_home(), policy=load_policy(), max_rows=max_rows)
    app.add_middleware(BodyLimit, max_bytes=max_bytes)
    add_handlers(app)
    app.include_router(health.router)
    app.include_router(credit.router, prefix="/v1")
    app.include_router(finance.router, prefix="/v1")
    return app


@asynccontextmanager
async def _warm_up(app: FastAPI) -> AsyncIterator[None]:
    """Load compiled code before the first request, which would otherwise wait for it."""
    await run_in_threadpool(_compute_example, app.state.service)
    yield


def _compute_example(service: Service) -> None:
    raw = {name: pd.DataFrame(rows) for name, rows in EXAMPLE["tables"].items()}
    book = check(raw, name="", currency="EUR").book
    list(pipeline.compute_features(book, on=None, policy=service.policy))


app = create_app()
