"""The allowance of a ledger that is kept here: the very figures of the command line, of one company too."""

import json
import sys

import pytest

from arrisk.cli import main
from tests.api.kept import NAME, SMALL, kept, losing
from tests.api.ledger import write_files

__all__ = ["kept", "losing"]

END = "2024-07-31"


def ask(client, **query):
    return client.get("/v1/allowance", params={"ledger": NAME, "period_end": END, **query})


@pytest.mark.slow
@pytest.mark.parametrize("method", ["roll-rate", "model"])
def test_the_figures_are_those_of_the_command_line_to_the_cent(kept, losing, home, tmp_path, monkeypatch, method):
    folder, out = write_files(losing, tmp_path / "book"), tmp_path / "out.json"
    monkeypatch.setenv("ARRISK_HOME", str(home))
    options = ["--period-end", END, "--method", method, "--json", str(out)]
    monkeypatch.setattr(sys, "argv", ["arrisk", "allowance", str(folder), *options])
    with pytest.raises(SystemExit):
        main()
    expected = json.loads(out.read_text())
    answer = ask(kept.people["finance"], method=method)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    for name in ("total", "upper_total", "gross_total"):
        assert found[name] == f"{expected[name]:.2f}"
    assert [row["allowance"] for row in found["allowances"]] == [f"{row['allowance']:.2f}" for row in expected["rows"]]
    assert found == ask(kept.people["auditor"], method=method).json()


def test_one_company_has_its_own_rows(kept):
    query = {"ledger": SMALL, "period_end": "2024-04-30", "method": "matrix"}
    north = ask(kept.people["north"], **query).json()
    assert north["gross_total"] == "250.10"
    assert north == ask(kept.people["finance"], **query, entity="north").json()
    assert ask(kept.people["north"], **query, entity="south").status_code == 403


def test_who_may_not_see_the_allowance_does_not(kept):
    assert ask(kept.stranger).status_code == 401
    for login in ("analyst", "collector", "operator"):
        assert ask(kept.people[login]).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [({"method": "guess"}, 422), ({"compare": "perhaps"}, 422), ({"as_of": END}, 422), ({"ledger": "x"}, 404),
     ({"ledger": SMALL, "method": "model"}, 409)],
)  # fmt: skip
def test_a_mistake_is_named(kept, query, status):
    assert ask(kept.people["finance"], **query).status_code == status
