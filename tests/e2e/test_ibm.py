"""The IBM ledger "late payment histories", as an extract of 30 June 2013: from the export to the worklist."""

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

CUTOFF = "2013-04-01"


@pytest.fixture(scope="module")
def source(realdata):
    """The export itself, read without arrisk."""
    return pd.read_csv(realdata / "ibm_ar" / "receivables_extract_2013-06-30.csv")


@pytest.fixture(scope="module")
def backtest(run, ibm, tmp_path_factory):
    path = tmp_path_factory.mktemp("backtest") / "predictions.parquet"
    report = run("backtest", "payment", ibm, "--cutoff", CUTOFF, "--predictions", path)
    return report, pd.read_parquet(path)


def test_every_row_is_accepted_and_the_counts_tie_out(run, ibm, source):
    rows = {row["table"]: row for row in run("check", ibm)["rows"]}
    assert rows["invoices"] == {"table": "invoices", "read": len(source), "accepted": len(source), "refused": 0}
    assert rows["customers"]["accepted"] == source["customerID"].nunique() == 100


def test_the_dirty_export_needs_no_refusal(run, realdata, tmp_path):
    made = run("convert", realdata / "ibm_ar" / "receivables_dirty.csv", "-m", "ibm", "-o", tmp_path / "dirty")
    assert {row["table"]: row["refused"] for row in made["rows"]} == {"customers": 0, "invoices": 0, "attributes": 0}


def test_the_ageing_ties_to_the_open_invoices_of_the_export_to_the_cent(run, ibm, source):
    ageing = run("aging", ibm, "--period-end", "2013-06-30")
    still_open = source[source["SettledDate"].isna()]
    assert len(still_open) == 84 == sum(bucket["count"] for bucket in ageing["buckets"])
    cents = round(still_open["InvoiceAmount"] * 100).sum()
    assert round(ageing["total"] * 100) == cents == round(sum(b["amount"] for b in ageing["buckets"]) * 100)


def test_the_period_end_and_the_day_after_see_the_same_items_a_day_apart_in_age(run, ibm):
    period_end = run("aging", ibm, "--period-end", "2013-05-31")
    day_after = run("aging", ibm, "--as-of", "2013-06-01")
    assert period_end["total"] == day_after["total"]
    assert period_end["age_on"] == "2013-05-31"
    assert day_after["age_on"] == "2013-06-01"


def test_the_backtest_reaches_what_an_honest_model_reaches_on_this_ledger(backtest):
    report, _ = backtest
    champion = report["candidates"][report["champion"]]
    assert report["rows_test"] == 237  # due by the end of the extract; counting early settlers would flatter
    assert report["champion"] == "payment_curve"
    assert champion["log_loss"] <= 0.405
    assert champion["auc"] >= 0.88
    assert champion["brier"] <= 0.132
    assert 0.85 <= champion["calibration_slope"] <= 1.2
    assert champion["auc"] <= 0.95  # more would be a leak


def test_the_customers_own_late_rate_stands_beside_the_champion(backtest):
    report, _ = backtest
    assert {"base_rate", "shrunk_rate"} <= set(report["baselines"])
    assert report["baselines"]["shrunk_rate"]["auc"] == pytest.approx(0.863, abs=0.01)
    champion = report["candidates"][report["champion"]]
    assert champion["log_loss"] < report["baselines"]["shrunk_rate"]["log_loss"]


def test_every_invoice_issued_on_or_after_the_cutoff_is_predicted_as_of_its_issue(backtest, source):
    _, predictions = backtest
    issued = pd.to_datetime(source.set_index(source["invoiceNumber"].astype(str))["InvoiceDate"], format="%m/%d/%Y")
    later = issued[issued >= CUTOFF]
    assert sorted(predictions["invoice_id"]) == sorted(later.index)
    assert (predictions.set_index("invoice_id")["as_of"] == later.reindex(predictions["invoice_id"])).all()


def test_probabilities_fall_with_the_days_and_dates_stand_in_order(backtest):
    _, predictions = backtest
    late = predictions[["p_late", "p_late_30", "p_late_60", "p_late_90"]].to_numpy()
    assert ((late > 0) & (late < 1)).all()
    assert (late[:, :-1] >= late[:, 1:]).all()
    assert (predictions["paid_on_p10"] <= predictions["expected_paid_on"]).all()
    assert (predictions["expected_paid_on"] <= predictions["paid_on_p90"]).all()
    assert (predictions["paid_on_p10"] >= predictions["as_of"]).all()


def test_training_scoring_and_the_worklist_agree(run, ibm, tmp_path):
    run("train", ibm, "--as-of", "2013-06-01")
    summary = run("score", ibm, "--as-of", "2013-06-30", "--out", tmp_path / "scores", "--reasons", "all")
    assert "trained as of 2013-06-01" in summary["model"]
    invoices = pd.read_parquet(tmp_path / "scores" / "invoices.parquet")
    overdue = invoices["days_past_due"] > 0
    assert (invoices.loc[overdue, "p_late"] == 1).all()
    assert invoices["reasons"].notna().all()
    worklist = run("worklist", ibm, "--as-of", "2013-06-30", "--out", tmp_path / "list.csv")["rows"]
    counted = invoices[invoices["days_past_due"] >= -3]
    at_stake = (counted["open_amount"] * counted["p_still_open"]).groupby(counted["customer_id"]).sum()
    assert {row["customer_id"]: row["at_stake_amount"] for row in worklist} == pytest.approx(at_stake.to_dict())
    assert pd.read_csv(tmp_path / "list.csv")["customer_id"].tolist() == [row["customer_id"] for row in worklist]


def test_a_model_trained_on_the_day_of_the_question_is_not_used_for_it(run, ibm, tmp_path):
    run("train", ibm, "--as-of", "2013-06-30")
    note = run("score", ibm, "--as-of", "2013-06-30", "--out", tmp_path / "scores")["model"]
    assert "fitted now" in note
