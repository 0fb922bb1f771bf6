"""Attributes in words are read as of a day, each by itself, and name the same thing in every book."""

import numpy as np
import pandas as pd

from arrisk.features.attributes import CODES, build_categories, code_words
from arrisk.frames import day_of
from tests.books import book_of, customer, invoice

BRANCH = "category_branch"


def report(customer_id="A", *, known_on="2024-01-01", **values):
    return {"customer_id": customer_id, "known_on": known_on, **values}


def ask(*reports, day="2024-06-01", ids=("A",)):
    """Give the categories of some customers as of a day."""
    book = book_of(customers=[customer("A"), customer("B")], invoices=[invoice()], attributes=reports)
    return build_categories(book, pd.DataFrame({"customer_id": list(ids), "as_of_day": day_of(day)}))


def test_the_newest_word_known_before_the_day_counts():
    reports = [report(branch="retail"), report(known_on="2024-05-01", branch="mining")]
    retail, mining = code_words(pd.Series(["retail", "mining"]))
    assert ask(*reports, day="2024-05-01")[BRANCH].tolist() == [retail]
    assert ask(*reports, day="2024-05-02")[BRANCH].tolist() == [mining]
    assert np.isnan(ask(*reports, day="2024-01-01")[BRANCH][0])


def test_of_a_customer_without_attributes_no_word_is_known():
    found = ask(report(branch="retail"), ids=("B", "A", "X"))[BRANCH]
    assert np.isnan(found).tolist() == [True, False, True]


def test_a_word_means_the_same_whatever_other_words_there_are():
    alone, among = ask(report(branch="retail")), ask(report("B", branch="aaa"), report(branch="Retail "))
    assert alone[BRANCH].tolist() == among[BRANCH].tolist()


def test_numbers_are_no_words():
    assert ask(report(score="7")).columns.empty
    codes = code_words(pd.Series(["7", "yes", "FALSE", "seven", None]))
    assert np.isnan(codes).tolist() == [True, True, True, False, True]


def test_codes_are_whole_numbers_that_trees_can_name():
    codes = code_words(pd.Series([f"word {number}" for number in range(3_000)]))
    assert ((codes >= 0) & (codes < CODES) & (codes == np.floor(codes))).all()
    assert len(np.unique(codes)) > 0.45 * CODES


def test_a_book_without_attributes_has_no_categories():
    book = book_of(customers=[customer("A")], invoices=[invoice()])
    found = build_categories(book, pd.DataFrame({"customer_id": ["A"], "as_of_day": [day_of("2024-06-01")]}))
    assert found.shape == (1, 0)
