"""What tests of the pages get: a browser, a service with people, and windows that are watched."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from api.main import create_app
from arrisk.config import Settings
from tests.api.offices import add_ledger
from tests.browser.browsers import open_context, start_browser
from tests.browser.serving import serve
from tests.browser.staff import hire
from tests.browser.watching import watched
from tests.databases import open_new

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser, one a file: while it runs, nothing else in the process may run an event loop."""
    with start_browser() as started:
        yield started


def serve_office(kind: str, folder: Any) -> Iterator[str]:
    """Give the address of a service with a small ledger, a run of it, and a user of each role."""
    database = open_new(kind, folder)
    add_ledger(database)
    hire(database)
    settings = Settings(home=folder / "home", sign_ins_per_minute=0)
    with serve(create_app(database=database, settings=settings)) as address:
        yield address


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a service to look at; who acts on it leaves it as it was."""
    yield from serve_office("sqlite", tmp_path_factory.mktemp("office"))


@pytest.fixture
def address(office: str) -> str:
    """Give where pages are asked for; a file of tests may say another service."""
    return office


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Give a function that opens a page in a window of its own, by its look; all of them are watched to the end."""
    with ExitStack() as stack:

        def opened(look: str = "light", **more: Any) -> Page:
            context = open_context(browser, look, address, **more)
            stack.enter_context(watched(context, address))
            stack.callback(context.close)
            return context.new_page()

        yield opened


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Give a page of somebody who has not signed in."""
    return open_page()
