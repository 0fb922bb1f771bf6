"""What every saved model shares: texts that read back bit for bit, and a seal that shows any change."""

import math

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.modeling.binning import Bin
from arrisk.modeling.calibrate import PlattCalibrator
from arrisk.modeling.chain import Link
from arrisk.modeling.plain_files import check_seal, dump_link, parse_link, read_json, seal, to_text
from arrisk.modeling.scorecard import CardColumn, ScorecardModel

FILES = {"a.json": to_text({"x": 0.1}), "b/c.txt": "plain\n"}


def test_numbers_read_back_bit_for_bit():
    numbers = [0.1 + 0.2, 1 / 3, 5e-324, -0.0, 1e308]
    again = read_json({"x": to_text(numbers)}, "x")
    assert np.array(again).tobytes() == np.array(numbers).tobytes()


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_cannot_be_saved(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_text({"x": number})


def test_what_is_not_json_is_refused_by_name():
    with pytest.raises(ModelError, match=r"not JSON \(b/c.txt\)"):
        read_json(FILES, "b/c.txt")


def test_sealed_files_pass():
    sealed = seal(FILES, version=7)
    check_seal(sealed, version=7)
    assert {name: sealed[name] for name in FILES} == FILES


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"a.json": "{}"}, r"changed \(a.json\)"),
        ({"d.json": "{}"}, r"changed \(d.json\)"),
        ({"b/c.txt": None}, r"missing \(b/c.txt\)"),
        ({"manifest.json": None}, "no manifest"),
        ({"manifest.json": "[]"}, "another format"),
        ({"manifest.json": "{"}, "not JSON"),
    ],
)
def test_any_change_breaks_the_seal(change, words):
    files = {name: text for name, text in {**seal(FILES, version=7), **change}.items() if text is not None}
    with pytest.raises(ModelError, match=words):
        check_seal(files, version=7)


def test_another_format_is_refused():
    with pytest.raises(ModelError, match="another format"):
        check_seal(seal(FILES, version=7), version=8)


def test_a_scorecard_is_read_back():
    bins = (Bin(None, 0.5, False, 90, 10, 0.4), Bin(0.5, None, False, 60, 40, -0.9), Bin(None, None, True, 5, 5, -1.3))
    link = Link(ScorecardModel(-2.0, (CardColumn("debt", "load", -0.9, 0.3, bins),)), PlattCalibrator(0.9, 0.1))
    files = dump_link(link, folder="some")
    assert sorted(files) == ["some/calibrator.json", "some/model.json"]
    assert parse_link(files, folder="some") == link
    features = pd.DataFrame({"debt": [0.1, 0.9, np.nan]})
    assert np.array_equal(parse_link(files, folder="some").predict(features), link.predict(features))
