"""The demo's portfolio in a database of the service, with people who can sign in, and work for its worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from arrisk.errors import BookError
from arrisk.ingest.books import read_book
from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import list_ledgers
from arrisk.store.jobs import Order, put
from arrisk.store.people import User, count_users
from arrisk.uses.accounts import Accounts, add_user

PEOPLE = ("ana", "ben")
"""Two, since nobody approves his own proposal."""

_BY = "demo"
_NIGHTS_AGO = (0, 91, 61, 30)
"""Days before the newest one: past nights show how the portfolio went, and what came in beside what was forecast."""


@dataclass(frozen=True)
class Prepared:
    """What a first start made.

    Parameters
    ----------
    ledger : the portfolio's name.
    as_of : the day after its last one, YYYY-MM-DD.
    logins : of the users who were added; empty where there were users.
    count_jobs : what the worker has to do.
    """

    ledger: str
    as_of: str
    logins: tuple[str, ...]
    count_jobs: int


def prepare_demo(
    database: Database, sample: Path, *, policy: Policy, passwords: Iterable[str], now: datetime
) -> Prepared:
    """Put the shipped portfolio into a database, once; train its models and compute some of its days as jobs.

    Parameters
    ----------
    database : of today's form.
    sample : the portfolio's folder.
    passwords : one for each of ``PEOPLE``, who get every role; not used where there are users.
    now : when, with its time zone.

    Raises
    ------
    BookError
        When the portfolio states no last day.
    """
    raw = read_book(sample)
    settings = raw.settings
    if settings.extract_end_on is None:
        raise BookError("the portfolio states no last day", where=str(sample), hint="install arrisk again")
    as_of = settings.extract_end_on + timedelta(days=1)
    if settings.name not in list_ledgers(database):
        upload = Upload(raw.tables, "the demo's portfolio", settings.currency, settings.extract_end_on)
        at = now.isoformat(timespec="seconds")
        add_batch(database, settings.name, upload, fallback_currency=policy.book.currency, by=_BY, at=at)
    jobs = [put(database, order, at=now) for order in _list_orders(settings.name, as_of)]
    logins = _add_people(Accounts(database, policy), passwords)
    return Prepared(settings.name, as_of.isoformat(), logins, sum(not job.state.is_over for job in jobs))


def _list_orders(ledger: str, as_of: date) -> list[Order]:
    """List what the worker is to do: models trained before the first of the nights, the newest night first."""
    trained_on = as_of - timedelta(days=max(_NIGHTS_AGO) + 1)
    nights = [as_of - timedelta(days=days) for days in _NIGHTS_AGO]
    days = [("train", trained_on), *(("nightly", night) for night in nights)]
    return [Order(kind, ledger, {"as_of": day.isoformat()}, _BY, f"demo {kind} {day}") for kind, day in days]


def _add_people(accounts: Accounts, passwords: Iterable[str]) -> tuple[str, ...]:
    with accounts.database.read() as connection:
        if count_users(connection):
            return ()
    roles = tuple(role.name for role in accounts.policy.access.roles)
    highest = accounts.policy.authority.roles[-1].name
    for login, password in zip(PEOPLE, passwords, strict=True):
        user = User(user_id="", login=login, display_name=login.title(), roles=roles, authority=highest)
        add_user(accounts, user, password=password, by=_BY, is_temporary=False)
    return PEOPLE
