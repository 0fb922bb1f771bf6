"""For finance: what will not come in: methods side by side, supposed states of the economy, frameworks, past closes."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import Bar, Caption, Columns, Step, draw_bars, draw_grouped, draw_movement
from api.pages.formats import add_amounts
from api.pages.inside import RefusedError
from api.pages.ledger import count_back
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("allowance.read")]

METHODS: Final = (("matrix", "provision matrix"), ("roll-rate", "roll rates"), ("model", "payment curve"))
STATES: Final = {"good": ("0.2", "1"), "base": ("0.5", "0"), "bad": ("0.3", "-1.5")}
"""What the sliders begin with: weight and state of the economy in standard deviations."""

_PAST_CLOSES: Final = 3
"""Month ends that are tried where none are said: the last ones of which a year is known."""

_NOTHING: Final = {"count": 0, "gross_amount": "0.00", "base_amount": "0.00", "allowance": "0.00"}
_YEAR: Final = 366
_PARTS: Final = ("scenarios", "discounting", "cover", "overlays", "later_collections")


@router.get("/allowance")
async def show_allowance(visit: Reader, period_end: str = "", entity: str = "", method: str = "") -> Response:
    """Show the allowance of a period end by all methods; nothing is booked by looking."""
    asked = await _read_query(visit, period_end, entity=entity, method=method)
    found, refused, without = None, None, None
    try:
        found, without = await _compare(visit, asked)
    except RefusedError as error:
        refused = error.problem
    moved, unmoved = await _read_movement(visit, asked) if found else (None, None)
    methods = found["comparison"]["methods"] if found else []
    rows = _sum_buckets(methods, found["buckets"]) if found else []
    return await _render(
        visit,
        "finance/allowance.html",
        asked,
        refused,
        found=found,
        without=without,
        moved=moved,
        unmoved=unmoved,
        buckets=rows,
        segments=_sum_rows(found["allowances"], "segment") if found else [],
        charts={"methods": _draw_methods(methods, rows, found["currency"]), "moved": moved and _draw_moved(moved)}
        if found
        else {},
    )


@router.get("/allowance/scenarios")
async def try_scenarios(visit: Reader, period_end: str = "", entity: str = "", method: str = "") -> Response:
    """Suppose states of the economy, and see what would be booked; nothing is kept."""
    given = Given(visit.request.query_params)
    asked = await _read_query(visit, period_end, entity=entity, method=method)
    found, usual, refused = None, None, None
    try:
        found, usual = await asyncio.gather(
            visit.look("/v1/allowance", **asked, scenario=read_scenarios(given)), visit.look("/v1/allowance", **asked)
        )
    except RefusedError as error:
        refused = error.problem
    return await _render(
        visit,
        "finance/scenarios.html",
        asked,
        refused,
        found=found,
        usual=usual,
        given=given,
        states=STATES,
        chart=_draw_scenarios(found) if found else "",
    )


@router.get("/allowance/frameworks")
async def show_frameworks(visit: Reader, period_end: str = "", entity: str = "", method: str = "") -> Response:
    """Show the allowance of IFRS 9 beside that of ASC 326, and what explains the difference."""
    asked = await _read_query(visit, period_end, entity=entity, method=method)
    found, refused = await _try(visit, "/v1/allowance/frameworks", asked)
    return await _render(
        visit,
        "finance/frameworks.html",
        asked,
        refused,
        found=found,
        causes=_PARTS,
        charts={"grouped": _draw_frameworks(found), "steps": _draw_difference(found)} if found else {},
    )


@router.get("/allowance/sensitivity")
async def show_sensitivity(
    visit: Reader, period_end: str = "", entity: str = "", method: str = "", again: str = ""
) -> Response:
    """Show how the allowance of the whole ledger moves with each assumption."""
    asked = await _read_query(visit, period_end, entity="", method=method)
    found, refused = await _try(visit, "/v1/allowance/sensitivity", {**asked, "again": "true" if again else ""})
    chart = _draw_sensitivity(found) if found else ""
    return await _render(
        visit, "finance/sensitivity.html", {**asked, "entity": entity}, refused, found=found, again=again, chart=chart
    )


@router.get("/allowance/past")
async def show_past(
    visit: Reader, from_on: str = "", to_on: str = "", period_end: str = "", entity: str = "", method: str = ""
) -> Response:
    """Show past month ends: what each method would have set aside, and what was lost since."""
    asked = await _read_query(visit, period_end, entity=entity, method=method)
    period = {"from_": from_on, "to": to_on}
    if not (from_on and to_on) and (day := await visit.find_last_day()):
        last = date.fromisoformat(day) - timedelta(days=_YEAR)
        period = {"from_": str(count_back(last, _PAST_CLOSES)), "to": str(last)}
    found, refused = await _try(visit, "/v1/allowance/backtest", period)
    shown = {"found": found, "from_on": period["from_"], "to_on": period["to"]}
    return await _render(
        visit, "finance/past_closes.html", asked, refused, **shown, chart=_draw_past(found) if found else ""
    )


def read_scenarios(given: Mapping[str, str]) -> list[str]:
    """Read the sliders; weights are shares of their sum. What is no number goes on as it is, and the API refuses it.

    Examples
    --------
    >>> read_scenarios({"good_weight": "1", "base_weight": "1", "bad_weight": "2", "bad_z": "-3"})
    ['good:0.25:1', 'base:0.25:0', 'bad:0.5:-3']
    """
    weights = {name: given.get(f"{name}_weight") or usual for name, (usual, _) in STATES.items()}
    states = {name: given.get(f"{name}_z") or usual for name, (_, usual) in STATES.items()}
    try:
        whole = sum(map(float, weights.values())) or 1.0
        weights = {name: f"{float(weight) / whole!r}" for name, weight in weights.items()}
    except ValueError:
        pass
    return [f"{name}:{weights[name]}:{states[name]}" for name in STATES]


async def _read_query(visit: Visit, period_end: str, *, entity: str, method: str) -> dict[str, str]:
    return {"period_end": period_end or await visit.find_last_day(), "entity": entity, "method": method}


async def _render(
    visit: Visit, template: str, asked: Mapping[str, str], refused: Problem | None, **shown: object
) -> Response:
    status = refused.status if refused else HTTPStatus.OK
    return await visit.render(template, status=status, asked=asked, methods=METHODS, refused=refused, **shown)


async def _try(visit: Visit, path: str, query: Mapping[str, str]) -> tuple[Any, Problem | None]:
    """Ask, and give the answer, or why there is none."""
    try:
        return await visit.look(path, **query), None
    except RefusedError as error:
        return None, error.problem


async def _compare(visit: Visit, asked: Mapping[str, str]) -> tuple[Any, Problem | None]:
    """Compare all methods; where nobody chose one and the policy's has no model, those that need none, and why."""
    try:
        return await visit.look("/v1/allowance", **asked, compare="true"), None
    except RefusedError as error:
        if error.problem.status != HTTPStatus.CONFLICT or asked["method"]:
            raise
        return await visit.look("/v1/allowance", **{**asked, "method": "matrix"}, compare="true"), error.problem


async def _read_movement(visit: Visit, asked: Mapping[str, str]) -> tuple[Any, Problem | None]:
    return await _try(visit, "/v1/allowance/movement", asked) if visit.may("closes.read") else (None, None)


def _sum_rows(rows: Sequence[Mapping[str, Any]], by: str) -> list[dict[str, Any]]:
    """Sum rows of an allowance by segment or bucket, in the order in which each comes first; exact."""
    names = dict.fromkeys(row[by] for row in rows)
    return [
        {
            "name": name,
            "count": sum(row["count"] for row in rows if row[by] == name),
            **{
                amount: add_amounts(row[amount] for row in rows if row[by] == name)
                for amount in ("gross_amount", "base_amount", "allowance")
            },
        }
        for name in names
    ]


def _sum_buckets(methods: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Sum the rows of all methods by bucket: the gross amount, and what each method sets aside."""
    sums = {one["method"]: {row["name"]: row for row in _sum_rows(one["allowances"], "bucket")} for one in methods}
    first = next(iter(sums.values()))
    return [
        {
            **first.get(name, {"name": name, **_NOTHING}),
            "by": {m: sums[m].get(name, _NOTHING)["allowance"] for m in sums},
        }
        for name in names
    ]


def _draw_methods(methods: Sequence[Mapping[str, Any]], buckets: Sequence[Mapping[str, Any]], currency: str) -> str:
    words = dict(METHODS)
    columns = [Columns(words[one["method"]], [row["by"][one["method"]] for row in buckets]) for one in methods]
    names = [row["name"].replace("_", " ") for row in buckets]
    caption = Caption("methods", f"Allowance by days past due and method, {currency}")
    return draw_grouped(names, columns, caption, axis=currency)


def _draw_moved(moved: Mapping[str, Any]) -> str:
    steps = [Step(one["bucket"].replace("_", " "), one["change"]) for one in moved["buckets"]]
    caption = Caption("moved", f"The allowance since the close of {moved['close_on']}, {moved['currency']}")
    return draw_movement(Step(moved["close_on"], moved["before"]), steps, Step(moved["age_on"], moved["now"]), caption)


def _draw_scenarios(found: Mapping[str, Any]) -> str:
    bars = [Bar(one["scenario"], one["allowance"]) for one in found["scenarios"]]
    bars.append(Bar("all, by weight", found["total"], tone="warn"))
    return draw_bars(bars, Caption("scenarios", f"Allowance by state of the economy, {found['currency']}"))


def _draw_frameworks(found: Mapping[str, Any]) -> str:
    names = [one["bucket"].replace("_", " ") for one in found["buckets"]]
    series = [
        Columns(words, [one[name] for one in found["buckets"]])
        for name, words in (("ifrs9_amount", "IFRS 9"), ("asc326_amount", "ASC 326"))
    ]
    caption = Caption("frameworks", f"Allowance by days past due under both frameworks, {found['currency']}")
    return draw_grouped(names, series, caption, axis=found["currency"])


def _draw_difference(found: Mapping[str, Any]) -> str:
    steps = [Step(part.replace("_", " "), add_amounts(one[part] for one in found["buckets"])) for part in _PARTS]
    caption = Caption("difference", f"From IFRS 9 to ASC 326, {found['currency']}")
    return draw_movement(Step("IFRS 9", found["ifrs9_total"]), steps, Step("ASC 326", found["asc326_total"]), caption)


def _draw_sensitivity(found: Mapping[str, Any]) -> str:
    base = float(found["base"])
    bars = [
        Bar(f"{one['assumption']}: {one[f'{side}_setting']}", float(one[side]) - base)
        for one in found["assumptions"]
        for side in ("low", "high")
        if one[side] is not None and float(one[side]) != base
    ]
    return draw_bars(bars, Caption("sensitivity", f"What each move adds to the allowance, {found['currency']}"))


def _draw_past(found: Mapping[str, Any]) -> str:
    words = dict(METHODS)
    days = list(dict.fromkeys(one["close_on"] for one in found["closes"]))

    def add(day: str, read: str, method: str = "") -> str:
        chosen = [one for one in found["closes"] if one["close_on"] == day]
        return add_amounts(one["expected"][method] if method else one[read] for one in chosen)

    columns = [Columns(words[name], [add(day, "expected", name) for day in days]) for name in found["methods"]]
    columns.append(Columns("lost since", [add(day, "lost_amount") for day in days]))
    caption = Caption("past", f"Set aside, and lost since, {found['currency']}")
    return draw_grouped(days, columns, caption, axis=found["currency"])
