"""Jobs on pages: asked for, followed, stopped; and the first way through an empty service to its worklist."""

import re
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.config import Settings
from arrisk.store.book import list_ledgers
from arrisk.store.jobs import State
from arrisk.uses.work import KINDS, Worker
from tests.api.kept import SMALL, add_rows, make_small
from tests.databases import open_new
from tests.pages.test_ledger import cells_of
from tests.pages.visitors import enter, read_text, send, visit
from tests.people import make_user, shipped


def open_service(folder):
    return create_app(settings=Settings(home=folder / "home"), database=open_new("sqlite", folder))


def find_worker(app, kinds=KINDS):
    service = app.state.service
    return Worker(service.database, service.home, service.policy, lambda: datetime.now(UTC), kinds)


def steps_of(page):
    """Read the steps of the first way that are done, and the one where somebody is."""
    steps = re.findall(r"<li( aria-current=\"step\")?>(.*?)</li>", page.text.split('class="steps"')[1], re.DOTALL)
    done = sum("✓" in inner for _, inner in steps)
    return done, [place for place, (here, _) in enumerate(steps) if here]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    made = open_service(tmp_path_factory.mktemp("jobs"))
    add_rows(made.state.service.database, SMALL, make_small(), "USD")
    yield made
    made.state.service.database.close()


@pytest.fixture(scope="module")
def otto(app):
    return visit(app, "otto", "operator")


def test_a_day_is_asked_for_followed_and_stopped(app, otto):
    page = otto.get("/jobs")
    covered = otto.get("/v1/ledgers").json()[0]["covered_until"]
    proposed = re.findall(r'name="as_of" type="date" value="([^"]*)"', page.text)
    assert proposed[0] == covered, "models learn until the last day that is covered"
    assert proposed[1] > covered, "and the next one is computed"
    form = {"kind": "nightly", "ledger": SMALL, "as_of": proposed[1], "key": "n1"}
    asked = send(otto, "/jobs", form)
    assert asked.headers["location"] == "/jobs/1?done=job_asked", read_text(asked)
    assert send(otto, "/jobs", form).headers["location"] == "/jobs/1?done=job_asked", "sent twice, done once"
    page = otto.get("/jobs/1")
    assert 'data-again="2"' in page.text, "the script loads it anew"
    assert 'href="/jobs/1" data-swap>Load again' in page.text, "without it, a link does"
    assert 'data-again="2"' in otto.get("/jobs").text
    assert 'data-again="2"' in otto.get("/jobs/1", headers={"X-Fragment": "1"}).text
    assert "Job 1" in read_text(otto.get("/")), "on the home page"
    stopped = send(otto, "/jobs/1/cancel", {"key": "s1"})
    assert stopped.headers["location"] == "/jobs/1?done=job_stopped"
    page = otto.get("/jobs/1")
    assert "cancelled" in read_text(page)
    assert "data-again" not in page.text
    again = send(otto, "/jobs/1/cancel", {"key": "s2"})
    assert again.status_code == 422
    assert "is over: cancelled" in read_text(again)


def test_a_job_that_failed_says_why(app, otto):
    assert send(otto, "/jobs", {"kind": "train", "ledger": "<b>", "key": "t1"}).status_code == 303
    find_worker(app).drain()
    (failed,) = otto.get("/v1/jobs?state=failed").json()["items"]
    page = otto.get(f"/jobs/{failed['job_id']}")
    assert failed["problem"]["hint"] in read_text(page)
    assert "<b>" not in page.text
    assert "failed" in read_text(otto.get("/")), "on the home page"
    (row,) = cells_of(otto.get("/jobs?state=failed&kind=train"), "Jobs")
    assert (row[0], row[2], row[3]) == (str(failed["job_id"]), "&lt;b&gt;", "failed")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"kind": "dance", "ledger": SMALL}, "Input should be"),
        ({"kind": "train", "ledger": "../a"}, "should match pattern"),
        ({"kind": "train", "ledger": SMALL, "as_of": "2199-01-01"}, "lies in the future"),
        ({"kind": "train", "ledger": SMALL, "as_of": "x"}, "as_of"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_was_typed(otto, form, said):
    refused = send(otto, "/jobs", form)
    assert refused.status_code == 422
    assert said in read_text(refused)
    if form["kind"] == "train":
        assert f'value="{form.get("as_of", "")}"' in refused.text


def test_who_may_see_and_ask(app, otto):
    viewer, clerk = visit(app, "vera", "validator"), visit(app, "cleo", "collector")
    assert "Train the models" not in viewer.get("/jobs").text
    assert viewer.get("/jobs/1").status_code == 200
    assert "Stop it" not in viewer.get("/jobs/1").text
    assert send(viewer, "/jobs", {}).status_code == send(viewer, "/jobs/1/cancel", {}).status_code == 403
    assert clerk.get("/jobs").status_code == clerk.get("/jobs/1").status_code == 403
    assert TestClient(app).get("/jobs", follow_redirects=False).status_code == 303
    assert otto.get("/jobs/999").status_code == 404
    assert otto.get("/jobs?state=nonsense").status_code == 422
    assert otto.get("/jobs?after=nonsense").status_code == 422


@pytest.mark.slow
def test_an_empty_service_leads_to_its_first_worklist(tmp_path):
    app = open_service(tmp_path)
    roles = [role.name for role in shipped().access.roles]
    everybody, clerk = visit(app, "eva", *roles), visit(app, "cleo", "collector")
    assert "Whoever runs the service uploads" in read_text(clerk.get("/"))
    home = everybody.get("/")
    assert "Upload your open-items export" in read_text(home)
    assert 'role="alert"' not in home.text, "no card complains"
    assert steps_of(home) == (0, [0])
    asked = send(everybody, "/uploads/sample", {"key": "s1"})
    assert asked.headers["location"] == "/jobs/1?done=job_asked", read_text(asked)
    only_sample = find_worker(app, {"sample": KINDS["sample"]})
    assert only_sample.do_next().state == State.DONE
    database = app.state.service.database
    assert list_ledgers(database) == ["sample"]
    kinds = [(job["kind"], job["made_by"]) for job in everybody.get("/v1/jobs").json()["items"]]
    assert kinds == [*[("nightly", "eva")] * 4, ("train", "eva"), ("sample", "eva")]
    page = everybody.get("/jobs")
    assert steps_of(page) == (2, [2])
    assert "job 2 waits" in read_text(page)
    refused = send(everybody, "/uploads/sample", {"key": "s2"})
    assert refused.status_code == 422
    assert "there is a ledger already" in read_text(refused).lower()
    assert "Look around" not in everybody.get("/uploads").text
    database.close()


def test_somebody_who_was_shut_out_of_a_browser_signs_in_again(app, otto):
    make_user(app.state.service.database, "leo", "operator")
    browser = enter(app, "leo")
    browser.cookies.clear()
    asked = browser.get("/jobs", headers={"X-Fragment": "1"}, follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=%2Fjobs"
