"""Every figure of the credit analyst's and the collector's pages is the API's to the cent, and the command's."""

import math

import pandas as pd
import pytest

from tests.pages.books import DAY, PROMISED
from tests.pages.figures import NOTHING, day, money, number, share, words
from tests.pages.test_equal_ledger import cents

pytestmark = pytest.mark.slow

EUR = "EUR"
WHO = ("C01", "C03", "C06")
"""In default and on the worklist; with a case; neither."""


def match_reasons(page, score):
    first = ["all customers", "", number(score["starting_value"], 3)]
    rows = [[one["text"], one["five_c"], number(one["contribution"], 3)] for one in score["reasons"]]
    page.match("Reasons", [first, *rows, ["this customer", "", number(score["margin"], 3)]])


def match_rating(page, found):
    score = found["score"]
    page.tile("Grade", score["grade"])
    page.tile("Probability of default", share(score["p_default_12m"], 2))
    page.tile(
        "Data depth", found["depth"] if isinstance(found["depth"], str) else str(found["depth"]), found["depth_text"]
    )
    if score["reasons"]:
        match_reasons(page, score)


def write_item(one):
    days = [day(one["issued_on"]), day(one["due_on"]), number(one["days_past_due"])]
    amounts = [money(one["amount"], one["currency"]), money(one["open_amount"], one["currency"])]
    return [one["invoice_id"], one["entity_id"], *days, *amounts, money(one["disputed_amount"])]


@pytest.mark.parametrize("customer_id", WHO)
def test_a_customer(whole, customer_id):
    one, page = whole.ask(f"/customers/{customer_id}"), whole.look(f"/customers/{customer_id}")
    history = whole.ask(f"/customers/{customer_id}/history")
    stored = one["score"]
    page.tile("Open", money(one["open_amount"], EUR), f"{one['count_items']} items")
    page.tile("Recommended limit", money(stored["recommended_limit"], EUR))
    page.tile("Expected loss", money(stored["expected_loss"], EUR), f"LGD {share(stored['lgd'])}")
    if given := one["limits"]:
        page.tile(
            "Limit", money(given[0]["limit_amount"], given[0]["currency"]), f"from {day(given[0]['valid_from_on'])}"
        )
    match_rating(page, whole.ask(f"/customers/{customer_id}/five-cs", as_of=one["as_of"]))
    page.match(
        "Invoices that are due",
        [
            [
                paid["invoice_id"],
                day(paid["due_on"]),
                number(paid["days_late"]),
                money(paid["amount"], paid["currency"]),
                words(paid["ending"]),
            ]
            for paid in reversed(history["invoices"])
        ],
    )
    points = reversed(history["exposure"])
    rows = [[day(p["as_of"]), money(p["exposure_amount"]), money(p["limit_amount"])] for p in points]
    page.match("Exposure and limit", rows)
    if one["items"]:
        page.match("Open items", map(write_item, one["items"]))
    assert page.facts["employees"] == number(one["employees"])
    for name, value in one["attributes"].items():
        assert page.facts[words(name)] == (value if isinstance(value, str) else number(value)), name
    page.end()


@pytest.mark.parametrize("customer_id", WHO)
def test_what_lies_under_a_customer(whole, customer_id):
    path = f"/customers/{customer_id}"
    page, items = whole.look(f"{path}/items"), whole.ask(f"{path}/items")["items"]
    page.match("Open items", map(write_item, items))
    page.end()
    page = whole.look(f"{path}/score", as_of=DAY)
    match_rating(page, whole.ask(f"{path}/five-cs", as_of=DAY))
    page.end()
    found, page = whole.ask(f"{path}/payment-curve"), whole.look(f"{path}/payment-curve")
    page.tile("Open", money(found["open_amount"], EUR))
    page.tile("Known before", day(found["as_of"]))
    shares = zip(found["days"], found["share_paid"], strict=True)
    page.match("Expected share", [[str(days), share(paid)] for days, paid in shares])
    page.match(
        "Open invoices",
        [
            [
                one["invoice_id"],
                day(one["due_on"]),
                number(one["days_past_due"]),
                money(one["open_amount"], one["currency"]),
            ]
            + [share(one[name]) for name in ("p_late", "p_late_30", "p_late_90", "p_written_off")]
            + [day(one["expected_paid_on"]), f"{day(one['paid_on_p10'])} – {day(one['paid_on_p90'])}"]
            for one in found["invoices"]
        ],
    )
    page.end()


def match_caps(page, limits):
    names = dict.fromkeys(name for limit in limits for name in limit["caps"])
    rows = [["need", *(money(limit["need_amount"]) for limit in limits)]]
    rows += [[..., *(money(limit["caps"][name]) for limit in limits)] for name in names]
    page.match("Caps", rows)


@pytest.mark.parametrize("customer_id", WHO)
def test_a_limit(whole, customer_id):
    path = f"/customers/{customer_id}/limit"
    found, page = whole.ask(path), whole.look(path)
    limit = found["limit"]
    page.tile("Recommended", money(limit["recommended_limit"], EUR), f"bound by {words(limit['binding'])}")
    page.tile(
        "Given now", money(limit["current_limit"], EUR) if limit["current_limit"] else limit["current_limit_kind"]
    )
    page.tile("Need", money(limit["need_amount"], EUR))
    page.tile("Without cover", money(limit["own_amount"], EUR), f"cover adds {money(limit['cover_amount'], EUR)}")
    page.tile("Terms", f"{limit['recommended_terms_days']} days")
    page.tile("Deposit", share(limit["deposit_share"], 0))
    page.tile("Look again on", day(limit["review_on"]), f"valid until {day(limit['valid_to_on'])}")
    match_caps(page, [limit])
    page.end()


def test_limits_are_those_of_the_command(whole):
    said = whole.run_out("limits", "--as-of", DAY).set_index("customer_id")
    names = ("recommended_limit", "need_amount", "own_amount", "cover_amount")
    for customer_id in said.index:
        limit = whole.ask(f"/customers/{customer_id}/limit", as_of=DAY)["limit"]
        row = said.loc[customer_id]
        for name in names:
            assert limit[name] == (None if math.isnan(row[name]) else cents(row[name])), (customer_id, name)
        assert limit["recommended_terms_days"] == row["recommended_terms_days"]


def test_scores_are_those_of_the_command(whole):
    whole.run("score", "--as-of", DAY, "--out", whole.folder / "scores")
    read = pd.read_parquet
    invoices = read(whole.folder / "scores" / "invoices.parquet").set_index("invoice_id")
    customers = read(whole.folder / "scores" / "customers.parquet").set_index("customer_id")
    for customer_id in WHO:
        curve = whole.ask(f"/customers/{customer_id}/payment-curve", as_of=DAY)
        assert curve["invoices"]
        for one in curve["invoices"]:
            row = invoices.loc[one["invoice_id"]]
            for name in ("p_late", "p_late_30", "p_late_90", "p_written_off"):
                assert one[name] == pytest.approx(row[name], abs=1e-9), (one["invoice_id"], name)
            assert one["open_amount"] == cents(row["open_amount"])
        stored = whole.ask(f"/customers/{customer_id}/stored-score")
        row = customers.loc[customer_id]
        assert (stored["expected_loss"], stored["grade"]) == (cents(row["expected_loss"]), row["grade"])


def test_what_if(whole):
    page = whole.look("/customers/C03/what-if", requested_limit="5000", terms_days="60")
    headers = {"Authorization": f"Bearer {whole.browser.cookies['arrisk_session']}"}
    body = {"requested_limit": "5000", "terms_days": 60}
    found = whole.browser.post("/v1/customers/C03/what-if", json=body, headers=headers).json()
    both = [found["as_is"], found["as_if"]]
    page.match(
        "As it is, and as it would be",
        [
            ["PD", *(share(one["p_default_12m"], 2) for one in both)],
            ["Grade", *(one["grade"] for one in both)],
            ["Recommended limit", *(money(one["recommended_limit"], EUR) for one in both)],
            ["Binding cap", *(words(one["binding"]) for one in both)],
            ["Terms, days", *(str(one["recommended_terms_days"]) for one in both)],
            ["Deposit", *(share(one["deposit_share"], 0) for one in both)],
            ["Would be proposed", "", money(found["proposed_limit"], EUR)],
        ],
    )
    match_caps(page, both)
    page.end()


def test_cases(whole):
    found = whole.ask("/cases")["items"]
    page = whole.look("/cases")
    amounts = ("requested_limit", "recommended_limit", "decided_limit")
    rows = [
        [one["case_id"], one["name"], ..., day(one["as_of"]), *(money(one[n], EUR) for n in amounts), ...]
        for one in found
    ]
    page.match("Cases", rows)
    page.end()
    (one,) = found
    case, page = whole.ask(f"/cases/{one['case_id']}"), whole.look(f"/cases/{one['case_id']}")
    snapshot = case["snapshot"]
    page.tile("Asked for", money(case["requested_limit"], EUR))
    page.tile("Recommended", money(case["recommended_limit"], EUR))
    page.tile("Decided", money(case["decided_limit"], EUR))
    page.tile("Probability of default", share(snapshot["risk"]["p_default_12m"]))
    page.tile("Loss given default", share(snapshot["risk"]["lgd"]))
    reasons = snapshot["reasons"]
    rows = [[reason["text"], number(reason["contribution"], 3)] for reason in reasons["all"]]
    first, last = (number(reasons[name], 3) for name in ("starting_value", "margin"))
    page.match("Reasons", [["all customers", first], *rows, ["this customer", last]])
    paid = [[day(p[0]), number(p[1]), number(p[2], 2), words(p[3])] for p in reversed(snapshot["payments"])]
    page.match("Invoices that are due", paid)
    owed = [[day(p[0]), number(p[1], 2), number(p[2], 2)] for p in reversed(snapshot["exposure"])]
    page.match("Exposure and limit", owed)
    page.end()


def test_holds(whole):
    for query in ({"decision": "hold"}, {"decision": "ship"}, {"stage": "order", "decision": "hold"}):
        found = whole.ask("/holds", **{"stage": "ship", **query})["items"]
        page = whole.look("/holds", **query)
        if found:
            page.match("Open orders", map(write_order, found))
        page.end()
    assert whole.ask("/holds", decision="hold")["items"]
    page = whole.look("/holds/check", customer_id="C06", amount="1234.50", currency=EUR)
    headers = {"Authorization": f"Bearer {whole.browser.cookies['arrisk_session']}"}
    body = {"customer_id": "C06", "amount": "1234.50", "currency": EUR}
    order = whole.browser.post("/v1/holds/check", json=body, headers=headers).json()
    page.tile("Order", money(order["amount"], EUR))
    page.tile("Exposure with it", money(order["exposure_amount"], EUR))
    page.tile("Limit", write_limit(order))
    page.end()


def write_limit(one):
    if one["limit_kind"] == "amount":
        return money(one["limit_amount"], one["currency"])
    return {"none": "without a bound", "zero": "none is given"}.get(one["limit_kind"], "no valid one")


def write_order(one):
    amounts = [money(one[name], one["currency"]) for name in ("amount", "exposure_amount")]
    return [one["order_id"], one["customer_id"], day(one["ordered_on"]), *amounts, write_limit(one), ..., ...]


def test_the_worklist(whole):
    found, page = whole.ask("/worklist"), whole.look("/worklist")
    assert found["items"]
    page.match(
        f"{len(found['items'])} of {found['count']}",
        [
            [
                number(one["rank"]),
                ...,
                money(one["at_stake_amount"]),
                money(one["overdue_amount"]),
                number(one["oldest_days_past_due"]),
                day(one["expected_on"]),
                ...,
            ]
            for one in found["items"]
        ],
    )
    (did,) = whole.ask("/collectors/progress")["collectors"]
    counts = [number(did[name]) for name in ("count_contacts", "count_promises")]
    more = [number(did[name]) for name in ("count_disputes", "count_snoozed")]
    page.match("Work of", [[did["collector"], ..., *counts, money(did["promised_amount"]), *more]])
    page.end()
    said = whole.run_out("worklist", "--as-of", DAY).to_dict("records")
    assert {row["customer_id"] for row in said} - {one["customer_id"] for one in found["items"]} == {PROMISED}
    names = ("at_stake_amount", "overdue_amount", "due_soon_amount", "disputed_amount")
    assert [[one["customer_id"], *(one[name] for name in names)] for one in found["items"]] == [
        [row["customer_id"], *(cents(row[name]) for name in names)] for row in said if row["customer_id"] != PROMISED
    ]


def test_a_file_of_the_worklist(whole):
    file, items = whole.ask("/worklist/C01"), whole.ask("/worklist/C01/items")["items"]
    page = whole.look("/worklist/C01")
    row = file["row"]
    page.tile("At stake", money(row["at_stake_amount"], EUR))
    page.tile("Overdue", money(row["overdue_amount"]), f"oldest {number(row['oldest_days_past_due'])} days")
    page.tile("Due soon", money(row["due_soon_amount"]))
    page.tile("Disputed", money(row["disputed_amount"]))
    page.tile("Expected", day(row["expected_on"]))

    def write(one):
        band = f" {day(one['paid_on_p10'])} to {day(one['paid_on_p90'])}" if one["paid_on_p10"] else ""
        owed = money(one["open_amount"], one["currency"])
        return [
            ...,
            day(one["due_on"]),
            number(one["days_past_due"]),
            owed,
            day(one["expected_paid_on"]) + band,
            share(one["p_still_open"]),
        ]

    page.match("Open invoices", map(write, items))
    page.end()


def test_a_promise(whole):
    (one,), page = whole.ask(f"/worklist/{PROMISED}")["promises"], whole.look(f"/worklist/{PROMISED}")
    amounts = [money(one["amount"], EUR), money(one["received_amount"])]
    page.match("Promises", [[..., day(one["due_on"]), *amounts, ..., ...]])


def test_downgrades_and_home(whole):
    found = whole.ask("/downgrades")
    page = whole.look("/downgrades")
    assert found["compared_with"] is None
    page.end()
    ageing, home = whole.ask("/ageing", period_end=DAY), whole.look("/")
    assert home.facts[f"Open on {day(ageing['age_on'])}"] == money(ageing["total"], EUR)
    for one in ageing["buckets"]:
        assert home.facts[words(one["bucket"])] == money(one["amount"])
    listed = whole.ask("/worklist")["items"]
    for one in listed[:5]:
        assert home.facts[f"{one['name']} {one['next_step'] or NOTHING}"] == money(one["overdue_amount"], EUR)
    home.end()
