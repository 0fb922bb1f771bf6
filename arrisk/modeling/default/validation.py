"""The validation of a default model: how it ranks, whether its levels hold, what moved, and what moves its scores.

Ranking and log loss are measured on all questions, with intervals over customers. The tests of levels take rows as
independent, which overlapping years of one customer are not: they are held on the first question about each customer.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy

from arrisk.modeling.bootstrap import bootstrap_mean
from arrisk.modeling.chain import Link
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.default.backtest import DefaultBacktest
from arrisk.modeling.default.low_default import UNIFORM, bound_rates, estimate_posterior, shrink_to_pool
from arrisk.modeling.default.metrics import (
    check_grades,
    check_hosmer_lemeshow,
    check_jeffreys,
    compare_values,
    compute_ks,
    count_groups,
    measure_default,
    migrate_grades,
    number_deciles,
)
from arrisk.modeling.default.model import MODELS, Observed
from arrisk.modeling.default.segments import measure_segments
from arrisk.modeling.default.tested import Tested, list_tested
from arrisk.modeling.evaluate import to_plain
from arrisk.modeling.explain import contribute_exactly
from arrisk.modeling.grades import assign_grades, list_grades
from arrisk.modeling.logistic import to_margin
from arrisk.modeling.metrics import check_calibration, compute_auc, measure
from arrisk.modeling.rows import Floats, Sample, read_column
from arrisk.modeling.scorecard import ScorecardModel
from arrisk.modeling.shap_summary import choose_rows, describe_reasons
from arrisk.policy import Policy

SHIFTS_SHOWN = 10
"""So many features are listed, those that moved most."""

TARGET = "p_default_12m"

_MEASURES = ("ks", "brier", "log_loss", "calibration_slope", "calibration_intercept")


@dataclass(frozen=True)
class ModelValidation:
    """How one of the two models did.

    Parameters
    ----------
    name, champion : which model, and which candidate it is.
    rows, customers, defaults : questions whose year is over; customers among them, and those who came into default
        within a year of the first question about them.
    figures : as given by ``measure_default``, over all questions; empty without any.
    models : one row per candidate and baseline: model, is_baseline, gini, ks, brier, log_loss, calibration_slope,
        calibration_intercept, and the champion's gain in log loss over it with low and high.
    tests : of each customer once: Spiegelhalter's and Hosmer and Lemeshow's, plain data.
    grades : of each customer once: one row per grade with customers: group, count, defaults, default_rate, p_default,
        jeffreys, binomial, posterior_mean, upper_bound.
    deciles : of each customer once: one row per tenth of the predictions, as given by ``count_groups``.
    score_shift : stability index of the predictions, training against test.
    feature_shifts : one row per feature that the champion's kind may read, the most moved first: feature, psi.
    segments : as given by ``measure_segments``.
    unseen : ``gini`` and ``log_loss`` of the model, and of its kind fitted on other customers alone, on the same rows.
    card : rank correlation of the scorecard with the champion; None without a card.
    card_grades : customers by grade of the card (rows) and of the champion (columns).
    reasons : as given by ``describe_reasons``, with the parts and the values of the explained rows.
    """

    name: str
    champion: str
    rows: int
    customers: int
    defaults: int
    figures: Mapping[str, Any]
    models: pd.DataFrame
    tests: Mapping[str, Any]
    grades: pd.DataFrame
    deciles: pd.DataFrame
    score_shift: float
    feature_shifts: pd.DataFrame
    segments: pd.DataFrame
    unseen: Mapping[str, Any]
    card: float | None
    card_grades: pd.DataFrame
    reasons: Mapping[str, Any]
    parts: pd.DataFrame = field(repr=False)
    values: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Validation:
    """The validation of both models.

    Parameters
    ----------
    models : by name.
    tested : by name, the questions whose year is over.
    migration : as given by ``migrate_grades``, from the cutoff to a year later; D = came into default within the year.
        Empty when the extract ends before.
    """

    models: Mapping[str, ModelValidation]
    tested: Mapping[str, Tested] = field(repr=False)
    migration: pd.DataFrame


def validate_default(
    backtest: DefaultBacktest, *, year_later: Observed | None, customers: pd.DataFrame, policy: Policy
) -> Validation:
    """Validate both models of a backtest.

    Parameters
    ----------
    backtest : fitted before the cutoff, predicted from it on.
    year_later : as given by ``observe_year_later``.
    customers : one row per customer: customer_id, industry, country.
    policy : gives the grades, and the confidence of bounds.
    """
    asked = {name: list_tested(backtest, name) for name in MODELS}
    models = {name: _validate_model(backtest, own, customers, policy) for name, own in asked.items()}
    judged = {name: own.take(own.is_over) for name, own in asked.items()}
    return Validation(models, judged, _migrate(backtest, year_later, policy))


def describe_validation(validation: Validation) -> dict[str, Any]:
    """Give a validation as plain data, without the rows behind it."""
    models = {name: _describe_model(own) for name, own in validation.models.items()}
    migration = validation.migration.rename_axis("from").reset_index().to_dict("records")
    return dict(to_plain({"models": models, "migration": migration}))


def explain_link(link: Link, features: pd.DataFrame) -> tuple[Floats, pd.DataFrame, Floats]:
    """Split the logit of each probability of a calibrated model into a start and parts; they sum to it.

    Returns
    -------
    array of shape (n,), DataFrame, array of shape (n,)
        Starting values, one column of parts per reason, and the logits.
    """
    base, parts = contribute_exactly(link.model, features)
    raw = parts.to_numpy(dtype="float64").sum(axis=1)
    start = np.full(len(raw), float(to_margin(link.calibrator.calibrate(np.array([base])))[0]))
    margin = to_margin(link.predict(features))
    # Calibration bends the margin: every part is stretched alike.
    stretch = np.where(raw != 0, (margin - start) / np.where(raw == 0, 1.0, raw), 0.0)
    return start, parts * stretch[:, None], margin


def _validate_model(
    backtest: DefaultBacktest, asked: Tested, customers: pd.DataFrame, policy: Policy
) -> ModelValidation:
    tested, sample = asked.take(asked.is_over), backtest.training.samples[asked.name]
    link = backtest.rivals[asked.name][asked.champion]
    # What moved, and what moves scores, does not need outcomes.
    shown = tested if len(tested) else asked
    reasons, parts, values = _sum_up_reasons(link, shown)
    first = tested.take(tested.is_first)
    deciles = count_groups(first.target, first.p, group=number_deciles(first.p))
    card, card_grades = _compare_card(shown.take(shown.is_first), policy)
    return ModelValidation(
        name=asked.name,
        champion=asked.champion,
        rows=len(tested),
        customers=len(first),
        defaults=int(first.target.sum()),
        figures=measure_default(tested.target, tested.p, tested.customer) if len(tested) else {},
        models=_compare_models(tested),
        tests=_test_levels(first, deciles),
        grades=_check_grades(first, policy),
        deciles=deciles,
        score_shift=compare_values(link.predict(sample.features), shown.p).psi,
        feature_shifts=_list_shifts(sample, shown),
        segments=measure_segments(tested, customers),
        unseen=_compare_unseen(tested),
        card=card,
        card_grades=card_grades,
        reasons=reasons,
        parts=parts,
        values=values,
    )


def _compare_models(tested: Tested) -> pd.DataFrame:
    """Measure the champion, its rivals and the baselines on the same questions."""
    rows: list[dict[str, Any]] = []
    if not len(tested):
        return pd.DataFrame(columns=["model", "is_baseline", "gini", *_MEASURES, "gain", "gain_low", "gain_high"])
    customer = tested.customer
    own = compute_log_loss(tested.target, tested.p)
    for is_baseline, models in ((False, tested.candidates), (True, tested.baselines)):
        for name, p in models.items():
            figures = measure(tested.target, p) | {"ks": compute_ks(tested.target, p)}
            gain = bootstrap_mean(compute_log_loss(tested.target, p) - own, customer)
            rows.append(
                {
                    "model": name,
                    "is_baseline": is_baseline,
                    "gini": 2 * figures["auc"] - 1,
                    **{key: figures[key] for key in _MEASURES},
                    "gain": gain.value,
                    "gain_low": gain.low,
                    "gain_high": gain.high,
                }
            )
    return pd.DataFrame(rows)


def _test_levels(first: Tested, deciles: pd.DataFrame) -> dict[str, Any]:
    """Test whether as many defaulted as predicted, each customer once; empty without any."""
    if not len(first):
        return {}
    count, defaults = np.array([float(len(first))]), np.array([first.target.sum()])
    spiegelhalter = check_calibration(first.target, first.p)
    return {
        "p_default": float(first.p.mean()),
        "default_rate": float(first.target.mean()),
        "posterior_mean": float(estimate_posterior(defaults, count)[0]),
        "jeffreys": float(check_jeffreys(defaults, count, p=np.array([first.p.mean()]))[0]),
        "spiegelhalter": asdict(spiegelhalter),
        "hosmer_lemeshow": asdict(check_hosmer_lemeshow(deciles, degrees_lost=0)) | {"groups": len(deciles)},
    }


def _check_grades(first: Tested, policy: Policy) -> pd.DataFrame:
    grades = check_grades(first.target, first.p, grade=assign_grades(first.p, policy=policy.grades))
    defaults, count = (grades[name].to_numpy(dtype="float64") for name in ("defaults", "count"))
    bound = bound_rates(defaults, count, confidence=policy.validation.bound_confidence)
    pool = float(estimate_posterior(defaults.sum(keepdims=True), count.sum(keepdims=True))[0])
    # A uniform prior for each grade would overstate their sum: it is worth as much, about the rate of all.
    mean = shrink_to_pool(defaults, count, pool_rate=pool, strength=UNIFORM)
    return grades.assign(posterior_mean=mean, upper_bound=bound)


def _list_shifts(sample: Sample, shown: Tested) -> pd.DataFrame:
    """List how far each feature moved; those that move with the calendar are not read by the models."""
    read = [column.name for column in sample.columns if not column.is_of_the_times]
    shifts = {
        name: compare_values(read_column(sample.features, name), read_column(shown.features, name)).psi for name in read
    }
    table = pd.DataFrame({"feature": list(shifts), "psi": list(shifts.values())})
    return table.sort_values(["psi", "feature"], ascending=[False, True], ignore_index=True)


def _compare_unseen(tested: Tested) -> dict[str, Any]:
    """Compare the model with its kind fitted on other customers, each question once; empty where none was fitted."""
    known = ~np.isnan(tested.unseen)
    if not known.any():
        return {}
    target = tested.target[known]
    return {
        "rows": int(known.sum()),
        "customers": len(tested.customer_id[known].unique()),
        **{
            key: {"gini": 2 * compute_auc(target, p) - 1, "log_loss": float(compute_log_loss(target, p).mean())}
            for key, p in (("model", tested.p[known]), ("fitted_on_others", tested.unseen[known]))
        },
    }


def _compare_card(first: Tested, policy: Policy) -> tuple[float | None, pd.DataFrame]:
    """Compare the scorecard with the champion, customer by customer."""
    card = first.candidates.get(ScorecardModel.kind)
    if card is None or not len(first):
        return None, pd.DataFrame()
    own, other = (pd.Series(assign_grades(p, policy=policy.grades)).astype("object") for p in (card, first.p))
    counts = pd.crosstab(own, other)
    names = list(policy.grades.names)
    is_flat = min(np.ptp(card), np.ptp(first.p)) == 0
    correlation = np.nan if is_flat else float(scipy.stats.spearmanr(card, first.p).statistic)
    return correlation, counts.reindex(index=names, columns=names, fill_value=0)


def _sum_up_reasons(link: Link, shown: Tested) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    rows = choose_rows(len(shown))
    features = shown.features.iloc[rows].reset_index(drop=True)
    start, parts, margin = explain_link(link, features)
    return describe_reasons(parts, features, base=start, margin=margin, target=TARGET), parts, features


def _migrate(backtest: DefaultBacktest, year_later: Observed | None, policy: Policy) -> pd.DataFrame:
    """Count customers by grade as of the cutoff and a year later."""
    if year_later is None:
        return pd.DataFrame()
    observed, model = backtest.observed, backtest.training.model
    first = observed.asked_day == backtest.training.as_of_day
    before = _grade(observed.customer_id[first], backtest.p[first], np.zeros(int(first.sum()), dtype=bool), policy)
    p = model.predict(year_later.features)
    after = _grade(year_later.customer_id, p, np.zeros(len(p), dtype=bool), policy)
    defaulted = observed.customer_id[first & (observed.defaulted == 1)]
    gone = _grade(defaulted, np.full(len(defaulted), 1.0), np.ones(len(defaulted), dtype=bool), policy)
    after = pd.concat([after[~after.index.isin(gone.index)], gone])
    return migrate_grades(before, after.astype(before.dtype)).reindex(index=list_grades(policy.grades)[:-1])


def _grade(customer_id: pd.Series, p: Floats, in_default: np.ndarray, policy: Policy) -> pd.Series:
    grades = assign_grades(p, policy=policy.grades, in_default=in_default)
    return pd.Series(grades, index=pd.Index(customer_id.to_numpy(dtype="str")))


def _describe_model(own: ModelValidation) -> dict[str, Any]:
    figures = {
        name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        for name, value in own.figures.items()
    }
    card_grades = own.card_grades.rename_axis("card").reset_index().to_dict("records") if len(own.card_grades) else []
    return {
        "champion": own.champion,
        "rows": own.rows,
        "customers": own.customers,
        "defaults": own.defaults,
        "figures": figures,
        "tests": dict(own.tests),
        "score_psi": own.score_shift,
        "feature_psi": own.feature_shifts.head(SHIFTS_SHOWN).to_dict("records"),
        "unseen_customers": dict(own.unseen),
        "card_rank_correlation": own.card,
        "card_grades": card_grades,
        "reasons": dict(own.reasons),
        **{name: getattr(own, name).to_dict("records") for name in ("models", "grades", "deciles", "segments")},
    }
