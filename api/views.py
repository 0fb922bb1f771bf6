"""A ledger as a caller may look at it: which one, which selling company of it, and what was computed before."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from api.auth import PolicyDep
from api.books import Loaded, choose_ledger
from api.deps import Service, ServiceDep
from arrisk.allowance.closes.entities import choose_entity
from arrisk.errors import AccessError, InputError, nearest
from arrisk.ledger.owners import Owners
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.store.records import TableRecords
from arrisk.uses.scope import require_entity, restrict_entities
from arrisk.uses.sign_in import Caller

Made = TypeVar("Made")

LedgerName = Annotated[str | None, Query(max_length=200, description="The ledger; may be left out where there is one.")]
EntityName = Annotated[str | None, Query(max_length=200, description="One selling company alone; missing = all.")]


@dataclass(frozen=True)
class View:
    """A ledger before somebody.

    Parameters
    ----------
    service : that answers.
    policy : as it holds for the caller.
    loaded : the book, as it is in the database now.
    """

    service: Service
    policy: Policy
    loaded: Loaded

    @property
    def book(self) -> Book:
        """The whole book."""
        return self.loaded.book

    @property
    def records(self) -> TableRecords:
        """What people did."""
        return TableRecords(self.service.database)

    def restrict(self, entity: str | None) -> Book:
        """Give the part of the book that is of one selling company; None = all of it."""
        return self.book if entity is None else restrict_entities(self.book, (entity,))

    @property
    def owners(self) -> Owners:
        """Whose the rows of the book are: takes one customer's part of it in a moment."""
        return self.compute("owners", make=lambda: Owners(self.book))

    def compute(self, *what: Hashable, make: Callable[[], Made], is_large: bool = False) -> Made:
        """Give what was computed of the book before, under the same policy, or compute it; see ``Books.compute``."""
        return self.service.books.compute(self.loaded, (*what, self.service.policy.hash()), make, is_large=is_large)


def open_view(service: ServiceDep, policy: PolicyDep, ledger: LedgerName = None) -> View:
    """Open the ledger that a request names."""
    name = choose_ledger(service.database, ledger)
    return View(service, policy, service.books.load(service.database, name))


ViewDep = Annotated[View, Depends(open_view)]


def choose_scope(caller: Caller, book: Book, entity: str | None) -> str | None:
    """Choose the selling company that a caller asks for, or may see; None = all of them.

    Raises
    ------
    AccessError
        When he may not see it.
    InputError
        When there is no such company, or he sees several but not all and names none.
    """
    chosen = choose_own(caller, entity)
    names = sorted(book["invoices"]["entity_id"].astype("str").unique()) if entity is not None else []
    if entity is not None and entity not in names:
        raise InputError(f"no entity '{entity}'", where="entity", hint=nearest(entity, names))
    return chosen


def require_whole(caller: Caller, book: Book) -> None:
    """Make sure that a caller may see every selling company of a book.

    Raises
    ------
    AccessError
        When he may not.
    """
    others = set(book["invoices"]["entity_id"].astype("str")) - set(caller.entities)
    if caller.entities and others:
        what = "this is of the whole ledger, which has other entities than yours"
        raise AccessError(what, hint=f"yours: {', '.join(caller.entities)}")


def choose_one(caller: Caller, book: Book, entity: str | None, *, as_of: date) -> str:
    """Choose the one selling company that is meant: the one that is named, the caller's, or the only one.

    Raises
    ------
    AccessError
        When he may not see it.
    InputError
        When there is none of that name, or more than one and none is named.
    """
    if entity is None and len(caller.entities) == 1:
        return caller.entities[0]
    name = choose_entity(book, None if entity is None else require_entity(entity, caller.entities), as_of=as_of)
    return require_entity(name, caller.entities)


def choose_own(caller: Caller, entity: str | None) -> str | None:
    """Choose as ``choose_scope`` does, without a look whether there is such a company."""
    if entity is not None:
        return require_entity(entity, caller.entities)
    if len(caller.entities) > 1:
        raise InputError("which of your entities is not said", where="entity", hint=", ".join(caller.entities))
    return caller.entities[0] if caller.entities else None
