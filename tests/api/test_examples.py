"""What /openapi.json says of every endpoint: what it is for, an example that is true to its form, and its refusals."""

import jsonschema_rs
import pytest

from api.errors import MEDIA_TYPE
from api.main import create_app

UNGUARDED = {"/health/live", "/health/ready", "/health/version", "/health/metrics"}
OPENED = {"/v1/session", "/v1/session/refresh"}


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    return create_app(tmp_path_factory.mktemp("home")).openapi()


def list_operations(described):
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", path, method, operation


def test_every_endpoint_says_what_it_is_for(described):
    for name, _, _, operation in list_operations(described):
        assert operation["summary"], name
        assert operation["description"].endswith((".", "?")), name
        assert operation["tags"], name


@pytest.mark.slow
def test_every_body_and_answer_that_is_json_has_an_example_of_its_form(described):
    schemas = {"components": described["components"]}
    for name, _, _, operation in list_operations(described):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        for part in (*bodies, *answers):
            content = part.get("content", {}).get("application/json")
            if content is None:
                continue
            validator = jsonschema_rs.Draft202012Validator({**content["schema"], **schemas}, validate_formats=True)
            problems = [str(problem) for problem in validator.iter_errors(content["example"])]
            assert not problems, (name, content["example"], problems)


def test_every_guarded_endpoint_describes_its_refusals_as_problems(described):
    for name, path, _, operation in list_operations(described):
        refusals = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
        for code, answer in refusals.items():
            assert set(answer["content"]) == {MEDIA_TYPE}, (name, code)
        if path not in UNGUARDED | OPENED:
            assert operation["security"], name
            assert {"401", "403"} <= set(refusals), name
