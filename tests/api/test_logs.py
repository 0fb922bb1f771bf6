"""What the service writes down: every request by its id and route, and nobody's data."""

import io
import json
import logging

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from api.logs import JsonFormatter, PlainFormatter, configure_logs, describe_fault
from api.main import create_app
from api.requests import HEADER
from arrisk.errors import PolicyError


@pytest.fixture
def written():
    """Give a function that reads the lines logged so far; all levels are kept."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    handler.setFormatter(JsonFormatter())
    # What the tests' own client says of its requests is not the service's.
    handler.addFilter(lambda record: not record.name.startswith("http"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("arrisk").setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in text.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
    logging.getLogger("arrisk").setLevel(logging.NOTSET)


@pytest.fixture
def asked(home):
    """Give a client of a service that also has a door that fails."""
    app = create_app(home)

    @app.get("/v1/broken/{customer_id}")
    def fail(customer_id: str) -> None:
        try:
            {}["Alder Ltd"]
        except KeyError as error:
            raise ValueError(f"no such customer: {customer_id}") from error

    return TestClient(app, raise_server_exceptions=False)


def of_requests(lines):
    return [line for line in lines if line["logger"] == "arrisk.requests"]


def test_a_request_is_one_line_with_its_id_route_status_and_time(asked, written):
    answer = asked.get("/health/live", headers={HEADER: "batch-2024-07"})
    (line,) = of_requests(written())
    assert answer.headers[HEADER] == line["request_id"] == "batch-2024-07"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/health/live", 200)
    assert 0 <= line["duration_ms"] < 60_000
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "<script>alert</script>", "a b c d e f g", "né-é-é-é-é"])
def test_an_id_that_is_not_well_formed_is_replaced(asked, given):
    made = asked.get("/health/live", headers={HEADER: given.encode()}).headers[HEADER]
    assert made != given
    assert len(made) == 32
    assert asked.get("/health/live").headers[HEADER] != made


def test_paths_queries_and_bodies_are_not_written_down(asked, written):
    asked.get("/v1/Alder%20Ltd?name=Birch")
    asked.get("/v1/customers/Alder%20Ltd?name=Birch")
    asked.post("/v1/score", json={"name": "Cedar GmbH", "currency": "EUR"})
    lines = of_requests(written())
    assert [line["route"] for line in lines] == ["unmatched", "/v1/customers/{customer_id:path}", "/v1/score"]
    assert all(word not in json.dumps(written()) for word in ("Alder", "Birch", "Cedar"))


def test_a_fault_is_written_with_its_place_and_id_and_without_its_text(asked, written):
    answer = asked.get("/v1/broken/Alder%20Ltd", headers={HEADER: "case-00000001"})
    assert answer.status_code == 500
    assert answer.headers[HEADER] == "case-00000001"
    (line,) = of_requests(written())
    assert (line["request_id"], line["level"], line["status"]) == ("case-00000001", "error", 500)
    assert line["route"] == "/v1/broken/{customer_id}"
    assert line["fault"].index("KeyError") < line["fault"].index("ValueError")
    assert f"{__file__}:" in line["fault"]
    assert "Alder" not in json.dumps(written())


def test_who_calls_is_written_by_the_id_that_was_found_out(home, written):
    app = create_app(home)

    @app.get("/v1/whoever")
    def answer(request: Request) -> None:
        request.state.caller_id = "7f"

    TestClient(app).get("/v1/whoever")
    assert of_requests(written())[0]["caller"] == "7f"


def test_our_own_errors_say_their_text_and_others_only_at_debug(monkeypatch):
    assert describe_fault(PolicyError("no such role")) == "PolicyError: no such role"
    assert describe_fault(ValueError("Alder Ltd")) == "ValueError"
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    logging.getLogger().manager._clear_cache()
    assert describe_fault(ValueError("Alder Ltd")) == "ValueError: Alder Ltd"
    logging.getLogger().manager._clear_cache()


def test_a_person_at_a_terminal_reads_plain_lines():
    record = logging.LogRecord("arrisk.requests", logging.INFO, "", 0, "answered", None, None)
    record.status, record.route = 200, "/v1/score"
    assert PlainFormatter().format(record).endswith("info arrisk.requests: answered route=/v1/score status=200")


@pytest.mark.parametrize(("form", "is_json"), [("json", True), ("plain", False), ("auto", True)])
def test_the_form_is_as_told_and_json_where_nobody_reads_along(form, is_json, monkeypatch, capsys):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    configure_logs("warning", form)
    logging.getLogger("arrisk.service").warning("a model cannot be used")
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
    logging.getLogger("uvicorn.access").info("GET /v1/customers/Alder")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("{") is is_json
    assert "a model cannot be used" in line
