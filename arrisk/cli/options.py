"""The arguments and options that several commands share."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from arrisk.errors import InputError
from arrisk.frames import date_of, day_of
from arrisk.policy import Policy, load_policy

BookFolder = Annotated[Path, typer.Argument(metavar="BOOK", help="The book: a folder of canonical tables.")]
AsOf = Annotated[
    str,
    typer.Option("--as-of", metavar="DAY", help="What was known before the start of this day, YYYY-MM-DD."),
]
MaybeAsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY", help="What was known before the start of this day, YYYY-MM-DD."),
]
PeriodEnd = Annotated[
    str | None,
    typer.Option(
        "--period-end",
        metavar="DAY",
        help="What was known by the end of this day, ages and rates of this day.",
    ),
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the same result as JSON.")]
Currency = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help="Only rows in this currency, such as CAD.")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="A policy of your own; what it leaves out is as shipped."),
]


def read_day(text: str, option: str) -> date:
    """Read an option's day.

    Raises
    ------
    InputError
        When it is not a date, or lies in the future, where nothing is known yet.
    """
    try:
        day = date_of(day_of(text))
    except InputError as error:
        raise InputError(error.what, where=option, hint=error.hint) from error
    # Only the command line and the service read the clock. Tomorrow is allowed: it is "all that is known today".
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - a business day is the user's own
    if day > tomorrow:
        raise InputError(f"{day} lies in the future", where=option, hint=f"a day up to {tomorrow}")
    return day


def read_moment(as_of: str | None, period_end: str | None) -> tuple[date, date]:
    """Turn --as-of or --period-end into the day before which things were known, and the day of the ages.

    Raises
    ------
    InputError
        When neither or both are given.
    """
    if as_of and period_end:
        raise InputError("--as-of and --period-end exclude each other", hint="one of them")
    if period_end:
        end = read_day(period_end, "--period-end")
        return end + timedelta(days=1), end
    if as_of:
        day = read_day(as_of, "--as-of")
        return day, day
    raise InputError("the day is missing", hint="--as-of YYYY-MM-DD, or --period-end YYYY-MM-DD for a month end")


def read_policy(path: Path | None) -> Policy:
    """Read the policy of an option, or the shipped one."""
    return load_policy(path)
