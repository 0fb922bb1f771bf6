"""Limits from the command line: recommended as of a day, tried on a past period, refused where they make no sense."""

import json

import pandas as pd
import pytest

from arrisk.decisions.limits import CAPS, WORDS
from arrisk.sim import simulate_portfolio, write_portfolio
from arrisk.uses.credit import _SHOWN

TODAY = "2024-07-01"
PERIOD = ("--from", "2023-10-01", "--to", "2023-12-31")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """Give a book with limits, accounts and security, long enough for a default model."""
    folder = tmp_path_factory.mktemp("portfolio")
    write_portfolio(simulate_portfolio(customers=60, months=30, seed=8), folder, file_format="parquet")
    return folder / "book"


@pytest.fixture
def policy_of(tmp_path):
    def write(text, name="policy.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.mark.slow
def test_limits_are_written_for_every_customer_with_what_bounds_each(arrisk, ledger, tmp_path):
    files = {"--out": tmp_path / "limits.parquet", "--json": tmp_path / "limits.json"}
    ran = arrisk("limits", ledger, "--as-of", TODAY, *(part for pair in files.items() for part in pair))
    assert ran.code == 0, ran.err
    found, told = pd.read_parquet(tmp_path / "limits.parquet"), json.loads((tmp_path / "limits.json").read_text())
    assert tuple(found) == _SHOWN
    assert found["customer_id"].is_unique
    assert set(found["binding"]) <= set(WORDS)
    assert (found["limit_kind"] == "zero").equals(found["recommended_limit"] == 0)
    most = found[["need_amount", *(f"{name}_cap_amount" for name in CAPS)]].min(axis=1)
    assert (found["recommended_limit"] <= most + found["cover_amount"] + 1e-6).all()
    left = found["recommended_limit"] - found["open_amount"] - found["orders_amount"]
    assert (left - found["available_amount"]).abs().max() < 1e-6
    assert (found["recommended_limit"] > 0).any()
    assert len(told["limits"]) == len(found)
    assert f"{len(found)} customers" in ran.out
    assert "What bounds the limits" in ran.out


def test_a_ledger_of_a_few_months_has_limits_at_the_assumed_default_rate_and_says_so(arrisk, book, tmp_path):
    ran = arrisk("limits", book, "--as-of", "2024-04-02", "--out", tmp_path / "limits.csv")
    assert ran.code == 0, ran.err
    assert "no default model" in ran.out
    found = pd.read_csv(tmp_path / "limits.csv")
    assert found["customer_id"].tolist() == ["A", "B"]
    assert found["reasons"].str.contains("no model of default yet").all()
    assert found["p_default_12m"].isna().all()
    assert (found["recommended_limit"] > 0).all()


@pytest.mark.slow
def test_a_period_is_tried_under_each_rule(arrisk, ledger, policy_of, tmp_path):
    older = policy_of("[limits]\nheadroom = 1.0\n")
    ran = arrisk("backtest", "limits", ledger, *PERIOD, "--against", older, "--json", tmp_path / "trial.json")
    assert ran.code == 0, ran.err
    told = json.loads((tmp_path / "trial.json").read_text())
    rules = pd.DataFrame(told["rules"]).set_index("rule")
    assert rules.index.tolist() == ["none", "given", "net_worth", "old policy", "recommended"]
    assert rules.loc["none", ["sold_share", "held_count"]].tolist() == [1.0, 0]
    whole = rules["sold_amount"] + rules["held_amount"]
    assert (whole - whole["none"]).abs().max() < 1e-3
    lost = rules["lost_amount"] + rules["avoided_amount"]
    assert (lost - lost["none"]).abs().max() < 1e-3
    assert rules.loc["old policy", "sold_amount"] <= rules.loc["recommended", "sold_amount"]
    matched = pd.DataFrame(told["matched"])
    assert set(zip(matched["rule"], matched["at"], strict=True)) == {
        (rule, at) for rule in ("given", "net_worth") for at in ("equal sales", "equal loss")
    }
    assert (told["from"], told["to"]) == (PERIOD[1], PERIOD[3])
    assert "The period under each rule" in ran.out


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[limits]\nround_to = 100.0\nheadroom = -1.0\n", "headroom"),
        ("[limits]\nvalid_days = 90\nnet_worth_share = [0.1, 0.2, 0.0, 0.0, 0.0]\n", "must not rise from A to E"),
        ("[limits]\nneed_spread = 0.5\nno_such_setting = 1.0\n", "no_such_setting"),
    ],
)
@pytest.mark.parametrize("command", ["limits", "backtest"])
def test_a_bad_policy_is_refused_with_its_line(arrisk, book, policy_of, tmp_path, command, text, place):
    options = {
        "limits": ("limits", book, "--as-of", "2024-04-02", "--out", tmp_path / "limits.csv"),
        "backtest": ("backtest", "limits", book, "--from", "2024-02-01", "--to", "2024-03-31"),
    }
    ran = arrisk(*options[command], "--policy", policy_of(text))
    assert ran.code == 2
    assert "policy.toml, line " in ran.err
    assert place in ran.err
    assert not (tmp_path / "limits.csv").exists()


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2023-06-01", "2024-03-31", "not within the ledger"),
        ("2024-01-02", "2024-03-31", "not within the ledger"),
        ("2024-02-01", "2024-12-31", "not within the ledger"),
        ("2024-03-01", "2024-02-01", "before it begins"),
    ],
)
def test_a_period_outside_the_ledger_is_refused(arrisk, book, start, end, said):
    ran = arrisk("backtest", "limits", book, "--from", start, "--to", end)
    assert ran.code == 2
    assert said in ran.err
    assert "--from, --to" in ran.err


def test_limits_to_a_file_of_an_unknown_ending_are_refused_before_any_work(arrisk, tmp_path):
    ran = arrisk("limits", tmp_path / "no-book-is-read", "--as-of", TODAY, "--out", tmp_path / "limits.docx")
    assert ran.code == 2
    assert ".docx" in ran.err


def test_a_model_that_is_not_there_is_refused_and_nothing_is_written(arrisk, book, tmp_path):
    out = tmp_path / "limits.csv"
    ran = arrisk("limits", book, "--as-of", "2024-04-02", "--model", "default-12m/nobody/1", "--out", out)
    assert ran.code == 2
    assert "no model 'default-12m/nobody/1'" in ran.err
    assert not out.exists()
