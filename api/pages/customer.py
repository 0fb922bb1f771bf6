"""For the credit analyst: one customer: what it owes, how it pays, what it is rated and why, what was decided."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import (
    Bar,
    Caption,
    Invoice,
    Point,
    Series,
    Step,
    draw_bars,
    draw_curve,
    draw_dots,
    draw_lines,
    draw_waterfall,
)
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("customers.read")]
Scorer = Annotated[Visit, needs("scores.read")]

_ENDINGS: Final = {"open": "open", "written_off": "written off"}
_NAMED_DAYS: Final = (28, 91, 182)
"""The days of the curve that are named beside it."""


_UNRATED: Final[Mapping[str, Any]] = {"score": None, "five_cs": None, "refused": None, "waterfall": ""}


@router.get("/customers/{customer_id:path}/items")
async def list_items(visit: Reader, customer_id: str, as_of: str = "", after: str = "") -> Response:
    """List all that is open, page by page."""
    found = await visit.look("/v1/customers/{}/items", customer_id, as_of=as_of, after=after)
    return await visit.render("credit/items.html", customer_id=customer_id, as_of=as_of, found=found)


@router.get("/customers/{customer_id:path}/score")
async def show_score(visit: Scorer, customer_id: str, as_of: str = "") -> Response:
    """Show grade, five C's and reasons as of a day; of a past day the first question may take long."""
    customer = await visit.look("/v1/customers/{}", customer_id, as_of=as_of)
    rated = await _read_score(visit, customer_id, customer["as_of"])
    return await visit.render("credit/score.html", customer=customer, as_of=as_of, **rated)


@router.get("/customers/{customer_id:path}/limit")
async def show_limit(visit: Scorer, customer_id: str, as_of: str = "") -> Response:
    """Show the limit that is recommended by all that is known, and every cap that bounds it."""
    found = await visit.look("/v1/customers/{}/limit", customer_id, as_of=as_of)
    caps = draw_caps(found["limit"], Caption("caps", f"Caps of the limit, {found['currency']}; the smallest binds"))
    return await visit.render("credit/limit.html", customer_id=customer_id, as_of=as_of, found=found, caps=caps)


@router.get("/customers/{customer_id:path}/payment-curve")
async def show_payment_curve(visit: Scorer, customer_id: str, as_of: str = "") -> Response:
    """Show by which day how much of what is open is likely to be paid."""
    found = await visit.look("/v1/customers/{}/payment-curve", customer_id, as_of=as_of)
    curve = _draw_curve(found) if found["share_paid"] else ""
    return await visit.render(
        "credit/payment_curve.html", customer_id=customer_id, as_of=as_of, found=found, curve=curve
    )


@router.get("/customers/{customer_id:path}")
async def show_customer(visit: Reader, customer_id: str, as_of: str = "") -> Response:
    """Show all that is known of a customer, as of today or a past day."""
    customer = await visit.look("/v1/customers/{}", customer_id, as_of=as_of)
    history = await visit.look("/v1/customers/{}/history", customer_id, as_of=as_of)
    # Of a past day the ledger may first have to be read for it, which the page does not wait for.
    is_rated = visit.may("scores.read") and not as_of
    rated = await _read_score(visit, customer_id, customer["as_of"]) if is_rated else _UNRATED
    return await visit.render(
        "credit/customer.html",
        customer=customer,
        history=history,
        as_of=as_of,
        charts=_draw(customer, history),
        **rated,
    )


def draw_caps(limit: Mapping[str, Any], caption: Caption) -> str:
    """Draw what bounds a recommended limit, the smallest first; the one that binds stands out."""
    caps = {"need": limit["need_amount"], **limit["caps"]}
    known = {name: float(value) for name, value in caps.items() if value is not None}
    bars = [
        Bar(f"{_word(name)} (binds)" if name == limit["binding"] else _word(name), value, tone=_tell_tone(name, limit))
        for name, value in sorted(known.items(), key=lambda one: one[1])
    ]
    return draw_bars(bars, caption)


def _tell_tone(name: str, limit: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a tone of the charts
    return "warn" if name == limit["binding"] else "plain"


def _word(code: str) -> str:
    return code.replace("_", " ")


async def _read_score(visit: Visit, customer_id: str, as_of: str) -> dict[str, Any]:
    """Read the score with its reasons and the five C's, or why there is none."""
    try:
        found = await visit.look("/v1/customers/{}/five-cs", customer_id, as_of=as_of)
    except RefusedError as error:
        return {**_UNRATED, "refused": error.problem}
    score = found["score"]
    return {**_UNRATED, "score": score, "five_cs": found, "waterfall": _draw_reasons(score) if score["reasons"] else ""}


def _draw(customer: Mapping[str, Any], history: Mapping[str, Any]) -> dict[str, str]:
    currency = customer["currency"]
    trend = [(one["as_of"], one["p_default_12m"]) for one in customer["trend"] or []]
    caption = Caption("trend", "Probability of default by run")
    buckets = [Bar(_word(one["bucket"]), one["amount"]) for one in customer["ageing"]]
    return {
        "payments": _draw_payments(history["invoices"]),
        "exposure": _draw_exposure(history["exposure"], currency),
        "ageing": draw_bars(buckets, Caption("ageing", f"Open by days past due, {currency}")),
        "trend": draw_lines([Series("PD", trend)], caption, unit="share") if len(trend) > 1 else "",
    }


def _draw_payments(rows: list[Mapping[str, Any]]) -> str:
    invoices = [
        Invoice(one["invoice_id"], one["due_on"], one["days_late"], one["amount"], _ENDINGS.get(one["ending"], "paid"))  # type: ignore[arg-type]
        for one in rows
    ]
    return draw_dots(invoices, Caption("payments", "Days late of each invoice, by due day"))


def _draw_exposure(points: list[Mapping[str, Any]], currency: str) -> str:
    owed = Series("exposure", [(one["as_of"], one["exposure_amount"]) for one in points])
    limit = Series("limit", [(one["as_of"], one["limit_amount"]) for one in points], is_step=True)
    return draw_lines([owed, limit], Caption("exposure", f"Exposure against limit, {currency}"), unit="money")


def _draw_reasons(score: Mapping[str, Any]) -> str:
    steps = [Step(one["text"], one["contribution"]) for one in score["reasons"]]
    first, last = Step("all customers", score["starting_value"]), Step("this customer", score["margin"])
    caption = Caption("reasons", "Why this probability of default, in log-odds: more = more risk")
    return draw_waterfall(first, steps, last, caption, higher="worse")


def _draw_curve(found: Mapping[str, Any]) -> str:
    points = list(zip(found["days"], found["share_paid"], strict=True))
    named = [Point(day, share, f"{share:.0%} within {day} days") for day, share in points if day in _NAMED_DAYS]
    caption = Caption("curve", "Share of what is open that is expected to be paid")
    axis, across = "expected share that is paid by then", "days from the day shown"
    return draw_curve(points, caption, points=named, axis=axis, day_axis=across)
