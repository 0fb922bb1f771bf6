"""A first start with the demo's portfolio, and a second one that does nothing again."""

from datetime import UTC, datetime

import pytest

from arrisk import pipeline
from arrisk.config import find_sample
from arrisk.policy import load_policy
from arrisk.schema import TABLES
from arrisk.store import count_jobs
from arrisk.store.book import read_book
from arrisk.store.jobs import list_jobs
from arrisk.uses.accounts import Accounts
from arrisk.uses.demo_service import PEOPLE, prepare_demo
from arrisk.uses.sign_in import sign_in
from tests.databases import open_new

NOW = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = ("four words are enough", "and four other words")


@pytest.mark.slow
def test_a_first_start_makes_ledger_jobs_and_two_people_and_a_second_nothing(tmp_path):
    database, policy = open_new("sqlite", tmp_path), load_policy()
    made = prepare_demo(database, find_sample(), policy=policy, passwords=WORDS, now=NOW)
    assert (made.as_of, made.logins, made.count_jobs) == ("2026-01-01", PEOPLE, 5)
    book = read_book(database, made.ledger)
    same = pipeline.open_book(find_sample(), policy=policy).book
    assert all(book.tables[name].equals(same.tables[name]) for name in TABLES if name in same.tables)
    assert {job.kind for job in list_jobs(database)} == {"train", "nightly"}
    for login, password in zip(PEOPLE, WORDS, strict=True):
        assert sign_in(Accounts(database, policy), login=login, password=password, now=NOW).access
    again = prepare_demo(database, find_sample(), policy=policy, passwords=WORDS, now=NOW)
    assert (again.logins, again.count_jobs) == ((), 5)
    assert sum(count_jobs(database).values()) == 5
    database.close()
