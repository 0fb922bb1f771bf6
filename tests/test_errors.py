import inspect

import pytest

from arrisk import errors
from arrisk.errors import ArriskError, InputError, nearest


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ArriskError("no rate"), "no rate"),
        (ArriskError("no rate", where="rates"), "no rate (rates)"),
        (ArriskError("no rate", hint="add one"), "no rate. Try: add one"),
        (ArriskError("no rate", where="rates", hint="add one"), "no rate (rates). Try: add one"),
    ],
)
def test_an_error_says_what_where_and_what_to_try(error, text):
    assert str(error) == text
    assert error.what == "no rate"


def test_every_error_but_the_root_is_an_input_error():
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ArriskError)]
    assert len(classes) > 8
    assert all(issubclass(kind, InputError) for kind in classes if kind is not ArriskError)


@pytest.mark.parametrize("name", ["amuont", "Amount", "AMOUNTS", "amount "])
def test_a_slip_finds_the_name_that_was_meant(name):
    assert nearest(name, ["due_on", "amount"]) == "did you mean 'amount'?"


def test_a_name_like_no_other_gets_the_list_of_all():
    assert nearest("zzz", ["due_on", "amount"]) == "one of: amount, due_on"


def test_of_many_names_the_first_are_listed_and_the_rest_counted():
    said = errors.nearest("zzz", [f"a{number:03d}" for number in range(100)])
    assert said.endswith("a029 and 70 more")
