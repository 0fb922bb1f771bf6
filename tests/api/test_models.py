"""Models over HTTP: what there is, how it fares, and who lets it score."""

import hashlib
import json
import shutil
from datetime import UTC, datetime

import pytest

from api.main import create_app
from arrisk.registry import check_log, read_log
from arrisk.store import claims, jobs
from tests.api.kept import NAME, Kept, People, kept, losing
from tests.databases import EACH_KIND, open_new

__all__ = ["kept", "losing"]

FIRST, SECOND = f"payment-curve/{NAME}/1", f"payment-curve/{NAME}/2"
NOON = datetime(2024, 9, 1, 12, tzinfo=UTC)
READS = [
    ("/v1/models", {}),
    ("/v1/models/card", {"reference": FIRST}),
    ("/v1/models/file", {"reference": FIRST, "file": "card.json"}),
    ("/v1/promotions", {}),
    ("/v1/monitoring", {"ledger": NAME, "as_of": "2024-08-01"}),
]
REPORT = {
    "champion": "payment_curve",
    "ledger": NAME,
    "cutoff": "2024-06-01",
    "rows_test": 100,
    "verdict": {"passed": True, "checks": []},
}


@pytest.fixture(params=EACH_KIND)
def own(request, home, tmp_path):
    """Give a service with models of its own, to promote."""
    shutil.copytree(home, tmp_path / "home")
    database = open_new(request.param, tmp_path)
    app = create_app(tmp_path / "home", database=database)
    yield Kept(app, People(app))
    database.close()


def promote(client, key="k", report=REPORT, **changes):
    text = report if isinstance(report, str) else json.dumps(report)
    body = {"reference": SECOND, "reason": "the yearly validation passed", "report": text, **changes}
    return client.post("/v1/promotions", json=body, headers={"Idempotency-Key": key})


def roll_back(client, key="r", **changes):
    body = {"model": f"payment-curve/{NAME}", "reason": "scores jumped", **changes}
    return client.post("/v1/rollbacks", json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize(("path", "query"), READS)
def test_only_who_may_sees_models(kept, path, query):
    assert kept.stranger.get(path, params=query).status_code == 401
    for login, client in kept.people.items():
        expected = 403 if login in ("collector", "finance") else 200
        assert client.get(path, params=query).status_code == expected, login


def test_models_are_listed_with_who_scores(kept):
    found = kept.people["validator"].get("/v1/models", params={"limit": 1}).json()
    assert (found["items"][0]["reference"], found["items"][0]["is_champion"]) == (FIRST, True)
    rest = kept.people["validator"].get("/v1/models", params={"after": found["next"]}).json()
    assert [(row["reference"], row["is_promoted"]) for row in rest["items"]] == [(SECOND, False)]


def test_a_card_names_its_files_and_each_is_given_as_it_was_saved(kept, home):
    client = kept.people["validator"]
    card = client.get("/v1/models/card", params={"reference": FIRST}).json()
    assert (card["card"]["ledger"], card["trained_by"]) == (NAME, None)
    assert card["promotions"][0]["by"] == "policy"
    folder = home / "models" / "payment-curve" / NAME / "0001"
    for name in card["files"]:
        found = client.get("/v1/models/file", params={"reference": FIRST, "file": name})
        assert found.text == (folder / name).read_text("utf-8")


@pytest.mark.parametrize("file", ["../0002/card.json", "/etc/passwd", "..", "nothing.json", "card.json\0"])
def test_no_other_file_is_given(kept, file):
    query = {"reference": FIRST, "file": file}
    assert kept.people["validator"].get("/v1/models/file", params=query).status_code == 404


def test_monitoring_says_whether_somebody_has_to_look(kept):
    query = {"ledger": NAME, "as_of": "2024-08-01"}
    found = kept.people["validator"].get("/v1/monitoring", params=query).json()
    assert {check["about"] for check in found["checks"]} > {FIRST}
    assert found["fired"] == any(check["state"] == "look" for check in found["checks"])


@pytest.mark.slow
def test_a_model_is_promoted_on_a_report_and_taken_back(own):
    validator = own.people["validator"]
    answer = promote(validator)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["reference"], answer.json()["by"]) == (SECOND, "validator")
    assert answer.json()["report_sha256"] == hashlib.sha256(json.dumps(REPORT).encode()).hexdigest()
    assert promote(validator).json() == answer.json(), "the same key, the same answer"
    assert len(read_log(own.app.state.service.home)) == 2
    assert promote(validator, key="again").status_code == 409
    back = roll_back(validator)
    assert (back.status_code, back.json()["champion"]) == (201, 1)
    log = own.people["auditor"].get("/v1/promotions").json()
    assert [row["action"] for row in log["items"]] == ["roll_back", "promote", "promote"]
    assert (log["fault"], log["last_sha256"]) == ("", check_log(own.app.state.service.home).last_sha256)


def test_who_may_not_promote_does_not(own):
    assert promote(own.stranger).status_code == roll_back(own.stranger).status_code == 401
    for login, client in own.people.items():
        if login != "validator":
            assert promote(client).status_code == roll_back(client).status_code == 403, login
    assert len(read_log(own.app.state.service.home)) == 1


def test_who_had_a_model_trained_does_not_promote_it(own):
    order = jobs.Order("train", NAME, {"as_of": "2024-07-01"}, by="validator")
    jobs.put(own.database, order, at=NOON)
    job = claims.claim(own.database, kinds=["train"], at=NOON)
    claims.finish(own.database, job, at=NOON, result={"payment_model": SECOND, "default_model": ""})
    refused = promote(own.people["validator"])
    assert refused.status_code == 403
    assert "cannot promote" in refused.json()["detail"]
    card = own.people["validator"].get("/v1/models/card", params={"reference": SECOND}).json()
    assert card["trained_by"] == "validator"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"report": "{}"}, 422),
        ({"report": "no json"}, 422),
        ({"report": {**REPORT, "verdict": {"passed": False, "checks": []}}}, 409),
        ({"report": {**REPORT, "ledger": "birch"}}, 409),
        ({"report": {**REPORT, "cutoff": "2020-01-01"}}, 409),
        ({"report": {**REPORT, "rows_test": 0}}, 409),
        ({"reference": "payment-curve/alder/9"}, 404),
        ({"reference": "../../etc"}, 404),
        ({"reason": ""}, 422),
        ({"reason": "   "}, 422),
    ],
)
def test_a_promotion_that_nothing_speaks_for_is_refused(own, changes, status):
    answer = promote(own.people["validator"], **changes)
    assert answer.status_code == status, answer.text
    assert len(read_log(own.app.state.service.home)) == 1


@pytest.mark.parametrize("model", ["payment-curve/birch", "x", f"payment-curve/{NAME}"])
def test_there_has_to_be_a_champion_to_go_back_to(own, model):
    assert roll_back(own.people["validator"], model=model).status_code == 409
