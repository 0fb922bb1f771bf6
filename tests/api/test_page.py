"""The page of the service says what the service does."""

import json
import re

import pytest

from api import fragments
from api.errors import STATUS, InternalError, InvalidRequestError, name_type, status_of
from arrisk.config import Settings
from arrisk.errors import BookError, CurrencyError, InputError, ModelError
from tests.syntax import ROOT

PAGE = (ROOT / "docs" / "users" / "service.md").read_text(encoding="utf-8")
REQUEST, RESERVE, REFUSAL = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL))


def test_the_request_of_the_page_is_answered(client):
    answer = client.post("/v1/score", json=REQUEST).json()
    assert [invoice["invoice_id"] for invoice in answer["invoices"]] == ["2"]
    assert len(answer["invoices"][0]["reasons"]) <= 2
    described = PAGE.split("The answer has one entry")[1].split("## When it refuses")[0]
    assert [name for name in answer["invoices"][0] if f"`{name}`" not in described and not name.endswith("_id")] == []


@pytest.mark.slow
def test_the_allowance_of_the_page_is_answered_with_the_fields_it_names(client):
    answer = client.post("/v1/allowance", json=RESERVE).json()
    assert answer["gross_total"] == "200.00"
    described = PAGE.split("## Allowance")[1].split("## When it refuses")[0]
    plain = {"as_of", "age_on", "method", "problems", "rows", "segment", "bucket"}
    fields = {*answer, *answer["allowances"][0]} - plain
    assert [name for name in sorted(fields) if f"`{name}`" not in described] == []


def test_the_refusal_of_the_page_is_what_is_answered(post):
    assert post(asof="2024-01-01").json() == REFUSAL


@pytest.mark.parametrize(
    "kind", [InvalidRequestError, InternalError, InputError, BookError, CurrencyError, ModelError, *STATUS]
)
def test_every_refusal_is_listed_with_its_status(kind):
    status = status_of(kind("x")).value
    name = name_type(InternalError if status == 500 else kind)
    assert f"| `{name}` | {status} |" in PAGE


def test_every_address_is_listed(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert [path for path, methods in paths.items() for way in methods if f"`{way.upper()} {path}`" not in PAGE] == []


def test_the_limits_are_those_of_the_page():
    assert f"{Settings().max_rows:,} rows, {fragments.MAX_COLUMNS} columns a table" in PAGE
    assert f"{Settings().max_bytes // 2**20} MiB" in PAGE
