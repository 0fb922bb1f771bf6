"""Files of every format and encoding become text; what is no table is explained."""

import codecs
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arrisk.errors import InputError
from arrisk.ingest.readers import Options, read_source

TEXT = "id;name;amount\n1;Müller & Söhne;1,50\n2;Größe;2,75\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-8", b"", "encoding utf-8"),
        ("utf-8", codecs.BOM_UTF8, "encoding utf-8-sig"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "encoding utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "encoding utf-16"),
        ("utf-16-le", b"", "encoding utf-16-le"),
        ("latin-1", b"", "encoding cp1252 (likely; state it in the mapping if letters look wrong)"),
    ],
)
def test_an_encoding_is_detected_and_said(write_file, encoding, mark, said):
    source = read_source(write_file("export.csv", mark + TEXT.encode(encoding)))
    assert source.frame["name"].tolist() == ["Müller & Söhne", "Größe"]
    assert list(source.frame.columns) == ["id", "name", "amount"]
    assert source.notes == [said, "delimiter semicolon"]


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")])
def test_a_delimiter_is_detected_and_said(write_file, sign, name):
    source = read_source(write_file("export.txt", f"id{sign}amount\n1{sign}2.5\n"))
    assert source.frame.to_dict("records") == [{"id": "1", "amount": "2.5"}]
    assert f"delimiter {name}" in source.notes


def test_a_decimal_comma_does_not_pass_for_a_delimiter(write_file):
    source = read_source(write_file("export.csv", "id;net;gross\n1;1,50;2,50\n2;3,50;4,50\n"))
    assert source.frame["gross"].tolist() == ["2,50", "4,50"]


def test_what_the_mapping_says_goes_before_detection(write_file):
    path = write_file("export.csv", "a,b;c\n1,2;3\n".encode("utf-16-le"))
    source = read_source(path, Options(encoding="utf-16-le", delimiter=";"))
    assert list(source.frame.columns) == ["a,b", "c"]
    assert source.notes == [
        "encoding utf-16-le, as the mapping says",
        "delimiter semicolon, as the mapping says",
    ]


def test_text_stays_as_it_is_written(write_file):
    source = read_source(write_file("export.csv", 'id,note\n007,"a ""b"", c\nd"\nNA,NULL\n'))
    assert source.frame.to_dict("records") == [
        {"id": "007", "note": 'a "b", c\nd'},
        {"id": "NA", "note": "NULL"},
    ]


def test_rows_are_numbered_from_one_and_empty_rows_are_counted(write_file):
    source = read_source(write_file("export.csv", "id,amount\n1,5\n,\n  , \n2,6\n"))
    assert source.frame.index.tolist() == [1, 4]
    assert source.count_empty == 2
    assert "2 rows without any content left out" in source.notes


def test_empty_lines_before_the_header_do_not_shift_the_line_numbers(write_file):
    path = write_file("export.csv", "\r\n\r\nid,amount\r\n1,2\r\n3\r\n")
    with pytest.raises(InputError, match="line 5 has 1"):
        read_source(path)


def test_an_open_quote_that_breaks_the_columns_is_explained(write_file):
    with pytest.raises(InputError, match=r"cannot be cut into rows.*a double quote that is opened"):
        read_source(write_file("export.csv", 'id,name,amount\n1,"n,2\n' + "3,n,4\n" * 60_000))


def test_repeated_and_empty_column_names_get_names_of_their_own(write_file):
    source = read_source(write_file("export.csv", "Amount,Currency,Amount,\n1,EUR,2,x\n"))
    assert list(source.frame.columns) == ["Amount", "Currency", "Amount.1", "column 4"]


def test_the_header_may_stand_below_a_title(write_file):
    path = write_file("export.csv", "Open items;\nas of 31.12.\nid;amount\n1;2\n")
    assert read_source(path, Options(header_line=3)).frame.to_dict("records") == [{"id": "1", "amount": "2"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("id,amount\n", "a header and no data row"),
        ("id\n1\n", "there is only one column: no delimiter was found"),
        ("id,amount\n1,2\n3,4,5\n\n6\n", r"the header has 2 columns, but line 3 has 3, line 5 has 1"),
        ('id,amount\n"1\n2",2\n3,4,5\n', r"but line 4 has 3"),
        ('id,amount\n1,"2\n3,4\n5,6\n', "a double quote is opened and not closed"),
        ('id,amount\n1,"2\n' + "3,4\n" * 60_000, "a double quote is opened and not closed"),
        (b"PK\x03\x04abc", "it begins like a .xlsx file"),
        (b"\x00\x01\x02\x03\x00\xff" * 30, "this is not a text file"),
    ],
)
def test_a_file_that_is_no_table_is_explained(write_file, content, message):
    with pytest.raises(InputError, match=message):
        read_source(write_file("export.csv", content))


def test_a_wrong_delimiter_in_the_mapping_is_explained_with_the_one_found(write_file):
    with pytest.raises(InputError, match=r"only one column: with semicolon as delimiter .*delimiter = ','"):
        read_source(write_file("export.csv", "id,amount\n1,2\n"), Options(delimiter=";"))


def test_an_encoding_that_does_not_fit_is_explained_with_its_line(write_file):
    with pytest.raises(InputError, match=r"not utf-8 \(.*export.csv, line 2\)"):
        read_source(write_file("export.csv", TEXT.encode("latin-1")), Options(encoding="utf-8"))


def test_an_unknown_encoding_is_explained(write_file):
    with pytest.raises(InputError, match=r"unknown encoding 'utf-9'.*utf-8"):
        read_source(write_file("export.csv", TEXT), Options(encoding="utf-9"))


def test_a_missing_file_is_explained_with_the_nearest_name(write_file):
    path = write_file("invoices.csv", TEXT)
    with pytest.raises(InputError, match=r"no such file .*did you mean 'invoices.csv'"):
        read_source(path.with_name("invoice.csv"))


def _write_workbook(path):
    workbook = openpyxl.Workbook()
    workbook.active.title = "Summary"
    workbook.active.append(["nothing", "here"])
    sheet = workbook.create_sheet("Items")
    sheet.append(["id", "issued", "amount", "paid", "note"])
    sheet.append([1930571429, datetime.fromisoformat("2024-02-29"), 12.5, None, "Müller"])
    sheet.append(["007", date(2024, 3, 1), 1e7, True, " x "])
    workbook.save(path)


def test_a_workbook_gives_ids_without_decimals_and_iso_dates(tmp_path):
    _write_workbook(tmp_path / "export.xlsx")
    source = read_source(tmp_path / "export.xlsx", Options(sheet="Items"))
    assert source.frame.to_numpy().tolist() == [
        ["1930571429", "2024-02-29", "12.5", "", "Müller"],
        ["007", "2024-03-01", "10000000", "true", " x "],
    ]
    assert source.notes == ["sheet 'Items' (of 2; sheet = ... in the mapping chooses another)"]


def test_an_unknown_sheet_is_explained(tmp_path):
    _write_workbook(tmp_path / "export.xlsx")
    with pytest.raises(InputError, match=r"no sheet 'Item' .*did you mean 'Items'"):
        read_source(tmp_path / "export.xlsx", Options(sheet="Item"))


def test_a_file_that_is_no_workbook_is_explained(write_file):
    with pytest.raises(InputError, match="this workbook cannot be read"):
        read_source(write_file("export.xlsx", "id,amount\n1,2\n"))


def test_parquet_becomes_text(tmp_path):
    table = pa.table(
        {
            "id": pa.array([1, None]),
            "issued": pa.array([date(2024, 2, 29), None]),
            "at": pa.array([datetime.fromisoformat("2024-02-29T23:59"), None]),
            "amount": pa.array([Decimal("1234.50"), None]),
            "float": [1930571429.0, 0.1],
            "code": pa.array(["x", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "export.parquet")
    rows = read_source(tmp_path / "export.parquet").frame.to_numpy().tolist()
    assert rows == [
        ["1", "2024-02-29", "2024-02-29", "1234.50", "1930571429", "x"],
        ["", "", "", "", "0.1", ""],
    ]


def test_a_file_that_is_no_parquet_is_explained(write_file):
    with pytest.raises(InputError, match="this is not a Parquet file"):
        read_source(write_file("export.parquet", "id,amount\n"))


def test_every_column_is_arrow_backed_text(write_file):
    frame = read_source(write_file("export.csv", "id,amount\n1,2\n")).frame
    assert all(dtype == pd.StringDtype("pyarrow", na_value=float("nan")) for dtype in frame.dtypes)
