"""The allowance on pages: the figures of the API and the command to the cent, supposed states, overlays, refusals."""

import json
import re
import sys
from decimal import Decimal

import pytest

from api.main import create_app
from arrisk.cli import main
from arrisk.config import Settings
from tests.api.kept import NAME, SMALL, add_rows, kept, losing, make_small, small_kept
from tests.api.ledger import write_files
from tests.databases import open_new
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text, visit

__all__ = ["kept", "losing", "small_kept"]

END = "2024-07-31"
OF = {"ledger": NAME, "period_end": END}


@pytest.fixture(scope="module")
def browser(kept):
    assert kept.people["finance"]
    return enter(kept.app, "finance")


@pytest.fixture(scope="module")
def said(losing, home, tmp_path_factory):
    """Give what `arrisk allowance` says of the large ledger."""
    folder = tmp_path_factory.mktemp("allowance")
    book, out = write_files(losing, folder / "book"), folder / "out.json"
    words = ["allowance", book, "--period-end", END, "--method", "model", "--compare", "--json", out]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARRISK_HOME", str(home))
        patch.setattr(sys, "argv", ["arrisk", *map(str, words)])
        with pytest.raises(SystemExit):
            main()
    return json.loads(out.read_text())


def look(browser, path="", **query):
    page = browser.get(f"/allowance{path}", params=OF | query)
    assert page.status_code == 200, read_text(page)
    return page


def plain(text):
    return Decimal(text.split(" EUR")[0].replace(",", "").replace("−", "-"))


@pytest.mark.slow
def test_methods_are_those_of_the_api_and_of_the_command_to_the_cent(browser, said):
    page = look(browser, method="model")
    api = browser.get("/v1/allowance", params=OF | {"method": "model", "compare": True}).json()
    rows = cells_of(page, "Allowance by method")
    assert [row[5] for row in rows] == [written(one["total"]) for one in said["methods"]]
    for row, one in zip(rows, api["comparison"]["methods"], strict=True):
        names = ("performing", "in_default", "individual", "overlays", "total")
        assert row[1:6] == [written(one[name]) for name in names]
        assert sum(map(plain, row[1:5])) == plain(row[5])
    assert f"{written(said['total'])} EUR" in read_text(page)
    checks = cells_of(page, "To hold beside them")
    assert [row[1] for row in checks] == [written(one["total"]) for one in said["cross_checks"]]
    assert "<svg" in page.text


def test_beside_one_selling_company_no_figure_of_the_whole_ledger_stands(small_kept):
    assert small_kept.people["finance"]
    browser = enter(small_kept.app, "finance")
    query = {"period_end": "2024-09-30", "method": "matrix", "compare": True}
    whole, own = (browser.get("/v1/allowance", params=query | more).json() for more in ({}, {"entity": "north"}))
    assert (len(whole["comparison"]["cross_checks"]), own["comparison"]["cross_checks"]) == (2, [])
    said = "the cross-checks are of the whole ledger"
    for more, is_shown in (({}, True), ({"entity": "north"}, False)):
        page = browser.get("/allowance", params={"period_end": "2024-09-30", "method": "matrix", **more})
        assert ("To hold beside them" in page.text) == is_shown
        assert (said in read_text(page)) != is_shown


@pytest.mark.slow
def test_tables_by_bucket_and_segment_sum_to_the_totals(browser, said):
    page = look(browser, method="model")
    *buckets, total = cells_of(page, "By days past due")
    for column in (2, 3, 4, 6, 8):
        assert sum(plain(row[column]) for row in buckets) == plain(total[column])
    assert (total[2], total[4]) == (written(said["gross_total"]), written(said["total"]))
    *segments, whole = cells_of(page, "By segment, payment curve")
    assert sum(plain(row[4]) for row in segments) == plain(whole[4]) == plain(total[4])
    every = cells_of(page, "Rates and amounts")
    assert [row[6] for row in every] == [f"{row['allowance']:,.2f}" for row in said["rows"]]
    assert "in default" in {row[0] for row in segments}


@pytest.mark.slow
def test_supposed_states_give_what_the_api_gives(browser):
    query = {
        "method": "matrix",
        "good_z": "1",
        "good_weight": "1",
        "base_weight": "0",
        "bad_z": "-2",
        "bad_weight": "3",
    }
    page = look(browser, "/scenarios", **query)
    scenarios = ["good:0.25:1", "base:0.0:0", "bad:0.75:-2"]
    api = browser.get("/v1/allowance", params=OF | {"method": "matrix", "scenario": scenarios}).json()
    *rows, total = cells_of(page, "Allowance by state of the economy")
    assert [row[3] for row in rows] == [written(one["allowance"]) for one in api["scenarios"]]
    assert [row[1] for row in rows][:3] == ["25.0 %", "0.0 %", "75.0 %"]
    assert total[3] == written(api["total"])
    assert re.search(r'name="bad_z"[^>]* value="-2"', page.text)
    part = browser.get("/allowance/scenarios", params=OF | query, headers={"X-Fragment": "1"})
    assert "<form" not in part.text
    assert total[3] in part.text


def test_a_slider_that_says_nothing_is_refused_with_what_was_typed(browser):
    for wrong in (
        {"bad_z": "many"},
        {"bad_weight": "many"},
        {"good_weight": "0", "base_weight": "0", "bad_weight": "0"},
    ):
        page = browser.get("/allowance/scenarios", params=OF | {"method": "matrix"} | wrong)
        assert page.status_code == 422
        assert page.text.count('role="alert"') == 1
    assert 'value="many"' in browser.get("/allowance/scenarios", params=OF | {"bad_z": "many"}).text


@pytest.mark.slow
def test_frameworks_sensitivity_and_past_closes_are_those_of_the_api(browser):
    both = browser.get("/v1/allowance/frameworks", params=OF | {"method": "matrix"}).json()
    *rows, total = cells_of(look(browser, "/frameworks", method="matrix"), "By days past due")
    assert [row[1:4] for row in rows] == [
        [written(one[name]) for name in ("ifrs9_amount", "asc326_amount", "difference")] for one in both["buckets"]
    ]
    assert total[1:3] == [written(both["ifrs9_total"]), written(both["asc326_total"])]
    assert sum(map(plain, total[4:])) == plain(total[3])
    moved = browser.get("/v1/allowance/sensitivity", params=OF | {"method": "matrix"}).json()
    rows = cells_of(look(browser, "/sensitivity", method="matrix"), "Were one assumption another")
    assert [row[2] for row in rows] == [written(one["low"]) for one in moved["assumptions"]]
    assert plain(rows[0][3]) == plain(rows[0][2]) - Decimal(moved["base"])
    period = {"from": "2023-05-31", "to": "2023-05-31"}
    past = browser.get("/v1/allowance/backtest", params={"ledger": NAME, **period}).json()
    page = look(browser, "/past", from_on=period["from"], to_on=period["to"])
    rows = cells_of(page, "Past month ends")
    assert [row[-2] for row in rows] == [written(one["lost_amount"]) for one in past["closes"]]
    assert [row[3] for row in rows] == [written(one["expected"]["matrix"]) for one in past["closes"]]
    assert "The payment curve is not tried" in read_text(page)


@pytest.mark.slow
def test_what_cannot_be_shown_says_why_once(browser, small_kept):
    assert small_kept.people["finance"]
    finance = enter(small_kept.app, "finance")
    without = finance.get("/allowance", params={"period_end": "2024-04-30"})
    assert without.status_code == 200, "the policy's method has no model, and the others are shown"
    assert "The policy's method, payment curve, cannot be used" in read_text(without)
    assert [row[0] for row in cells_of(without, "Allowance by method")] == ["provision matrix", "roll rates"]
    asked = finance.get("/allowance", params={"period_end": "2024-04-30", "method": "model"})
    assert (asked.status_code, asked.text.count('role="alert"')) == (409, 1)
    for path in ("", "/scenarios", "/frameworks", "/sensitivity"):
        wrong = browser.get(f"/allowance{path}", params=OF | {"method": "<i>"})
        assert (wrong.status_code, wrong.text.count('role="alert"')) == (422, 1)
        assert "<i>" not in wrong.text
    long = browser.get("/allowance/past", params={"ledger": NAME, "from_on": "2020-01-01", "to_on": "2024-01-31"})
    assert long.status_code == 422


def test_who_sees_the_allowance(kept, browser):
    for login in ("analyst", "collector", "operator"):
        assert kept.people[login]
        other = enter(kept.app, login)
        for path in ("", "/scenarios", "/frameworks", "/sensitivity", "/past"):
            assert other.get(f"/allowance{path}", params=OF).status_code == 403
    assert kept.people["validator"]
    assert "Since the last close" not in read_text(look(enter(kept.app, "validator"), method="matrix"))
    assert "Nothing to compare with: no close of main" in read_text(look(browser, method="matrix"))
    stranger = kept.stranger.get("/allowance", headers={"accept": "text/html"}, follow_redirects=False)
    assert stranger.headers["location"].startswith("/sign-in")


OVERLAY = """
[[allowance.overlays]]
name = "<{name}>"
factor = 1.5
reason = "the river rose"
owner = "ana"
source = "press"
approver = "{approver}"
from_on = 2024-01-01
expires_on = {expires_on}
"""
OVERLAYS = (
    {"name": "floods", "approver": "ben", "expires_on": "2024-06-30"},
    {"name": "storms", "approver": "ben", "expires_on": "2024-03-31"},
    {"name": "strikes", "approver": "", "expires_on": "2024-06-30"},
)


@pytest.mark.slow
def test_overlays_stand_with_owner_approver_and_end_and_who_is_to_be_assessed(tmp_path):
    path, database = tmp_path / "policy.toml", open_new("sqlite", tmp_path)
    rules = "[default]\nopen_amount = 10.0\n[allowance]\nindividual_above = 10.0\n"
    path.write_text(rules + "".join(OVERLAY.format(**one) for one in OVERLAYS), "utf-8")
    app = create_app(tmp_path / "home", database=database, settings=Settings(policy=path))
    add_rows(database, SMALL, make_small(), "EUR")
    finance = visit(app, "fay", "finance")
    query = {"period_end": "2024-04-30", "method": "matrix"}
    page, api = finance.get("/allowance", params=query), finance.get("/v1/allowance", params=query).json()
    assert page.status_code == 200, read_text(page)
    rows = cells_of(page, "What people add")
    assert [row[0] for row in rows] == ["&lt;floods&gt;", "&lt;storms&gt;", "&lt;strikes&gt;"]
    assert [row[3] for row in rows] == [written(one["allowance"]) for one in api["overlays"]]
    assert [row[5:8] for row in rows[1:]] == [
        ["ana", "ben", "1 Jan 2024 to 31 Mar 2024"],
        ["ana", "–", "1 Jan 2024 to 30 Jun 2024"],
    ]
    assert [row[8] for row in rows] == [
        "applied",
        "expired on 2024-03-31, not applied",
        "has no approver, not applied",
    ]
    assert Decimal(api["overlays"][0]["allowance"]) > 0
    owing = cells_of(page, "In default, with more owed")
    assert [one[:2] for one in owing] == [[one["customer_id"], written(one["owed_amount"])] for one in api["to_assess"]]
    assert owing
    database.close()
