"""For the credit analyst: requests for credit, the folder of each case, and the decision on it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from api.charts import Bar, Caption, Invoice, Series, Step, draw_bars, draw_dots, draw_lines, draw_waterfall
from api.pages.inside import RefusedError, Reply
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("cases.read")]
Actor = Annotated[Visit, needs("cases.propose", "cases.decide")]

ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "score": (),
    "approve": ("limit", "override_reason", "note", "conditions", "valid_days"),
    "decline": ("override_reason", "note"),
    "accept": ("note",),
    "withdraw": ("note",),
    "letter": (),
    "asked": (),
}
"""What may be done with a case, and the fields of its form."""

_DONE: Final = {
    "score": "case_scored",
    "approve": "case_approved",
    "decline": "case_declined",
    "accept": "case_accepted",
    "withdraw": "case_withdrawn",
    "letter": "case_letter",
    "asked": "case_asked",
}
_STATES: Final = (
    *("in_review", "approved", "approved_with_conditions", "counter_offer", "declined"),
    *("accepted", "withdrawn", "expired"),
)
_ENDINGS: Final = {"open": "open", "written_off": "written off"}
_MOST_REASONS: Final = 6


@router.get("/cases")
async def list_cases(visit: Reader, state: str = "", after: str = "") -> Response:
    """List the cases, the newest first: those in review wait for a decision."""
    found = await visit.look("/v1/cases", state=state, after=after)
    return await visit.render("credit/cases.html", found=found, state=state, states=_STATES)


@router.get("/cases/new")
async def show_new(visit: Annotated[Visit, needs("cases.propose")], customer_id: str = "") -> Response:
    """Ask on whom a case is opened, and for how much."""
    return await visit.render("credit/new_case.html", given=Given(customer_id=customer_id))


@router.post("/cases/new")
async def open_case(visit: Annotated[Visit, needs("cases.propose")]) -> Response:
    """Open a case."""
    form = await visit.form()
    given = fill(form, "customer_id", "requested_limit", "as_of")
    try:
        case = await visit.send("/v1/cases", body=given, form=form, ledger=visit.ledger)
    except RefusedError as error:
        problem = error.problem
        return await visit.render("credit/new_case.html", status=problem.status, given=given, problem=problem)
    return visit.go(f"/cases/{case['case_id']}", done="case_opened")


@router.get("/cases/{case_id}")
async def show_case(visit: Reader, case_id: str) -> Response:
    """Show a case with all that it holds."""
    return await _show(visit, await visit.read("/v1/cases/{}", case_id, ledger=visit.ledger))


@router.post("/cases/{case_id}/{act}")
async def act_on_case(visit: Actor, case_id: str, act: str) -> Response:
    """Do something with a case; what is refused says so on the case as it stands now, with what was typed."""
    form = await visit.form()
    body = _read_body(form, act)
    try:
        await visit.send("/v1/cases/{}/{}", case_id, act, body=body, form=form, ledger=visit.ledger)
    except RefusedError as error:
        reply = await visit.read("/v1/cases/{}", case_id, ledger=visit.ledger)
        return await _show(visit, reply, given={"act": act, **body}, problem=error.problem)
    return visit.go(f"/cases/{case_id}", done=_DONE.get(act, ""))


def _read_body(form: FormData, act: str) -> Given:
    """Read what a form says; of an unknown act nothing, and the API refuses it."""
    body = fill(form, *ACTS.get(act, ()))
    if body["valid_days"].isdigit():
        body["valid_days"] = int(body["valid_days"])
    return body


async def _show(
    visit: Visit, reply: Reply, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> Response:
    case = reply.json()
    return await visit.render(
        "credit/case.html",
        status=problem.status if problem else 200,
        case=case,
        snapshot=case["snapshot"],
        etag=reply.etag,
        given=Given(given or {}),
        proposed=_propose(case),
        problem=problem,
        charts=_draw(case) if case["snapshot"] else {},
    )


def _propose(case: Mapping[str, Any]) -> str | None:
    """Give the limit that is approved without another reason: what is recommended, and no more than was asked for."""
    known = [case[name] for name in ("recommended_limit", "requested_limit") if case[name] is not None]
    return min(known, key=float, default=None)


def _draw(case: Mapping[str, Any]) -> dict[str, str]:
    snapshot, currency = case["snapshot"], case["currency"]
    return {
        "payments": _draw_payments(snapshot["payments"]),
        "exposure": _draw_exposure(snapshot["exposure"], currency),
        "caps": _draw_caps(snapshot["recommendation"], currency),
        "reasons": _draw_reasons(snapshot["reasons"]),
    }


def _draw_payments(rows: list[list[Any]]) -> str:
    invoices = [
        Invoice(f"due {due_on}", due_on, late, amount, _ENDINGS.get(ending, "paid"))  # type: ignore[arg-type]
        for due_on, late, amount, ending in rows
    ]
    return draw_dots(invoices, Caption("payments", "Days late of each invoice, by due day"))


def _draw_exposure(rows: list[list[Any]], currency: str) -> str:
    days = [row[0] for row in rows]
    owed = Series("exposure", list(zip(days, (row[1] for row in rows), strict=True)))
    limit = Series("limit", list(zip(days, (row[2] for row in rows), strict=True)), is_step=True)
    return draw_lines([owed, limit], Caption("exposure", f"Exposure against limit, {currency}"), unit="money")


def _draw_caps(found: Mapping[str, Any], currency: str) -> str:
    caps = {"need": found["need_amount"], **found["caps"]}
    known = {name: value for name, value in caps.items() if value is not None}
    bars = [
        Bar(name.replace("_", " "), value, tone="warn" if name == found["binding"] else "plain")
        for name, value in sorted(known.items(), key=lambda one: one[1])
    ]
    return draw_bars(bars, Caption("caps", f"Caps of the limit, {currency}; the smallest binds"))


def _draw_reasons(found: Mapping[str, Any]) -> str:
    if not found["all"]:
        return ""
    steps = [Step(one["text"], one["contribution"]) for one in found["all"]]
    first, last = Step("all customers", found["starting_value"]), Step("this customer", found["margin"])
    caption = Caption("reasons", "Why this probability of default, in log-odds: more = more risk")
    return draw_waterfall(first, steps, last, caption, most=_MOST_REASONS, higher="worse")
