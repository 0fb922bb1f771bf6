"""Overlays: rows of their own that tie, approved by a second person, and only until their day."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.allowance.estimates import AMOUNTS
from arrisk.allowance.exposures import IN_DEFAULT
from arrisk.allowance.overlays import apply_overlays, list_overlay_rows, register_overlays, require_valid
from arrisk.errors import ArriskError, InputError, PolicyError
from arrisk.policy import Policy
from arrisk.policy.frameworks import Overlay
from tests.reserves import DAYS, END, reserve, reserve_rows

# ASC 326-20-55-37..40, Example 5.
BALANCES = dict(zip(DAYS, (5_984_698, 8_272, 2_882, 842, 1_100), strict=True))
RATES = dict(zip(DAYS, (0.003, 0.08, 0.26, 0.58, 0.82), strict=True))


def overlay(name="jobs", **more):
    usual = {"reason": "rising unemployment", "owner": "Ann", "source": "labour office", "approver": "Bob"}
    days = {"from_on": date(2024, 1, 1), "expires_on": END}
    return Overlay(name=name, **{**usual, **days, **more})


def added_by(after):
    rows = after.rows.loc[list_overlay_rows(after)]
    return dict(zip(rows["bucket"], rows["allowance"], strict=True))


def test_every_rate_times_a_factor_is_the_published_total():
    before = reserve(BALANCES, RATES)
    after = apply_overlays(before, [overlay(factor=1.10)])
    assert (before.total, after.total) == (2_075_553, 2_283_109)


def test_an_overlay_is_a_row_of_its_own_and_leaves_the_others_alone():
    before = reserve(BALANCES, RATES)
    after = apply_overlays(before, [overlay(factor=1.10), overlay("floods", amount=70.01, buckets=("1-30", ">90"))])
    assert after.rows.iloc[: len(before.rows)].equals(before.rows)
    own = after.rows.loc[list_overlay_rows(after)]
    assert set(own["segment"]) == {"overlay: jobs", "overlay: floods"}
    assert (own[["gross_amount", "base_amount"]] == 0).all(axis=None)
    assert after.rows["gross_amount"].sum() == before.exposures.ageing.total
    assert after.rows.dtypes.equals(before.rows.dtypes)
    # 661.76 and 902.00 stand in the two buckets.
    assert own.loc[own["segment"] == "overlay: floods", "allowance"].tolist() == [2963, 4038]


def test_a_factor_is_for_the_buckets_and_segments_that_it_names():
    before = reserve(BALANCES, RATES)
    assert added_by(apply_overlays(before, [overlay(factor=1.5, buckets=("61-90", "31-60"))])) == {
        "31-60": 37466,
        "61-90": 24418,
    }
    only = apply_overlays(before, [overlay(factor=0.5, segments=(IN_DEFAULT,))])
    assert added_by(only) == {">90": -45100}


def test_two_overlays_do_not_multiply():
    before = reserve({"1-30": 100}, {"1-30": 0.1})
    after = apply_overlays(before, [overlay(factor=1.5), overlay("more", factor=1.5)])
    assert after.total == 2000


def test_a_factor_never_brings_a_bucket_above_what_is_owed():
    after = apply_overlays(reserve({">90": 100}, {">90": 0.8}), [overlay(factor=3.0)])
    assert after.total == 10000


def test_an_amount_goes_by_what_the_method_gives_or_else_by_what_is_owed():
    by_owed = apply_overlays(reserve({"1-30": 100, "31-60": 300}, {"1-30": 0.0, "31-60": 0.0}), [overlay(amount=10)])
    assert added_by(by_owed) == {"1-30": 250, "31-60": 750}
    by_given = apply_overlays(reserve({"1-30": 100, "31-60": 300}, {"1-30": 0.3, "31-60": 0.1}), [overlay(amount=10)])
    assert added_by(by_given) == {"1-30": 500, "31-60": 500}


@pytest.mark.parametrize("amount", [-10.01, 90.01])
def test_an_amount_that_cannot_be_is_refused_with_the_bucket(amount):
    before = reserve({"1-30": 100}, {"1-30": 0.1})
    with pytest.raises(InputError, match=r"bucket 1-30 to (-0\.01|100\.01), of 100\.00 owed"):
        apply_overlays(before, [overlay(amount=amount)])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"expires_on": date(2024, 12, 30)}, "expired on 2024-12-30, not applied"),
        ({"approver": " "}, "has no approver, not applied"),
        (
            {"from_on": date(2025, 1, 1), "expires_on": date(2025, 2, 1)},
            "holds from 2025-01-01 on, not applied",
        ),
    ],
)
def test_what_does_not_hold_is_shown_and_not_applied(more, said):
    before = reserve({"1-30": 100}, {"1-30": 0.1})
    unused = overlay(factor=1.5, **more)
    after = apply_overlays(before, [unused])
    assert after.rows.equals(before.rows)
    assert after.notes == (f"overlay 'jobs': {said}",)
    assert register_overlays(after, [unused])[["status", "allowance"]].to_numpy().tolist() == [[said, 0]]


def test_an_overlay_for_nothing_says_so():
    after = apply_overlays(reserve({"1-30": 100}, {"1-30": 0.1}), [overlay(amount=5, segments=("mining",))])
    assert after.total == 1000
    assert "changes nothing" in after.notes[0]


def test_the_register_says_what_each_adds_and_on_whose_word():
    both = [overlay(factor=1.5), overlay("floods", amount=2.5, buckets=("1-30",))]
    register = register_overlays(apply_overlays(reserve({"1-30": 100}, {"1-30": 0.1}), both), both)
    assert register["allowance"].tolist() == [500, 250]
    assert register["approver"].tolist() == ["Bob", "Bob"]
    assert register["buckets"].tolist() == ["", "1-30"]


def test_overlays_are_applied_once():
    after = apply_overlays(reserve({"1-30": 100}, {"1-30": 0.1}), [overlay(factor=1.5)])
    with pytest.raises(ArriskError, match="already"):
        apply_overlays(after, [overlay(factor=1.5)])


def test_a_close_refuses_what_has_expired_or_was_never_approved():
    require_valid([overlay(factor=1.1), overlay("next", factor=2.0, approver="", from_on=END)], on=date(2024, 12, 30))
    with pytest.raises(PolicyError, match=r"expired on 2024-12-31, before 2025-01-01 \(allowance\.overlays, 'jobs'\)"):
        require_valid([overlay(factor=1.1)], on=date(2025, 1, 1))
    with pytest.raises(PolicyError, match="no approver"):
        require_valid([overlay(factor=1.1, approver="")], on=END)


CENTS = st.integers(0, 10**9)
EXTRAS = st.one_of(
    st.builds(lambda factor: {"factor": factor}, st.floats(0.01, 5.0)),
    st.builds(lambda cents: {"amount": cents / 100}, st.integers(0, 10**6)),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    amounts=st.lists(CENTS, min_size=5, max_size=5),
    rates=st.lists(st.floats(0, 1), min_size=5, max_size=5),
    extras=st.lists(EXTRAS, max_size=3),
    chosen=st.sets(st.sampled_from(list(DAYS))),
)
def test_rows_tie_to_the_cent_whatever_is_added(amounts, rates, extras, chosen):
    owed = [("A", bucket, cents, False) for bucket, cents in zip(DAYS, amounts, strict=True)]
    before = reserve_rows(owed, dict(zip(DAYS, rates, strict=True)))
    overlays = [overlay(str(place), buckets=tuple(chosen), **more) for place, more in enumerate(extras)]
    try:
        after = apply_overlays(before, overlays)
    except InputError:
        # An amount may be more than is owed: nothing is applied then.
        assert any("amount" in more for more in extras) or len(extras) > 1
        return
    added = after.rows.loc[list_overlay_rows(after)]
    assert after.rows["gross_amount"].sum() == before.exposures.ageing.total
    assert after.total == before.total + added["allowance"].sum()
    assert (after.rows[list(AMOUNTS)].dtypes == "int64").all()
    for place, more in enumerate(extras):
        own = added.loc[added["segment"] == f"overlay: {place}", "allowance"]
        if "amount" in more and len(own):
            assert own.sum() == round(more["amount"] * 100)


GOOD = """[[allowance.overlays]]
name = "one"
factor = 1.1
reason = "r"
owner = "Ann"
source = "s"
approver = "Bob"
from_on = 2024-01-01
expires_on = 2024-12-31
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('approver = "Bob"', 'approver = "ann "', 1, "must not be the owner"),
        ("factor = 1.1", "", 1, "one of the two"),
        ("factor = 1.1", "factor = 1.1\namount = 5.0", 1, "one of the two"),
        ("factor = 1.1", "factor = 0.0", 3, "greater than 0"),
        ("factor = 1.1", "amount = nan", 3, "finite"),
        ('reason = "r"', 'reason = ""', 4, "at least 1 character"),
        ("2024-12-31", "2023-12-31", 1, "before from_on"),
        ("2024-12-31", '"31.12.2024"', 9, "valid date"),
        ("expires_on", "expire_on", 1, "Field required"),
        ("factor = 1.1", 'factor = 1.1\nbuckets = ["1-31"]', 4, "did you mean '1-30'?"),
        ("factor = 1.1", 'factor = 1.1\nframeworks = ["hgb"]', 4, "'ifrs9' or 'asc326'"),
        ("expires_on = 2024-12-31\n", "expires_on = 2024-12-31\n" + GOOD, 11, "'one' stands there twice"),
    ],
)
def test_a_mistake_in_the_register_is_named_with_its_line(old, new, line, said):
    with pytest.raises(PolicyError, match=r"mine\.toml, line") as caught:
        Policy.parse(GOOD.replace(old, new, 1), where="mine.toml")
    assert caught.value.where == f"mine.toml, line {line}"
    assert said in str(caught.value)


def test_the_register_is_part_of_the_fingerprint():
    assert Policy.parse(GOOD, where="").hash() != Policy.parse(GOOD.replace("1.1", "1.2"), where="").hash()
