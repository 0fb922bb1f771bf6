"""The use cases of the credit analyst: review every customer's limit and terms as of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from arrisk.decisions.limits import CAPS, WORDS, recommend_limits
from arrisk.decisions.risks import find_uplift
from arrisk.decisions.subjects import describe_subjects
from arrisk.decisions.terms import recommend_terms
from arrisk.features import questions_on
from arrisk.frames import day_of
from arrisk.labels import find_in_default
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.asking import build_default_features
from arrisk.modeling.default.model import DefaultModel
from arrisk.modeling.grades import assign_grades
from arrisk.modeling.lgd.cases import COVERED
from arrisk.modeling.lgd.losses import Losses
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses.rating import find_default_model

_SHOWN = (
    *("customer_id", "name", "currency", "current_limit", "current_limit_kind", "recommended_limit", "limit_kind"),
    *("binding", "reasons", "p_default_12m", "grade", "lgd", "depth", "recommended_terms_days", "deposit_share"),
    *("discount_share", "discount_worth_share", "discount_cost_share", "valid_from_on", "valid_to_on", "review_on"),
    *("need_amount", "need_source", *(f"{name}_cap_amount" for name in CAPS), "own_amount", "cover_amount"),
    *("open_amount", "orders_amount", "available_amount", "source"),
)

_AS_THEY_ARE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class LimitReview:
    """Recommended limits as of a day.

    Parameters
    ----------
    limits : one row per customer known by then, amounts in book currency.
    book_amount : all that we are owed, on which shares of the book rest.
    model_note : which default model was used, and why.
    features : what was known of each customer, in the order of ``limits``.
    model : the default model; None = there is none.
    """

    limits: pd.DataFrame
    book_amount: float
    model_note: str
    features: pd.DataFrame
    model: DefaultModel | None


def review_limits(
    book: Book,
    *,
    as_of: date,
    home: Path,
    policy: Policy,
    model_name: str | None = None,
    terms_days: Mapping[str, float] = _AS_THEY_ARE,
    tell: Tell = silent,
) -> LimitReview:
    """Recommend a limit and terms for every customer known before a day.

    Parameters
    ----------
    book : a checked book.
    as_of : what was known before the start of this day counts.
    home : the state folder with the registered models.
    policy : what bounds limits.
    model_name : as for ``find_default_model``.
    terms_days : of a customer, the days on which it is supposed to be sold to, instead of those of its invoices.

    Raises
    ------
    CurrencyError
        When an amount is in a currency without a rate.
    ModelError
        When the named model is not there or was trained later, or the one used is unreadable, or learnt under another
        policy.
    """
    tell("Replaying defaults")
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    used = find_default_model(book, episodes, as_of=as_of, home=home, policy=policy, model_name=model_name, tell=tell)
    tell("Describing customers")
    questions = questions_on(book, as_of_day=day_of(as_of))
    features = build_default_features(book, questions, episodes, policy=policy)
    risks = assess_risks(features, questions, used.model, used.losses, episodes=episodes, policy=policy)
    subjects = describe_subjects(book, questions, features, risks, policy=policy)
    subjects = subjects.assign(
        mean_days_late=features["mean_days_late"].to_numpy(),
        terms_days=subjects["customer_id"].map(terms_days).astype("float64").fillna(subjects["terms_days"]),
    )
    tell("Setting limits")
    owed = float(np.maximum(subjects["open_amount"], 0.0).sum())
    limits = recommend_limits(subjects, policy.limits, book_amount=owed)
    found = pd.concat(
        [subjects.drop(columns="cover_amount"), limits, recommend_terms(subjects, limits, policy)], axis=1
    )
    dated = _date_limits(found, as_of=as_of, policy=policy)
    source = f"policy {policy.hash()}; {used.note}"
    found = pd.concat([found, dated], axis=1).assign(
        currency=book.currency,
        reasons=_state_reasons(found),
        available_amount=found["recommended_limit"] - found["open_amount"] - found["orders_amount"],
        source=source,
    )
    return LimitReview(found[list(_SHOWN)], owed, used.note, features.reset_index(drop=True), used.model)


def assess_risks(
    features: pd.DataFrame,
    questions: pd.DataFrame,
    model: DefaultModel | None,
    losses: Losses,
    *,
    episodes: pd.DataFrame,
    policy: Policy,
) -> pd.DataFrame:
    """Assess what each customer's failure would mean: p_default_12m, p_limit, lgd, grade, in_default and others.

    ``p_limit`` is the model's probability, raised as far as the defaults seen are too few to be sure of it, and while
    there is no model policy's assumed rate; ``lgd`` is that of what nobody covers; ``grade_rank`` counts grades from
    the best, -1 = none; ``is_told_apart`` says whether the model tells this customer from others at all.
    """
    in_default = find_in_default(episodes, questions)
    p = np.full(len(questions), np.nan) if model is None else np.where(in_default, np.nan, model.predict(features))
    uplift = find_uplift(
        episodes,
        days_known=features["days_since_first_invoice"].to_numpy(dtype="float64"),
        as_of_day=int(questions["as_of_day"].max()) if len(questions) else 0,
        confidence=policy.limits.confidence,
    )
    grades = assign_grades(p, policy=policy.grades, in_default=in_default)
    assumed = np.where(in_default, np.nan, policy.limits.assumed_default_rate)
    reckoned = assumed if model is None else p * uplift
    uncovered = questions.assign(**{COVERED: 0.0})
    return pd.DataFrame(
        {
            "p_default_12m": p,
            "p_limit": np.minimum(reckoned, 1.0),
            "lgd": losses.given_default.predict(uncovered),
            "grade": pd.Series(grades).astype("str"),
            "grade_rank": grades.codes.astype("int64"),
            "in_default": in_default,
            "is_told_apart": False if model is None else model.tells_apart(features),
        }
    )


def _date_limits(found: pd.DataFrame, *, as_of: date, policy: Policy) -> pd.DataFrame:
    start = pd.Timestamp(as_of)
    return pd.DataFrame(
        {
            "valid_from_on": start,
            "valid_to_on": start + timedelta(days=policy.limits.valid_days),
            "review_on": start + pd.to_timedelta(found["review_days"], unit="D"),
        },
        index=found.index,
    )


def _state_reasons(found: pd.DataFrame) -> pd.Series:
    """Say what bound each limit, how large the need is, and how likely a default."""
    columns = ("binding", "need_amount", "need_source", "p_default_12m", "grade", "in_default", "cover_amount")
    texts = [_state_reason(*row) for row in zip(*(found[name] for name in columns), strict=True)]
    return pd.Series(texts, index=found.index, dtype="str")


def _state_reason(binding: str, need: float, source: str, p: float, grade: str, is_over: object, cover: float) -> str:
    parts = [f"bound by {WORDS[binding]}", f"need {need:,.0f} ({source or 'not known'})"]
    if is_over:
        return WORDS[binding]
    parts.append("no model of default yet" if np.isnan(p) else f"default within a year {p:.1%} (grade {grade})")
    return "; ".join(parts + ([f"cover adds {cover:,.0f}"] if cover > 0 else []))
