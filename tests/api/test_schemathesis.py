"""Whatever is sent to whatever endpoint, by whom: an answer as described, and never a fault of the service.

A few requests each here; `make soak` sends many.
"""

import pytest

from tests.api.exploring import explore
from tests.api.kept import ROLES, small
from tests.people import join

__all__ = ["small"]


def token_of(client):
    return client.headers["Authorization"].removeprefix("Bearer ")


@pytest.mark.slow
def test_somebody_with_every_role_gets_answers_as_described(small):
    everybody = join(small.app, *ROLES, login="everybody", authority="credit manager")
    asked = set(explore(small.app, token=token_of(everybody), examples=4))
    assert len(asked) > 30


# What a role may ask for is part of what everybody with every role asks for, of both databases.
@pytest.mark.slow
@pytest.mark.parametrize("small", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["", *ROLES])
def test_each_role_gets_answers_as_described(small, role):
    token = token_of(small.people[role]) if role else ""
    assert len(set(explore(small.app, token=token, examples=1))) > 30
