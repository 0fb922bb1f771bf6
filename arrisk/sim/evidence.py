"""What a ledger shows of the way an invoice is paid, and how likely every day of payment makes that.

The *raw* day is when the customer would pay if every day were a payment run; it pays on the next run. A weight is the
chance of a raw day at issue times the chance, given that day, of everything that the ledger shows before a day.
"""

from dataclasses import dataclass

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.courses import CLAIM_DAYS, CLAIM_LAG, FIRST_PART_DAYS, LONG_CLAIM_DAYS, Course
from arrisk.sim.delays import Delays, Law
from arrisk.sim.invoices import Invoices
from arrisk.sim.receipts import chance_unseen
from arrisk.sim.timeline import Floats, Ints, Runs, roll_forward

DAYS_BEFORE = 50  # a run is at most 34 days away, and a receipt is booked within 15 days
_DAYS_AFTER = 215  # a claim on ninety days' terms is settled 209 days later at the latest


@dataclass(frozen=True)
class Sight:
    """What the ledger shows of some invoices at the start of a day; days are NEVER when not seen yet."""

    day: int
    issued: Ints
    due: Ints
    first_day: Ints  # first part paid
    opened_day: Ints  # dispute
    resolved_day: Ints

    @classmethod
    def look(cls, invoices: Invoices, course: Course, chosen: Ints, day: int) -> "Sight":
        """Look at some invoices at the start of a day."""
        seen = [
            np.where(days[chosen] < day, days[chosen], NEVER)
            for days in (course.first_day, course.opened_day, course.resolved_day)
        ]
        return cls(day, invoices.issued_day[chosen], invoices.due_day[chosen], *seen)


@dataclass(frozen=True)
class Times:
    """The raw days that matter around a day, and the run that follows each, by invoice."""

    raw: Ints
    natural: Ints

    @classmethod
    def around(cls, day: int, pattern: Ints, runs: Runs, *, days_before: int = DAYS_BEFORE) -> "Times":
        """List the raw days around a day."""
        raw = np.arange(day - days_before, day + _DAYS_AFTER)
        return cls(raw, runs.next_run(pattern[:, None], raw[None, :]))


@dataclass(frozen=True)
class Weights:
    """Weights of each raw day, [invoice, raw day].

    `pays` holds the chance of still paying on the run that follows, `stops` that of not paying any more, `credited`
    that of a dispute which ends in a full credit note.
    """

    times: Times
    pays: Floats
    stops: Floats
    credited: Floats

    def left(self, day: int) -> Floats:
        """Add up what is unpaid at the start of a day."""
        is_left = self.times.natural >= day
        total: Floats = np.where(is_left, self.pays, 0.0).sum(axis=1) + (self.stops + self.credited).sum(axis=1)
        return total

    def lost(self) -> Floats:
        """Add up what the customer does not pay because it stops, or has stopped, before."""
        total: Floats = self.stops.sum(axis=1)
        return total

    def unseen(self, sight: Sight) -> Floats:
        """Add up what is paid before a day by receipts that are not booked then."""
        natural = self.times.natural
        gaps = sight.day - natural
        unseen: Floats = (self.pays * chance_unseen(natural - sight.due[:, None], gaps)).sum(axis=1)
        return unseen

    def paid_by(self, last: Ints, day: int) -> Floats:
        """Add up what is paid from a day to each last run, [invoice, run]."""
        return self._add_up(np.where(self.times.natural >= day, self.pays, 0.0), last)

    def credited_by(self, last: Ints) -> Floats:
        """Add up what is credited by each last business day, [invoice, day]."""
        return self._add_up(self.credited, last)

    def stops_after(self, last: Ints) -> Floats:
        """Add up what a customer that had not stopped would have paid after each last run, [invoice, run]."""
        after: Floats = self.stops.sum(axis=1, keepdims=True) - self._add_up(self.stops, last)
        return after

    def _add_up(self, weights: Floats, last: Ints) -> Floats:
        sums = np.cumsum(weights, axis=1)
        raw = self.times.raw
        total: Floats = np.take_along_axis(sums, np.clip(last - raw[0], 0, len(raw) - 1), axis=1)
        return total


def weigh_days(
    sight: Sight, delays: Delays, times: Times, alive: Floats, *, runs: Runs, full_credit_share: float
) -> Weights:
    """Weigh the raw days of invoices by all that is seen of them.

    Parameters
    ----------
    alive : chance of still paying on the run that follows each raw day, [invoice, raw day].
    """
    p_dispute = np.where(sight.first_day < NEVER, 0.0, delays.p_dispute)[:, None]
    disputed = p_dispute * spread_raw_days(delays.disputed, sight.due, times.raw)
    is_disputed = (sight.opened_day < NEVER)[:, None]
    undisputed = np.where(is_disputed, 0.0, _weigh_undisputed(sight, delays, times, runs))
    settled, full = (1 - full_credit_share) * disputed, full_credit_share * disputed
    # One that stops leaves its dispute open; a dispute that ended in full credit has left no open invoice.
    if_stops = _see_dispute(sight, times.natural, np.full(times.natural.shape, NEVER - 1))
    credit_day = roll_forward(times.raw)[None, :]
    credited = np.where(credit_day >= sight.day, _see_dispute(sight, credit_day, credit_day), 0.0)
    return Weights(
        times=times,
        pays=alive * (undisputed + settled * _see_claim(sight, times)),
        stops=(1 - alive) * (undisputed + settled * if_stops),
        credited=full * credited,
    )


def spread_raw_days(law: Law, due: Ints, raw: Ints) -> Floats:
    """Spread one over the raw days by their chances at issue, [invoice, raw day]."""
    wide = Law(law.centre[:, None], law.scale[:, None], law.lowest[:, None], law.highest[:, None])
    ends = np.append(raw[0] - 1, raw)[None, :] - due[:, None]
    chances: Floats = np.diff(wide.chance(ends.astype(np.float64)), axis=1)
    return chances


def _weigh_undisputed(sight: Sight, delays: Delays, times: Times, runs: Runs) -> Floats:
    p_plain = 1 - delays.p_discount - delays.p_partial - delays.p_dispute
    whole = p_plain[:, None] * spread_raw_days(delays.plain, sight.due, times.raw)
    whole += delays.p_discount[:, None] * (delays.discount_day[:, None] == times.raw)
    parts = delays.p_partial[:, None] * spread_raw_days(delays.partial, sight.due, times.raw)
    is_begun = (sight.first_day < NEVER)[:, None]
    return np.where(is_begun, 0.0, whole) + parts * _see_first_part(sight, delays.pattern, times, runs)


def _see_first_part(sight: Sight, pattern: Ints, times: Times, runs: Runs) -> Floats:
    """Chance of seeing what is seen of the first part, if the last comes with each raw day.

    The first part comes on the first run some days before the last; these days are drawn from a range.
    """
    least, most = FIRST_PART_DAYS[0], FIRST_PART_DAYS[1] - 1
    earliest, natural, wide = (sight.issued + 1)[:, None], times.natural, pattern[:, None]
    seen = np.where(sight.first_day < NEVER, sight.first_day, sight.issued + 1)[:, None]
    run_before = runs.last_run(wide, seen - 1)
    longest = np.where(run_before < earliest, most, np.minimum(natural - run_before - 1, most))
    on_seen = np.where(seen < natural, longest - np.maximum(natural - seen, least) + 1, 0)
    last = runs.last_run(wide, np.minimum(natural, sight.day) - 1)
    before = np.where(earliest <= last, most + 1 - np.maximum(natural - last, least), 0)
    count = np.where((sight.first_day < NEVER)[:, None], on_seen, most - least + 1 - np.maximum(before, 0))
    return np.maximum(count, 0) / (most - least + 1)


def _see_claim(sight: Sight, times: Times) -> Floats:
    """Chance of seeing what is seen of a dispute that is resolved before its payment."""
    issued, due, natural = sight.issued[:, None], sight.due[:, None], times.natural
    total = np.zeros(natural.shape)
    for lag in range(CLAIM_LAG):
        soon = np.minimum(np.maximum(times.raw[None, :] - lag, issued + 2), natural)
        resolved = np.where(natural - due > LONG_CLAIM_DAYS, natural, soon)
        total += _see_dispute(sight, resolved, resolved)
    return total / CLAIM_LAG


def _see_dispute(sight: Sight, latest: Ints, resolved: Ints) -> Floats:
    """Chance of seeing what is seen of a dispute that is opened before `latest` and resolved on a day."""
    issued, opened = sight.issued[:, None], sight.opened_day[:, None]
    span = np.maximum(np.minimum(latest - 1, (sight.due + CLAIM_DAYS)[:, None]) - issued - 1, 1)
    not_yet = 1 - np.clip((sight.day - issued - 1) / span, 0.0, 1.0)
    is_opened_then = np.where(opened < NEVER, (opened - issued <= span) / span, not_yet)
    was_resolved = sight.resolved_day[:, None]
    fits = np.where(was_resolved < NEVER, resolved == was_resolved, resolved >= sight.day)
    return np.where(fits, is_opened_then, 0.0)
