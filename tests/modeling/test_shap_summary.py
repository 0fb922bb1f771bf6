"""The summary of reasons agrees with the reasons as served, and these with the shap package."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.boosted import fit_boosted
from arrisk.modeling.explain import contribute_exactly
from arrisk.modeling.linear import fit_linear
from arrisk.modeling.shap_summary import choose_rows, describe_reasons, summarise_reasons


@pytest.fixture(scope="module")
def grouped(sample):
    """Give trees in which two columns are one reason."""
    columns = [replace(column, group="late_count") if "late" in column.name else column for column in sample.columns]
    return fit_boosted(replace(sample, columns=tuple(columns)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The set_.* function will be deprecated:PendingDeprecationWarning")
def test_grouped_values_of_the_shap_package_are_the_parts_that_are_served(grouped, sample):
    import shap  # noqa: PLC0415 - takes seconds

    features = sample.features.iloc[:300]
    explainer = shap.TreeExplainer(grouped._booster)
    # Otherwise the package asks LightGBM for its values, and that is what our model does.
    explainer.model.model_type = "internal"
    columns = features[list(grouped.columns)].to_numpy(dtype="float64")
    values = pd.DataFrame(explainer.shap_values(columns, check_additivity=False), columns=list(grouped.columns))
    base, parts = grouped.contribute(features)
    assert features["mean_days_late"].isna().any()
    assert sorted(parts.columns) == ["late_count", "noise", "open_amount", "settled_count", "terms_days"]
    expected = values.assign(late_count=values["late_count"] + values["mean_days_late"])[list(parts.columns)]
    assert np.abs(expected.to_numpy() - parts.to_numpy()).max() < 1e-6
    assert float(explainer.expected_value[0]) == pytest.approx(base, abs=1e-6)


@pytest.mark.parametrize("fit", [partial(fit_linear, past=None), fit_boosted])
def test_mean_sizes_are_those_of_the_reasons_as_served(sample, fit):
    model, features = fit(sample), sample.features.iloc[:100]
    base, parts = contribute_exactly(model, features)
    table = summarise_reasons(parts, features, base=base, margin=model.predict_margin(features))
    shown = table.set_index("reason")["mean_absolute"]
    assert shown.to_dict() == pytest.approx(parts.abs().mean().to_dict())
    assert table["share"].sum() == pytest.approx(1)
    assert table["mean_absolute"].is_monotonic_decreasing


def test_parts_that_miss_the_margin_are_a_fault():
    parts, values = pd.DataFrame({"a": [0.1, 0.2]}), pd.DataFrame({"a": [1.0, 2.0]})
    with pytest.raises(ArithmeticError, match=r"miss the margin by 1\.0e-02"):
        summarise_reasons(parts, values, base=0.0, margin=np.array([0.1, 0.21]))


def test_each_row_may_have_a_start_of_its_own():
    parts, values = pd.DataFrame({"a": [0.1, 0.2]}), pd.DataFrame({"a": [1.0, 2.0]})
    start = np.array([-1.0, -2.0])
    said = describe_reasons(parts, values, base=start, margin=start + parts["a"].to_numpy(), target="p_late_30")
    assert said["starting_value"] == -1.5
    assert (said["target"], said["rows"]) == ("p_late_30", 2)


def test_the_direction_is_that_of_the_known_values():
    parts = pd.DataFrame({"up": [-1.0, 0.0, 9.0], "down": [1.0, 0.5, -1.0], "same": [0.1, 0.2, 0.1], "remainder": 0.5})
    values = pd.DataFrame({"up": [1.0, np.nan, 2.0], "down": [1.0, 2.0, 30.0], "same": [4.0, 4.0, 4.0]})
    said = describe_reasons(parts, values, base=0.0, margin=parts.sum(axis=1).to_numpy(), target="p_late_30")
    found = {reason["reason"]: reason["direction"] for reason in said["reasons"]}
    assert found == {"up": pytest.approx(1), "down": pytest.approx(-1), "same": None, "remainder": None}


def test_no_more_rows_are_chosen_than_are_there():
    assert choose_rows(0).tolist() == []
    assert choose_rows(5).tolist() == [0, 1, 2, 3, 4]
    chosen = choose_rows(100_000)
    assert len(np.unique(chosen)) == 1_000
    assert (chosen[0], chosen[-1]) == (0, 99_999)
