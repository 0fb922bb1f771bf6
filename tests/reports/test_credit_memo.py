"""The credit memo: everything a committee asks for, escaped, drawn, and the same every time."""

import pytest

from arrisk.reports.credit_memo import describe_memo
from arrisk.reports.memo_charts import render_history_chart
from arrisk.reports.sheet_html import render_html
from tests.decisions.cases import snapshot_of


def render(**changes):
    trail = [["2025-03-01 09:00", "ana", "open; asks for 40,000.00 EUR"]]
    memo = describe_memo(
        snapshot_of(**changes), case={"case": "test/C-0001"}, proposal="Recommended: 20,000 & no more.", trail=trail
    )
    return render_html(memo)


@pytest.mark.parametrize(
    "said",
    [
        "Recommended: 20,000 &amp; no more.",
        "cap: capacity</td><td>90,000",
        "cap: group</td><td>–",
        "character: says character",
        "reason 1 (usual: 0)",
        "1-30",
        "asks for 40,000.00 EUR",
        "default-12m/test/1",
        "2 of 2 invoices late",
    ],
)
def test_a_memo_says(said):
    assert said in render()


def test_the_binding_cap_and_the_recommendation_stand_out():
    marked = [line for line in render().splitlines() if "class=marked" in line]
    assert len(marked) == 2
    assert "cap: expected loss" in marked[0]
    assert "recommended limit" in marked[1]


def test_a_long_note_is_broken_into_lines():
    assert "<td class=words>open; asks for 40,000.00 EUR</td>" in render()


def test_a_name_is_text_and_never_markup():
    page = render()
    assert "Alder &amp; Co &lt;Ltd&gt;" in page
    assert "<Ltd>" not in page


def test_a_memo_needs_no_network_and_is_the_same_every_time():
    page = render()
    assert page == render()
    assert page.count("<svg") == 1
    assert 'src="http' not in page


def test_a_customer_without_a_limit_or_a_payment_has_a_memo_too():
    snapshot = snapshot_of(current_limit=None, current_limit_kind=None) | {
        "payments": [],
        "exposure": [["2025-01-01", 0.0, None]],
    }
    page = render_html(describe_memo(snapshot, case={"case": "x"}, proposal="none", trail=[]))
    assert "no valid limit" in page
    assert "No invoice has fallen due yet" in page


@pytest.mark.parametrize(
    "days",
    [[], ["2024-03-05"], ["2024-03-05", "2024-03-29"], ["2024-03-31", "2024-04-01"], ["2022-07-01", "2025-12-31"]],
)
def test_the_history_is_drawn_however_short_or_long_it_is(days):
    payments = [[day, 3, 1.0, "paid"] for day in days]
    exposure = [[day, 10.0, 5.0] for day in days]
    assert b"<svg" in render_history_chart(payments, exposure, currency="EUR")
