"""Users and keys: adding, changing, erasing; each is an entry of the record of who may what."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from arrisk.errors import AccessError, InputError, MissingError, nearest
from arrisk.policy import Policy
from arrisk.policy.access import PERMISSIONS
from arrisk.records import Entry
from arrisk.store import Database, people, sessions
from arrisk.store.moments import write_moment
from arrisk.store.people import Password, User
from arrisk.store.records import TableRecords
from arrisk.store.sessions import ApiKey
from arrisk.uses.passwords import hash_password, require_password

RECORD: Final = "access/main"
"""The record of who may what."""

KEY_MARK: Final = "arrisk_"
"""How a key begins, so that one that leaked can be recognised."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_SHOWN = 12


@dataclass(frozen=True)
class Accounts:
    """Where users stand, and the rules for them.

    Parameters
    ----------
    database : holds them.
    policy : says what roles there are.
    """

    database: Database
    policy: Policy

    def record(self, action: str, *, by: str, **content: object) -> None:
        """Add an act to the record of who may what."""
        entry = Entry(at=write_moment(datetime.now(UTC)), by=by, action=action, content=content)
        TableRecords(self.database).append_drafted(RECORD, lambda _: [entry])


def add_user(accounts: Accounts, user: User, *, password: str | None, by: str, is_temporary: bool = True) -> User:
    """Add a user.

    Parameters
    ----------
    user : login, display_name, roles, authority and entities count.
    password : the first one; None = the user cannot sign in, and works by keys alone.
    by : who adds.
    is_temporary : whether the user has to change the password first.

    Raises
    ------
    InputError
        When the login is taken or cannot be one, a role does not exist, or the password will not do.
    """
    if not is_login(user.login):
        hint = "2 to 64 of a-z, 0-9, '.', '_', '-', such as ana.w; it stays in the records for good"
        raise InputError(f"'{user.login}' cannot be a login", where="login", hint=hint)
    now = datetime.now(UTC)
    added = replace(
        _require_known(user, accounts.policy),
        user_id=uuid4().hex, version=1, is_active=True, is_erased=False, changed_at=write_moment(now), changed_by=by,
    )  # fmt: skip
    held = None
    if password is not None:
        held = hash_password(require_password(password, login=user.login, policy=accounts.policy.access))
    with accounts.database.together():
        with accounts.database.write() as connection:
            people.add_user(connection, added)
            if held is not None:
                people.set_password(connection, added.user_id, Password(held, is_temporary), now=now)
        accounts.record("add_user", by=by, **_tell(added))
    return added


def change_user(accounts: Accounts, changed: User, *, by: str, by_id: str = "") -> User:
    """Change a user's name, roles, authority, entities, or whether he may sign in.

    Parameters
    ----------
    changed : the user as he is to be; ``version`` is the one that was read.
    by, by_id : who changes: the name for the record, and the user's id where it is a user.

    Raises
    ------
    AccessError
        When it is the user himself: nobody gives himself a role.
    ChangedError
        When somebody else changed the user meanwhile.
    InputError
        When a role does not exist, or the user was erased.
    """
    if by_id == changed.user_id:
        raise AccessError("nobody changes what he may do himself", hint="somebody else with users.write")
    now = datetime.now(UTC)
    following = replace(
        _require_known(changed, accounts.policy),
        version=changed.version + 1, changed_at=write_moment(now), changed_by=by,
    )  # fmt: skip
    with accounts.database.together():
        with accounts.database.write() as connection:
            before = people.find_user(connection, user_id=changed.user_id)
            if before is None or before.is_erased:
                raise MissingError(f"there is no user '{changed.login}'", where="user")
            people.change_user(connection, following)
            if not following.is_active:
                sessions.revoke_sessions(connection, following.user_id, now=now)
        accounts.record("change_user", by=by, **_tell(following))
    return following


def set_password(accounts: Accounts, user: User, password: str, *, by: str, is_temporary: bool, keep: str = "") -> None:
    """Set a user's password, forget failed sign-ins, and end the sign-ins there are.

    Parameters
    ----------
    keep : the sign-in that goes on.

    Raises
    ------
    InputError
        When the password will not do.
    """
    held = hash_password(require_password(password, login=user.login, policy=accounts.policy.access))
    now = datetime.now(UTC)
    with accounts.database.together():
        with accounts.database.write() as connection:
            people.set_password(connection, user.user_id, Password(held, is_temporary), now=now)
            sessions.revoke_sessions(connection, user.user_id, now=now, but=keep)
            sessions.forget_attempts(connection, user.login)
        accounts.record("set_password", by=by, user_id=user.user_id, login=user.login)


def erase_user(accounts: Accounts, user: User, *, by: str, by_id: str = "") -> User:
    """Forget the person behind a user: name, password, sign-ins and keys. The login stays where it stands in records.

    Raises
    ------
    AccessError
        When it is the user himself.
    """
    if by_id == user.user_id:
        raise AccessError("nobody erases himself", hint="somebody else with users.write")
    now = datetime.now(UTC)
    erased = replace(
        user, version=user.version + 1, display_name="", roles=(), authority="", entities=(), is_active=False,
        is_erased=True, changed_at=write_moment(now), changed_by=by,
    )  # fmt: skip
    with accounts.database.together():
        with accounts.database.write() as connection:
            people.change_user(connection, erased)
            sessions.revoke_keys(connection, user_id=user.user_id, now=now)
            sessions.forget_attempts(connection, user.login)
            people.forget_person(connection, user.user_id)
        accounts.record("erase_user", by=by, user_id=user.user_id, login=user.login)
    return erased


def list_logins(accounts: Accounts, permission: str) -> list[str]:
    """List the logins of those who may sign in and have a permission by one of their roles."""
    roles = {role.name for role in accounts.policy.access.roles if permission in role.permissions}
    with accounts.database.read() as connection:
        found = people.list_users(connection)
    return [user.login for user in found if user.is_active and not roles.isdisjoint(user.roles)]


def require_user(accounts: Accounts, *, user_id: str = "", login: str = "") -> User:
    """Find a user who was not erased.

    Raises
    ------
    MissingError
        When there is none.
    """
    with accounts.database.read() as connection:
        found = people.find_user(connection, user_id=user_id, login=login)
    if found is None or found.is_erased:
        raise MissingError(f"there is no user '{user_id or login}'", hint="`arrisk user list`, or GET /v1/users")
    return found


def make_key(
    accounts: Accounts, owner: User, *, name: str, scopes: tuple[str, ...], days: int | None, by: str
) -> tuple[ApiKey, str]:
    """Make a key for a program, and give it with its secret, which nobody can be told again.

    Parameters
    ----------
    owner : who answers for it; it may do what both the scopes and the owner's roles allow.
    days : after which it ends; None = as the policy says.

    Raises
    ------
    InputError
        When there is no such permission, only a person may have it, or the owner has not.
    """
    policy = accounts.policy.access
    for scope in scopes:
        _require_scope(scope, owner, accounts.policy)
    if not scopes:
        raise InputError("a key without scopes opens nothing", where="scopes", hint="such as score.stateless")
    if not 1 <= (days or policy.key_days) <= policy.key_days:
        raise InputError(f"{days} days", where="days", hint=f"1 to {policy.key_days}, as the policy says")
    now, secret = datetime.now(UTC), KEY_MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        key_id=uuid4().hex, prefix=secret[:_SHOWN], name=name, user_id=owner.user_id, scopes=tuple(sorted(set(scopes))),
        made_at=write_moment(now), expires_at=write_moment(now + timedelta(days=days or policy.key_days)),
    )  # fmt: skip
    with accounts.database.together():
        with accounts.database.write() as connection:
            sessions.add_key(connection, key, secret)
        facts = {"key_id": key.key_id, "scopes": list(key.scopes), "expires_at": key.expires_at}
        accounts.record("make_key", by=by, user_id=owner.user_id, login=owner.login, **facts)
    return key, secret


def revoke_key(accounts: Accounts, key_id: str, *, by: str, owner_id: str = "") -> None:
    """Revoke a key; one that was revoked before stays so.

    Parameters
    ----------
    owner_id : whose it has to be; empty = anybody's.

    Raises
    ------
    MissingError
        When there is none.
    """
    with accounts.database.together():
        with accounts.database.write() as connection:
            found = sessions.find_key(connection, key_id=key_id)
            if found is None or (owner_id and found.user_id != owner_id):
                raise MissingError(f"there is no key '{key_id}'", hint="`arrisk key list`, or GET /v1/keys")
            count = sessions.revoke_keys(connection, key_id=key_id, now=datetime.now(UTC))
        if count:
            accounts.record("revoke_key", by=by, key_id=key_id, user_id=found.user_id)


def is_login(text: str) -> bool:
    """Say whether a text can be a login.

    Examples
    --------
    >>> is_login("ana.w"), is_login("Ana"), is_login("ana@example.com")
    (True, False, False)
    """
    return _LOGIN.fullmatch(text) is not None


def _require_known(user: User, policy: Policy) -> User:
    """Give a user back whose roles, authority and entities can be."""
    if not user.roles:
        names = ", ".join(role.name for role in policy.access.roles)
        raise InputError("a user without roles may do nothing", where="roles", hint=f"one of: {names}")
    for name in user.roles:
        policy.access.require_role(name)
    known = [role.name for role in policy.authority.roles]
    if user.authority and user.authority not in known:
        hint = nearest(user.authority, known)
        raise InputError(f"there is no authority '{user.authority}'", where="authority", hint=hint)
    return replace(user, roles=tuple(sorted(set(user.roles))), entities=tuple(sorted(set(user.entities))))


def _require_scope(scope: str, owner: User, policy: Policy) -> None:
    if scope not in PERMISSIONS:
        raise InputError(f"there is no permission '{scope}'", where="scopes", hint=nearest(scope, PERMISSIONS))
    if scope in policy.access.people_only:
        raise InputError(f"'{scope}' is for people, not for keys", where="scopes", hint="sign in with a password")
    if scope not in policy.access.list_permissions(owner.roles):
        raise InputError(f"'{owner.login}' has no '{scope}' to hand on", where="scopes", hint="a role that allows it")


def _tell(user: User) -> dict[str, Any]:
    """Say of a user what the record keeps for good, which no name is."""
    names = ("user_id", "login", "authority", "is_active")
    return {name: getattr(user, name) for name in names} | {"roles": list(user.roles), "entities": list(user.entities)}
