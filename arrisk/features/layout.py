"""The kernel's running sums: which families there are, over which windows, and which number stands where.

Every sum is an int64, so that what was added can be taken away again exactly. Money is in minor units of the features'
currency. A family is added up over one or more windows; a family and a window make one *op*, and the kernel adds an
entry's values to the slots of its op. ``SLOT`` maps a name such as ``settled_365_count`` to its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from arrisk.frames import NEVER

WHOLE = int(NEVER)
"""The window that never closes: the whole history, or as long as a state holds."""


WAITING_DAYS = 180
"""An open invoice says something of a customer's silence until so many days after its due day."""


@dataclass(frozen=True)
class Family:
    """What is added up for one kind of entry, and over how many days by the entry's own day."""

    name: str
    windows: tuple[int, ...]
    values: tuple[str, ...]


_SETTLED_VALUES = (
    *("count", "late", "late_30", "late_60", "late_90", "days_late", "days_late_squared", "clipped_days_late"),
    *("amount", "late_amount", "in_parts"),
    # amount x days late can pass an int64: the amount's high and low parts are kept apart.
    *("weighted_high", "weighted_low"),
)
_HABIT_VALUES = (
    *("month_end", *(f"weekday_{day}" for day in range(7))),
    *("after_m7", "after_m3", "after_4", "after_10", "after_20"),
)
_PAIR = ("count", "amount")
_INVOICES = (
    Family("issued", (WHOLE, 90, 365), ("count", "amount", "terms_days", "log_amount")),
    Family("settled", (WHOLE, 90, 365), _SETTLED_VALUES),
    Family("habit", (365,), _HABIT_VALUES),
    Family("due", (WHOLE, 90, 365), ("count", "late", "amount", "late_amount")),
    Family("credits", (365,), _PAIR),
    Family("open", (WHOLE,), ("count", "amount", "in_parts")),
    Family("due_soon", (WHOLE,), _PAIR),
    Family("waiting", (WAITING_DAYS,), ("count",)),
    Family("overdue", (WHOLE,), ("count", "amount", "due_day")),
    Family("overdue_30", (WHOLE,), _PAIR),
    Family("overdue_90", (WHOLE,), _PAIR),
    Family("residue", (WHOLE,), ("amount",)),
    Family("open_credits", (WHOLE,), _PAIR),
)
_EVENTS = (
    Family("payments", (WHOLE, 90, 365), _PAIR),
    Family("write_offs", (WHOLE, 365), _PAIR),
    Family("recoveries", (WHOLE,), _PAIR),
    Family("disputes", (WHOLE, 365), _PAIR),
    Family("resolved", (WHOLE,), ("count", "days")),
    Family("upheld", (WHOLE,), _PAIR),
    Family("credit_events", (WHOLE, 365), _PAIR),
    Family("applications", (WHOLE, 365), _PAIR),
)
_STATES = tuple(Family(name, (WHOLE,), _PAIR) for name in ("open_disputes", "orders", "shipped_orders", "collateral"))
_ALL = (*_INVOICES, *_EVENTS, *_STATES)

EVENTS = tuple(family.name for family in _EVENTS)
"""Things that happen on a day; the last day of each is remembered. The place here is the event's channel."""

STATES = tuple(family.name for family in _STATES)
"""Things that hold over an interval; their channels follow those of the events."""

_EXTREMES = ("last_issued", "first_issued", "oldest_due", *(f"last_{event}" for event in EVENTS))
_RECENT = ("recent_count", "recent_last", "recent_weight", "recent_sum")
_TREND = ("trend_new_count", "trend_new_sum", "trend_old_count", "trend_old_sum")

_HABITS = ("run_slack_days", "run_slack_30_days", "run_gap_days", "silence")

LOG_STEPS = 1_000_000
"""A logarithm is kept as a whole number of so many parts of one."""

LOW_BITS = 24
"""An amount is split at this bit before it is multiplied by days."""

RECENT = 10
"""So many of the last settlements make up the recency-weighted mean; the newest weighs most."""

TREND_NEW = 5
"""The trend compares the newest of the recent settlements with those before them."""


def _name_slots() -> dict[str, int]:
    names = []
    for family in _ALL:
        for window in family.windows:
            prefix = family.name if window == WHOLE else f"{family.name}_{window}"
            names += [f"{prefix}_{value}" for value in family.values]
    names += [*_EXTREMES, *_RECENT, *_TREND, *_HABITS]
    return {name: place for place, name in enumerate(names)}


SLOT: Mapping[str, int] = MappingProxyType(_name_slots())
"""Place of each sum in a row of the kernel's output."""

_PAIRS = [(family, window) for family in _ALL for window in family.windows]
_WIDTHS = [len(family.values) for family, _ in _PAIRS]

WINDOW = np.array([window for _, window in _PAIRS], dtype="int64")
"""Days of each op's window."""

WIDTH = np.array(_WIDTHS, dtype="int64")
"""Number of slots of each op."""

BASE = np.array([sum(_WIDTHS[:op]) for op in range(len(_WIDTHS))], dtype="int64")
"""First slot of each op."""


def first_op(name: str) -> np.int64:
    """Give the first op of a family; those of its other windows follow.

    The number is typed, because numba would compile a function once for each plain constant that is passed to it.
    """
    return np.int64([family.name for family, _ in _PAIRS].index(name))


OP_END = np.array([first_op(family.name) + len(family.windows) for family, _ in _PAIRS], dtype="int64")
"""For each op the end of its family's ops."""

CHANNEL_OP = np.array([first_op(name) for name in (*EVENTS, *STATES)], dtype="int64")
"""First op of each channel."""
