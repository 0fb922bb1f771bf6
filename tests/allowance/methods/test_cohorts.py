"""Cohorts: what became of what was open, within the window and not after it."""

import pandas as pd
import pytest

from arrisk.allowance.methods.cohorts import follow_cohorts, list_entries, list_write_offs, sum_cells


def flows_of(*rows):
    """Give flows of (step, invoice, open amount, written off)."""
    table = pd.DataFrame(list(rows), columns=["step", "invoice", "open_amount", "written_off_amount"])
    return table.assign(customer_id="A").astype({"open_amount": "float64", "written_off_amount": "float64"})


def follow(flows, *, window_steps):
    return follow_cohorts(flows, list_write_offs(flows), window_steps=window_steps)


FAILING = [(step, 7, 100.0, 100.0 if step == 1 else 0.0) for step in (5, 4, 3, 2, 1)]


def test_only_cohorts_whose_window_is_complete_count():
    assert follow(flows_of(*FAILING), window_steps=3)["step"].tolist() == [5, 4, 3, 2]
    assert follow(flows_of(*FAILING), window_steps=6)["step"].tolist() == [5]
    assert follow(flows_of(*FAILING), window_steps=7).empty


def test_a_write_off_counts_within_the_window_and_not_after_it():
    followed = follow(flows_of(*FAILING), window_steps=3)
    assert followed["lost_amount"].tolist() == [0, 0, 100, 100]
    # From the start of the cohort to the middle of the step of the write-off.
    assert (followed["lost_days"] / followed["lost_amount"]).tolist()[2:] == [75, 45]


def test_a_write_off_before_the_cohort_does_not_count():
    rows = [(3, 1, 100, 60), (2, 1, 40, 0), (1, 1, 40, 10)]
    assert follow(flows_of(*rows), window_steps=2)["lost_amount"].tolist() == [60, 10, 10]


def test_what_is_written_off_in_parts_adds_up_and_is_never_more_than_was_open():
    rows = [(3, 1, 100, 70), (2, 1, 100, 70)]
    followed = follow(flows_of(*rows), window_steps=2)
    assert followed["lost_amount"].tolist() == [100, 70]
    assert followed["lost_days"].tolist() == pytest.approx([100 * 30, 70 * 15])


def test_a_write_off_is_that_of_its_own_invoice():
    rows = [(2, 1, 100, 0), (2, 2, 50, 0), (1, 2, 50, 50)]
    assert follow(flows_of(*rows), window_steps=2)["lost_amount"].tolist() == [0, 50, 50]


def test_cells_count_each_customer_once_and_the_same_debt_seen_again_as_no_new_evidence():
    rows = [(3, 1, 10, 0), (2, 1, 10, 10), (3, 2, 30, 0), (3, 3, 5, 0), (2, 4, 8, 8), (3, 5, 20, 0)]
    cohorts = follow(flows_of(*rows), window_steps=1)
    cohorts = cohorts.assign(customer=[0, 0, 0, 1, 1, 2], cell=["x", "x", "x", "x", "x", "y"])
    cells = sum_cells(cohorts, by=["cell"]).set_index("cell")
    assert cells.loc["x", ["open_amount", "lost_amount", "customers", "losing_customers"]].tolist() == [63, 18, 2, 2]
    # Two customers at each of two steps; five rows of four invoices.
    assert cells["worth"].to_dict() == {"x": 4 * 4 / 5, "y": 1.0}
    assert cells.loc["y", ["open_amount", "lost_amount", "losing_customers"]].tolist() == [20, 0, 0]


def test_what_enters_default_is_what_was_still_owed_or_written_off_then():
    flows = flows_of((2, 1, 100, 0), (1, 1, 100, 30), (0, 1, 70, 0), (1, 2, 50, 0))
    flows = flows.assign(
        left_amount=[100.0, 60.0, 70.0, 0.0],
        is_in_default=[False, False, True, False],
        is_in_default_after=[False, True, True, True],
    )
    # The second invoice was paid in the step in which the customer failed.
    assert list_entries(flows).to_numpy().tolist() == [[1, 1, 90]]
    assert follow_cohorts(flows, list_entries(flows), window_steps=2)["lost_amount"].tolist() == [90, 90, 0]
