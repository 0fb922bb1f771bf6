"""Every error that arrisk raises on purpose, and how it reads.

ArriskError
└── InputError            the data or the arguments are wrong (exit 2, HTTP 422)
    ├── BookError         a book cannot be used
    ├── MappingError      a mapping file has a mistake
    ├── CurrencyError     amounts of several currencies would be added without a rate
    ├── PolicyError       a policy file has a mistake
    ├── ModelError        a model is missing, damaged or not allowed for that day
    ├── OutputError       an output cannot be written
    ├── StoreError        the database cannot be used
    ├── SignInError       nobody is signed in, or not who was meant (HTTP 401)
    ├── AccessError       somebody may not do that (HTTP 403)
    ├── MissingError      there is nothing of that name (HTTP 404)
    ├── ChangedError      somebody else changed it meanwhile (HTTP 412)
    └── TooOftenError     asked too often; later it is answered (HTTP 429)
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ArriskError(Exception):
    """Something arrisk knows how to explain.

    Parameters
    ----------
    what : what is wrong, one clause.
    where : the table, row, column or file; empty where there is no place.
    hint : what to try next.

    Examples
    --------
    >>> place = "invoices, row 7, issued_on"
    >>> print(ArriskError("unreadable date '31/31/12'", where=place, hint="use YYYY-MM-DD"))
    unreadable date '31/31/12' (invoices, row 7, issued_on). Try: use YYYY-MM-DD
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f". Try: {self.hint}" if self.hint else ""
        return f"{self.what}{place}{advice}"


class InputError(ArriskError):
    """The input or the arguments are wrong; the program is not at fault."""


class BookError(InputError):
    """A book cannot be used."""


class MappingError(InputError):
    """A mapping file has a mistake."""


class CurrencyError(InputError):
    """Amounts of several currencies would be added without a rate."""


class PolicyError(InputError):
    """A policy file has a mistake."""


class ModelError(InputError):
    """A model is missing, damaged, or not allowed for that day."""


class OutputError(InputError):
    """An output cannot be written."""


class StoreError(InputError):
    """The database cannot be used."""


class SignInError(InputError):
    """Nobody is signed in, or the sign-in is not good any more."""


class AccessError(InputError):
    """Somebody is signed in who may not do that."""


class MissingError(InputError):
    """There is nothing of that name."""


class ChangedError(InputError):
    """It is not any more what the request takes it for: somebody changed it meanwhile."""


class TooOftenError(InputError):
    """It was tried too often; later it is answered again.

    Parameters
    ----------
    what, where, hint : as of every error.
    wait_seconds : after which it may be tried again.
    """

    def __init__(self, what: str, *, wait_seconds: int = 60, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint or f"again in {wait_seconds} seconds")
        self.wait_seconds = wait_seconds


_MOST_LISTED = 30


def nearest(name: str, available: Iterable[str]) -> str:
    """Say which available name was probably meant.

    Parameters
    ----------
    name : the name that does not exist.
    available : the names that do.

    Returns
    -------
    str
        A question for the user, or a list of what there is when nothing is near.

    Examples
    --------
    >>> nearest("amuont", ["amount", "due_on"])
    "did you mean 'amount'?"
    >>> nearest("zzz", ["amount", "due_on"])
    'one of: amount, due_on'
    """
    names = sorted(available)
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{by_lower[close[0]]}'?"
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"one of: {', '.join(names[:_MOST_LISTED])}{more}"
