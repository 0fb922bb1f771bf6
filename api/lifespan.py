"""What a service does before its first request, and after its last."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pandas as pd
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from api.deps import Service
from api.pages.rendering import compile_templates
from api.preparing import Preparer, settle
from api.schemas.base import EXAMPLE
from arrisk import pipeline, registry, store
from arrisk.errors import ModelError
from arrisk.modeling.describe import NAME
from arrisk.policy import Policy
from arrisk.schema import check
from arrisk.store.people import count_users

_LOG = logging.getLogger("arrisk.service")


@asynccontextmanager
async def run_service(app: FastAPI) -> AsyncIterator[None]:
    """Prepare a service, and close its connections once the requests that were under way are answered."""
    service: Service = app.state.service
    preparer = Preparer(service)
    try:
        await run_in_threadpool(_prepare, service, app.state.upgrade)
        if service.has_sign_in and app.state.prepares:
            preparer.start()
        _LOG.info("started")
        yield
    finally:
        await run_in_threadpool(preparer.stop)
        service.database.close()
        _LOG.info("stopped")


def _prepare(service: Service, upgrade: str) -> None:
    """Bring what is slow, or may refuse to start, before the first request."""
    bring_forward(service.database, upgrade)
    _tell_when_empty(service)
    compute_example(service.policy)
    _load_champions(service)
    if service.has_sign_in:
        compile_templates()
    settle()


def bring_forward(database: store.Database, upgrade: str) -> None:
    """Bring a database to today's form where the setting ``upgrade`` says so.

    Raises
    ------
    StoreError
        When it is not of today's form afterwards.
    """
    if upgrade == "always" or (upgrade == "auto" and database.is_sqlite):
        store.upgrade(database)
    store.require_current(database)


def _tell_when_empty(service: Service) -> None:
    """Say how the first user is added; there is no password that everybody knows."""
    if not service.has_sign_in:
        _LOG.warning("nobody has to sign in: whoever reaches this port may have what is posted scored")
        return
    with service.database.read() as connection:
        if count_users(connection) == 0:
            _LOG.warning("nobody can sign in yet; add somebody: arrisk user add NAME --role operator --own")


def compute_example(policy: Policy) -> None:
    """Load compiled code, which the first request would otherwise wait for."""
    raw = {name: pd.DataFrame(rows) for name, rows in EXAMPLE["tables"].items()}
    book = check(raw, name="", currency="EUR").book
    list(pipeline.compute_features(book, on=None, policy=policy))


def _load_champions(service: Service) -> None:
    """Read the payment curves that score today; one that cannot be read is refused when it is asked for."""
    ledgers = {saved.ledger for saved in registry.list_models(service.home) if saved.name == NAME}
    for ledger in sorted(ledgers):
        try:
            champion = registry.find_champion(service.home, name=NAME, ledger=ledger)
            if champion is not None:
                service.models.load(champion, policy=service.policy)
        except ModelError as error:
            _LOG.warning("a model cannot be used: %s", error.what)
