"""For finance: what will not come in: methods side by side, what if the economy turns, what stands behind the rates."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import Bar, Caption, Columns, draw_bars, draw_stacked
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("allowance.read")]

METHODS: Final = (("matrix", "provision matrix"), ("roll-rate", "roll rates"), ("model", "payment curve"))
STATES: Final = {"good": (0.2, 1.0), "base": (0.5, 0.0), "bad": (0.3, -1.5)}
"""What the sliders begin with: weight and state of the economy in standard deviations."""

_PARTS: Final = ("performing", "in_default", "individual", "overlays")


@router.get("/allowance")
async def show_allowance(
    visit: Reader, period_end: str = "", entity: str = "", method: str = "", compare: str = "", suppose: str = ""
) -> Response:
    """Show the allowance of a period end; nothing is booked by looking."""
    day = period_end or await visit.find_last_day()
    given = Given(visit.request.query_params)
    query = {"period_end": day, "entity": entity, "method": method}
    asked: dict[str, Any] = {"compare": "true"} if compare else {}
    if suppose:
        asked["scenario"] = _read_scenarios(given)
    found, problem = None, None
    try:
        found = await visit.look("/v1/allowance", **query, **asked)
    except RefusedError as error:
        problem = error.problem
    return await visit.render(
        "finance/allowance.html",
        status=problem.status if problem else 200,
        found=found,
        problem=problem,
        day=day,
        given=given,
        methods=METHODS,
        states=STATES,
        charts=_draw(found) if found else {},
    )


def _read_scenarios(given: Mapping[str, str]) -> list[str]:
    """Read the sliders; weights are shares of their sum. What is no number goes on as it is, and the API refuses it."""
    weights = {name: given.get(f"{name}_weight") or str(usual) for name, (usual, _) in STATES.items()}
    states = {name: given.get(f"{name}_z") or str(usual) for name, (_, usual) in STATES.items()}
    try:
        whole = sum(float(weight) for weight in weights.values()) or 1.0
        weights = {name: repr(float(weight) / whole) for name, weight in weights.items()}
    except ValueError:
        pass
    return [f"{name}:{weights[name]}:{states[name]}" for name in STATES]


def _draw(found: Mapping[str, Any]) -> dict[str, str]:
    currency, comparison = found["currency"], found["comparison"]
    charts = {"scenarios": "", "methods": ""}
    if found["scenarios"]:
        bars = [Bar(one["scenario"], one["allowance"]) for one in found["scenarios"]]
        charts["scenarios"] = draw_bars(bars, Caption("scenarios", f"Allowance by state of the economy, {currency}"))
    if comparison:
        methods = comparison["methods"]
        columns = [Columns(part.replace("_", " "), [one[part] for one in methods]) for part in _PARTS]
        caption = Caption("methods", f"Allowance by method, {currency}")
        charts["methods"] = draw_stacked([one["method"] for one in methods], columns, caption, unit="money")
    return charts
