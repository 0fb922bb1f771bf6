"""Who is calling: signing in with a password, the tokens of it, and the keys of programs."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from arrisk.acts import fold_name
from arrisk.errors import AccessError, SignInError, TooOftenError
from arrisk.policy import Policy
from arrisk.policy.access import PERMISSIONS
from arrisk.store import people, sessions
from arrisk.store.people import User
from arrisk.uses.accounts import KEY_MARK, Accounts, is_login, set_password
from arrisk.uses.passwords import is_password


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, and what he may.

    Parameters
    ----------
    user_id, login : who; acts are recorded under the login.
    display_name : for the eyes of colleagues.
    roles : of the policy's ``access``.
    permissions : what he may do now, of ``PERMISSIONS``.
    authority : the role of the policy's ``authority``; empty = decides on no amount.
    entities : the selling companies whose rows he may see; empty = all.
    session_id, key_id : how he came in; both empty = there is no sign-in at all.
    must_change_password : somebody else set it, so that nothing is allowed before it is changed.
    """

    user_id: str
    login: str
    display_name: str = ""
    roles: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    authority: str = ""
    entities: tuple[str, ...] = ()
    session_id: str = ""
    key_id: str = ""
    must_change_password: bool = False

    def require(self, *permissions: str) -> None:
        """Refuse what the caller may not do.

        Parameters
        ----------
        *permissions : one of these is enough.

        Raises
        ------
        AccessError
            When all of them are missing.
        """
        if not self.permissions.isdisjoint(permissions):
            return
        if self.must_change_password:
            hint = "POST /v1/me/password"
            raise AccessError("the password was set by somebody else and must be changed first", hint=hint)
        what = ", or ".join(f"'{permission}' is needed: {PERMISSIONS[permission]}" for permission in permissions)
        raise AccessError(what, hint="a key with that scope" if self.key_id else "a role that allows it")

    def appoint(self, policy: Policy) -> Policy:
        """Give the policy as it holds for what the caller decides: by his authority, and nobody else's."""
        return policy.appoint(self.login, role=self.authority, signs="closes.sign" in self.permissions)


OPEN: Final = Caller(user_id="", login="", permissions=frozenset({"score.stateless"}))
"""Whoever asks a service that has no database, and so neither users nor anything to see."""


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gives, once."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime
    must_change_password: bool


def sign_in(accounts: Accounts, *, login: str, password: str, now: datetime, is_browser: bool = False) -> Tokens:
    """Sign in; each attempt counts as failed until it succeeds, so that many at once are no way around the lock.

    Parameters
    ----------
    is_browser : give one token that is good until the sign-in ends: a browser keeps it where no script can read it,
        and its pages, several at a time, cannot take turns in renewing it.

    Raises
    ------
    SignInError
        When login or password are wrong, or the user may not sign in; which of these is not said.
    TooOftenError
        When it failed too often lately.
    """
    policy, login = accounts.policy.access, fold_name(login)
    within = timedelta(minutes=policy.failure_minutes)
    with accounts.database.write() as connection:
        earlier = sessions.count_attempt(connection, login, now=now, within=within)
        user = people.find_user(connection, login=login) if is_login(login) else None
        known = people.find_password(connection, user.user_id) if user and user.is_active else None
    if len(earlier) >= policy.failures_at_most:
        if user and len(earlier) == policy.failures_at_most:
            accounts.record("lock_out", by=user.login, user_id=user.user_id, login=user.login)
        wait = (earlier[-policy.failures_at_most] + within - now).total_seconds()
        raise TooOftenError("too many sign-ins failed", where="login", wait_seconds=max(1, round(wait)))
    if not is_password(password, known.hash if known else None) or user is None or known is None:
        raise SignInError("login or password are wrong", hint="whoever runs the service can set a new password")
    with accounts.database.write() as connection:
        sessions.forget_attempts(connection, login)
        ends_at = now + timedelta(minutes=policy.refresh_minutes)
        session_id = sessions.start_session(connection, user.user_id, now=now, ends_at=ends_at)
    good_until = ends_at if is_browser else now + timedelta(minutes=policy.access_minutes)
    return _give_tokens(accounts, session_id, until=(good_until, ends_at), must_change=known.is_temporary)


def refresh(accounts: Accounts, token: str, *, now: datetime) -> Tokens:
    """Exchange a refresh token for new tokens; one that was exchanged before ends the whole sign-in.

    Raises
    ------
    SignInError
        When the token is not known, has expired, was revoked or used.
    """
    with accounts.database.write() as connection:
        found = sessions.find_token(connection, token, kind="refresh", now=now)
        is_reused = found is not None and not sessions.use_token(connection, token, now=now)
        user = people.find_user(connection, user_id=found.user_id) if found else None
        password = people.find_password(connection, found.user_id) if found else None
        if found and is_reused:
            # Whoever else has it: both lose it.
            sessions.revoke_session(connection, found.session_id, now=now)
    if found and is_reused and found.is_good and user:
        accounts.record("refresh_reused", by=user.login, user_id=user.user_id, login=user.login)
    if not found or is_reused or not found.is_good or not user or not user.is_active or not password:
        raise SignInError("the refresh token is not good any more", hint="POST /v1/session")
    good_until = now + timedelta(minutes=accounts.policy.access.access_minutes)
    until = (good_until, found.ends_at)
    return _give_tokens(accounts, found.session_id, until=until, must_change=password.is_temporary)


def sign_out(accounts: Accounts, caller: Caller, *, now: datetime) -> None:
    """End the caller's sign-in."""
    with accounts.database.write() as connection:
        sessions.revoke_session(connection, caller.session_id, now=now)


def change_password(accounts: Accounts, caller: Caller, *, old: str, new: str, now: datetime) -> None:
    """Change one's own password; other sign-ins end.

    Raises
    ------
    SignInError
        When the old one is wrong.
    TooOftenError
        When it was wrong too often lately.
    InputError
        When the new one will not do.
    """
    policy = accounts.policy.access
    with accounts.database.write() as connection:
        within = timedelta(minutes=policy.failure_minutes)
        earlier = sessions.count_attempt(connection, caller.login, now=now, within=within)
        known = people.find_password(connection, caller.user_id)
        user = people.find_user(connection, user_id=caller.user_id)
    if len(earlier) >= policy.failures_at_most:
        raise TooOftenError("the password was wrong too often", where="old", wait_seconds=int(within.total_seconds()))
    if user is None or not is_password(old, known.hash if known else None):
        raise SignInError("the old password is wrong", where="old")
    set_password(accounts, user, new, by=caller.login, is_temporary=False, keep=caller.session_id)


def identify(accounts: Accounts, secret: str, *, now: datetime) -> Caller:
    """Say who comes with a token or a key.

    Raises
    ------
    SignInError
        When it is not good.
    """
    is_key = secret.startswith(KEY_MARK)
    found = _find_by_key(accounts, secret, now) if is_key else _find_by_token(accounts, secret, now)
    if found is None:
        hint = "another key" if is_key else "POST /v1/session, or /v1/session/refresh"
        raise SignInError(f"the {'key' if is_key else 'token'} is not good, or not any more", hint=hint)
    return found


def _find_by_token(accounts: Accounts, secret: str, now: datetime) -> Caller | None:
    with accounts.database.read() as connection:
        found = people.find_bearer(connection, secret, now=now)
    if found is None:
        return None
    user, session_id, is_temporary = found
    allowed = frozenset[str]() if is_temporary else accounts.policy.access.list_permissions(user.roles)
    return _describe(user, allowed, session_id=session_id, must_change=is_temporary)


def _find_by_key(accounts: Accounts, secret: str, now: datetime) -> Caller | None:
    with accounts.database.read() as connection:
        found = people.find_program(connection, secret, now=now)
    if found is None:
        return None
    user, key_id, scopes = found
    policy = accounts.policy.access
    allowed = policy.list_permissions(user.roles).intersection(scopes) - set(policy.people_only)
    return _describe(user, allowed, key_id=key_id)


def _describe(
    user: User, allowed: frozenset[str], *, session_id: str = "", key_id: str = "", must_change: bool = False
) -> Caller:
    return Caller(
        user_id=user.user_id,
        login=user.login,
        display_name=user.display_name,
        roles=user.roles,
        permissions=allowed,
        authority=user.authority,
        entities=user.entities,
        session_id=session_id,
        key_id=key_id,
        must_change_password=must_change,
    )


def _give_tokens(accounts: Accounts, session_id: str, *, until: tuple[datetime, datetime], must_change: bool) -> Tokens:
    """Make the two tokens of a sign-in, good until these moments; the first never outlives the second."""
    ends_at = until[1]
    good_until = min(until)
    access, renewal = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    with accounts.database.write() as connection:
        sessions.add_token(connection, access, session_id=session_id, kind="access", expires_at=good_until)
        sessions.add_token(connection, renewal, session_id=session_id, kind="refresh", expires_at=ends_at)
    return Tokens(access, good_until, renewal, ends_at, must_change)
