"""Answers to requests that changed something, kept for a day, so that a request sent twice is done once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from arrisk.store.locks import lock
from arrisk.store.moments import write_moment
from arrisk.store.tables import ANSWERS

_KEPT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered to a request.

    Parameters
    ----------
    request_sha256 : of all that the request said.
    body : None = it held a secret and was not kept.
    """

    request_sha256: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None


def find_answer(connection: Connection, *, caller_id: str, key: str, now: datetime) -> Answer | None:
    """Find what a caller's request of this key was answered; None = it was not yet, or longer ago."""
    own = (ANSWERS.c.caller_id == caller_id) & (ANSWERS.c.idempotency_key == key)
    fresh = ANSWERS.c.at > write_moment(now - _KEPT)
    row = connection.execute(select(ANSWERS).where(own & fresh)).first()
    if row is None:
        return None
    body = None if row.body is None else bytes(row.body)
    return Answer(request_sha256=row.request_sha256, status=row.status, headers=json.loads(row.headers), body=body)


def claim_answer(connection: Connection, *, caller_id: str, key: str, now: datetime) -> Answer | None:
    """Find an answer as ``find_answer`` does; until the transaction ends nobody else gives one to this key."""
    lock(connection, f"answers/{caller_id}/{key}")
    return find_answer(connection, caller_id=caller_id, key=key, now=now)


def keep_answer(connection: Connection, answer: Answer, *, caller_id: str, key: str, now: datetime) -> None:
    """Keep an answer, and forget those that are older than a day."""
    connection.execute(delete(ANSWERS).where(ANSWERS.c.at <= write_moment(now - _KEPT)))
    row = {
        "caller_id": caller_id,
        "idempotency_key": key,
        "request_sha256": answer.request_sha256,
        "status": answer.status,
        "headers": json.dumps(dict(answer.headers)),
        "body": answer.body,
        "at": write_moment(now),
    }
    connection.execute(insert(ANSWERS), [row])
