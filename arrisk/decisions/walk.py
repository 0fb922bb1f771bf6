"""The walk: each customer's invoices in the order of their days, let through while the balance stays within the limit.

What was held back was never owed: it leaves later balances, and its payments and losses with it.
"""

import numpy as np
import numpy.typing as npt

from arrisk.decisions.caps import Floats
from arrisk.features.compiled import entry

Ints = npt.NDArray[np.int64]

ISSUE, REDUCTION = 1, 0
"""Kinds of events; on one day reductions come first."""


@entry
def walk_limits(
    customer: Ints, kind: Ints, invoice: Ints, amount: Floats, limit: Floats, is_free: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Say which invoices would have been let through.

    Parameters
    ----------
    customer, kind, invoice, amount : one entry per event, sorted by customer, then day, then kind: whose it is, issue
        or reduction, of which invoice (its place in ``limit``), how much; shape (m,).
    limit : the limit that held when each invoice was issued, inf = none, shape (n,).
    is_free : invoices that nothing could hold back, because they were issued before the trial, shape (n,).

    Returns
    -------
    array of shape (n,)
    """
    passed = np.zeros(len(limit), dtype=np.bool_)
    balance = 0.0
    for event in range(len(customer)):
        if event == 0 or customer[event] != customer[event - 1]:
            balance = 0.0
        own = invoice[event]
        if kind[event] == 0:
            if passed[own]:
                balance -= amount[event]
        elif is_free[own] or balance + amount[event] <= limit[own]:
            passed[own] = True
            balance += amount[event]
    return passed
