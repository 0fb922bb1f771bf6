"""A person lets a model score: only on a report that passed, of that model's ledger and time."""

import hashlib
import json
from datetime import date, timedelta

import pytest

from arrisk import registry
from arrisk.errors import InputError, ModelError
from arrisk.frames import day_of
from arrisk.policy import load_policy
from arrisk.uses import governance
from arrisk.uses.governance import Person, read_report
from tests.registry.stores import AT, POLICY_HASH, save

TRAINED = date(2025, 1, 1)
POLICY = load_policy().governance
SMITH = Person("A. Smith", "spring training")
FAILED = [{"model": "behaviour", "name": "gini", "result": "failed"}, {"name": "slope", "result": "passed"}]
MODEL = "default-12m/book/1"


def report_of(tmp_path, **changes):
    """Write a report that passed, with some of it replaced, and read it as a user's."""
    checks = [{"name": "calibration slope", "result": "passed"}, {"name": "Gini", "result": "not measurable"}]
    report = {
        "cutoff": "2024-07-01",
        "ledger": "book",
        "champion": "default_model",
        "rows_test": 900,
        "verdict": {"passed": True, "checks": checks},
        **changes,
    }
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    return read_report(path)


@pytest.fixture
def home(tmp_path):
    """Give a store with a default model that waits."""
    save(tmp_path / "home", name="default-12m", as_of_day=day_of(TRAINED), promoted=False)
    return tmp_path / "home"


def promote(home, report, *, model=MODEL):
    return governance.promote(home, model, report=report, person=SMITH, at=AT, policy=POLICY)


@pytest.mark.slow
def test_a_passed_report_lets_the_model_score_and_is_logged_by_its_hash(home, tmp_path):
    report = report_of(tmp_path, model_policy_hash=POLICY_HASH)
    entry = promote(home, report)
    assert (entry.by, entry.reason, entry.reference) == ("A. Smith", "spring training", MODEL)
    assert entry.report_sha256 == hashlib.sha256((tmp_path / "report.json").read_bytes()).hexdigest()
    assert registry.read_log(home) == [entry]


@pytest.mark.slow
def test_the_model_may_be_named_by_its_folder(home, tmp_path):
    (saved,) = registry.list_models(home)
    assert promote(home, report_of(tmp_path), model=str(saved.folder)).reference == MODEL


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": {"passed": False, "checks": FAILED}}, r"did not pass: behaviour gini \("),
        ({"verdict": {"passed": False}}, "no check is named"),
        ({"verdict": None}, "no verdict"),
        ({"verdict": {"passed": "yes"}}, "no verdict"),
        ({"ledger": "theirs"}, "ledger 'theirs', not of 'book'"),
        ({"champion": "payment_curve"}, "of 'payment-curve', not of 'default-12m'"),
        ({"model_policy_hash": "f" * 16}, f"the policy {'f' * 16} makes, the model learnt under {POLICY_HASH}"),
        ({"rows_test": 0}, "tested nothing"),
        ({"cutoff": "2025-01-02"}, "does not fit a model trained as of 2025-01-01"),
        ({"cutoff": str(TRAINED - timedelta(days=POLICY.report_age_days + 1))}, "does not fit"),
    ],
)
def test_a_report_that_does_not_speak_for_the_model_is_refused(home, tmp_path, changes, said):
    with pytest.raises(ModelError, match=said):
        promote(home, report_of(tmp_path, **changes))
    assert registry.read_log(home) == []


def test_a_model_whose_card_was_damaged_is_refused(home, tmp_path):
    (saved,) = registry.list_models(home)
    (saved.folder / "card.json").write_text("{")
    with pytest.raises(ModelError, match="no readable card"):
        promote(home, report_of(tmp_path))
    assert registry.read_log(home) == []


@pytest.mark.slow
@pytest.mark.parametrize("days", [0, POLICY.report_age_days])
def test_the_cutoff_may_lie_at_the_training_or_as_long_before_as_policy_says(home, tmp_path, days):
    assert promote(home, report_of(tmp_path, cutoff=str(TRAINED - timedelta(days=days))))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"champion": "logistic"}', "\x80"])
def test_what_is_no_report_is_refused(tmp_path, content):
    (tmp_path / "report.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match="not the report of a backtest"):
        read_report(tmp_path / "report.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_report(tmp_path / "elsewhere.json")


@pytest.mark.parametrize(("by", "reason", "where"), [("", "x", "by"), ("A", " ", "reason"), ("Policy", "x", "by")])
def test_a_promotion_needs_a_person_and_a_reason(by, reason, where):
    with pytest.raises(InputError) as refusal:
        Person(by, reason)
    assert refusal.value.where == where


@pytest.mark.slow
def test_a_roll_back_is_a_persons_act_too(home, tmp_path):
    save(home, name="default-12m", as_of_day=day_of(TRAINED) + 90, promoted=False)
    promote(home, report_of(tmp_path))
    promote(home, report_of(tmp_path), model="default-12m/book/2")
    entry = governance.roll_back(home, "default-12m/book", person=SMITH, at=AT)
    assert (entry.action, entry.version, entry.champion, entry.by) == ("roll_back", 2, 1, "A. Smith")
