"""Rates that somebody gives, against published examples."""

from decimal import Decimal

import pandas as pd
import pytest

from arrisk.allowance.given import apply_rates
from arrisk.errors import InputError

CENT, UNIT = Decimal("0.01"), Decimal(1)


def table_of(gross, rates):
    return pd.DataFrame({"bucket": [str(i) for i in range(len(gross))], "gross_amount": gross, "rate": rates})


@pytest.mark.parametrize(
    ("gross", "rates", "round_to", "total"),
    [
        # IFRS 9 Illustrative Example 12.
        (
            [15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000],
            ["0.003", "0.016", "0.036", "0.066", "0.106"],
            CENT,
            "580000",
        ),
        # ASC 326-20-55-37..40, Example 5: historical rates x 1.10.
        ([5_984_698, 8_272, 2_882, 842, 1_100], ["0.0033", "0.088", "0.286", "0.638", "0.902"], CENT, "22831.09"),
        ([5_984_698, 8_272, 2_882, 842, 1_100], ["0.0033", "0.088", "0.286", "0.638", "0.902"], UNIT, "22831"),
        # Textbook ageings.
        ([62_000, 40_000, 23_000, 9_000], ["0.02", "0.04", "0.11", "0.5"], CENT, "9870"),
        ([320_000, 110_000, 24_000, 18_000, 43_000], ["0.01", "0.03", "0.1", "0.33", "0.75"], CENT, "47090"),
    ],
)
def test_published_totals_come_out(gross, rates, round_to, total):
    assert sum(apply_rates(table_of(gross, rates), round_to=round_to)["allowance"]) == Decimal(total)


def test_each_row_is_rounded_and_the_total_is_their_sum():
    rows = apply_rates(table_of([15_000, 7_500, 4_000, 2_500], ["0.005", "0.022", "0.027", "0.045"]), round_to=UNIT)
    assert [int(amount) for amount in rows["allowance"]] == [75, 165, 108, 113]


def test_amounts_may_be_rounded_to_any_step():
    rows = apply_rates(table_of(["1010"], ["1"]), round_to=Decimal(50))
    assert rows["allowance"].tolist() == [Decimal(1000)]


@pytest.mark.parametrize("rate", ["1.6", "-0.1", "x", "nan", None])
def test_what_is_no_share_is_refused_with_its_row(rate):
    with pytest.raises(InputError, match="row 1, column rate"):
        apply_rates(table_of([100], [rate]), round_to=CENT)


def test_a_missing_column_is_named():
    with pytest.raises(InputError, match="gross_amount"):
        apply_rates(pd.DataFrame({"bucket": ["1"], "gross": [1], "rate": [1]}), round_to=CENT)
