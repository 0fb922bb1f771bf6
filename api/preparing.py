"""Has ready what the first request of a day would wait for: a ledger's book, its worklist, what scores compare with."""

import gc
import logging
from collections.abc import Hashable
from datetime import UTC, datetime
from threading import Event, Thread

from api.deps import Service
from api.desks import Place
from arrisk.errors import ArriskError, InputError, StoreError
from arrisk.store.book import list_ledgers
from arrisk.store.newest import find_state
from arrisk.store.runs import find_newest
from arrisk.uses.collecting import find_known_day

_LOG = logging.getLogger("arrisk.service")
_LOOK_SECONDS = 30.0
_STOP_SECONDS = 5.0
"""What it is at only reads, and may be cut off."""

_LEDGERS = 3
"""So many books are kept at hand."""


class Preparer:
    """A thread beside the requests: where a ledger has changed, or a day has begun, it reads and computes anew.

    What is asked for before it is through waits, as it would without.

    Parameters
    ----------
    service : whose caches are filled.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._ended = service, Event()
        self._prepared: dict[str, Hashable] = {}
        self._thread = Thread(target=self._run, name="preparer", daemon=True)

    def start(self) -> None:
        """Begin, and look again every half minute."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    def prepare_changed(self, now: datetime) -> list[str]:
        """Prepare the ledgers that have changed since they were prepared, and give their names.

        Raises
        ------
        StoreError
            When the database cannot be used.
        """
        database = self._service.database
        states = {name: find_state(database, name) for name in list_ledgers(database)}
        newest = sorted(states, key=lambda name: states[name], reverse=True)[:_LEDGERS]
        changed = []
        for name in newest:
            run = find_newest(database, name)
            state = (states[name], run and run.run_id, now.date())
            if self._prepared.get(name) != state and not self._ended.is_set():
                self._prepare(Place(self._service, self._service.policy, name, now))
                self._prepared[name] = state
                changed.append(name)
        if changed:
            settle()
        return changed

    def _prepare(self, place: Place) -> None:
        as_of = find_known_day(place.view().book, on=place.now.date())
        place.read_paid()
        owners = place.view().owners
        _LOG.debug("%s: the rows of %d customers were found", place.ledger, len(owners))
        for one in (place.read_worklist, lambda: self._service.single_scores.prepare(place.ledger, as_of=as_of)):
            try:
                one()
            except StoreError:
                raise
            except InputError as error:
                # There is no run yet, or no model: whoever asks is told.
                _LOG.debug("not prepared: %s", error)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                for name in self.prepare_changed(datetime.now(UTC)):
                    _LOG.info("prepared %s", name)
            except ArriskError as error:
                _LOG.warning("not prepared: %s", error)
            self._ended.wait(_LOOK_SECONDS)


def settle() -> None:
    """Spare what is kept for long from the search for garbage, which would hold up a request for a quarter of a second.

    What was forgotten meanwhile is looked for first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
