"""Dates in tables stay in one piece, also where a telephone leaves no room."""

import re
from importlib import resources

import pytest

_TEMPLATES = resources.files("api").joinpath("templates")
_CELL = re.compile(r"<t[dh]\b([^>]*)>(.*?)</t[dh]>", re.DOTALL)
_KEPT = re.compile(r'<(\w+)[^>]*class="nowrap"[^>]*>.*?</\1>', re.DOTALL)
_DATE = re.compile(r"\{\{[^}]*\|\s*(?:day|moment)\b[^}]*\}\}")


def list_templates():
    return sorted(
        f"{folder.name}/{file.name}" for folder in _TEMPLATES.iterdir() if folder.is_dir() for file in folder.iterdir()
    )


def list_broken(text):
    """List the cells in which a line may end within a date."""
    for attributes, content in _CELL.findall(text):
        is_kept = "nowrap" in attributes or "number" in attributes
        if not is_kept and _DATE.search(_KEPT.sub("", content)):
            yield content


@pytest.mark.parametrize("name", list_templates())
def test_no_cell_of_a_table_breaks_a_date(name):
    assert list(list_broken(_TEMPLATES.joinpath(name).read_text(encoding="utf-8"))) == []


def test_a_date_that_may_break_is_found():
    assert list(list_broken("<td>{{ one.at|moment }}</td>"))
    assert list(list_broken('<th scope="row">I1, {{ one.on|day }}</th>'))
    assert not list(
        list_broken('<td>I1, <span class="nowrap">{{ one.on|day }}</span></td><td class="nowrap">{{ a|day }}</td>')
    )
