"""Who works with the service that the pages are tried on: one of each role, and how he signs in."""

from collections.abc import Mapping
from typing import Final

from playwright.sync_api import Page, expect

from arrisk.store import Database
from tests.people import WORDS, make_user

AUTHORITIES: Final[Mapping[str, str]] = {
    "analyst": "credit analyst",
    "credit_manager": "credit manager",
    "collector": "",
    "finance": "credit manager",
    "validator": "",
    "operator": "",
    "auditor": "",
}
"""By role: the highest decision that is his to take. The login is the role, with a hyphen."""


def hire(database: Database) -> None:
    """Add a user of each role, one who has them all, and a second one of finance, since nobody signs his own close."""
    for role, authority in AUTHORITIES.items():
        make_user(database, name_login(role), role, authority=authority)
    make_user(database, "everything", *AUTHORITIES, authority="credit manager")
    make_user(database, "finance2", "finance", authority="credit manager")


def name_login(role: str) -> str:
    """Give the login of a role's user."""
    return role.replace("_", "-")


def fill_in(page: Page, login: str, password: str) -> None:
    """Fill in the form of the page, and send it with the keyboard."""
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")


def sign_in_as(page: Page, role: str) -> None:
    """Sign in by the form, as the user of a role, or as another one of ``hire``."""
    page.goto("/sign-in")
    fill_in(page, name_login(role), WORDS)
    expect(page).not_to_have_url("**/sign-in**")
