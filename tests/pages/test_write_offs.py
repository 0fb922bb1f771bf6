"""Write-offs on pages: one person proposes, another one approves or declines, the ledger is told what to book."""

import re

import pytest

from tests.api.kept import SMALL, make_small, open_kept, small_kept
from tests.databases import open_new
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text, send, visit

__all__ = ["small_kept"]

DAY = "2024-07-31"
KEYS = iter(range(1000))


@pytest.fixture
def service(tmp_path):
    database = open_new("sqlite", tmp_path)
    yield open_kept(database, tmp_path / "home", {SMALL: make_small()})
    database.close()


def sit(service, login):
    assert service.people[login]
    return enter(service.app, login)


def join_finance(service, *logins):
    return [visit(service.app, login, "finance", authority="credit manager") for login in logins]


def act(browser, name, *invoice_ids, show="proposed", **more):
    form = {"period_end": DAY, "show": show, "key": f"w-{next(KEYS)}", "invoice_ids": list(invoice_ids), **more}
    return send(browser, f"/write-offs/{name}", form)


def show(browser, what="", **query):
    page = browser.get("/write-offs", params={"show": what, "period_end": DAY, **query})
    assert page.status_code == 200, read_text(page)
    return page


@pytest.mark.slow
def test_candidates_are_those_of_the_api_with_their_evidence(small_kept):
    browser = sit(small_kept, "finance")
    page = show(browser)
    listed = browser.get("/v1/write-offs/candidates", params={"period_end": DAY}).json()["items"]
    rows = cells_of(page, "Open invoices that ought to be written off")
    assert [row[0] for row in rows] == [one["invoice_id"] for one in listed] == ["5", "6"]
    assert [row[5] for row in rows] == [f"{written(one['open_amount'])} EUR tax 0.00" for one in listed]
    assert [row[6] for row in rows] == [written(one["expected_recovery_amount"]) for one in listed]
    assert [row[3] for row in rows] == [one["evidence"] for one in listed]
    assert "Nothing waits for approval" in read_text(show(browser, "proposed"))
    assert "Nothing waits to be booked" in read_text(show(browser, "bookings"))


@pytest.mark.slow
def test_one_proposes_another_approves_and_the_booking_is_downloaded(service):
    ana, ben = join_finance(service, "finance", "finance2")
    done = act(ana, "propose", "5", show="candidates", note="<gone>")
    assert done.headers["location"] == f"/write-offs?show=candidates&period_end={DAY}&done=write_offs_propose"
    assert "It was proposed" in read_text(ana.get(done.headers["location"]))
    own, others = show(ana, "proposed"), show(ben, "proposed")
    assert "somebody else approves" in read_text(own)
    assert "Approve what is ticked" not in read_text(own)
    assert "Approve what is ticked" in read_text(others)
    assert "&lt;gone&gt;" in others.text
    assert "Write-offs for you to approve 5 of C: 100.00 EUR, proposed by finance" in read_text(ben.get("/"))
    assert "None waits for you" in read_text(ana.get("/"))
    refused = act(ana, "approve", "5")
    assert refused.status_code == 422
    assert 'value="5" checked' in refused.text
    assert act(ben, "approve", "5").status_code == 303
    bookings = show(ana, "bookings")
    assert [row[0] for row in cells_of(bookings, "Approved, and not booked")] == ["5"]
    links = re.findall(r'href="(/v1/write-offs/bookings/export[^"]+)"', bookings.text)
    files = [ana.get(link.replace("&amp;", "&")) for link in links]
    assert [one.status_code for one in files] == [200, 200]
    assert files[0].text.splitlines()[1].startswith("5,")


@pytest.mark.slow
def test_a_refusal_keeps_ticks_and_note_and_says_why(service):
    ana, ben = join_finance(service, "finance", "finance2")
    assert act(ana, "propose", "5", "6", show="candidates").status_code == 303
    empty = act(ben, "decline", "5")
    assert empty.status_code == 422
    assert 'value="5" checked' in empty.text
    assert 'value="6" checked' not in empty.text
    nothing = act(ben, "approve")
    assert nothing.status_code == 422
    assert 'role="alert"' in nothing.text
    unknown = act(ben, "decline", "<script>", note='"kept"')
    assert unknown.status_code == 404
    assert "<script>" not in unknown.text.split("<body>")[1].replace("<script src", "")
    assert "&#34;kept&#34;" in unknown.text
    assert act(ben, "decline", "5", note="pays by instalments").status_code == 303
    states = {row[0]: row[2] for row in cells_of(show(ana, "all"), "All that was proposed")}
    assert states == {"5": "declined", "6": "proposed"}
    only = cells_of(show(ana, "all", state="declined"), "All that was proposed")
    assert [row[0] for row in only] == ["5"]
    assert act(ana, "propose", "5", show="candidates").status_code == 303, "what was declined may be proposed again"


@pytest.mark.slow
def test_above_ones_authority_nothing_is_approved(service):
    (ana,), nobody = join_finance(service, "finance"), visit(service.app, "nobody", "finance")
    act(ana, "propose", "5", show="candidates")
    assert "Yours: none" in read_text(show(nobody, "proposed"))
    refused = act(nobody, "approve", "5")
    assert refused.status_code == 403
    assert 'role="alert"' in refused.text


def test_who_sees_what(small_kept):
    north, auditor, collector = (sit(small_kept, login) for login in ("north", "auditor", "collector"))
    assert [row[0] for row in cells_of(show(north), "Open invoices")] == ["5"]
    for page in (show(auditor), show(auditor, "proposed")):
        assert 'method="post" action="/write-offs' not in page.text
    assert "Propose what is ticked" in read_text(show(collector))
    assert act(auditor, "propose", "5").status_code == 403
    assert act(collector, "approve", "5").status_code == 403
    assert sit(small_kept, "operator").get("/write-offs").status_code == 403
    assert (
        small_kept.stranger.get("/write-offs", headers={"accept": "text/html"}, follow_redirects=False).status_code
        == 303
    )
    assert auditor.get("/write-offs", params={"period_end": "soon"}).status_code == 422
    assert act(sit(small_kept, "finance"), "explode", "5").status_code == 404
