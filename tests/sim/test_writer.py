"""Files of a simulated portfolio: the same bytes for the same seed, exact cents, whole tables."""

import tomllib
from decimal import Decimal

import pandas as pd
import pyarrow.parquet
import pytest

from arrisk.errors import OutputError
from arrisk.sim import simulate_portfolio, write_portfolio


def _bytes(folder, portfolio, file_format):
    folder.mkdir()
    paths = write_portfolio(portfolio, folder, file_format=file_format)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.slow
@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, file_format):
    written = [
        _bytes(tmp_path / str(turn), simulate_portfolio(customers=60, months=12, seed=seed), file_format)
        for turn, seed in enumerate((8, 8, 9))
    ]
    assert written[0] == written[1]
    assert written[0].keys() == written[2].keys()
    same = {name for name in written[0] if written[0][name] == written[2][name]}
    assert same <= {f"book/recoveries.{file_format}"}  # so small a book may have none


def test_the_settings_name_the_book(portfolio, written):
    settings = tomllib.loads((written / "book" / "book.toml").read_text(encoding="utf-8"))
    assert settings == {
        "name": portfolio.name,
        "currency": "EUR",
        "extract_end_on": portfolio.extract_end_on,
    }


def test_amounts_in_csv_are_exact_cents(portfolio, written):
    text = pd.read_csv(written / "book" / "invoices.csv", dtype=str)["amount"]
    assert text.str.fullmatch(r"\d+\.\d\d").all()
    exact = sum(Decimal(amount) for amount in text)
    assert exact == sum(Decimal(repr(amount)) for amount in portfolio.tables["invoices"]["amount"])


def test_parquet_and_csv_hold_the_same(portfolio, written, tmp_path):
    write_portfolio(portfolio, tmp_path, file_format="parquet")
    for name in portfolio.tables:
        table = pyarrow.parquet.read_table(tmp_path / "book" / f"{name}.parquet")
        text = pd.read_csv(written / "book" / f"{name}.csv", dtype=str)
        assert table.num_rows == len(text)
        assert table.column_names == list(text.columns)
        for column in table.column_names:
            if column.endswith("_on"):
                days = [None if day is None else day.isoformat() for day in table[column].to_pylist()]
                assert days == text[column].astype(object).where(text[column].notna(), None).tolist()


def test_an_unknown_format_is_refused(portfolio, tmp_path):
    with pytest.raises(OutputError, match="xlsx"):
        write_portfolio(portfolio, tmp_path, file_format="xlsx")


def test_a_folder_that_cannot_be_written_is_one_clear_error(portfolio, tmp_path):
    (tmp_path / "book").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write the portfolio"):
        write_portfolio(portfolio, tmp_path, file_format="csv")
