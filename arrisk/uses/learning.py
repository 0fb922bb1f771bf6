"""Training as a job: each model is a step, and none is registered twice, wherever the work was broken off."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from arrisk import registry
from arrisk.errors import ModelError
from arrisk.frames import day_of
from arrisk.modeling.default.scorer import NAME as DEFAULT
from arrisk.modeling.describe import NAME as PAYMENT
from arrisk.registry import PROMOTE, Saved
from arrisk.store.book import read_book
from arrisk.uses import training
from arrisk.uses.tasks import Task

KIND = "train"


def run_training(task: Task) -> dict[str, Any]:
    """Fit both models of a ledger on what was known before the day in the job's arguments, ``as_of``.

    A ledger that cannot carry a default model yet gets none, and the result says why.

    Raises
    ------
    StoreError
        When there is no such ledger.
    ModelError
        When no invoice was due by then.
    Interrupted
        When it has to stop; it goes on with the model that it was at.
    """
    as_of = date.fromisoformat(task.job.arguments["as_of"])
    task.tell("Reading the ledger")
    book = read_book(task.database, task.job.ledger)
    given: dict[str, Any] = {"as_of": as_of, "home": task.home, "policy": task.policy, "tell": task.tell}
    payment = _learn(task, PAYMENT, as_of, partial(training.train_payment, book, **given))
    task.share = 0.5
    try:
        default, why = _learn(task, DEFAULT, as_of, partial(training.train_default, book, **given)), ""
    except ModelError as error:
        default, why = "", str(error)
    made = [saved for saved in registry.list_models(task.home) if saved.reference in (payment, default)]
    promoted = [saved.reference for saved in made if registry.is_promoted(task.home, saved)]
    return {"payment_model": payment, "default_model": default, "without_default": why, "promoted": promoted}


def _learn(task: Task, name: str, as_of: date, train: Callable[..., tuple[Saved, object]]) -> str:
    """Train a model once: a version that a killed worker registered, and did not live to note, is that of this job."""
    done, before = f"{name} trained", f"{name} begun"
    if done in task.done:
        return str(task.done[done]["reference"])
    if before not in task.done:
        task.end_alone(before, {"versions": [saved.version for saved in _list_versions(task, name)]})
    known = task.done[before]["versions"]
    own = [one for one in _list_versions(task, name) if one.version not in known and one.as_of_day == day_of(as_of)]
    if own and task.policy.governance.first_model == PROMOTE:
        registry.admit_first(task.home, own[0], at=task.now())
    saved = own[0] if own else train(at=task.now())[0]
    task.end_alone(done, {"reference": saved.reference})
    return saved.reference


def _list_versions(task: Task, name: str) -> list[Saved]:
    every = registry.list_models(task.home)
    return [saved for saved in every if (saved.name, saved.ledger) == (name, task.job.ledger)]
