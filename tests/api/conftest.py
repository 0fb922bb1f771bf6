"""The real service on a small ledger, with two models in its store: the champion, and boosted trees."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from arrisk import registry
from arrisk.frames import NEVER, day_of
from arrisk.modeling.asking import ask_at_issue, ask_while_open
from arrisk.modeling.boosted import BoostedModel
from arrisk.modeling.candidates import list_candidates
from arrisk.modeling.chain import Link, add_place
from arrisk.modeling.describe import describe_training
from arrisk.modeling.inputs import OPEN_COLUMNS, list_inputs
from arrisk.modeling.payment_curve import OPEN, PaymentCurve, Training, train_curve
from arrisk.modeling.scorer import dump_scorer
from arrisk.modeling.stages import sample_stage
from arrisk.policy import load_policy
from arrisk.schema import check
from tests.api.apps import create_open_app
from tests.api.ledger import AS_OF, CURRENCY, NAME, TRAINED_ON, Tables, make_tables, write_files
from tests.store.conftest import database

__all__ = ["database"]

_COLUMNS = (
    "late_count", "late_30_count", "late_60_count", "late_90_count", "settled_count", "late_share_shrunk",
    "mean_days_late", "last_days_late", "open_count", "terms_days", "invoice_amount", "invoice_amount_log",
    "industry_late_share_365", "book_late_share_365", "attributes_age_days",
)  # fmt: skip
"""Few enough to be fitted in a second; some look at one customer, some at all of them."""

TREES = f"payment-curve/{NAME}/2"


@pytest.fixture(scope="session")
def tables() -> Tables:
    """Give the ledger's rows; nobody may change them."""
    return make_tables()


@pytest.fixture(scope="session")
def home(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a state folder with a promoted model of the ledger, and one of boosted trees that is not promoted."""
    folder = tmp_path_factory.mktemp("state")
    policy = load_policy()
    raw = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    book = check(raw, name=NAME, currency=CURRENCY).book
    inputs = list_inputs()
    inputs = replace(inputs, columns=tuple(column for column in inputs.columns if column.name in _COLUMNS))
    asked = (ask_at_issue(book, policy=policy), ask_while_open(book, before=TRAINED_ON, policy=policy))
    issued, opened = (each.follow(book, as_of=TRAINED_ON, end=policy.end) for each in asked)
    training = train_curve(issued, opened, inputs=inputs, as_of_day=day_of(TRAINED_ON))
    # One of another day would show.
    assert training.model.drift is not None
    assert training.model.shift != 0.0

    def save(trained: Training) -> registry.Saved:
        scorer = describe_training(trained, ledger=NAME, policy_hash=policy.hash("end", "late"))
        return registry.save_model(folder, dump_scorer(scorer))

    assert registry.admit_first(folder, save(training), at=datetime(2026, 1, 1, tzinfo=UTC))
    assert save(replace(training, model=put_trees_in(training))).reference == TREES
    return folder


def put_trees_in(training: Training) -> PaymentCurve:
    """Give the model with boosted trees for open invoices in the stages until 30 days past due."""
    chain, opened = training.model.open, training.asked[OPEN]
    placed = add_place(opened.features, age=opened.age, grid=chain.grid)
    (trees,) = [candidate for candidate in list_candidates(past=None) if candidate.name == BoostedModel.kind]
    columns = (*training.inputs.columns, *OPEN_COLUMNS)
    stages, after = [], -NEVER
    for stage in chain.stages:
        sample = sample_stage(
            opened, placed, after=after, last=stage.last_day, as_of_day=training.as_of_day, columns=columns
        )
        if stage.last_day <= 30:
            stage = replace(stage, link=Link(trees.fit(sample), stage.link.calibrator))  # noqa: PLW2901
        stages.append(stage)
        after = stage.last_day
    return replace(training.model, open=replace(chain, stages=tuple(stages)))


@pytest.fixture(scope="session")
def client(home: Path) -> TestClient:
    """Give a client of the service."""
    return TestClient(create_open_app(home), raise_server_exceptions=False)


@pytest.fixture(scope="session")
def body(tables: Tables) -> dict[str, Any]:
    """Give the request that scores the whole ledger."""
    return {"name": NAME, "currency": CURRENCY, "as_of": AS_OF.isoformat(), "tables": tables}


@pytest.fixture
def post(client: TestClient, body: dict[str, Any]) -> Callable[..., Response]:
    """Give a function that scores the ledger with some values of the request replaced."""

    def send(**changes: Any) -> Response:
        # Python's own writer, because the client's refuses to send what must be tried: NaN, half characters.
        content = json.dumps({**body, **changes})
        return client.post("/v1/score", content=content, headers={"Content-Type": "application/json"})

    return send


@pytest.fixture(scope="session")
def book(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the same ledger as a folder of files."""
    return write_files(tables, tmp_path_factory.mktemp("files") / "book")
