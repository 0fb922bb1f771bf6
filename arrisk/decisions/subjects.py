"""The customers that are decided on as of a day: need, sizes, cover, exposure, group and risk, one row each."""

import numpy as np
import pandas as pd

from arrisk.features.five_cs import DEPTH_GRADES
from arrisk.features.sizes import find_groups, read_current_limits, read_sizes
from arrisk.frames import match, visible
from arrisk.policy import Policy
from arrisk.schema import Book

_YEAR_MONTHS, _QUARTER_MONTHS, _MONTH_DAYS = 12.0, 3.0, 30.4375
_FEW_DAYS = 90.0
"""A customer of fewer days is known by its application, where there is one."""

_USUAL_TERMS = 30.0
"""Days from issue to due day where nothing says what they are."""


def describe_subjects(
    book: Book, questions: pd.DataFrame, features: pd.DataFrame, risks: pd.DataFrame, *, policy: Policy
) -> pd.DataFrame:
    """Describe what limits are decided on.

    Parameters
    ----------
    book : a checked book.
    questions : customer_id and as_of_day, all of one day.
    features : of the same questions, as given by ``build_default_features``.
    risks : of the same questions: p_default_12m, p_limit (what limits reckon with), lgd (of what is not covered),
        grade, in_default.
    policy : how much security counts for.

    Returns
    -------
    DataFrame
        One row per question in the given order; amounts in book currency, NaN = not known: customer_id, name, industry,
        country, group, monthly_amount, invoice_amount (the usual one), need_source (``invoices``, ``application`` or
        empty), terms_days, net_worth_amount, working_capital_amount, turnover_amount, paid_year_amount, cover_amount,
        open_amount, orders_amount, depth, current_limit, current_limit_kind, and the columns of ``risks``.
    """
    sizes = read_sizes(book, questions, policy=policy).reset_index(drop=True)
    features = features.reset_index(drop=True)
    asked = questions.reset_index(drop=True)
    parts = [
        asked[["customer_id"]],
        _read_masters(book, asked),
        _expect_purchases(features, sizes),
        sizes[["net_worth_amount", "working_capital_amount", "turnover_amount", "cover_amount"]],
        read_current_limits(book, asked),
        risks.reset_index(drop=True),
    ]
    return pd.concat(parts, axis=1).assign(
        paid_year_amount=features["payments_amount_365"],
        open_amount=features["open_amount"].fillna(0.0),
        orders_amount=features["open_orders_amount"].fillna(0.0),
        depth=features["data_depth"].map(DEPTH_GRADES),
    )


def _read_masters(book: Book, questions: pd.DataFrame) -> pd.DataFrame:
    day = int(questions["as_of_day"].iloc[0]) if len(questions) else 0
    known = visible(book["customers"], as_of_day=day)
    row = match(questions["customer_id"], known["customer_id"])
    own = known[["name", "industry", "country"]].reset_index(drop=True).reindex(row).reset_index(drop=True)
    return own.assign(group=find_groups(book["customers"], questions["customer_id"], as_of_day=day))


def _expect_purchases(features: pd.DataFrame, sizes: pd.DataFrame) -> pd.DataFrame:
    """Expect a month's purchases: the larger of the year's mean and the last quarter's, or what was applied for."""
    since = features["days_since_first_invoice"].to_numpy(dtype="float64")
    months = np.clip(np.nan_to_num(since) / _MONTH_DAYS, 1.0, _YEAR_MONTHS)
    year, quarter = (features[f"invoiced_amount_{days}"].to_numpy(dtype="float64") for days in (365, 90))
    bought = np.maximum(np.nan_to_num(year) / months, np.nan_to_num(quarter) / np.minimum(months, _QUARTER_MONTHS))
    applied = sizes["expected_monthly_amount"].to_numpy(dtype="float64")
    is_new = ~(since >= _FEW_DAYS) & (applied > 0)
    monthly = np.where(is_new, np.maximum(applied, bought), bought)
    terms = features["mean_terms_days"].fillna(sizes["requested_terms_days"])
    return pd.DataFrame(
        {
            "monthly_amount": np.where(monthly > 0, monthly, np.nan),
            "need_source": np.select([is_new, monthly > 0], ["application", "invoices"], ""),
            "invoice_amount": features["mean_invoice_amount"],
            "terms_days": terms.fillna(_USUAL_TERMS),
        }
    )
