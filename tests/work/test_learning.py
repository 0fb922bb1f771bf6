"""Training as a job: a version is registered once, wherever the work was broken off."""

from types import SimpleNamespace

import pytest

from arrisk import registry
from arrisk.errors import ModelError
from arrisk.modeling.describe import NAME as PAYMENT
from arrisk.store.jobs import Order, State, put, read_job
from arrisk.uses import learning
from tests.api.ledger import NAME, TRAINED_ON


@pytest.fixture
def trainer(worker, monkeypatch):
    """Let training save once more the model that is there; ``after`` is called when it is saved, and not yet noted."""
    (saved, _) = registry.list_models(worker.home)
    files = registry.read_files(saved)
    made = SimpleNamespace(count=0, after=lambda: None)

    def train_payment(book, *, home, at, tell, **_):
        made.count += 1
        new = registry.save_model(home, files)
        made.after()
        return new, None

    def train_default(book, **_):
        raise ModelError("no customer was observed for a year")

    monkeypatch.setattr(learning.training, "train_payment", train_payment)
    monkeypatch.setattr(learning.training, "train_default", train_default)
    return made


def ask(worker):
    return put(worker.database, Order("train", NAME, {"as_of": TRAINED_ON.isoformat()}, "ana"), at=worker.now()).job_id


def count_versions(worker):
    return len([saved for saved in registry.list_models(worker.home) if saved.name == PAYMENT])


def test_a_model_is_trained_and_the_result_says_what_there_is_none_of(worker, add_ledger, trainer):
    add_ledger()
    job_id = ask(worker)
    worker.drain()
    job = read_job(worker.database, job_id)
    assert job.state == State.DONE, job.problem
    assert (job.result["payment_model"], job.result["default_model"]) == (f"{PAYMENT}/{NAME}/3", "")
    assert job.result["without_default"] == "no customer was observed for a year"
    assert job.result["promoted"] == []


def test_a_version_that_a_dead_worker_registered_is_not_registered_again(worker, add_ledger, trainer):
    add_ledger()
    job_id, before = ask(worker), count_versions(worker)

    def die():
        raise SystemExit

    trainer.after = die
    with pytest.raises(SystemExit):
        worker.do_next()
    assert (count_versions(worker), read_job(worker.database, job_id).state) == (before + 1, State.RUNNING)
    worker.silent_seconds, trainer.after = -3600.0, lambda: None
    worker.drain()
    assert read_job(worker.database, job_id).result["payment_model"] == f"{PAYMENT}/{NAME}/{before + 1}"
    assert (count_versions(worker), trainer.count) == (before + 1, 1)


def test_each_job_trains_anew(worker, add_ledger, trainer):
    add_ledger()
    for _ in range(2):
        ask(worker)
        worker.drain()
    assert trainer.count == 2
