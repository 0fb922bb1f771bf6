"""Assessments of single customers, as they are written into a file."""

import json
from decimal import Decimal

import pandas as pd
import pytest

from arrisk.allowance.assessments import NOBODY, from_plain, parse_assessments, to_plain
from arrisk.errors import InputError
from arrisk.frames import NEVER, day_of
from arrisk.uses.reserve import read_assessments

GOOD = {"customer_id": "A", "amount": "12.50", "reason": "insolvent", "assessed_by": "Ann", "assessed_on": "2024-12-01"}


def table_of(*rows):
    return pd.DataFrame(list(rows), index=range(1, len(rows) + 1)).fillna("")


def test_a_rate_and_an_amount_are_read_exactly():
    rate = {**GOOD, "customer_id": "B", "amount": "", "rate": "0.1", "valid_to_on": "2025-03-31"}
    rows = parse_assessments(table_of(GOOD, rate), currency="USD")
    assert rows["amount"].tolist()[0] == 1250
    assert rows["rate"].tolist()[1] == Decimal("0.1")
    assert rows["valid_to_day"].tolist() == [NEVER, day_of("2025-03-31")]


def test_assessments_go_through_json_and_come_back_the_same():
    rate = {**GOOD, "customer_id": "B", "amount": "", "rate": "0.1", "valid_to_on": "2025-03-31"}
    rows = parse_assessments(table_of(GOOD, rate), currency="USD")
    back = from_plain(json.loads(json.dumps(to_plain(rows))))
    assert back.to_dict("records") == rows.to_dict("records")
    assert from_plain(to_plain(NOBODY)).equals(NOBODY)


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        ({"amount": ""}, "row 2", "one of the two"),
        ({"rate": "0.5"}, "row 2", "one of the two"),
        ({"amount": "", "rate": "50"}, "row 2, column rate", "not a share"),
        ({"amount": "", "rate": "half"}, "row 2, column rate", "not a number"),
        ({"amount": "-1"}, "row 2, column amount", "not one of USD"),
        ({"amount": "1.005"}, "row 2, column amount", "not one of USD"),
        ({"amount": "nan"}, "row 2, column amount", "not a number"),
        ({"reason": " "}, "row 2, column reason", "nothing stands there"),
        ({"assessed_by": ""}, "row 2, column assessed_by", "nothing stands there"),
        ({"assessed_on": "1.12.2024"}, "row 2, column assessed_on", "not a date"),
        ({"valid_to_on": "soon"}, "row 2, column valid_to_on", "not a date"),
        ({"customer_id": "A"}, "row 2", "twice"),
    ],
)
def test_a_mistake_is_named_with_its_row(change, where, said):
    with pytest.raises(InputError) as caught:
        parse_assessments(table_of(GOOD, {**GOOD, "customer_id": "B", **change}), currency="USD")
    assert caught.value.where == where
    assert said in caught.value.what


@pytest.mark.parametrize("name", ["customer_id", "reason", "assessed_by", "assessed_on", "amount"])
def test_a_missing_column_is_named(name):
    row = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(InputError, match=f"no column '{name}'"):
        parse_assessments(table_of(row), currency="USD")


def test_a_file_is_read(tmp_path):
    path = tmp_path / "assessments.csv"
    path.write_text(",".join(GOOD) + "\n" + ",".join(GOOD.values()) + "\n")
    assert read_assessments(path, currency="USD")["amount"].tolist() == [1250]
