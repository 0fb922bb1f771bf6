"""Whatever is posted, the service answers or refuses; it never fails."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arrisk.schema import TABLES, Column, Kind
from tests.api.conftest import TREES
from tests.api.ledger import NAME

VALUES = {
    Kind.ID: st.sampled_from(["1", "2", "A", "B", "", " ", "EUR", "JPY", "main"]),
    Kind.TEXT: st.sampled_from(["invoice", "credit_note", "none", "zero", "bad_debt", "insolvency", "net 30", ""]),
    Kind.DATE: st.sampled_from(
        ["2024-01-01", "2024-03-31", "2024-06-30", "1900-01-01", "2200-12-31", "2024-02-30", "today", "0000-00-00"]
    ),
    Kind.AMOUNT: st.sampled_from(["100", "0.005", "-7", "99999999999999999", "1e9", "", "0"]),
    Kind.NUMBER: st.sampled_from([1, -1.5, 0, 1e308, 10**30, "7", "x", ""]),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def cells(column: Column) -> st.SearchStrategy:
    usual = VALUES[column.kind] if column.is_required else VALUES[column.kind] | st.none()
    # Seldom, because one cell of a wrong kind refuses the whole request, and nothing behind it is reached.
    return st.integers(0, 39).flatmap(lambda chance: ANYTHING if chance == 17 else usual)


def rows(name: str) -> st.SearchStrategy:
    columns = TABLES[name].all_columns
    required = {column.name: cells(column) for column in columns if column.is_required}
    other = {column.name: cells(column) for column in columns if not column.is_required}
    extra = st.dictionaries(st.sampled_from(["known_day", "Ü", "bureau_score"]), VALUES[Kind.NUMBER], max_size=1)
    row = st.builds(lambda fixed, more: {**fixed, **more}, st.fixed_dictionaries(required, optional=other), extra)
    return st.lists(row, min_size=1, max_size=4)


INVOICE = {"invoice_id": "1", "customer_id": "A", "issued_on": "2024-01-02", "due_on": "2024-02-01", "amount": "9.50"}
TABLE_ROWS = st.sampled_from(list(TABLES)).flatmap(lambda name: st.tuples(st.just(name), rows(name)))


def post(client, body, *, to="/v1/score"):
    response = client.post(to, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.status_code in {200, 409, 413, 422}, (response.text, body)
    return response


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tables=st.lists(TABLE_ROWS, max_size=3))
def test_tables_with_anything_in_them_are_answered_or_refused(client, tables):
    given_rows = {"customers": [{"customer_id": "A"}], "invoices": []} | dict(tables)
    given_rows["invoices"] = [INVOICE, *given_rows["invoices"]]
    post(client, {"as_of": "2024-09-01", "currency": "EUR", "model": TREES, "tables": given_rows})


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tables=st.lists(TABLE_ROWS, max_size=3), method=st.sampled_from(["matrix", "roll-rate", "model"]))
def test_the_allowance_of_anything_is_answered_or_refused(client, tables, method):
    given_rows = {"customers": [{"customer_id": "A"}], "invoices": []} | dict(tables)
    given_rows["invoices"] = [INVOICE, *given_rows["invoices"]]
    body = {"name": NAME, "period_end": "2024-08-31", "currency": "EUR", "method": method, "tables": given_rows}
    post(client, body, to="/v1/allowance")


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(["name", "currency", "as_of", "extract_end_on", "model", "customer_ids", "tables", "other"]),
        ANYTHING,
        max_size=2,
    )
)
def test_requests_with_anything_in_them_are_answered_or_refused(client, changes):
    tables = {"customers": [{"customer_id": "A"}], "invoices": [INVOICE]}
    post(client, {"as_of": "2024-09-01", "currency": "EUR", "model": TREES, "tables": tables} | changes)
