"""The allowance of posted rows: the very figures of the command line, and refusals without a payment curve."""

import json
import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from arrisk.allowance.comparison import SIDE_BY_SIDE
from arrisk.allowance.estimates import AMOUNTS
from arrisk.cli import main
from arrisk.policy import load_policy
from arrisk.uses import reserve
from tests.api.apps import create_open_app
from tests.api.ledger import AS_OF, NAME, lose_some, write_files

METHODS = ["matrix", "roll-rate", "model"]
CURVE = f"payment-curve/{NAME}/1"
END = "2024-07-31"


@pytest.fixture(scope="module")
def losing(tables):
    """Give a ledger that has lost something."""
    return lose_some(tables)


@pytest.fixture(scope="module")
def posted(body, losing):
    """Give the request for the allowance of a month end."""
    kept = {name: body[name] for name in ("name", "currency")}
    return {**kept, "tables": losing, "period_end": END}


@pytest.fixture(scope="module")
def folder(losing, tmp_path_factory):
    """Give the same ledger as a folder of files."""
    return write_files(losing, tmp_path_factory.mktemp("losing") / "book")


@pytest.fixture
def ask(client, posted):
    """Give a function that asks for the allowance with some values of the request replaced, or left out by None."""

    def send(by=client, **changes):
        body = {name: value for name, value in {**posted, **changes}.items() if value is not None}
        return by.post("/v1/allowance", content=json.dumps(body), headers={"Content-Type": "application/json"})

    return send


@pytest.fixture
def run(folder, home, tmp_path, monkeypatch):
    """Give a function that runs the command and reads its result."""

    def command(*options):
        out = tmp_path / "allowance.json"
        monkeypatch.setenv("ARRISK_HOME", str(home))
        monkeypatch.setattr(sys, "argv", ["arrisk", "allowance", str(folder), *options, "--json", str(out)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return json.loads(out.read_text())

    return command


def answer_of(response):
    assert response.status_code == 200, response.text
    return response.json()


def write(amount):
    return None if amount is None else f"{amount:.2f}"


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_the_figures_are_those_of_the_command_line_to_the_cent(ask, run, method):
    expected = run("--period-end", END, "--method", method)
    found = answer_of(ask(method=method))
    for name in ("as_of", "age_on", "method", "currency", "policy", "notes"):
        assert found[name] == expected[name]
    for name in ("total", "upper_total", "gross_total"):
        assert found[name] == write(expected[name])
    assert Decimal(found["total"]) > 0
    assert len(found["allowances"]) == len(expected["rows"]) > 2
    for row, same in zip(found["allowances"], expected["rows"], strict=True):
        assert row == {**same, **{name: write(same[name]) for name in AMOUNTS}}
    assert len(found["rates"]) == len(expected["rates"]) > 2
    for row, same in zip(found["rates"], expected["rates"], strict=True):
        assert row == {name: write(cell) if name.endswith("_amount") else cell for name, cell in same.items()}
    moved = [{**one, "allowance": write(one["allowance"])} for one in expected["scenarios"]]
    assert found["scenarios"] == moved
    assert found["comparison"] is None


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_the_rows_sum_to_the_total_and_to_what_is_open(ask, method):
    found = answer_of(ask(method=method))
    sums = {name: sum(Decimal(row[name]) for row in found["allowances"]) for name in AMOUNTS}
    assert sums["allowance"] == Decimal(found["total"])
    assert sums["gross_amount"] == Decimal(found["gross_total"])
    assert sums["upper_allowance"] == Decimal(found["upper_total"]) >= Decimal(found["total"])


@pytest.mark.slow
def test_methods_stand_side_by_side_when_asked_as_at_the_command_line(ask, run):
    expected = run("--period-end", END, "--method", "matrix", "--compare")
    found = answer_of(ask(method="matrix", compare=True))
    comparison = found["comparison"]
    assert [row["method"] for row in comparison["methods"]] == METHODS
    for row, same in zip(comparison["methods"], expected["methods"], strict=True):
        rows = row.pop("allowances")
        assert row == {"method": same["method"], **{name: write(same[name]) for name in SIDE_BY_SIDE}}
        assert sum(Decimal(one["allowance"]) for one in rows) == Decimal(row["total"])
    assert comparison["methods"][0]["total"] == found["total"]
    for check, same in zip(comparison["cross_checks"], expected["cross_checks"], strict=True):
        assert check == {"name": same["name"], "total": write(same["total"]), "note": same["note"]}
    assert comparison["presumption"] == expected["presumption"]["text"]


@pytest.mark.slow
def test_a_period_end_is_the_morning_after_with_the_ages_of_the_evening(ask):
    evening = answer_of(ask(method="matrix"))
    morning = answer_of(ask(method="matrix", period_end=None, as_of="2024-08-01"))
    assert (evening["as_of"], evening["age_on"]) == ("2024-08-01", END)
    assert (morning["as_of"], morning["age_on"]) == ("2024-08-01", "2024-08-01")
    assert evening["gross_total"] == morning["gross_total"]


@pytest.mark.slow
def test_the_model_is_named_where_one_was_used(ask):
    assert answer_of(ask(method="model"))["model"]["reference"] == CURVE
    assert answer_of(ask(method="matrix"))["model"] is None
    named = answer_of(ask(method="model", name="birch", model=CURVE))["model"]
    assert named["is_other_ledger"]


@pytest.mark.slow
def test_without_a_method_that_of_the_policy_is_used(ask):
    assert answer_of(ask())["method"] == load_policy().allowance.method


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{"method": "model"}, {"method": "matrix", "compare": True}])
def test_without_a_payment_curve_nothing_is_fitted_and_the_request_is_refused(ask, tmp_path, monkeypatch, changes):
    monkeypatch.setattr(reserve, "find_curve", lambda *_, **__: pytest.fail("a curve was looked for, or fitted"))
    empty = TestClient(create_open_app(tmp_path), raise_server_exceptions=False)
    problem = ask(empty, **changes)
    assert problem.status_code == 409
    assert problem.json()["type"] == "urn:arrisk:problem:model"
    assert "'roll-rate'" in problem.json()["hint"]
    assert answer_of(ask(empty, method="roll-rate"))["model"] is None


@pytest.mark.slow
def test_nothing_is_stored(ask, home):
    before = sorted(home.rglob("*"))
    answer_of(ask(method="model", compare=True))
    assert sorted(home.rglob("*")) == before


@pytest.mark.slow
def test_rows_known_later_change_nothing(ask, losing):
    later = (date.fromisoformat(END) + timedelta(days=1)).isoformat()
    known = [row for row in losing["write_offs"] if row["written_off_on"] < later]
    assert len(known) < len(losing["write_offs"])
    found, cut = (
        answer_of(ask(method="matrix", tables={**losing, "write_offs": rows}, extract_end_on=str(AS_OF)))
        for rows in (losing["write_offs"], known)
    )
    assert {**found, "rows": 0} == {**cut, "rows": 0}


@pytest.mark.parametrize(
    ("changes", "where", "detail", "hint"),
    [
        ({"period_end": None}, "as_of, period_end", "the day is missing", "one of them"),
        ({"as_of": "2024-08-01"}, "as_of, period_end", "exclude each other", "one of them"),
        ({"period_end": str(date.today())[:8] + "32"}, "period_end", "is not a date", ""),
        ({"period_end": str(date.today() + timedelta(days=1))}, "period_end", "future", ""),
        ({"method": "matrics"}, "method", "'matrix', 'roll-rate' or 'model'", ""),
        ({"compare": "yes"}, "compare", "boolean", ""),
        ({"metod": "matrix"}, "metod", "'metod' is not known", "did you mean 'method'?"),
        ({"customer_ids": ["C01"]}, "customer_ids", "'customer_ids' is not known", ""),
        ({"model": "payment-curve/alder/7", "method": "model"}, "", "", "payment-curve/alder"),
    ],
)
def test_a_mistake_in_the_request_is_named(ask, changes, where, detail, hint):
    response = ask(**changes)
    assert response.status_code in {409, 422}
    problem = response.json()
    assert where in problem["where"]
    assert detail in problem["detail"]
    assert hint in problem["hint"]


def test_a_currency_without_a_rate_is_named(ask, losing):
    response = ask(method="matrix", tables={**losing, "rates": []})
    assert response.status_code == 422
    assert "USD -> EUR" in response.json()["detail"]


@pytest.mark.slow
def test_the_example_of_the_description_is_answered(client):
    described = client.get("/openapi.json").json()["components"]["schemas"]["AllowanceRequest"]
    (example,) = described["examples"]
    assert answer_of(client.post("/v1/allowance", json=example))["gross_total"] == "200.00"
