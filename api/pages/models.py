"""For those who validate models: which there are, what they learnt, who let them score; promotion and rollback."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from starlette.datastructures import FormData, UploadFile

from api.charts import Bar, Caption, draw_bars
from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("models.read")]
Validator = Annotated[Visit, needs("models.promote")]

NAMES: Final = {
    "payment-curve": ("Payment curve", "when an invoice is paid, and how likely it is late"),
    "default-12m": ("Default within a year", "how likely a customer defaults, and what is lost then"),
}
"""What a model predicts, in words."""

_EPOCH: Final = date(1970, 1, 1)


@router.get("/models")
async def list_models(visit: Reader) -> Response:
    """List the models by name, ledger and version, and who let which of them score."""
    return await _list(visit)


@router.post("/models/rollback")
async def roll_back(visit: Validator) -> Response:
    """Take the champion of a model back."""
    form = await visit.form()
    given = fill(form, "model", "reason")
    try:
        await visit.send("/v1/rollbacks", body=given, form=form)
    except RefusedError as error:
        return await _list(visit, given=given, problem=error.problem)
    return visit.go("/models", done="rolled_back")


@router.get("/models/card")
async def show_card(visit: Reader, reference: str = "") -> Response:
    """Show a version: its card, its files, who had it trained, and who let it score."""
    return await _show(visit, reference)


@router.post("/models/promote")
async def promote(visit: Validator) -> Response:
    """Let a version score, on the report of a backtest."""
    form = await visit.form()
    given = fill(form, "reference", "reason")
    body = {**given, "report": await _read_report(form)}
    await form.close()
    try:
        await visit.send("/v1/promotions", body=body, form=form)
    except RefusedError as error:
        return await _show(visit, given["reference"], given=given, problem=error.problem)
    return visit.go("/models", done="promoted")


async def _list(visit: Visit, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None) -> Response:
    found = await visit.get("/v1/models", after=visit.request.query_params.get("models_after"), limit=200)
    log = await visit.get("/v1/promotions", after=visit.request.query_params.get("after"), limit=25)
    grouped = [
        (f"{name}/{ledger}", name, ledger, list(rows)[::-1])
        for (name, ledger), rows in groupby(found["items"], key=lambda one: (one["name"], one["ledger"]))
    ]
    return await visit.render(
        "models/models.html",
        status=problem.status if problem else 200,
        models=grouped,
        following=found["next"],
        log=log,
        names=NAMES,
        given=Given(given or {}),
        problem=problem,
    )


async def _show(
    visit: Visit, reference: str, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> Response:
    model = await visit.get("/v1/models/card", reference=reference)
    card = model["card"]
    duels = list(list_duels(card.get("metrics", {})))
    return await visit.render(
        "models/card.html",
        status=problem.status if problem else 200,
        model=model,
        facts=list_facts(card),
        duels=duels,
        chart=_draw_gains(duels),
        names=NAMES,
        is_own=visit.is_own(model["trained_by"]),
        given=Given(given or {}),
        problem=problem,
    )


def list_facts(card: Mapping[str, Any]) -> list[tuple[str, object]]:
    """List what stands on a card beside its comparisons; days in words.

    Examples
    --------
    >>> list_facts({"rows": 3, "as_of_day": 1, "metrics": {}, "versions": {"arrisk": "1"}})
    [('rows', 3), ('as of', '1970-01-02'), ('versions: arrisk', '1')]
    """
    listed: list[tuple[str, object]] = []
    for name, value in card.items():
        words = name.replace("_", " ")
        if name == "metrics":
            continue
        if isinstance(value, dict):
            listed += [(f"{words}: {key}", one) for key, one in value.items()]
        elif name.endswith("_day") and isinstance(value, int):
            listed.append((words.removesuffix(" day"), (_EPOCH + timedelta(days=value)).isoformat()))
        else:
            listed.append((words, value))
    return listed


def list_duels(metrics: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """List the comparisons of candidates on a card, with the stage that each is of.

    Examples
    --------
    >>> list_duels({"issue": {"30": {"champion": "b", "rows": 5, "duels": [{"challenger": "b"}]}}})
    [{'stage': 'issue 30', 'chosen': 'b', 'rows': 5, 'challenger': 'b'}]
    """
    found: list[dict[str, Any]] = []
    for name, one in metrics.items():
        if not isinstance(one, dict):
            continue
        where = (*path, name)
        if "duels" in one:
            common = {"stage": " ".join(where), "chosen": one.get("champion"), "rows": one.get("rows")}
            found += [{**common, **duel} for duel in one["duels"]]
        else:
            found += list_duels(one, where)
    return found


def _draw_gains(duels: list[dict[str, Any]]) -> str:
    """Draw by how much the best candidate of each stage lowered the loss against the one before."""
    won = [duel for duel in duels if duel["is_won"]]
    bars = [
        Bar(
            f"{one['stage']}: {one['challenger']} beats {one['champion']}".replace("_", " "),
            one["log_loss_gain"],
            tone="good",
        )
        for one in won
    ]
    return draw_bars(bars, Caption("gains", "Gain in log loss of candidates that won"), unit="number") if bars else ""


async def _read_report(form: FormData) -> str:
    """Read the report that was chosen as a file; what is no text is left to the API to refuse."""
    report = form.get("report")
    return (await report.read()).decode(errors="replace") if isinstance(report, UploadFile) else ""
