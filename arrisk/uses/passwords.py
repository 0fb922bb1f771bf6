"""Passwords: what one must be like, and how it is held and checked (argon2id)."""

from functools import cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from arrisk.errors import InputError
from arrisk.policy.access import AccessPolicy

LONGEST: Final = 200
"""Characters; more would only cost time."""

_HASHER = PasswordHasher()
# Each takes 64 MiB while it is computed.
_AT_ONCE = BoundedSemaphore(4)


def require_password(password: str, *, login: str, policy: AccessPolicy) -> str:
    """Give a password back that may be used.

    Raises
    ------
    InputError
        When it is too short or too long, or easily guessed from the login.
    """
    if not policy.password_length <= len(password) <= LONGEST:
        hint = f"{policy.password_length} to {LONGEST} characters; a few words do"
        raise InputError(f"the password has {len(password)} characters", where="password", hint=hint)
    if login.casefold() in password.casefold() or len(set(password)) < 5:
        hint = "one without the login in it, of five different characters at least"
        raise InputError("the password is easily guessed", where="password", hint=hint)
    return password


def hash_password(password: str) -> str:
    """Give what is held of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password: str, known: str | None) -> bool:
    """Say whether it is the password; where none is known it takes as long.

    Parameters
    ----------
    known : what ``hash_password`` gave; None = there is nobody of that name.
    """
    try:
        with _AT_ONCE:
            _HASHER.verify(known or _hash_nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


@cache
def _hash_nobodys() -> str:
    return _HASHER.hash("nobody's")
