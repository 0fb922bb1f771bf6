"""What tests of the pages get: a browser, a service with people, and windows that are watched."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from api.main import create_app
from arrisk.config import Settings
from tests.api.conftest import home, tables
from tests.api.ledger import Tables
from tests.browser.firm import open_firm
from tests.browser.life import Life, live, tie_customers
from tests.browser.watching import watched
from tools.browser import NoBrowserError, find_browser, open_window, start_browser
from tools.serving import serve

__all__ = ["home", "tables"]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser, one a file: while it runs, nothing else in the process may run an event loop."""
    with start_browser(find_or_skip()) as started:
        yield started


def find_or_skip(environ: Mapping[str, str] = os.environ) -> str:
    """Find the browser; without one the tests are skipped, unless ARRISK_E2E says that it has to be there."""
    try:
        return find_browser(environ)
    except NoBrowserError as error:
        if environ.get("ARRISK_E2E") == "require":
            raise
        pytest.skip(str(error))


def serve_firm(kind: str, folder: Path, *, tables: Tables, trained: Path) -> Iterator[str]:
    """Give the address of a service with the ledger, its day, its models, and a user of each role."""
    database, state = open_firm(kind, folder, tables=tables, trained=trained)
    settings = Settings(home=state, sign_ins_per_minute=0)
    with serve(create_app(database=database, settings=settings)) as address:
        yield address


@pytest.fixture(scope="session")
def office(tables: Tables, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a service to look at."""
    yield from serve_firm("sqlite", tmp_path_factory.mktemp("office"), tables=tables, trained=home)


@pytest.fixture(scope="module")
def firm(
    request: pytest.FixtureRequest, tables: Tables, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the address of a service to act on, one a file, on SQLite where the file does not say otherwise."""
    kind = getattr(request, "param", "sqlite")
    yield from serve_firm(kind, tmp_path_factory.mktemp("firm"), tables=tables, trained=home)


@pytest.fixture(scope="module")
def life(tables: Tables, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Give a service in which people did everything that there is to do."""
    folder = tmp_path_factory.mktemp("life")
    database, state = open_firm("sqlite", folder, tables=tie_customers(tables), trained=home)
    with serve(create_app(database=database, settings=Settings(home=state, sign_ins_per_minute=0))) as address:
        yield live(address, database, state)


@pytest.fixture
def address(office: str) -> str:
    """Give where pages are asked for; a file of tests may say another service."""
    return office


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Give a function that opens a page in a window of its own, by its look; all of them are watched to the end."""
    with ExitStack() as stack:

        def opened(look: str = "light", **more: Any) -> Page:
            window = open_window(browser, address, look, **more)
            stack.enter_context(watched(window, address))
            stack.callback(window.close)
            return window.new_page()

        yield opened


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Give a page of somebody who has not signed in."""
    return open_page()
