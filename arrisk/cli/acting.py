"""Who acts, from the command line, and whether what was done is as it was recorded."""

from datetime import UTC, datetime

from arrisk.acts import Actor
from arrisk.cli.output import say
from arrisk.config import open_records
from arrisk.errors import BookError


def act_now(by: str) -> Actor:
    """Give who acts, now."""
    return Actor(by, datetime.now(UTC))


def require_sound(kind: str) -> None:
    """Print how far each record of a kind is sound.

    Raises
    ------
    BookError
        When one was changed.
    """
    records, faults = open_records(), []
    for key in records.list_keys(kind):
        entries, last, fault = records.check(key)
        say(f"{records.where(key)}: {len(entries):,} lines sound, the last {last}" + (f"; {fault}" if fault else ""))
        faults += [fault] if fault else []
    if faults:
        raise BookError(f"a record was changed: {faults[0]}", hint="the record of a backup")
