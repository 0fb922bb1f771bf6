"""Every rule about rows: which row, which column, what stands there, how grave, and what to try."""

from datetime import date

import pytest

from arrisk.schema.problems import HINTS
from tests.books import (
    allocation,
    check_of,
    credit_note,
    customer,
    dispute,
    frame_of,
    invoice,
    order,
    payment,
    raw_of,
    write_off,
)

GOOD = invoice("I0")
EVENT = {"customer_id": "A", "occurred_on": "2024-01-05", "kind": "legal"}
LIMIT = {"customer_id": "A", "valid_from_on": "2024-01-01", "limit_amount": "100"}
SECURITY = {"collateral_id": "S", "customer_id": "A", "kind": "lien", "amount": "5", "valid_from_on": "2024-01-01"}
REQUEST = {"application_id": "R", "customer_id": "A", "applied_on": "2024-01-01"}
OBSERVED = {"series": "gdp", "period_on": "2024-01-01", "known_on": "2024-02-01", "value": "1.5"}
RATE = {"currency": "EUR", "rate_on": "2024-01-01", "rate": "1.1"}
ACCOUNTS = {"customer_id": "A", "period_end_on": "2023-12-31", "known_on": "2024-05-01"}

REFUSED = [
    # rule, table, row 2, column, value
    ("missing_value", "invoices", invoice(""), "invoice_id", ""),
    ("missing_value", "invoices", invoice("I1", "  "), "customer_id", "  "),
    ("missing_value", "invoices", invoice("I1", due_on=None), "due_on", ""),
    ("missing_value", "invoices", invoice("I1", amount=""), "amount", ""),
    ("missing_value", "payments", payment(paid_on=""), "paid_on", ""),
    ("missing_value", "allocations", allocation("", "I0"), "payment_id", ""),
    ("missing_value", "credit_events", {**EVENT, "kind": ""}, "kind", ""),
    ("missing_value", "rates", {**RATE, "rate": ""}, "rate", ""),
    ("missing_value", "financials", {**ACCOUNTS, "known_on": ""}, "known_on", ""),
    ("missing_value", "conditions", {**OBSERVED, "known_on": ""}, "known_on", ""),
    ("unreadable_date", "invoices", invoice("I1", issued_on="31.01.2024"), "issued_on", "31.01.2024"),
    ("unreadable_date", "invoices", invoice("I1", issued_on="2024-02-30"), "issued_on", "2024-02-30"),
    ("unreadable_date", "invoices", invoice("I1", issued_on="2024-01-311"), "issued_on", "2024-01-311"),
    ("unreadable_date", "invoices", invoice("I1", settled_on="soon"), "settled_on", "soon"),
    ("unreadable_date", "invoices", invoice("I1", known_on="20240101"), "known_on", "20240101"),
    ("date_out_of_range", "invoices", invoice("I1", due_on="1899-12-31"), "due_on", "1899-12-31"),
    ("date_out_of_range", "invoices", invoice("I1", due_on="2201-01-01"), "due_on", "2201-01-01"),
    ("date_out_of_range", "payments", payment(paid_on="0202-04-01"), "paid_on", "0202-04-01"),
    ("unreadable_amount", "invoices", invoice("I1", amount="1.234,50"), "amount", "1.234,50"),
    ("unreadable_amount", "payments", payment(amount="ten"), "amount", "ten"),
    ("unreadable_amount", "disputes", dispute(invoice_id="I0", amount="all"), "amount", "all"),
    ("unreadable_amount", "write_offs", write_off("I0", amount="1e3"), "amount", "1e3"),
    ("unreadable_number", "rates", {**RATE, "rate": "1,1"}, "rate", "1,1"),
    ("unreadable_number", "conditions", {**OBSERVED, "value": "high"}, "value", "high"),
]

WARNED = [
    ("unreadable_number", "customers", customer("A", employees="many"), "employees", "many"),
    ("unreadable_number", "financials", {**ACCOUNTS, "revenue": "1.000,00"}, "revenue", "1.000,00"),
    ("unknown_choice", "invoices", invoice("I1", kind="Invoice"), "kind", "Invoice"),
    ("unknown_choice", "write_offs", write_off("I0", reason="bored"), "reason", "bored"),
    ("unknown_choice", "credit_events", {**EVENT, "kind": "rumour"}, "kind", "rumour"),
    ("unknown_choice", "limits", {**LIMIT, "limit_kind": "some"}, "limit_kind", "some"),
    ("unknown_choice", "collateral", {**SECURITY, "kind": "promise"}, "kind", "promise"),
    ("amount_rounded", "invoices", invoice("I1", amount="1.005"), "amount", "1.005"),
    ("negative_amount", "invoices", invoice("I1", amount="-12.50"), "amount", "-12.50"),
    (
        "negative_amount",
        "allocations",
        allocation("P0", "I0", amount="-0.50", applied_on="2024-02-11"),
        "amount",
        "-0.50",
    ),
    ("zero_amount", "invoices", invoice("I1", amount="0.00"), "amount", "0"),
    ("due_before_issued", "invoices", invoice("I1", due_on="2023-12-31"), "due_on", "2023-12-31"),
    ("due_far_away", "invoices", invoice("I1", due_on="2031-01-01"), "due_on", "2031-01-01"),
    ("known_too_early", "invoices", invoice("I1", known_on="2023-12-31"), "known_on", "2023-12-31"),
    ("known_too_early", "payments", payment(known_on="2024-02-09"), "known_on", "2024-02-09"),
    ("unknown_customer", "invoices", invoice("I1", "Z"), "customer_id", "Z"),
    ("unknown_customer", "payments", payment("P1", "Z"), "customer_id", "Z"),
    ("unknown_customer", "limits", {**LIMIT, "customer_id": "Z"}, "customer_id", "Z"),
    ("unknown_customer", "applications", {**REQUEST, "customer_id": "Z"}, "customer_id", "Z"),
    ("unknown_invoice", "allocations", allocation("P0", "I9", amount="1"), "invoice_id", "I9"),
    ("unknown_invoice", "write_offs", write_off("I9"), "invoice_id", "I9"),
    ("unknown_invoice", "disputes", dispute(invoice_id="I9"), "invoice_id", "I9"),
    (
        "unknown_invoice",
        "recoveries",
        {"invoice_id": "I9", "recovered_on": "2024-07-01", "amount": "1"},
        "invoice_id",
        "I9",
    ),
    ("unknown_payment", "allocations", allocation("P9", "I0", amount="1"), "payment_id", "P9"),
    ("ended_before_start", "invoices", invoice("I1", settled_on="2023-12-31"), "settled_on", "2023-12-31"),
    ("ended_before_start", "disputes", dispute(invoice_id="I0", resolved_on="2024-02-04"), "resolved_on", "2024-02-04"),
    ("ended_before_start", "orders", order(shipped_on="2024-01-31"), "shipped_on", "2024-01-31"),
    ("ended_before_start", "orders", order(invoiced_on="2024-01-31"), "invoiced_on", "2024-01-31"),
    ("ended_before_start", "limits", {**LIMIT, "valid_to_on": "2023-12-31"}, "valid_to_on", "2023-12-31"),
    ("ended_before_start", "collateral", {**SECURITY, "valid_to_on": "2023-12-31"}, "valid_to_on", "2023-12-31"),
    ("missing_limit_amount", "limits", {**LIMIT, "limit_amount": ""}, "limit_amount", ""),
    ("no_rate", "invoices", invoice("I1", currency="EUR"), "currency", "EUR"),
    ("no_rate", "orders", order(currency="EUR"), "currency", "EUR"),
]

FIRST = {
    "customers": customer("B"),
    "invoices": GOOD,
    "payments": payment("P0"),
    "allocations": allocation("P0", "I0", amount="1"),
    "disputes": dispute("D0", "I0"),
    "write_offs": write_off("I0", written_off_on="2024-06-02", amount="1"),
    "credit_events": {**EVENT, "occurred_on": "2024-01-04"},
    "rates": {**RATE, "currency": "GBP"},
    "financials": {**ACCOUNTS, "period_end_on": "2022-12-31"},
    "conditions": {**OBSERVED, "period_on": "2023-01-01"},
    "limits": {**LIMIT, "valid_from_on": "2023-12-01"},
    "collateral": {**SECURITY, "collateral_id": "S0"},
    "applications": {**REQUEST, "application_id": "R0"},
    "recoveries": {"invoice_id": "I0", "recovered_on": "2024-07-02", "amount": "1"},
    "orders": order("O0"),
}


def check_second_row(table, row):
    """Check a book whose only problem is the second row of a table."""
    tables = {"customers": [customer("A")], "invoices": [GOOD], "payments": [payment("P0")]}
    return check_of(**(tables | {table: [FIRST[table], row]}))


@pytest.mark.parametrize(("rule", "table", "row", "column", "value"), REFUSED)
def test_a_row_without_readable_money_dates_or_identity_is_refused(rule, table, row, column, value):
    checked = check_second_row(table, row)
    assert checked.problems.to_dict("records") == [
        {
            "table": table,
            "row": 2,
            "column": column,
            "value": value,
            "rule": rule,
            "severity": "refused",
            "hint": HINTS[rule],
        }
    ]
    assert len(checked.book[table]) == 1
    counts = checked.counts.set_index("table").loc[table]
    assert counts.tolist() == [2, 1, 1]


@pytest.mark.parametrize(("rule", "table", "row", "column", "value"), WARNED)
def test_a_row_that_only_looks_wrong_is_kept_with_a_warning(rule, table, row, column, value):
    checked = check_second_row(table, row)
    assert checked.problems.to_dict("records") == [
        {
            "table": table,
            "row": 2,
            "column": column,
            "value": value,
            "rule": rule,
            "severity": "warning",
            "hint": HINTS[rule],
        }
    ]
    assert checked.counts["refused"].sum() == 0
    assert len(checked.book[table]) == 2


def test_a_repeated_row_is_refused_from_its_second_occurrence_on():
    rows = [invoice("I1"), invoice("I1", amount="7"), invoice("I1", amount="8")]
    checked = check_of(invoices=rows)
    assert checked.problems[["row", "column", "value", "rule", "severity"]].to_numpy().tolist() == [
        [2, "invoice_id", "I1", "duplicate_key", "refused"],
        [3, "invoice_id", "I1", "duplicate_key", "refused"],
    ]
    assert checked.book["invoices"]["amount"].tolist() == [10000]


def test_a_row_wrong_in_two_columns_has_two_problems_and_counts_once():
    checked = check_of(invoices=[GOOD, invoice("I1", amount="x", due_on="y")])
    assert checked.problems["column"].tolist() == ["amount", "due_on"]
    assert checked.counts.set_index("table").loc["invoices"].tolist() == [2, 1, 1]


def test_more_applied_than_received_is_said_at_the_receipt():
    rows = [allocation("P1", "I0", amount="60"), allocation("P1", "I1", amount="40.01")]
    checked = check_of(invoices=[GOOD, invoice("I1")], payments=[payment("P1")], allocations=rows)
    problem = checked.problems.iloc[0]
    assert problem[["table", "row", "column", "value", "rule"]].tolist() == [
        "payments",
        1,
        "amount",
        "100.00",
        "over_allocated_payment",
    ]


def test_more_applied_than_invoiced_is_said_at_the_invoice():
    rows = [allocation("P1", amount="60"), allocation("P2", amount="41")]
    checked = check_of(invoices=[invoice("I1")], payments=[payment("P1"), payment("P2")], allocations=rows)
    assert checked.problems[["table", "value", "rule"]].to_numpy().tolist() == [
        ["invoices", "100.00", "over_allocated_invoice"]
    ]


def test_more_applied_than_credited_is_said_at_the_credit_note():
    rows = [allocation("N1", "I1", amount="60"), allocation("N1", "I2", amount="41")]
    checked = check_of(invoices=[invoice("I1"), invoice("I2"), credit_note("N1")], allocations=rows)
    assert checked.problems[["row", "rule"]].to_numpy().tolist() == [[3, "over_allocated_credit_note"]]


def test_a_corrected_allocation_counts_once_and_against_the_corrected_receipt():
    allocations = [allocation(amount="150"), allocation(amount="120", known_on="2024-03-01")]
    payments = [payment(), payment(amount="120", known_on="2024-03-01")]
    invoices = [invoice("I1"), invoice("I1", amount="120", known_on="2024-03-01")]
    checked = check_of(invoices=invoices, payments=payments, allocations=allocations)
    assert not len(checked.problems)


def test_a_credit_note_may_stand_where_a_payment_does():
    checked = check_of(invoices=[invoice("I1"), credit_note("N1")], allocations=[allocation("N1", "I1")])
    assert not len(checked.problems)


def test_receipt_and_invoice_of_two_currencies_are_said_and_not_compared():
    checked = check_of(
        invoices=[invoice("I1", amount="10000", currency="JPY")],
        payments=[payment(amount="65")],
        allocations=[allocation(amount="10000")],
        rates=[{**RATE, "currency": "JPY"}],
    )
    assert checked.problems["rule"].tolist() == ["currency_differs"]


def test_a_foreign_currency_without_a_rate_is_said_once():
    rows = [invoice(f"I{n}", currency="EUR") for n in range(3)]
    assert check_of(invoices=rows).problems["rule"].tolist() == ["no_rate"]
    assert not len(check_of(invoices=rows, rates=[RATE]).problems)


def test_an_event_after_the_stated_end_is_kept_with_a_warning():
    end = date(2024, 1, 31)
    checked = check_of(invoices=[GOOD], payments=[payment()], write_offs=[write_off("I0")], extract_end_on=end)
    assert checked.problems[["table", "column", "rule"]].to_numpy().tolist() == [
        ["payments", "paid_on", "after_extract_end"],
        ["write_offs", "written_off_on", "after_extract_end"],
    ]
    assert checked.book.extract_end_on == end


def test_an_unknown_column_and_an_unknown_table_are_named_and_left_out():
    checked = check_of(invoices=[{**GOOD, "colour": "red"}], payment=[{"x": 1}])
    assert checked.problems[["table", "row", "column", "value", "rule", "severity"]].to_numpy().tolist() == [
        ["invoices", 0, "colour", "colour", "unknown_column", "warning"],
        ["payment", 0, "", "payment", "unknown_table", "warning"],
    ]
    assert "colour" not in checked.book["invoices"]


def test_problems_name_the_rows_of_the_users_own_file():
    rows = [{**GOOD, "source_row": 12}, {**invoice("I1", amount="x"), "source_row": 40}]
    checked = check_of(invoices=rows)
    assert checked.problems["row"].tolist() == [40]
    assert "source_row" not in checked.book["invoices"]


def test_every_rule_has_a_case_here():
    tried = {case[0] for case in [*REFUSED, *WARNED]}
    whole = {"duplicate_key", "over_allocated_payment", "over_allocated_invoice", "over_allocated_credit_note"}
    whole |= {"currency_differs", "after_extract_end", "unknown_column", "unknown_table"}
    whole |= {"changed_row", "reserved_column"}
    assert tried | whole == set(HINTS)


def test_an_attribute_cannot_take_a_name_that_the_clock_uses():
    attribute = {"customer_id": "A", "known_on": "2024-01-01", "known_day": "7", "score": "3"}
    checked = check_of(invoices=[GOOD], attributes=[attribute])
    assert checked.problems[["column", "rule"]].to_numpy().tolist() == [["known_day", "reserved_column"]]
    assert checked.book["attributes"]["known_day"].tolist() == [19723]
    assert checked.book["attributes"]["score"].tolist() == [3.0]


def test_builders_give_a_header_where_there_are_no_rows():
    assert raw_of(invoices=[])["customers"].columns.tolist()[0] == "customer_id"
    assert "amount" in frame_of("invoices", [])
