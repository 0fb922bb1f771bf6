"""The operator's page: each of its calls is made, in its order."""

import json
import re
from uuid import uuid4

import pytest

from api.main import create_app
from arrisk.config import Settings
from arrisk.uses import drafting
from arrisk.uses.work import KINDS
from tests.api.test_jobs import EXPORT
from tests.databases import open_new
from tests.people import join
from tests.syntax import ROOT

PAGE = (ROOT / "docs" / "users" / "operator.md").read_text(encoding="utf-8")
CALLS = [block.strip().split("\n", 1) for block in re.findall(r"```http\n(.*?)```", PAGE, flags=re.DOTALL)]


@pytest.fixture
def otto(tmp_path):
    database = open_new("sqlite", tmp_path)
    yield join(create_app(tmp_path, database=database), "operator", login="otto")
    database.close()


def call(client, first, body=""):
    way, path = first.split(" ")
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    return client.request(way, path, content=EXPORT if path.startswith("/v1/uploads?") else body, headers=headers)


def test_each_call_of_the_page_is_answered_in_its_order(otto):
    answers = [call(otto, *lines) for lines in CALLS]
    assert [answer.status_code for answer in answers if answer.status_code >= 300] == [], answers[-1].text
    assert otto.get("/v1/jobs/3").json()["state"] == "cancelled"
    assert [job["state"] for job in otto.get("/v1/jobs?state=queued").json()["items"]] == ["queued"] * 3


def test_every_kind_of_job_is_on_the_page():
    shown = {json.loads(lines[1])["kind"] for lines in CALLS if lines[0] == "POST /v1/jobs"}
    assert shown == set(KINDS) - {drafting.KIND}, "which is finance's"
    assert f'{{"kind": "{drafting.KIND}"' in (ROOT / "docs" / "users" / "finance.md").read_text(encoding="utf-8")


def test_the_bounds_are_those_of_the_page():
    settings = Settings()
    assert f"`ARRISK_MAX_UPLOAD_BYTES` ({settings.max_upload_bytes // 2**30} GiB)" in PAGE
    assert f"`ARRISK_MAX_UNPACKED_BYTES` ({settings.max_unpacked_bytes // 2**30} GiB)" in PAGE
