"""For those who validate models: whether those that score still are what they were when they were trained."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.charts import Bar, Caption, Columns, draw_bars, draw_grouped
from api.pages.formats import show_share as write_share
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("models.read")]

WORDS: Final = {
    "quiet": ("nothing to do", "good"),
    "look": ("somebody has to look", "bad"),
    "not yet": ("too early to say", "plain"),
}
"""By state: the verdict in words, and its look."""

_MOST: Final = 12
"""Features drawn, those that moved the farthest."""


@router.get("/monitoring")
async def show_monitoring(visit: Reader, as_of: str = "") -> Response:
    """Show how the models fare: as the newest night found it, or as of a day."""
    try:
        found = await visit.look("/v1/monitoring", as_of=as_of)
    except RefusedError as error:
        return await _say_why(visit, error, as_of)
    checks = [{**one, "chart": _draw(one, place)} for place, one in enumerate(found["checks"])]
    # A model's reference has slashes, a table's name has none.
    models = list(dict.fromkeys(one["about"] for one in checks if "/" in one["about"]))
    return await visit.render(
        "models/monitoring.html",
        found=found,
        fired=[one for one in checks if one["state"] == "look"],
        models={name: [one for one in checks if one["about"] == name] for name in models},
        feeds=[one for one in checks if one["about"] not in models],
        words=WORDS,
        as_of=as_of,
    )


async def _say_why(visit: Visit, error: RefusedError, as_of: str) -> Response:
    """Say why nothing can be shown; that nothing was computed yet is no mistake."""
    is_early = error.problem.status == HTTPStatus.NOT_FOUND and not as_of
    return await visit.render(
        "models/monitoring.html",
        status=HTTPStatus.OK if is_early else error.problem.status,
        found=None,
        fired=[],
        models={},
        feeds=[],
        words=WORDS,
        as_of=as_of,
        problem=None if is_early else error.problem,
    )


def _draw(check: Mapping[str, Any], place: int) -> str:
    if check["groups"]:
        return _draw_groups(check, place)
    return _draw_shifts(check, place) if check["shifts"] else ""


def _draw_groups(check: Mapping[str, Any], place: int) -> str:
    groups = check["groups"]
    names = [write_share(one["expected"]) for one in groups]
    series = [Columns(name, [one[name] for one in groups]) for name in ("expected", "observed")]
    caption = Caption(f"calibration-{place}", "Expected beside observed, by height of the prediction")
    return draw_grouped(names, series, caption, unit="share", axis="share of them")


def _draw_shifts(check: Mapping[str, Any], place: int) -> str:
    shifts = check["shifts"]
    bars = [
        Bar(one["name"].replace("_", " "), one["psi"], tone="bad" if one["psi"] > one["counts_from"] else "plain")
        for one in shifts[:_MOST]
    ]
    if len(shifts) == 1:
        bars.append(Bar("counts from", shifts[0]["counts_from"], tone="warn"))
    caption = Caption(f"shift-{place}", f"{check['name'].capitalize()}: PSI since the training")
    return draw_bars(bars, caption, unit="number")
