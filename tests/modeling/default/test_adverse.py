"""Adverse reasons: at most four, with both values, and none that does not hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.chain import Link
from arrisk.modeling.default import adverse as module
from arrisk.modeling.default.adverse import (
    MOST_ADVERSE,
    check_counterfactual,
    list_adverse_reasons,
    put_into_words,
)
from arrisk.modeling.default.reasons import explain_customers
from arrisk.modeling.linear import LinearModel, Term
from tests.modeling.defaults import make_observed, train_observed

USUAL = {
    "invoices_count": 20.0,
    "late_share": 0.2,
    "leverage": 0.6,
    "oldest_overdue_days": 0.0,
    "firm_age_days": 3650.0,
    "interest_cover": 4.0,
    "credit_events_count": 0.0,
    "attribute_score": 70.0,
}
WEIGHTS = dict(zip(USUAL, (0.0, 3.0, 2.0, 0.03, -0.0002, -0.1, 0.8, -0.05), strict=True))
BAD = (20.0, 0.7, 0.9, 45.0, 400.0, -1.0, 2.0, 30.0)


class Untrue(LinearModel):
    """A regression that gives the blame for late payment to the firm's age."""

    def contribute(self, features):
        base, parts = super().contribute(features)
        return base, parts.assign(late_share=0.0, firm_age_days=parts["firm_age_days"] + parts["late_share"])


@pytest.fixture(scope="module")
def trained():
    return train_observed(make_observed()).model


def make_model(trained, kind=LinearModel, **changed):
    """Give a behaviour model whose weights are known."""
    weights = {**WEIGHTS, **changed}
    terms = tuple(
        Term(name, name, "plain", -1e9, 1e9, USUAL[name], 1.0, 1.0, weight) for name, weight in weights.items()
    )
    columns = tuple(replace(trained.columns[0], name=name) for name in USUAL)
    link = Link(kind(-3.0, terms, None), UNCHANGED)
    return replace(trained, columns=columns, known_before=columns[1:], behaviour=link, reference=dict(USUAL))


def ask(*rows):
    return pd.DataFrame([dict(zip(USUAL, row, strict=True)) for row in rows], index=[f"c{n}" for n in range(len(rows))])


@pytest.mark.slow
def test_the_four_strongest_are_given_in_order_with_the_usual_value(trained):
    found = list_adverse_reasons(make_model(trained), ask(BAD))
    assert found["text"].tolist() == [
        'attribute "score": 30 (usual: 70)',
        "2 credit events (usual: 0)",
        "paid 70% of its invoices late (usual: 20%)",
        "oldest open invoice 45 days past due (usual: 0)",
    ]
    assert found["rank"].tolist() == [1, 2, 3, 4]
    assert (found["p_at_reference"] < found["p"]).all()
    assert found["contribution"].tolist() == pytest.approx([2.0, 1.6, 1.5, 1.35])


def test_who_is_as_usual_or_better_has_no_adverse_reason(trained):
    better = (20.0, 0.1, 0.5, 0.0, 5000.0, 6.0, 0.0, 90.0)
    assert list_adverse_reasons(make_model(trained), ask(tuple(USUAL.values()), better)).empty


def test_nobody_has_no_adverse_reason(trained):
    assert list_adverse_reasons(make_model(trained), ask(BAD).iloc[:0]).empty


def test_only_what_raises_the_risk_is_adverse(trained):
    row = (20.0, 0.7, 0.6, 0.0, 9000.0, 4.0, 0.0, 95.0)
    found = list_adverse_reasons(make_model(trained), ask(row))
    assert found["reason"].tolist() == ["pays later than agreed"]


def test_an_untrue_reason_is_caught_and_the_next_one_takes_its_place(trained):
    model = make_model(trained, kind=Untrue, firm_age_days=0.0002)
    claimed = explain_customers(model, ask(BAD)).reasons
    assert "age of the firm" in set(claimed.loc[claimed["contribution"] > 0, "reason"])
    checked = check_counterfactual(model, ask(BAD), claimed.loc[claimed["contribution"] > 0])
    assert checked.loc[~checked["holds"], "reason"].tolist() == ["age of the firm"]
    given = list_adverse_reasons(model, ask(BAD))
    assert "age of the firm" not in set(given["reason"])
    assert len(given) == MOST_ADVERSE
    assert given["rank"].tolist() == [1, 2, 3, 4]


def test_a_turned_direction_leaves_nothing_to_give(trained, monkeypatch):
    model = make_model(trained)
    found = explain_customers(model, ask(BAD))
    turned = replace(found, reasons=found.reasons.assign(contribution=-found.reasons["contribution"]))
    assert list_adverse_reasons(model, ask(BAD), found=turned).empty
    better = ask((20.0, 0.1, 0.5, 0.0, 5000.0, 6.0, 0.0, 90.0))
    good = explain_customers(model, better)
    flattered = replace(good, reasons=good.reasons.assign(contribution=good.reasons["contribution"].abs()))
    assert list_adverse_reasons(model, better, found=flattered).empty
    monkeypatch.setattr(module, "rank_reasons", lambda *_: flattered)
    assert put_into_words(model, better)["adverse_reasons"].isna().all()


def test_moving_a_reason_moves_all_of_its_features_and_no_other(trained):
    model = make_model(trained)
    reasons = explain_customers(model, ask(BAD)).reasons
    checked = check_counterfactual(model, ask(BAD), reasons).set_index("reason")
    for reason, feature in (("pays later than agreed", "late_share"), ('attribute "score"', "attribute_score")):
        moved = ask(BAD).assign(**{feature: USUAL[feature]})
        assert checked.loc[reason, "p_at_reference"] == pytest.approx(model.predict(moved)[0], abs=1e-12)
    assert checked["p"].tolist() == pytest.approx([model.predict(ask(BAD))[0]] * len(checked), abs=1e-12)


@pytest.mark.parametrize("rows", [(0, 1, 2), (2, 0), (1,)])
def test_a_batch_and_each_customer_alone_give_the_same_adverse_reasons(trained, rows):
    model = make_model(trained)
    mixed = ask(BAD, tuple(USUAL.values()), (0.0, *BAD[1:])).assign(altman_z1=1.0, employees=[5.0, 9.0, 1.0])
    model = replace(model, application=model.behaviour, known_before=model.columns)
    together = list_adverse_reasons(model, mixed.iloc[list(rows)])
    alone = [list_adverse_reasons(model, mixed.iloc[[row]]) for row in rows]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True), check_exact=True, check_dtype=False)


def test_missing_accounts_are_stated_as_such(trained):
    gap = Term("leverage", "leverage", "gap", 0.0, 1.0, 0.1, 1.0, 1.0, 1.2)
    model = make_model(trained)
    behaviour = model.behaviour.model
    model = replace(model, behaviour=Link(replace(behaviour, terms=(*behaviour.terms, gap)), UNCHANGED))
    row = ask(tuple(USUAL.values())).assign(leverage=np.nan, interest_cover=np.nan)
    found = list_adverse_reasons(model, row)
    assert found["text"].tolist() == ["no annual accounts known"]
    words = put_into_words(model, row)
    assert words["main_reason"].tolist() == ["no annual accounts known"]


def test_words_mark_what_lowers_the_risk(trained):
    row = (20.0, 0.7, 0.6, 0.0, 9000.0, 4.0, 0.0, 95.0)
    words = put_into_words(make_model(trained), ask(row)).iloc[0]
    assert words["reasons"].split("; ") == [
        "paid 70% of its invoices late",
        'less risk: attribute "score": 95',
        "less risk: founded 24.7 years ago",
    ]
    assert words["main_reason"] == "paid 70% of its invoices late"
    assert words["adverse_reasons"] == "paid 70% of its invoices late (usual: 20%)"
