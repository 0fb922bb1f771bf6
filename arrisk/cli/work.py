"""Commands of long work: nightly, work."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from arrisk.cli.audit import open_sets
from arrisk.cli.options import Json, PolicyFile, read_day
from arrisk.cli.output import say, working, write_json
from arrisk.config import Settings, read_settings
from arrisk.errors import InputError, nearest
from arrisk.policy import load_policy
from arrisk.store import Database, connect, locate, require_current, upgrade
from arrisk.store.book import list_ledgers
from arrisk.store.jobs import Job, Order, State, put, read_job
from arrisk.uses import trail_check
from arrisk.uses.work import Worker

DatabaseUrl = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="Default: SQLite under ARRISK_HOME.")
]
_BY = "arrisk nightly"
_ASK_SECONDS = 0.2


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("nightly")(nightly)
    app.command("work")(work)


def nightly(
    ledgers: Annotated[
        list[str] | None, typer.Argument(metavar="[LEDGER]...", help="Which ledgers; none = all.", show_default=False)
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DAY", help="What was known before this day; none = today.")
    ] = None,
    database_url: DatabaseUrl = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Compute the whole day of the ledgers in the database: scores, limits, worklist, forecast, reports, watch.

    It may be run again: what was computed from the same rows, models and policy is not computed twice, and what was
    broken off goes on where it was. At last every record of what people did is checked, and its head noted below
    ARRISK_HOME, a file a night.

    Example: `arrisk nightly alder --as-of 2026-01-05`
    """
    day = read_day(as_of, "--as-of") if as_of else _today()
    settings = read_settings(database_url=database_url, policy=policy)
    with opened(settings) as worker:
        found: dict[str, object] = {}
        for name in _choose(worker.database, ledgers or []):
            order = Order("nightly", name, {"as_of": day.isoformat()}, _BY)
            job = _follow(worker, put(worker.database, order, at=worker.now()))
            found[name] = _report(job)
    write_json(json_file, {"as_of": day, "ledgers": found})
    with open_sets(settings) as sets:
        count = len(trail_check.note_heads(sets, settings.home, on=_today()))
    say(f"{count} records are as they were written; their heads are noted in {settings.home / trail_check.FOLDER}")


def work(
    once: Annotated[bool, typer.Option("--once", help="Do what waits, and end.")] = False,
    database_url: DatabaseUrl = None,
    policy: PolicyFile = None,
    silent_seconds: Annotated[
        float, typer.Option("--silent", min=1, metavar="SECONDS", help="A worker not heard of for so long is dead.")
    ] = 60.0,
    attempts: Annotated[
        int, typer.Option("--attempts", min=1, metavar="N", help="So many workers may die in one step of a job.")
    ] = 5,
    nice: Annotated[int, typer.Option("--nice", min=0, max=19, help="How far others go before.")] = 0,
    parent: Annotated[
        int | None, typer.Option("--parent", metavar="PID", help="End when this process, which started it, has ended.")
    ] = None,
) -> None:
    """Do the jobs that wait in the database, one after the other; `arrisk serve` starts one of these beside itself.

    It may be stopped, or killed, at any moment: the next one goes on with the step that it was at.

    Example: `arrisk work --once`
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    os.nice(nice)
    settings = read_settings(database_url=database_url, policy=policy)
    with opened(settings) as usual:
        worker = replace(usual, silent_seconds=silent_seconds, beat_seconds=silent_seconds / 6, most_attempts=attempts)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop.set())
        if parent is not None:
            threading.Thread(target=_end_with, args=(worker, parent), daemon=True).start()
        if once:
            say(f"jobs done: {worker.drain():,}")
        else:
            worker.run()


@contextmanager
def opened(settings: Settings) -> Iterator[Worker]:
    """Give a worker on the database of the settings, brought to today's form where the settings let it be."""
    database = connect(settings.database_url or locate(settings.home))
    try:
        if settings.upgrade == "always" or (settings.upgrade == "auto" and database.is_sqlite):
            upgrade(database)
        require_current(database)
        yield Worker(database, settings.home, load_policy(settings.policy), lambda: datetime.now(UTC))
    finally:
        database.close()


def _today() -> date:
    # "All that is known by now" is what was known before tomorrow; the business day is the user's own.
    return date.today()  # noqa: DTZ011 - a business day is the user's own


def _choose(database: Database, names: list[str]) -> list[str]:
    known = list_ledgers(database)
    if not known:
        raise InputError("there is no ledger in the database", where=database.name, hint="`arrisk book add BOOK`")
    for name in names:
        if name not in known:
            raise InputError(f"there is no ledger '{name}'", where=database.name, hint=nearest(name, known))
    return names or known


def _follow(worker: Worker, job: Job) -> Job:
    """Do a job, or wait for the worker that does it."""
    with working(f"{job.ledger}") as tell:
        shown = threading.Event()

        def show() -> None:
            while not shown.wait(_ASK_SECONDS):
                found = read_job(worker.database, job.job_id)
                tell(f"{job.ledger}: {found.progress or found.state} ({found.share:.0%})")

        thread = threading.Thread(target=show, daemon=True)
        thread.start()
        try:
            while not read_job(worker.database, job.job_id).state.is_over:
                if worker.do_next(job.job_id) is None:
                    worker.stop.wait(_ASK_SECONDS)
        finally:
            shown.set()
            thread.join()
    return read_job(worker.database, job.job_id)


def _report(job: Job) -> dict[str, object]:
    if job.state != State.DONE:
        problem = dict(job.problem or {"detail": f"job {job.job_id} was {job.state}", "where": "", "hint": ""})
        raise InputError(f"{job.ledger}: {problem['detail']}", where=problem["where"], hint=problem["hint"])
    result = dict(job.result or {})
    was = "computed" if result["is_new"] else "computed before, nothing changed"
    say(f"{job.ledger}: run {result['run_id']} as of {result['as_of']}, {was}")
    return result


def _end_with(worker: Worker, parent: int) -> None:
    while os.getppid() == parent and not worker.stop.wait(1.0):
        pass
    worker.stop.set()
