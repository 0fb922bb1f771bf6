"""A piece of long work as the one sees it who does it: what is done already, and whether somebody wants it to stop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.claims import Connected, change_claimed, end_step, list_steps
from arrisk.store.jobs import Job

Plain = Mapping[str, Any]


class Interrupted(Exception):  # noqa: N818 - no error: somebody wants it
    """The work has to stop here; what is done is kept."""


class Cancelled(Interrupted):
    """Somebody wants the job to stop for good."""


class Stopping(Interrupted):
    """The worker ends; the job goes on later."""


class Lost(Interrupted):
    """The job was given to another worker."""


@dataclass
class Task:
    """A job that is being done.

    Parameters
    ----------
    job : as it was claimed.
    database, home, policy : what it is done with.
    now : reads the clock.
    interruption : gives what wants the job to stop; None = it may go on.
    progress : what goes on, in words.
    share : of the steps that are done, 0 to 1.
    """

    job: Job
    database: Database
    home: Path
    policy: Policy
    now: Callable[[], datetime]
    interruption: Callable[[], Interrupted | None] = lambda: None
    progress: str = ""
    share: float = 0.0
    done: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.done = list_steps(self.database, self.job)

    def tell(self, text: str) -> None:
        """Say what goes on; long work calls this between its parts, where it can be stopped.

        Raises
        ------
        Interrupted
            When it has to stop.
        """
        self.progress = text
        self.pause()

    def pause(self) -> None:
        """Stop here if somebody wants it; raises as ``tell`` does."""
        found = self.interruption()
        if found is not None:
            raise found

    def still(self, connection: Connected) -> None:
        """Make sure, within a transaction, that the job is still this worker's.

        Raises
        ------
        LostJobError
            When it was given to another.
        """
        self.pause()
        change_claimed(connection, self.job, {"progress": self.progress, "share": self.share})

    def end(self, connection: Connected, step: str, result: Plain | None = None) -> None:
        """Note, within the transaction that keeps what it did, that a step is done; raises as ``still`` does."""
        end_step(connection, self.job, step, at=self.now(), result=result)
        self.done[step] = result

    def end_alone(self, step: str, result: Plain | None = None) -> None:
        """Note that a step is done that left nothing in the database; raises as ``still`` does."""
        with self.database.write() as connection:
            self.end(connection, step, result)
