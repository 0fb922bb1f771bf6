"""The walk: invoices in the order of their days, let through while the balance stays within the limit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from arrisk.decisions.walk import ISSUE, REDUCTION, walk_limits


def walk(events, limit, is_free):
    """Walk events (customer, kind, invoice, amount), sorted by customer and then in the order of their days."""
    customer, kind, invoice = (np.array([event[place] for event in events], dtype="int64") for place in range(3))
    amount = np.array([event[3] for event in events], dtype="float64")
    passed = walk_limits(
        customer, kind, invoice, amount, np.array(limit, dtype="float64"), np.array(is_free, dtype=bool)
    )
    return passed.tolist()


def walk_plainly(events, limit, is_free):
    """Walk the same, adding up what is owed anew at each invoice."""
    passed = [False] * len(limit)
    for place, (customer, kind, invoice, amount) in enumerate(events):
        earlier = [event for event in events[:place] if event[0] == customer and passed[event[2]]]
        owed = sum(event[3] if event[1] == ISSUE else -event[3] for event in earlier)
        if kind == ISSUE:
            passed[invoice] = is_free[invoice] or owed + amount <= limit[invoice]
    return passed


@st.composite
def ledgers(draw):
    """Draw invoices of a few customers, each issued once and then perhaps reduced, several times or too much."""
    whole = st.integers(0, 100)
    owners = sorted(draw(st.lists(st.integers(0, 2), max_size=12)))
    events = []
    for invoice, owner in enumerate(owners):
        day = draw(st.integers(0, 20))
        events.append((owner, day, ISSUE, invoice, draw(whole)))
        later = draw(st.lists(st.tuples(st.integers(1, 20), whole), max_size=2))
        events.extend((owner, day + wait, REDUCTION, invoice, amount) for wait, amount in later)
    limit = [draw(whole | st.just(np.inf)) for _ in owners]
    is_free = [draw(st.booleans()) for _ in owners]
    return [(owner, kind, invoice, amount) for owner, _, kind, invoice, amount in sorted(events)], limit, is_free


@given(ledgers())
def test_the_walk_equals_a_plain_walk(ledger):
    assert walk(*ledger) == walk_plainly(*ledger)


def test_without_an_event_nothing_passes():
    assert walk([], [], []) == []


def test_an_invoice_that_reaches_the_limit_passes_and_one_beyond_it_does_not():
    events = [(0, ISSUE, 0, 60), (0, ISSUE, 1, 40), (0, ISSUE, 2, 1)]
    assert walk(events, [100, 100, 100], [False] * 3) == [True, True, False]


def test_what_was_issued_before_the_trial_is_owed_whatever_the_limit():
    events = [(0, ISSUE, 0, 500), (0, ISSUE, 1, 1)]
    assert walk(events, [0, 100], [True, False]) == [True, False]


def test_each_customer_has_a_balance_of_its_own():
    events = [(0, ISSUE, 0, 80), (1, ISSUE, 1, 80)]
    assert walk(events, [100, 100], [False, False]) == [True, True]
