"""Moments as the database holds them: ISO 8601 in UTC, always as long, so that they sort as text."""

from datetime import UTC, datetime


def write_moment(moment: datetime) -> str:
    """Write a moment.

    Examples
    --------
    >>> write_moment(datetime(2026, 1, 2, tzinfo=UTC))
    '2026-01-02T00:00:00.000000+00:00'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str) -> datetime:
    """Read a moment."""
    return datetime.fromisoformat(text)
