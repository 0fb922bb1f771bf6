"""What a term means is said where it stands, not on a page of its own alone."""

import re
from importlib import resources
from pathlib import Path

import pytest

from api.pages.terms import TERMS

_SHOWN = "style.html"
"""Shows the parts of pages to who makes them; nobody works with it."""


@pytest.fixture(scope="module")
def asked():
    with resources.as_file(resources.files("api").joinpath("templates")) as folder:
        pages = [path for path in Path(folder).rglob("*.html") if path.name != _SHOWN]
        return {name for path in pages for name in re.findall(r'ui\.term\("(\w+)"', path.read_text(encoding="utf-8"))}


def test_each_term_is_explained_where_it_is_used(asked):
    assert asked == set(TERMS)
