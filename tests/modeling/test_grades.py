"""Points and grades: golden numbers of the scaling, and the edges of the master scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.errors import PolicyError
from arrisk.modeling.grades import PointScale, assign_grades, list_grades
from arrisk.policy import Policy, load_policy

POLICY = load_policy().grades
SCALE = PointScale.of(POLICY)

# Siddiqi, Intelligent Credit Scoring, 2017: score = offset + factor x ln(odds of good to bad), factor = PDO / ln 2.


def test_siddiqi_600_at_50_to_1_doubling_every_20_has_factor_28_8539_and_offset_487_1229():
    assert SCALE.factor == pytest.approx(28.8539, abs=5e-5)
    assert SCALE.offset == pytest.approx(487.1229, abs=5e-5)


@pytest.mark.parametrize(("odds", "offset"), [(30, 501.862), (60, 481.862)])
def test_siddiqi_offsets_501_862_at_30_to_1_and_481_862_at_60_to_1(odds, offset):
    assert PointScale.through(600, odds=odds, points_to_double=20).offset == pytest.approx(offset, abs=5e-4)


def test_a_probability_of_5_per_cent_has_572_08_points_and_600_points_are_1_in_51():
    assert SCALE.score(np.array([0.05]))[0] == pytest.approx(572.08, abs=5e-3)
    assert SCALE.read_probability(np.array([600.0]))[0] == pytest.approx(1 / 51, abs=1e-12)


def test_twenty_points_more_double_the_odds():
    p = SCALE.read_probability(np.array([520.0, 540.0]))
    odds = (1 - p) / p
    assert odds[1] / odds[0] == pytest.approx(2)


@given(st.floats(1e-9, 1 - 1e-9))
def test_a_score_reads_back_as_its_probability(p):
    assert SCALE.read_probability(SCALE.score(np.array([p])))[0] == pytest.approx(p, rel=1e-9)


def test_a_grade_holds_its_upper_bound_and_not_a_hair_more():
    bounds = np.array(POLICY.p_up_to)
    assert list(assign_grades(bounds, policy=POLICY)) == list(POLICY.names)
    above = np.nextafter(bounds[:-1], 1)
    assert list(assign_grades(above, policy=POLICY)) == list(POLICY.names[1:])
    assert list(assign_grades(np.zeros(1), policy=POLICY)) == [POLICY.names[0]]


def test_grades_stand_in_order_from_the_best_to_default():
    grades = assign_grades(np.array([0.3, 0.001]), policy=POLICY)
    assert list(grades.categories) == list_grades(POLICY) == [*"12345678", "D"]
    assert grades.max() == "8"


def test_who_is_in_default_has_the_grade_of_default_and_no_probability_no_grade():
    grades = assign_grades(np.array([0.001, np.nan, np.nan]), policy=POLICY, in_default=np.array([True, False, True]))
    assert list(grades.codes) == [8, -1, 8]


@pytest.mark.parametrize(
    "text",
    [
        "names = ['A', 'B']\np_up_to = [0.5, 0.9]",
        "names = ['A', 'B']\np_up_to = [0.5, 0.5]",
        "names = ['A', 'B']\np_up_to = [0.0, 1.0]",
        "names = ['A', 'B']\np_up_to = [0.1, 0.5, 1.0]",
        "names = ['A', 'A']\np_up_to = [0.5, 1.0]",
        "names = ['A', 'D']\np_up_to = [0.5, 1.0]",
        "base_odds = 0.0",
        "points_to_double = -20.0",
    ],
)
def test_a_master_scale_with_gaps_doubles_or_no_end_is_refused(text):
    with pytest.raises(PolicyError, match="grades"):
        Policy.parse(f"[grades]\n{text}", where="mine.toml")


def test_a_scale_of_ones_own_is_read():
    text = """
    [grades]
    names = ['A', 'B']
    p_up_to = [0.05, 1.0]
    in_default = 'X'
    [limits]
    need_share = [1.0, 0.5]
    [terms]
    longest_days = [60, 30]
    deposit_share = [0.0, 0.5]
    review_days = [365, 90]
    """
    policy = Policy.parse(text, where="mine.toml")
    assert list(assign_grades(np.array([0.05, 0.06]), policy=policy.grades)) == ["A", "B"]
