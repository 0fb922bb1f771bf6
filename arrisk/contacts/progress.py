"""What each collector has done on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from arrisk.acts import Step, fold_name
from arrisk.contacts.accounts import Account, day_of_step
from arrisk.contacts.listing import Listing


@dataclass
class _Counted:
    collector: str
    customers: set[str] = field(default_factory=set)
    actions: dict[str, int] = field(default_factory=dict)
    promised: int = 0


@dataclass(frozen=True)
class Progress:
    """One collector's day.

    Parameters
    ----------
    count_customers : how many different ones it contacted, or took something down of.
    promised_amount : minor units of the book currency.
    count_left : how many of its own are on the list, and nobody has done anything about them today; None = it has none
        of its own, or there is no list.
    """

    collector: str
    count_customers: int
    count_contacts: int
    count_promises: int
    count_disputes: int
    count_snoozed: int
    promised_amount: int
    count_left: int | None = None


_WORK = ("contact", "promise", "dispute", "snooze")


def add_left(progress: Iterable[Progress], listing: Listing, *, on: date) -> list[Progress]:
    """Say of each collector who has customers, or has done something, how many of its own are left."""
    found = {fold_name(one.collector): one for one in progress}
    left: dict[str, int] = {}
    for account, placed in listing.touched.values():
        if account.collector:
            name = fold_name(account.collector)
            found.setdefault(name, Progress(account.collector, 0, 0, 0, 0, 0, 0))
            left[name] = left.get(name, 0) + (placed.hidden_until_on is None and not _is_done(account, on))
    return [replace(found[name], count_left=left.get(name)) for name in sorted(found)]


def _is_done(account: Account, on: date) -> bool:
    is_touched = bool(account.steps) and day_of_step(account.steps[-1]) >= on
    return is_touched and any(day_of_step(step) == on and step.action in _WORK for step in account.steps)


def measure_progress(steps: Iterable[Step], *, on: date) -> list[Progress]:
    """Count what each collector did on a day (UTC), by name; who only assigned or moved has done none of the work."""
    found: dict[str, _Counted] = {}
    for step in steps:
        if day_of_step(step) != on or step.action not in _WORK:
            continue
        counted = found.setdefault(fold_name(step.by), _Counted(step.by))
        counted.customers.add(str(step.content["customer_id"]))
        counted.actions[step.action] = counted.actions.get(step.action, 0) + 1
        counted.promised += step.content["book_amount"] if step.action == "promise" else 0
    return [
        Progress(
            collector=counted.collector,
            count_customers=len(counted.customers),
            count_contacts=counted.actions.get("contact", 0),
            count_promises=counted.actions.get("promise", 0),
            count_disputes=counted.actions.get("dispute", 0),
            count_snoozed=counted.actions.get("snooze", 0),
            promised_amount=counted.promised,
        )
        for _, counted in sorted(found.items())
    ]
