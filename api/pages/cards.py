"""The cards of the home page: one for each thing that may wait for somebody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final

from api.pages.inside import RefusedError
from api.pages.visits import Visit
from api.pages.worklist import read_card

_SHOWN: Final = 5
"""Rows of a card at most."""

Read = Callable[[Visit], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Card:
    """A card of the home page.

    Parameters
    ----------
    template : shows it, given what was read.
    permission : who gets it.
    read : asks the API.
    is_of_ledger : whether there has to be a ledger.
    """

    template: str
    permission: str
    read: Read
    is_of_ledger: bool = True


async def _read_ledger(visit: Visit) -> dict[str, Any]:
    return {"ageing": await visit.look("/v1/ageing", period_end=await visit.find_last_day())}


async def _read_cases(visit: Visit) -> dict[str, Any]:
    return {"found": await visit.look("/v1/cases", state="in_review", limit=_SHOWN)}


async def _read_downgrades(visit: Visit) -> dict[str, Any]:
    return {"found": await _look_at_night(visit, "/v1/downgrades", limit=_SHOWN)}


async def _read_holds(visit: Visit) -> dict[str, Any]:
    return {"found": await visit.look("/v1/holds", decision="hold", limit=_SHOWN)}


async def _read_jobs(visit: Visit) -> dict[str, Any]:
    newest = (await visit.get("/v1/jobs", limit=_SHOWN * 4))["items"]
    nights = await visit.get("/v1/jobs", kind="nightly", state="done", limit=1)
    return {
        "under_way": [job for job in newest if job["state"] in ("queued", "running")],
        "failed": [job for job in newest if job["state"] == "failed"][:_SHOWN],
        "night": next(iter(nights["items"]), None),
    }


async def _read_uploads(visit: Visit) -> dict[str, Any]:
    newest = (await visit.get("/v1/uploads", limit=_SHOWN * 4))["items"]
    waiting = [one for one in newest if one["job_id"] is None or one["count_problems"] or one["job_state"] == "failed"]
    return {"waiting": waiting[:_SHOWN]}


async def _read_watch(visit: Visit) -> dict[str, Any]:
    return {"found": await _look_at_night(visit, "/v1/monitoring")}


async def _look_at_night(visit: Visit, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
    """Ask for what the newest night found; before the first one, or with no ledger chosen, None."""
    try:
        return await visit.look(path, **query)
    except RefusedError as error:
        if error.problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return None


async def _read_closes(visit: Visit) -> dict[str, Any]:
    found = await visit.look("/v1/closes", sort="newest", limit=100)
    newest = {one["entity"]: one for one in reversed(found["items"])}
    return {"closes": list(newest.values())[:_SHOWN], "day": find_month_end(await visit.find_last_day())}


def find_month_end(day: str) -> str:
    """Find the last month end until a day; empty where there is no day.

    Examples
    --------
    >>> find_month_end("2024-03-31"), find_month_end("2024-03-30"), find_month_end("")
    ('2024-03-31', '2024-02-29', '')
    """
    if not day:
        return ""
    following = date.fromisoformat(day) + timedelta(days=1)
    return str(following.replace(day=1) - timedelta(days=1))


async def _read_write_offs(visit: Visit) -> dict[str, Any]:
    day = await visit.find_last_day()
    found = await visit.look("/v1/write-offs", state="proposed", period_end=day, limit=100)
    acted = ([one["proposer"], *(gave["by"] for gave in one["approvals"])] for one in found["items"])
    waiting = [one for one, names in zip(found["items"], acted, strict=True) if not any(map(visit.is_own, names))]
    return {"waiting": waiting[:_SHOWN], "more": len(waiting) > _SHOWN or found["next"]}


CARDS: Final[tuple[Card, ...]] = (
    Card("home/cases.html", "cases.read", _read_cases),
    Card("home/downgrades.html", "cases.propose", _read_downgrades),
    Card("home/holds.html", "holds.read", _read_holds),
    Card("home/worklist.html", "worklist.act", read_card),
    Card("home/close.html", "closes.read", _read_closes),
    Card("home/write_offs.html", "write_offs.decide", _read_write_offs),
    Card("home/ledger.html", "ledger.read", _read_ledger),
    Card("home/watch.html", "models.read", _read_watch),
    Card("home/jobs.html", "jobs.read", _read_jobs, is_of_ledger=False),
    Card("home/uploads.html", "uploads.read", _read_uploads, is_of_ledger=False),
)
"""In the order in which they are shown."""


async def read_cards(visit: Visit) -> list[dict[str, Any]]:
    """Read the cards of a visitor; one that cannot be read says why, and the others stay."""
    found: list[dict[str, Any]] = []
    has_ledger = bool(await visit.get("/v1/ledgers"))
    for card in CARDS:
        if not visit.may(card.permission) or (card.is_of_ledger and not has_ledger):
            continue
        try:
            found.append({"template": card.template, "problem": None, **await card.read(visit)})
        except RefusedError as error:
            found.append({"template": "home/refused.html", "problem": error.problem})
    return found
