"""Editing without overwriting somebody else's change: the version that was read goes with the change."""

from typing import Annotated

from fastapi import Header

from arrisk.errors import InputError

IfMatch = Annotated[
    str,
    Header(alias="If-Match", max_length=100, description="The `ETag` that was read; after another change it is 412."),
]

MayMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=100, description="The `ETag` that was read; after another change it is 412."),
]


def write_etag(version: int) -> str:
    """Write a version as an ETag.

    Examples
    --------
    >>> write_etag(3), read_etag('W/"3"')
    ('"3"', 3)
    """
    return f'"{version}"'


def read_seen(text: str | None) -> int | None:
    """Read the version that somebody has seen; None = no matter which. Raises as ``read_etag`` does."""
    return None if text in {None, "*"} else read_etag(str(text))


def read_etag(text: str) -> int:
    """Read the version of an ETag.

    Raises
    ------
    InputError
        When it is none of ours.
    """
    digits = text.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise InputError("this is no ETag of ours", where="If-Match", hint='as it was read, such as "3"')
    return int(digits)
