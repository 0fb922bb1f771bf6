"""Scores of posted rows: the very numbers of the command line, with reasons that sum up."""

import sys
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

import pandas as pd
import pytest

from api.deps import ModelCache
from api.schemas.base import EXAMPLE
from arrisk import pipeline
from arrisk.cli import main
from arrisk.modeling.open_scores import score_open, score_open_curves
from arrisk.policy import load_policy
from arrisk.registry import find_named
from arrisk.schema import check
from tests.api.conftest import TREES
from tests.api.ledger import AS_OF, CURRENCY, NAME

CHAMPION = f"payment-curve/{NAME}/1"
POLICY = load_policy()
NUMBERS = ["p_late", "p_late_30", "p_late_60", "p_late_90", "p_written_off"]
DAYS = ["expected_paid_on", "paid_on_p10", "paid_on_p90"]


def invoices_of(response):
    assert response.status_code == 200, response.text
    return response.json()["invoices"]


@pytest.mark.slow
@pytest.mark.parametrize("model", [CHAMPION, TREES])
def test_scores_are_those_of_the_command_line_to_the_last_bit(post, book, home, model, tmp_path, monkeypatch):
    out = tmp_path / "scores"
    monkeypatch.setenv("ARRISK_HOME", str(home))
    monkeypatch.setattr(
        sys, "argv", ["arrisk", "score", str(book), "--as-of", str(AS_OF), "--model", model, "--out", str(out)]
    )
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    expected = pd.read_parquet(out / "invoices.parquet")
    scored = pd.DataFrame(invoices_of(post(model=model)))
    assert len(scored) > 10
    columns = ["invoice_id", "customer_id", "currency", "days_past_due", *NUMBERS]
    pd.testing.assert_frame_equal(scored[columns], expected[columns], check_exact=True, check_dtype=False)
    assert scored["open_amount"].astype(float).tolist() == expected["open_amount"].tolist()
    for name in DAYS:
        assert scored[name].tolist() == expected[name].dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize("model", [CHAMPION, TREES])
def test_reasons_and_the_starting_value_sum_to_the_margin(post, model):
    for invoice in invoices_of(post(model=model)):
        parts = [reason["contribution"] for reason in invoice["reasons"]]
        assert invoice["starting_value"] + sum(parts) == pytest.approx(invoice["margin"], abs=1e-9)
        assert invoice["other_contribution"] == 0.0
        assert all(reason["text"] for reason in invoice["reasons"])
        assert [abs(part) for part in parts] == sorted((abs(part) for part in parts), reverse=True)


@pytest.mark.parametrize("count", [0, 2])
def test_reasons_that_are_cut_off_are_summed(post, count):
    for whole, cut in zip(
        invoices_of(post(model=TREES)), invoices_of(post(model=TREES, count_reasons=count)), strict=True
    ):
        assert cut["reasons"] == whole["reasons"][:count]
        parts = [reason["contribution"] for reason in cut["reasons"]]
        assert cut["other_contribution"] != 0.0
        total = cut["starting_value"] + sum(parts) + cut["other_contribution"]
        assert total == pytest.approx(whole["margin"], abs=1e-9)


def test_a_higher_margin_is_a_higher_probability_of_the_trees_as_of_issue(post):
    invoices = [one for one in invoices_of(post(model=TREES)) if one["days_past_due"] < -15]
    by_margin = [one["p_late"] for one in sorted(invoices, key=lambda one: one["margin"])]
    assert len(by_margin) > 3
    assert by_margin[0] < by_margin[-1]


@pytest.mark.slow
@pytest.mark.parametrize("model", [CHAMPION, TREES])
def test_one_customer_at_a_time_gives_what_the_batch_gives(post, model):
    batch = invoices_of(post(model=model))
    customers = sorted({invoice["customer_id"] for invoice in batch})
    single = [invoice for one in customers for invoice in invoices_of(post(model=model, customer_ids=[one]))]
    by_id = {invoice["invoice_id"]: invoice for invoice in single}
    assert [by_id[invoice["invoice_id"]] for invoice in batch] == batch
    assert len(single) == len(batch)


def test_the_order_of_rows_and_columns_does_not_matter(post, tables):
    turned = {name: [dict(reversed(row.items())) for row in reversed(rows)] for name, rows in tables.items()}
    first = {one["invoice_id"]: one for one in invoices_of(post(model=TREES))}
    second = {one["invoice_id"]: one for one in invoices_of(post(model=TREES, tables=turned))}
    assert first == second


@pytest.mark.slow
def test_several_threads_get_their_own_answers(post):
    asked = [(model, [f"C{number:02d}"]) for number in range(6) for model in (CHAMPION, TREES)]
    alone = [invoices_of(post(model=model, customer_ids=ids)) for model, ids in asked]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda ask: invoices_of(post(model=ask[0], customer_ids=ask[1])), asked))
    assert together == alone
    assert any(alone)


def test_the_answer_says_which_model_scored(post):
    answer = post().json()
    assert answer["model"] == {
        "reference": CHAMPION,
        "trained_as_of": "2024-07-01",
        "ledger": NAME,
        "is_other_ledger": False,
    }
    assert (answer["as_of"], answer["currency"], answer["notes"]) == ("2024-09-01", "EUR", [])


def test_a_model_of_another_ledger_is_used_only_when_it_is_named_and_said_to_be_one(post):
    assert post(name="birch").status_code == 409
    assert post(name="birch", model=CHAMPION).json()["model"]["is_other_ledger"] is True


def test_a_small_part_of_a_ledger_is_scored_with_the_times_of_the_training_and_a_note(post, tables, home):
    part = {name: [row for row in rows if row.get("customer_id", "C03") == "C03"] for name, rows in tables.items()}
    paid = {row["payment_id"] for row in part["payments"]}
    part["allocations"] = [row for row in part["allocations"] if row["payment_id"] in paid]
    answer = post(tables=part).json()
    assert len(answer["notes"]) == 1
    assert "customers sent: 1" in answer["notes"][0]
    model = ModelCache().load(find_named(home, CHAMPION, before_day=2**31), policy=POLICY).model
    raw = {name: pd.DataFrame(rows) for name, rows in part.items()}
    sent = check(raw, name=NAME, currency=CURRENCY).book
    as_trained, as_sent = (
        score_open(score_open_curves(sent, model, as_of=AS_OF, policy=POLICY, shift=shift), horizon_days=30)["p_late"]
        for shift in (model.shift, None)
    )
    assert [one["p_late"] for one in answer["invoices"]] == as_trained.tolist() != as_sent.tolist()


def test_money_is_text_and_exact(post, tables):
    changed = deepcopy(tables)
    amounts = {"I0001": "90071992547409.93", "I0002": "0.10"}
    for row in changed["invoices"]:
        row["amount"] = amounts.get(row["invoice_id"], row["amount"])
    settled = [row for row in changed["allocations"] if row["invoice_id"] not in amounts]
    scored = invoices_of(post(tables={**changed, "allocations": settled}))
    found = {one["invoice_id"]: one["open_amount"] for one in scored}
    assert {name: found[name] for name in amounts} == amounts


def test_what_is_wrong_with_rows_is_named_and_the_counts_tie_out(post, tables):
    changed = deepcopy(tables)
    changed["invoices"][2]["amount"] = "1.234,50"
    changed["invoices"][4]["colour"] = "red"
    changed["invoyces"] = [{"invoice_id": "1"}]
    answer = post(tables=changed).json()
    found = {(one["table"], one["row"], one["column"], one["rule"]) for one in answer["problems"]}
    assert {
        ("invoices", 3, "amount", "unreadable_amount"),
        ("invoices", 0, "colour", "unknown_column"),
        ("invoyces", 0, "", "unknown_table"),
    } <= found
    assert all(one["hint"] for one in answer["problems"])
    (invoices,) = [one for one in answer["rows"] if one["table"] == "invoices"]
    assert invoices == {"table": "invoices", "read": 477, "accepted": 476, "refused": 1}


def test_a_ledger_without_open_invoices_has_no_scores(post, tables):
    open_ids = {invoice["invoice_id"] for invoice in invoices_of(post())}
    settled = [row for row in tables["invoices"] if row["invoice_id"] not in open_ids]
    for model in (CHAMPION, TREES):
        assert invoices_of(post(tables={**tables, "invoices": settled}, model=model)) == []


def test_numbers_may_be_numbers_or_text(post, tables):
    text = deepcopy(tables)
    for row in text["attributes"]:
        row["bureau_score"] = str(row["bureau_score"])
    for row in text["rates"]:
        row["rate"] = str(row["rate"])
    assert invoices_of(post(tables=text)) == invoices_of(post())


def test_the_published_example_is_a_valid_request(client):
    answer = client.post("/v1/score", json={**EXAMPLE, "model": CHAMPION, "as_of": "2024-07-02"}).json()
    assert [invoice["invoice_id"] for invoice in answer["invoices"]] == ["2"]
    assert answer["problems"] == []


def test_nothing_is_stored(post, home):
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert post().status_code == 200
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_a_model_is_read_once_and_again_when_the_store_was_emptied(home, tmp_path):
    def save() -> Path:
        saved = find_named(home, CHAMPION, before_day=2**31)
        return pipeline.registry.save_model(tmp_path, pipeline.registry.read_files(saved)).folder

    folder, cache = save(), ModelCache()
    saved = find_named(tmp_path, CHAMPION, before_day=2**31)
    first = cache.load(saved, policy=POLICY)
    assert cache.load(saved, policy=POLICY) is first
    folder.rename(tmp_path / "gone")
    assert save() == folder
    assert cache.load(saved, policy=POLICY) is not first


def test_only_the_last_used_models_are_kept(home):
    cache = ModelCache(kept=1)
    champion, trees = (find_named(home, name, before_day=2**31) for name in (CHAMPION, TREES))
    first = cache.load(champion, policy=POLICY)
    cache.load(trees, policy=POLICY)
    assert cache.load(champion, policy=POLICY) is not first
