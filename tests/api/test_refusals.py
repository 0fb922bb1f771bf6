"""What a client gets wrong: one problem that says what, where and what to try."""

import json
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from api.errors import MEDIA_TYPE, STATUS, InternalError, status_of
from arrisk import errors
from arrisk.policy import Policy
from arrisk.registry import admit_first, list_models, read_files, save_model
from tests.api.apps import create_open_app
from tests.api.conftest import TREES


def problem_of(response, status):
    """Give the only problem of a refused request."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = response.json()
    assert sorted(problem) == ["detail", "hint", "status", "title", "type", "where"]
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert "Traceback" not in response.text
    return problem


@pytest.mark.parametrize(
    ("changes", "where", "detail", "hint"),
    [
        ({"as_of": "31.12.2023"}, "as_of", "is not a date", ""),
        ({"as_of": 19_000}, "as_of", "YYYY-MM-DD", ""),
        ({"as_of": str(date.today() + timedelta(days=40))}, "as_of", "future", ""),
        ({"asof": "2024-01-01"}, "asof", "'asof' is not known", "did you mean 'as_of'?"),
        ({"currency": "euro"}, "currency", "pattern", ""),
        ({"count_reasons": -1}, "count_reasons", "greater than or equal to 0", ""),
        ({"tables": {}}, "tables", "'customers' is missing", ""),
        ({"tables": []}, "tables", "dictionary", ""),
        ({"tables": {"customers": [], "invoices": []}}, "tables", "no row", ""),
        ({"tables": {"customers": [], "invoyces": []}}, "tables", "did you mean 'invoyces'?", ""),
        ({"tables": {"customers": [3], "invoices": []}}, "customers, row 1", "dictionary", ""),
        ({"customer_ids": ["C3"]}, "customer_ids", "no customer 'C3'", "did you mean"),
    ],
)
def test_a_mistake_in_the_request_is_named(post, changes, where, detail, hint):
    problem = problem_of(post(**changes), 422)
    assert where in problem["where"]
    assert detail in problem["detail"]
    assert hint in problem["hint"]


@pytest.mark.parametrize(
    ("table", "cell", "where", "detail"),
    [
        ("invoices", {"amount": 1234.5}, "invoices, row 2, amount", "1234.5 is a number"),
        ("invoices", {"amount": 12}, "invoices, row 2, amount", "12 is a number"),
        ("payments", {"amount": True}, "payments, row 2, amount", "true or false"),
        ("invoices", {"terms": ["net", 30]}, "invoices, row 2, terms", "a list"),
        ("customers", {"name": {"first": "A"}}, "customers, row 2, name", "an object"),
        ("attributes", {"bureau_score": 10**400}, "attributes, bureau_score", "too large"),
        ("attributes", {"bureau_score": float("nan")}, "attributes, row 2, bureau_score", "nan is not a number"),
        ("customers", {"name": "half \ud83d"}, "customers, name", "half a character"),
        ("invoices", {"source_row": 7}, "invoices", "'source_row'"),
    ],
)
def test_a_cell_of_the_wrong_kind_is_named(post, tables, table, cell, where, detail):
    changed = deepcopy(tables)
    changed[table][1].update(cell)
    problem = problem_of(post(tables=changed), 422)
    assert problem["where"] == where
    assert detail in problem["detail"]
    assert problem["hint"]


def test_a_required_column_that_is_missing_is_named_with_the_nearest(post, tables):
    changed = deepcopy(tables)
    for row in changed["invoices"]:
        row["amuont"] = row.pop("amount")
    problem = problem_of(post(tables=changed), 422)
    assert problem["type"] == "urn:arrisk:problem:book"
    assert problem["where"] == "table invoices"
    assert "'amount'" in problem["detail"]
    assert "'amuont'" in problem["hint"]


def test_a_ledger_without_a_usable_invoice_is_refused(post, tables):
    changed = deepcopy(tables)
    for row in changed["invoices"]:
        row["issued_on"] = "someday"
    problem = problem_of(post(tables=changed), 422)
    assert "no invoice can be used" in problem["detail"]
    assert "someday" in problem["hint"]


def test_a_currency_without_a_rate_is_named(post, tables):
    problem = problem_of(post(tables={**tables, "rates": []}), 422)
    assert problem["type"] == "urn:arrisk:problem:currency"
    assert "USD/EUR" in problem["detail"]


@pytest.mark.parametrize(
    ("content", "kind", "detail"),
    [
        (b"{", "application/json", "not JSON"),
        (b"[]", "application/json", "not a JSON object"),
        (b"", "application/json", "required value is missing"),
        (b"{}", "text/plain", "not a JSON object"),
        (b"{}", "application/json", "required value is missing; 1 more after it"),
    ],
)
def test_a_body_that_is_no_request_is_refused(client, content, kind, detail):
    response = client.post("/v1/score", content=content, headers={"Content-Type": kind})
    problem = problem_of(response, 422)
    assert detail in problem["detail"]
    assert problem["hint"]


@pytest.mark.parametrize("content", [b"\xff\xfe{}", b"[" * 100_000, b'{"as_of": ' + b"9" * 5000 + b"}"])
def test_a_body_that_cannot_be_read_is_refused(client, content):
    response = client.post("/v1/score", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in {400, 422}
    problem_of(response, response.status_code)


def test_without_a_model_nothing_is_fitted(body, tmp_path):
    problem = problem_of(TestClient(create_open_app(tmp_path)).post("/v1/score", json=body), 409)
    assert problem["type"] == "urn:arrisk:problem:model"
    assert "alder" in problem["detail"]
    assert "arrisk train" in problem["hint"]
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_without_a_model_is_told_of_those_that_there_are(post):
    problem = problem_of(post(name=""), 409)
    assert "'name'" in problem["hint"]
    assert "payment-curve/alder" in problem["hint"]


def test_a_model_that_is_not_there_is_named(post):
    problem = problem_of(post(model="payment-curve/alder/9"), 409)
    assert "payment-curve/alder/9" in problem["detail"]
    assert TREES in problem["hint"]


def test_a_model_trained_later_is_refused(post):
    assert "trained on or after" in problem_of(post(model=TREES, as_of="2024-07-01"), 409)["detail"]


def test_a_changed_model_is_refused(body, home, tmp_path):
    saved = save_model(tmp_path, read_files(list_models(home)[0]))
    assert admit_first(tmp_path, saved, at=datetime(2026, 1, 1, tzinfo=UTC))
    (saved.folder / "curve.json").write_text("{}")
    problem = problem_of(TestClient(create_open_app(tmp_path)).post("/v1/score", json=body), 409)
    assert problem["where"] == "curve.json"
    assert str(tmp_path) not in json.dumps(problem)


def test_a_model_that_learnt_under_another_policy_is_refused(home, body):
    app = create_open_app(home)
    object.__setattr__(app.state.service, "policy", Policy.parse("[late]\nprior_strength = 9.0", where=""))
    problem = problem_of(TestClient(app).post("/v1/score", json=body), 409)
    assert "another policy" in problem["detail"]
    assert "train again" in problem["hint"]


def test_too_many_rows_are_refused(home, body):
    problem = problem_of(TestClient(create_open_app(home, max_rows=100)).post("/v1/score", json=body), 413)
    assert problem["type"] == "urn:arrisk:problem:too-large"
    assert "100" in problem["hint"]


def test_too_many_columns_are_refused(post, tables):
    wide = [{**row, **{f"x{place}_{n}": 1 for n in range(60)}} for place, row in enumerate(tables["attributes"])]
    assert "columns" in problem_of(post(tables={**tables, "attributes": wide}), 413)["detail"]


def test_a_body_that_is_too_large_is_refused_whatever_its_headers_say(home):
    client = TestClient(create_open_app(home, max_bytes=1000))
    headers = {"Content-Type": "application/json"}
    for content in (b" " * 1001, iter([b" " * 600, b" " * 600])):
        problem = problem_of(client.post("/v1/score", content=content, headers=headers), 413)
        assert "1,000 bytes" in problem["hint"]
    assert client.post("/v1/score", content=b" " * 1000, headers=headers).status_code == 422


def test_an_address_that_is_none_is_a_problem_too(client):
    assert problem_of(client.get("/v1/nothing"), 404)["type"] == "about:blank"
    response = client.get("/v1/score")
    problem_of(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_fault_of_ours_says_nothing_of_its_inside(home, body, caplog):
    class Broken:
        def load(self, saved, *, policy):
            raise RuntimeError(f"secret of {saved.folder}")

    app = create_open_app(home)
    object.__setattr__(app.state.service, "models", Broken())
    response = TestClient(app, raise_server_exceptions=False).post("/v1/score", json=body)
    assert "secret" not in response.text
    assert problem_of(response, 500)["title"] == InternalError.__doc__


@pytest.mark.parametrize("fault", [errors.OutputError, errors.PolicyError, errors.ArriskError])
def test_a_fault_that_has_a_name_says_nothing_either(home, body, fault):
    class Broken:
        def load(self, saved, *, policy):
            raise fault("secret", where=str(saved.folder))

    app = create_open_app(home)
    object.__setattr__(app.state.service, "models", Broken())
    response = TestClient(app, raise_server_exceptions=False).post("/v1/score", json=body)
    assert "secret" not in response.text
    problem_of(response, 500)


def test_every_error_has_a_status():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ArriskError)]
    assert {status_of(kind("x")) for kind in [*kinds, *STATUS]} == {401, 403, 404, 409, 412, 413, 422, 429, 500, 503}
    assert all(status_of(kind("x")) != 413 for kind in kinds)
