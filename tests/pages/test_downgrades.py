"""Grades that fell, on a page and on the home page of who gives credit."""

from datetime import timedelta

import pytest

from tests.api.kept import SMALL, make_small, open_kept
from tests.api.offices import AS_OF, ROLES, add_run, open_office
from tests.databases import open_new
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text
from tests.people import make_user


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("downgrades")
    database = open_new("sqlite", folder)
    yield open_office(database, folder / "home")
    database.close()


def sit(office, login):
    role, authority, entities = ROLES[login]
    make_user(office.database, login, role, authority=authority, entities=entities)
    return enter(office.app, login)


def test_the_worst_stand_first_on_the_page_and_at_home(office):
    ana = sit(office, "ana")
    assert "one night alone" in read_text(ana.get("/downgrades"))
    assert "No two nights were computed yet" in read_text(ana.get("/"))
    add_run(office.database, as_of=AS_OF + timedelta(days=1), print_="a", grades={"A": "6", "B": "D"}, p_default=0.07)
    found = ana.get("/v1/downgrades").json()
    page = ana.get("/downgrades")
    rows = cells_of(page, "Customers")
    assert [row[0] for row in rows] == ["Birch B", "Alder A"]
    assert '<h2><a href="/downgrades">' in ana.get("/").text
    for row, one in zip(rows, found["items"], strict=True):
        shares = [f"{100 * one[name]:.2f} %" for name in ("p_default_12m", "p_before")]
        assert row[1:] == [one["grade"], one["grade_before"], *shares, written(one["exposure_amount"])]
    home = read_text(ana.get("/"))
    assert "2 since 2 May 2024" in home
    assert "grade 5 → D 1,700.10 USD" in home


def test_before_the_first_night_the_page_says_so(tmp_path):
    database = open_new("sqlite", tmp_path)
    kept = open_kept(database, tmp_path / "home", {SMALL: make_small()})
    assert kept.people["analyst"]
    analyst = enter(kept.app, "analyst")
    assert "No night was computed yet" in read_text(analyst.get("/downgrades"))
    database.close()


def test_who_sees_it(office):
    assert sit(office, "oli").get("/downgrades").status_code == 403
    cleo = sit(office, "cleo")
    assert cleo.get("/downgrades").status_code == 200
    home = cleo.get("/").text
    assert '<h2><a href="/downgrades">' not in home
    assert '<li><a href="/downgrades">Grades that fell' in home
    cleo.cookies.clear()
    assert cleo.get("/downgrades", follow_redirects=False).status_code == 303
