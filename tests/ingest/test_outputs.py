"""Results for other programs: what the ledger says is text in them."""

import csv
from decimal import Decimal

import pandas as pd
import pytest
from openpyxl import load_workbook

from arrisk.ingest.outputs import write_frame


def test_a_name_that_begins_like_a_formula_stays_a_name_in_a_workbook(tmp_path):
    write_frame(pd.DataFrame({"name": ["=1+1", "Alder"], "amount": [1.5, 2.0]}), tmp_path / "out.xlsx")
    cells = load_workbook(tmp_path / "out.xlsx").active
    assert (cells["A2"].data_type, cells["A2"].value) == ("s", "=1+1")
    assert (cells["A3"].value, cells["B2"].value, cells.freeze_panes) == ("Alder", 1.5, "A2")


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")']
)
def test_text_that_a_spreadsheet_program_would_run_is_harmless_in_csv(tmp_path, text):
    write_frame(pd.DataFrame({"name": [text], text: ["plain"]}), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        header, row = csv.reader(file)
    shown = "'" + text.replace("\r", "\n")
    assert (header, row) == (["name", shown], [shown, "plain"])


def test_a_carriage_return_inside_a_name_does_not_begin_a_row(tmp_path):
    write_frame(pd.DataFrame({"name": ["Alder\r=1+1", "Birch\r\nOak"]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == b'name\n"Alder\n=1+1"\n"Birch\nOak"\n'


def test_categories_and_missing_cells_are_written_harmless_too(tmp_path):
    names = pd.Series(["=1", None, "Alder"])
    write_frame(pd.DataFrame({"a": names.astype("category"), "b": names.astype("str")}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "a,b\n'=1,'=1\n,\nAlder,Alder\n"


def test_negative_numbers_stay_numbers_in_csv(tmp_path):
    amounts = {"text": ["-12.50", "+3", "-.5e3"], "float": [-1.5, 2.0, -0.25], "exact": [Decimal("-7.10")] * 3}
    write_frame(pd.DataFrame(amounts), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "text,float,exact\n-12.50,-1.5,-7.10\n+3,2,-7.10\n-.5e3,-0.25,-7.10\n"


@pytest.mark.parametrize("amount", ["123456789.01", "9999999.999", "-1234567890123.45", "0.1", "0.0123456789"])
def test_amounts_keep_their_cents_in_csv(tmp_path, amount):
    write_frame(pd.DataFrame({"amount": [float(amount)]}), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == f"amount\n{amount}\n"
