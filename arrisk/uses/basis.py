"""What any result rests on: which program, which ledger and data, which policy."""

from collections.abc import Mapping
from importlib import metadata

from arrisk.policy import Policy
from arrisk.schema import Book, fingerprint_book

DEFAULT_SECTIONS = ("default", "end", "late", "collateral", "losses")
"""The sections of the policy that say what a default is, what features mean, and what is lost."""


def name_basis(book: Book, tables: Mapping[str, str], *, policy: Policy) -> dict[str, str]:
    """Name what any result rests on, beside its day and its models.

    Parameters
    ----------
    book : whose.
    tables : the fingerprints of what was known of it, as given by ``fingerprint_tables``.
    policy : by which.
    """
    return {
        "arrisk": metadata.version("arrisk"),
        "ledger": book.name,
        "data_sha256": fingerprint_book(tables),
        "policy_hash": policy.hash(),
    }
