"""Terms of payment are free text: a cash discount is read where one is written, and nowhere else."""

import pandas as pd
import pytest

from arrisk.features.terms import offers_discount


@pytest.mark.parametrize(
    "terms",
    [
        "2/10 NET30",
        "2/10 net 30",
        "2/10, n/30",
        "1.5/15 Net 45",
        "2% 10 net 30",
        "2 % 10, NET 30",
        "2%/10 days, net 30",
        "3 % within 14 days, 30 days net",
        "0,5% 8 days",
        "terms: 2/10 days net 30",
    ],
)
def test_a_rate_with_its_days_is_a_cash_discount(terms):
    assert offers_discount(pd.Series([terms])).tolist() == [1.0]


@pytest.mark.parametrize(
    "terms",
    [
        "NET30",
        "net 30",
        "EOM30",
        "n/30",
        "0/10 net 30",
        "0% 10 net 30",
        "due 2/10/2024",
        "12/10/2024 net 30",
        "50% 30 days, 50% 60 days",
        "net 30, 1.5% per month",
        "Z030",
        "",
    ],
)
def test_other_terms_are_none(terms):
    assert offers_discount(pd.Series([terms])).tolist() == [0.0]
