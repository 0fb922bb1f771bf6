"""The score of one customer over HTTP: who may ask, and what is answered."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.config import Settings
from arrisk.errors import MissingError
from arrisk.modeling.default.single import CustomerScore, Reason
from arrisk.policy import load_policy
from arrisk.store import connect, locate, upgrade
from arrisk.store.people import User
from arrisk.uses.accounts import Accounts, add_user, make_key
from arrisk.uses.single import Scored

PATH = "/v1/customers/C1/score"
DAY = {"as_of": "2025-12-31"}
REASONS = (
    Reason(1, "past due items", "overdue_share", 0.4, 0.75, "40% of what is open is past due"),
    Reason(2, "liquidity", "current_ratio", float("nan"), -0.25, "no annual accounts known"),
)


class FakeScores:
    """Knows one customer."""

    def score(self, ledger: str | None, customer_id: str, *, as_of: date) -> Scored:
        if customer_id != "C1":
            raise MissingError(f"nothing was known of the customer '{customer_id}' before {as_of}")
        score = CustomerScore(0.05, "6", -3.5, -3.0, REASONS)
        return Scored(score, f"default-12m/{ledger or 'alder'}/1", date(2025, 1, 1), is_newest=True)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    database = connect(locate(tmp_path))
    upgrade(database)
    app = create_app(tmp_path, database=database, settings=Settings())
    app.state.service.__dict__["single_scores"] = FakeScores()
    yield TestClient(app)
    database.close()


def make_headers(client: TestClient, role: str, scope: str, **more: Any) -> dict[str, str]:
    """Give what a program with a key of somebody with a role sends."""
    accounts = Accounts(client.app.state.service.database, load_policy())  # type: ignore[attr-defined]
    owner = add_user(accounts, User(user_id="", login=f"{role}-1", roles=(role,), **more), password=None, by="a test")
    _, secret = make_key(accounts, owner, name="k", scopes=(scope,), days=1, by="a test")
    return {"X-API-Key": secret}


def test_a_stranger_is_not_answered(client):
    assert client.get(PATH, params=DAY).status_code == 401


def test_who_may_not_read_scores_is_not_answered(client):
    headers = make_headers(client, "operator", "jobs.read")
    assert client.get(PATH, params=DAY, headers=headers).status_code == 403


def test_who_sees_some_entities_alone_is_not_answered(client):
    headers = make_headers(client, "analyst", "scores.read", entities=("north",))
    refused = client.get(PATH, params=DAY, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "a score rests on the rows of all entities"


def test_an_analyst_is_told_the_score_and_reasons_that_sum_to_it(client):
    answer = client.get(PATH, params=DAY, headers=make_headers(client, "analyst", "scores.read")).json()
    assert (answer["customer_id"], answer["as_of"], answer["grade"]) == ("C1", "2025-12-31", "6")
    assert answer["starting_value"] + sum(one["contribution"] for one in answer["reasons"]) == answer["margin"]
    assert [one["value"] for one in answer["reasons"]] == [0.4, None]
    assert answer["in_default"] is None
    assert answer["is_newest"]


@pytest.mark.parametrize("bad", [{}, {"as_of": "31.12.2025"}, {"as_of": "2199-01-01"}])
def test_a_day_that_is_none_is_refused(client, bad):
    assert client.get(PATH, params=bad, headers=make_headers(client, "analyst", "scores.read")).status_code == 422


def test_an_unknown_customer_is_missing(client):
    headers = make_headers(client, "analyst", "scores.read")
    assert client.get("/v1/customers/C2/score", params=DAY, headers=headers).status_code == 404
