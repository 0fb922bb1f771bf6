"""Many requests to every endpoint, by a user of every role: answers as described, and never a fault of the service."""

import pytest

from tests.api.exploring import explore
from tests.api.kept import ROLES, small
from tests.people import join

__all__ = ["small"]

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("role", ["everybody", *ROLES])
def test_whatever_is_sent_is_answered_as_described(small, role):
    roles = ROLES if role == "everybody" else (role,)
    client = join(small.app, *roles, login="explorer", authority="credit manager")
    token = client.headers["Authorization"].removeprefix("Bearer ")
    assert len(set(explore(small.app, token=token, examples=60 if role == "everybody" else 15))) > 30
