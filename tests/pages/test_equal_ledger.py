"""Every figure of the ledger's pages is the API's to the cent, and the command's where one gives it."""

import pytest

from tests.pages.books import DAY
from tests.pages.figures import day, money, number, share, total, words

pytestmark = pytest.mark.slow

EUR = "EUR"


def cents(value):
    """Write what a command gives as a number the way the API writes it."""
    return None if value is None else f"{value:.2f}"


@pytest.mark.parametrize("entity", ["", "north"])
def test_ageing(whole, entity):
    query = {"period_end": DAY} | ({"entity": entity} if entity else {})
    found, page = whole.ask("/ageing", **query), whole.look("/ageing", **query)
    overdue = total(one["amount"] for one in found["buckets"] if one["bucket"] != "not_due")
    part = {one["bucket"]: float(one["amount"]) / float(found["total"]) for one in found["buckets"]}
    page.tile("Open", money(found["total"], EUR), f"{found['count']} items")
    page.tile("Overdue", money(overdue, EUR), f"of it {share(float(overdue) / float(found['total']))}")
    page.tile("Receipts not applied", money(found["unapplied"], EUR))
    rows = [
        [words(b["bucket"]), money(b["amount"]), share(part[b["bucket"]]), number(b["count"])] for b in found["buckets"]
    ]
    page.match("Open on", [*rows, ["Total", money(found["total"]), "", number(found["count"])]])
    rows = [
        [
            one["segment"],
            number(one["count_customers"]),
            money(one["open_amount"]),
            *map(money, one["buckets"].values()),
        ]
        for one in found["segments"]
    ]
    count = number(sum(one["count_customers"] for one in found["segments"]))
    sums = [money(one["amount"]) for one in found["buckets"]]
    page.match("By segment", [*rows, ["Total", count, money(found["total"]), *sums]])
    page.end()


def test_ageing_is_that_of_the_command(whole):
    said, found = whole.run("aging", "--period-end", DAY), whole.ask("/ageing", period_end=DAY)
    assert (cents(said["total"]), cents(said["unapplied"])) == (found["total"], found["unapplied"])
    assert [{**one, "amount": cents(one["amount"])} for one in said["buckets"]] == found["buckets"]


def test_the_way_down_to_the_invoice(whole):
    found, page = whole.ask("/ageing/customers", period_end=DAY), whole.look("/ageing/customers", period_end=DAY)
    page.match(
        "What customers owe",
        [
            [f"{one['name']} {one['customer_id']}", one["segment"], money(one["open_amount"])]
            + [money(one["unapplied_amount"]), number(one["count"]), number(one["oldest_days_past_due"])]
            + [money(amount) for amount in one["buckets"].values()]
            for one in found["items"]
        ],
    )
    page.end()
    found, page = whole.ask("/ageing/items", period_end=DAY), whole.look("/ageing/items", period_end=DAY)
    page.match("Open invoices", [list_item(one) for one in found["items"]])
    page.end()


def list_item(one):
    amounts = [money(one[name]) for name in ("amount", "open_amount", "disputed_amount")]
    days = [day(one["issued_on"]), day(one["due_on"]), number(one["days_past_due"])]
    return [one["invoice_id"], one["customer_id"], one["entity_id"], *days, *amounts]


def write_figure(one):
    if one["amount"] is not None:
        return money(one["amount"])
    return share(one["value"]) if one["unit"] == "share" else number(one["value"], 1)


def test_key_figures(whole):
    found = whole.ask("/kpis", period_end=DAY)
    page = whole.look("/kpis", period_end=DAY)
    page.match("Key figures", [[one["title"], write_figure(one), ...] for one in found["figures"]])
    page.end()
    said = whole.run("kpis", "--period-end", DAY)
    for one in found["figures"]:
        name = one["name"] if one["name"] in said else f"{one['name']}_amount"
        assert said[name] == (one["value"] if one["amount"] is None else float(one["amount"])), one["name"]


def test_key_figures_by_month(whole):
    found = whole.ask("/kpis", period_end=DAY)
    trend = whole.ask("/kpis/trend", **{"from": "2023-10-01", "to": DAY})
    page = whole.look("/kpis", period_end=DAY, months="12")
    page.match("Key figures", [[one["title"], write_figure(one), ..., ...] for one in found["figures"]])
    months = reversed(trend["months"])
    page.match("By calendar month", [[day(one["age_on"]), *map(write_figure, one["figures"])] for one in months])
    page.end()


@pytest.mark.parametrize("query", [{}, {"as_of": "2024-08-01", "weeks": 5}])
def test_forecast(whole, query):
    found, page = whole.ask("/forecast", **query), whole.look("/forecast", **query)
    for label, name in (
        ("Open", "open_amount"),
        ("Overdue", "overdue_amount"),
        ("Later than these weeks", "later_amount"),
        ("Not expected at all", "never_amount"),
    ):
        page.tile(label, money(found[name], EUR))
    page.match(
        "Receipts by week",
        [
            [day(one["from_on"]), money(one["due_amount"]), money(one["open_book"]["mean"])]
            + [money(one["future_sales"]["mean"])]
            + [money(one["total"][name]) for name in ("mean", "p10", "p90")]
            + [money(one["received"])]
            for one in found["weeks"]
        ],
    )
    page.end()


def test_forecast_is_that_of_the_command(whole):
    said, found = whole.run("forecast", "--as-of", DAY), whole.ask("/forecast")
    for name in ("open_amount", "set_off_amount", "overdue_amount", "later_amount", "never_amount"):
        assert cents(said[name]) == found[name], name
    assert len(said["weeks"]) == len(found["weeks"])
    for row, week in zip(said["weeks"], found["weeks"], strict=True):
        for part in ("open_book", "future_sales", "total"):
            for name, amount in week[part].items():
                key = f"{part}_{name}"
                assert cents(row[key]) == amount, (week["week"], key)
