"""Books at hand: the newest state of a few ledgers, each read once, and what was computed of them."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from api.caches import Cache
from arrisk.errors import InputError, MissingError, nearest
from arrisk.schema import Book
from arrisk.store import Database
from arrisk.store.book import list_ledgers, read_book
from arrisk.store.newest import find_state

Made = TypeVar("Made")
State = tuple[int, int]

_BOOKS, _ANSWERS, _LARGE = 3, 48, 3


@dataclass(frozen=True)
class Loaded:
    """A book as it is in the database now.

    Parameters
    ----------
    book : all of it.
    state : which state of the ledger it is: the newest batch, and how many were erased.
    """

    book: Book
    state: State


class Books:
    """A few books and what was computed of them; both are forgotten once a newer batch is there.

    Parameters
    ----------
    books, answers, large : how many are kept. A book of a million invoices takes about a gigabyte, what its allowance
        rests on a tenth of that.
    """

    def __init__(self, *, books: int = _BOOKS, answers: int = _ANSWERS, large: int = _LARGE) -> None:
        self._books: Cache[Book] = Cache(books)
        self._answers: Cache[Any] = Cache(answers)
        self._large: Cache[Any] = Cache(large)

    def load(self, database: Database, ledger: str) -> Loaded:
        """Give the newest state of a ledger.

        Raises
        ------
        StoreError
            When the database cannot be used.
        """
        state = find_state(database, ledger)

        def read() -> Book:
            for cache in (self._books, self._answers, self._large):
                cache.forget(lambda key: key[0] == ledger and key[1] != state)
            return read_book(database, ledger)

        return Loaded(self._books.get((ledger, state), read), state)

    def compute(self, loaded: Loaded, what: Hashable, make: Callable[[], Made], *, is_large: bool = False) -> Made:
        """Give what was computed of a book before, or compute it.

        Parameters
        ----------
        what : names it, with all that it depends on beside the book: the day, the policy's hash, a model.
        is_large : it grows with the book, and only a few such are kept.
        """
        cache = self._large if is_large else self._answers
        found: Made = cache.get((loaded.book.name, loaded.state, what), make)
        return found


def choose_ledger(database: Database, name: str | None) -> str:
    """Choose the ledger that is named, or the only one.

    Raises
    ------
    MissingError
        When there is none, or none of that name.
    InputError
        When there are several and none is named.
    """
    names = list_ledgers(database)
    if not names:
        raise MissingError("there is no ledger yet", hint="upload one")
    if name is None and len(names) > 1:
        raise InputError(f"there are {len(names)} ledgers", where="ledger", hint=nearest("", names))
    if name is not None and name not in names:
        raise MissingError(f"there is no ledger '{name}'", where="ledger", hint=nearest(name, names))
    return name or names[0]
