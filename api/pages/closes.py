"""For finance: the close of a period from its draft to its journal, by two people."""

from collections.abc import Mapping
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
Drafter = Annotated[Visit, needs("closes.draft")]

_DRAFT: Final = ("period_end", "entity", "method", "opening", "since", "other", "reason")
_ASSESSED: Final = ("customer_id", "rate", "amount", "reason", "assessed_on", "valid_to_on")
_UNDER_WAY: Final = ("running", "queued")

LINES: Final[Mapping[str, Mapping[str, str]]] = {
    "movement": {
        "opening": "as the last close left it",
        "charge": "the expense of the period; negative = a release",
        "write_offs": "taken off receivables and allowance; no expense",
        "recoveries": "came in of what was written off before",
        "fx": "what new exchange rates made of the opening",
        "other": "neither, such as a first adoption",
        "closing": "what is required by the method",
    },
    "receivables": {
        "opening": "as the last close left them",
        "sales": "invoices that became known in the period",
        "receipts": "payments applied",
        "credit_notes": "credit notes",
        "write_offs": "bad debt",
        "other_write_offs": "discounts, small balances, goodwill",
        "fx": "what new exchange rates made of the opening",
        "closing": "as in the ageing",
    },
}
"""By movement: its lines in order, and what each is."""

_TAKEN_OFF: Final = {
    "movement": ("write_offs",),
    "receivables": ("receipts", "credit_notes", "write_offs", "other_write_offs"),
}


@router.get("/closes")
async def list_closes(visit: Reader, entity: str = "", after: str = "") -> Response:
    """List the closes, the newest period first, and what is being drafted."""
    return await _list(visit, entity, after, Given(period_end=await visit.find_last_day()))


@router.post("/closes")
async def draft_close(visit: Drafter) -> Response:
    """Draft the close of a period, at once or as a job of the worker."""
    form = await visit.form()
    given = fill(form, *_DRAFT)
    try:
        if form.get("how") == "job":
            order = {"kind": "close", "ledger": await _name_ledger(visit), "close": given}
            job = await visit.send("/v1/jobs", body=order, form=form)
            return visit.go(f"/jobs/{job['job_id']}")
        close = await visit.send("/v1/closes", body=given, form=form, ledger=visit.ledger)
    except RefusedError as error:
        return await _list(visit, "", "", given, problem=error.problem)
    return visit.go(find_path(close), done="close_drafted")


@router.get("/closes/{period_end}")
async def show_close(visit: Reader, period_end: str, entity: str = "") -> Response:
    """Show a close with its movements, its journal, and who did what."""
    return await _show(visit, await _read(visit, period_end, entity))


@router.post("/closes/{period_end}/assess")
async def assess_customer(visit: Drafter, period_end: str) -> Response:
    """Draft a close again with one more customer assessed on its own, in the name of who does it."""
    form = await visit.form()
    given = fill(form, "entity", *_ASSESSED)
    reply = await _read(visit, period_end, given["entity"])
    close = reply.json()
    one = {name: given[name] for name in _ASSESSED if given[name]} | {"assessed_by": visit.caller.login}
    if given["rate"]:
        one["rate"] = _read_percent(given["rate"])
    body = {name: close[name] for name in ("period_end", "entity", "method")}
    others = [_plain(held) for held in close["assessments"] if held["customer_id"] != given["customer_id"]]
    try:
        body["assessments"] = [*others, one]
        drafted = await visit.send("/v1/closes", body=body, form=form, ledger=visit.ledger)
    except RefusedError as error:
        return await _show(visit, reply, given={"act": "assess", **given}, problem=error.problem)
    return visit.go(find_path(drafted), done="close_assessed")


@router.post("/closes/{period_end}/{act}")
async def act_on_close(visit: Annotated[Visit, needs("closes.sign")], period_end: str, act: str) -> Response:
    """Review, post or take back a close; what is refused says so on the close as it stands now."""
    form = await visit.form()
    given = fill(form, "entity", "reason")
    body = {"reason": given["reason"]} if act == "reverse" else None
    query = {"ledger": visit.ledger, "entity": given["entity"]}
    try:
        close = await visit.send("/v1/closes/{}/{}", period_end, act, body=body, form=form, **query)
    except RefusedError as error:
        reply = await _read(visit, period_end, given["entity"])
        return await _show(visit, reply, given={"act": act, **given}, problem=error.problem)
    return visit.go(find_path(close), done=f"close_{act}")


def find_path(close: Mapping[str, Any]) -> str:
    """Give the address of a close."""
    return f"/closes/{close['period_end']}?{urlencode({'entity': close['entity']})}"


async def _name_ledger(visit: Visit) -> str | None:
    """Name the ledger for a job, which takes none for granted."""
    names = [one["name"] for one in await visit.get("/v1/ledgers")]
    return visit.ledger or (names[0] if len(names) == 1 else None)


async def _list(
    visit: Visit, entity: str, after: str, given: Mapping[str, Any], *, problem: Problem | None = None
) -> Response:
    return await visit.render(
        "finance/closes.html",
        status=problem.status if problem else 200,
        found=await visit.look("/v1/closes", entity=entity, after=after, sort="newest"),
        jobs=await _list_jobs(visit),
        given=given,
        methods=METHODS,
        problem=problem,
    )


async def _list_jobs(visit: Visit) -> list[Any]:
    """List the drafts that wait for the worker, or are made by it."""
    if not visit.may("jobs.read"):
        return []
    pages = [await visit.look("/v1/jobs", kind="close", state=state) for state in _UNDER_WAY]
    return [job for page in pages for job in page["items"]]


async def _read(visit: Visit, period_end: str, entity: str) -> Reply:
    return await visit.read("/v1/closes/{}", period_end, ledger=visit.ledger, entity=entity)


async def _show(
    visit: Visit, reply: Reply, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> Response:
    close, typed = reply.json(), Given(given or {})
    return await visit.render(
        "finance/close.html",
        status=problem.status if problem else 200,
        close=close,
        journal=await visit.look("/v1/closes/{}/journal", close["period_end"], entity=close["entity"]),
        etag=reply.etag,
        given=typed,
        assessed=typed if typed["act"] == "assess" else Given(),
        problem=problem,
        methods=METHODS,
        moves={name: _sign_lines(close[name], name) for name in LINES},
        charts={name: _draw_movement(close, name) for name in LINES},
    )


def _sign_lines(amounts: Mapping[str, str], movement: str) -> list[tuple[str, str, str]]:
    """Give the lines of a movement with their signs, so that opening and lines sum to the closing."""
    taken = _TAKEN_OFF[movement]
    return [
        (name, _turn(amounts[name]) if name in taken else amounts[name], words)
        for name, words in LINES[movement].items()
    ]


def _turn(amount: str) -> str:
    """Change the sign of an amount.

    Examples
    --------
    >>> _turn("5.00"), _turn("-5.00"), _turn("0.00")
    ('-5.00', '5.00', '0.00')
    """
    if amount.startswith("-"):
        return amount[1:]
    return f"-{amount}" if amount.strip("0.") else amount


def _draw_movement(close: Mapping[str, Any], movement: str) -> str:
    (_, opening, _), *steps, (_, closing, _) = _sign_lines(close[movement], movement)
    words = {"movement": "The allowance", "receivables": "The receivables"}[movement]
    caption = Caption(movement, f"{words} from {close['since']} to {close['period_end']}, {close['currency']}")
    between = [Step(name.replace("_", " "), amount) for name, amount, _ in steps]
    return draw_movement(Step("opening", opening), between, Step("closing", closing), caption)


def _read_percent(text: str) -> float | str:
    """Read a percentage as a share; what is no number goes on as it is, and the API refuses it."""
    try:
        return float(text.removesuffix("%")) / 100
    except ValueError:
        return text


def _plain(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if value is not None}
