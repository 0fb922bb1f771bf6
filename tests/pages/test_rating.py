"""What a customer is rated, and why, on pages: the figures of the API, today and as of a past day."""

import pytest

from api.main import create_app
from tests.api.offices import AS_OF, LEDGER, ROLES, add_ledger
from tests.databases import open_new
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text
from tests.people import make_user
from tests.rated import add_default_model

DAY = AS_OF.isoformat()
PAGES = ("score", "limit", "payment-curve", "items", "what-if")


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rating")
    database = open_new("sqlite", folder)
    add_ledger(database)
    app = create_app(folder / "home", database=database)
    add_default_model(folder / "home", LEDGER)
    for login in ("ana", "oli", "noel"):
        role, authority, entities = ROLES[login]
        make_user(database, login, role, authority=authority, entities=entities)
    yield {login: enter(app, login) for login in ("ana", "oli", "noel")}
    database.close()


@pytest.mark.slow
def test_the_rating_is_that_of_the_api_with_how_much_is_known(desks):
    page = desks["ana"].get("/customers/A")
    assert page.status_code == 200, read_text(page)
    score = desks["ana"].get(f"/v1/customers/A/score?as_of={DAY}").json()
    found = desks["ana"].get(f"/v1/customers/A/five-cs?as_of={DAY}").json()
    text = read_text(page)
    assert f"{100 * score['p_default_12m']:.2f} %" in text
    assert found["depth_text"] in text
    for one in found["five_cs"].values():
        assert f"{one['known']} of {one['asked']} facts known" in text
    first, *reasons, last = cells_of(page, "Reasons")
    assert [row[0] for row in reasons] == [one["text"] for one in score["reasons"]]
    assert [row[2] for row in (first, last)] == [
        f"{score[name]:.3f}".replace("-", "−") for name in ("starting_value", "margin")
    ]


@pytest.mark.slow
def test_the_rating_of_a_past_day_is_asked_for_beside_the_page(desks):
    page = desks["ana"].get("/customers/A?as_of=2024-03-15")
    assert 'data-load="/customers/A/score?as_of=2024-03-15"' in page.text
    assert "The five C" not in read_text(page)
    part = desks["ana"].get("/customers/A/score?as_of=2024-03-15", headers={"X-Fragment": "1"})
    score = desks["ana"].get("/v1/customers/A/score?as_of=2024-03-15").json()
    assert part.text.lstrip().startswith('<section id="fragment">')
    assert f"{100 * score['p_default_12m']:.2f} %" in read_text(part)
    early = desks["ana"].get("/customers/A/score?as_of=2023-01-06")
    assert "No score: no default model" in read_text(early)


def test_the_limit_is_that_of_the_api_to_the_cent(desks):
    page, found = desks["ana"].get("/customers/A/limit"), desks["ana"].get("/v1/customers/A/limit").json()
    limit = found["limit"]
    assert f"{written(limit['recommended_limit'])} USD" in read_text(page)
    caps = {row[0].removesuffix(" (binds)"): row[1] for row in cells_of(page, "Caps")}
    known = {"need": limit["need_amount"], **limit["caps"]}
    assert caps == {name.replace("_", " "): written(one) if one else "–" for name, one in known.items()}


def test_all_that_is_open_is_listed_page_by_page(desks):
    items = desks["ana"].get("/v1/customers/E/items").json()["items"]
    page = desks["ana"].get("/customers/E/items")
    assert [row[0] for row in cells_of(page, "Open items")] == [one["invoice_id"] for one in items]
    assert "Nothing is open" in read_text(desks["ana"].get("/customers/F/items"))


@pytest.mark.slow
def test_what_if_says_what_is_known_now_and_takes_every_figure(desks):
    page = desks["ana"].get("/customers/A/what-if")
    for words in ("now 40,000", "now 90,000", "now 50", "now IE", "not known now"):
        assert words in read_text(page)
    query = {"equity": "40000000", "attribute.bureau_score": "10", "retained_earnings": "5"}
    tried = desks["ana"].get("/customers/A/what-if", params=query)
    assert tried.status_code == 200, read_text(tried)
    assert 'name="attribute.bureau_score" type="text" value="10"' in tried.text
    rows = {row[0].split(" ?")[0]: row[1:] for row in cells_of(tried, "As it is")}
    body = {"financials": {"equity": "40000000", "retained_earnings": "5"}, "attributes": {"bureau_score": "10"}}
    headers = {"Authorization": f"Bearer {desks['ana'].cookies['arrisk_session']}"}
    found = desks["ana"].post("/v1/customers/A/what-if", json=body, headers=headers).json()
    asked = [f"{written(found[name]['recommended_limit'])} USD" for name in ("as_is", "as_if")]
    assert rows["Recommended limit"] == asked
    moved = {name for name, cap in found["as_is"]["caps"].items() if cap != found["as_if"]["caps"][name]}
    assert moved, "accounts bound some of the caps"
    caps = {row[0]: row[1:] for row in cells_of(tried, "Caps")}
    for name in moved:
        assert caps[name.replace("_", " ")] == [written(found[when]["caps"][name]) for when in ("as_is", "as_if")]
    unknown = desks["ana"].get("/customers/A/what-if?colour=red")
    assert unknown.status_code == 422
    assert "colour" in read_text(unknown)


def test_accounts_and_limits_given_are_shown(desks):
    page = desks["ana"].get("/customers/A")
    known = desks["ana"].get("/v1/customers/A").json()
    figures = {row[0]: row[1] for row in cells_of(page, "The newest accounts")}
    assert (figures["equity"], figures["total assets"]) == ("40,000", "90,000")
    assert known["accounts"][0]["figures"]["equity"] == 40_000
    assert known["attributes"] == {"bureau_score": 50}
    assert "1,500.00 USD from 1 Jan 2024" in read_text(page)
    before = desks["ana"].get("/v1/customers/A?as_of=2024-02-20").json()
    assert before["accounts"] == [], "published on the first of March"


@pytest.mark.parametrize("name", PAGES)
def test_who_may_see_what_lies_under_a_customer(desks, name):
    assert desks["oli"].get(f"/customers/A/{name}").status_code == 403
    assert desks["ana"].get(f"/customers/Z/{name}").status_code == 404
    # The ledger has a model of default alone.
    assert desks["ana"].get(f"/customers/D/1/{name}").status_code == (409 if name == "payment-curve" else 200)
    assert desks["ana"].get(f"/customers/A/{name}?as_of=soon").status_code == 422
    stranger = enter(desks["ana"].app, "oli")
    stranger.cookies.clear()
    assert stranger.get(f"/customers/A/{name}", follow_redirects=False).status_code == 303


def test_who_sees_some_entities_alone_gets_no_rating(desks):
    text = read_text(desks["noel"].get("/customers/C"))
    assert "No score" in text
    assert "rows of all entities" in text
