"""The key figures against published worked examples, and where they are undefined."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.reports import formulas
from arrisk.reports.formulas import Figure, undefined

# creditguru.com, "Average Days Delinquent": two months of a company that looks better by its DSO than it is.
GURU = [(15_000, 4_000, 10_000, 45, 12, 33), (25_000, 6_000, 15_000, 50, 12, 38)]


@pytest.mark.parametrize(("receivables", "current", "sales", "dso", "best", "delinquent"), GURU)
def test_dso_best_possible_and_delay_as_published(receivables, current, sales, dso, best, delinquent):
    figure = formulas.calculate_dso(receivables, sales, 30)
    possible = formulas.calculate_best_possible_dso(receivables, current, sales, 30)
    assert (figure.value, possible.value) == (dso, best)
    assert formulas.calculate_average_days_delinquent(figure, possible).value == delinquent


@pytest.mark.parametrize(
    ("receivables", "sales", "days", "expected"),
    [
        # support.benjipays.com, "DSO count-back method": inputs published, months of 30 days.
        (212_000, [100_000, 80_000, 70_000], [30, 30, 30], 73.7143),
        # calculator7.snowdaycalculatornow.com, DSO by exhaustion: March, February, January.
        (2_100_000, [900_000, 800_000, 700_000], [31, 28, 31], 76.7143),
    ],
)
def test_count_back_as_published(receivables, sales, days, expected):
    figure = formulas.count_back(receivables, sales, days)
    assert figure.value == pytest.approx(expected, abs=5e-5)
    assert not figure.reason


@pytest.mark.parametrize(
    ("beginning", "sales", "ending", "current", "expected"),
    [
        (100_000, 1_000_000, 120_000, 100_000, 0.98),  # gaviti.com, "Collection Effectiveness Index"
        (6_200, 3_630, 6_340, 3_590, 0.559295),  # creditguru.com: a quarter with its average monthly sales
        (6_200, 10_890, 6_340, 3_590, 0.796296),  # the same quarter with all its sales: what arrisk reports
    ],
)
def test_collection_effectiveness_as_published_in_both_conventions(beginning, sales, ending, current, expected):
    figure = formulas.calculate_collection_effectiveness(beginning, sales, ending, current)
    assert figure.value == pytest.approx(expected, abs=5e-7)


def test_days_to_pay_are_weighted_by_amount():
    days, amounts = [20, 35, 50], [1_000, 4_000, 5_000]
    assert formulas.average_by_amount(days, amounts).value == 41.0
    assert np.mean(days) == 35.0


def test_the_current_share_of_the_published_quarter():
    assert formulas.calculate_current_share(6_340, 3_590).value == pytest.approx(0.566, abs=5e-4)


def test_turnover_is_a_year_s_and_its_inverse_is_in_days():
    turnover = formulas.calculate_turnover(90_000, 40_000, 50_000, 90).value
    assert 365 / turnover == pytest.approx(45_000 / 90_000 * 90)


def test_early_payers_keep_their_sign():
    assert formulas.average_by_amount([-10, 5], [100, 100]).value == -2.5


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (formulas.calculate_dso(100, 0, 30), "no net credit sales"),
        (formulas.calculate_dso(100, -5, 30), "no net credit sales"),
        (formulas.calculate_dso(-1, 100, 30), "owed more"),
        (formulas.calculate_best_possible_dso(100, 120, 100, 30), "overdue credits"),
        (formulas.calculate_average_days_delinquent(undefined("why"), Figure(1.0)), "why"),
        (formulas.calculate_average_days_delinquent(Figure(1.0), undefined("why")), "why"),
        (formulas.count_back(-1, [10], [30]), "owed more"),
        (formulas.calculate_collection_effectiveness(0, 100, 100, 100), "nothing was collectable"),
        (formulas.calculate_collection_effectiveness(0, 100, 50, 60), "overdue credits"),
        (formulas.calculate_turnover(100, 0, 0, 90), "average receivables"),
        (formulas.calculate_current_share(0, 0), "do not exceed"),
        (formulas.calculate_current_share(10, 11), "overdue credits"),
        (formulas.calculate_current_share(10, -1), "not yet due"),
        (formulas.calculate_bad_debt_share(Figure(1.0), 0), "no net credit sales"),
        (formulas.calculate_bad_debt_share(undefined("unknown"), 100), "unknown"),
        (formulas.average_by_amount([], []), "nothing was paid"),
        (formulas.find_median_time([], [], []), "no invoice"),
        (formulas.find_median_time([0, 0, 0], [5, 9, 9], [True, False, False]), "fewer than half"),
    ],
)
def test_an_undefined_figure_is_missing_with_a_reason_and_never_zero(figure, reason):
    assert math.isnan(figure.value)
    assert not figure.is_defined
    assert reason in figure.reason


def test_count_back_beyond_the_sales_on_record_is_a_lower_bound():
    figure = formulas.count_back(300, [100, 100], [31, 30])
    assert (figure.value, figure.is_defined) == (61.0, True)
    assert "lower bound" in figure.reason


def test_count_back_steps_over_a_month_of_credit_notes():
    assert formulas.count_back(50, [-20, 100], [31, 30]).value == 31 + 15


def test_nothing_open_is_a_dso_of_zero():
    assert formulas.count_back(0, [100], [31]).value == 0
    assert formulas.calculate_dso(0, 100, 30).value == 0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10_000)), min_size=1, max_size=12))
def test_count_back_equals_the_simple_dso_when_sales_are_even(months):
    length = len(months)
    receivables = sum(months[0]) * length / 2
    even = formulas.count_back(receivables, [sum(months[0])] * length, [30] * length)
    assert even.value == pytest.approx(formulas.calculate_dso(receivables, sum(months[0]), 30).value)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_without_open_invoices_the_median_is_the_lower_sample_median(ages):
    figure = formulas.find_median_time([0] * len(ages), ages, [True] * len(ages))
    assert figure.value == sorted(ages)[(len(ages) - 1) // 2]


def test_open_invoices_raise_the_median_that_paid_ones_alone_would_give():
    ages, paid = [10, 20, 30, 40, 40, 40], [True, True, True, False, False, False]
    assert formulas.find_median_time([0] * 6, ages, paid).value == 30
    assert np.median(ages[:3]) == 20


def test_an_invoice_seen_only_from_a_later_age_is_not_at_risk_before():
    # Two under observation from the start, one paid at 10; the others join at 20 and are paid at 30.
    entered, left = [0, 0, 20, 20], [10, 30, 30, 30]
    assert formulas.find_median_time(entered, left, [True] * 4).value == 10
    assert formulas.find_median_time(entered, left, [False, True, True, True]).value == 30
