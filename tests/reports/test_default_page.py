"""The page and the card of a default model's validation: everything measured is on them, and nothing else is needed."""

import json
import re

import pytest

from arrisk.modeling.default.bridge import reconcile_losses
from arrisk.modeling.default.facts import gather_facts
from arrisk.modeling.default.validation import describe_validation, validate_default
from arrisk.modeling.default.verdict import judge_validation
from arrisk.policy import load_policy
from arrisk.reports.default_card import list_card, write_card
from arrisk.reports.default_evidence import gather_default_evidence
from arrisk.reports.default_page import list_pictures, write_validation
from tests.books import book_of, customer, invoice
from tests.modeling.default.test_bridge import make_exposures
from tests.modeling.default.test_validation import make_backtest, make_customers

POLICY = load_policy()

pytestmark = pytest.mark.slow


def make_report(*, known_quarters=3, bridge=True):
    backtest = make_backtest(known_quarters=known_quarters)
    validation = validate_default(backtest, year_later=None, customers=make_customers(), policy=POLICY)
    book = book_of(invoices=[invoice()], customers=[customer()], name="alder & sons")
    told = reconcile_losses(make_exposures(), currency="EUR").to_json() if bridge else None
    report = {
        "cutoff": "2025-01-01",
        "ledger": book.name,
        "rows_train": 3_000,
        "rows_predicted": len(backtest.p),
        "rows_test": validation.models["application"].rows,
        "validation": describe_validation(validation),
        "verdict": judge_validation(validation, POLICY.validation).to_json(),
        "facts": gather_facts(backtest, book, losses=None, policy=POLICY),
        "bridge": told,
    }
    return report, gather_default_evidence(validation)


@pytest.fixture(scope="module")
def made():
    return make_report()


@pytest.fixture(scope="module")
def files(made):
    return write_validation(*made)


def test_the_page_comes_with_card_figures_and_pictures(files):
    pictures = {"bridge", *(f"{name}_{kind}" for name in ("behaviour", "application") for kind in KINDS)}
    assert set(files) == {
        "index.html",
        "card.md",
        "report.json",
        *(f"{name}{end}" for name in pictures for end in (".svg", ".png")),
    }
    assert files["bridge.png"].startswith(b"\x89PNG")


KINDS = ("reliability", "grades", "reasons")


def test_the_page_needs_nothing_beside_it_and_escapes_names(files):
    page = files["index.html"].decode()
    assert "alder &amp; sons" in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    for heading in (
        "Verdict",
        "Behaviour model",
        "Application model",
        "By grade",
        "By segment",
        "Customers it did not learn from",
        "What moved since the training",
        "The card beside the champion",
        "From grade to grade in a year",
        "Two expected losses, reconciled",
        "Model card",
    ):
        assert f">{heading}</h" in page
    assert "degrees of freedom, as many as groups" in page
    assert "limits only" in page


def test_the_page_shows_the_figures_of_the_report(made, files):
    report, _ = made
    page = files["index.html"].decode()
    for own in report["validation"]["models"].values():
        assert f"{own['figures']['gini']['value']:.3f}" in page
        assert f"{own['card_rank_correlation']:.3f}" in page
    assert json.loads(files["report.json"]) == json.loads(json.dumps(report))


def test_the_card_is_made_of_facts(made):
    report, _ = made
    card = write_card(report)
    facts = report["facts"]
    for said in (
        facts["policy_hash"],
        f"{facts['label']['past_due_days']} days past due",
        f"{facts['models']['behaviour']['rows']:,} questions",
        *facts["models"]["application"]["features"],
        f"{facts['versions']['lightgbm']}",
        f"exceeds {facts['limits']['score_shift_at_most']}",
    ):
        assert said in card
    changed = {**report, "facts": {**facts, "limits": {**facts["limits"], "score_shift_at_most": 0.77}}}
    assert "exceeds 0.77" in write_card(changed)
    assert next(part.title for part in list_card(report)) == "Purpose and limits of use"


def test_a_failed_check_is_the_first_thing_said_and_a_limit_of_the_card(made):
    report, evidence = made
    checks = [{**check, "result": "failed"} for check in report["verdict"]["checks"][:1]]
    page = write_validation({**report, "verdict": {"passed": False, "checks": checks}}, evidence)
    assert "The validation is not passed. Failed: behaviour: customers tested" in page["index.html"].decode()
    assert "Validation not passed." in page["card.md"].decode()


def test_without_any_outcome_the_page_says_so_and_still_appears():
    report, evidence = make_report(known_quarters=0, bridge=False)
    assert set(list_pictures(report, evidence)) == {"behaviour_reasons", "application_reasons"}
    page = write_validation(report, evidence)["index.html"].decode()
    assert "outcomes cannot be judged yet" in page
    assert "The validation is not passed" in page
    assert "Two expected losses" not in page
