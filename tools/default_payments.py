"""How likely it is, in every hidden state on the day of issue, that an invoice was paid as it was, or still waits."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from arrisk.frames import NEVER
from arrisk.sim.courses import DISCOUNT, DISPUTED, FULL_CREDIT, PARTIAL, PLAIN
from arrisk.sim.delays import Delays, Law, build_delays
from arrisk.sim.invoices import Invoices
from arrisk.sim.timeline import Bools, Floats, Ints, Runs
from arrisk.sim.world import World
from tools.default_readings import Readings

_LEAST = 1e-12
_PER_INVOICE = ("customer", "issued_day", "due_day", "terms", "amount", "relative_amount", "stop")


def read_payments(
    world: World, today: int, *, is_known: Bools, until: Ints, last_paid: Ints
) -> tuple[Readings, Readings]:
    """Read how the invoices issued before a day were paid by a customer that pays.

    Parameters
    ----------
    is_known : by stop, whether the ledger shows it.
    until : by slot, the last day on which a customer that waits has paid nothing.
    last_paid : by customer, the last day on which it is seen to have paid; -1 = none.

    Returns
    -------
    tuple
        The invoices whose end is known, or that a known stop has met; and those that wait, whose chances are by slot:
        [reading, slot, discipline, strength].
    """
    records = _Records.read(world, today, is_known)
    shape = (len(world.params.discipline_days), len(world.params.strength_days))
    waits = records.waits
    ended = np.empty((int((~waits).sum()), *shape), dtype="float32")
    waiting = np.empty((int(waits.sum()), len(until), *shape))
    those, others = records.take(waits), records.take(~waits)
    for (discipline, strength), delays in _vary_states(world, records.invoices, shape):
        ended[:, discipline, strength] = others.chance_of_end(delays.take(np.flatnonzero(~waits)), world.runs)
        own = delays.take(np.flatnonzero(waits))
        for slot, day in enumerate(until):
            # What was left when the customer last paid was unpaid until then, wherever in its span it stopped.
            unpaid_until = np.maximum(day, last_paid[those.invoices.customer])
            waiting[:, slot, discipline, strength] = those.chance_of_waiting(own, world.runs, unpaid_until)
    return others.date(ended), those.date(waiting)


def _vary_states(world: World, invoices: Invoices, shape: tuple[int, int]) -> Iterator[tuple[tuple[int, int], Delays]]:
    """Give the laws of payment as they would be if everybody were always in one state."""
    for discipline, strength in product(*map(range, shape)):
        fixed = replace(
            world.paths,
            discipline=np.broadcast_to(np.int8(discipline), world.paths.discipline.shape),
            strength=np.broadcast_to(np.int8(strength), world.paths.strength.shape),
        )
        known = (world.traits, fixed, invoices)
        yield (discipline, strength), build_delays(*known, chain=world.chain, runs=world.runs, params=world.params)


@dataclass(frozen=True)
class _Records:
    """What is seen of invoices, one element each; days are ``NEVER`` when not seen."""

    invoices: Invoices
    way: Ints
    is_credited: Bools
    ended_day: Ints
    stop_day: Ints  # of a known stop before its end
    in_parts: Bools
    in_dispute: Bools

    @classmethod
    def read(cls, world: World, today: int, is_known: Bools) -> "_Records":
        rows = np.flatnonzero(world.invoices.issued_day < today)
        invoices, course = _take(world.invoices, rows), world.settlements.course
        ended = np.minimum(course.final_day, course.credit_day)[rows]
        stop = np.append(np.where(is_known, world.paths.stops.stop_day, NEVER), NEVER)[invoices.stop]
        return cls(
            invoices=invoices,
            way=course.way[rows],
            is_credited=(course.outcome[rows] == FULL_CREDIT) & (course.way[rows] == DISPUTED),
            ended_day=np.where(ended < today, ended, NEVER),
            stop_day=np.where((stop < today) & (ended > stop), stop, NEVER),
            in_parts=course.first_day[rows] < today,
            in_dispute=course.opened_day[rows] < today,
        )

    @property
    def waits(self) -> Bools:
        """Those that were not ended, and met no known stop."""
        return np.asarray((self.ended_day == NEVER) & (self.stop_day == NEVER))

    def take(self, chosen: Bools) -> "_Records":
        """Give some of them."""
        names = ("way", "is_credited", "ended_day", "stop_day", "in_parts", "in_dispute")
        parts = {name: getattr(self, name)[chosen] for name in names}
        return _Records(invoices=_take(self.invoices, np.flatnonzero(chosen)), **parts)

    def date(self, chance: npt.NDArray[np.floating]) -> Readings:
        """Put chances beside their customers, on the day of issue."""
        return Readings(self.invoices.customer, self.invoices.issued_day, np.maximum(chance, _LEAST))

    def chance_of_end(self, delays: Delays, runs: Runs) -> Floats:
        """Give the chance of the way and the day of each payment; of none before a stop, where there was one."""
        is_met, due = self.stop_day < NEVER, self.invoices.due_day
        day = np.where(is_met, due, self.ended_day)
        first = runs.last_run(delays.pattern, day - 1)
        result = delays.p_discount
        for way, share, law in _list_ways(delays):
            spread = _by(law, day, due) - _by(law, first, due)
            result = np.where(self.way == way, share * np.where(self.is_credited, 1.0, spread), result)
        unpaid = _sum_unpaid(delays, runs, np.where(is_met, self.stop_day - 1, due), due)
        return np.where(is_met, sum(unpaid.values()), result)

    def chance_of_waiting(self, delays: Delays, runs: Runs, day: Ints) -> Floats:
        """Give the chance of no payment until each day, in the way known by now; 1 for what was issued later."""
        due = self.invoices.due_day
        unpaid = _sum_unpaid(delays, runs, day, due)
        seen = np.where(self.in_dispute, unpaid[DISPUTED], sum(unpaid.values()))
        seen = np.where(self.in_parts, unpaid[PARTIAL], seen)
        return np.where(self.invoices.issued_day <= day, seen, 1.0)


def _take(invoices: Invoices, rows: Ints) -> Invoices:
    return replace(invoices, **{name: getattr(invoices, name)[rows] for name in _PER_INVOICE})


def _list_ways(delays: Delays) -> tuple[tuple[int, Floats, Law], ...]:
    p_plain = 1 - delays.p_discount - delays.p_partial - delays.p_dispute
    return (
        (PLAIN, p_plain, delays.plain),
        (PARTIAL, delays.p_partial, delays.partial),
        (DISPUTED, delays.p_dispute, delays.disputed),
    )


def _by(law: Law, day: Ints, due: Ints) -> Floats:
    return law.chance((day - due).astype(np.float64))


def _sum_unpaid(delays: Delays, runs: Runs, day: Ints, due: Ints) -> dict[int, Floats]:
    """Give the chance of each way of paying and of no payment by the end of a day."""
    last = runs.last_run(delays.pattern, day)
    unpaid = {way: share * (1 - _by(law, last, due)) for way, share, law in _list_ways(delays)}
    return unpaid | {DISCOUNT: delays.p_discount * (delays.discount_day > last)}
