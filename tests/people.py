"""Users for tests: made in a database, and signed in at a service."""

from functools import cache

from fastapi import FastAPI
from fastapi.testclient import TestClient

from arrisk.policy import Policy, load_policy
from arrisk.store import Database
from arrisk.store.people import User
from arrisk.uses.accounts import Accounts, add_user

WORDS = "four words are enough"


@cache
def shipped() -> Policy:
    """Give the shipped policy."""
    return load_policy()


def make_user(database: Database, login: str, *roles: str, authority: str = "", entities: tuple[str, ...] = ()) -> User:
    """Add a user with the password ``WORDS``."""
    user = User(
        user_id="", login=login, display_name=login.title(), roles=roles, authority=authority, entities=entities
    )
    return add_user(Accounts(database, shipped()), user, password=WORDS, by="tests", is_temporary=False)


def sign_in(app: FastAPI, login: str) -> TestClient:
    """Give a client that is signed in as a user of ``make_user``."""
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.post("/v1/session", json={"login": login, "password": WORDS})
    assert answer.status_code == 200, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def join(app: FastAPI, *roles: str, login: str = "", authority: str = "", entities: tuple[str, ...] = ()) -> TestClient:
    """Add a user with some roles to a service's database, and give a client that is signed in as that user."""
    login = login or "-".join(roles).replace("_", "-")
    make_user(app.state.service.database, login, *roles, authority=authority, entities=entities)
    return sign_in(app, login)
