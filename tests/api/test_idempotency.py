"""A request with a key is done once: sent again, at the same time, or after the process died half way."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.main import create_app
from arrisk.store import answers, people
from arrisk.store.records import TableRecords
from arrisk.uses.accounts import RECORD
from tests.people import join

ANA = {"login": "ana", "roles": ["analyst"]}


@pytest.fixture
def app(database, tmp_path):
    return create_app(tmp_path / "home", database=database)


@pytest.fixture
def otto(app):
    return join(app, "operator", login="otto")


def add(client, body=None, key="k1"):
    return client.post("/v1/users", json=body or ANA, headers={"Idempotency-Key": key})


def count_ana(database):
    acts = [one.content["login"] for one in TableRecords(database).read(RECORD)]
    with database.read() as connection:
        return acts.count("ana"), [user.login for user in people.list_users(connection)].count("ana")


def test_the_same_request_again_gives_the_same_answer(database, otto):
    first, second = add(otto), add(otto)
    assert (second.status_code, second.json(), second.headers["ETag"]) == (201, first.json(), first.headers["ETag"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert count_ana(database) == (1, 1)


def test_another_request_with_the_same_key_is_refused(database, otto):
    add(otto)
    refused = add(otto, {**ANA, "login": "ben"})
    assert (refused.status_code, refused.json()["where"]) == (422, "Idempotency-Key")


def test_a_key_is_the_callers_own(app, otto):
    otis = join(app, "operator", login="otis")
    assert add(otto).status_code == 201
    assert add(otis, {**ANA, "login": "ben"}).status_code == 201


def test_a_write_without_a_key_is_refused(otto):
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 201}):
        refused = otto.post("/v1/users", json=ANA, headers=headers)
        assert (refused.status_code, "Idempotency-Key" in refused.json()["where"]) == (422, True)


def test_what_was_refused_may_be_sent_again(otto):
    assert add(otto, {**ANA, "roles": ["king"]}).status_code == 422
    assert add(otto).status_code == 201


def test_many_at_once_are_one(database, otto):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: add(otto), range(8)))
    assert {answer.status_code for answer in found} == {201}
    assert len({answer.text for answer in found}) == 1
    assert count_ana(database) == (1, 1)


def test_an_answer_that_cannot_be_kept_undoes_the_write(database, otto, monkeypatch):
    def die(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(answers, "keep_answer", die)
    assert add(otto).status_code == 500
    assert count_ana(database) == (0, 0)
    monkeypatch.undo()
    assert add(otto).status_code == 201
    assert count_ana(database) == (1, 1)
