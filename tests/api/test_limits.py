"""Limits of posted rows: the very ones of the command line, and refusals where no default model may be used."""

import json
import sys
from datetime import UTC, datetime

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from arrisk.cli import main
from arrisk.decisions.limits import CAPS
from arrisk.pipeline import open_book
from arrisk.policy import load_policy
from arrisk.uses.training import train_default
from tests.api.apps import create_open_app
from tests.api.ledger import AS_OF, NAME, TRAINED_ON

POLICY = load_policy()


def ask(client, body, **changes):
    content = json.dumps({**body, **changes})
    return client.post("/v1/limits", content=content, headers={"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def rated(book, tmp_path_factory):
    """Give a state folder with a promoted default model of the ledger."""
    folder = tmp_path_factory.mktemp("rated")
    ledger = open_book(book, policy=POLICY).book
    train_default(ledger, as_of=TRAINED_ON, home=folder, policy=POLICY, at=datetime(2026, 1, 1, tzinfo=UTC))
    return folder


@pytest.fixture(scope="module")
def lender(rated):
    return TestClient(create_open_app(rated), raise_server_exceptions=False)


@pytest.mark.slow
def test_limits_are_those_of_the_command_line(lender, rated, body, book, tmp_path, monkeypatch):
    out = tmp_path / "limits.parquet"
    monkeypatch.setenv("ARRISK_HOME", str(rated))
    monkeypatch.setattr(sys, "argv", ["arrisk", "limits", str(book), "--as-of", str(AS_OF), "--out", str(out)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    expected = pd.read_parquet(out)
    answer = ask(lender, body)
    assert answer.status_code == 200, answer.text
    found = pd.DataFrame(answer.json()["limits"])
    assert len(found) == len(expected) == 12
    for name in ("customer_id", "binding", "limit_kind", "reasons", "recommended_terms_days"):
        assert found[name].tolist() == expected[name].tolist()
    assert found["recommended_limit"].tolist() == [f"{amount:.2f}" for amount in expected["recommended_limit"]]
    assert all(set(caps) == set(CAPS) for caps in found["caps"])
    assert f"default-12m/{NAME}/1" in answer.json()["source"]


@pytest.mark.slow
def test_only_the_customers_asked_for_are_answered_and_their_limits_are_the_same(lender, body):
    one = ask(lender, body, customer_ids=["C03"]).json()["limits"]
    everybody = ask(lender, body).json()["limits"]
    assert one == [limit for limit in everybody if limit["customer_id"] == "C03"]


def test_without_a_default_model_nothing_is_fitted_and_the_request_is_refused(client, body):
    answer = ask(client, body)
    assert answer.status_code == 409
    assert "default model" in answer.json()["detail"]


@pytest.mark.slow
def test_a_field_of_scores_is_no_field_of_limits(lender, body):
    assert ask(lender, body, count_reasons=2).status_code == 422
