"""The demo's portfolio in a database of the service, with people who can sign in, and work for its worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.book import list_ledgers
from arrisk.store.people import User, count_users
from arrisk.uses.accounts import Accounts, add_user
from arrisk.uses.sampling import add_sample, ask_for_work, read_sample

PEOPLE = ("ana", "ben")
"""Two, since nobody approves his own proposal."""

_BY = "demo"


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
    found = read_sample(sample)
    name = found.raw.settings.name
    if name not in list_ledgers(database):
        add_sample(database, found, ledger=name, policy=policy, by=_BY, at=now)
    jobs = ask_for_work(database, found, ledger=name, by=_BY, at=now, mark="demo")
    logins = _add_people(Accounts(database, policy), passwords)
    return Prepared(name, found.as_of.isoformat(), logins, sum(not job.state.is_over for job in jobs))


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
