"""The auditor pack: it ties to the close to the cent, and every rate can be made again from the workbook alone."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

from arrisk.acts import Actor
from arrisk.allowance.closes.document import Period
from arrisk.errors import InputError
from arrisk.policy import Policy
from arrisk.records import FolderRecords
from arrisk.uses import audit, reserve
from arrisk.uses.audit import write_pack
from arrisk.uses.audit_proof import list_closes
from arrisk.uses.closing import draft_close, plan_calculation
from tests.books import book_of, customer, invoice, write_off
from tests.workbooks import Computed

pytestmark = pytest.mark.slow

END = date(2024, 12, 31)
CENT = 0.005
POLICY = """
[allowance]
method = "matrix"
discount_rate = 0.05

[[allowance.scenarios]]
name = "as it is"
weight = 0.7
z = [0.5, 0.0]

[[allowance.scenarios]]
name = "worse"
weight = 0.3
z = [-1.5]

[[allowance.overlays]]
name = "floods"
factor = 1.2
buckets = ["31-60"]
reason = "floods"
owner = "ana"
source = "press"
approver = "ben"
from_on = 2024-01-01
expires_on = 2025-01-31
"""
CURVE = pd.DataFrame({"segment": ["G0"], "bucket": ["1-30"], "base_amount": [1.0], "p_lost": [0.1]})
EVIL = '=HYPERLINK("http://x")'


def make_book(later=()):
    """Make two years of invoices of some customers, of whom a few never pay."""
    day = date(2023, 1, 1)
    names = [f"C{number}" for number in range(36)]
    names[30] = EVIL
    invoices, losses = [], []
    for number in range(360):
        issued = day + timedelta(days=2 * number)
        due = issued + timedelta(days=30)
        is_lost = number % 36 in {0, 7, 14, 21, 28, 30}
        settled = due + timedelta(days=number % 40)
        settled_on = settled.isoformat() if not is_lost and settled <= END else None
        dates = {"issued_on": issued.isoformat(), "due_on": due.isoformat(), "settled_on": settled_on}
        invoices.append(invoice(f"I{number}", names[number % 36], amount=str(1000 + 37 * (number % 11)), **dates))
        gone = due + timedelta(days=150)
        if is_lost and gone < END:
            amount = invoices[-1]["amount"]
            losses.append(write_off(f"I{number}", amount=amount, reason="bad_debt", written_off_on=gone.isoformat()))
    masters = [customer(name, industry=f"G{place % 2}") for place, name in enumerate(names)]
    end = END + timedelta(days=60 if later else 0)
    return book_of(customers=masters, invoices=[*invoices, *later], write_offs=losses, extract_end_on=end)


BOOK = make_book()


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """Give a file in which one customer is assessed on its own."""
    path = tmp_path_factory.mktemp("individual") / "individual.csv"
    path.write_text("customer_id,rate,reason,assessed_by,assessed_on\nC8,0.375,insolvent,eva,2024-12-20\n")
    return path


def close_book(home, *, method="matrix", policy=POLICY, assessments=None, book=BOOK):
    """Draft the close of the book, and give it with its policy."""
    parsed = Policy.parse(policy, where="test")
    planned = plan_calculation(book, method=method, period_end=END, home=home, policy=parsed, assessments=assessments)
    actor, records = Actor("ana", datetime(2025, 1, 3, tzinfo=UTC)), FolderRecords(home)
    return draft_close(book, Period("main", END), planned, actor=actor, records=records, policy=parsed), parsed


@pytest.fixture(scope="module")
def pack(tmp_path_factory, assessed):
    """Give a close and the folder of its pack."""
    home = tmp_path_factory.mktemp("home")
    close, policy = close_book(home, assessments=assessed)
    folder = home / "pack"
    write_pack(BOOK, close, folder, home=home, policy=policy)
    return close, policy, folder


@pytest.fixture(scope="module")
def workbook(pack):
    """Give the workbook of the pack, computed."""
    return Computed(pack[2] / "allowance.xlsx")


def list_again(workbook):
    """List every figure that is made again with the figure itself."""
    for sheet in workbook.sheets.sheetnames:
        for row in workbook.table(sheet):
            for name in [name for name in row if name.startswith("again ") and row[name] is not None]:
                yield sheet, name, row[name], row[name.removeprefix("again ")]


def test_every_figure_that_is_made_again_is_the_figure(workbook):
    seen = defaultdict(int)
    for sheet, name, again, figure in list_again(workbook):
        assert again == pytest.approx(figure, rel=1e-9, abs=1e-9), (sheet, name)
        seen[sheet] += 1
    assert set(seen) >= {"allowance", "matrix", "roll-rate", "items", "movement", "overlays", "back-test buckets"}


def test_the_pack_ties_to_the_close_to_the_cent(pack, workbook):
    close, _, folder = pack
    total = close.total / 100
    rows = workbook.table("allowance")
    assert sum(row["allowance"] for row in rows) == pytest.approx(total, abs=CENT)
    assert workbook.table("methods")[0]["total"] == pytest.approx(total, abs=CENT)
    assert workbook.table("movement")[-1]["amount"] == pytest.approx(total, abs=CENT)
    owed = close.document["receivables"]["closing"] / 100
    for sheet, name in (("ageing", "amount"), ("ageing", "items amount"), ("allowance", "gross amount")):
        assert sum(row[name] for row in workbook.table(sheet)) == pytest.approx(owed, abs=CENT)
    journal = workbook.table("journal")
    assert sum(row["debit"] for row in journal) == pytest.approx(sum(row["credit"] for row in journal))
    report = json.loads((folder / "report.json").read_text())
    assert report["tables"]["methods"]["rows"][0]["total"] == pytest.approx(total)


@pytest.mark.parametrize("method", ["matrix", "roll-rate"])
def test_the_allowance_comes_from_amounts_and_counts_alone(workbook, method):
    """Rates from numerators and denominators, applied to the items, summed and rounded by row: nothing else is read."""
    rates = MAKERS[method](workbook)
    sums = defaultdict(float)
    for item in workbook.table("items"):
        rate = rates[READERS[method](item)] if item["base amount"] else 0.0
        p = weigh(rate, item[f"days {method}"])
        lost = item["base amount"] * p * item["loss share"] * 1.05 ** (-item[f"days {method}"] / 365)
        own = lost if item["segment"] != "individual" else 0.375 * item["base amount"]
        sums[item["segment"], item["bucket"]] += own
    listed = {
        (row["segment"], row["bucket"]): row["allowance"]
        for row in workbook.table("rows of methods")
        if row["method"] == method and not row["segment"].startswith("overlay")
    }
    assert listed.keys() == sums.keys()
    assert {key: round(value, 2) for key, value in sums.items()} == pytest.approx(listed, abs=1e-6)
    assert sum(listed.values()) > 0


def weigh(rate, days):
    """Weigh the two scenarios of the policy, by the link of Vasicek."""
    if not 0 < rate < 1:
        return rate
    states = (0.5 if days < 90 else 0.0, -1.5)
    return sum(
        weight * ndtr((ndtri(rate) - 0.12**0.5 * z) / 0.88**0.5) for weight, z in zip((0.7, 0.3), states, strict=True)
    )


def make_matrix(workbook):
    """Make the rates of the matrix from what was open, what was lost, and how many customers that is worth."""
    made = {}
    for row in workbook.table("matrix"):
        own = row["lost amount"] / row["open amount"] if row["open amount"] else 0.0
        pool = row["pool lost amount"] / row["pool open amount"] if row["pool open amount"] else 0.0
        trust = row["worth"] / (row["worth"] + 50.0)
        mixed = trust * own + (1 - trust) * pool
        prior = row["prior"]
        rate = (mixed * row["pool worth"] + prior) / (row["pool worth"] + (prior > 0)) * row["then lost"]
        made[row["segment"], row["bucket"]] = rate
    return made


def make_rolls(workbook):
    """Make the roll rates from amounts, and follow each segment's chains to their end."""
    ways = ("stayed", "crossed", "written off")
    rows = workbook.table("roll-rate")
    pools = {(row["chain"], row["step"]): row for row in rows if row["segment"] == "all segments"}
    last = {chain: max(step for name, step in pools if name == chain) for chain, _ in pools}

    def share(row):
        whole = row["open amount"]
        return np.array([row[f"{way} amount"] / whole if whole else 0.0 for way in ways])

    def pool_share(chain, step):
        row = pools[chain, step]
        own, is_last = share(row), step == last[chain]
        lost = [1, 2] if chain == "performing" else [2]
        if own[lost if is_last else [0, 1, 2]].sum() > 0:
            return own
        if not is_last:
            return np.array([0.5 / (row["customers"] + 1), 0.0, 0.0])
        half, left = 0.5 / (row["leavers"] + 1), 1 - own[0] if own[0] < 1 else 1.0
        return np.array([1 - left, own[1] * (1 - half), left * half])

    made = {}
    for segment in {row["segment"] for row in rows}:
        states = [(row["chain"], row["step"], row) for row in rows if row["segment"] == segment]
        place = {(chain, step): number for number, (chain, step, _) in enumerate(states)}
        moves, lost = np.zeros((len(states), len(states))), np.zeros(len(states))
        for number, (chain, step, row) in enumerate(states):
            weight = 1.0 if segment == "all segments" else row["pool weight"]
            stay, cross, lost[number] = (1 - weight) * share(row) + weight * pool_share(chain, step)
            for name, part in ((chain, stay), (next(one for one in last if one != chain), cross)):
                steps = [one for kind, one in place if kind == name]
                moves[number, place[name, min(max(step + 1, min(steps)), max(steps))]] += part
        found = np.linalg.solve(np.eye(len(states)) - moves, lost)
        made |= {(segment, chain, row["age"]): found[number] for number, (chain, _, row) in enumerate(states)}
    return made


MAKERS = {"matrix": make_matrix, "roll-rate": make_rolls}
READERS = {
    "matrix": lambda item: (item["pool segment"], item["bucket"]),
    "roll-rate": lambda item: (item["roll segment"], item["chain"], item["roll age"]),
}


def test_what_the_ledger_says_is_text_and_never_runs(workbook):
    names = [row["customer id"] for row in workbook.table("items")]
    assert EVIL in names
    cells = [cell for sheet in workbook.sheets for row in sheet.iter_rows() for cell in row]
    evil = [cell for cell in cells if cell.value == EVIL]
    assert evil
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in evil)
    assert all(isinstance(row["base amount"], int | float) for row in workbook.table("items"))


def test_a_pack_is_the_same_file_by_file_whatever_became_known_later(pack, tmp_path):
    close, policy, folder = pack
    later = [invoice("L1", "C1", amount="9000", issued_on="2025-01-02", due_on="2025-02-01")]
    write_pack(make_book(later), close, tmp_path / "again", home=folder.parent, policy=policy)
    for file in sorted(folder.iterdir()):
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name


def test_the_page_needs_no_network_and_says_who_drafted_it(pack):
    close, _, folder = pack
    page = (folder / "index.html").read_text()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not [part for part in page.split('"') if part.startswith("http") and "w3.org" not in part]
    assert close.seal in page
    assert close.steps[0].sha256 in page
    assert "C8" in page
    assert "floods" in page


def test_it_appears_whole_or_not_at_all(pack, tmp_path, monkeypatch):
    close, policy, folder = pack

    def fail(*_, **__):
        raise InputError("no ink")

    monkeypatch.setattr(audit, "describe", fail)
    with pytest.raises(InputError, match="no ink"):
        write_pack(BOOK, close, tmp_path / "p", home=folder.parent, policy=policy)
    assert not list(tmp_path.iterdir())


def test_another_policy_or_another_past_is_refused(pack, tmp_path):
    close, policy, folder = pack
    other = Policy.parse("[ageing]\npast_due_days = [15]", where="test")
    with pytest.raises(InputError, match=r"drafted from another policy than now"):
        write_pack(BOOK, close, tmp_path / "p", home=folder.parent, policy=other)
    changed = make_book([invoice("E1", "C1", amount="5", issued_on="2024-12-02", due_on="2025-01-01")])
    with pytest.raises(InputError, match=r"drafted from another data than now"):
        write_pack(changed, close, tmp_path / "p", home=folder.parent, policy=policy)


def test_a_close_that_does_not_come_out_the_same_is_refused(pack, tmp_path, monkeypatch):
    close, policy, folder = pack
    matrix = reserve.METHODS["matrix"]

    def estimate(evidence):
        found = matrix(evidence)
        found.p_lost[:] = found.p_lost * 1.01
        return found

    monkeypatch.setitem(reserve.METHODS, "matrix", estimate)
    with pytest.raises(InputError, match="does not come out the same"):
        write_pack(BOOK, close, tmp_path / "p", home=folder.parent, policy=policy)


def test_of_the_payment_curve_the_total_is_made_again_of_each_invoice(tmp_path, monkeypatch):
    matrix = reserve.METHODS["matrix"]
    monkeypatch.setitem(reserve.METHODS, "model", lambda evidence: replace(matrix(evidence), rates=CURVE))
    monkeypatch.setattr(reserve.Evidence, "keep_model", lambda self, first: None)
    close, policy = close_book(tmp_path, method="model")
    write_pack(BOOK, close, tmp_path / "pack", home=tmp_path, policy=policy)
    made = Computed(tmp_path / "pack" / "allowance.xlsx")
    items = made.table("items")
    assert sum(row["again expected model"] for row in items) == pytest.approx(
        sum(row["expected model"] for row in items)
    )
    overlays = sum(row["allowance"] for row in made.table("overlays"))
    rows = [row for row in made.table("allowance") if row["again allowance"] is not None]
    assert sum(row["again allowance"] for row in rows) + overlays == pytest.approx(close.total / 100, abs=CENT)
    assert [row["method"] for row in made.table("methods")] == ["model", "matrix", "roll-rate"]
    assert all(row["model"] == row["matrix"] for row in made.table("back-test"))


def test_the_payment_curve_is_not_fitted_for_past_closes_of_another_method(workbook):
    assert "model" not in workbook.table("back-test")[0]


def test_many_items_are_a_file_of_their_own(pack, tmp_path, monkeypatch):
    close, policy, folder = pack
    monkeypatch.setattr(audit, "MOST_ITEMS", 3)
    write_pack(BOOK, close, tmp_path / "pack", home=folder.parent, policy=policy)
    items = pd.read_csv(tmp_path / "pack" / "items.csv")
    rows = Computed(tmp_path / "pack" / "allowance.xlsx").table("allowance")
    assert items["open_amount"].sum() == pytest.approx(sum(row["gross amount"] for row in rows))
    assert f"'{EVIL}" in items["customer_id"].tolist()


def test_a_short_ledger_has_no_past_close_to_try():
    invoices = [invoice(f"I{number}", issued_on="2024-01-05", due_on="2024-02-04") for number in range(3)]
    assert list_closes(book_of(invoices=invoices, extract_end_on=date(2025, 7, 15))) == []
    assert list_closes(book_of(invoices=invoices, extract_end_on=date(2025, 8, 1))) == [date(2024, 7, 31)]
