"""The use case of one customer's score: computed in a request, from its rows in the database."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock

from arrisk import registry
from arrisk.errors import InputError, MissingError, ModelError, nearest
from arrisk.features.single.gather import gather_rows
from arrisk.features.single.rows import COLUMNS, CustomerRows
from arrisk.frames import date_of, day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.scorer import NAME, parse_default
from arrisk.modeling.default.single import CustomerScore, DefaultSurroundings, SingleScorer, read_default_surroundings
from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.book import list_batches, list_ledgers, read_book
from arrisk.store.customer_rows import CustomerReader
from arrisk.uses.basis import DEFAULT_SECTIONS

_KEPT = 4
"""Ledgers and days that are kept ready."""

_LOOK_EVERY_SECONDS = 10.0
"""How often it is looked whether another model was promoted."""


@dataclass(frozen=True)
class Scored:
    """One customer's score and what it rests on.

    Parameters
    ----------
    score : the score.
    model : the model's reference.
    trained_before : the day before which it was trained.
    is_newest : whether the figures of everybody else, which it is compared with, are of the ledger's newest batch too.
    """

    score: CustomerScore
    model: str
    trained_before: date
    is_newest: bool


@dataclass(frozen=True)
class Described:
    """One customer's score, and all that is known of it.

    Parameters
    ----------
    scored : the score.
    features : of it, by name; NaN = not known.
    """

    scored: Scored
    features: Mapping[str, float]


@dataclass(frozen=True)
class Prepared:
    """What is the same for every customer of a ledger as of a day.

    Parameters
    ----------
    around : the figures of everybody.
    batch_id : the newest batch of the ledger that they rest on.
    saved : the model's version, and where it is.
    scorer : the model.
    """

    around: DefaultSurroundings
    batch_id: int
    saved: registry.Saved
    scorer: SingleScorer


@dataclass
class _Place:
    """One ledger and day: what is ready, what is being made, and when the promotions were looked at."""

    ready: Prepared
    looked_at: float
    making: Future[Prepared] | None = None
    lock: Lock = field(default_factory=Lock)


class SingleScores:
    """Scores single customers; threads may share it.

    What a ledger's customers share is made once for a day: at the first question, which waits for it. It is made anew
    behind the scenes when rows have come in or another model was promoted; questions are answered with what is ready.

    Parameters
    ----------
    database : where the rows are.
    home : the state folder with the models.
    policy : what features mean, and the grades.
    """

    def __init__(self, database: Database, *, home: Path, policy: Policy) -> None:
        self._database, self._home, self._policy = database, home, policy
        self._readers: dict[str, CustomerReader] = {}
        self._places: OrderedDict[tuple[str, date], Future[_Place]] = OrderedDict()
        self._names: tuple[list[str], float] = ([], 0.0)
        self._lock = Lock()
        # One at a time: several threads that compute only take turns, and lose more time by that than they gain. SQLite
        # computes in this process too, and hands its turn back with every row.
        self._computing = Lock()
        self._reading: AbstractContextManager[object] = self._computing if database.is_sqlite else nullcontext()
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="single-scores")

    def score(self, ledger: str | None, customer_id: str, *, as_of: date) -> Scored:
        """Score one customer by what its rows said before a day.

        Parameters
        ----------
        ledger : its name; None = the only one.

        Raises
        ------
        CurrencyError
            When a row that counts has a foreign currency without a rate.
        InputError
            When no ledger is named and there are several, or none.
        MissingError
            When there is no such ledger, or nothing was known of the customer by then.
        ModelError
            When no model of the ledger was trained before that day.
        """
        ready, rows, is_newest = self._gather(ledger, customer_id, as_of)
        with self._computing:
            score = ready.scorer.score(rows, ready.around)
        return _tell(score, ready, is_newest=is_newest)

    def describe(self, ledger: str | None, customer_id: str, *, as_of: date) -> Described:
        """Score one customer, and give all that is known of it; parameters and errors are those of ``score``."""
        ready, rows, is_newest = self._gather(ledger, customer_id, as_of)
        with self._computing:
            score, features = ready.scorer.score(rows, ready.around), ready.scorer.describe(rows, ready.around)
        return Described(_tell(score, ready, is_newest=is_newest), features)

    def _gather(self, ledger: str | None, customer_id: str, as_of: date) -> tuple[Prepared, CustomerRows, bool]:
        """Give what is ready for a day, one customer's rows, and whether both are of the newest batch."""
        ledger = self._find_ledger(ledger)
        place = self._find_place(ledger, as_of)
        ready = place.ready
        with self._reading, self._find_reader(ledger).open(customer_id) as source:
            rows, newest = gather_rows(source, customer_id, ready.around.features), source.newest
        _require_known(rows, customer_id, as_of_day=ready.around.features.as_of_day)
        is_newest = newest == ready.batch_id
        self._look_after(place, ledger, as_of, is_newest=is_newest)
        return ready, rows, is_newest

    def prepare(self, ledger: str, *, as_of: date) -> None:
        """Make what a ledger's customers share as of a day, so that the first question need not wait.

        Raises
        ------
        ModelError
            When no model of the ledger was trained before that day.
        StoreError
            When there is no such ledger.
        """
        self._find_place(ledger, as_of)

    def close(self) -> None:
        """Wait for what is being made."""
        self._maker.shutdown()

    def _find_ledger(self, name: str | None) -> str:
        if not name:
            return self._find_only_ledger()
        # One that was read before is there: none is ever taken away.
        if name not in self._readers and name not in (names := list_ledgers(self._database)):
            raise MissingError(f"there is no ledger '{name}'", where="ledger", hint=nearest(name, names))
        return name

    def _find_only_ledger(self) -> str:
        names, looked_at = self._names
        if len(names) != 1 or time.monotonic() - looked_at > _LOOK_EVERY_SECONDS:
            names = list_ledgers(self._database)
            self._names = names, time.monotonic()
        if len(names) != 1:
            what = "which ledger is not said" if names else "there is no ledger yet"
            raise InputError(what, where="ledger", hint=", ".join(names) or "`arrisk book add BOOK --ledger NAME`")
        return names[0]

    def _find_reader(self, ledger: str) -> CustomerReader:
        reader = self._readers.get(ledger)
        if reader is None:
            reader = self._readers[ledger] = CustomerReader(self._database, ledger, COLUMNS)
        return reader

    def _find_place(self, ledger: str, as_of: date) -> _Place:
        """Give what is ready for a day, or make it; who asks meanwhile waits for it. What fails is not kept."""
        key = (ledger, as_of)
        with self._lock:
            found = self._places.get(key)
            is_maker = found is None
            if found is None:
                found = self._places[key] = Future()
            self._places.move_to_end(key)
            while len(self._places) > _KEPT:
                self._places.popitem(last=False)
        if is_maker:
            try:
                found.set_result(_Place(self._prepare(ledger, as_of), time.monotonic()))
            except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it was
                with self._lock:
                    self._places.pop(key, None)
                found.set_exception(error)
        return found.result()

    def _look_after(self, place: _Place, ledger: str, as_of: date, *, is_newest: bool) -> None:
        """Take what was made meanwhile, and have it made anew where it is not of today any more."""
        with place.lock:
            if place.making is not None:
                if place.making.done():
                    making, place.making = place.making, None
                    place.ready, place.looked_at = making.result(), time.monotonic()
                return
            if is_newest and time.monotonic() - place.looked_at < _LOOK_EVERY_SECONDS:
                return
            place.looked_at = time.monotonic()
            if is_newest and self._find_model(ledger, as_of) == place.ready.saved:
                return
            place.making = self._maker.submit(self._prepare, ledger, as_of)

    def _find_model(self, ledger: str, as_of: date) -> registry.Saved | None:
        return registry.find_promoted(self._home, name=NAME, ledger=ledger, before_day=day_of(as_of))

    def _prepare(self, ledger: str, as_of: date) -> Prepared:
        batches = list_batches(self._database, ledger)
        book = read_book(self._database, ledger, as_of=as_of)
        saved = self._find_model(ledger, as_of)
        if saved is None:
            raise ModelError(
                f"no default model of '{ledger}' was trained before {as_of}", hint="`arrisk train BOOK --as-of DAY`"
            )
        scorer = parse_default(registry.read_files(saved), policy_hash=self._policy.hash(*DEFAULT_SECTIONS))
        episodes = list_defaults(book, as_of=as_of, policy=self._policy)
        around = read_default_surroundings(book, episodes, as_of_day=day_of(as_of), policy=self._policy)
        return Prepared(around, batches[0].batch_id, saved, SingleScorer(scorer.model, self._policy))


def _tell(score: CustomerScore, ready: Prepared, *, is_newest: bool) -> Scored:
    return Scored(score, ready.saved.reference, date_of(ready.saved.as_of_day), is_newest)


def _require_known(rows: CustomerRows, customer_id: str, *, as_of_day: int) -> None:
    seen = (row for table in ("customers", "invoices") for row in rows.tables[table])
    if not any(row[-2] < as_of_day <= row[-1] for row in seen):
        raise MissingError(f"nothing was known of the customer '{customer_id}' before {date_of(as_of_day)}")
