"""The client: signed in for as long as it works, through all pages, each write once, refusals with their hint."""

import httpx2
import pytest

from api.client import Client, ServiceError
from api.schemas.access import CallerAnswer
from api.schemas.base import State
from api.schemas.close import CloseAnswer
from tests.api.kept import SMALL, small
from tests.people import WORDS, make_user

__all__ = ["small"]


def test_an_access_token_that_is_no_good_any_more_is_renewed(small):
    make_user(small.database, "ana", "finance")
    client = Client(small.stranger)
    client.sign_in("ana", WORDS)
    client._access = "expired"
    assert client.get("/v1/me", CallerAnswer).login == "ana"
    client.sign_out()
    with pytest.raises(ServiceError) as refused:
        client.get("/v1/me", CallerAnswer)
    assert (refused.value.status, refused.value.problem.type) == (401, "urn:arrisk:problem:sign-in")
    assert "/v1/session" in refused.value.hint


@pytest.mark.slow
def test_a_write_with_the_same_key_is_done_once(small):
    client = Client(small.people["finance"])
    body = {"period_end": "2024-04-30", "entity": "north", "method": "matrix"}
    first, second = (client.post("/v1/closes", CloseAnswer, body, key="k", ledger=SMALL) for _ in range(2))
    assert first == second
    with pytest.raises(ServiceError, match="another request"):
        client.post("/v1/closes", CloseAnswer, {**body, "entity": "south"}, key="k", ledger=SMALL)


class Flaky(httpx2.MockTransport):
    """A connection that breaks some times, and notes what was sent."""

    def __init__(self, breaks):
        self.left, self.sent = breaks, []
        super().__init__(self.answer)

    def answer(self, request):
        self.sent.append(request)
        if self.left:
            self.left -= 1
            raise httpx2.ConnectError("gone")
        return httpx2.Response(200, json={"status": "live"})


def test_a_broken_connection_is_tried_again_with_the_same_key():
    transport = Flaky(2)
    client = Client(httpx2.Client(base_url="http://service", transport=transport), key="arrisk_x")
    assert client.post("/v1/anything", State, {"a": 1}).status == "live"
    assert len({request.headers["Idempotency-Key"] for request in transport.sent}) == 1
    assert {request.headers["X-API-Key"] for request in transport.sent} == {"arrisk_x"}
    assert len(transport.sent) == 3


def test_a_service_that_is_gone_is_not_asked_for_ever():
    transport = Flaky(99)
    with pytest.raises(httpx2.ConnectError):
        Client(httpx2.Client(base_url="http://service", transport=transport)).get("/health/live", State)
    assert len(transport.sent) == 3


def test_an_answer_that_is_no_problem_body_is_an_error_too():
    http = httpx2.Client(
        base_url="http://x", transport=httpx2.MockTransport(lambda _: httpx2.Response(502, text="<html>"))
    )
    with pytest.raises(ServiceError, match="<html>") as refused:
        Client(http).get("/health/live", State)
    assert refused.value.status == 502
