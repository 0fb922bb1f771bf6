"""Customers are found, seen and scored over HTTP, to the cent as the ledger and the commands have it."""

from datetime import UTC, datetime, timedelta

import pytest

from arrisk.ledger.ageing import age_ledger
from arrisk.policy import load_policy
from arrisk.uses.credit import review_limits
from tests.api.offices import AS_OF, add_run, office

__all__ = ["office"]


def get(office, path, *, login="ana", **query):
    answer = office.get(login, f"/customers{path}", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", ["A", "B", "C", "D/1", "E", "F"]),
        ("b", ["B"]),
        ("SÖHNE", ["A"]),
        ("ir", ["B", "F"]),
        ("100%", ["C"]),
        ("%", ["C"]),
        ("' OR '1'='1", []),
        ("=Elder", ["E"]),
    ],
)
def test_customers_are_searched(office, q, found):
    assert [row["customer_id"] for row in get(office, "", q=q)["items"]] == found


def test_pages_of_a_search_join(office):
    pages, after = [], {}
    while True:
        answer = get(office, "", limit=2, **after)
        pages += [row["customer_id"] for row in answer["items"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert pages == ["A", "B", "C", "D/1", "E", "F"]


def test_a_customer_s_ageing_is_that_of_the_ledger(office):
    found = get(office, "/A")
    ledger = age_ledger(office.book, as_of=AS_OF, age_on=AS_OF, ageing=load_policy().ageing)
    own = ledger.customers.set_index("customer_id").loc["A"]
    assert {one["bucket"]: one["amount"] for one in found["ageing"]} == {
        str(name): f"{own[name] / 100:.2f}" for name in ledger.buckets["bucket"]
    }
    assert found["open_amount"] == f"{own['open_amount'] / 100:.2f}" == "900.10"


def test_a_view_shows_master_data_group_limits_and_the_run_s_score(office):
    found = get(office, "/A")
    assert (found["as_of"], found["name"], found["country"]) == (AS_OF.isoformat(), "Alder & Söhne", "IE")
    assert [one["customer_id"] for one in found["group"]] == ["A", "B"]
    assert found["limits"][0]["limit_amount"] == "1500.00"
    (exposure,) = found["exposure"]
    assert (exposure["overdue_amount"], exposure["order_amount"], exposure["exposure_amount"]) == (
        "900.10",
        "800.00",
        "1700.10",
    )
    assert (found["score"]["p_default_12m"], found["score"]["grade"]) == (0.031, "5")
    assert found["score"]["reasons"] == ["pays 40 days late", "less risk: old firm"]
    assert found["cases"] == found["promises"] == []
    assert get(office, "/B")["applications"][0]["requested_limit"] == "1200.00"
    assert get(office, "/F")["score"] is None


def test_what_somebody_may_not_see_is_left_out(office):
    found = get(office, "/A", login="cleo")
    assert found["score"] is not None
    assert (found["cases"], found["collector"]) == (None, "")


def test_the_score_has_a_trend_over_runs(office):
    add_run(office.database, as_of=AS_OF.replace(day=1), print_="0", p_default=0.5)
    trend = get(office, "/A")["trend"]
    assert [(one["as_of"], one["p_default_12m"]) for one in trend] == [("2024-05-02", 0.031), ("2024-05-01", 0.5)]
    assert get(office, "/A/stored-score")["p_default_12m"] == 0.031
    before = get(office, "/A", as_of="2024-05-01")
    assert (before["score"]["p_default_12m"], [one["as_of"] for one in before["trend"]]) == (0.5, ["2024-05-01"])


def test_a_view_of_an_earlier_day_does_not_know_what_came_later(office):
    found = get(office, "/A", as_of="2023-06-10")
    assert (found["open_amount"], found["limits"]) == ("1000.00", [])
    assert (found["score"], found["trend"]) == (None, [])


@pytest.mark.slow
def test_what_people_did_later_is_not_of_an_earlier_day(office):
    body = {"customer_id": "B", "requested_limit": "1200"}
    assert office.post("ana", "/cases", body).status_code == 201
    act = {"amount": "10.00", "due_on": (datetime.now(UTC).date() + timedelta(days=5)).isoformat()}
    version = office.get("cleo", "/worklist/B").json()["version"]
    assert office.post("cleo", "/worklist/B/promises", act, saw=version).status_code == 200
    now, before = get(office, "/B"), get(office, "/B", as_of="2024-05-01")
    assert [len(now["cases"]), len(before["cases"])] == [1, 0]
    assert [len(get(office, "/B", login="cleo", **day)["promises"]) for day in ({}, {"as_of": "2024-05-01"})] == [1, 0]


def test_items_are_paged_in_their_own_currency(office):
    first = get(office, "/E/items", limit=1)
    second = get(office, "/E/items", limit=1, after=first["next"])
    shown = [(row["invoice_id"], row["currency"], row["open_amount"]) for row in first["items"] + second["items"]]
    assert shown == [("EX", "USD", "10.00"), ("EY", "EUR", "5.00")]
    assert second["next"] is None
    assert get(office, "/D/1/items")["items"][0]["invoice_id"] == "DX"


def test_the_limit_is_that_of_the_command_to_the_cent(office):
    home = office.app.state.service.home
    review = review_limits(office.book, as_of=AS_OF, home=home, policy=load_policy())
    for customer_id in ("A", "F"):
        answer = get(office, f"/{customer_id}/limit")
        row = review.limits.set_index("customer_id").loc[customer_id]
        assert answer["limit"]["recommended_limit"] == f"{row['recommended_limit']:.2f}"
        assert answer["limit"]["need_amount"] == f"{row['need_amount']:.2f}"
        assert answer["limit"]["binding"] == row["binding"]
        assert answer["book_amount"] == f"{review.book_amount:.2f}"


def test_what_if_changes_what_was_asked_and_keeps_nothing(office):
    body = {"terms_days": 120, "requested_limit": "10.00", "financials": {"equity": "900000"}}
    answer = office.post("ana", "/customers/A/what-if", body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert float(found["as_if"]["need_amount"]) > float(found["as_is"]["need_amount"])
    assert float(found["as_if"]["caps"]["capacity"]) > float(found["as_is"]["caps"]["capacity"])
    assert found["proposed_limit"] in {"10.00", "0.00"}
    assert found["as_is"] == get(office, "/A/limit")["limit"]


def test_what_if_with_nothing_changed_is_the_limit(office):
    found = office.post("ana", "/customers/A/what-if", {}).json()
    assert found["as_is"] == found["as_if"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"financials": {"eqity": "1"}}, "cannot be tried"),
        ({"financials": {"equity": "many"}}, "cannot be read"),
        ({"attributes": {"bureau_score": "high"}}, "not of the kind"),
        ({"requested_limit": "-5"}, "pattern"),
        ({"terms_days": -1}, "greater"),
        ({"limit": 5}, "not known"),
    ],
)
def test_what_cannot_be_tried_is_refused(office, body, said):
    answer = office.post("ana", "/customers/A/what-if", body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


PATHS = ("", "/A", "/A/items", "/A/stored-score", "/A/limit")


@pytest.mark.parametrize("path", PATHS)
def test_strangers_and_operators_may_not_look(office, path):
    assert [office.get(login, f"/customers{path}").status_code for login in ("", "oli", "ben")] == [401, 403, 200]


def test_strangers_and_operators_may_not_try(office):
    statuses = [office.post(login, "/customers/A/what-if", {}).status_code for login in ("", "oli")]
    assert statuses == [401, 403]


@pytest.mark.parametrize("path", ["/Z", "/Z/items", "/Z/stored-score", "/Z/limit"])
def test_an_unknown_customer_is_missing(office, path):
    assert office.get("ana", f"/customers{path}").status_code == 404
    assert office.post("ana", "/customers/Z/what-if", {}).status_code == 404


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"after": "x"}, {"as_of": "soon"}, {"as_of": "2199-01-01"}, {"q": "x" * 201}]
)
def test_a_query_that_cannot_be_read_is_refused(office, query):
    assert office.get("ana", "/customers", **query).status_code == 422


def test_who_sees_one_entity_sees_its_rows_alone(office):
    assert [row["customer_id"] for row in get(office, "", login="nora")["items"]] == ["C", "E"]
    found = get(office, "/E", login="nora")
    assert (found["open_amount"], found["score"]) == ("5.50", None)
    assert [row["invoice_id"] for row in get(office, "/E/items", login="nora")["items"]] == ["EY"]
    assert office.get("nora", "/customers/A").status_code == 404
    assert office.get("nora", "/customers/E/stored-score").status_code == 404
    assert office.get("nora", "/customers/E/limit").status_code == 404
    assert office.get("nora", "/customers/C/limit").status_code == 200


@pytest.mark.parametrize(("path", "hint"), [("/customers", "one of: after, "), ("/me", "it takes nothing there")])
def test_a_filter_of_another_name_is_refused_instead_of_left_out(office, path, hint):
    answer = office.get("ana", path, name_like="Alder")
    assert (answer.status_code, answer.json()["where"]) == (422, "query")
    assert answer.json()["hint"].startswith(hint)
