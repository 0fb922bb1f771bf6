"""The slots of the kernel's accumulators: which number stands where in the row of sums taken at a question.

Every sum is an int64, so that what was added can be taken away again exactly. Money is in minor units of the book
currency. ``SLOT`` maps a name such as ``settled_365_count`` to its place.
"""

from collections.abc import Mapping
from types import MappingProxyType

WINDOWS = (0, 90, 365)
"""Days that each windowed family looks back, by the event's own day; 0 = the whole history."""

EVENTS = ("payments", "write_offs", "recoveries", "disputes", "resolved", "upheld", "credit_events", "applications")
"""Things that happen on a day: counted and added up over every window, and the last one remembered."""

STATES = ("open_disputes", "orders", "shipped_orders", "collateral")
"""Things that hold over an interval: counted and added up while they hold."""

_WEEKDAYS = tuple(f"weekday_{day}" for day in range(7))

ISSUED_VALUES = ("count", "amount", "terms_days")
SETTLED_VALUES = (
    *("count", "late", "late_30", "days_late", "days_late_squared", "amount", "late_amount"),
    # amount x days late can pass an int64: the amount's high and low parts are kept apart.
    *("weighted_high", "weighted_low", "in_parts", "month_end", *_WEEKDAYS),
)
DUE_VALUES = ("count", "late", "amount", "late_amount")
PAIR = ("count", "amount")
OVERDUE_VALUES = ("count", "amount", "due_day_sum")
OPEN_VALUES = ("count", "amount", "in_parts")
LATEST = ("last_issued", "first_issued", "oldest_due", "recent_count", "recent_last", "recent_weight", "recent_sum")
TREND = ("trend_new_count", "trend_new_sum", "trend_old_count", "trend_old_sum")

LOW_BITS = 24
"""An amount is split at this bit before it is multiplied by days."""

RECENT = 10
"""So many of the last settlements make up the recency-weighted mean; the newest weighs most."""

TREND_NEW = 5
"""The trend compares the newest of the recent settlements with those before them."""


def _name(family: str, window: int) -> str:
    return f"{family}_{window}" if window else family


def _slots() -> dict[str, int]:
    windowed = {"issued": ISSUED_VALUES, "settled": SETTLED_VALUES, "due": DUE_VALUES, "credits": PAIR}
    single = {"open": OPEN_VALUES, "overdue": OVERDUE_VALUES, "overdue_30": PAIR, "overdue_90": PAIR}
    names = [f"{_name(family, w)}_{value}" for family, values in windowed.items() for w in WINDOWS for value in values]
    names += [f"{family}_{value}" for family, values in single.items() for value in values]
    names += ["residue_amount", "open_credits_count", "open_credits_amount"]
    names += [f"{_name(event, w)}_{value}" for event in EVENTS for w in WINDOWS for value in PAIR]
    names += [f"{state}_{value}" for state in STATES for value in PAIR]
    names += [*LATEST, *TREND, *(f"last_{event}" for event in EVENTS)]
    return {name: place for place, name in enumerate(names)}


SLOT: Mapping[str, int] = MappingProxyType(_slots())
"""Place of each sum in a row of the kernel's output."""
