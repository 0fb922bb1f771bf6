"""Asks every endpoint what its description allows, and what it does not, as one user, and checks every answer."""

from collections.abc import Iterator

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def explore(app: FastAPI, *, token: str, examples: int) -> Iterator[str]:
    """Ask every endpoint of an app, and give the names of those that were asked.

    Parameters
    ----------
    token : of who asks; empty = a stranger.
    examples : requests to each endpoint.

    Raises
    ------
    AssertionError
        When an answer is a fault of the service, or not as described.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for result in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers=headers)

        ask()
        yield operation.label
