"""What each collector has done on a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from arrisk.acts import Step
from arrisk.contacts.accounts import day_of_step


@dataclass
class _Counted:
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
    """

    collector: str
    count_customers: int
    count_contacts: int
    count_promises: int
    count_disputes: int
    count_snoozed: int
    promised_amount: int


_WORK = ("contact", "promise", "dispute", "snooze")


def measure_progress(steps: Iterable[Step], *, on: date) -> list[Progress]:
    """Count what each collector did on a day (UTC), by name; who only assigned or moved has done none of the work."""
    found: dict[str, _Counted] = {}
    for step in steps:
        if day_of_step(step) != on or step.action not in _WORK:
            continue
        counted = found.setdefault(step.by, _Counted())
        counted.customers.add(str(step.content["customer_id"]))
        counted.actions[step.action] = counted.actions.get(step.action, 0) + 1
        counted.promised += step.content["book_amount"] if step.action == "promise" else 0
    return [
        Progress(
            collector=name,
            count_customers=len(counted.customers),
            count_contacts=counted.actions.get("contact", 0),
            count_promises=counted.actions.get("promise", 0),
            count_disputes=counted.actions.get("dispute", 0),
            count_snoozed=counted.actions.get("snooze", 0),
            promised_amount=counted.promised,
        )
        for name, counted in sorted(found.items())
    ]
