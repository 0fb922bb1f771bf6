"""SQL, paths, control and half characters wherever an endpoint takes text: refused or harmless, on both databases."""

import json
from urllib.parse import quote

import pytest

from api.auth import MARK
from api.main import create_app
from arrisk.config import Settings
from arrisk.store.records import TableRecords
from tests.databases import EACH_KIND, open_new
from tests.people import join, shipped

HOSTILE = ("' OR 1=1; DROP TABLE users; --", "../../../etc/passwd", "a\x00b", "=cmd|'/c calc'!A1", "\ud800", "9" * 400)
DESCRIBED = create_app(settings=Settings()).openapi()
OPERATIONS = [
    (way.upper(), path, described)
    for path, ways in DESCRIBED["paths"].items()
    for way, described in ways.items()
    if MARK in described and (way, path) != ("delete", "/v1/session")
]


@pytest.fixture(scope="module", params=EACH_KIND)
def client(request, tmp_path_factory):
    """Give a client that may do everything."""
    folder = tmp_path_factory.mktemp("service")
    database = open_new(request.param, folder)
    app = create_app(folder, database=database)
    yield join(app, *(role.name for role in shipped().access.roles), login="ana")
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize(("way", "path", "described"), OPERATIONS, ids=[f"{one[0]} {one[1]}" for one in OPERATIONS])
def test_hostile_text_is_refused_or_harmless(client, way, path, described):
    for text in HOSTILE:
        encoded = quote(text.encode(errors="surrogatepass"), safe="")
        for place in [one for one in described.get("parameters", []) if one["in"] == "path"]:
            path = path.replace(f"{{{place['name']}}}", encoded)
        asked = [one["name"] for one in described.get("parameters", []) if one["in"] == "query"]
        address = path + ("?" + "&".join(f"{name}={encoded}" for name in asked) if asked else "")
        headers = {"Idempotency-Key": "k", "If-Match": '"1"', "Content-Type": "application/json"}
        for body in (list_texts(described, text), {}):
            answer = client.request(way, address, headers=headers, content=json.dumps(body))
            assert answer.status_code < 500, (address, body, answer.text)
            assert "root:" not in answer.text
    records = TableRecords(client.app.state.service.database)
    assert [key for key in records.list_keys() if records.check(key).fault] == []


def list_texts(described, text):
    """Give the body of an operation with the text wherever its first level takes one."""
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    fields = DESCRIBED["components"]["schemas"].get(name, {}).get("properties", {})
    return {field: fill(schema, text) for field, schema in fields.items()}


def fill(schema, text):
    kinds = [schema, *schema.get("anyOf", [])]
    if any(kind.get("type") == "string" for kind in kinds):
        return text
    if any(kind.get("type") == "array" for kind in kinds):
        return [text]
    return {text: text}
