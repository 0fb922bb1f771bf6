"""For finance: the ledger as of a day: ageing down to the invoice, key figures and their trend."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import Bar, Caption, Series, draw_bars, draw_lines, draw_sparkline
from api.charts.values import Unit
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("ledger.read")]

MONTHS: Final = ("12", "24", "36")
"""How far back one may look."""

_UNITS: Final[Mapping[str, Unit]] = {"days": "days", "share": "share", "amount": "money", "per year": "number"}
_TONES: Final = ("plain", "warn", "warn", "bad")


@router.get("/ageing")
async def show_ageing(visit: Reader, period_end: str = "", entity: str = "") -> Response:
    """Show what is open by days past due and by segment, with the way down to the invoice."""
    day = period_end or await visit.find_last_day()
    ageing = await visit.look("/v1/ageing", period_end=day, entity=entity)
    bars = [
        Bar(one["bucket"].replace("_", " "), one["amount"], tone=_TONES[min(place, len(_TONES) - 1)])
        for place, one in enumerate(ageing["buckets"])
    ]
    chart = draw_bars(bars, Caption("ageing", f"Open by days past due, {ageing['currency']}"))
    return await visit.render("finance/ageing.html", ageing=ageing, chart=chart, day=day, entity=entity)


@router.get("/ageing/customers")
async def list_customers(
    visit: Reader,
    period_end: str = "",
    entity: str = "",
    segment: str = "",
    bucket: str = "",
    sort: str = "open_amount",
    after: str = "",
) -> Response:
    """List the customers behind an ageing, or behind a part of it."""
    day = period_end or await visit.find_last_day()
    part = {"entity": entity, "segment": segment, "bucket": bucket}
    found = await visit.look("/v1/ageing/customers", period_end=day, sort=sort, after=after, **part)
    return await visit.render("finance/aged_customers.html", found=found, day=day, sort=sort, part=part)


@router.get("/ageing/items")
async def list_items(
    visit: Reader,
    period_end: str = "",
    entity: str = "",
    segment: str = "",
    bucket: str = "",
    customer_id: str = "",
    sort: str = "days_past_due",
    after: str = "",
) -> Response:
    """List the open invoices and credit notes behind an ageing, or behind a part of it."""
    day = period_end or await visit.find_last_day()
    part = {"entity": entity, "segment": segment, "bucket": bucket, "customer_id": customer_id}
    found = await visit.look("/v1/ageing/items", period_end=day, sort=sort, after=after, **part)
    return await visit.render("finance/aged_items.html", found=found, day=day, sort=sort, part=part)


@router.get("/kpis")
async def show_kpis(visit: Reader, period_end: str = "", entity: str = "", months: str = "") -> Response:
    """Show how well receivables are collected, and how that went, if asked: each month takes as long as the figures."""
    day = period_end or await visit.find_last_day()
    kpis = await visit.look("/v1/kpis", period_end=day, entity=entity)
    trend: dict[str, Any] = {"months": []}
    if months in MONTHS:
        begins = count_back(date.fromisoformat(day), int(months) - 1)
        trend = await visit.look("/v1/kpis/trend", from_=begins, to=day, entity=entity)
    past = {one["name"]: [_find(month, one["name"]) for month in trend["months"]] for one in kpis["figures"]}
    return await visit.render(
        "finance/kpis.html",
        kpis=kpis,
        trend=trend,
        sparks={one["name"]: _draw_past(one, past) for one in kpis["figures"]} if trend["months"] else {},
        chart=_draw_days(kpis, trend, past) if trend["months"] else "",
        day=day,
        given=Given(entity=entity, months=months),
        choices=MONTHS,
    )


def count_back(day: date, months: int) -> date:
    """Give the first day of the month some months before that of a day.

    Examples
    --------
    >>> count_back(date(2025, 1, 31), 13)
    datetime.date(2023, 12, 1)
    """
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)


def _find(month: Mapping[str, Any], name: str) -> str | float | None:
    figure = next(one for one in month["figures"] if one["name"] == name)
    value: str | float | None = figure["value"] if figure["amount"] is None else figure["amount"]
    return value


def _draw_past(figure: Mapping[str, Any], past: Mapping[str, Any]) -> str:
    name = figure["name"]
    return draw_sparkline(past[name], Caption(f"past-{name}", figure["title"]), unit=_UNITS[figure["unit"]])


def _draw_days(kpis: Mapping[str, Any], trend: Mapping[str, Any], past: Mapping[str, Any]) -> str:
    days = [month["age_on"] for month in trend["months"]]
    series = [
        Series(one["title"], list(zip(days, past[one["name"]], strict=True)))
        for one in kpis["figures"]
        if one["unit"] == "days"
    ]
    return draw_lines(series[:5], Caption("days", "Days until money is in, of each calendar month"), unit="days")
