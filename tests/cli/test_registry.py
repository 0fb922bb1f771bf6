"""Promotion from the command line: what is promoted, rolled back and shown, and the exit codes of a watch."""

import json
import re

import pandas as pd
import pytest

from arrisk.frames import day_of
from arrisk.policy import load_policy
from arrisk.sim import simulate_portfolio, write_portfolio
from tests.registry.stores import save

MODEL = "payment-curve/book"
SMITH = ("--by", "A. Smith", "--reason", "it is better")


@pytest.fixture
def store(arrisk_home):
    """Give two payment curves, of which the first scores."""
    save(arrisk_home, name="payment-curve", as_of_day=day_of("2025-01-01"))
    save(arrisk_home, name="payment-curve", as_of_day=day_of("2025-04-01"), promoted=False)
    return arrisk_home


@pytest.fixture
def report(tmp_path):
    """Give a report that passed."""
    path = tmp_path / "report.json"
    verdict = {"passed": True, "checks": []}
    facts = {"cutoff": "2024-07-01", "ledger": "book", "champion": "payment_curve", "rows_test": 500}
    path.write_text(json.dumps({**facts, "verdict": verdict}))
    return path


@pytest.mark.slow
def test_a_model_is_promoted_rolled_back_and_both_are_shown(arrisk, store, report, tmp_path):
    assert store.exists()
    ran = arrisk("promote", f"{MODEL}/2", "--report", report, *SMITH, "--json", tmp_path / "p.json")
    assert ran.code == 0, ran.err
    assert f"{MODEL}/2 scores now; before it was {MODEL}/1" in ran.out
    assert json.loads((tmp_path / "p.json").read_text())["by"] == "A. Smith"
    ran = arrisk("rollback", MODEL, "--by", "B. Jones", "--reason", "scores jumped")
    assert ran.code == 0, ran.err
    assert f"{MODEL}/1 scores now" in ran.out
    ran = arrisk("promotions", "--json", tmp_path / "log.json")
    assert ran.code == 0
    assert "3 entries, unchanged" in ran.out
    log = json.loads((tmp_path / "log.json").read_text())
    assert [(entry["action"], entry["version"]) for entry in log["entries"]] == [
        ("promote", 1),
        ("promote", 2),
        ("roll_back", 2),
    ]
    assert log["last_sha256"] in ran.out


def test_a_log_that_was_edited_is_shown_up_to_there_and_refused(arrisk, store, tmp_path):
    save(store, name="payment-curve", as_of_day=day_of("2025-05-01"))
    log = store / "models" / "promotions.jsonl"
    first, second = log.read_text().splitlines(keepends=True)
    log.write_text(first + second.replace("A. Smith", "B. Smith"))
    ran = arrisk("promotions", "--json", tmp_path / "log.json")
    assert ran.code == 2
    assert "line 2" in ran.err
    assert "A. Smith" in ran.out
    assert json.loads((tmp_path / "log.json").read_text())["fault"]


def test_nothing_promoted_yet_is_no_mistake(arrisk):
    ran = arrisk("promotions")
    assert ran.code == 0
    assert "nothing was promoted yet" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "", "--reason", "x"), "(by)"),
        (("--by", "A. Smith", "--reason", ""), "(reason)"),
        (("--by", "A. Smith"), "--reason"),
    ],
)
def test_a_promotion_without_a_person_or_a_reason_is_refused(arrisk, store, report, arguments, said):
    ran = arrisk("promote", f"{MODEL}/2", "--report", report, *arguments)
    assert store.exists()
    assert ran.code == 2
    assert said in ran.err


def test_training_with_a_promotion_that_cannot_be_is_refused_before_the_work(arrisk, book, report):
    for arguments, said in [
        (("--by", "A. Smith"), "--promote"),
        (("--promote", report, "--by", "A. Smith"), "(reason)"),
        (("--promote", report, *SMITH), "ledger 'book'"),
    ]:
        ran = arrisk("train", book, "--as-of", "2024-04-02", *arguments)
        assert ran.code == 2
        assert said in ran.err


def test_training_refuses_a_report_of_another_policy_before_the_work(arrisk, book, report):
    asked = ("train", book, "--as-of", "2024-04-02", "--promote", report, *SMITH)
    own = re.search(r"not of '(.+)'", arrisk(*asked).err)
    facts = json.loads(report.read_text()) | {"ledger": own[1], "cutoff": "2024-04-01", "model_policy_hash": "f" * 16}
    report.write_text(json.dumps(facts))
    ran = arrisk(*asked)
    assert ran.code == 2
    assert f"learnt under {load_policy().hash('end', 'late')}" in " ".join(ran.err.split())


def test_a_ledger_without_a_promoted_model_cannot_be_watched(arrisk, book):
    ran = arrisk("watch", book, "--as-of", "2024-04-02")
    assert ran.code == 2
    assert "arrisk promote" in ran.err


def test_the_exit_code_of_a_watch_stands_in_its_help(arrisk):
    assert "3 = somebody has to look" in " ".join(arrisk("watch", "--help").out.split())


@pytest.mark.slow
def test_the_first_model_scores_the_next_waits_and_a_watch_tells_a_scheduler(arrisk, tmp_path):
    (tmp_path / "p").mkdir()
    write_portfolio(simulate_portfolio(customers=60, months=24, seed=4), tmp_path / "p", file_format="parquet")
    book, trained = tmp_path / "p" / "book", {}
    for day in ("2025-03-01", "2025-06-01"):
        ran = arrisk("train", book, "--as-of", day, "--json", tmp_path / "trained.json")
        assert ran.code == 0, ran.err
        trained[day] = json.loads((tmp_path / "trained.json").read_text())
        waits = day != "2025-03-01"
        assert ("waits; until then payment-curve/" in ran.out) == waits
        assert (trained[day]["model"] in trained[day]["promoted"]) != waits
    assert f"arrisk promote {trained['2025-06-01']['model']} --report report.json" in ran.out
    scores = tmp_path / "scores"
    assert arrisk("score", book, "--as-of", "2025-09-01", "--out", scores).code == 0
    run, first = json.loads((scores / "run.json").read_text()), trained["2025-03-01"]["model"]
    assert run["payment_model"]["reference"] == first
    assert set(pd.read_parquet(scores / "invoices.parquet")["model"]) == {first}
    assert set(pd.read_parquet(scores / "customers.parquet")["policy_hash"]) == {run["policy_hash"]}
    quiet, strict = tmp_path / "quiet.toml", tmp_path / "strict.toml"
    quiet.write_text(
        "[watch]\nscore_shift_at_most = 99.0\nmoved_share_at_most = 1.0\nlate_ratio_at_least = 0.0\n"
        "late_ratio_at_most = 99.0\ndefault_p_at_least = 0.0\nage_days_at_most = 3650\n[stale]\n"
        + "".join(f"{name} = 3650\n" for name in ("invoices", "payments", "allocations", "orders", "attributes"))
    )
    strict.write_text("[watch]\nage_days_at_most = 30\n")
    options = ("--as-of", "2025-09-01", "--json", tmp_path / "watch.json")
    watched = [arrisk("watch", book, *options, "--policy", policy) for policy in (quiet, strict)]
    assert [one.code for one in watched] == [0, 3], watched[0].out
    fired = json.loads((tmp_path / "watch.json").read_text())
    assert fired["fired"]
    names = {check["name"] for check in fired["checks"]}
    assert {"score shift, PSI", "share of features that moved", "days since the newest row"} <= names
    assert "above the recommended" in watched[0].out
