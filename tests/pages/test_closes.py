"""Closes on pages: drafted, reviewed by somebody else, posted, taken back; the figures of the API and the command."""

import json
import re
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from arrisk.cli import main
from arrisk.uses.work import Worker
from tests.api.kept import NAME, SMALL, kept, losing, make_small, open_kept
from tests.api.ledger import write_files
from tests.databases import EACH_KIND, open_new
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text, send, visit

__all__ = ["kept", "losing"]

END = "2024-04-30"
CLOSE = f"/closes/{END}?entity=north"


class Desk:
    """One person in a browser, at the closes of the small ledger."""

    def __init__(self, service, login):
        entities = (login,) if login == "north" else ()
        role = {"finance2": "finance", "north": "finance"}.get(login, login)
        self.browser = visit(service.app, login, role, entities=entities)

    def show(self, path=CLOSE):
        page = self.browser.get(path)
        assert page.status_code == 200, read_text(page)
        return page

    def draft(self, key, **more):
        form = {"period_end": END, "entity": "north", "method": "matrix", "key": key, **more}
        return send(self.browser, "/closes", form)

    def act(self, name, **form):
        etag = re.search(r'name="etag" value="([^"]+)"', self.show().text)
        seen = {"etag": etag[1].replace("&#34;", '"')} if etag else {}
        key = {"key": f"{id(self)}-{name}-{len(form)}-{datetime.now(UTC)}"}
        return send(self.browser, f"/closes/{END}/{name}", {"entity": "north", **key, **seen, **form})

    def ask(self, path):
        return self.browser.get(f"/v1{path}", params={"ledger": SMALL, "entity": "north"}).json()


@pytest.fixture(params=["sqlite"])
def service(request, tmp_path):
    database = open_new(request.param, tmp_path)
    yield open_kept(database, tmp_path / "home", {SMALL: make_small()})
    database.close()


@pytest.fixture
def ana(service):
    return Desk(service, "finance")


@pytest.fixture
def ben(service):
    return Desk(service, "finance2")


def plain(text):
    return text.replace(",", "").replace("−", "-")


@pytest.mark.slow
@pytest.mark.parametrize("service", EACH_KIND, indirect=True)
def test_one_drafts_another_reviews_and_it_is_posted_and_taken_back(ana, ben):
    drafted = ana.draft("d-1")
    assert drafted.headers["location"] == f"{CLOSE}&done=close_drafted", read_text(drafted)
    assert ana.draft("d-1").headers["location"] == drafted.headers["location"], "sent twice, done once"
    mine, others = read_text(ana.show()), ben.show().text
    assert "four eyes" in mine
    assert f"/closes/{END}/review" not in ana.show().text
    assert f"/closes/{END}/review" in others
    assert ana.act("review").status_code == 422
    assert ben.act("review").headers["location"] == f"{CLOSE}&done=close_review"
    assert ana.act("post").headers["location"] == f"{CLOSE}&done=close_post"
    posted = ana.show(f"{CLOSE}&done=close_post")
    assert "its journal entries are in force" in read_text(posted)
    assert f"/closes/{END}/post" not in posted.text
    empty = ben.act("reverse", reason="  ")
    assert empty.status_code == 422
    assert ben.act("reverse", reason="booked <twice>").status_code == 303
    assert "Taken back: booked <twice>" in read_text(ben.show())
    assert [row[2] for row in cells_of(ben.show(), "Steps")] == ["reverse", "post", "review", "draft"]


@pytest.mark.slow
def test_lines_of_both_movements_sum_to_their_closing_and_are_those_of_the_api(ana):
    ana.draft("d-2", opening="12.34", since="2024-03-31", other="-2.00", reason="first adoption")
    page, close = ana.show(), ana.ask(f"/closes/{END}")
    for name, caption in (("movement", "Movement of the allowance"), ("receivables", "Movement of the receivables")):
        *lines, closing = [Decimal(plain(row[1])) for row in cells_of(page, caption)]
        assert sum(lines) == closing == Decimal(close[name]["closing"])
        known = [abs(Decimal(amount)) for amount in close[name].values()]
        assert sorted(map(abs, [*lines, closing])) == sorted(known)
    assert cells_of(page, "Movement of the allowance")[0][1] == "12.34"
    journal = cells_of(page, "Journal entries")
    assert journal[-1][1] == journal[-1][2], "debits equal credits"
    assert [row[3] for row in journal[:-1]] == [
        written(line["debit"]) for line in ana.ask(f"/closes/{END}/journal")["lines"]
    ]
    rows = cells_of(page, "Rows of the allowance")
    assert rows[-1][-1] == written(close["total"])
    assert f"{written(close['net_receivables'])} EUR" in read_text(page)
    assert page.text.count("<svg") == 2


@pytest.mark.slow
def test_downloads_lead_to_files_that_the_browser_gets(ana):
    ana.draft("d-3")
    links = re.findall(r'href="(/v1/closes/[^"]+)"', ana.show().text)
    assert len(links) == 3
    kinds = [ana.browser.get(link.replace("&amp;", "&")) for link in links[:2]]
    assert [one.status_code for one in kinds] == [200, 200]
    assert kinds[0].headers["content-type"].startswith("text/csv")


@pytest.mark.slow
def test_a_customer_is_assessed_and_the_close_drafted_again(ana):
    ana.draft("d-4")
    form = {"customer_id": "A", "rate": "50", "reason": "=<insolvent>", "assessed_on": "2024-04-01"}
    wrong = ana.act("assess", **{**form, "rate": "500"})
    assert wrong.status_code == 422
    assert 'value="500"' in wrong.text
    assert "=&lt;insolvent&gt;" in wrong.text
    done = ana.act("assess", **form)
    assert done.headers["location"] == f"{CLOSE}&done=close_assessed", read_text(done)
    held = cells_of(ana.show(), "What people expect of them")
    assert [row[:4] for row in held] == [["A", "50.0 %", "=&lt;insolvent&gt;", "finance"]]
    assert ana.act("assess", **{**form, "customer_id": "C", "rate": "", "amount": "7"}).status_code == 303
    assert [row[:2] for row in cells_of(ana.show(), "What people expect of them")] == [
        ["A", "50.0 %"],
        ["C", "7.00 EUR"],
    ]
    assert {row[0] for row in cells_of(ana.show(), "Rows of the allowance")} >= {"assessed on their own"}


def test_a_refused_draft_keeps_what_was_typed(ana):
    refused = ana.draft("d-5", entity="<north>", opening="12.345", reason="<why>")
    assert refused.status_code == 422
    assert 'value="12.345"' in refused.text
    assert "&lt;why&gt;" in refused.text
    assert "<north>" not in refused.text
    assert ana.browser.get("/closes/2001-01-31").status_code in {404, 422}
    assert ana.browser.get("/closes/yesterday").status_code == 422


@pytest.mark.slow
def test_what_somebody_changed_meanwhile_is_not_signed(ana, ben):
    ana.draft("d-6")
    ana.draft("d-7", opening="5.00")
    assert ben.act("review", etag='"1"').status_code == 412


@pytest.mark.slow
def test_the_worker_drafts_a_large_ledger(service, ana):
    asked = ana.draft("d-8", how="job")
    assert re.fullmatch(r"/jobs/\d+", asked.headers["location"]), read_text(asked)
    assert "Being drafted" in read_text(ana.show("/closes"))
    running = service.app.state.service
    assert Worker(running.database, running.home, running.policy, lambda: datetime.now(UTC)).drain() == 1
    after = read_text(ana.show("/closes"))
    assert "Being drafted" not in after
    assert "a review by somebody else" in after
    assert "drafted this close" in read_text(ana.show())


@pytest.mark.slow
def test_the_home_page_says_what_the_last_close_waits_for(ana, ben):
    ana.draft("d-9")
    assert "waits for a review by somebody else" in read_text(ana.show("/"))
    assert "waits for a review" in read_text(ben.show("/"))


@pytest.mark.slow
def test_who_sees_closes_and_what_may_be_done(service, ana):
    ana.draft("d-10")
    for login in ("analyst", "collector", "operator"):
        assert Desk(service, login).browser.get("/closes").status_code == 403
    auditor = Desk(service, "auditor")
    assert "Draft a close" not in read_text(auditor.show("/closes"))
    assert '<form method="post" action="/closes' not in auditor.show().text
    assert send(auditor.browser, f"/closes/{END}/review", {"entity": "north"}).status_code == 403
    assert send(auditor.browser, "/closes", {"period_end": END}).status_code == 403
    north = Desk(service, "north")
    assert north.browser.get(f"/closes/{END}?entity=south").status_code == 403
    stranger = service.stranger.get("/closes", headers={"accept": "text/html"}, follow_redirects=False)
    assert stranger.headers["location"].startswith("/sign-in")


@pytest.fixture(scope="module")
def said(losing, tmp_path_factory):
    """Give what `arrisk close` says of a month end of the large ledger."""
    folder = tmp_path_factory.mktemp("close")
    out, book = folder / "close.json", write_files(losing, folder / "book")
    words = ["close", book, "--period-end", "2024-06-30", "--method", "roll-rate", "--by", "finance", "--json", out]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARRISK_HOME", str(folder / "home"))
        patch.setattr(sys, "argv", ["arrisk", *map(str, words)])
        with pytest.raises(SystemExit):
            main()
    return json.loads(out.read_text())


@pytest.mark.slow
def test_the_page_of_a_close_shows_the_figures_of_the_command_to_the_cent(kept, said):
    assert kept.people["finance"]
    browser = enter(kept.app, "finance")
    form = {"period_end": "2024-06-30", "method": "roll-rate", "key": "c-1"}
    drafted = send(browser, f"/closes?ledger={NAME}", form)
    assert drafted.status_code == 303, read_text(drafted)
    page = browser.get(drafted.headers["location"], params={"ledger": NAME, "entity": "main"})
    assert page.status_code == 200, read_text(page)
    assert f"{written(said['total'])} EUR" in read_text(page)
    shown = [plain(row[1]) for row in cells_of(page, "Movement of the allowance")]
    signs = {"write_offs": -1}
    assert shown == [
        f"{signs.get(name, 1) * amount:.2f}".replace("-0.00", "0.00") for name, amount in said["movement"].items()
    ]
    assert Decimal(shown[2]) < 0, "something was written off in the period"
    assert said["document_sha256"] in read_text(page)
