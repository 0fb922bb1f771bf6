"""The worklist in the browser: as the API has it, worked customer by customer, and nothing typed is lost."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from api.main import create_app
from tests.api.kept import SMALL, add_rows, make_small
from tests.api.offices import office, open_office
from tests.databases import open_new
from tests.pages.visitors import enter, read_text, send, visit

__all__ = ["office"]

TODAY = datetime.now(UTC).date()
SOON = (TODAY + timedelta(days=7)).isoformat()
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    database = open_new("sqlite", folder)
    yield open_office(database, folder / "home")
    database.close()


@pytest.fixture(scope="module")
def cleo(desk):
    return browse(desk, "cleo")


def browse(office, login):
    assert office.get(login, "/worklist").status_code in (200, 403)
    return enter(office.app, login)


def list_rows(page):
    return [unescape(one) for one in re.findall(r'<tbody data-item="([^"]*)"', page.text)]


def cells_of(page, customer_id):
    body = page.text.split(f'<tbody data-item="{customer_id}"')[1].split("</tr>")[0]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", body, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]


def form_of(page, act):
    """Give what a form of the open file carries unseen, and what stands in its fields."""
    forms = [part.split("</form>")[0] for part in page.text.split("<form")[1:]]
    form = next(one for one in forms if re.match(rf' action="/worklist/[^"]*/do/{act}"', one))
    found = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))
    found |= dict(re.findall(r'<input id="[^"]*" name="([^"]*)" type="[^"]*" value="([^"]*)"', form))
    return {name: unescape(value) for name, value in found.items()}


def act(browser, customer_id, name, *, page="/worklist?open={}&show=all", **typed):
    """Open a customer in the list, fill one of its forms, and send it."""
    shown = browser.get(page.format(customer_id))
    assert shown.status_code == 200, read_text(shown)
    return send(browser, f"/worklist/{customer_id}/do/{name}", form_of(shown, name) | typed)


def written(amount):
    return f"{float(amount):,.2f}"


@pytest.mark.slow
def test_the_list_is_that_of_the_api_to_the_cent(office):
    browser = browse(office, "cleo")
    page = browser.get("/worklist", params={"show": "all"})
    rows = office.get("cleo", "/worklist", show="all").json()["items"]
    assert list_rows(page) == [row["customer_id"] for row in rows] == ["B", "A", "D/1", "C", "E"]
    for row in rows:
        cells = cells_of(page, row["customer_id"])
        assert cells[2:5] == [
            written(row["at_stake_amount"]),
            written(row["overdue_amount"]),
            str(row["oldest_days_past_due"]),
        ]
        assert row["why"] in cells[6]
        assert row["next_step"] in cells[6]
    assert cells_of(page, "A")[5] == "9 Jun 2024"


def test_a_contact_is_logged_in_the_list_and_the_next_customer_has_its_turn(office):
    browser = browse(office, "cleo")
    done = act(browser, "B", "contacts", channel="call", outcome="reached", note="calls back; Grüße <b>")
    assert (done.status_code, done.headers["location"]) == (303, "/worklist?show=all&at=A&done=contacts")
    page = browser.get(done.headers["location"], headers=FRAGMENT)
    assert "The contact was logged. Next: Alder & Söhne." in read_text(page)
    assert re.search(r'<tbody data-item="A"[^>]* data-focus', page.text)
    assert "<html" not in page.text
    file = office.get("cleo", "/worklist/B").json()
    assert file["actions"][0]["content"] == {"channel": "call", "outcome": "reached", "note": "calls back; Grüße <b>"}
    shown = browser.get("/worklist/B")
    assert "call, reached “calls back; Grüße <b>”" in read_text(shown)
    assert "Grüße <b>" not in shown.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"country": "DE"}, ["B", "E"]),
        ({"q": "dogw"}, ["D/1"]),
        ({"overdue_from": "700", "overdue_to": "900.1"}, ["A", "D/1"]),
        ({"oldest_from": "40", "sort": "oldest"}, ["A", "B"]),
        ({"industry": "wood", "grade": "3"}, ["D/1", "C"]),
        ({"collector": "dan"}, []),
        ({"state": "promise_broken"}, []),
        ({"unknown": "x", "country": "IE"}, ["A", "D/1", "C"]),
    ],
)
def test_the_list_is_filtered_and_keeps_what_was_asked(cleo, query, found):
    page = cleo.get("/worklist", params={"show": "all", **query})
    assert list_rows(page) == found
    for name, value in query.items():
        if name != "unknown":
            assert value in page.text
    assert ("Nobody on the list fits" in read_text(page)) == (not found)


def test_a_filter_that_cannot_be_read_is_told_and_the_form_stays(cleo):
    page = cleo.get("/worklist", params={"overdue_from": "<script>", "q": "ald"})
    assert page.status_code == 422
    assert "overdue_from" in read_text(page)
    assert 'value="ald"' in page.text
    assert "<script>" not in page.text.split("<body")[1]


def test_a_promise_hides_a_customer_and_is_taken_back(desk, cleo):
    assert act(cleo, "C", "promises", amount="50.00", due_on=SOON, note="all").status_code == 303
    assert "C" not in list_rows(cleo.get("/worklist"))
    hidden = cleo.get("/worklist", params={"show": "hidden"})
    assert list_rows(hidden) == ["C"]
    assert "promised" in cells_of(hidden, "C")[6]
    page = cleo.get("/worklist", params={"show": "hidden", "open": "C"})
    assert "P1" in read_text(page)
    back = send(cleo, "/worklist/C/do/cancel", form_of(page, "cancel") | {"reason": "by mistake"})
    assert back.status_code == 303
    assert "C" in list_rows(cleo.get("/worklist"))
    assert desk.get("cleo", "/worklist/C").json()["promises"][0]["standing"] == "cancelled"


def test_a_dispute_is_taken_down_and_ended(desk, cleo):
    page = cleo.get("/worklist?open=B")
    form = form_of(page, "disputes") | {"reason": "quality", "amount": "100", "note": "two of ten"}
    assert send(cleo, "/worklist/B/do/disputes", form | {"invoice_ids": ["BX"]}).status_code == 303
    assert "settle the dispute first" in cells_of(cleo.get("/worklist"), "B")[6]
    page = cleo.get("/worklist?open=B")
    ended = send(cleo, "/worklist/B/do/end", form_of(page, "end") | {"outcome": "credit_note"})
    assert ended.status_code == 303
    assert desk.get("cleo", "/worklist/B").json()["disputes"][0]["outcome"] == "credit_note"


@pytest.mark.slow
def test_who_is_put_off_moved_or_assigned_is_so_and_back_again(desk, cleo):
    act(cleo, "E", "snooze", until_on=SOON, reason="on holiday")
    assert "E" not in list_rows(cleo.get("/worklist"))
    act(cleo, "E", "wake")
    act(cleo, "E", "move", place="up", reason="asked for us")
    assert list_rows(cleo.get("/worklist"))[0] == "E"
    act(cleo, "E", "move-back")
    assert list_rows(cleo.get("/worklist"))[-1] == "E"
    act(cleo, "E", "assign", collector="cleo")
    assert list_rows(cleo.get("/worklist?collector=cleo")) == ["E"]
    act(cleo, "E", "assign", collector="")
    assert desk.get("cleo", "/worklist/E").json()["collector"] == ""


def test_what_is_refused_keeps_what_was_typed(cleo):
    refused = act(cleo, "A", "promises", amount="-5", due_on=SOON, note="half of it; <i>")
    assert refused.status_code == 422
    assert "amount" in read_text(refused)
    kept = form_of(refused, "promises")
    assert (kept["amount"], kept["due_on"]) == ("-5", SOON)
    assert "half of it; &lt;i&gt;" in refused.text
    assert list_rows(refused) == list_rows(cleo.get("/worklist?show=all"))


def test_who_acts_on_what_changed_meanwhile_sees_the_change_and_sends_it_again(desk, cleo):
    seen = form_of(cleo.get("/worklist?open=A&sort=overdue"), "contacts")
    dan = browse(desk, "dan")
    assert act(dan, "A", "contacts", channel="email", outcome="message_left", note="sent a copy").status_code == 303
    typed = {"channel": "call", "outcome": "reached", "note": "my long note"}
    refused = send(cleo, "/worklist/A/do/contacts", seen | typed)
    assert refused.status_code == 412
    said = read_text(refused)
    assert "Meanwhile, since you opened it:" in said
    assert "dan: email, message left “sent a copy”" in said
    assert "my long note" in refused.text
    again = send(cleo, "/worklist/A/do/contacts", form_of(refused, "contacts") | typed)
    assert (again.status_code, again.headers["location"]) == (303, "/worklist?sort=overdue&at=D%2F1&done=contacts")


def test_a_form_sent_twice_is_done_once(desk, cleo):
    form = form_of(cleo.get("/worklist?open=A"), "contacts") | {"channel": "call", "outcome": "reached"}
    before = desk.get("cleo", "/worklist/A").json()["version"]
    assert [send(cleo, "/worklist/A/do/contacts", form).status_code for _ in range(2)] == [303, 303]
    assert desk.get("cleo", "/worklist/A").json()["version"] == before + 1


def test_a_file_is_a_page_of_its_own_too(desk, cleo):
    page = cleo.get("/worklist/D/1")
    row = desk.get("cleo", "/worklist/D/1").json()["row"]
    assert f"{written(row['at_stake_amount'])} USD" in read_text(page)
    done = act(cleo, "D/1", "contacts", page="/worklist/{}", channel="visit", outcome="refuses")
    assert done.headers["location"] == "/worklist/D/1?done=contacts"
    assert read_text(cleo.get(done.headers["location"])).count("The contact was logged.") == 1
    refused = act(cleo, "D/1", "snooze", page="/worklist/{}", until_on="2199-12-31", reason="long")
    assert (refused.status_code, form_of(refused, "snooze")["reason"]) == (422, "long")
    assert list_rows(refused) == []


def test_a_customer_who_is_not_on_the_list_has_a_file(cleo):
    assert "is not on the list of the newest run" in read_text(cleo.get("/worklist/F"))
    assert cleo.get("/worklist?open=F").status_code == 200
    assert cleo.get("/worklist/nobody").status_code == 404
    assert cleo.get("/worklist?open=nobody").status_code == 404
    assert send(cleo, "/worklist/nobody/do/wake", {"etag": '"0"'}).status_code == 404


def test_open_items_are_those_of_the_api_to_the_cent(desk, cleo):
    (item,) = desk.get("cleo", "/worklist/A/items").json()["items"]
    page = read_text(cleo.get("/worklist?open=A"))
    days, amount = item["days_past_due"], written(item["open_amount"])
    assert f"{item['invoice_id']} {item['main_reason']} 10 Feb 2024 {days} {amount} USD" in page


def test_views_are_kept_followed_and_dropped(cleo):
    form = {"name": "Irish & <late>", "country": "IE", "sort": "oldest", "key": "k1", "page": "cases"}
    kept = send(cleo, "/worklist/views", form)
    assert kept.headers["location"] == "/worklist?country=IE&sort=oldest&done=view_kept"
    page = cleo.get("/worklist")
    assert "Irish &amp; &lt;late&gt;</a>" in page.text
    link = unescape(re.search(r'href="(/worklist[^"]*)"[^>]*>Irish', page.text).group(1))
    assert list_rows(cleo.get(link)) == ["A", "D/1", "C"]
    nameless = send(cleo, "/worklist/views", {"name": " ", "country": "IE"})
    assert nameless.status_code in (404, 422)
    dropped = send(cleo, "/worklist/views", {"drop": "Irish & <late>", "country": "IE"})
    assert dropped.headers["location"] == "/worklist?country=IE&done=view_dropped"
    assert "Irish" not in cleo.get("/worklist").text.split("Views you keep")[1]


def test_pages_of_the_list_join_to_the_whole(cleo, monkeypatch):
    link = 'rel="next" href="'
    whole = list_rows(cleo.get("/worklist?show=all"))
    assert link not in cleo.get("/worklist?show=all").text
    found, address = [], "/worklist?show=all&limit=2"
    monkeypatch.setattr("api.pages.worklist.ROWS", 2)
    while address:
        page = cleo.get(address)
        found += list_rows(page)
        address = unescape(page.text.split(link)[1].split('"')[0]) if link in page.text else ""
    assert found == whole


def test_progress_and_broken_promises_stand_on_the_home_page(desk, cleo):
    mine = {one["collector"]: one for one in desk.get("cleo", "/collectors/progress").json()["collectors"]}["cleo"]
    said = read_text(cleo.get("/"))
    assert f"{mine['count_customers']} done" in said
    assert "Birch Ltd call who decides: a dated promise 2,000.00 USD" in said
    assert "<progress" not in cleo.get("/worklist").text, "nobody has customers of his own"
    act(cleo, "D/1", "assign", collector="cleo")
    (mine,) = (
        one for one in desk.get("cleo", "/collectors/progress").json()["collectors"] if one["count_left"] is not None
    )
    done, left = mine["count_customers"], mine["count_left"]
    assert f'<progress max="{done + left}" value="{done}"' in cleo.get("/").text
    assert "Worklist" not in read_text(browse(desk, "fay").get("/")).split("Good day")[1]


@pytest.mark.parametrize("path", ["/worklist", "/worklist/A"])
def test_who_may_see_the_list(desk, cleo, path):
    assert cleo.get(path).status_code == 200
    assert [browse(desk, login).get(path).status_code for login in ("fay", "oli", "ana")] == [403, 403, 200]
    cleo_out = desk._find("").get(path, follow_redirects=False)
    assert (cleo_out.status_code, cleo_out.headers["location"]) == (303, f"/sign-in?next={path.replace('/', '%2F')}")


def test_who_may_only_read_sees_no_form_and_is_refused(desk):
    ana = browse(desk, "ana")
    page = ana.get("/worklist?open=A")
    assert "/do/" not in page.text
    assert send(ana, "/worklist/A/do/contacts", {"etag": '"0"', "channel": "call"}).status_code == 403
    assert send(ana, "/worklist/views", {"name": "mine", "country": "IE"}).status_code == 303
    stranger = send(desk._find(""), "/worklist/A/do/contacts", {})
    assert stranger.headers["location"] == "/sign-in"


def test_a_form_without_what_was_seen_and_an_act_that_is_none_are_refused(cleo):
    assert send(cleo, "/worklist/A/do/contacts", {"channel": "call", "outcome": "reached"}).status_code == 422
    assert send(cleo, "/worklist/A/do/erase", {}).status_code == 404
    assert send(cleo, "/worklist/A/do/cancel", {"etag": '"0"', "part": "../x?y={0}"}).status_code in (404, 405)


@pytest.mark.slow
def test_a_ledger_without_a_run_says_so(tmp_path):
    database = open_new("sqlite", tmp_path)
    add_rows(database, SMALL, make_small(), "EUR")
    browser = visit(create_app(tmp_path / "home", database=database), "cleo", "collector")
    page = browser.get("/worklist")
    assert (page.status_code, list_rows(page)) == (404, [])
    assert "Nothing was computed" in read_text(page)
    assert "Nothing was computed" in read_text(browser.get("/"))
    database.close()
