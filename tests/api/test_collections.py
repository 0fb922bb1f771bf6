"""Collectors work the list of the newest run: they see why somebody is on it, and what they do is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from arrisk.uses.collecting import name_record
from tests.api.offices import AS_OF, OPEN, make_worklist, office

__all__ = ["office"]

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=7)).isoformat()
CALL = {"channel": "call", "outcome": "reached"}


def read(office, customer_id="A", *, login="cleo"):
    answer = office.get(login, f"/worklist/{customer_id}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    return answer.json()


def act(office, path, body=None, *, customer_id="A", login="cleo"):
    """Do something on the newest version of a file."""
    version = read(office, customer_id)["version"]
    answer = office.post(login, f"/worklist/{customer_id}/{path}", body, saw=version)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["version"], answer.headers["ETag"]) == (version + 1, f'"{version + 1}"')
    return answer.json()


def list_ids(office, *, login="cleo", **query):
    answer = office.get(login, "/worklist", **query)
    assert answer.status_code == 200, answer.text
    return [row["customer_id"] for row in answer.json()["items"]]


def test_the_list_is_that_of_the_run_to_the_cent(office):
    answer = office.get("cleo", "/worklist", show="all").json()
    made = make_worklist()
    assert (answer["as_of"], answer["count"], answer["next"]) == (AS_OF.isoformat(), 5, None)
    rows = {row["customer_id"]: row for row in answer["items"]}
    for row in made.to_dict("records"):
        shown = rows[row["customer_id"]]
        for name in ("at_stake_amount", "overdue_amount", "due_soon_amount", "disputed_amount"):
            assert shown[name] == f"{row[name]:.2f}"
        assert shown["rank"] == row["rank"]
        assert shown["p_open"] == row["p_open"]
        assert shown["why"].endswith(row["why"])
        assert shown["name"] == row["name"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["B", "A", "D/1", "C", "E"]),
        ({"overdue_from": 700, "overdue_to": 900.1}, ["A", "D/1"]),
        ({"oldest_from": 40}, ["B", "A"]),
        ({"oldest_to": 12}, ["C"]),
        ({"country": "DE"}, ["B", "E"]),
        ({"industry": "wood"}, ["D/1", "C"]),
        ({"grade": "3", "country": "IE"}, ["A", "D/1", "C"]),
        ({"grade": "' or 1=1 --"}, []),
        ({"q": "ALD"}, ["A"]),
        ({"q": "söhne"}, ["A"]),
        ({"q": "d/"}, ["D/1"]),
        ({"q": "100%"}, ["C"]),
        ({"q": "%"}, ["C"]),
        ({"q": "e", "sort": "oldest"}, ["A", "E", "C"]),
        ({"sort": "oldest"}, ["A", "B", "D/1", "E", "C"]),
        ({"sort": "overdue"}, ["B", "A", "D/1", "C", "E"]),
    ],
)
def test_the_list_is_filtered_and_ordered(office, query, found):
    assert list_ids(office, show="all", **query) == found


def test_the_first_day_on_which_money_is_expected_is_that_of_the_run(office):
    answer = office.get("cleo", "/worklist", show="all").json()
    found = {row["customer_id"]: row["expected_on"] for row in answer["items"]}
    assert found == {"A": "2024-06-09", "B": None, "C": None, "D/1": None, "E": "2024-05-20"}
    assert read(office)["row"]["expected_on"] == "2024-06-09"


def test_open_items_stand_beside_what_the_run_expects_of_them(office):
    answer = office.get("cleo", "/worklist/E/items").json()
    assert [(one["invoice_id"], one["open_amount"], one["currency"]) for one in answer["items"]] == [
        ("EX", "10.00", "USD"),
        ("EY", "5.00", "EUR"),
    ]
    first, other = answer["items"]
    assert (first["expected_paid_on"], first["p_still_open"]) == ("2024-05-20", 0.25)
    assert (other["expected_paid_on"], other["main_reason"]) == (None, None)
    page = office.get("cleo", "/worklist/E/items", limit=1).json()
    rest = office.get("cleo", "/worklist/E/items", limit=1, after=page["next"]).json()
    assert page["items"] + rest["items"] == answer["items"]
    same = office.get("cleo", "/customers/D/1/items").json()["items"]
    mine = office.get("cleo", "/worklist/D/1/items").json()["items"]
    assert [{name: one[name] for name in same[0]} for one in mine] == same


def test_what_may_be_chosen_from_is_said(office):
    assert office.get("dan", "/worklist").status_code == 200
    found = office.get("ana", "/collectors/choices").json()
    assert {"cleo", "dan"} <= set(found["collectors"])
    assert "ana" not in found["collectors"]
    assert (found["countries"], found["industries"], found["grades"]) == (
        ["DE", "IE"],
        ["food", "steel", "wood"],
        ["3"],
    )
    assert "call" in found["channels"]
    assert found["promise_within_days"] == 90


def test_pages_join_to_the_whole_list(office):
    for sort in ("listed", "overdue", "at_stake", "oldest"):
        pages, after = [], {}
        while True:
            answer = office.get("cleo", "/worklist", show="all", sort=sort, limit=2, **after).json()
            pages += [row["customer_id"] for row in answer["items"]]
            if answer["next"] is None:
                break
            after = {"after": answer["next"]}
        assert pages == list_ids(office, show="all", sort=sort)


def test_a_contact_is_kept_and_shown(office):
    found = act(office, "contacts", {**CALL, "note": "asks for a copy; Grüße"})
    assert found["actions"][0]["content"] == {**CALL, "note": "asks for a copy; Grüße"}
    assert (found["actions"][0]["by"], found["actions"][0]["action"]) == ("cleo", "contact")
    assert found["row"]["last_contact_at"] == found["actions"][0]["at"]
    assert read(office, login="ben") == found


def test_a_promise_hides_a_customer_until_it_is_due(office):
    before = list_ids(office)
    found = act(office, "promises", {"amount": "900.10", "due_on": SOON, "note": "all of it"})
    (promise,) = found["promises"]
    assert (promise["amount"], promise["currency"], promise["standing"]) == ("900.10", "USD", "open")
    assert (found["row"]["state"], found["row"]["overdue_amount"]) == ("promised", "900.10")
    assert found["row"]["hidden_until_on"] == (TODAY + timedelta(days=10)).isoformat()
    assert list_ids(office) == [name for name in before if name != "A"]
    assert list_ids(office, show="hidden") == ["A"]
    assert list_ids(office, show="all", state="promised") == ["A"]
    found = act(office, "promises/P1/cancel", {"reason": "a plan instead"})
    assert (found["promises"][0]["standing"], found["row"]["state"]) == ("cancelled", "open")
    assert list_ids(office) == before


def test_a_dispute_is_raised_and_ended_and_changes_no_figure(office):
    found = act(office, "disputes", {"reason": "quality", "invoice_ids": ["BX"], "amount": "100"}, customer_id="B")
    assert [one["amount"] for one in found["disputes"]] == ["100.00"]
    assert (found["row"]["state"], found["row"]["disputed_amount"]) == ("disputed", "0.00")
    assert found["row"]["next_step"] == "settle the dispute first"
    found = act(office, "disputes/D1/end", {"outcome": "credit_note", "note": "N7"}, customer_id="B")
    assert (found["disputes"][0]["outcome"], found["row"]["state"]) == ("credit_note", "open")
    assert found["row"]["overdue_amount"] == OPEN["B"]


def test_who_is_put_off_is_hidden_and_woken(office):
    act(office, "snooze", {"until_on": SOON, "reason": "on holiday"}, customer_id="C")
    assert "C" not in list_ids(office)
    assert list_ids(office, state="snoozed", show="hidden") == ["C"]
    act(office, "wake", customer_id="C")
    assert "C" in list_ids(office)


def test_who_is_moved_stands_first_and_is_moved_back(office):
    found = act(office, "move", {"place": "up", "reason": "asked for us"}, customer_id="E")
    assert list_ids(office, show="all")[0] == "E"
    assert found["row"]["why"].startswith("moved up: asked for us (cleo)")
    act(office, "move-back", customer_id="E")
    assert list_ids(office, show="all")[-1] == "E"


def test_a_customer_is_assigned_and_an_id_may_hold_a_slash(office):
    act(office, "assign", {"collector": "dan"}, customer_id="D/1")
    assert list_ids(office, collector="dan", show="all") == ["D/1"]
    assert "D/1" not in list_ids(office, collector="-", show="all")
    act(office, "assign", {"collector": ""}, customer_id="D/1")


def test_progress_counts_today_s_work(office):
    act(office, "contacts", CALL, customer_id="C", login="dan")
    answer = office.get("ben", "/collectors/progress").json()
    mine = {row["collector"]: row for row in answer["collectors"]}["dan"]
    assert (answer["on"], answer["currency"]) == (TODAY.isoformat(), "USD")
    assert (mine["count_customers"], mine["count_contacts"], mine["promised_amount"]) == (1, 1, "0.00")


def test_progress_counts_what_is_left_of_a_collector_s_own(office):
    def count_left(login="gil"):
        answer = office.get("ben", "/collectors/progress").json()
        return {row["collector"]: row["count_left"] for row in answer["collectors"]}.get(login)

    assert count_left() is None
    for name in ("D/1", "E"):
        act(office, "assign", {"collector": "gil"}, customer_id=name)
    assert count_left() == 2
    act(office, "contacts", CALL, customer_id="E")
    assert count_left() == 1
    act(office, "snooze", {"until_on": SOON, "reason": "waits"}, customer_id="D/1")
    assert count_left() == 0
    act(office, "wake", customer_id="D/1")
    for name in ("D/1", "E"):
        act(office, "assign", {"collector": ""}, customer_id=name)
    assert count_left("dan") is None, "it has done something, and has no customers of its own"


def test_a_file_says_who_it_is_and_why_it_is_put_off_or_moved(office):
    assert read(office)["name"] == "Alder & Söhne"
    act(office, "snooze", {"until_on": SOON, "reason": "waits"}, customer_id="E")
    found = act(office, "move", {"place": "down", "reason": "small"}, customer_id="E")
    assert found["snooze"] == {"until_on": SOON, "reason": "waits", "by": "cleo"}
    assert (found["move"]["place"], found["move"]["reason"]) == ("down", "small")
    act(office, "wake", customer_id="E")
    found = act(office, "move-back", customer_id="E")
    assert (found["snooze"], found["move"]) == (None, None)


def test_a_request_sent_twice_is_done_once(office):
    version = read(office, "B")["version"]
    first = office.post("cleo", "/worklist/B/contacts", CALL, saw=version, key="again")
    second = office.post("cleo", "/worklist/B/contacts", CALL, saw=version, key="again")
    assert (first.json(), first.headers["ETag"]) == (second.json(), second.headers["ETag"])
    assert read(office, "B")["version"] == version + 1


def test_who_acts_on_what_changed_meanwhile_is_refused(office):
    version = read(office, "B")["version"]
    assert office.post("cleo", "/worklist/B/contacts", CALL, saw=version).status_code == 200
    answer = office.post("dan", "/worklist/B/contacts", CALL, saw=version)
    assert (answer.status_code, answer.json()["type"]) == (412, "urn:arrisk:problem:changed")
    assert read(office, "B")["version"] == version + 1


WRITES = {
    "contacts": CALL,
    "promises": {"amount": "1.00", "due_on": SOON},
    "promises/P1/cancel": {"reason": "why"},
    "disputes": {"reason": "price", "invoice_ids": ["AX"]},
    "disputes/D1/end": {"outcome": "withdrawn"},
    "snooze": {"until_on": SOON, "reason": "why"},
    "wake": None,
    "move": {"place": "up", "reason": "why"},
    "move-back": None,
    "assign": {"collector": "dan"},
}


@pytest.mark.parametrize("path", WRITES)
def test_strangers_and_others_may_not_act(office, path):
    before = office.app.state.service.worklists.open_files(office.database, "elm").read(on=TODAY).acted_on
    for login, status in (("", 401), ("ana", 403), ("fay", 403), ("oli", 403)):
        assert office.post(login, f"/worklist/A/{path}", WRITES[path], saw=0).status_code == status
    after = office.app.state.service.worklists.open_files(office.database, "elm").read(on=TODAY).acted_on
    assert before == after


@pytest.mark.parametrize(
    "path", ["/worklist", "/worklist/A", "/worklist/A/items", "/collectors/progress", "/collectors/choices"]
)
def test_strangers_and_others_may_not_look(office, path):
    assert [office.get(login, path).status_code for login in ("", "fay", "oli", "ana", "dan")] == [
        401,
        403,
        403,
        200,
        200,
    ]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("contacts", {"channel": "pigeon", "outcome": "reached"}, "no channel of the policy"),
        ("contacts", {**CALL, "extra": 1}, "is not known"),
        ("contacts", {"channel": "call"}, "missing"),
        ("contacts", {**CALL, "note": "x" * 1001}, "1000"),
        ("contacts", {**CALL, "note": "\0"}, "cannot be kept"),
        ("promises", {"amount": "0", "due_on": SOON}, "not above 0"),
        ("promises", {"amount": "1e9", "due_on": SOON}, "pattern"),
        ("promises", {"amount": "1.005", "due_on": SOON}, "not an amount"),
        ("promises", {"amount": "1", "due_on": "2020-01-01"}, "is not from"),
        ("promises", {"amount": "1", "due_on": "soon"}, "date"),
        ("promises", {"amount": "1", "due_on": SOON, "currency": "GBP"}, "no rate"),
        ("promises/P99/cancel", {"reason": "x"}, "no promise 'P99'"),
        ("disputes", {"reason": "price", "invoice_ids": ["ZZ"]}, "no open invoice"),
        ("disputes", {"reason": "price", "invoice_ids": ["AX"], "amount": "9999"}, "more is disputed"),
        ("disputes", {"reason": "price", "invoice_ids": []}, "at least 1"),
        ("snooze", {"until_on": TODAY.isoformat(), "reason": "x"}, "not after today"),
        ("snooze", {"until_on": "2199-12-31", "reason": "x"}, "is not from"),
        ("move", {"place": "left", "reason": "x"}, "up"),
        ("wake", None, "was not put off"),
        ("assign", {"collector": ""}, "already"),
    ],
)
def test_what_is_wrong_is_refused_with_a_hint(office, path, body, said):
    answer = office.post("cleo", f"/worklist/A/{path}", body, saw=read(office)["version"])
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"] + answer.json()["hint"]


def test_a_write_needs_a_version_and_a_key(office):
    answer = office.post("cleo", "/worklist/A/contacts", CALL)
    assert (answer.status_code, answer.json()["where"]) == (422, "header, If-Match")
    client = office._find("cleo")
    answer = client.post("/v1/worklist/A/contacts", json=CALL, headers={"If-Match": '"0"'})
    assert (answer.status_code, answer.json()["where"]) == (422, "header, Idempotency-Key")


def test_an_unknown_customer_is_missing(office):
    assert office.get("cleo", "/worklist/nobody").status_code == 404
    assert office.get("cleo", "/worklist/nobody/items").status_code == 404
    assert office.post("cleo", "/worklist/nobody/contacts", CALL, saw=0).status_code == 404
    assert office.get("cleo", "/worklist", ledger="oak").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "name"},
        {"limit": 0},
        {"limit": 501},
        {"after": "x"},
        {"after": "WyJhIiwgImIiXQ"},
        {"overdue_from": "nan"},
        {"state": "asleep"},
        {"show": "none"},
        {"oldest_from": 10**9},
        {"q": "x" * 201},
    ],
)
def test_a_query_that_cannot_be_read_is_refused(office, query):
    assert office.get("cleo", "/worklist", **query).status_code == 422


def test_who_sees_one_entity_sees_the_customers_that_are_its_alone(office):
    assert list_ids(office, login="nora", show="all") == ["C"]
    assert office.get("nora", "/worklist/C").status_code == 200
    assert office.get("nora", "/worklist/E").status_code == 404
    assert office.get("nora", "/worklist/E/items").status_code == 404
    assert office.get("nora", "/worklist", q="elder", show="all").json()["items"] == []
    assert office.post("nora", "/worklist/E/contacts", CALL, saw=0).status_code == 404


def test_customers_who_owe_nothing_have_a_file_and_no_row(office):
    found = act(office, "contacts", CALL, customer_id="F")
    assert found["row"] is None


def test_all_that_was_done_is_in_a_sound_chain(office):
    act(office, "contacts", CALL)
    key = name_record("elm", TODAY)
    records = office.app.state.service.worklists.open_files(office.database, "elm").records
    assert not records.check(key).fault
    assert {entry.by for entry in records.read(key)} <= {"cleo", "dan"}
