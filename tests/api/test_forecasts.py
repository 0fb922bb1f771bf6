"""Expected receipts: the figures of the command to the cent, computed or as a run stored them."""

import json
import sys
from datetime import UTC, date, datetime

import pytest

from arrisk.cli import main
from arrisk.frames import day_of
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.movements import list_movements
from arrisk.store import runs
from arrisk.store.book import read_book
from arrisk.store.runs import NewRun
from tests.api.kept import NAME, SMALL, kept, losing
from tests.api.ledger import write_files

__all__ = ["kept", "losing"]

DAY = "2024-08-01"
NOW = datetime(2024, 8, 1, 4, tzinfo=UTC)


def ask(client, **query):
    return client.get("/v1/forecast", params={"ledger": NAME, **query})


def store_run(database, content):
    new = NewRun(
        ledger=NAME, kind="nightly", as_of=date.fromisoformat(content["as_of"]), currency="EUR", fingerprint="f" * 64,
        data_sha256="d" * 64, policy_hash="p" * 16, payment_model="", default_model="", arrisk="0", made_by="tests",
    )  # fmt: skip
    run = runs.open_run(database, new, at=NOW)
    skip = lambda connection: None  # noqa: E731
    runs.write_part(database, run, "forecast", content, rows={}, still=skip, end=skip)
    runs.complete_run(database, run, at=NOW, end=skip)
    return run


@pytest.mark.slow
def test_weeks_that_are_over_say_what_came_in(kept, losing):
    client = kept.people["finance"]
    found = ask(client, as_of=DAY, weeks=30).json()
    book = read_book(kept.database, NAME)
    paid = list_movements(book.with_tables(write_offs=book["write_offs"].iloc[:0]))
    paid = paid.loc[(paid["cause"] == "paid") & (paid["known_day"] >= day_of(DAY))]
    paid = paid.merge(book["invoices"][["invoice_id", "currency"]], on="invoice_id")
    paid = to_book_currency(paid, book, amounts=["amount"], as_of=date.fromisoformat(DAY))
    for week in found["weeks"]:
        first, last = day_of(week["from_on"]), day_of(week["to_on"])
        if last > day_of(book.extract_end_on):
            assert week["received"] is None
        else:
            came = paid.loc[(paid["paid_day"] >= first) & (paid["paid_day"] <= last), "amount"].sum()
            assert week["received"] == f"{came / 100:.2f}"
    assert {week["received"] is None for week in found["weeks"]} == {True, False}


@pytest.mark.slow
def test_the_weeks_are_those_of_the_command_line_to_the_cent_and_a_stored_run_is_preferred(
    kept, losing, home, tmp_path, monkeypatch
):
    folder, out = write_files(losing, tmp_path / "book"), tmp_path / "out.json"
    monkeypatch.setenv("ARRISK_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["arrisk", "forecast", str(folder), "--as-of", DAY, "--json", str(out)])
    with pytest.raises(SystemExit):
        main()
    expected = json.loads(out.read_text())
    client = kept.people["finance"]
    assert ask(client).status_code == 422, "no run is stored yet"
    answer = ask(client, as_of=DAY)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["source"], found["model"]) == ("computed", expected["model"])
    assert found["open_amount"] == f"{expected['open_amount']:.2f}"
    assert len(found["weeks"]) == 13
    for week, same in zip(found["weeks"], expected["weeks"], strict=True):
        assert (week["from_on"], week["to_on"]) == (same["from"], same["to"])
        for part in ("open_book", "future_sales", "total"):
            assert week[part] == {name: f"{same[f'{part}_{name}']:.2f}" for name in ("mean", "p10", "p90")}
    run = store_run(kept.database, {**expected, "as_of": DAY})
    for query in ({}, {"as_of": DAY}):
        stored = ask(client, **query).json()
        assert stored == {**found, "source": f"run {run.run_id}"}


def test_who_may_not_see_the_forecast_does_not(kept):
    assert ask(kept.stranger, as_of=DAY).status_code == 401
    assert ask(kept.people["operator"], as_of=DAY).status_code == 403
    assert ask(kept.people["north"], as_of=DAY).status_code == 403


@pytest.mark.parametrize("query", [{"weeks": 0}, {"weeks": 53}, {"as_of": "2199-01-01"}, {"as_of": "soon"}])
def test_a_mistake_is_named(kept, query):
    assert ask(kept.people["finance"], **query).status_code == 422


def test_without_a_model_nothing_is_fitted(kept):
    refused = ask(kept.people["finance"], ledger=SMALL, as_of=DAY)
    assert refused.status_code == 409
    assert "arrisk train" in refused.json()["hint"]
