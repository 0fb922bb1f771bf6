"""Runs parts of the work side by side: compiled code, Arrow and NumPy release the interpreter while they work."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_One = TypeVar("_One")
_Other = TypeVar("_Other")

WORKERS = 2
_MANY_ROWS = 50_000


def run_both(one: Callable[[], _One], other: Callable[[], _Other], *, rows: int) -> tuple[_One, _Other]:
    """Run two tasks side by side; a small job is done in less time than a thread takes to start.

    Examples
    --------
    >>> run_both(lambda: 1, lambda: "a", rows=10**6)
    (1, 'a')
    """
    if rows < _MANY_ROWS:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(other)
        return one(), waiting.result()


def run_ahead(task: Callable[[_One], _Other], blocks: Iterable[_One]) -> Iterator[_Other]:
    """Run a task for every block, a few blocks ahead of who takes the results, and give them in order.

    Examples
    --------
    >>> list(run_ahead(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    waiting: deque[Future[_Other]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for block in blocks:
            waiting.append(pool.submit(task, block))
            if len(waiting) > 2 * WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
