"""Keeps what is slow to make: a few things, each made once, however many threads ask for it at the same time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, Generic, TypeVar

Kept = TypeVar("Kept")


class Cache(Generic[Kept]):
    """Answers by what was asked; the one that nobody asked for longest is forgotten first.

    Parameters
    ----------
    kept : how many are kept; at least one.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._found: OrderedDict[Hashable, Future[Kept]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._found)

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Give what is kept, or make it; who asks meanwhile waits for it. What fails is not kept."""
        with self._lock:
            future = self._found.get(key)
            is_maker = future is None
            if future is None:
                future = self._found[key] = Future()
            self._found.move_to_end(key)
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        if is_maker:
            self._make(key, future, make)
        return future.result()

    def forget(self, is_old: Callable[[Any], bool]) -> None:
        """Forget what has keys of a kind."""
        with self._lock:
            for key in [key for key in self._found if is_old(key)]:
                del self._found[key]

    def _make(self, key: Hashable, future: Future[Kept], make: Callable[[], Kept]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:  # noqa: BLE001 - whoever waits is told, whatever it was
            with self._lock:
                if self._found.get(key) is future:
                    del self._found[key]
            future.set_exception(error)
