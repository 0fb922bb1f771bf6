"""The port that several processes share: who has the fewest connections takes the next one."""

import socket
import time
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any, Final
from weakref import WeakSet

_WAIT_SECONDS: Final = 0.0002
_COUNTED: Final = 5


class SharedPort(socket.socket):
    """A port that several processes take connections from.

    A process takes one at a time, and for each that it has already it waits a moment first, in which one with fewer is
    quicker. Otherwise whoever wakes first takes all that have come meanwhile, and keeps them: of two processes one
    would do three quarters of the work of four clients.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._taken: WeakSet[socket.socket] = WeakSet()
        self._is_enough = False

    @classmethod
    def take(cls, port: socket.socket) -> "SharedPort":
        """Make one of a port, which must not be used any more."""
        return cls(port.family, port.type, port.proto, fileno=port.detach())

    def accept(self) -> tuple[socket.socket, Any]:
        """Take a connection.

        Raises
        ------
        BlockingIOError
            When there is none, or one was just taken: the event loop asks again on its next round.
        """
        self._is_enough = not self._is_enough
        if not self._is_enough:
            raise BlockingIOError
        open_ones = sum(one.fileno() >= 0 for one in self._taken)
        if open_ones:
            time.sleep(_WAIT_SECONDS * min(open_ones, _COUNTED))
        try:
            connection, address = super().accept()
        except OSError:
            self._is_enough = False
            raise
        self._taken.add(connection)
        return connection, address

    def __reduce__(self) -> tuple[Callable[..., "SharedPort"], tuple[Any, ...]]:
        """Hand the port on to a process that is being started."""
        return _hand_on, (DupFd(self.fileno()), self.family, self.type, self.proto)


def _hand_on(duplicate: Any, *kind: int) -> SharedPort:  # noqa: ANN401 - multiprocessing's own
    return SharedPort(*kind, fileno=duplicate.detach())
