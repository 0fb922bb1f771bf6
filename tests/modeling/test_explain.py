import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.explain import contribute_exactly, describe, list_reasons
from arrisk.modeling.rates import BaseRate


class Careless(BaseRate):
    """A model whose reasons leave something out."""

    def contribute(self, features):
        return self.margin - 0.5, pd.DataFrame(index=features.index)


@pytest.mark.parametrize("name", ["base_rate", "shrunk_rate", "logistic", "boosted_trees"])
def test_reasons_sum_to_the_margin(training, portfolio, name):
    model = training.candidates[name].model
    base, parts = contribute_exactly(model, portfolio[0])
    assert np.abs(base + parts.to_numpy().sum(axis=1) - model.predict_margin(portfolio[0])).max() < 1e-9


def test_reasons_that_do_not_tie_are_a_fault():
    with pytest.raises(ArithmeticError, match="miss the margin by 5"):
        contribute_exactly(Careless(margin=1.0), pd.DataFrame(index=[0]))


def test_all_reasons_together_are_the_margin_less_its_start(training, portfolio):
    model, features = training.candidates["logistic"].model, portfolio[0].iloc[:20]
    base, _ = contribute_exactly(model, features)
    listed = list_reasons(model, features, top=99)
    total = listed.groupby("row")["contribution"].sum()
    assert total.to_numpy() == pytest.approx(model.predict_margin(features) - base, abs=1e-9)


def test_the_strongest_reason_stands_first_and_no_more_than_asked_for(training, portfolio):
    listed = list_reasons(training.candidates["boosted_trees"].model, portfolio[0].iloc[:20], top=3)
    assert listed["rank"].max() == 3
    for _, reasons in listed.groupby("row"):
        assert reasons["rank"].tolist() == sorted(reasons["rank"])
        assert (reasons["contribution"].abs().diff().dropna() <= 0).all()


def test_a_column_and_its_gap_are_one_reason(training, portfolio):
    _, parts = contribute_exactly(training.candidates["logistic"].model, portfolio[0])
    assert parts.columns.is_unique
    assert set(parts.columns) <= {"settled_count", "late_count", "mean_days_late", "open_amount", "noise"}


def test_a_model_that_treats_everybody_alike_has_no_reasons(training, portfolio):
    listed = list_reasons(training.candidates["base_rate"].model, portfolio[0].iloc[:5])
    assert listed.empty
    assert list(listed.columns) == ["row", "rank", "feature", "value", "contribution", "text"]


def test_reasons_are_in_words_with_the_value():
    assert describe("mean_days_late", 12.4) == "pays on average 12 days after the due date"
    assert describe("mean_days_late", np.nan).startswith("nothing known yet")
