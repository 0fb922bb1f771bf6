"""Days of payment, and how a silence is weighed: customers with a rhythm, against the slow second implementation."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.features import build_features
from arrisk.frames import day_of
from arrisk.policy import load_policy
from tests.books import allocation, book_of, invoice, payment
from tests.features.reference import compute_core
from tests.features.reference_habits import list_month_days, make_date

POLICY = load_policy()
RUNS = ["run_slack_days", "run_slack_30_days", "run_gap_days"]
HABITS = [*RUNS, "silence"]
START = day_of("2023-01-02")

RHYTHMS: dict[str, Callable[[int], bool]] = {
    "any business day": lambda day: make_date(day).weekday() < 5,
    "any day": lambda day: True,
    "fridays": lambda day: make_date(day).weekday() == 4,
    "the fifth": lambda day: make_date(day).weekday() < 5 and 5 in list_month_days(day),
    "month end": lambda day: 29 in list_month_days(day),
    "the 10th and the 25th": lambda day: make_date(day).weekday() < 5 and bool({10, 25} & list_month_days(day)),
}


def pay_in(rhythm: Callable[[int], bool], *, until: str = "2024-02-01", seed: int = 1):
    """Give a book of a customer that buys every five days on 30 days and pays a week early to ten days late, in runs.

    It stops paying on a day.
    """
    rng = np.random.default_rng(seed)
    invoices = []
    for number in range(90):
        issued = START + 5 * number
        wanted = issued + 30 + int(rng.integers(-7, 11))
        paid = next(day for day in range(wanted, wanted + 40) if rhythm(day))
        ends = {"settled_on": str(make_date(paid))} if paid < day_of(until) else {}
        own = {"issued_on": str(make_date(issued)), "due_on": str(make_date(issued + 30))}
        invoices.append(invoice(f"I{number:03}", **own, **ends))
    return book_of(invoices=invoices)


def ask_due(book, day: str | date, due_on: str = "2024-06-12") -> pd.Series:
    """Give the habits as of a day, and where a due day lies between the days of payment."""
    own = {"amount": 9900, "currency": "USD", "issued_day": day_of(day), "due_day": day_of(due_on)}
    question = pd.DataFrame({"customer_id": ["A"], "as_of_day": [day_of(day)]}).assign(**own)
    return build_features(book, question, policy=POLICY).iloc[0][HABITS]


@pytest.mark.parametrize("name", RHYTHMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_habits_equal_the_slow_second_implementation(name, seed):
    book = pay_in(RHYTHMS[name], seed=seed)
    days = [day_of("2023-02-20") + step for step in (0, 3, 20, 150, 320, 346, 352, 359, 367, 400, 520)]
    questions = pd.DataFrame({"customer_id": "A", "as_of_day": days, "amount": 100, "currency": "USD"})
    questions = questions.assign(issued_day=days, due_day=[day + 17 for day in days])
    built = build_features(book, questions, policy=POLICY)
    expected = pd.DataFrame([compute_core(book, row, POLICY.end) for row in questions.to_dict("records")])
    np.testing.assert_allclose(built[HABITS], expected[HABITS].astype("float64"), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "due_on", "expected"),
    [
        ("any business day", "2024-06-12", [0, 0, 1]),
        ("any business day", "2024-06-15", [1, 0, 3]),  # a Saturday
        ("any day", "2024-06-15", [0, 0, 1]),
        ("fridays", "2024-06-12", [5, 0, 7]),
        ("the fifth", "2024-06-12", [7, 7, 30]),
        ("the fifth", "2024-05-06", [0, 0, 30]),  # the Monday after
        ("month end", "2024-06-12", [12, 14, 28]),
        ("month end", "2024-06-28", [0, 30, 33]),  # a Friday, the last business day
        ("the 10th and the 25th", "2024-06-12", [2, 2, 15]),
    ],
)
def test_the_days_of_payment_are_found_from_the_ledger(name, due_on, expected):
    assert ask_due(pay_in(RHYTHMS[name]), "2024-01-31", due_on)[RUNS].tolist() == expected


def test_without_a_payment_of_a_year_nothing_is_said_of_runs():
    book = pay_in(RHYTHMS["fridays"], until="2023-06-01")
    assert ask_due(book, "2024-05-24")[RUNS].notna().all()
    assert ask_due(book, "2024-05-28")[RUNS].isna().all()
    assert ask_due(book, "2023-01-20")[RUNS].isna().all()


def listen(book, days: Sequence[str]) -> list[float]:
    """Give how the silence is weighed on some days."""
    return [float(ask_due(book, day)["silence"]) for day in days]


def test_the_silence_of_a_monthly_payer_grows_on_its_days_of_payment_alone():
    book = pay_in(RHYTHMS["the fifth"], until="2024-01-10")  # the 5th of January was its last day
    before, after, later = listen(book, ["2024-01-31", "2024-02-13", "2024-03-12"])
    assert before < 0.15
    assert after > 1 + before
    assert later > 1 + after
    paying = pay_in(RHYTHMS["the fifth"], until="2024-03-10")
    assert max(listen(paying, ["2024-01-31", "2024-02-13", "2024-03-12"])) < 0.15


def test_who_pays_on_any_day_is_missed_within_weeks():
    book = pay_in(RHYTHMS["any business day"], until="2024-01-10")
    paying = pay_in(RHYTHMS["any business day"], until="2024-04-01")
    assert listen(book, ["2024-02-20"])[0] > 5
    assert max(listen(paying, ["2024-01-20", "2024-02-10", "2024-02-20"])) < 0.5


def test_silence_says_little_of_a_customer_that_owes_nothing():
    settled = [invoice(f"I{n}", settled_on=f"2024-02-{n + 10}") for n in range(9)]
    assert listen(book_of(invoices=settled), ["2024-02-20", "2024-05-20"]) == pytest.approx(
        [np.log1p(0.0036), np.log1p(0.0036 * 91)], abs=2e-6
    )


def test_a_payment_of_yesterday_may_not_be_booked_yet():
    invoices = [invoice(f"I{n}", settled_on=f"2024-01-{n + 8:02}") for n in range(0, 22, 7)]
    due = [invoice(f"J{n}", due_on="2024-02-05") for n in range(8)]
    book = book_of(invoices=[*invoices, *due])
    # Its runs are Mondays, the last of them was 29 January; on 5 February everything falls due.
    monday, tuesday, saturday, next_week = listen(book, ["2024-02-05", "2024-02-06", "2024-02-10", "2024-02-12"])
    assert monday < tuesday < saturday < next_week
    assert next_week - monday > 5 * (tuesday - monday)


def test_a_receipt_taken_back_takes_its_day_from_the_rhythm():
    fridays = [date(2024, 1, 5) + timedelta(days=7 * n) for n in range(6)]
    rows = [invoice(f"I{n}", settled_on=str(day)) for n, day in enumerate(fridays)]
    wrong = payment(paid_on="2024-02-06", known_on="2024-02-06")
    back = payment(paid_on="2024-02-09", known_on="2024-02-20")
    book = book_of(
        invoices=[*rows, invoice("X")],
        payments=[wrong, back],
        allocations=[allocation(invoice_id="X", applied_on="2024-02-06")],
    )
    without = book_of(invoices=rows)
    # Six Fridays and one Tuesday are still Fridays; the corrected receipt lies on a Friday.
    for day in ("2024-02-12", "2024-02-25"):
        assert ask_due(book, day)["run_gap_days"] == ask_due(without, day)["run_gap_days"] == 7
    few = book_of(
        invoices=[rows[0], invoice("X")],
        payments=[wrong, back],
        allocations=[allocation(invoice_id="X", applied_on="2024-02-06")],
    )
    assert ask_due(few, "2024-02-12")["run_gap_days"] == 1
    assert ask_due(few, "2024-02-25")["run_gap_days"] == 7
