"""For finance: the close of a period from its draft to its journal, by two people."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.charts import Caption, Step, draw_movement
from api.pages.allowance import METHODS
from api.pages.inside import RefusedError, Reply
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("closes.read")]

_LESS: Final = frozenset({"write_offs", "other_write_offs", "receipts", "credit_notes"})
"""Lines of a movement that are taken off."""

_DRAFT: Final = ("period_end", "entity", "method", "opening", "since", "other", "reason")


@router.get("/closes")
async def list_closes(visit: Reader, entity: str = "", after: str = "") -> Response:
    """List the closes, the newest period last."""
    found = await visit.look("/v1/closes", entity=entity, after=after)
    day = await visit.find_last_day()
    given = Given(period_end=day)
    return await visit.render("finance/closes.html", found=found, given=given, methods=METHODS)


@router.post("/closes")
async def draft_close(visit: Annotated[Visit, needs("closes.draft")]) -> Response:
    """Draft the close of a period."""
    form = await visit.form()
    given = fill(form, *_DRAFT)
    try:
        close = await visit.send("/v1/closes", body=given, form=form, ledger=visit.ledger)
    except RefusedError as error:
        found = await visit.look("/v1/closes")
        problem = error.problem
        shown = {"found": found, "given": given, "methods": METHODS, "problem": problem}
        return await visit.render("finance/closes.html", status=problem.status, **shown)
    return visit.go(_find_path(close), done="close_drafted")


@router.get("/closes/{period_end}")
async def show_close(visit: Reader, period_end: str, entity: str = "") -> Response:
    """Show a close with its movements, its journal, and who did what."""
    return await _show(visit, await _read(visit, period_end, entity))


@router.post("/closes/{period_end}/{act}")
async def act_on_close(visit: Annotated[Visit, needs("closes.sign")], period_end: str, act: str) -> Response:
    """Review, post or take back a close."""
    form = await visit.form()
    given = fill(form, "entity", "reason")
    body = {"reason": given["reason"]} if act == "reverse" else None
    query = {"ledger": visit.ledger, "entity": given["entity"]}
    try:
        close = await visit.send("/v1/closes/{}/" + act, period_end, body=body, form=form, **query)
    except RefusedError as error:
        reply = await _read(visit, period_end, given["entity"])
        return await _show(visit, reply, given=given, problem=error.problem)
    return visit.go(_find_path(close), done=f"close_{act}")


async def _read(visit: Visit, period_end: str, entity: str) -> Reply:
    return await visit.read("/v1/closes/{}", period_end, ledger=visit.ledger, entity=entity)


async def _show(
    visit: Visit, reply: Reply, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> Response:
    close = reply.json()
    moves = {name: _sign(close[name]) for name in ("movement", "receivables")}
    journal = await visit.look("/v1/closes/{}/journal", close["period_end"], entity=close["entity"])
    return await visit.render(
        "finance/close.html",
        status=problem.status if problem else 200,
        close=close,
        journal=journal,
        etag=reply.etag,
        given=Given(given or {}),
        problem=problem,
        moves=moves,
        charts={name: _draw_movement(moves[name], name, close["currency"]) for name in moves},
    )


def _sign(movement: Mapping[str, str]) -> dict[str, str]:
    """Give a movement so that its lines sum to its last one: what went off has a minus."""
    return {name: str(-Decimal(amount)) if name in _LESS else amount for name, amount in movement.items()}


def _draw_movement(movement: Mapping[str, str], name: str, currency: str) -> str:
    (first, opening), *steps, (last, closing) = movement.items()
    words = {"movement": "The allowance", "receivables": "The receivables"}[name]
    caption = Caption(name, f"{words} from {first.replace('_', ' ')} to {last.replace('_', ' ')}, {currency}")
    between = [Step(step.replace("_", " "), amount) for step, amount in steps]
    return draw_movement(Step(first, opening), between, Step(last, closing), caption)


def _find_path(close: Mapping[str, Any]) -> str:
    return f"/closes/{close['period_end']}?{urlencode({'entity': close['entity']})}"
