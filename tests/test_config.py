"""Settings are read from the environment, checked, and a name that is almost one is said."""

import pytest

from arrisk.config import Settings, list_unknown, name_variable, read_settings, write_settings
from arrisk.errors import InputError


def test_without_an_environment_the_defaults_hold(tmp_path):
    assert read_settings({}) == Settings()
    assert read_settings({"ARRISK_HOME": str(tmp_path)}).home == tmp_path
    assert read_settings({}).port == 8000


def test_what_is_empty_counts_as_not_given():
    assert read_settings({"ARRISK_PORT": "", "ARRISK_POLICY": ""}) == Settings()


def test_what_is_written_is_read_as_the_same(tmp_path):
    settings = Settings(
        home=tmp_path, policy=tmp_path / "p.toml", database_url="sqlite:///a.db", processes=2, prepare="off"
    )
    assert read_settings(write_settings(settings)) == settings
    assert read_settings(write_settings(Settings())) == Settings()


def test_a_flag_wins_over_the_environment():
    environ = {"ARRISK_PORT": "9000", "ARRISK_HOST": "10.0.0.1"}
    assert read_settings(environ, port=9001, host=None).port == 9001
    assert read_settings(environ, port=9001, host=None).host == "10.0.0.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"), ("port", "many"), ("max_bytes", "1"), ("max_rows", "0"), ("stop_seconds", "-1"),
        ("log_level", "loud"), ("log_format", "xml"), ("upgrade", "yes"),
        ("secure_cookies", "no"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused_by_its_name_and_not_repeated(name, value):
    with pytest.raises(InputError) as refused:
        read_settings({name_variable(name): value})
    assert refused.value.where == name_variable(name)
    assert refused.value.hint
    with pytest.raises(InputError) as flagged:
        read_settings({}, **{name: value})
    assert flagged.value.where.startswith("--")


def test_an_unknown_name_is_said_with_the_nearest_one():
    said = list_unknown({"ARRISK_DATABSE_URL": "x", "ARRISK_REALDATA": "y", "ARRISK_HOME": "z", "OTHER": "1"})
    assert said == ["ARRISK_DATABSE_URL is not a setting: did you mean 'ARRISK_DATABASE_URL'?"]
