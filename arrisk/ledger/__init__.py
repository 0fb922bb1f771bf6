"""The ledger as it was known on any day: what is open, what moved it, how each invoice ended."""

from arrisk.ledger.movements import list_movements
from arrisk.ledger.open_items import list_open_items, list_open_orders, list_unapplied, sum_exposure, sum_listed
from arrisk.ledger.outcomes import end_tolerance, list_outcomes

__all__ = [
    "end_tolerance",
    "list_movements",
    "list_open_items",
    "list_open_orders",
    "list_outcomes",
    "list_unapplied",
    "sum_exposure",
    "sum_listed",
]
