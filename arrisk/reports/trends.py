"""Key figures month after month."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from arrisk.errors import InputError
from arrisk.policy import Policy
from arrisk.reports.kpis import KPIS, KpiReport, measure_kpis
from arrisk.schema import Book


def list_month_ends(from_on: date, to_on: date) -> list[date]:
    """List the last days of months from one day to another, both included.

    Examples
    --------
    >>> [str(day) for day in list_month_ends(date(2024, 1, 15), date(2024, 3, 30))]
    ['2024-01-31', '2024-02-29']
    """
    months = range(from_on.year * 12 + from_on.month - 1, to_on.year * 12 + to_on.month)
    ends = [date(month // 12, month % 12 + 1, monthrange(month // 12, month % 12 + 1)[1]) for month in months]
    return [end for end in ends if from_on <= end <= to_on]


def measure_kpi_trend(
    book: Book, *, from_on: date, to_on: date, policy: Policy, window_days: int | None = None
) -> list[KpiReport]:
    """Measure the key figures at every month end of a range, each as it was known on that evening.

    Parameters
    ----------
    book : a checked book.
    from_on, to_on : the range; both days included.
    policy : ageing buckets and the tolerance of an invoice's end.
    window_days : days of sales and receipts behind each month end; None = its calendar month.

    Raises
    ------
    InputError
        When no month ends in the range.
    CurrencyError
        When an amount is in a currency without a rate.
    """
    ends = list_month_ends(from_on, to_on)
    if not ends:
        raise InputError(f"no month ends from {from_on} to {to_on}", hint="a longer range, such as a year")
    reports = []
    for end in ends:
        start = end.replace(day=1) if window_days is None else end - timedelta(days=window_days - 1)
        report = measure_kpis(book, as_of=end + timedelta(days=1), age_on=end, from_on=start, policy=policy)
        reports.append(report)
    return reports


def tabulate_kpis(reports: Sequence[KpiReport]) -> pd.DataFrame:
    """Put reports into a table.

    Returns
    -------
    DataFrame
        One row per report: period_end_on, days, is_covered (the ledger covers the whole window), one column
        per name of ``KPIS`` (float64, undefined = missing), remarks (why a figure is missing, and what to
        know).
    """
    rows = [
        {
            "period_end_on": pd.Timestamp(report.to_on),
            "days": report.days,
            "is_covered": not report.notes,
            **{name: figure.value for name, figure in report.figures.items()},
            "remarks": "; ".join([*report.notes, *(f"{n}: {f.reason}" for n, f in report.figures.items() if f.reason)]),
        }
        for report in reports
    ]
    columns = ["period_end_on", "days", "is_covered", *KPIS, "remarks"]
    return pd.DataFrame(rows, columns=columns).astype({"period_end_on": "datetime64[s]", "remarks": "str"})
