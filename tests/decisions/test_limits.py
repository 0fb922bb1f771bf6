"""Recommended limits: the smallest bound, its name, cover, refusals, and that more risk never earns more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.decisions.limits import CAPS, extend_by_cover, recommend_limits
from arrisk.policy import load_policy
from tests.decisions.subjects import USUAL, subjects_of

POLICY = load_policy().limits
BOOK = 1e7


def recommend(*changes, policy=POLICY, book_amount=BOOK):
    return recommend_limits(subjects_of(*changes), policy, book_amount=book_amount)


def test_the_limit_is_the_smallest_of_need_and_capacity():
    # mydsomanager.com, question 34: need 50,000, 35 % of net worth 28,000, 5 % of turnover 35,000.
    policy = POLICY.model_copy(update={"net_worth_share": (0.35,) * 5, "turnover_share": (0.05,) * 5, "headroom": 0.0})
    found = recommend(
        {
            "net_worth_amount": 80_000.0,
            "turnover_amount": 700_000.0,
            "working_capital_amount": np.nan,
            "paid_year_amount": 0.0,
            "monthly_amount": 50_000 * 30 / 45,
        },
        policy=policy,
    ).iloc[0]
    assert found["need_amount"] == pytest.approx(50_000)
    assert found["recommended_limit"] == 28_000
    assert found["binding"] == "capacity"


def test_cover_extends_what_we_risk_ourselves_and_leaves_the_rest_as_residual():
    effective = extend_by_cover(np.array([100_000.0]), np.array([50_000 * 0.5]))
    assert effective.tolist() == [125_000.0]
    assert effective[0] - 50_000 == 75_000.0


def test_the_named_bound_is_what_the_limit_equals():
    found = recommend(
        {"p_limit": 0.6, "monthly_amount": 1e6},
        {"monthly_amount": 1e3},
        {"net_worth_amount": 0.0, "working_capital_amount": 0.0, "monthly_amount": 1e6},
    )
    for _, row in found.iterrows():
        bound = row["need_amount"] if row["binding"] == "need" else row[f"{row['binding']}_cap_amount"]
        assert row["recommended_limit"] <= bound
        assert row["recommended_limit"] > bound * 0.89


def test_a_refused_grade_and_a_default_get_zero_whatever_covers_them():
    found = recommend({"grade": "8", "cover_amount": 1e6}, {"in_default": True, "p_limit": np.nan, "grade": "D"})
    assert found["recommended_limit"].tolist() == [0.0, 0.0]
    assert found["limit_kind"].tolist() == ["zero", "zero"]
    assert found["binding"].tolist() == ["refused", "in_default"]


def test_a_customer_of_whom_nothing_is_known_gets_the_starter_limit_and_is_said_to():
    nothing = dict.fromkeys(
        ("net_worth_amount", "working_capital_amount", "turnover_amount", "paid_year_amount", "monthly_amount"), np.nan
    )
    found = recommend(nothing | {"depth": "E", "industry": None, "country": None}).iloc[0]
    assert found["recommended_limit"] == POLICY.starter_amount[4]
    assert found["binding"] == "starter"


def test_without_a_probability_of_default_no_more_than_the_starter_limit_is_given():
    found = recommend({"p_limit": np.nan, "p_default_12m": np.nan, "grade": None}).iloc[0]
    assert found["recommended_limit"] == POLICY.starter_amount[0]
    assert found["binding"] == "starter"


def test_a_grade_that_everybody_has_takes_nothing_from_the_need():
    bad = {"grade": "7", "monthly_amount": 1000.0}
    alone, alike = recommend(bad)["need_amount"].iloc[0], recommend(bad | {"is_told_apart": False}).iloc[0]
    assert alike["binding"] == "need"
    assert alike["recommended_limit"] > 0.9 * alone
    assert recommend(bad).iloc[0]["binding"] == "grade"


def test_paying_later_never_earns_a_higher_limit():
    early, late = recommend({"mean_days_late": -5.0}, {"mean_days_late": 60.0})["recommended_limit"]
    assert late <= early


amounts = st.floats(0, 1e7, allow_nan=False)
customers = st.fixed_dictionaries(
    {
        "net_worth_amount": st.floats(-1e6, 1e7) | st.just(np.nan),
        "working_capital_amount": st.floats(-1e6, 1e7) | st.just(np.nan),
        "turnover_amount": amounts | st.just(np.nan),
        "paid_year_amount": amounts,
        "depth": st.sampled_from("ABCDE"),
        "monthly_amount": st.floats(1, 1e6),
        "invoice_amount": st.floats(1, 1e5) | st.just(np.nan),
        "terms_days": st.floats(0, 120),
        "p_limit": st.floats(1e-5, 0.99),
        "lgd": st.floats(0.01, 1.0),
        "cover_amount": amounts,
        "open_amount": amounts,
        "group": st.sampled_from(["G", None]),
        "grade": st.sampled_from("1234567"),
    }
)

WORSE = {
    "net_worth_amount": lambda value, by: value - by * 1e6,
    "working_capital_amount": lambda value, by: value - by * 1e6,
    "turnover_amount": lambda value, by: value * (1 - by),
    "paid_year_amount": lambda value, by: value * (1 - by),
    "depth": lambda value, by: "ABCDE"[min("ABCDE".index(value) + 1 + int(3 * by), 4)],
    "p_limit": lambda value, by: value + (0.999 - value) * by,
    "lgd": lambda value, by: value + (1 - value) * by,
    "cover_amount": lambda value, by: value * (1 - by),
    "grade": lambda value, by: str(min(int(value) + 1 + int(3 * by), 8)),
    "in_default": lambda _value, _by: True,
    "mean_days_late": lambda value, by: value + 100 * by,
}


@pytest.mark.slow
@given(own=customers, other=customers, worse=st.sampled_from(sorted(WORSE)), by=st.floats(0, 1))
def test_worsening_any_single_risk_never_raises_the_limit(own, other, worse, by):
    before = USUAL | own
    after = before | {worse: WORSE[worse](before[worse], by)}
    first, second = (recommend(one, other)["recommended_limit"].iloc[0] for one in (before, after))
    assert second <= first


@pytest.mark.slow
@given(own=customers)
def test_the_limit_is_below_every_cap_unless_it_is_covered(own):
    found = recommend(own | {"cover_amount": 0.0}).iloc[0]
    caps = [found[f"{name}_cap_amount"] for name in CAPS]
    assert found["recommended_limit"] <= np.nanmin([found["need_amount"], *caps]) * (1 + 1e-9)
