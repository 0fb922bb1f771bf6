"""A list of SHA-256 that belongs to a set of files, in the form that `sha256sum -c` reads."""

import hashlib
from collections.abc import Mapping
from typing import IO, Final

from arrisk.errors import BookError

SEAL: Final = "SHA256SUMS"
"""The name of the list."""

_CHUNK = 1 << 20


def write_seal(sums: Mapping[str, str]) -> str:
    """Write the list of the hashes of files by name."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items()))


def read_seal(text: str, *, where: str) -> dict[str, str]:
    """Read a list as ``write_seal`` wrote it.

    Raises
    ------
    BookError
        When it has another form.
    """
    lines = [line.split("  ", 1) for line in text.splitlines()]
    if not lines or any(len(parts) != 2 or len(parts[0]) != 64 for parts in lines):
        raise BookError(f"{SEAL} is damaged", where=where, hint="another copy")
    return {name: sha256 for sha256, name in lines}


def hash_stream(stream: IO[bytes]) -> str:
    """Give the SHA-256 of what is left of a stream."""
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def require_same(sealed: Mapping[str, str], found: Mapping[str, str], *, where: str) -> None:
    """Refuse files that are not those of their list.

    Raises
    ------
    BookError
        When one is missing, was changed, or was put in.
    """
    for what, names in (
        ("is missing", sealed.keys() - found.keys()),
        ("was put in", found.keys() - sealed.keys()),
        ("was changed", {name for name in sealed.keys() & found.keys() if sealed[name] != found[name]}),
    ):
        if names:
            raise BookError(f"{min(names)} {what}", where=where, hint="another copy")
