"""Every figure of the allowance, closes and write-offs on pages is the API's to the cent, and the command's."""

from decimal import Decimal

import pytest

from tests.pages.books import DAY, END
from tests.pages.figures import NOTHING, coverage, day, money, number, share, total, words
from tests.pages.test_equal_ledger import cents

pytestmark = pytest.mark.slow

EUR = "EUR"
METHODS = {"matrix": "provision matrix", "roll-rate": "roll rates", "model": "payment curve"}
SEGMENTS = {"in_default": "in default", "individual": "assessed on their own"}
SUMS = ("gross_amount", "base_amount", "allowance")


def by(rows, name):
    """Sum rows of an allowance by segment or bucket."""
    return {
        one: {amount: total(row[amount] for row in rows if row[name] == one) for amount in SUMS}
        | {"count": sum(row["count"] for row in rows if row[name] == one)}
        for one in dict.fromkeys(row[name] for row in rows)
    }


def name_segment(name):
    return SEGMENTS.get(name, name or "all")


def match_methods(page, found):
    methods = found["comparison"]["methods"]
    base = total(row["base_amount"] for row in found["allowances"])
    page.match(
        "Allowance by method",
        [
            [METHODS[one["method"]]]
            + [money(one[name]) for name in ("performing", "in_default", "individual", "overlays", "total")]
            + [coverage(one["total"], base), money(one["upper_total"])]
            for one in methods
        ],
    )
    sums = {one["method"]: by(one["allowances"], "bucket") for one in methods}
    first = sums[found["method"]]

    def write(row, own):
        cells = [number(row["count"]), money(row["gross_amount"]), money(row["base_amount"])]
        return cells + [cell for one in own for cell in (money(one), coverage(one, row["base_amount"]))]

    rows = [[words(name), *write(first[name], [sums[m][name]["allowance"] for m in sums])] for name in found["buckets"]]
    whole = {name: total(row[name] for row in first.values()) for name in SUMS}
    count = sum(row["count"] for row in first.values())
    page.match("By days past due", [*rows, ["Total", *write(whole | {"count": count}, [m["total"] for m in methods])]])


def match_rows(page, found):
    segments = by(found["allowances"], "segment")
    whole = {name: total(row[name] for row in segments.values()) for name in SUMS}
    whole["count"] = sum(row["count"] for row in segments.values())

    def write(name, row, allowance):
        cells = [number(row["count"]), money(row["gross_amount"]), money(row["base_amount"]), money(allowance)]
        return [name, *cells, coverage(allowance, row["base_amount"])]

    rows = [write(name_segment(name), row, row["allowance"]) for name, row in segments.items()]
    page.match("By segment", [*rows, write("Total", whole, found["total"])])
    page.match(
        "Rates and amounts",
        [
            [name_segment(one["segment"]), words(one["bucket"]), number(one["count"]), money(one["gross_amount"])]
            + [money(one["base_amount"]), share(one["rate"], 2)]
            + [money(one[name]) for name in ("allowance", "uncovered_allowance", "upper_allowance")]
            for one in found["allowances"]
        ],
    )


@pytest.mark.parametrize(
    "query", [{"method": "matrix"}, {"method": "roll-rate"}, {}, {"method": "matrix", "entity": "north"}]
)
def test_allowance(whole, query):
    query = {"period_end": END, **query}
    found = whole.ask("/allowance", compare=True, **query)
    page = whole.look("/allowance", **query)
    base = total(row["base_amount"] for row in found["allowances"])
    page.tile("Allowance", money(found["total"], EUR), f"by {METHODS[found['method']]}")
    page.tile("Open", money(found["gross_total"], EUR))
    page.tile("Coverage", coverage(found["total"], base))
    page.tile("Not above", money(found["upper_total"], EUR))
    match_methods(page, found)
    match_rows(page, found)
    if checks := found["comparison"]["cross_checks"]:
        page.match("To hold beside them", [[one["name"], money(one["total"]), one["note"]] for one in checks])
    assert bool(checks) != ("entity" in query)
    if found["rates"]:
        shown = [[NOTHING if cell in (None, "") else str(cell) for cell in one.values()] for one in found["rates"]]
        page.match("Behind the rates", shown)
    if owing := found["to_assess"]:
        amounts = [[one["customer_id"], money(one["owed_amount"]), money(one["allowance"])] for one in owing]
        page.match("In default, with more owed", amounts)
    page.end()


@pytest.mark.parametrize("query", [*({"method": name} for name in METHODS), {"method": "matrix", "entity": "north"}])
def test_allowance_is_that_of_the_command(whole, query):
    options = [word for name, value in query.items() for word in (f"--{name}", value)]
    said = whole.run("allowance", "--period-end", END, "--compare", *options)
    found = whole.ask("/allowance", period_end=END, compare=True, **query)
    for name in ("total", "upper_total", "gross_total"):
        assert cents(said[name]) == found[name], name
    names = ("gross_amount", "base_amount", "allowance", "uncovered_allowance", "upper_allowance")
    for row, one in zip(said["rows"], found["allowances"], strict=True):
        assert {name: cents(row[name]) for name in names} == {name: one[name] for name in names}
        assert (row["count"], row["rate"]) == (one["count"], one["rate"])
    for row, one in zip(said["methods"], found["comparison"]["methods"], strict=True):
        assert all(cents(row[name]) == one[name] for name in ("performing", "in_default", "total", "upper_total"))
    checks = [(one["name"], cents(one["total"])) for one in said["cross_checks"]]
    assert checks == [(one["name"], one["total"]) for one in found["comparison"]["cross_checks"]]


def test_supposed_states(whole):
    states = {"good_weight": "1", "base_weight": "2", "bad_weight": "1", "good_z": "1", "base_z": "0", "bad_z": "-2"}
    query = {"period_end": END, "method": "matrix"}
    page = whole.look("/allowance/scenarios", **query, **states)
    found = whole.ask("/allowance", **query, scenario=["good:0.25:1", "base:0.5:0", "bad:0.25:-2"])
    usual = whole.ask("/allowance", **query)
    base = total(row["base_amount"] for row in found["allowances"])
    for label, amount in (("As supposed", found["total"]), ("By the policy", usual["total"])):
        page.tile(label, money(amount, EUR), f"coverage {coverage(amount, base)}")
    page.tile("Difference", money(str(Decimal(found["total"]) - Decimal(usual["total"])), EUR))
    rows = [
        [one["scenario"], share(one["weight"]), number(one["z"], 1), money(one["allowance"])]
        for one in found["scenarios"]
    ]
    page.match("Allowance by state", [*rows, ["Booked, were it so", "", "", money(found["total"])]])
    page.end()


def test_frameworks(whole):
    query = {"period_end": END, "method": "matrix"}
    found, page = whole.ask("/allowance/frameworks", **query), whole.look("/allowance/frameworks", **query)
    page.tile("IFRS 9", money(found["ifrs9_total"], EUR))
    page.tile("ASC 326", money(found["asc326_total"], EUR))
    page.tile("Difference", money(str(Decimal(found["asc326_total"]) - Decimal(found["ifrs9_total"])), EUR))
    causes = ("scenarios", "discounting", "cover", "overlays", "later_collections")
    names = ("ifrs9_amount", "asc326_amount", "difference", *causes)
    rows = [[words(one["bucket"]), *(money(one[name]) for name in names)] for one in found["buckets"]]
    sums = [money(total(one[name] for one in found["buckets"])) for name in names]
    page.match("By days past due", [*rows, ["Total", *sums]])
    page.end()


def test_sensitivity(whole):
    query = {"period_end": END, "method": "matrix"}
    found, page = whole.ask("/allowance/sensitivity", **query), whole.look("/allowance/sensitivity", **query)

    def write(one, side):
        if one[side] is None:
            return [NOTHING, NOTHING, NOTHING]
        moved = str(Decimal(one[side]) - Decimal(found["base"]))
        return [one[f"{side}_setting"], money(one[side]), money(moved)]

    rows = [[one["assumption"], *write(one, "low"), *write(one, "high")] for one in found["assumptions"]]
    page.match("Were one assumption another", rows)
    page.end()


def test_past_closes(whole):
    found = whole.ask("/allowance/backtest", **{"from": "2023-03-01", "to": "2023-06-30"})
    page = whole.look("/allowance/past", from_on="2023-03-01", to_on="2023-06-30")
    page.match(
        "Past month ends",
        [
            [day(one["close_on"]), words(one["part"]), money(one["open_amount"])]
            + [money(one["expected"][name]) for name in found["methods"]]
            + [money(one["lost_amount"]), money(one["still_open_amount"])]
            for one in found["closes"]
        ],
    )
    page.match(
        "Lost over set aside",
        [
            [words(one["part"]), words(one["bucket"]), money(one["open_amount"]), money(one["lost_amount"])]
            + [number(one["hits"][name], 2) for name in found["methods"]]
            for one in found["buckets"]
        ],
    )
    if found["errors"]:
        names = ("error", "other_error", "gain", "low", "high")
        rows = [
            [METHODS[one["method"]], METHODS[one["other"]], *(share(one[n]) for n in names)] for one in found["errors"]
        ]
        page.match("How far the methods were off", rows)
    page.end()


def test_closes(whole):
    found = whole.ask("/closes", sort="newest")
    page = whole.look("/closes")
    rows = [
        [day(one["period_end"]), one["entity"], ..., ..., ..., money(one["total"], EUR), ..., ..., ...]
        for one in found["items"]
    ]
    page.match("Closes", rows)
    page.end()
    assert len(rows) == 1
    assert whole.look("/").facts[f"{day(END)}, north"].startswith(f"draft {money(found['items'][0]['total'], EUR)}")


def sign(amounts, *taken):
    """Write the lines of a movement: what is taken off is negative."""
    lines = {
        name: str(-Decimal(amount)) if name in taken and Decimal(amount) else amount for name, amount in amounts.items()
    }
    return [[words(name), money(amount), ...] for name, amount in lines.items()]


def test_a_close(whole):
    close, journal = (whole.ask(f"/closes/{END}{more}", entity="north") for more in ("", "/journal"))
    page = whole.look(f"/closes/{END}", entity="north")
    page.tile("Allowance", money(close["total"], EUR))
    page.tile("Receivables", money(close["receivables"]["closing"], EUR))
    page.tile("Net receivables", money(close["net_receivables"], EUR))
    page.tile("Expense of the period", money(close["movement"]["charge"], EUR))
    page.match("Movement of the allowance", sign(close["movement"], "write_offs"))
    taken = ("receipts", "credit_notes", "write_offs", "other_write_offs")
    page.match("Movement of the receivables", sign(close["receivables"], *taken))
    lines = [
        [one["entry_id"], one["account"], words(one["role"]), money(one["debit"]), money(one["credit"]), one["text"]]
        for one in journal["lines"]
    ]
    sums = [money(total(one[side] for one in journal["lines"])) for side in ("debit", "credit")]
    page.match("Journal entries", [*lines, ["Total", *sums, ""]])
    rows = [
        [
            name_segment(one["segment"]),
            words(one["bucket"]),
            number(one["count"]),
            money(one["gross_amount"]),
            money(one["base_amount"]),
            share(one["rate"], 2),
            money(one["allowance"]),
        ]
        for one in close["rows"]
    ]
    gross, base, allowance = (money(total(one[name] for one in close["rows"])) for name in SUMS)
    count = number(sum(one["count"] for one in close["rows"]))
    page.match("Rows of the allowance", [*rows, ["Total", count, gross, base, "", allowance]])
    page.end()


def test_a_close_is_that_of_the_command(whole):
    close = whole.ask(f"/closes/{END}", entity="north")
    said = whole.run(
        "close", "--period-end", END, "--entity", "north", "--method", "matrix", "--opening", "12.34", "--by", "tests"
    )
    for part in ("movement", "receivables"):
        assert {name: cents(said[part][name]) for name in close[part]} == close[part]


def test_write_offs(whole):
    found, page = (
        ask(path, period_end=DAY) for ask, path in ((whole.ask, "/write-offs/candidates"), (whole.look, "/write-offs"))
    )
    page.match(
        "Open invoices that ought",
        [
            [
                one["invoice_id"],
                f"{one['customer_id']} {one['entity_id']}",
                ...,
                one["evidence"],
                number(one["days_past_due"]),
                f"{money(one['open_amount'], one['currency'])}{in_book(one)} tax {money(one['tax_amount'])}",
                money(one["expected_recovery_amount"]),
                ...,
            ]
            for one in found["items"]
        ],
    )
    page.end()
    page = whole.look("/write-offs", show="bookings", period_end=DAY)
    bookings = whole.ask("/write-offs/bookings", period_end=DAY)["items"]
    assert len(bookings) == 1
    rows = [
        [
            one["invoice_id"],
            day(one["written_off_on"]),
            money(one["amount"]),
            money(one["tax_amount"]),
            one["entity_id"],
            words(one["reason"]),
        ]
        for one in bookings
    ]
    page.match("Approved, and not booked", rows)
    page.end()
    for show, caption, more in (
        ("proposed", "Waiting for approval", {"state": "proposed"}),
        ("all", "All that was", {}),
    ):
        items = whole.ask("/write-offs", period_end=DAY, **more)["items"]
        assert items
        page = whole.look("/write-offs", show=show, period_end=DAY)
        amounts = [[money(one["amount"], one["currency"]) + in_book(one), money(one["open_amount"])] for one in items]
        page.match(
            caption,
            [[one["invoice_id"], ..., ..., ..., *own, ..., ...] for one, own in zip(items, amounts, strict=True)],
        )
        page.end()


def in_book(one):
    return "" if one["currency"] == EUR else f" {money(one['book_amount'], EUR)}"
