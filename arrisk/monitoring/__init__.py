"""Whether a model in use still is what it was when it was trained: scores and features, outcomes, feeds, age."""

from arrisk.monitoring.checks import (
    Check,
    State,
    check_age,
    check_calibration,
    check_defaults,
    check_overrides,
    check_shifts,
)
from arrisk.monitoring.feeds import FEED, check_feeds
from arrisk.monitoring.observed import (
    Matured,
    Seen,
    follow_customers,
    follow_invoices,
    follow_overrides,
    observe_customers,
    observe_open_book,
    refer_customers,
    refer_open_book,
)

__all__ = [
    "FEED",
    "Check",
    "Matured",
    "Seen",
    "State",
    "check_age",
    "check_calibration",
    "check_defaults",
    "check_feeds",
    "check_overrides",
    "check_shifts",
    "follow_customers",
    "follow_invoices",
    "follow_overrides",
    "observe_customers",
    "observe_open_book",
    "refer_customers",
    "refer_open_book",
]
