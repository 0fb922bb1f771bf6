"""The day that a request looks at: what was known before it, and on which day ages are taken."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Query

from api.schemas.base import KnownDay, PastDay
from arrisk.errors import InputError


@dataclass(frozen=True)
class Moment:
    """What was known before the start of ``as_of`` counts; ages and rates are those of ``age_on``."""

    as_of: date
    age_on: date


def read_moment(as_of: date | None, period_end: date | None) -> Moment:
    """Read one of the two ways to name a moment.

    Raises
    ------
    InputError
        When neither or both days are given.

    Examples
    --------
    >>> read_moment(None, date(2024, 12, 31))
    Moment(as_of=datetime.date(2025, 1, 1), age_on=datetime.date(2024, 12, 31))
    """
    if period_end and not as_of:
        return Moment(period_end + timedelta(days=1), period_end)
    if as_of and not period_end:
        return Moment(as_of, as_of)
    what = "as_of and period_end exclude each other" if as_of else "the day is missing"
    raise InputError(what, where="as_of, period_end", hint="one of them, YYYY-MM-DD; period_end for a month end")


def _read_query(
    as_of: Annotated[
        KnownDay | None, Query(description="What was known before the start of this day; or period_end.")
    ] = None,
    period_end: Annotated[PastDay | None, Query(description="What was known by its evening; or as_of.")] = None,
) -> Moment:
    return read_moment(as_of, period_end)


MomentDep = Annotated[Moment, Depends(_read_query)]
