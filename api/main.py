"""The HTTP service: `create_app` makes it, for a server and for a test."""

from importlib import metadata
from pathlib import Path

from fastapi import FastAPI

from api.deps import Service
from api.description import DescribedApp
from api.errors import add_handlers
from api.headers import SafeHeaders
from api.lifespan import run_service
from api.limits import BodyLimit
from api.metrics import Metrics
from api.pages.setup import add_pages
from api.rates import Rate
from api.requests import RequestObserver
from api.routers import (
    access,
    allowance_views,
    allowances,
    audit,
    cases,
    closes,
    collections,
    credit,
    customers,
    downgrades,
    finance,
    forecasts,
    health,
    holds,
    jobs,
    ledger,
    ledgers,
    mappings,
    models,
    payments,
    saved,
    session,
    single,
    worklist,
    write_offs,
)
from api.writers import WriterQueue
from arrisk.config import Settings, read_settings
from arrisk.ingest.receiving import Bounds
from arrisk.policy import load_policy
from arrisk.store import Database, connect, locate

_ABOUT = """Credit risk of trade receivables: scores, limits and decisions, worklists, the allowance and its closes.

Refusals are problem bodies (RFC 9457) with `where` and `hint`. `POST /v1/session` signs in."""

_ROUTERS = (
    single,  # first, since it is asked most; and before customers, whose ids may hold a slash
    session,
    saved,
    ledgers,
    access,
    credit,
    payments,
    downgrades,
    customers,
    cases,
    holds,
    worklist,
    collections,
    finance,
    ledger,
    allowances,
    allowance_views,
    forecasts,
    closes,
    write_offs,
    models,
    audit,
    jobs,
    mappings,
)


def create_app(
    home: Path | None = None,
    *,
    database: Database | None = None,
    settings: Settings | None = None,
    max_rows: int | None = None,
    max_bytes: int | None = None,
) -> FastAPI:
    """Make a service.

    Parameters
    ----------
    home : the state folder with the models; None = as the settings say.
    database : None = as the settings say, or SQLite in the state folder.
    settings : None = those of the environment.
    max_rows, max_bytes : how much a request may hold; None = as the settings say.

    Returns
    -------
    FastAPI
        Its own pages of documentation are off: they would load scripts from elsewhere.
    """
    settings = settings or read_settings()
    home = home or settings.home
    app = DescribedApp(
        title="arrisk",
        version=metadata.version("arrisk"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=run_service,
    )
    app.state.upgrade, app.state.prepares = settings.upgrade, settings.prepare == "on"
    service = Service(
        home=home,
        policy=load_policy(settings.policy),
        database=database or connect(settings.database_url or locate(home)),
        max_rows=max_rows or settings.max_rows,
        has_sign_in=settings.sign_in == "required",
        has_secure_cookies=settings.secure_cookies == "always",
        bounds=Bounds(settings.max_upload_bytes, settings.max_unpacked_bytes),
        asking=Rate(settings.requests_per_minute),
        signing_in=Rate(settings.sign_ins_per_minute),
    )
    app.state.service, app.state.metrics = service, Metrics(service)
    app.add_middleware(WriterQueue)
    app.add_middleware(BodyLimit, max_bytes=max_bytes or settings.max_bytes, streamed=("/v1/uploads", "/uploads"))
    app.add_middleware(SafeHeaders)
    # The last one added is the outermost: it sees what the others refuse.
    app.add_middleware(RequestObserver, metrics=app.state.metrics)
    add_handlers(app)
    app.include_router(health.router)
    for one in _ROUTERS:
        app.include_router(one.router, prefix="/v1")
    if service.has_sign_in:
        add_pages(app)
    return app
