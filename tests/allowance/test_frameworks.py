"""IFRS 9 beside ASC 326: the parts of the difference sum to it, bucket by bucket, to the cent."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.allowance.frameworks import PARTS, Later, compare_frameworks
from arrisk.errors import PolicyError
from arrisk.policy import Policy, load_policy
from arrisk.uses import reserve as uses
from tests.allowance.test_overlays import overlay
from tests.reserves import DAYS, POLICY, book_in, expose, expose_rows, guess, item

ROWS = [("A", "not_due", 100_000, False), ("B", "1-30", 50_000, False), ("C", ">90", 20_000, False)]
RATES = dict(zip(DAYS, (0.01, 0.04, 0.1, 0.2, 0.5), strict=True))
ASC326 = POLICY.allowance.asc326


def policy_of(*, asc326=None, **more):
    special = ASC326.model_copy(update=asc326 or {})
    return POLICY.allowance.model_copy(update={"asc326": special, **more})


def worse(estimate, factor=1.25):
    return replace(estimate, p_lost=np.minimum(estimate.p_lost * factor, 1))


def compare(exposures, policy, **more):
    plain = more.pop("plain", guess(exposures, RATES))
    more = {"weighted": worse(plain), "plain": plain, "method": "given", "assess": lambda one: one, **more}
    return compare_frameworks(exposures, policy=policy, **more)


def part(result, name):
    return result.differences[name].tolist()


def require_parts(result):
    differences = result.differences
    assert differences["ifrs9_amount"].sum() == result.ifrs9.total
    assert differences["asc326_amount"].sum() == result.asc326.total
    assert (differences["ifrs9_amount"] + differences["difference"]).equals(differences["asc326_amount"])
    assert (differences[list(PARTS)].sum(axis=1) == differences["difference"]).all()


def test_the_expedient_leaves_scenarios_out():
    result = compare(expose_rows(ROWS), policy_of())
    require_parts(result)
    assert result.differences["bucket"].tolist() == list(DAYS)
    assert result.differences["ifrs9_amount"].tolist() == [1250, 2500, 0, 0, 12500]
    assert part(result, "scenarios") == [-250, -500, 0, 0, -2500]
    assert part(result, "scenarios") == part(result, "difference")
    assert "the expedient" in result.asc326.notes[-1]


def test_without_the_expedient_both_look_ahead():
    result = compare(expose_rows(ROWS), policy_of(asc326={"expedient": False}))
    assert part(result, "difference") == [0] * 5
    assert result.asc326.notes == ()


def test_discounting_and_cover_are_parts_of_their_own():
    exposures = expose_rows(ROWS)
    plain = guess(exposures, RATES, loss_share=0.5, uncovered=1.0, loss_days=365.0)
    result = compare(exposures, policy_of(discount_rate=0.25, asc326={"cover": "gross"}), plain=plain)
    require_parts(result)
    # 100,000 x 1 % x 0.5: 400 discounted, 500 not, 1,000 without cover.
    assert [part(result, name)[0] for name in ("scenarios", "discounting", "cover")] == [-100, 100, 500]


def test_an_overlay_may_be_for_one_framework_alone():
    overlays = (overlay(factor=2.0), overlay("ahead", amount=7.5, frameworks=("ifrs9",), buckets=("not_due",)))
    result = compare(expose_rows(ROWS), policy_of(overlays=overlays))
    require_parts(result)
    assert part(result, "overlays") == [-750, 0, 0, 0, 0]
    # Of what is long overdue all is held with the overlay already.
    assert part(result, "scenarios") == [-500, -1000, 0, 0, 0]


def test_later_collections_are_taken_out_and_the_rest_is_rated_at_its_later_age():
    exposures = expose_rows(ROWS)
    later = Later(date(2025, 2, 10), np.array([90_000, 0, 0]), guess(exposures, {**RATES, "not_due": 0.04}))
    policy = policy_of(asc326={"public": False, "later_collections": True})
    result = compare(exposures, policy, later=later)
    require_parts(result)
    assert part(result, "later_collections") == [-600, 0, 0, 0, 0]
    assert result.ifrs9.rows["base_amount"].sum() == 170_000
    assert result.asc326.rows["gross_amount"].sum() == exposures.ageing.total
    assert any("until 2025-02-10" in note for note in result.asc326.notes)


def test_later_collections_that_are_not_elected_are_refused():
    exposures = expose_rows(ROWS)
    later = Later(date(2025, 2, 10), np.zeros(3, dtype="int64"), guess(exposures, RATES))
    with pytest.raises(PolicyError, match="not elected"):
        compare(exposures, policy_of(), later=later)


def test_an_election_without_a_day_is_said():
    result = compare(expose_rows(ROWS), policy_of(asc326={"public": False, "later_collections": True}))
    assert "no day was given" in result.asc326.notes[-1]


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(list(DAYS)), st.integers(1, 10**9), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    collected=st.integers(0, 1000),
    rate=st.floats(0, 0.5),
    factor=st.floats(0.1, 4.0),
)
def test_the_parts_sum_to_the_difference_whatever_is_owed(rows, collected, rate, factor):
    exposures = expose_rows(rows)
    came_in = exposures.items["base_amount"].to_numpy() * collected // 1000
    plain = guess(exposures, RATES, loss_share=0.6, uncovered=0.9, loss_days=200.0)
    more = {"discount_rate": rate, "overlays": (overlay(factor=factor, frameworks=("asc326",)),)}
    policy = policy_of(asc326={"public": False, "later_collections": True}, **more)
    require_parts(compare(exposures, policy, plain=plain, later=Later(date(2025, 2, 1), came_in, plain)))


def test_the_use_case_asks_the_method_again_for_what_is_left(monkeypatch):
    items = [item("not_due", 100, customer_id="A"), item("not_due", 80, customer_id="B")]
    book = book_in([one | {"settled_on": "2025-01-15"} if place else one for place, one in enumerate(items)])
    text = "[allowance.asc326]\npublic = false\nlater_collections = true\n"
    policy = Policy.parse(text, where="")
    monkeypatch.setitem(uses.METHODS, "given", lambda evidence: guess(evidence.exposures, RATES))
    evidence = uses.Evidence(book, expose(book), None, None, None, policy)
    result = uses.compare_in_frameworks(evidence, method="given", collections_until=date(2025, 1, 15))
    require_parts(result)
    # 80 came in; the 100 left are 15 days past due by then.
    assert (result.ifrs9.total, result.asc326.total) == (180, 400)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[allowance.asc326]\nlater_collections = true", 1, "not public"),
        ("[allowance.asc326]\npublic = false\nexpedient = false\nlater_collections = true", 1, "the expedient"),
        ("[allowance.asc326]\nexpedient = 1", 2, "valid boolean"),
        ("[allowance.asc326]\nexpedeint = true", 2, "did you mean 'expedient'"),
        ("[allowance.asc326]\ncover = 'some'", 2, "'net' or 'gross'"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, said):
    with pytest.raises(PolicyError) as caught:
        Policy.parse(text, where="mine.toml")
    assert caught.value.where == f"mine.toml, line {line}"
    assert said in str(caught.value)


def test_nothing_is_elected_that_only_some_may_elect():
    assert not load_policy().allowance.asc326.later_collections
