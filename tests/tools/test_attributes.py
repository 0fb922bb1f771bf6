"""Public failures known through attributes alone: one fold of each reaches what the whole measurement reaches."""

import numpy as np
import pytest

from arrisk.modeling.metrics import compute_auc
from tools.measure_attributes import Task, _divide, describe, observe, predict_test
from tools.public_books import READERS


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lowest"), [("polish", 0.92), ("taiwan", 0.92), ("sba", 0.82)])
def test_failures_are_found_through_attributes_alone(realdata, name, lowest):
    observed = observe(realdata, name)
    assert len(observed) == {"polish": 6_945, "taiwan": 6_819, "sba": 2_101}[name]
    assert observed.defaulted.sum() == {"polish": 271, "taiwan": 220, "sba": 686}[name]
    fit, test = next(iter(_divide(observed, Task(realdata, name, 0))))
    assert not set(fit) & set(test)
    champion, found = predict_test(observed, fit, test, seed=0)
    auc = {model: compute_auc(observed.defaulted[test], p) for model, p in found.items()}
    assert champion != "base_rate"
    # Above this no honest model is known on any of them: something was read that follows from the outcome.
    assert lowest < auc["model"] < 0.985
    assert 0.5 < auc["half_known"] < auc["model"] + 0.02
    assert auc["model"] > auc["logistic"]


def test_what_follows_from_the_end_of_a_loan_is_no_attribute(realdata):
    firms = READERS["sba"](realdata)
    leaks = {"Term", "daysterm", "xx", "Recession", "RealEstate", "ChgOffDate", "ChgOffPrinGr", "MIS_Status", "Default"}
    assert not (leaks | {"BalanceGross", "DisbursementGross", "LoanNr_ChkDgt"}) & set(firms.known)
    assert 0.5 < np.mean(firms.is_early) < 0.7


def test_the_table_has_a_row_for_each_data_set():
    scores = {"model": 0.95, "half_known": 0.9, "logistic": 0.8, "lightgbm": 0.94, "low": 0.94, "high": 0.96}
    row = {"name": "polish", "is_out_of_time": False, **scores, "champions": {"blend": 25}}
    last = describe([row])[-2]
    assert last.startswith("| Polish companies | 5 folds, 5 times | 0.950 | 0.940..0.960 | 0.900 | 0.800 | 0.940 | 25 ")
