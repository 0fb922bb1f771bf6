"""Completes /openapi.json: an example for every body and answer, and the refusals that many endpoints share."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from api.errors import problem_responses
from api.examples import Plain, compose_example
from api.idempotency import HEADER

_JSON = "application/json"


class DescribedApp(FastAPI):
    """A service that says of itself what FastAPI does, completed; written when it is first asked for."""

    def openapi(self) -> dict[str, Any]:
        """Give the description."""
        if not self.openapi_schema:
            self.openapi_schema = _complete(super().openapi())
        return self.openapi_schema


def _complete(described: dict[str, Any]) -> dict[str, Any]:
    models = described.get("components", {}).get("schemas", {})
    for operations in described["paths"].values():
        for operation in operations.values():
            _add_examples(operation, models)
            for status, answer in problem_responses(*_list_shared(operation)).items():
                operation["responses"].setdefault(str(status), answer)
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return described


def _add_examples(operation: Plain, models: Plain) -> None:
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for part in (*bodies, *answers):
        content: dict[str, Any] | None = part.get("content", {}).get(_JSON)
        if content is not None:
            content["example"] = compose_example(content["schema"], models)


def _list_shared(operation: Plain) -> list[HTTPStatus]:
    """List the refusals that follow from what an endpoint takes."""
    headers = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}
    shared = []
    if "security" in operation:
        shared += [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE]
    if HEADER in headers:
        shared.append(HTTPStatus.CONFLICT)
    if "requestBody" in operation:
        shared += [HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE]
    return shared
