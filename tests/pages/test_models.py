"""Models on pages: which there are and which scores, the card, drift and calibration, promotion by somebody else."""

import json
import shutil
from dataclasses import asdict
from datetime import date

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages.models import list_duels
from arrisk.monitoring import check_calibration, check_shifts
from arrisk.monitoring.observed import Matured
from arrisk.registry import read_log
from arrisk.store import claims, jobs
from arrisk.store.runs import NewRun, complete_run, open_run, write_part
from tests.api.kept import NAME, add_rows
from tests.api.ledger import CURRENCY
from tests.api.test_models import FIRST, NOON, REPORT, SECOND
from tests.databases import open_new
from tests.monitoring.test_checks import REFERENCE, see
from tests.pages.test_ledger import cells_of
from tests.pages.visitors import HERE, read_text, send, visit
from tests.people import shipped

DAY = "2024-09-01"
CARD = f"/models/card?reference={SECOND}"


@pytest.fixture(scope="module")
def app(home, tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(home, folder / "home")
    made = create_app(folder / "home", database=open_new("sqlite", folder))
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    add_rows(made.state.service.database, NAME, frames, CURRENCY)
    yield made
    made.state.service.database.close()


@pytest.fixture(scope="module")
def vera(app):
    return visit(app, "vera", "validator")


def add_night(database, watched):
    """Add a night of which only the watch is kept."""
    known = dict.fromkeys(("fingerprint", "data_sha256", "policy_hash", "default_model", "arrisk", "made_by"), "0")
    new = NewRun(
        ledger=NAME, kind="nightly", as_of=date.fromisoformat(DAY), currency=CURRENCY, payment_model=FIRST, **known
    )
    run = open_run(database, new, at=NOON)
    write_part(database, run, "watch", watched, rows={}, still=lambda _: None, end=lambda _: None)
    complete_run(database, run, at=NOON, end=lambda _: None)
    return run


def promote(browser, report=REPORT, **changes):
    form = {"reference": SECOND, "reason": "it <b>passed</b>", "key": "p1", **changes}
    file = ("report.json", json.dumps(report))
    return browser.post("/models/promote", data=form, files={"report": file}, headers=HERE, follow_redirects=False)


def test_models_are_listed_with_the_one_that_scores(vera):
    page = vera.get("/models")
    assert page.status_code == 200, read_text(page)
    rows = cells_of(page, "Versions of")
    assert [(row[0], row[2]) for row in rows] == [("2", "waits for a validator"), ("1", "scores")]
    log = vera.get("/v1/promotions").json()["items"]
    assert [row[3] for row in cells_of(page, "Promotions")] == [one["reference"] for one in log]


def test_a_card_shows_its_figures_and_each_of_its_files(vera):
    page = vera.get(f"/models/card?reference={FIRST}")
    known = vera.get("/v1/models/card", params={"reference": FIRST}).json()
    assert f"{known['card']['rows']:,}" in read_text(page)
    assert f"{100 * known['card']['base_rate']:.1f} %" in read_text(page)
    duels = list_duels(known["card"]["metrics"])
    rows = cells_of(page, "Comparisons")
    assert [row[3] for row in rows] == [f"{one['log_loss_gain']:,.4f}".replace("-", "−") for one in duels]
    for name in known["files"]:
        assert f">{name}</a>" in page.text
    assert vera.get(f"/v1/models/file?reference={FIRST}&file=card.json").status_code == 200
    assert "Let it score" not in page.text, "it scores already"


def test_each_check_of_a_day_has_its_verdict(vera):
    found = vera.get("/v1/monitoring", params={"as_of": DAY}).json()
    page = vera.get("/monitoring", params={"as_of": DAY})
    assert page.status_code == 200, read_text(page)
    checks = [one for one in found["checks"] if one["about"] == FIRST]
    words = {"quiet": "nothing to do", "look": "somebody has to look", "not yet": "too early to say"}
    assert [row[3] for row in cells_of(page, "What was checked")] == [words[one["state"]] for one in checks]


def test_without_a_night_monitoring_says_so_and_with_one_it_is_that_of_the_night(app, vera):
    page = vera.get("/monitoring")
    assert page.status_code == 200
    assert "Nothing was watched yet" in read_text(page)
    late = np.tile([0.0, 0.0, 0.0, 1.0], 50)
    matured = Matured(late, np.linspace(0.05, 0.15, 200), np.arange(200))
    limits = shipped().watch
    checks = [*check_shifts(FIRST, REFERENCE, see(2, shift=1.0, moved=3), policy=limits)]
    checks.append(check_calibration(FIRST, matured, policy=limits))
    content = {"checks": [asdict(check) for check in checks], "notes": ["what <b>is</b> noted"]}
    run = add_night(app.state.service.database, content)
    answer = vera.get("/v1/monitoring").json()
    assert (answer["source"], answer["fired"]) == (f"run {run.run_id}", True)
    _, features, calibration = answer["checks"]
    page = vera.get("/monitoring")
    assert f"run {run.run_id}" in read_text(page)
    assert "Somebody has to look" in read_text(page)
    rows = cells_of(page, "Expected beside observed")
    assert rows == [
        [str(one["rows"]), *(f"{100 * one[name]:.1f} %" for name in ("expected", "observed"))]
        for one in calibration["groups"]
    ]
    assert len(rows) == 10
    rows = cells_of(page, "How far it moved: share of features")
    assert [(row[0], row[1]) for row in rows] == [(one["name"], f"{one['psi']:.3f}") for one in features["shifts"]]
    assert [row[3] for row in rows][:4] == ["moved", "moved", "moved", "as it was"]
    assert page.text.count("<svg") == 3
    assert "what &lt;b&gt;is&lt;/b&gt; noted" in page.text
    assert "Models in use" in read_text(vera.get("/")), "on the home page"


@pytest.mark.parametrize("query", [{"as_of": "x"}, {"as_of": "2199-01-01"}, {"as_of": "1999-01-01"}])
def test_a_day_that_cannot_be_watched_is_refused_and_kept(vera, query):
    page = vera.get("/monitoring", params=query)
    assert page.status_code in {409, 422}
    assert 'role="alert"' in page.text
    assert f'value="{query["as_of"]}"' in page.text


@pytest.mark.slow
def test_a_version_is_promoted_by_somebody_else_and_taken_back(app, vera):
    refused = promote(vera, {**REPORT, "verdict": {"passed": False, "checks": []}})
    assert refused.status_code == 409
    assert 'value="it &lt;b&gt;passed&lt;/b&gt;"' in refused.text
    assert promote(vera, reference="payment-curve/x/9").status_code == 404
    nothing = send(vera, "/models/promote", {"reference": SECOND, "reason": "x"})
    assert nothing.status_code == 422, "no report was chosen"
    done = promote(vera)
    assert done.headers["location"] == "/models?done=promoted", read_text(done)
    assert promote(vera).headers["location"] == "/models?done=promoted", "sent twice, done once"
    assert len(read_log(app.state.service.home)) == 2
    assert cells_of(vera.get("/models"), "Versions of")[0][2] == "scores"
    form = {"model": f"payment-curve/{NAME}", "reason": "scores jumped", "key": "r1"}
    assert send(vera, "/models/rollback", {**form, "reason": ""}).status_code == 422
    assert send(vera, "/models/rollback", {**form, "key": "r2"}).headers["location"] == "/models?done=rolled_back"
    again = send(vera, "/models/rollback", {**form, "key": "r3"})
    assert again.status_code == 409
    assert 'value="scores jumped"' in again.text


def test_who_had_a_version_trained_is_told_that_somebody_else_promotes_it(app, vera):
    database = app.state.service.database
    jobs.put(database, jobs.Order("train", NAME, {"as_of": "2024-07-01"}, by="tess"), at=NOON)
    job = claims.claim(database, kinds=["train"], at=NOON)
    claims.finish(database, job, at=NOON, result={"payment_model": SECOND, "default_model": ""})
    tess = visit(app, "tess", "validator")
    assert "somebody else lets it score" in read_text(tess.get(CARD))
    assert "Let it score</button>" not in tess.get(CARD).text
    assert "Let it score</button>" in vera.get(CARD).text
    refused = promote(tess)
    assert refused.status_code == 403
    assert "cannot promote it" in read_text(refused)


def test_who_may_see_and_change_models(app, vera):
    viewer, clerk = visit(app, "ann", "analyst"), visit(app, "cleo", "collector")
    assert "Let it score</button>" not in viewer.get(CARD).text
    assert "Take it back" not in viewer.get("/models").text
    assert promote(viewer).status_code == send(viewer, "/models/rollback", {}).status_code == 403
    for path in ("/models", CARD, "/monitoring"):
        assert clerk.get(path).status_code == 403
        assert TestClient(app).get(path, follow_redirects=False).status_code == 303
    assert vera.get("/models/card?reference=x").status_code == 404
    assert vera.get("/models/card").status_code == 422
