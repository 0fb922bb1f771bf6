"""For collectors: the worklist of today, what each has done of it, and what may be chosen from."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from api.answers.collection import describe_progress, describe_row
from api.auth import GuardedRoute, require
from api.desks import Place, PlaceDep, find_alone
from api.errors import problem_responses
from api.paging import After, Limit, read_cursor, write_cursor
from api.schemas.collection import ProgressAnswer, WorklistPage, WorklistRow
from api.schemas.worklist import ChoicesAnswer
from api.worklists import Worked
from arrisk.acts import fold_name
from arrisk.contacts.listing import Wanted, choose_rows, key_of
from arrisk.contacts.placing import Pending
from arrisk.errors import InputError
from arrisk.store.runs import find_newest
from arrisk.store.worklists import read_expected, read_worklist_rows
from arrisk.uses import collecting
from arrisk.uses.accounts import list_logins
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["collections"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("worklist.read")]

PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_BOUND = 1e15
Amount = Annotated[float | None, Query(ge=-_BOUND, le=_BOUND, allow_inf_nan=False)]
Days = Annotated[int | None, Query(ge=-100_000, le=100_000)]
Segment = Annotated[str | None, Query(max_length=200)]
Sort = Annotated[
    Literal["listed", "at_stake", "overdue", "oldest"],
    Query(description="`listed` = in the order in which it is worked; else the largest first."),
]


@dataclass(frozen=True)
class Filter:
    """Which rows of the worklist are asked for."""

    q: Annotated[str | None, Query(max_length=200, description="The beginning of an id, or a part of a name.")] = None
    collector: Annotated[str | None, Query(max_length=200, description="Whose; `-` = nobody's.")] = None
    state: Annotated[Pending | None, Query(description="What the next step waits for, or comes from.")] = None
    show: Annotated[
        Literal["open", "hidden", "all"],
        Query(description="Who is to be worked, who is put off or has promised, or all."),
    ] = "open"
    overdue_from: Amount = None
    overdue_to: Amount = None
    oldest_from: Days = None
    oldest_to: Days = None
    country: Segment = None
    industry: Segment = None
    grade: Segment = None

    def read(self) -> Wanted:
        """Give what is asked for."""
        facts = {name: value for name, value in vars(self).items() if name not in ("show", "q")}
        return Wanted(**facts, text=self.q, is_hidden={"open": False, "hidden": True, "all": None}[self.show])


@router.get("/worklist", responses=problem_responses(*PROBLEMS))
def list_worklist(
    caller: Reader,
    place: PlaceDep,
    wanted: Annotated[Filter, Depends(Filter)],
    sort: Sort = "listed",
    after: After = None,
    limit: Limit = 50,
) -> WorklistPage:
    """List whom to contact, in order, with why it is here and what to do next.

    Figures are those of the newest run. Who was put off, or has promised enough, is hidden until its day or until
    something new happens; `show` brings them back.
    """
    worked = place.read_worklist()
    listing, seen = worked.listing, _read_place(after)
    rows = choose_rows(listing, wanted.read(), sort=sort, after=seen)
    alone = find_alone(place, caller)
    if alone is not None:
        ids = listing.rows["customer_id"].iloc[rows]
        rows = rows[ids.isin(list(alone)).to_numpy(dtype=bool)]
    shown = rows[:limit].tolist()
    return WorklistPage(
        as_of=worked.run.as_of,
        items=describe_rows(place, worked, shown),
        count=len(rows),
        next=write_cursor(*map(str, key_of(listing, shown[-1], sort=sort))) if len(rows) > limit else None,
    )


@router.get("/collectors/progress", responses=problem_responses(*PROBLEMS))
def show_progress(_: Reader, place: PlaceDep) -> ProgressAnswer:
    """Show what each collector has done today."""
    today = place.now.date()
    known = place.files.read(on=today)
    has_run = find_newest(place.service.database, place.ledger) is not None
    listing = place.read_worklist().listing if has_run else None
    found = collecting.read_progress(known.accounts, listing, on=today)
    return describe_progress(found, currency=place.view().book.currency)


@router.get("/collectors/choices", responses=problem_responses(*PROBLEMS))
def list_choices(_: Reader, place: PlaceDep) -> ChoicesAnswer:
    """List what may be chosen from: words for contacts and disputes, collectors, countries, industries, grades."""
    words = place.policy.contacts
    names = ("channels", "outcomes", "dispute_reasons", "dispute_outcomes")
    days = ("promise_within_days", "snooze_within_days", "move_days")
    known = place.files.read(on=place.now.date())
    owners = {fold_name(account.collector): account.collector for account in known.accounts.values()}
    owners |= {fold_name(login): login for login in list_logins(place.service.accounts, "worklist.act")}
    return ChoicesAnswer(
        **{name: list(getattr(words, name)) for name in names},
        **{name: getattr(words, name) for name in days},
        collectors=sorted(filter(None, owners.values())),
        **_list_kinds(place),
    )


def _list_kinds(place: Place) -> dict[str, list[str]]:
    """List what customers of the list are like, each value once."""
    columns = {"countries": "country", "industries": "industry", "grades": "grade"}
    if find_newest(place.service.database, place.ledger) is None:
        return {name: [] for name in columns}
    kinds = place.read_worklist().listing.kinds
    return {name: list(kinds[column]) for name, column in columns.items()}


def describe_rows(place: Place, worked: Worked, rows: Sequence[int]) -> list[WorklistRow]:
    """Give rows of the worklist, named by where they stand in the listing."""
    ranks = worked.listing.rows["rank"].to_numpy()[list(rows)].tolist()
    database = place.service.database
    found = read_worklist_rows(database, worked.run, ranks)
    expected = read_expected(database, worked.run, [values["customer_id"] for values in found])
    return [
        describe_row(values, worked.listing, row, expected_on=expected.get(values["customer_id"]))
        for values, row in zip(found, rows, strict=True)
    ]


def _read_place(after: str | None) -> tuple[float, int] | None:
    """Read where the page before ended."""
    if after is None:
        return None
    key, rank = map(str, read_cursor(after, str, str))
    try:
        return float(key), int(rank)
    except ValueError:
        raise InputError(
            "this is no cursor of this list", where="after", hint="the `next` of the page before"
        ) from None
