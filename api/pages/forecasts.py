"""For finance: what comes in week by week, with its band, beside what really came."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.charts import Caption, Span, draw_band
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("ledger.read")]


@router.get("/forecast")
async def show_forecast(visit: Reader, as_of: str = "", weeks: str = "13") -> Response:
    """Show the forecast of the newest night, or as of a past day, which tells how good it was."""
    try:
        found = await visit.look("/v1/forecast", as_of=as_of, weeks=weeks)
    except RefusedError as error:
        given = {"found": None, "chart": "", "as_of": as_of, "weeks": weeks, "problem": error.problem}
        return await visit.render("finance/forecast.html", status=error.problem.status, **given)
    spans = [
        Span(one["from_on"], one["total"]["p10"], one["total"]["mean"], one["total"]["p90"], one["received"])
        for one in found["weeks"]
    ]
    caption = Caption("forecast", f"Receipts by week, {found['currency']}")
    chart = draw_band(spans, caption, names=("expected", "p10 to p90", "received"))
    return await visit.render("finance/forecast.html", found=found, chart=chart, as_of=as_of, weeks=weeks)
