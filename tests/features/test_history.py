"""The features against a slow second implementation, against the ledger, and against themselves cut to pieces."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arrisk.features import CATALOGUE, build_context, build_features, questions_at_issue, questions_on
from arrisk.frames import date_of, day_of
from arrisk.ledger import list_open_items
from arrisk.policy import load_policy
from arrisk.schema import Book
from tests.books import allocation, book_of, credit_note, invoice, payment
from tests.features.random_books import CUSTOMERS, TODAY, Tables, check_tables, draw_tables
from tests.features.reference import CORE, compute_core

POLICY = load_policy()
SEEDS = st.integers(0, 2**32 - 1)


def one_currency(tables: Tables) -> Tables:
    """Give the same book in one currency."""
    return {
        name: [row | {"currency": "USD"} if "currency" in row and name != "rates" else row for row in rows]
        for name, rows in tables.items()
    }


def ask(days: list[int]) -> pd.DataFrame:
    """Ask about every customer on every day."""
    pairs = [(customer, day) for day in days for customer in CUSTOMERS]
    return pd.DataFrame(pairs, columns=["customer_id", "as_of_day"])


def ask_invoices(seed: int, days: list[int]) -> pd.DataFrame:
    """Ask about an invoice of every customer on every day."""
    questions = ask(days)
    rng = np.random.default_rng(seed)
    issued = questions["as_of_day"] - rng.integers(0, 40, len(questions))
    due = issued + rng.integers(0, 90, len(questions))
    own = {"amount": rng.integers(1, 10**6, len(questions)), "currency": "USD", "issued_day": issued, "due_day": due}
    return questions.assign(**own)


def some_days(seed: int, count: int) -> list[int]:
    return (np.random.default_rng(seed).integers(-100, 60, count) + day_of(TODAY)).tolist()


def assert_same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    """Every column is the same bit for bit."""
    different = [name for name in one if one[name].to_numpy().tobytes() != two[name].to_numpy().tobytes()]
    assert different == []


def assert_core_equals_the_reference(book: Book, questions: pd.DataFrame) -> pd.DataFrame:
    """Every core feature is what the slow implementation says; gives the features."""
    built = build_features(book, questions, policy=POLICY)
    asked = questions.to_dict("records")
    expected = pd.DataFrame([compute_core(book, question, POLICY.end) for question in asked])
    for name in CORE:
        np.testing.assert_allclose(built[name], expected[name].astype("float64"), rtol=2e-6, atol=2e-6, err_msg=name)
    return built


@pytest.mark.slow
@settings(max_examples=2)
@example(seed=105)
@example(seed=107)
@given(seed=SEEDS)
def test_the_core_features_equal_a_slow_second_implementation(seed):
    book = check_tables(one_currency(draw_tables(seed)))
    assert_core_equals_the_reference(book, ask_invoices(seed, some_days(seed, 4)))


def ask_on(day: date) -> pd.DataFrame:
    """Ask about an invoice of customer A on a day."""
    today = day_of(day)
    own = {"amount": 100_00, "currency": "USD", "issued_day": today, "due_day": today + 30}
    return pd.DataFrame([{"customer_id": "A", "as_of_day": today, **own}])


def test_an_invoice_that_paid_while_it_was_a_credit_note_is_not_settled_by_the_short_form():
    corrected = invoice("N1", amount="50", known_on="2024-02-15", settled_on="2024-02-20")
    book = book_of(
        invoices=[invoice("I1"), credit_note("N1", amount="50"), corrected],
        allocations=[allocation("N1", "I1", amount="40", applied_on="2024-02-01")],
    )
    built = assert_core_equals_the_reference(book, ask_on(date(2024, 3, 15))).iloc[0]
    assert (built["settled_count"], built["open_count"], built["open_amount"]) == (0, 2, 110)


def test_what_a_credit_note_paid_is_known_anew_on_the_day_it_is_corrected_into_an_invoice():
    corrected = invoice("N1", known_on="2024-02-20")
    book = book_of(
        invoices=[invoice("I1"), credit_note("N1"), corrected],
        payments=[payment("P1", paid_on="2024-02-10")],
        allocations=[allocation("N1", "I1", applied_on="2024-02-01"), allocation("P1", "I1", applied_on="2024-02-10")],
    )
    built = assert_core_equals_the_reference(book, ask_on(date(2024, 3, 15))).iloc[0]
    assert built["last_days_late"] == 10


@pytest.mark.slow
@settings(max_examples=2)
@given(SEEDS)
def test_the_open_amount_is_the_ledgers(seed):
    book = check_tables(one_currency(draw_tables(seed)))
    for day in some_days(seed, 3):
        items = list_open_items(book, as_of=date_of(day))
        owed = items[items["kind"] != "credit_note"].groupby("customer_id")["open_amount"].sum()
        notes = -items[items["kind"] == "credit_note"].groupby("customer_id")["open_amount"].sum()
        questions = ask([day])
        built = build_features(book, questions, policy=POLICY).set_index(questions["customer_id"])
        for name, ledger in (("open_amount", owed), ("open_credits_amount", notes)):
            expected = ledger.reindex(list(CUSTOMERS), fill_value=0) / 100
            assert built[name].tolist() == expected.tolist(), name


def cut_out(book: Book, customers: list[str]) -> Book:
    """Give the rows of some customers, and what holds for all."""
    invoices = book["invoices"][book["invoices"]["customer_id"].isin(customers)]
    tables = {}
    for name, frame in book.tables.items():
        if name in ("rates", "conditions"):
            continue
        column, wanted = (
            ("customer_id", customers) if "customer_id" in frame else ("invoice_id", invoices["invoice_id"])
        )
        tables[name] = frame[frame[column].isin(wanted)].reset_index(drop=True)
    # A credit note of one customer may be applied to an invoice of another, and a receipt too.
    tables["payments"], tables["allocations"] = book["payments"], book["allocations"]
    tables["invoices"] = book["invoices"]
    return book.with_tables(**tables)


@pytest.mark.slow
@settings(max_examples=2)
@given(SEEDS)
def test_a_batch_a_customer_and_any_part_of_a_book_give_the_same_bits(seed):
    book = check_tables(draw_tables(seed))
    questions = pd.concat([questions_at_issue(book), ask(some_days(seed, 3))], ignore_index=True)
    context = build_context(book, last_day=int(questions["as_of_day"].max()), policy=POLICY)
    whole = build_features(book, questions, policy=POLICY)
    rng = np.random.default_rng(seed)
    parts = [[name] for name in CUSTOMERS[:2]] + [list(rng.permutation(list(CUSTOMERS[2:]))[:3])]
    for part in parts:
        rows = np.flatnonzero(questions["customer_id"].isin(part))
        own = questions.iloc[rows].reset_index(drop=True)
        built = build_features(cut_out(book, part), own, policy=POLICY, context=context)
        assert_same(built, whole.iloc[rows].reset_index(drop=True))


@pytest.mark.slow
@settings(max_examples=2)
@given(SEEDS)
def test_the_order_of_rows_in_files_and_of_questions_changes_nothing(seed):
    tables = draw_tables(seed)
    rng = np.random.default_rng(seed)
    book = check_tables(tables)
    # The checked rows are shuffled: of two rows with one key and one day the check keeps the first.
    shuffled = book.with_tables(
        **{name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for name, frame in book.tables.items()}
    )
    questions = pd.concat([questions_at_issue(book), ask(some_days(seed, 3))], ignore_index=True)
    order = rng.permutation(len(questions))
    one = build_features(book, questions, policy=POLICY)
    two = build_features(shuffled, questions.iloc[order].reset_index(drop=True), policy=POLICY)
    assert_same(one.iloc[order].reset_index(drop=True), two)


def test_an_answer_does_not_depend_on_the_other_questions():
    book = check_tables(draw_tables(3))
    day = day_of(TODAY)
    alone = build_features(book, ask([day]), policy=POLICY)
    among = build_features(book, ask([day - 40, day, day + 30]), policy=POLICY)
    assert_same(alone, among.iloc[len(CUSTOMERS) : 2 * len(CUSTOMERS)].reset_index(drop=True))


def test_no_question_gives_an_empty_frame_with_every_column():
    book = check_tables(draw_tables(3))
    built = build_features(book, ask([]), policy=POLICY)
    assert built.empty
    assert list(built)[: len(CATALOGUE)] == list(CATALOGUE)


def test_a_customer_of_whom_nothing_is_known_has_counts_of_zero_and_no_means():
    book = check_tables(draw_tables(3))
    question = pd.DataFrame({"customer_id": ["nobody"], "as_of_day": [day_of(TODAY)]})
    built = build_features(book, question, policy=POLICY).iloc[0]
    assert built[["invoices_count", "open_amount", "late_count", "overdue_count", "write_offs_count"]].eq(0).all()
    assert (
        built[["late_share", "mean_days_late", "mean_gap_days", "limit_utilisation", "group_open_amount"]].isna().all()
    )


def test_questions_on_a_day_name_everybody_seen_by_then():
    book = check_tables(draw_tables(3))
    asked = questions_on(book, as_of_day=day_of(TODAY - timedelta(days=3)))
    assert asked["customer_id"].is_monotonic_increasing
    assert set(asked["customer_id"]) == set(CUSTOMERS)
