"""The chart of an allowance."""

from datetime import date

import pandas as pd
import pytest

from arrisk.errors import OutputError
from arrisk.reports.allowance_chart import render_allowance_chart

BUCKETS = pd.DataFrame(
    {"bucket": ["not_due", "1-30", ">90"], "gross_amount": [100_000, 5_000, -200], "allowance": [120, 300, 0]}
)


def test_the_same_allowance_gives_the_same_picture():
    first, again = (render_allowance_chart(BUCKETS, currency="USD", age_on=date(2024, 12, 31)) for _ in range(2))
    assert first == again
    assert first.startswith(b"<?xml")
    other = BUCKETS.assign(allowance=[120, 301, 0])
    assert render_allowance_chart(other, currency="USD", age_on=date(2024, 12, 31)) != first


def test_an_unknown_ending_is_refused():
    with pytest.raises(OutputError, match=r"\.gif"):
        render_allowance_chart(BUCKETS, currency="USD", age_on=date(2024, 12, 31), suffix=".gif")
