"""The allowance from other sides over HTTP: the figures of the command line to the cent, and who may see what."""

import json
import sys
from decimal import Decimal

import pytest

from arrisk.cli import main
from tests.api.kept import NAME, SMALL, kept, losing, small
from tests.api.ledger import write_files

__all__ = ["kept", "losing", "small"]

END = "2024-07-31"
PAST = {"from": "2023-05-01", "to": "2023-05-31"}
PARTS = ("scenarios", "discounting", "cover", "overlays", "later_collections")


def ask(client, path="", **query):
    return client.get(f"/v1/allowance{path}", params={"ledger": NAME, "period_end": END, **query})


def answer_of(response, status=200):
    assert response.status_code == status, response.text
    return response.json()


@pytest.fixture(scope="module")
def said(losing, home, tmp_path_factory):
    """Give what the commands say of the ledger: of the allowance, and of past closes."""
    folder = tmp_path_factory.mktemp("said")
    book = write_files(losing, folder / "book")
    side = ["allowance", book, "--period-end", END, "--method", "roll-rate", "--frameworks", "--sensitivity"]
    past = ["backtest", "allowance", book, *(part for name, day in PAST.items() for part in (f"--{name}", day))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARRISK_HOME", str(home))
        return {words[0]: _run(patch, folder / "out.json", words) for words in (side, past)}


def _run(patch, out, words):
    patch.setattr(sys, "argv", ["arrisk", *map(str, words), "--json", str(out)])
    with pytest.raises(SystemExit):
        main()
    return json.loads(out.read_text())


@pytest.mark.slow
def test_frameworks_and_sensitivity_are_those_of_the_command_to_the_cent(kept, said):
    said = said["allowance"]
    both = answer_of(ask(kept.people["finance"], "/frameworks", method="roll-rate"))
    assert [one["bucket"] for one in both["buckets"]] == [one["bucket"] for one in said["frameworks"]]
    for one, same in zip(both["buckets"], said["frameworks"], strict=True):
        for name in ("ifrs9_amount", "asc326_amount", "difference", *PARTS):
            assert one[name] == f"{same[name]:.2f}"
        assert sum(Decimal(one[name]) for name in PARTS) == Decimal(one["difference"])
    assert both["ifrs9_total"] == f"{said['total']:.2f}"
    moved = answer_of(ask(kept.people["validator"], "/sensitivity", method="roll-rate", again=True))
    assert [one["assumption"] for one in moved["assumptions"]] == [one["assumption"] for one in said["sensitivity"]]
    for one, same in zip(moved["assumptions"], said["sensitivity"], strict=True):
        for name in ("low", "high"):
            minor = same[name]
            assert one[name] == (None if minor is None else f"{Decimal(minor) / 100:.2f}")
    fewer = answer_of(ask(kept.people["finance"], "/sensitivity", method="roll-rate"))
    assert fewer["assumptions"] == moved["assumptions"][:-2], "what it learns from is moved where that is asked for"


@pytest.mark.slow
def test_past_closes_are_those_of_the_command_to_the_cent(kept, said):
    said = said["backtest"]
    found = answer_of(kept.people["finance"].get("/v1/allowance/backtest", params={"ledger": NAME, **PAST}))
    assert found["methods"] == ["matrix", "roll-rate"], "no curve was trained before 2023, and none is fitted"
    for one, same in zip(found["closes"], said["closes"], strict=True):
        assert (one["close_on"], one["part"]) == (same["close_on"][:10], same["part"])
        assert one["lost_amount"] == f"{same['lost_amount']:.2f}"
        assert one["expected"] == {name: f"{same[name]:.2f}" for name in found["methods"]}
    assert [one["hits"]["matrix"] for one in found["buckets"]] == [one["hit_matrix"] for one in said["buckets"]]


@pytest.mark.slow
def test_what_stands_beside_an_allowance_adds_up(kept):
    found = answer_of(ask(kept.people["finance"], compare=True, method="matrix"))
    assert found["overlays"] == []
    for method in found["comparison"]["methods"]:
        rows = [Decimal(row["allowance"]) for row in method["allowances"]]
        assert sum(rows) == Decimal(method["total"])


def test_states_of_the_economy_may_be_supposed(kept):
    finance = kept.people["finance"]
    plain = answer_of(ask(finance, method="matrix"))
    found = answer_of(ask(finance, method="matrix", scenario=["good:0.5:1", "bad:0.5:-2"]))
    named = {one["scenario"]: one for one in found["scenarios"]}
    assert (named["good"]["weight"], named["bad"]["z"]) == (0.5, -2.0)
    totals = {name: Decimal(one["allowance"]) for name, one in named.items()}
    assert totals["good"] < Decimal(plain["total"]) < totals["bad"]
    assert abs(Decimal(found["total"]) - (totals["good"] + totals["bad"]) / 2) < 1
    alone = answer_of(ask(finance, method="matrix", scenario="bad:1:-2"))
    assert alone["total"] == named["bad"]["allowance"]
    assert answer_of(ask(finance, method="matrix")) == plain, "what is supposed is not kept"


@pytest.mark.parametrize(
    "scenario",
    [["bad"], ["bad:1"], ["bad:x:1"], ["bad:1:nan"], ["bad:2:1"], ["a:0.5:1", "b:0.4:0"], [":1:0"], ["bad:1:1"] * 11],
)
def test_a_supposition_that_is_none_is_refused(kept, scenario):
    assert "scenario" in answer_of(ask(kept.people["finance"], method="matrix", scenario=scenario), 422)["where"]


@pytest.mark.parametrize("path", ["/frameworks", "/sensitivity"])
def test_a_mistake_is_named(kept, path):
    finance = kept.people["finance"]
    assert answer_of(ask(finance, path, method="guess"), 422)["where"].endswith("method")
    assert answer_of(ask(finance, path, period_end="soon"), 422)["where"].endswith("period_end")
    assert ask(finance, path, ledger="x").status_code == 404
    assert ask(finance, path, ledger=SMALL, method="model").status_code == 409


@pytest.mark.parametrize("period", [("2023-01-01", "2024-01-31"), ("2023-05-02", "2023-05-03"), ("x", "2023-05-31")])
def test_a_period_that_cannot_be_tried_is_refused(kept, period):
    query = {"ledger": NAME, "from": period[0], "to": period[1]}
    assert kept.people["finance"].get("/v1/allowance/backtest", params=query).status_code == 422


@pytest.mark.slow
def test_who_sees_one_company_sees_its_part_alone(kept):
    north, query = kept.people["north"], {"ledger": SMALL, "period_end": "2024-04-30", "method": "matrix"}
    own = answer_of(ask(north, "/frameworks", **query))
    assert own["ifrs9_total"] == answer_of(ask(north, **query))["total"]
    assert own == answer_of(ask(kept.people["finance"], "/frameworks", **query, entity="north"))
    assert ask(north, "/frameworks", **query, entity="south").status_code == 403
    assert ask(north, "/sensitivity", **query).status_code == 403
    past = {"ledger": SMALL, "from": "2023-01-31", "to": "2023-01-31"}
    assert north.get("/v1/allowance/backtest", params=past).status_code == 403
    assert kept.people["both"].get("/v1/allowance/backtest", params=past).status_code == 200


@pytest.mark.slow
def test_what_moved_since_the_last_posted_close(small):
    first, second = small.people["finance"], small.people["finance2"]
    where = {"ledger": SMALL, "entity": "north"}
    then = {**where, "period_end": "2024-05-31", "method": "matrix"}
    assert answer_of(first.get("/v1/allowance/movement", params=then), 404)["where"] == "period_end"
    body = {"period_end": "2024-04-30", "entity": "north", "method": "matrix"}
    answer_of(first.post("/v1/closes", params={"ledger": SMALL}, json=body, headers={"Idempotency-Key": "m1"}), 201)
    for step in ("review", "post"):
        path = f"/v1/closes/2024-04-30/{step}"
        answer_of(second.post(path, params=where, headers={"Idempotency-Key": step}))
    close = answer_of(first.get("/v1/closes/2024-04-30", params=where))
    moved = answer_of(first.get("/v1/allowance/movement", params=then))
    assert (moved["close_on"], moved["before"], moved["entity"]) == ("2024-04-30", close["total"], "north")
    assert moved["now"] == answer_of(first.get("/v1/allowance", params=then))["total"]
    assert Decimal(moved["change"]) == Decimal(moved["now"]) - Decimal(moved["before"])
    for name in ("before", "now", "change"):
        assert sum(Decimal(one[name]) for one in moved["buckets"]) == Decimal(moved[name])
    assert small.people["validator"].get("/v1/allowance/movement", params=then).status_code == 403
    assert answer_of(first.get("/v1/allowance/movement", params={**then, "entity": "x"}), 422)["where"] == "entity"
