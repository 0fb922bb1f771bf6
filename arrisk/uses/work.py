"""The worker: takes jobs one after the other, says that it lives, and gives back what it has no time to end."""

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import Any

from arrisk.errors import ArriskError
from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.claims import LostJobError, beat, claim, fail, finish, recover, release, stop_cancelled
from arrisk.store.jobs import Job
from arrisk.uses import drafting, intake, learning, nightly, sampling
from arrisk.uses.tasks import Cancelled, Interrupted, Lost, Stopping, Task

_LOG = logging.getLogger("arrisk.work")

Kind = Callable[[Task], Mapping[str, Any]]

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        intake.KIND: intake.run_intake,
        learning.KIND: learning.run_training,
        nightly.KIND: nightly.run_nightly,
        drafting.KIND: drafting.run_draft,
        sampling.KIND: sampling.run_sample,
    }
)
"""What each kind of job does."""


@dataclass
class Worker:
    """Does jobs until it is told to stop.

    Parameters
    ----------
    database, home, policy : what jobs are done with.
    now : reads the clock.
    kinds : what it can do.
    beat_seconds : it says so often that it lives.
    silent_seconds : a worker of which nothing was heard for so long is dead.
    most_attempts : so often a job may be begun without ending another of its steps.
    stop : set when the worker is to end.
    """

    database: Database
    home: Path
    policy: Policy
    now: Callable[[], datetime]
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    beat_seconds: float = 5.0
    silent_seconds: float = 60.0
    most_attempts: int = 5
    stop: Event = field(default_factory=Event)

    def run(self) -> None:
        """Do what there is and what comes, until it is told to stop."""
        _LOG.info("the worker waits for jobs")
        while not self.stop.is_set():
            if self.do_next() is None:
                # Asking costs a millisecond; a user who waits sees his job begin.
                self.stop.wait(min(1.0, self.beat_seconds))
        _LOG.info("the worker stopped")

    def drain(self) -> int:
        """Do what there is, and give how many jobs that were."""
        count = 0
        while not self.stop.is_set() and self.do_next() is not None:
            count += 1
        return count

    def do_next(self, job_id: int | None = None) -> Job | None:
        """Do the next job, or the one that is named; None = there is none that could be begun now."""
        at = self.now()
        for lost in recover(self.database, at=at, silent_seconds=self.silent_seconds, most_attempts=self.most_attempts):
            _LOG.warning("the worker of job %s fell silent: the job is %s", lost.job_id, lost.state)
        job = claim(self.database, kinds=list(self.kinds), at=at, job_id=job_id)
        if job is None:
            return None
        _LOG.info("job %s begins: %s of %s", job.job_id, job.kind, job.ledger)
        return _Doing(self, job).do()


class _Doing:
    """One job under way, with the thread that says so."""

    def __init__(self, worker: Worker, job: Job) -> None:
        self._worker, self._job, self._over = worker, job, Event()
        self._wish: Interrupted | None = None
        self._task = Task(job, worker.database, worker.home, worker.policy, worker.now, self._ask)

    def do(self) -> Job:
        thread = Thread(target=self._say_alive, name=f"job {self._job.job_id}", daemon=True)
        thread.start()
        try:
            result = self._try()
        finally:
            self._over.set()
            thread.join()
        try:
            return result(self._job)
        except LostJobError as error:
            _LOG.warning("%s", error.what)
            return self._job

    def _try(self) -> Callable[[Job], Job]:
        """Do the work, and give what notes how it ended."""
        database, now = self._worker.database, self._worker.now
        try:
            result = self._worker.kinds[self._job.kind](self._task)
        except Stopping:
            _LOG.info("job %s is given back, it goes on later", self._job.job_id)
            return lambda job: release(database, job)
        except Cancelled:
            _LOG.info("job %s was cancelled", self._job.job_id)
            return lambda job: stop_cancelled(database, job, at=now())
        except (Lost, LostJobError) as error:
            _LOG.warning("job %s was lost: %s", self._job.job_id, error)
            return lambda job: job
        except Exception as error:  # noqa: BLE001 - whatever it is, the job fails, and the next one has its turn
            problem = describe_problem(error)
            _LOG.warning("job %s failed: %s", self._job.job_id, "".join(traceback.format_exception(error)))
            return lambda job: fail(database, job, at=now(), problem=problem)
        _LOG.info("job %s is done", self._job.job_id)
        return lambda job: finish(database, job, at=now(), result=result)

    def _ask(self) -> Interrupted | None:
        return Stopping() if self._worker.stop.is_set() and self._wish is None else self._wish

    def _say_alive(self) -> None:
        while not self._over.wait(self._worker.beat_seconds):
            task, at = self._task, self._worker.now()
            try:
                job = beat(self._worker.database, self._job, at=at, progress=task.progress, share=task.share)
            except LostJobError:
                self._wish = Lost()
                return
            except Exception as error:  # noqa: BLE001 - the work goes on; whether it was lost is known at its end
                # The database may come back; if it does not, the job is another's before long.
                _LOG.warning("the database does not answer: %s", error)
                continue
            if job.cancel_by is not None:
                self._wish = Cancelled()


def describe_problem(error: Exception) -> dict[str, str]:
    """Say why a job failed, as the service says it of a request; what is our own fault stands in the log."""
    if not isinstance(error, ArriskError):
        hint = "tell whoever runs the service"
        return {
            "type": "urn:arrisk:problem:internal",
            "detail": "what went wrong stands in the worker's log",
            "where": "",
            "hint": hint,
        }
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__.removesuffix("Error")).lower()
    place = "" if Path(error.where).is_absolute() else error.where
    return {"type": f"urn:arrisk:problem:{name}", "detail": error.what, "where": place, "hint": error.hint}
