"""Somebody who looks at pages without a browser: the HTML as it is sent, read by its elements."""

from collections.abc import Mapping
from html.parser import HTMLParser

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.people import WORDS, make_user

HERE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser sends along with a form of the service's own page."""


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


def read_text(page: Response) -> str:
    """Read what somebody sees of a page, its texts one after another."""
    reader = _Text()
    reader.feed(page.text)
    return " ".join(reader.words)


def visit(app: FastAPI, login: str, *roles: str, authority: str = "", entities: tuple[str, ...] = ()) -> TestClient:
    """Add a user, and give a browser of his that has signed in; the roles are the login where none is given."""
    make_user(app.state.service.database, login, *(roles or (login,)), authority=authority, entities=entities)
    return enter(app, login)


def enter(app: FastAPI, login: str) -> TestClient:
    """Give a browser in which a user has signed in."""
    browser = TestClient(app, raise_server_exceptions=False, headers={"accept": "text/html"})
    answer = send(browser, "/sign-in", {"login": login, "password": WORDS})
    assert answer.status_code == 303, read_text(answer)
    return browser


def send(browser: TestClient, path: str, form: Mapping[str, str]) -> Response:
    """Send a form, and give the answer itself, not where it leads."""
    return browser.post(path, data=dict(form), headers=HERE, follow_redirects=False)
