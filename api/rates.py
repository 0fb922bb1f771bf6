"""How often somebody may ask: a bucket of tokens for each, which fills up again with time."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from arrisk.errors import TooOftenError

_MOST = 10_000
"""Buckets that are remembered; the one that was not used for longest is forgotten first."""


class Rate:
    """So many requests a minute for each of those who ask, as many of them at once.

    Parameters
    ----------
    per_minute : 0 = as many as one likes.
    read_seconds : the clock.

    Examples
    --------
    >>> rate = Rate(60, read_seconds=lambda: 0.0)
    >>> [rate.take("ana") for _ in range(60)] == [None] * 60
    True
    >>> rate.take("ana")
    Traceback (most recent call last):
    arrisk.errors.TooOftenError: more than 60 requests a minute. Try: again in 1 seconds
    """

    def __init__(self, per_minute: int, *, read_seconds: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._read_seconds = read_seconds
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, who: str) -> None:
        """Count one request.

        Raises
        ------
        TooOftenError
            When the bucket is empty.
        """
        if not self.per_minute:
            return
        now = self._read_seconds()
        with self._lock:
            left, at = self._buckets.pop(who, (float(self.per_minute), now))
            left = min(self.per_minute, left + (now - at) * self.per_minute / 60)
            self._buckets[who] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        if left < 1:
            wait = math.ceil((1 - left) * 60 / self.per_minute)
            raise TooOftenError(f"more than {self.per_minute:,} requests a minute", wait_seconds=wait)
