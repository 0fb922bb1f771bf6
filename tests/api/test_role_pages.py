"""The calls on the pages of the analyst and the collector do what the pages say."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.api.offices import office
from tests.syntax import ROOT

__all__ = ["office"]

SOON = (datetime.now(UTC).date() + timedelta(days=5)).isoformat()


def read(name):
    return (ROOT / "docs" / "users" / name).read_text(encoding="utf-8").split("ver HTTP\n")[1]


@pytest.mark.slow
def test_the_calls_of_the_analyst_are_those_of_the_service(office):
    page = read("analyst.md")
    case, what_if = (json.loads(found) for found in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    opened = office.post("ana", "/cases", case)
    assert opened.status_code == 201, opened.text
    assert office.post("ana", "/customers/A/what-if", what_if).status_code == 200
    values = {"{customer_id}": "A", "{case_id}": opened.json()["case_id"], "TEXT": "ald"}
    calls = [call.strip("`") for call in re.findall(r"`GET /v1[^`]*`", page)]
    assert len(calls) == 9
    for call in calls:
        path = call.removeprefix("GET /v1")
        for name, value in values.items():
            path = path.replace(name, value)
        answer = office.get("ana", path)
        assert answer.status_code == 200, f"{call}: {answer.text}"


@pytest.mark.slow
def test_every_path_on_the_pages_is_one_of_the_service(office):
    paths = office.app.openapi()["paths"]
    for name in ("analyst.md", "collector.md"):
        page = read(name)
        named = re.findall(r"`(GET|POST) (/v1/[^`? .]*)", page)
        assert named
        for way, path in named:
            assert way.lower() in paths.get(path, {}), f"{name}: {way} {path}"


@pytest.mark.slow
def test_the_acts_of_the_collector_are_done_in_the_order_of_the_page(office):
    rows = re.findall(r"^\| `([a-z]+)` \| `(\{.*?\})` \|", read("collector.md"), re.MULTILINE)
    assert [name for name, _ in rows] == ["contacts", "promises", "disputes", "snooze", "move", "assign"]
    for version, (name, body) in enumerate(rows):
        answer = office.post("cleo", f"/worklist/A/{name}", json.loads(body.replace("SOON", SOON)), saw=version)
        assert answer.status_code == 200, f"{name}: {answer.text}"
    for version, path in enumerate(("wake", "move-back"), start=len(rows)):
        assert office.post("cleo", f"/worklist/A/{path}", saw=version).status_code == 200
    assert office.post("cleo", "/worklist/A/promises/P1/cancel", {"reason": "x"}, saw=8).status_code == 200
    assert office.post("cleo", "/worklist/A/disputes/D1/end", {"outcome": "withdrawn"}, saw=9).status_code == 200
    assert office.get("cleo", "/worklist", show="all", collector="dan").json()["count"] == 1
    assert office.get("cleo", "/collectors/progress").json()["collectors"][0]["collector"] == "cleo"


def test_a_page_names_no_file_that_is_missing():
    for name in ("analyst.md", "collector.md"):
        for target in re.findall(r"\]\(([a-z/._]+\.md)\)", read(name)):
            assert Path(ROOT / "docs" / "users" / target).exists()
