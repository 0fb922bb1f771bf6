"""For the credit analyst: one customer: what it owes, how it pays, what it is rated and why, what was decided."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import Bar, Caption, Invoice, Series, Step, draw_bars, draw_dots, draw_lines, draw_waterfall
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("customers.read")]
Scorer = Annotated[Visit, needs("scores.read")]

FIVE_CS: Final = ("character", "capacity", "capital", "collateral", "conditions")
_ENDINGS: Final = {"open": "open", "written_off": "written off"}
_FACTS: Final = ("country", "industry", "legal_form", "incorporated_on", "employees")
_FINANCIALS: Final = ("equity", "total_assets", "net_income")


@router.get("/customers/{customer_id:path}/what-if")
async def try_what_if(visit: Scorer, customer_id: str) -> Response:
    """Try what limit a customer would get if facts were otherwise; nothing is kept."""
    query = visit.request.query_params
    given = Given({name: text.strip() for name, text in query.items() if text.strip()})
    body = _read_changes(given)
    found, problem = None, None
    try:
        found = await visit.send("/v1/customers/{}/what-if", customer_id, body=body, ledger=visit.ledger)
    except RefusedError as error:
        problem = error.problem
    return await visit.render(
        "credit/what_if.html",
        status=problem.status if problem else 200,
        customer_id=customer_id,
        given=given,
        found=found,
        refused=problem,
        facts=_FACTS,
        financials=_FINANCIALS,
        charts=[_draw_caps(found[name], found["currency"], name) for name in ("as_is", "as_if")] if found else [],
    )


@router.get("/customers/{customer_id:path}")
async def show_customer(visit: Reader, customer_id: str, as_of: str = "") -> Response:
    """Show all that is known of a customer, as of today or a past day."""
    customer = await visit.look("/v1/customers/{}", customer_id, as_of=as_of)
    items, history, (score, refused) = await asyncio.gather(
        visit.look("/v1/customers/{}/items", customer_id, as_of=as_of),
        visit.look("/v1/customers/{}/history", customer_id, as_of=as_of),
        _read_score(visit, customer_id, customer["as_of"]),
    )
    return await visit.render(
        "credit/customer.html",
        customer=customer,
        items=items,
        history=history,
        score=score,
        refused=refused,
        as_of=as_of,
        five_cs={name: _gather_c(score, name) for name in FIVE_CS} if score and score["reasons"] else {},
        charts=_draw(customer, history, score),
    )


async def _read_score(visit: Visit, customer_id: str, as_of: str) -> tuple[Any, Problem | None]:
    """Read the score with its reasons, or why there is none."""
    if not visit.may("scores.read"):
        return None, None
    try:
        return await visit.look("/v1/customers/{}/score", customer_id, as_of=as_of), None
    except RefusedError as error:
        return None, error.problem


def _gather_c(score: Mapping[str, Any], name: str) -> dict[str, Any]:
    reasons = [one for one in score["reasons"] if one["five_c"] == name]
    known = sum(one["value"] is not None for one in reasons)
    return {"sum": sum(one["contribution"] for one in reasons), "reasons": reasons, "known": known}


def _draw(customer: Mapping[str, Any], history: Mapping[str, Any], score: Mapping[str, Any] | None) -> dict[str, str]:
    currency = customer["currency"]
    trend = [(one["as_of"], one["p_default_12m"]) for one in customer["trend"] or []]
    return {
        "payments": _draw_payments(history["invoices"]),
        "exposure": _draw_exposure(history["exposure"], currency),
        "ageing": draw_bars(
            [Bar(one["bucket"].replace("_", " "), one["amount"]) for one in customer["ageing"]],
            Caption("ageing", f"Open by days past due, {currency}"),
        ),
        "reasons": _draw_reasons(score) if score and score["reasons"] else "",
        "trend": draw_lines([Series("PD", trend)], Caption("trend", "Probability of default by run"), unit="share")
        if len(trend) > 1
        else "",
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


def _read_changes(given: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "master": {name: given[name] for name in _FACTS if name in given},
        "financials": {name: given[name] for name in _FINANCIALS if name in given},
        "attributes": {"bureau_score": given["bureau_score"]} if "bureau_score" in given else {},
    }
    body |= {name: given[name] for name in ("requested_limit", "terms_days") if name in given}
    return {name: value for name, value in body.items() if value}


def _draw_caps(limit: Mapping[str, Any], currency: str, name: str) -> str:
    caps = {"need": limit["need_amount"], **limit["caps"]}
    known = {cap: float(value) for cap, value in caps.items() if value is not None}
    bars = [
        Bar(cap.replace("_", " "), value, tone="warn" if cap == limit["binding"] else "plain")
        for cap, value in sorted(known.items(), key=lambda one: one[1])
    ]
    words = "as it is" if name == "as_is" else "as it would be"
    return draw_bars(bars, Caption(name, f"Caps {words}, {currency}"))
