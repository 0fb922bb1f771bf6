"""Key figures of a ledger: what belongs to the window, what was known, and what is undefined."""

import json
from datetime import date, timedelta

import pytest

from arrisk.errors import CurrencyError, InputError
from arrisk.ledger.ageing import age_ledger
from arrisk.policy import load_policy
from arrisk.reports.kpis import KPIS, measure_kpis
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off

POLICY = load_policy()
MARCH = {"as_of": date(2024, 4, 1), "age_on": date(2024, 3, 31), "from_on": date(2024, 3, 1), "policy": POLICY}


def issued(invoice_id, day, amount, due="2024-04-30", **more):
    return invoice(invoice_id, issued_on=day, due_on=due, amount=amount, **more)


def value_of(name, rows=None, **tables):
    book = book_of(**(rows or {}), **tables)
    return measure_kpis(book, **MARCH).figures[name].value


# creditguru.com's quarter as a ledger: receivables of 6,200 before, sales of 10,890, 6,340 open, 3,590 not past due.
QUARTER = {
    "invoices": [
        issued("I1", "2023-12-15", 6_200, due="2024-01-14"),
        issued("I2", "2024-01-20", 7_300, due="2024-02-19"),
        issued("I3", "2024-03-20", 3_590, due="2024-04-19"),
    ],
    "payments": [
        payment("P1", paid_on="2024-01-10", amount=6_200),
        payment("P2", paid_on="2024-03-15", amount=4_550),
    ],
    "allocations": [
        allocation("P1", "I1", applied_on="2024-01-10", amount=6_200),
        allocation("P2", "I2", applied_on="2024-03-15", amount=4_550),
    ],
}


def test_a_published_quarter_as_a_ledger():
    whole = {**MARCH, "from_on": date(2024, 1, 1)}
    report = measure_kpis(book_of(**QUARTER), **whole)
    figures = {name: figure.value for name, figure in report.figures.items()}
    assert report.days == 91
    assert (figures["beginning_receivables"], figures["sales"]) == (6_200, 10_890)
    assert (figures["receivables"], figures["current"], figures["receipts"]) == (6_340, 3_590, 10_750)
    assert figures["cei"] == pytest.approx(0.796296, abs=5e-7)
    assert figures["dso"] == pytest.approx(6_340 / 10_890 * 91)
    assert figures["average_days_delinquent"] == pytest.approx(2_750 / 10_890 * 91)
    # March's 3,590 take 31 days, February had no sales and counts 29, January's 7,300 are used to 2,750.
    assert figures["count_back_dso"] == pytest.approx(31 + 29 + 2_750 / 7_300 * 31)
    assert figures["weighted_days_to_pay"] == pytest.approx((26 * 6_200 + 55 * 4_550) / 10_750)
    assert figures["weighted_days_late"] == pytest.approx((-4 * 6_200 + 25 * 4_550) / 10_750)


def test_the_receivables_are_those_of_the_ageing():
    book = book_of(**QUARTER)
    ageing = age_ledger(book, as_of=MARCH["as_of"], age_on=MARCH["age_on"], ageing=POLICY.ageing)
    report = measure_kpis(book, **MARCH)
    assert report.figures["receivables"].value == ageing.total / 100
    assert report.figures["current"].value == ageing.not_due / 100


def test_the_usual_window_is_that_of_the_policy_and_ends_the_day_before():
    report = measure_kpis(book_of(**QUARTER), as_of=date(2024, 4, 1), policy=POLICY)
    assert report.days == POLICY.kpis.window_days
    assert (report.to_on, report.from_on) == (date(2024, 3, 31), date(2024, 4, 1) - timedelta(days=report.days))


@pytest.mark.parametrize(
    ("day", "known_on", "counts"),
    [
        ("2024-02-29", None, False),
        ("2024-03-01", None, True),
        ("2024-03-31", None, True),
        ("2024-04-01", None, False),
        ("2024-03-31", "2024-04-01", False),
        ("2024-02-29", "2024-03-02", False),
    ],
)
def test_sales_are_those_issued_and_known_in_the_window(day, known_on, counts):
    rows = [issued("I1", "2024-03-10", 10), issued("I2", day, 5, known_on=known_on)]
    assert value_of("sales", invoices=rows) == (15 if counts else 10)


def test_credit_notes_lower_the_sales():
    rows = [issued("I1", "2024-03-10", 10), credit_note(issued_on="2024-03-12", amount=4)]
    assert value_of("sales", invoices=rows) == 6


def test_receipts_count_applied_or_not_and_once():
    rows = {
        "invoices": [
            issued("I1", "2024-02-10", 10),
            issued("I2", "2024-02-10", 20, settled_on="2024-03-04"),
            issued("I3", "2024-02-10", 40),
        ],
        "payments": [payment("P1", paid_on="2024-03-02", amount=100)],
        "allocations": [
            allocation("P1", "I1", applied_on="2024-03-03", amount=10),
            allocation("P9", "I3", applied_on="2024-03-05", amount=40),
        ],
    }
    assert value_of("receipts", rows) == 100 + 20 + 40


def test_only_cash_enters_the_days_to_pay():
    rows = {
        "invoices": [issued("I1", "2024-03-01", 100), credit_note(issued_on="2024-03-02", amount=30)],
        "payments": [payment("P1", paid_on="2024-03-11", amount=60)],
        "allocations": [
            allocation("P1", "I1", applied_on="2024-03-20", amount=60),
            allocation("N1", "I1", applied_on="2024-03-25", amount=30),
        ],
        "write_offs": [write_off("I1", written_off_on="2024-03-28", amount=10, reason="discount")],
    }
    assert value_of("weighted_days_to_pay", rows) == 10


def test_the_median_counts_what_is_open_and_takes_credits_for_unfinished():
    rows = [
        issued("I1", "2024-03-01", 100, settled_on="2024-03-11"),
        issued("I2", "2024-03-01", 100, settled_on="2024-03-21"),
        issued("I3", "2024-03-01", 100),
        issued("I4", "2024-03-01", 100),
    ]
    assert value_of("median_days_to_pay", invoices=rows) == 20
    credited = {
        "invoices": [*rows[:3], rows[3], credit_note(issued_on="2024-03-05")],
        "allocations": [allocation("N1", "I4", applied_on="2024-03-05")],
    }
    # From the fifth day on three are left, of which the second is paid on the twentieth day.
    assert value_of("median_days_to_pay", credited) == 20


def test_bad_debt_is_net_of_recoveries_and_knows_its_reasons():
    rows = {
        "invoices": [issued("I1", "2024-03-02", 1_000), issued("I2", "2024-01-02", 500)],
        "write_offs": [
            write_off("I2", written_off_on="2024-03-05", amount=80),
            write_off("I1", written_off_on="2024-03-05", amount=5, reason="commercial"),
            write_off("I2", written_off_on="2024-02-05", amount=7),
        ],
        "recoveries": [{"invoice_id": "I2", "recovered_on": "2024-03-20", "amount": 30}],
    }
    assert value_of("bad_debt", rows) == 50
    assert value_of("bad_debt_share", rows) == 0.05


def test_a_ledger_without_write_offs_has_no_bad_debt_ratio():
    report = measure_kpis(book_of(**QUARTER), **MARCH)
    assert report.to_dict()["bad_debt_share"] is None
    assert report.to_dict()["reasons"]["bad_debt_share"] == "no write-off was ever recorded"


def test_a_day_before_the_ledger_has_reasons_instead_of_figures():
    early = {"as_of": date(2020, 1, 1), "policy": POLICY}
    report = measure_kpis(book_of(**QUARTER), **early)
    undefined = {name for name, figure in report.figures.items() if not figure.is_defined}
    amounts = {name for name, kpi in KPIS.items() if kpi.unit == "amount"} - {"bad_debt"}
    assert undefined == set(KPIS) - amounts - {"count_back_dso"}
    assert all(report.figures[name].reason for name in undefined)
    assert report.notes


def test_a_window_that_the_ledger_does_not_cover_is_said():
    report = measure_kpis(book_of(**QUARTER), as_of=date(2024, 2, 1), policy=POLICY)
    assert any("first invoice on record is of 2023-12-15" in note for note in report.notes)
    late = measure_kpis(book_of(**QUARTER), as_of=date(2024, 6, 1), policy=POLICY)
    assert any("the extract ends on 2024-03-20" in note for note in late.notes)


def test_one_rate_holds_for_all_amounts_of_a_window():
    rates = [
        {"currency": "CAD", "rate_on": "2024-01-01", "rate": 0.5},
        {"currency": "CAD", "rate_on": "2024-03-31", "rate": 1.0},
    ]
    rows = [issued("I1", "2024-02-02", 100, currency="CAD"), issued("I2", "2024-03-02", 10)]
    report = measure_kpis(book_of(invoices=rows, rates=rates), **MARCH)
    assert report.figures["beginning_receivables"].value == 100
    assert report.figures["receivables"].value == 110


def test_currencies_without_a_rate_are_refused_with_the_pair():
    rows = [issued("I1", "2024-03-02", 10), issued("I2", "2024-03-02", 10, currency="CAD")]
    with pytest.raises(CurrencyError, match="CAD -> USD"):
        measure_kpis(book_of(invoices=rows), **MARCH)


def test_a_window_without_a_day_is_refused():
    with pytest.raises(InputError, match="the window from 2024-04-01 ends on 2024-03-31"):
        measure_kpis(book_of(**QUARTER), **{**MARCH, "from_on": date(2024, 4, 1)})


def test_the_report_is_plain_json():
    text = json.dumps(measure_kpis(book_of(**QUARTER), **MARCH).to_dict(), allow_nan=False)
    assert set(KPIS) <= set(json.loads(text))


def test_the_ibm_ledger_rolls_forward(ibm_ledger):
    book, _ = ibm_ledger
    report = measure_kpis(book, as_of=date(2013, 7, 1), age_on=date(2013, 6, 30), policy=POLICY)
    figures = {name: figure.value for name, figure in report.figures.items()}
    assert figures["receivables"] == 5119.85
    rolled = figures["beginning_receivables"] + figures["sales"] - figures["receipts"]
    assert rolled == pytest.approx(figures["receivables"])
    assert figures["dso"] == pytest.approx(23.1508, abs=5e-5)
    assert figures["best_possible_dso"] == pytest.approx(19.3726, abs=5e-5)
    assert figures["count_back_dso"] == pytest.approx(26.2575, abs=5e-5)
