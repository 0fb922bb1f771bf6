"""Who uses the service: users by versions, of which the last counts, and their passwords."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from arrisk.errors import ChangedError, InputError
from arrisk.store.locks import lock
from arrisk.store.moments import read_moment, write_moment
from arrisk.store.sessions import hash_secret
from arrisk.store.tables import API_KEYS, PASSWORDS, SAVED_VIEWS, SESSIONS, TOKENS, USERS

_NAMES: Final = tuple(column.name for column in USERS.c)
_LATER: Final = USERS.alias()
_LAST: Final = select(func.max(_LATER.c.version)).where(_LATER.c.user_id == USERS.c.user_id).scalar_subquery()

# Made once: to put a query together takes longer than to ask it, and each request asks.
_BY_KEY: Final = (
    select(USERS, *(API_KEYS.c[name] for name in ("key_id", "scopes", "expires_at")))
    .select_from(API_KEYS)
    .join(USERS, (USERS.c.user_id == API_KEYS.c.user_id) & (USERS.c.version == _LAST))
    .where(API_KEYS.c.key_sha256 == bindparam("sha256"), API_KEYS.c.revoked_at.is_(None), USERS.c.is_active)
)
_BY_TOKEN: Final = (
    select(USERS, SESSIONS.c.session_id, PASSWORDS.c.is_temporary)
    .select_from(TOKENS)
    .join(SESSIONS, TOKENS.c.session_id == SESSIONS.c.session_id)
    .join(USERS, (USERS.c.user_id == SESSIONS.c.user_id) & (USERS.c.version == _LAST))
    .join(PASSWORDS, PASSWORDS.c.user_id == SESSIONS.c.user_id)
    .where(TOKENS.c.token_sha256 == bindparam("sha256"), TOKENS.c.kind == "access")
    .where(TOKENS.c.expires_at > bindparam("now"), SESSIONS.c.revoked_at.is_(None), USERS.c.is_active)
)


@dataclass(frozen=True, kw_only=True)
class User:
    """One user, as last changed.

    Parameters
    ----------
    user_id : given once, says nothing.
    version : 1, and one more with each change.
    login : how the user signs in, and who he is in the records; lower case.
    display_name : the person's own, for the eyes of colleagues; empty once erased.
    roles : of the policy's ``access``.
    authority : the role of the policy's ``authority``; empty = decides on no amount.
    entities : the selling companies that the user may see; empty = all.
    is_active, is_erased : whether the user may sign in; whether the person is gone for good.
    changed_at, changed_by : the last change.
    """

    user_id: str
    version: int = 1
    login: str
    display_name: str = ""
    roles: tuple[str, ...] = ()
    authority: str = ""
    entities: tuple[str, ...] = ()
    is_active: bool = True
    is_erased: bool = False
    changed_at: str = ""
    changed_by: str = ""


@dataclass(frozen=True)
class Password:
    """How a user proves who he is."""

    hash: str
    is_temporary: bool


def add_user(connection: Connection, user: User) -> None:
    """Add the first version of a user.

    Raises
    ------
    InputError
        When the login was given before, to whomever.
    """
    lock(connection, f"users/{user.login}")
    if connection.execute(select(USERS.c.login).where(USERS.c.login == user.login)).first():
        raise InputError(f"the login '{user.login}' is taken", where="login", hint="another; none is given twice")
    connection.execute(insert(USERS), [_to_row(user)])


def change_user(connection: Connection, user: User) -> None:
    """Add the next version of a user; ``user.version`` says which it is.

    Raises
    ------
    ChangedError
        When somebody else changed the user meanwhile.
    """
    lock(connection, f"users/{user.login}")
    last = connection.execute(select(func.max(USERS.c.version)).where(USERS.c.user_id == user.user_id)).scalar_one()
    if last != user.version - 1:
        raise ChangedError(f"'{user.login}' was changed meanwhile", where="If-Match", hint="read it again")
    connection.execute(insert(USERS), [_to_row(user)])


def find_user(connection: Connection, *, user_id: str = "", login: str = "") -> User | None:
    """Find a user by id or by login."""
    chosen = USERS.c.user_id == user_id if user_id else USERS.c.login == login
    query = select(USERS).where(chosen).order_by(USERS.c.version.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return _to_user(row) if row else None


def list_users(connection: Connection, *, after: str = "", limit: int = 1000) -> list[User]:
    """List users by login, those behind one."""
    query = _select_last().where(USERS.c.login > after).order_by(USERS.c.login).limit(limit)
    return [_to_user(row) for row in connection.execute(query).mappings()]


def count_users(connection: Connection) -> int:
    """Count users that may sign in."""
    last = _select_last().subquery()
    return connection.execute(select(func.count()).select_from(last).where(last.c.is_active)).scalar_one()


def forget_person(connection: Connection, user_id: str) -> None:
    """Take the person out of every version of a user, all that the user could sign in with, and what he filtered."""
    connection.execute(update(USERS).where(USERS.c.user_id == user_id).values(display_name=""))
    connection.execute(delete(PASSWORDS).where(PASSWORDS.c.user_id == user_id))
    own = select(SESSIONS.c.session_id).where(SESSIONS.c.user_id == user_id)
    connection.execute(delete(TOKENS).where(TOKENS.c.session_id.in_(own)))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id))
    connection.execute(update(API_KEYS).where(API_KEYS.c.user_id == user_id).values(name=""))
    connection.execute(delete(SAVED_VIEWS).where(SAVED_VIEWS.c.user_id == user_id))


def set_password(connection: Connection, user_id: str, password: Password, *, now: datetime) -> None:
    """Replace a user's password."""
    lock(connection, f"passwords/{user_id}")
    connection.execute(delete(PASSWORDS).where(PASSWORDS.c.user_id == user_id))
    row = {**vars(password), "user_id": user_id, "set_at": write_moment(now)}
    connection.execute(insert(PASSWORDS), [row])


def find_password(connection: Connection, user_id: str) -> Password | None:
    """Find a user's password."""
    query = select(PASSWORDS.c.hash, PASSWORDS.c.is_temporary).where(PASSWORDS.c.user_id == user_id)
    row = connection.execute(query).first()
    return Password(row.hash, row.is_temporary) if row else None


def find_bearer(connection: Connection, token: str, *, now: datetime) -> tuple[User, str, bool] | None:
    """Find whose access token it is, in one query, since each request asks.

    Returns
    -------
    user, session_id, is_temporary
        The last says whether somebody else set the password; None = the token is not good, or the user shut out.
    """
    sent = {"sha256": hash_secret(token), "now": write_moment(now)}
    row = connection.execute(_BY_TOKEN, sent).mappings().first()
    if row is None:
        return None
    return _to_user({name: row[name] for name in _NAMES}), row["session_id"], row["is_temporary"]


def find_program(connection: Connection, secret: str, *, now: datetime) -> tuple[User, str, tuple[str, ...]] | None:
    """Find whose key it is, in one query, since each request asks.

    Returns
    -------
    user, key_id, scopes
        None = the key is not good, or the user shut out.
    """
    row = connection.execute(_BY_KEY, {"sha256": hash_secret(secret)}).mappings().first()
    if row is None or read_moment(row["expires_at"]) <= now:
        return None
    return _to_user({name: row[name] for name in _NAMES}), row["key_id"], tuple(json.loads(row["scopes"]))


def _select_last() -> Select[Any]:
    last = select(USERS.c.user_id, func.max(USERS.c.version).label("version")).group_by(USERS.c.user_id).subquery()
    return select(USERS).join(last, (USERS.c.user_id == last.c.user_id) & (USERS.c.version == last.c.version))


def _to_row(user: User) -> dict[str, Any]:
    return {**vars(user), "roles": json.dumps(user.roles), "entities": json.dumps(user.entities)}


def _to_user(row: Mapping[Any, Any]) -> User:
    lists = {name: tuple(json.loads(row[name])) for name in ("roles", "entities")}
    return User(**{**row, **lists})
