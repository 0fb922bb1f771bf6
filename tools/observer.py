"""What can be known of a simulated portfolio: an observer who knows every hidden state but one.

The truth knows on the day of issue whether the customer has just stopped paying. Nobody else does: the ledger shows it
by silence alone, weeks later. The observer knows all other states and all laws exactly, sees every receipt on its own
day, and weighs the days on which the customer may have stopped by Bayes' rule. No model of the ledger can do better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from arrisk.sim import DEFAULTS
from arrisk.sim.delays import Law
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Floats, Ints
from arrisk.sim.truth import late_chances
from arrisk.sim.world import World, draw_world

_LEAST = 1e-9


def tell_observed(*, customers: int, months: int, seed: int, chosen: pd.Series) -> pd.DataFrame:
    """Tell how likely the observer thinks late payment as of issue.

    Parameters
    ----------
    customers, months, seed : as given to ``arrisk simulate``.
    chosen : invoice ids.

    Returns
    -------
    DataFrame
        One row per chosen invoice, by invoice_id: p_late and p_late_30, given that it is not credited.
    """
    world = draw_world(customers, months, seed, None, DEFAULTS)
    ids = make_ids("I", np.arange(len(world.invoices)), 8)
    rows = np.flatnonzero(ids.isin(chosen))
    has_stopped = _weigh_stops(world, rows)[:, None]
    # Without a stop to come, the truth is that of a customer who pays on the day.
    paying = replace(world.invoices, stop=np.full(len(world.invoices), -1))
    known = (world.traits, world.paths, paying, world.delays)
    late = late_chances(*known, chain=world.chain, runs=world.runs, params=world.params, tolerances=(0, 30))[rows]
    return pd.DataFrame(has_stopped + (1 - has_stopped) * late, columns=["p_late", "p_late_30"], index=ids.iloc[rows])


@dataclass(frozen=True)
class _Ledger:
    """What the observer sees of the invoices: the day each ended, and of its first part and dispute; ``NEVER`` = not."""

    ended: Ints
    paid: Ints
    first: Ints
    opened: Ints

    @classmethod
    def read(cls, world: World) -> "_Ledger":
        course = world.settlements.course
        ended = np.minimum(np.minimum(course.final_day, course.credit_day), world.settlements.written_off_day)
        return cls(ended, course.final_day, course.first_day, course.opened_day)


def _weigh_stops(world: World, rows: Ints) -> Floats:
    """Give the chance that the customer of each invoice has stopped by the day of its issue."""
    ledger = _Ledger.read(world)
    order = np.argsort(world.invoices.customer, kind="stable")
    spans = np.searchsorted(world.invoices.customer[order], np.arange(len(world.traits) + 1))
    own = {c: order[spans[c] : spans[c + 1]] for c in np.unique(world.invoices.customer[rows])}
    return np.array([_weigh_one(world, ledger, own, int(row)) for row in rows])


def _weigh_one(world: World, ledger: _Ledger, own: Mapping[int, Ints], row: int) -> float:
    customer, today = int(world.invoices.customer[row]), int(world.invoices.issued_day[row])
    resumed = _find_resumed(world, customer, today)
    if _is_event_known(world, row, today):
        return 1.0
    others = own[customer]
    issued = world.invoices.issued_day[others]
    others = others[(issued < today) & (issued > resumed)]
    days = np.arange(max(today - world.params.event_days[1], resumed, world.timeline.start_day) + 1, today + 1)
    if not len(days):
        return 0.0
    still, stops = _chance_of_stopping(world, customer, days)
    likely = _chance_of_no_sign(world, today - days) * (days > _find_last_sign(ledger, others, today))
    waiting = others[(ledger.ended[others] >= today) & (ledger.opened[others] >= today)]
    if len(waiting):
        unpaid = np.log(_chance_unpaid(world, waiting, np.append(days, today) - 1)).sum(axis=0)
        likely, still = likely * np.exp(unpaid[:-1]), still * float(np.exp(unpaid[-1]))
    has_stopped = float((stops * likely).sum())
    return has_stopped / (has_stopped + still)


def _find_resumed(world: World, customer: int, today: int) -> int:
    """Find the day on which the customer paid again after its last stop; -1 = none."""
    stops = world.paths.stops
    over = stops.resume_day[(stops.customer == customer) & (stops.resume_day < today)]
    return int(over.max()) if len(over) else -1


def _is_event_known(world: World, row: int, today: int) -> bool:
    stop, stops = int(world.invoices.stop[row]), world.paths.stops
    return stop >= 0 and bool(stops.stop_day[stop] <= today and stops.event_day[stop] < today)


def _find_last_sign(ledger: _Ledger, others: Ints, today: int) -> int:
    """Find the last day on which the customer is seen to have paid."""
    seen = np.concatenate([ledger.paid[others], ledger.first[others]])
    seen = seen[seen < today]
    return int(seen.max()) if len(seen) else -1


def _chance_of_stopping(world: World, customer: int, days: Ints) -> tuple[float, Floats]:
    """Give the chance of paying through all days, and that of stopping on each."""
    paths, traits = world.paths, world.traits
    offset = days - paths.first_day
    strength = paths.strength[offset, traits.unit[customer]]
    hazard = world.chain.hazard[traits.hazard_class[customer], paths.regime[offset], strength]
    alive = np.cumprod(np.append(1.0, 1 - hazard))
    return float(alive[-1]), alive[:-1] * hazard


def _chance_of_no_sign(world: World, since: Ints) -> Floats:
    """Give the chance that neither deliveries are held nor a credit event is known so many days after a stop."""
    chances = np.ones(len(since))
    for first, last in (world.params.hold_days, world.params.event_days):
        chances *= np.clip((last - since) / (last - first), 0.0, 1.0)
    return chances


def _chance_unpaid(world: World, rows: Ints, days: Ints) -> Floats:
    """Give the chance that a customer who pays has not paid by the end of each day, [invoice, day]."""
    delays = world.delays.take(rows)
    last = world.runs.last_run(delays.pattern[:, None], np.tile(days, (len(rows), 1)))
    late = (last - world.invoices.due_day[rows][:, None]).astype(np.float64)
    p_plain = 1 - delays.p_discount - delays.p_partial - delays.p_dispute
    paid = delays.p_discount[:, None] * (delays.discount_day[:, None] <= last)
    for share, law in (
        (p_plain, delays.plain),
        (delays.p_partial, delays.partial),
        (delays.p_dispute, delays.disputed),
    ):
        wide = Law(law.centre[:, None], law.scale[:, None], law.lowest[:, None], law.highest[:, None])
        paid = paid + share[:, None] * wide.chance(late)
    return np.clip(1 - paid, _LEAST, 1.0)
