"""For finance: what comes in, week by week: as the nightly run stored it, or computed where the ledger is small."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from api.answers.base import write_amount
from api.auth import GuardedRoute, require
from api.errors import problem_responses
from api.posted import require_curve
from api.schemas.base import KnownDay
from api.schemas.forecast import Expected, ForecastAnswer, ForecastWeek
from api.views import View, ViewDep
from arrisk import money, pipeline
from arrisk.errors import AccessError, InputError
from arrisk.forecast.history import Ledger
from arrisk.forecast.receipts import Horizon
from arrisk.frames import day_of
from arrisk.schema import Book
from arrisk.store import runs
from arrisk.uses import nightly
from arrisk.uses.plain import to_plain
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["finance"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("ledger.read")]

MOST_INVOICES: Final = 100_000
"""Of a larger ledger only what the nightly run stored is shown: it would take minutes."""

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_TOTALS = ("open_amount", "set_off_amount", "overdue_amount", "unbooked_amount", "later_amount", "never_amount")
_PARTS = ("open_book", "future_sales", "total")


@router.get("/forecast", responses=problem_responses(*_PROBLEMS))
def show_forecast(
    caller: Reader,
    view: ViewDep,
    as_of: Annotated[
        KnownDay | None, Query(description="The first day of the first week; missing = that of the newest nightly run.")
    ] = None,
    weeks: Annotated[int, Query(ge=1, le=52, description="How many.")] = nightly.WEEKS,
) -> ForecastAnswer:
    """Forecast receipts by week with a band, as `arrisk forecast` does: of the whole ledger, with a promoted model.

    What the nightly run stored is given where it is of that day and number of weeks.
    """
    if caller.entities:
        hint = "somebody who sees all entities"
        raise AccessError("receipts are forecast for the whole ledger alone", where="entity", hint=hint)
    name = view.book.name
    run = runs.find_newest(view.service.database, name, as_of=as_of) if weeks == nightly.WEEKS else None
    stored = runs.read_reports(view.service.database, run).get("forecast") if run else None
    if run and stored:
        return _describe(view, stored, source=f"run {run.run_id}")
    if as_of is None:
        raise InputError("no forecast is stored yet", where="as_of", hint="a day, or a job of kind nightly")
    require_curve(view.service, view.book, as_of=as_of, name=None)
    if len(view.book["invoices"]) > MOST_INVOICES:
        what = f"no forecast of {as_of} is stored, and the ledger is too large to compute it now"
        raise InputError(what, where="as_of", hint="a day of which there is a nightly run")
    found = view.compute("forecast", as_of, weeks, make=partial(_compute, view, as_of, weeks))
    return _describe(view, found, source="computed")


def _compute(view: View, as_of: date, weeks: int) -> Mapping[str, Any]:
    service = view.service
    found = pipeline.forecast_cash(
        view.book, as_of=as_of, weeks=weeks, model_name=None, home=service.home, policy=service.policy
    )
    plain: Any = to_plain({"as_of": as_of, "model": found.model_note, **found.cash.describe()})
    return dict(plain)


def _describe(view: View, found: Mapping[str, Any], *, source: str) -> ForecastAnswer:
    currency, begins, count = found["currency"], date.fromisoformat(str(found["as_of"])), len(found["weeks"])
    received = view.compute("received", begins, count, make=partial(_list_received, view.book, begins, count))
    return ForecastAnswer(
        as_of=found["as_of"],
        ledger=view.book.name,
        currency=currency,
        source=source,
        model=found["model"],
        **{name: write_amount(found[name], currency) for name in _TOTALS},
        weeks=[_describe_week(week, came, currency) for week, came in zip(found["weeks"], received, strict=True)],
    )


def _list_received(book: Book, as_of: date, weeks: int) -> list[str | None]:
    """List what came in during each week by all that is known now; None = the ledger does not cover the week yet."""
    horizon = Horizon(day_of(as_of), weeks)
    sums = Ledger.of(book).sum_weeks(horizon, known_before=book.extract_end_on + timedelta(days=1))
    is_over = horizon.last_days <= day_of(book.extract_end_on)
    amounts = [money.write_minor(round(amount), book.currency) for amount in sums.tolist()]
    return [amount if over else None for amount, over in zip(amounts, is_over.tolist(), strict=True)]


def _describe_week(week: Mapping[str, Any], received: str | None, currency: str) -> ForecastWeek:
    parts = {
        part: Expected(**{name: write_amount(week[f"{part}_{name}"], currency) for name in Expected.model_fields})
        for part in _PARTS
    }
    due = write_amount(week["due_amount"], currency)
    days = {"from_on": week["from"], "to_on": week["to"]}
    return ForecastWeek(week=week["week"], **days, due_amount=due, received=received, **parts)
