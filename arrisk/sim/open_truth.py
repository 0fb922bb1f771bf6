"""The truth of the open book: when each open invoice is paid, given the hidden state on the day of the question.

What was likely at issue is weighed by what the ledger shows since; what is left from the day of the question on is
made to add up to one, and multiplied by the chance of still paying then. Nothing that happens later is looked at.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import NEVER, date_of
from arrisk.sim.chain import LONGEST
from arrisk.sim.cures import cure_chances
from arrisk.sim.evidence import DAYS_BEFORE, Sight, Times, Weights, weigh_days
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Floats, Ints
from arrisk.sim.truth import state_rows
from arrisk.sim.world import World

_CHUNK = 4_000
_ANY_DAY = np.array(0)  # the run pattern of every business day
_LEAST = 1e-12


@dataclass(frozen=True)
class OpenTruth:
    """The truth of the invoices that the ledger shows as open at the start of a day, one row each.

    Parameters
    ----------
    as_of_day : the day.
    position : of the invoice in the world.
    invoice_id : as in the written book.
    p_unpaid : chance that it is indeed unpaid, and not paid by a receipt that is not booked yet.
    paid : chance that it is paid by the end of as_of_day + j, given that it is unpaid, [invoice, j].
    credited : chance that it is credited in full by then, given that it is unpaid, [invoice, j].
    late : chance that it is not paid by due day + k, given that it is unpaid and not credited by then,
        [invoice, tolerance].
    """

    as_of_day: int
    position: Ints
    invoice_id: pd.Series
    p_unpaid: Floats
    paid: Floats
    credited: Floats
    late: Floats

    def __len__(self) -> int:
        """Count the invoices."""
        return len(self.position)


def tell_open_items(
    world: World, *, as_of_day: int, horizon_days: int = 91, tolerances: tuple[int, ...] = (0, 30)
) -> OpenTruth:
    """Tell when each open invoice is paid, given the state on a day, that it is open, and what the ledger shows.

    Of the ledger the truth sees an open or resolved dispute and a first part paid; of the hidden states those that
    the law of payment depended on at issue, and on the day: strength, regime, and whether the customer has stopped.

    Parameters
    ----------
    world : from `draw_world`.
    as_of_day : the day (since 1970-01-01) from whose start on payments are foretold.
    horizon_days : days foretold, the day itself included, at most the shortest cure.
    tolerances : days past due of the question whether an invoice is late.

    Raises
    ------
    InputError
        When the day is not covered by the portfolio, or the horizon is too long.
    """
    refuse_uncovered(world, as_of_day)
    if not 1 <= horizon_days <= world.params.cure_days[0]:
        raise InputError(f"a horizon of {horizon_days} days", hint=f"1 to {world.params.cure_days[0]} days")
    chosen = find_open(world, as_of_day)
    parts = [
        _tell_part(world, chosen[begin : begin + _CHUNK], as_of_day, horizon_days, tolerances)
        for begin in range(0, max(len(chosen), 1), _CHUNK)
    ]
    p_unpaid, paid, credited, late = (np.concatenate(part) for part in zip(*parts, strict=True))
    return OpenTruth(as_of_day, chosen, make_ids("I", chosen, 8), p_unpaid, paid, credited, late)


def refuse_uncovered(world: World, as_of_day: int) -> None:
    """Refuse a day that the portfolio does not cover.

    Raises
    ------
    InputError
        When the day is before the first one or more than a day after the last one.
    """
    first, last = world.timeline.start_day, world.timeline.end_day + 1
    if not first <= as_of_day <= last:
        raise InputError(
            f"{date_of(as_of_day)} is not a day of this portfolio", hint=f"{date_of(first)} to {date_of(last)}"
        )


def find_open(world: World, as_of_day: int) -> Ints:
    """Find the invoices that the ledger shows as open at the start of a day: issued, and not known to have ended."""
    course, receipts = world.settlements.course, world.receipts
    known_day = np.zeros(len(world.invoices), dtype=np.int64)
    np.maximum.at(known_day, receipts.invoice, receipts.part_known_day)
    paid = np.where(course.final_day <= world.timeline.end_day, known_day, NEVER)
    # A credit note that ends an invoice leaves nothing to pay.
    credited = np.where(course.final_day == NEVER, course.credit_day, NEVER)
    ended = np.minimum(np.minimum(paid, credited), world.settlements.written_off_day)
    return np.flatnonzero((world.invoices.issued_day < as_of_day) & (ended >= as_of_day))


def _tell_part(
    world: World, chosen: Ints, day: int, horizon_days: int, tolerances: tuple[int, ...]
) -> tuple[Floats, Floats, Floats, Floats]:
    sight, weights = weigh_open(world, chosen, day)
    runs, pattern, stop = world.runs, world.delays.pattern[chosen], world.invoices.stop[chosen]
    stop_day = np.append(world.paths.stops.stop_day, NEVER)[stop]
    ends = _list_ends(sight, horizon_days, tolerances)
    last = runs.last_run(pattern[:, None], np.column_stack([np.full(len(chosen), day - 1), ends]))
    cured = cure_chances(world.paths.stops, stop, weights.stops_after(last), last, day=day, params=world.params)
    going = (stop_day > day)[:, None]
    left = np.maximum(weights.left(day), _LEAST)
    paid = np.where(going, np.clip(weights.paid_by(last[:, 1:], day) / left[:, None], 0.0, 1.0), cured)
    credited = np.where(going, weights.credited_by(runs.last_run(_ANY_DAY, ends)) / left[:, None], 0.0)
    late = np.clip((1 - paid - credited) / np.maximum(1 - credited, _LEAST), 0.0, 1.0)
    unseen = weights.unseen(sight)
    p_unpaid = np.where(unseen > 0, left / (left + unseen), 1.0)
    return p_unpaid, paid[:, :horizon_days], credited[:, :horizon_days], late[:, horizon_days:]


def weigh_open(world: World, chosen: Ints, day: int, *, days_before: int = DAYS_BEFORE) -> tuple[Sight, Weights]:
    """Look at some open invoices at the start of a day, and weigh their raw days from some days before it on."""
    sight = Sight.look(world.invoices, world.settlements.course, chosen, day)
    delays = world.delays.take(chosen)
    times = Times.around(day, delays.pattern, world.runs, days_before=days_before)
    alive = _still_paying(world, chosen, sight, times)
    share = world.params.full_credit_share
    return sight, weigh_days(sight, delays, times, alive, runs=world.runs, full_credit_share=share)


def _still_paying(world: World, chosen: Ints, sight: Sight, times: Times) -> Floats:
    """Chance of paying on each run, as seen on the day: one that has stopped pays what it paid before that."""
    stop_day = np.append(world.paths.stops.stop_day, NEVER)[world.invoices.stop[chosen]][:, None]
    ahead = times.natural - sight.day
    return np.where(stop_day > sight.day, survive(world, chosen, sight.day, ahead), times.natural < stop_day)


def survive(world: World, chosen: Ints, day: int, ahead: Ints) -> Floats:
    """Chance that customers that pay on a day still pay so many days later, [invoice, days]."""
    table = world.chain.survival.reshape(-1, LONGEST + 1)
    days = np.full(len(chosen), day)
    rows = state_rows(world.traits, world.paths, world.invoices.customer[chosen], days, world.chain)
    survival: Floats = table[rows[:, None], np.clip(ahead, 0, LONGEST)]
    return survival


def _list_ends(sight: Sight, horizon_days: int, tolerances: tuple[int, ...]) -> Ints:
    """List the days of the horizon, then each invoice's deadlines; one that has passed is the day before."""
    days = np.tile(np.arange(sight.day, sight.day + horizon_days), (len(sight.due), 1))
    deadlines = sight.due[:, None] + np.array(tolerances, dtype=np.int64)
    return np.column_stack([days, np.maximum(deadlines, sight.day - 1)])
