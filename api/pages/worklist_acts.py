"""What a collector does about a customer, sent by the forms of its file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Visit, fill, needs
from api.pages.worklist import FILTERS, Opened, open_file, show_alone, show_list
from api.schemas.base import Problem
from arrisk.errors import MissingError

router = APIRouter(route_class=PageRoute)

Worker = Annotated[Visit, needs("worklist.act")]

_ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "contacts": ("channel", "outcome", "note"),
    "promises": ("amount", "currency", "due_on", "note"),
    "cancel": ("reason",),
    "disputes": ("reason", "amount", "note"),
    "end": ("outcome", "note"),
    "snooze": ("until_on", "reason"),
    "wake": (),
    "move": ("place", "reason"),
    "move-back": (),
    "assign": ("collector",),
}
"""By what is done: what its form says."""

_OF_PART: Final = {"cancel": "promises/{}/cancel", "end": "disputes/{}/end"}
"""What is done about a promise or a dispute; its form names it as ``part``."""

_CHANGED: Final = 412


@router.post("/worklist/{customer_id:path}/do/{act}")
async def do_act(visit: Worker, customer_id: str, act: str) -> Response:
    """Do something about a customer, and go on with the next one of the list."""
    if act not in _ACTS:
        raise MissingError(f"nobody can do '{act}'", hint="one of the forms of the file")
    form = await visit.form()
    path = _OF_PART.get(act, act).format(quote(fill(form, "part").get("part", "-"), safe=""))
    try:
        await visit.send(
            f"/v1/worklist/{{}}/{path}", customer_id, body=_read_body(act, form), form=form, ledger=visit.ledger
        )
    except RefusedError as error:
        return await _show_refusal(visit, customer_id, act, form, error.problem)
    if "list" not in form:
        return visit.go(f"/worklist/{quote(customer_id, safe='/')}", done=act)
    turn = fill(form, "following").get("following", customer_id)
    return visit.go(f"/worklist?{urlencode({**_read_list(form), 'at': turn})}", done=act)


def _read_body(act: str, form: FormData) -> dict[str, Any] | None:
    """Read what a form says as the API takes it: what was left empty is left out."""
    body: dict[str, Any] = dict(fill(form, *_ACTS[act]))
    if act == "disputes":
        body["invoice_ids"] = [str(one) for one in form.getlist("invoice_ids")]
    return {"collector": body.get("collector", "")} if act == "assign" else body or None


def _read_list(form: FormData) -> dict[str, str]:
    """Read from which list a form was sent."""
    given = dict(parse_qsl(fill(form, "list").get("list", "")))
    return {name: given[name] for name in (*FILTERS, "after") if name in given}


async def _show_refusal(visit: Visit, customer_id: str, act: str, form: FormData, problem: Problem) -> Response:
    """Show the file as it is now, with what was typed, and with what others did meanwhile where that is why."""
    opened = replace(await open_file(visit, customer_id), tried=act, typed=form, refused=problem)
    if problem.status == _CHANGED:
        opened = replace(opened, meanwhile=_list_new(opened, fill(form, "etag").get("etag", "")))
    if "list" not in form:
        return await show_alone(visit, opened)
    return await show_list(visit, _read_list(form), opened)


def _list_new(opened: Opened, seen: str) -> tuple[Mapping[str, Any], ...]:
    digits = seen.strip('"')
    count = opened.file["version"] - int(digits) if digits.isdigit() else 0
    return tuple(opened.file["actions"][: max(count, 0)])
