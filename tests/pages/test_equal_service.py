"""Every figure on the pages of models, monitoring, jobs, files and records is the API's."""

import pytest

from tests.pages.figures import NOTHING, day, number, share, words

pytestmark = pytest.mark.slow

MODEL = "payment-curve/alder/1"


def test_models(whole):
    found, log = whole.ask("/models")["items"], whole.ask("/promotions")["items"]
    page = whole.look("/models")
    for model in dict.fromkeys(f"{one['name']}/{one['ledger']}" for one in found):
        own = [one for one in reversed(found) if f"{one['name']}/{one['ledger']}" == model]
        page.match(f"Versions of {model}", [[str(one["version"]), day(one["trained_as_of"]), ..., ...] for one in own])
    rows = [
        [str(one["seq"]), ..., ..., one["reference"], one["by"], one["reason"]]
        + [str(one[name] or NOTHING) for name in ("champion_before", "champion")]
        + [...]
        for one in log
    ]
    page.match("Promotions", rows)
    page.end()


def test_a_model(whole):
    model = whole.ask("/models/card", reference=MODEL)
    page = whole.look("/models/card", reference=MODEL)
    card = model["card"]
    for name, label in (("rows", "Rows"), ("customers", "Customers")):
        if name in card:
            page.tile(label, number(card[name]))
    if "base_rate" in card:
        page.tile("Base rate", share(card["base_rate"]))
    duels = list(find_duels(card["metrics"]))
    page.match(
        "Comparisons",
        [
            [
                ...,
                ...,
                ...,
                *(number(one[name], 4) for name in ("log_loss_gain", "low", "high")),
                ...,
                ...,
                number(rows),
            ]
            for one, rows in duels
        ],
    )
    page.end()


def find_duels(metrics):
    for one in metrics.values():
        if isinstance(one, dict) and "duels" in one:
            yield from ((duel, one.get("rows")) for duel in one["duels"])
        elif isinstance(one, dict):
            yield from find_duels(one)


def test_monitoring(whole):
    found, page = whole.ask("/monitoring"), whole.look("/monitoring")
    models = dict.fromkeys(one["about"] for one in found["checks"] if "/" in one["about"])
    for model in models:
        own = [one for one in found["checks"] if one["about"] == model]
        page.match(
            f"What was checked of {model}", [[one["name"], write(one["value"]), one["limit"], ..., ...] for one in own]
        )
        for one in own:
            if one["groups"]:
                rows = [[number(g["rows"]), share(g["expected"]), share(g["observed"])] for g in one["groups"]]
                page.match(f"Expected beside observed: {one['name']}", rows)
            elif one["shifts"]:
                rows = [[s["name"], number(s["psi"], 3), number(s["counts_from"], 3), ...] for s in one["shifts"]]
                page.match(f"How far it moved: {one['name']}", rows)
    feeds = [one for one in found["checks"] if one["about"] not in models]
    page.match("Days since the newest row", [[one["about"], number(one["value"]), one["limit"], ...] for one in feeds])
    page.end()


def write(value):
    return number(value, 0 if value is None or float(value).is_integer() else 3)


def test_jobs(whole):
    jobs = whole.ask("/jobs")["items"]
    page = whole.look("/jobs")
    page.match(
        "Jobs", [[str(one["job_id"]), ..., one["ledger"], one["state"], ..., ..., one["made_by"], ...] for one in jobs]
    )
    page.end()
    night = next(one for one in jobs if one["kind"] == "nightly")
    page, one = whole.look(f"/jobs/{night['job_id']}"), whole.ask(f"/jobs/{night['job_id']}")
    plain = {
        name: value for name, value in one["result"].items() if isinstance(value, int | float | str) and value != ""
    }
    assert plain
    for name, value in plain.items():
        assert page.facts[name.replace("_", " ")] == str(value), name
    page.end()


def test_files(whole):
    found, page = whole.ask("/uploads")["items"], whole.look("/uploads")
    (one,) = found
    size = f"{number(one['size_bytes'] / 1024, 1)} kB"
    page.match("Files", [[str(one["upload_id"]), one["name"], one["format"], size, ..., one["made_by"], ..., ...]])
    page.end()


def test_records(whole):
    found = whole.ask("/audit/verify")
    page = whole.look("/audit/verify")
    page.match(
        "Records",
        [[one["record"], one["place"], number(one["count"]), ..., one["last_sha256"]] for one in found["records"]],
    )
    page.end()
    entries = whole.ask("/audit/entries", limit=50)["items"]
    page = whole.look("/audit")
    page.match(
        "What people did",
        [[..., one["by"], words(one["action"]), one["record"], str(one["seq"]), ...] for one in entries],
    )
    page.end()
