"""Customers to set limits for, made by hand."""

import pandas as pd

USUAL = {
    "net_worth_amount": 400_000.0,
    "working_capital_amount": 200_000.0,
    "turnover_amount": 2_000_000.0,
    "paid_year_amount": 100_000.0,
    "depth": "A",
    "monthly_amount": 10_000.0,
    "invoice_amount": 2_500.0,
    "terms_days": 30.0,
    "mean_days_late": 5.0,
    "p_default_12m": 0.02,
    "p_limit": 0.02,
    "lgd": 0.5,
    "open_amount": 10_000.0,
    "industry": "steel",
    "country": "DE",
    "group": None,
    "cover_amount": 0.0,
    "grade": "4",
    "in_default": False,
    "is_told_apart": True,
}


RANKS = {grade: rank for rank, grade in enumerate("12345678D")}


def subjects_of(*changes: dict[str, object]) -> pd.DataFrame:
    """Give one customer for each of some changes to the usual one."""
    rows = [USUAL | change for change in changes]
    return pd.DataFrame([{**row, "grade_rank": RANKS.get(row["grade"], -1)} for row in rows])
