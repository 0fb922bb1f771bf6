"""The default model asked about one customer says, to the last bit, what it says of it among all."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from arrisk.features import questions_on
from arrisk.features.single.from_book import BookSource
from arrisk.features.single.gather import gather_rows
from arrisk.frames import day_of
from arrisk.labels import find_in_default
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.blend import blend
from arrisk.modeling.boosted import fit_boosted
from arrisk.modeling.calibrate import PlattCalibrator
from arrisk.modeling.candidates import Model
from arrisk.modeling.chain import Link
from arrisk.modeling.default.asking import build_default_features, train_on_customers
from arrisk.modeling.default.model import DefaultModel, DefaultTraining, fit_default_rate
from arrisk.modeling.default.reasons import explain_customers
from arrisk.modeling.default.single import CustomerScore, SingleScorer, read_default_surroundings
from arrisk.modeling.grades import assign_grades
from arrisk.modeling.linear import fit_linear
from arrisk.modeling.rows import Sample
from arrisk.modeling.scorecard import fit_scorecard
from arrisk.policy import load_policy
from arrisk.schema import Book, check
from arrisk.sim import simulate_portfolio

POLICY = load_policy()
TRAINED, DAYS = date(2025, 1, 1), (date(2025, 6, 30), date(2025, 12, 31))


@cache
def portfolio() -> Book:
    return check(simulate_portfolio(customers=90, months=36, seed=11).tables, name="x", currency="EUR").book


@cache
def training() -> DefaultTraining:
    episodes = list_defaults(portfolio(), as_of=TRAINED, policy=POLICY)
    return train_on_customers(portfolio(), episodes, as_of=TRAINED, policy=POLICY)


def blend_both(sample: Sample) -> Model:
    return blend(fit_linear(sample, past=None), fit_boosted(sample), rows=len(sample), most=0.5)


FORMS = {
    "rate": fit_default_rate,
    "regression": lambda sample: fit_linear(sample, past=None),
    "scorecard": fit_scorecard,
    "trees": fit_boosted,
    "blend": blend_both,
}


def make_model(form: str) -> DefaultModel:
    """Put one form of model in the place of both, bent by a calibrator."""
    given = training()
    fitted = {
        name: Link(FORMS[form](sample), PlattCalibrator(slope=0.8, shift=0.1)) for name, sample in given.samples.items()
    }
    model = given.model
    return DefaultModel(model.columns, model.known_before, **fitted, reference=model.reference)


def list_reasons(score: CustomerScore) -> list[tuple[object, ...]]:
    return [(one.rank, one.reason, one.feature, one.contribution, one.text) for one in score.reasons]


def assert_same_facts(known, row):
    texts = {name for name, value in row.items() if isinstance(value, str)}
    assert set(known) == set(row.index) - texts
    assert [known[name] for name in sorted(known)] == pytest.approx(row[sorted(known)].tolist(), nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_one_customer_has_the_score_and_the_reasons_that_it_has_among_all(form):
    book, model = portfolio(), make_model(form)
    source, single = BookSource(book), SingleScorer(model, POLICY)
    for day in DAYS:
        episodes = list_defaults(book, as_of=day, policy=POLICY)
        questions = questions_on(book, as_of_day=day_of(day))
        in_default = find_in_default(episodes, questions)
        features = build_default_features(book, questions, episodes, policy=POLICY)
        p = np.where(in_default, np.nan, model.predict(features))
        found = explain_customers(model, features.loc[~in_default])
        grades = assign_grades(p, policy=POLICY.grades, in_default=in_default)
        margins = pd.Series(found.margins, index=features.index[~in_default])
        around = read_default_surroundings(book, episodes, as_of_day=day_of(day), policy=POLICY)
        for row, customer_id in enumerate(questions["customer_id"]):
            rows = gather_rows(source, customer_id, around.features)
            score, known = single.score(rows, around), single.describe(rows, around)
            assert_same_facts(known, features.iloc[row])
            assert score.grade == grades[row]
            if in_default[row]:
                assert score.p_default_12m is None
                assert score.in_default.startswith("in default since")
                continue
            own = found.reasons.loc[found.reasons["row"] == row]
            told = own[["rank", "reason", "feature", "contribution", "text"]].itertuples(index=False, name=None)
            assert (score.p_default_12m, score.margin) == (p[row], margins[row])
            assert list_reasons(score) == list(told)
            assert score.starting_value + sum(one.contribution for one in score.reasons) == pytest.approx(score.margin)
        assert in_default.any()
        assert (features["invoices_count"] == 0).any()
