"""Results for other programs: what the ledger says is text in them."""

import pandas as pd
from openpyxl import load_workbook

from arrisk.ingest.outputs import write_frame


def test_a_name_that_begins_like_a_formula_stays_a_name_in_a_workbook(tmp_path):
    write_frame(pd.DataFrame({"name": ["=1+1", "Alder"], "amount": [1.5, 2.0]}), tmp_path / "out.xlsx")
    cells = load_workbook(tmp_path / "out.xlsx").active
    assert (cells["A2"].data_type, cells["A2"].value) == ("s", "=1+1")
    assert (cells["A3"].value, cells["B2"].value, cells.freeze_panes) == ("Alder", 1.5, "A2")
