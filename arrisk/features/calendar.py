"""Days of the civil calendar as whole numbers, for compiled code."""

from arrisk.features.compiled import entry


@entry
def is_month_end(day: int) -> bool:
    """Say whether a day (since 1970-01-01) is one of the last three of its month.

    Examples
    --------
    >>> is_month_end(30), is_month_end(28), is_month_end(27)
    (True, True, False)
    """
    return day_of_month(day + 3) <= 3


@entry
def day_of_month(day: int) -> int:
    """Give the day of the month, 1..31, of a day (since 1970-01-01).

    Examples
    --------
    >>> day_of_month(0), day_of_month(30), day_of_month(31)
    (1, 31, 1)
    """
    # Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    shifted = day + 719468
    of_era = shifted - (shifted // 146097) * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return of_year - (153 * month + 2) // 5 + 1


@entry
def is_last_business_day(day: int) -> bool:
    """Say whether a day (since 1970-01-01) is the last Monday to Friday of its month.

    Examples
    --------
    >>> is_last_business_day(29), is_last_business_day(28), is_last_business_day(30)
    (True, False, False)
    """
    weekday = (day + 3) % 7
    following = day + (3 if weekday == 4 else 1)
    return weekday < 5 and day_of_month(following) < day_of_month(day)
