"""Sign-ins and their tokens, and the keys of programs. What is secret is held as its SHA-256 alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from arrisk.store.locks import lock
from arrisk.store.moments import read_moment, write_moment
from arrisk.store.tables import API_KEYS, SESSIONS, SIGN_INS, TOKENS

Kind = Literal["access", "refresh"]


@dataclass(frozen=True)
class Token:
    """What is known of a token.

    Parameters
    ----------
    session_id, user_id : the sign-in that it belongs to, and whose.
    is_good : it has neither expired nor been revoked with its sign-in.
    is_used : a refresh token that was exchanged.
    """

    session_id: str
    user_id: str
    ends_at: datetime
    is_good: bool
    is_used: bool


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A program's key, without the secret."""

    key_id: str
    prefix: str
    name: str
    user_id: str
    scopes: tuple[str, ...]
    made_at: str
    expires_at: str
    revoked_at: str | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and read_moment(self.expires_at) > now


def hash_secret(secret: str) -> str:
    """Give what is held of a secret; it is long and random, so that a plain hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


def count_attempt(connection: Connection, login: str, *, now: datetime, within: timedelta) -> list[datetime]:
    """Count an attempt to sign in as failed until it succeeds, and give those of the last while, the newest last."""
    named = hash_secret(login)
    lock(connection, f"sign_ins/{named}")
    connection.execute(delete(SIGN_INS).where(SIGN_INS.c.at <= write_moment(now - within)))
    query = select(SIGN_INS.c.at).where(SIGN_INS.c.login_sha256 == named).order_by(SIGN_INS.c.at)
    earlier = [read_moment(at) for at in connection.execute(query).scalars()]
    row = {"sign_in_id": uuid4().hex, "login_sha256": named, "at": write_moment(now)}
    connection.execute(insert(SIGN_INS), [row])
    return earlier


def forget_attempts(connection: Connection, login: str) -> None:
    """Forget the failed sign-ins of a login."""
    connection.execute(delete(SIGN_INS).where(SIGN_INS.c.login_sha256 == hash_secret(login)))


def start_session(connection: Connection, user_id: str, *, now: datetime, ends_at: datetime) -> str:
    """Start a sign-in, and give its id; those that ended long ago are forgotten."""
    past = select(SESSIONS.c.session_id).where(SESSIONS.c.ends_at <= write_moment(now))
    connection.execute(delete(TOKENS).where(TOKENS.c.session_id.in_(past)))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.ends_at <= write_moment(now)))
    session_id = uuid4().hex
    row = {"session_id": session_id, "user_id": user_id, "made_at": write_moment(now), "ends_at": write_moment(ends_at)}
    connection.execute(insert(SESSIONS), [row])
    return session_id


def add_token(connection: Connection, token: str, *, session_id: str, kind: Kind, expires_at: datetime) -> None:
    """Keep a token of a sign-in."""
    row = {
        "token_sha256": hash_secret(token),
        "session_id": session_id,
        "kind": kind,
        "expires_at": write_moment(expires_at),
    }
    connection.execute(insert(TOKENS), [row])


def find_token(connection: Connection, token: str, *, kind: Kind, now: datetime) -> Token | None:
    """Find a token."""
    query = (
        select(TOKENS, SESSIONS.c.user_id, SESSIONS.c.ends_at, SESSIONS.c.revoked_at)
        .join(SESSIONS, TOKENS.c.session_id == SESSIONS.c.session_id)
        .where(TOKENS.c.token_sha256 == hash_secret(token), TOKENS.c.kind == kind)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    is_good = row.revoked_at is None and read_moment(row.expires_at) > now
    return Token(row.session_id, row.user_id, read_moment(row.ends_at), is_good, row.used_at is not None)


def use_token(connection: Connection, token: str, *, now: datetime) -> bool:
    """Use up a refresh token; False = it was used before."""
    fresh = (TOKENS.c.token_sha256 == hash_secret(token)) & TOKENS.c.used_at.is_(None)
    return connection.execute(update(TOKENS).where(fresh).values(used_at=write_moment(now))).rowcount == 1


def revoke_session(connection: Connection, session_id: str, *, now: datetime) -> None:
    """End a sign-in with all its tokens."""
    _revoke(connection, SESSIONS.c.session_id == session_id, now)


def revoke_sessions(connection: Connection, user_id: str, *, now: datetime, but: str = "") -> None:
    """End every sign-in of a user.

    Parameters
    ----------
    but : the one that goes on.
    """
    _revoke(connection, (SESSIONS.c.user_id == user_id) & (SESSIONS.c.session_id != but), now)


def add_key(connection: Connection, key: ApiKey, secret: str) -> None:
    """Keep a key."""
    row = {**vars(key), "scopes": json.dumps(key.scopes), "key_sha256": hash_secret(secret)}
    connection.execute(insert(API_KEYS), [row])


def find_key(connection: Connection, *, key_id: str) -> ApiKey | None:
    """Find a key by its id."""
    row = connection.execute(select(API_KEYS).where(API_KEYS.c.key_id == key_id)).mappings().first()
    return _to_key(row) if row else None


def list_keys(connection: Connection, *, user_id: str = "", after: str = "", limit: int = 1000) -> list[ApiKey]:
    """List keys by id, those behind one; of one user, or of all."""
    query = select(API_KEYS).where(API_KEYS.c.key_id > after).order_by(API_KEYS.c.key_id).limit(limit)
    if user_id:
        query = query.where(API_KEYS.c.user_id == user_id)
    return [_to_key(row) for row in connection.execute(query).mappings()]


def revoke_keys(connection: Connection, *, now: datetime, key_id: str = "", user_id: str = "") -> int:
    """Revoke one key, or all of a user's, and say how many were good until now."""
    chosen = API_KEYS.c.key_id == key_id if key_id else API_KEYS.c.user_id == user_id
    query = update(API_KEYS).where(chosen & API_KEYS.c.revoked_at.is_(None)).values(revoked_at=write_moment(now))
    return connection.execute(query).rowcount


def count_sessions(connection: Connection, *, now: datetime) -> int:
    """Count the sign-ins that last."""
    lasting = SESSIONS.c.revoked_at.is_(None) & (SESSIONS.c.ends_at > write_moment(now))
    return connection.execute(select(func.count()).select_from(SESSIONS).where(lasting)).scalar_one()


def _revoke(connection: Connection, chosen: ColumnElement[bool], now: datetime) -> None:
    query = update(SESSIONS).where(chosen & SESSIONS.c.revoked_at.is_(None)).values(revoked_at=write_moment(now))
    connection.execute(query)


def _to_key(row: Mapping[Any, Any]) -> ApiKey:
    known = {name: value for name, value in row.items() if name != "key_sha256"}
    return ApiKey(**{**known, "scopes": tuple(json.loads(row["scopes"]))})
