"""How much of an open invoice is still open when its customer has stopped: a first part may be paid before that."""

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.courses import FIRST_PART_DAYS
from arrisk.sim.evidence import Sight, Weights, spread_raw_days
from arrisk.sim.open_truth import survive
from arrisk.sim.timeline import Floats, Ints
from arrisk.sim.truth import state_rows
from arrisk.sim.world import World

_FIRST_SHARE = 0.5  # mean of an even spread from 30 to 70 percent


def expect_exposure(world: World, chosen: Ints, sight: Sight, weights: Weights) -> Floats:
    """Expect the share of each open amount that is left when the customer stops before it has paid everything.

    Parameters
    ----------
    chosen : invoices of customers that pay on the day of the sight.
    """
    can_come = (sight.first_day == NEVER) & (sight.opened_day == NEVER)
    delays = world.delays.take(chosen)
    parts = np.where(can_come, delays.p_partial, 0.0)[:, None]
    parts = parts * spread_raw_days(delays.partial, sight.due, weights.times.raw)
    comes = (parts * _first_comes(world, chosen, weights.times.natural, sight.day)).sum(axis=1)
    lost = weights.lost()
    share = np.divide(comes, lost, out=np.zeros_like(lost), where=lost > 0)
    return np.asarray(1 - _FIRST_SHARE * share)


def _first_comes(world: World, chosen: Ints, natural: Ints, day: int) -> Floats:
    """Chance that the customer stops between the first part, paid from the day on, and the last; [invoice, raw day].

    It is the same for all invoices of customers with one state and one pattern of runs.
    """
    pattern, days = world.delays.pattern[chosen], np.full(len(chosen), day)
    state = state_rows(world.traits, world.paths, world.invoices.customer[chosen], days, world.chain)
    keys = np.stack([state, pattern], axis=1)
    _, one, kind = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    last, sample, runs = natural[one], chosen[one], world.runs
    still, total = survive(world, sample, day, last - day), np.zeros(last.shape)
    for lag in range(*FIRST_PART_DAYS):
        first = runs.next_run(pattern[one][:, None], last - lag)
        can_come = (day <= first) & (first < last)
        total += np.where(can_come, survive(world, sample, day, first - day) - still, 0.0)
    chances: Floats = total[kind.ravel()] / (FIRST_PART_DAYS[1] - FIRST_PART_DAYS[0])
    return chances
