"""What analysts and collectors work at: the book of a ledger as of a day, as far as the caller may see it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request

from api.auth import PolicyDep
from api.books import choose_ledger
from api.deps import Service, ServiceDep
from api.schemas.base import KnownDay
from api.views import LedgerName, View
from api.worklists import Paid, Worked
from arrisk import registry
from arrisk.acts import Actor
from arrisk.errors import MissingError
from arrisk.modeling import describe
from arrisk.modeling.default import scorer
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.store.records import TableRecords
from arrisk.uses import collecting
from arrisk.uses.collecting import Files
from arrisk.uses.credit import LimitReview, review_limits
from arrisk.uses.scope import restrict_entities
from arrisk.uses.sign_in import Caller

_MODELS = (describe.NAME, scorer.NAME)

AsOf = Annotated[
    KnownDay | None,
    Query(description="What was known before the start of this day counts; missing = all that the ledger covers."),
]


@dataclass(frozen=True)
class Place:
    """A ledger before somebody, its book not yet read.

    Parameters
    ----------
    service : that answers.
    policy : as it holds for the caller.
    ledger : its name.
    now : the moment of the request.
    """

    service: Service
    policy: Policy
    ledger: str
    now: datetime

    @property
    def records(self) -> TableRecords:
        """What people did."""
        return TableRecords(self.service.database)

    @property
    def files(self) -> Files:
        """What collectors did."""
        return self.service.worklists.open_files(self.service.database, self.ledger)

    def view(self) -> View:
        """Read the book, or give the one that was read before."""
        return View(self.service, self.policy, self.service.books.load(self.service.database, self.ledger))

    def read_worklist(self) -> Worked:
        """Give the worklist as it stands."""
        return self.service.worklists.read(
            self.service.database,
            self.ledger,
            on=self.now.date(),
            policy=self.service.policy,
            pay=self.read_paid,
        )

    def read_paid(self) -> Paid:
        """Give what customers paid, by all that is known today."""
        view = self.view()
        as_of = collecting.find_known_day(view.book, on=self.now.date())
        make = partial(collecting.read_receipts, view.book, as_of=as_of)
        return Paid(view.compute("receipts", as_of, make=make), as_of)

    def review(self, as_of: date) -> LimitReview:
        """Review every customer's limit as of a day, or give the review that was made before."""
        view, service = self.view(), self.service
        return view.compute(
            *("limits", as_of, *list_models(service, self.ledger)),
            make=lambda: review_limits(view.book, as_of=as_of, home=service.home, policy=service.policy),
        )

    def act(self, caller: Caller, *, saw: int | None = None) -> Actor:
        """Give who acts."""
        return Actor(caller.login, self.now, saw)


def open_place(service: ServiceDep, policy: PolicyDep, ledger: LedgerName = None) -> Place:
    """Open the ledger that a request names."""
    return Place(service, policy, choose_ledger(service.database, ledger), datetime.now(UTC))


PlaceDep = Annotated[Place, Depends(open_place)]


@dataclass(frozen=True)
class Look:
    """A book as a caller looks at it.

    Parameters
    ----------
    place : the ledger.
    view : all of the book: what models and limits rest on.
    book : what the caller may see of it.
    entities : the selling companies whose rows these are; empty = all.
    as_of : what was known before the start of this day counts.
    known : the day before which all that is known now was known.
    """

    place: Place
    view: View
    book: Book
    entities: tuple[str, ...]
    as_of: date
    known: date

    @property
    def is_past(self) -> bool:
        """Whether more is known by now."""
        return self.as_of < self.known

    def take(self, customer_id: str) -> Book:
        """Give the rows of one customer that the caller may see, and those that are nobody's."""
        return restrict_entities(self.view.owners.take(customer_id), self.entities)


def open_look(place: PlaceDep, request: Request, as_of: AsOf = None) -> Look:
    """Open the book that a request names, as far as the caller may see it."""
    caller: Caller = request.state.caller
    view = place.view()
    book = view.compute("seen", caller.entities, make=lambda: restrict_entities(view.book, caller.entities))
    known = collecting.find_known_day(view.book, on=place.now.date())
    return Look(place, view, book, caller.entities, as_of or known, known)


LookDep = Annotated[Look, Depends(open_look)]


def list_models(service: Service, ledger: str) -> tuple[str, ...]:
    """Name the models of a ledger that are in use: what was computed by others is of no use any more."""
    found = (registry.find_champion(service.home, name=name, ledger=ledger) for name in _MODELS)
    return tuple(saved.reference for saved in found if saved is not None)


def find_alone(place: Place, caller: Caller) -> frozenset[str] | None:
    """Find the customers of whom the caller may see everything; None = of all.

    What was computed of a customer, a score or a case, is of all its rows: it is for those who may see them all.
    """
    if not caller.entities:
        return None
    view = place.view()

    def find() -> frozenset[str]:
        invoices = view.book["invoices"]
        others = invoices.loc[~invoices["entity_id"].isin(list(caller.entities)), "customer_id"]
        seen = restrict_entities(view.book, caller.entities)["customers"]["customer_id"]
        return frozenset(seen) - frozenset(others)

    return view.compute("alone", caller.entities, make=find)


def require_alone(place: Place, caller: Caller, customer_id: str) -> None:
    """Refuse what was computed of a customer of whom the caller may not see everything.

    Raises
    ------
    MissingError
        As if there were no such customer.
    """
    alone = find_alone(place, caller)
    if alone is not None and customer_id not in alone:
        raise MissingError(f"no customer '{customer_id}'", where="customer_id", hint="one of your own entities alone")
