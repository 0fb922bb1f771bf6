"""The ledger on pages: the figures of the API and of the command to the cent, and the way down to the invoice."""

import json
import re
import sys

import pytest

from arrisk.cli import main
from tests.api.kept import NAME, SMALL, kept, losing, small_kept
from tests.api.ledger import write_files
from tests.pages.visitors import enter, read_text

__all__ = ["kept", "losing", "small_kept"]

DAY = "2024-09-01"


@pytest.fixture(scope="module")
def finance(kept):
    assert kept.people["finance"]
    return enter(kept.app, "finance")


def cells_of(page, caption):
    """Read a table of a page: its rows, each a list of texts; what a term means is left out."""
    table = next(part for part in page.text.split("<table>")[1:] if f"<caption>{caption}" in part).split("</table>")[0]
    told = re.sub(r"<button.*?</button>|<span popover.*?</span>", "", table, flags=re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", told.split("<tbody>")[1], re.DOTALL)
    plain = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in plain]


def written(amount):
    return f"{float(amount):,.2f}".replace("-", "−")


def test_the_ageing_is_that_of_the_api_and_of_the_command_to_the_cent(kept, losing, finance, tmp_path, monkeypatch):
    folder, out = write_files(losing, tmp_path / "book"), tmp_path / "out.json"
    argv = ["arrisk", "aging", str(folder), "--period-end", DAY, "--json", str(out)]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit):
        main()
    said = json.loads(out.read_text())
    ageing = kept.people["finance"].get("/v1/ageing", params={"ledger": NAME, "period_end": DAY}).json()
    page = finance.get("/ageing", params={"ledger": NAME, "period_end": DAY})
    assert page.status_code == 200, read_text(page)
    *buckets, total = cells_of(page, "Open on")
    assert [row[1] for row in buckets] == [written(one["amount"]) for one in ageing["buckets"]]
    assert [row[1] for row in buckets] == [written(one["amount"]) for one in said["buckets"]]
    assert total[1] == written(ageing["total"]) == written(said["total"])
    *segments, whole = cells_of(page, "By segment")
    assert [row[2] for row in segments] == [written(one["open_amount"]) for one in ageing["segments"]]
    assert whole[2] == total[1]


def test_every_link_of_the_ageing_leads_to_rows_that_sum_to_the_figure_beside_it(small_kept):
    assert small_kept.people["finance"]
    browser = enter(small_kept.app, "finance")
    page = browser.get("/ageing", params={"period_end": "2024-09-30"})
    bucket_rows = re.findall(
        r'href="(/ageing/items\?[^"]*bucket=[^"]*)".*?<td class="number">([^<]*)</td>', page.text, re.DOTALL
    )
    assert len(bucket_rows) >= 4
    for link, amount in bucket_rows:
        items = browser.get(link.replace("&amp;", "&"))
        assert items.status_code == 200
        rows = cells_of(items, "Open invoices") if "<table>" in items.text else []
        shown = sum(round(100 * float(row[7].replace(",", "").replace("−", "-"))) for row in rows)
        assert shown == round(100 * float(amount.replace(",", "").replace("−", "-"))), link


def test_customers_behind_a_segment_are_listed_and_hostile_names_are_text(small_kept):
    assert small_kept.people["finance"]
    browser = enter(small_kept.app, "finance")
    page = browser.get("/ageing/customers", params={"period_end": "2024-09-30", "segment": "steel"})
    assert page.status_code == 200
    assert "=Alder" in read_text(page)
    wrong = browser.get(
        "/ageing/customers", params={"period_end": "2024-09-30", "segment": "<script>alert(1)</script>"}
    )
    assert wrong.status_code == 422
    assert "<script>alert" not in wrong.text


@pytest.mark.slow
def test_key_figures_and_their_past_are_those_of_the_api(kept, finance):
    api = kept.people["finance"]
    kpis = api.get("/v1/kpis", params={"ledger": NAME, "period_end": DAY}).json()
    now = finance.get("/kpis", params={"ledger": NAME, "period_end": DAY})
    assert "Show how they went" in read_text(now)
    page = finance.get("/kpis", params={"ledger": NAME, "period_end": DAY, "months": "12"})
    assert page.status_code == 200, read_text(page)
    shown = {row[0]: row[1] for row in cells_of(page, "Key figures")}
    sales = next(one for one in kpis["figures"] if one["name"] == "sales")
    dso = next(one for one in kpis["figures"] if one["name"] == "dso")
    assert shown[sales["title"]] == written(sales["amount"])
    assert shown[dso["title"]] == f"{dso['value']:,.1f}"
    months = cells_of(page, "By calendar month")
    assert len(months) == 11, "the month of the day has not ended"
    assert "<svg" in page.text


@pytest.mark.slow
def test_a_forecast_of_a_past_day_stands_beside_what_came(kept, finance):
    query = {"ledger": NAME, "as_of": "2024-08-01", "weeks": 6}
    found = kept.people["finance"].get("/v1/forecast", params=query).json()
    page = finance.get("/forecast", params=query)
    assert page.status_code == 200, read_text(page)
    rows = cells_of(page, "Receipts by week")
    assert [row[4] for row in rows] == [written(week["total"]["mean"]) for week in found["weeks"]]
    assert [row[7] for row in rows] == [
        written(week["received"]) if week["received"] else "–" for week in found["weeks"]
    ]


def test_without_a_forecast_the_page_says_why_and_keeps_the_form(kept, finance):
    page = finance.get("/forecast", params={"ledger": SMALL})
    assert page.status_code == 422
    assert "No forecast is stored yet" in read_text(page)
    assert 'name="as_of"' in page.text


def test_a_ledger_is_chosen_where_there_are_several(kept, finance):
    page = finance.get("/ageing")
    assert page.status_code == 422
    assert (
        finance.post(
            "/ledger", data={"ledger": SMALL, "next": "/ageing"}, headers={"Sec-Fetch-Site": "same-origin"}
        ).status_code
        == 200
    )
    assert "of it" in read_text(finance.get("/ageing"))


@pytest.mark.parametrize("path", ["/ageing", "/ageing/customers", "/ageing/items", "/kpis", "/forecast"])
def test_who_may_see_the_ledger(small_kept, path):
    assert small_kept.people["operator"]
    assert small_kept.people["finance"]
    assert enter(small_kept.app, "operator").get(path).status_code == 403
    assert small_kept.stranger.get(path, follow_redirects=False).status_code == 303
    assert enter(small_kept.app, "finance").get(path, params={"period_end": "x", "as_of": "x"}).status_code == 422
