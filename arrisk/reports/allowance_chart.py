"""The chart of an allowance: what is open by age, and what of it will not come in, as the bytes of a file."""

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arrisk.money import exponent, format_minor
from arrisk.reports.drawing import BLUE, GRID, INK, ORANGE, render_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def render_allowance_chart(buckets: pd.DataFrame, *, currency: str, age_on: date, suffix: str = ".svg") -> bytes:
    """Draw the open amount and the allowance of each bucket side by side, each with its own scale.

    Parameters
    ----------
    buckets : one row per bucket, in order: bucket, gross_amount, allowance (int64 minor units).
    currency : of the amounts.
    age_on : the day of the ages.
    suffix : as ``render_figure`` takes it, with what that raises.
    """

    def draw(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_bars(left, buckets, "gross_amount", currency, BLUE, "open amount")
        _draw_bars(right, buckets, "allowance", currency, ORANGE, "allowance")
        left.set_yticks(np.arange(len(buckets)), [_name(bucket) for bucket in buckets["bucket"]])
        left.invert_yaxis()

    title = describe_buckets(buckets, currency=currency, age_on=age_on)
    return render_figure(draw, title=title, height=1.6 + 0.45 * len(buckets), suffix=suffix)


def describe_buckets(buckets: pd.DataFrame, *, currency: str, age_on: date) -> str:
    """Say in one line how much will not come in.

    Examples
    --------
    >>> buckets = pd.DataFrame({"bucket": ["not_due"], "gross_amount": [100_00], "allowance": [2_00]})
    >>> describe_buckets(buckets, currency="USD", age_on=date(2024, 12, 31))
    '2.00 USD is not expected to come in: 2.00% of what is open on 2024-12-31'
    """
    gross, booked = int(buckets["gross_amount"].sum()), int(buckets["allowance"].sum())
    share = f": {booked / gross:.2%} of what is open on {age_on}" if gross > 0 else f" of what is open on {age_on}"
    return f"{format_minor(booked, currency)} {currency} is not expected to come in{share}"


def _name(bucket: str) -> str:
    return f"{bucket} days" if bucket[:1] in "0123456789>" else bucket.replace("_", " ")


def _draw_bars(axes: "Axes", buckets: pd.DataFrame, column: str, currency: str, color: str, what: str) -> None:
    amounts = buckets[column].to_numpy() / 10.0 ** exponent(currency)
    axes.barh(np.arange(len(amounts)), amounts, color=color, height=0.7)
    for place, minor in enumerate(buckets[column].tolist()):
        spot = (max(amounts[place], 0), place)
        text = format_minor(minor, currency)
        axes.annotate(text, spot, (6, 0), textcoords="offset points", va="center", color=INK)
    axes.set_xlim(min(0.0, 1.1 * float(amounts.min())), 1.45 * max(float(amounts.max()), 1.0))
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel(f"{what}, {currency}")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
