"""The first way through the service: from a file to the first worklist, and where on it one is."""

from dataclasses import dataclass
from typing import Any, Final

from api.pages.visits import Visit

SAMPLE_LEDGER: Final = "sample"
"""What the ledger with made-up rows is called."""


@dataclass(frozen=True)
class Step:
    """One step of the way.

    Parameters
    ----------
    label, path : what is to be done, and where; an empty path = by somebody else.
    state : done, now or later.
    job : that is at it; None = none is.
    """

    label: str
    path: str
    state: str
    job: dict[str, Any] | None = None


async def read_steps(visit: Visit) -> list[Step]:
    """Read where one is; empty once a day was computed, or for whoever does not run the service."""
    if not (visit.may("jobs.write") and visit.may("uploads.write")):
        return []
    if (await visit.get("/v1/jobs", kind="nightly", state="done", limit=1))["items"]:
        return []
    uploads = (await visit.get("/v1/uploads", limit=1))["items"]
    has_ledger = bool(await visit.get("/v1/ledgers"))
    trained = (await visit.get("/v1/jobs", kind="train", state="done", limit=1))["items"]
    jobs = (await visit.get("/v1/jobs", limit=20))["items"]
    done = [bool(uploads) or has_ledger, has_ledger, bool(trained), False, False]
    ways = [
        ("Upload your open items", "/uploads", ()),
        ("Say what the columns mean, and add it", _find_file(uploads), ("ingest", "sample")),
        ("Train the models", "/jobs#ask", ("train",)),
        ("Compute the day", "/jobs#ask", ("nightly",)),
        ("Work through the first worklist", "/worklist" if visit.may("worklist.read") else "", ()),
    ]
    here = done.index(False)
    return [
        Step(label, path, _say_state(place, here), _find_job(jobs, kinds) if place >= here else None)
        for place, (label, path, kinds) in enumerate(ways)
    ]


def _find_file(uploads: list[dict[str, Any]]) -> str:
    return f"/uploads/{uploads[0]['upload_id']}" if uploads else "/uploads"


def _say_state(place: int, here: int) -> str:
    return "done" if place < here else "now" if place == here else "later"


def _find_job(jobs: list[dict[str, Any]], kinds: tuple[str, ...]) -> dict[str, Any] | None:
    return next((job for job in jobs if job["kind"] in kinds and job["state"] in ("queued", "running")), None)
