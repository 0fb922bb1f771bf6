"""The five C's of one customer over HTTP: those that a case takes down, with how much is known of each."""

import pytest

from api.main import create_app
from tests.api.offices import AS_OF, LEDGER, Office, add_ledger
from tests.databases import open_new
from tests.rated import add_default_model

DAY = AS_OF.isoformat()
NAMES = ["character", "capacity", "capital", "conditions", "collateral"]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rated")
    database = open_new("sqlite", folder)
    add_ledger(database)
    app = create_app(folder / "home", database=database)
    add_default_model(folder / "home", LEDGER)
    yield Office(app, {})
    database.close()


@pytest.mark.slow
def test_they_are_those_of_a_case_of_that_day(office):
    found = office.get("ana", "/customers/A/five-cs", as_of=DAY).json()
    case = office.post("ana", "/cases", {"customer_id": "A", "requested_limit": "100", "as_of": DAY}).json()
    taken = case["snapshot"]["five_cs"]
    assert sorted(found["five_cs"]) == sorted(NAMES)
    for name in NAMES:
        one = found["five_cs"][name]
        assert (one["points"], one["facts"]) == (pytest.approx(taken[name]["points"]), taken[name]["facts"])
    assert found["depth"] == case["snapshot"]["risk"]["depth"] == "A"
    assert found["five_cs"]["capital"]["known"] == taken["capital"]["known"] > 0


def test_points_are_those_of_the_reasons(office):
    found = office.get("ana", "/customers/A/five-cs", as_of=DAY).json()
    score = office.get("ana", "/customers/A/score", as_of=DAY).json()
    odds = sum(one["contribution"] for one in score["reasons"])
    points = sum(one["points"] for one in found["five_cs"].values())
    assert points == pytest.approx(-odds * 20 / 0.6931471805599453)
    assert found["score"] == score


def test_who_has_never_traded_has_little_behind_it(office):
    least = office.get("ana", "/customers/E/five-cs", as_of=DAY).json()
    assert (least["depth"], least["depth_text"]) == ("D", "its payments alone")
    assert least["five_cs"]["capital"]["known"] < least["five_cs"]["capital"]["asked"]


def test_an_id_may_hold_a_slash(office):
    assert office.get("ana", "/customers/D/1/five-cs", as_of=DAY).json()["customer_id"] == "D/1"
    assert office.get("ana", "/customers/D/1/score", as_of=DAY).json()["customer_id"] == "D/1"


def test_who_may_not_ask_is_refused(office):
    asked = [office.get(login, "/customers/A/five-cs", as_of=DAY).status_code for login in ("", "oli", "noel", "cleo")]
    assert asked == [401, 403, 403, 200]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [("Z", {"as_of": DAY}, 404), ("A", {}, 422), ("A", {"as_of": "soon"}, 422), ("A", {"as_of": "2022-01-01"}, 409)],
)
def test_what_cannot_be_answered_is_refused(office, path, query, status):
    assert office.get("ana", f"/customers/{path}/five-cs", **query).status_code == status
