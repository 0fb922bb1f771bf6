"""For auditors: what people did, entry by entry, and whether the records are as they were written."""

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.auth import GuardedRoute, require
from api.deps import ServiceDep
from api.errors import problem_responses
from api.paging import After, Limit, Page, read_cursor, write_cursor
from api.schemas.audit import EntryAnswer, RecordAnswer, VerifyAnswer
from api.schemas.base import PastDay
from arrisk.records import FolderRecords, Records
from arrisk.store.entries import Recorded, Wanted, list_entries
from arrisk.store.records import TableRecords
from arrisk.uses import trail_check
from arrisk.uses.trail_check import Finding

router = APIRouter(prefix="/audit", tags=["audit"], route_class=GuardedRoute)

_READING = require("audit.read")

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
Text = Annotated[str, Field(max_length=200, pattern="^[^\\x00]*$")]


class Filters:
    """Which entries are wanted.

    Parameters
    ----------
    wanted : as the store takes it.
    """

    def __init__(
        self,
        record: Annotated[Text, Query(description="A record, or what its key begins with: closes.")] = "",
        by: Annotated[Text, Query(description="Who, exactly.")] = "",
        action: Annotated[Text, Query(description="What, exactly, such as approve.")] = "",
        from_on: Annotated[PastDay | None, Query(alias="from", description="From the start of this day, UTC.")] = None,
        to_on: Annotated[PastDay | None, Query(alias="to", description="Until the end of this day, UTC.")] = None,
        text: Annotated[Text, Query(description="What the content holds somewhere, such as a customer.")] = "",
    ) -> None:
        since, until = _begin(from_on), _begin(to_on + timedelta(days=1) if to_on else None)
        self.wanted = Wanted(record=record, by=by, action=action, since=since, until=until, text=text)


@router.get("/entries", dependencies=[_READING], responses=problem_responses(*_PROBLEMS))
def list_acts(
    service: ServiceDep, filters: Annotated[Filters, Depends()], after: After = None, limit: Limit = 100
) -> Page[EntryAnswer]:
    """List what people did, the newest first; the promotion of models is under GET /v1/promotions."""
    before = None
    if after is not None:
        at, key, seq = read_cursor(after, str, str, int)
        before = (str(at), str(key), int(seq))
    found = list_entries(service.database, filters.wanted, before=before, limit=limit + 1)
    page = found[:limit]
    following = write_cursor(page[-1].at, page[-1].key, page[-1].seq) if len(found) > limit else None
    return Page(items=[_describe(one) for one in page], next=following)


@router.get("/verify", dependencies=[_READING], responses=problem_responses(*_PROBLEMS))
def verify(service: ServiceDep) -> VerifyAnswer:
    """Check every record of the database and of the state folder, as `arrisk audit verify` does.

    Each is followed from its first entry to its last, and compared with the heads that the last night noted.
    """
    sets: dict[str, Records] = {"folder": FolderRecords(service.home), "database": TableRecords(service.database)}
    found = trail_check.check_records(sets, trail_check.find_noted(service.home))
    return VerifyAnswer(is_sound=not any(one.fault for one in found), records=[_describe_finding(one) for one in found])


def _describe_finding(one: Finding) -> RecordAnswer:
    head = one.head
    return RecordAnswer(
        place=head.place, record=head.record, count=head.entries, last_sha256=head.sha256, fault=one.fault
    )


def _begin(day: date | None) -> str:
    return "" if day is None else datetime.combine(day, time(), UTC).isoformat(timespec="seconds")


def _describe(one: Recorded) -> EntryAnswer:
    return EntryAnswer(
        record=one.key, seq=one.seq, at=one.at, by=one.by, action=one.action, content=one.content, sha256=one.sha256
    )
