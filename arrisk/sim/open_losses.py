"""The truth of what the open book will cost, given the hidden state on the day of the question.

A customer that still pays may stop before it would have paid an invoice, and then fail; one that has stopped is cured
or fails. What is written off comes back in part, from the security and from the estate.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.sim.collateral import draw_securities
from arrisk.sim.cures import cure_share
from arrisk.sim.evidence import Sight, Weights
from arrisk.sim.exposure import expect_exposure
from arrisk.sim.losses import ESTATE_BETA, ESTATE_DAYS, NOTHING_SHARE, SECURED_DAYS
from arrisk.sim.open_truth import find_open, refuse_uncovered, survive, weigh_open
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Bools, Floats, Ints
from arrisk.sim.world import World

_CHUNK = 4_000
_YEAR = 365
_LEAST = 1e-12
_DAYS_SINCE_STOP = 360  # a write-off is at most 320 days after a stop, and a run at most 34 days after the raw day


@dataclass(frozen=True)
class OpenLosses:
    """The truth of the invoices that the ledger shows as open at the start of a day, one row each.

    Parameters
    ----------
    as_of_day : the day.
    position : of the invoice in the world.
    invoice_id : as in the written book.
    open_amount : as the ledger shows it, in minor units of the invoice's own currency.
    has_stopped : whether its customer has stopped paying it (hidden), and not resumed.
    p_written_off : chance that it is ever written off as bad debt.
    exposure_share : expected share of the open amount that is written off, given that anything is.
    loss_share : expected share of what is written off that does not come back.
    expected_loss_share : expected share of the open amount that is lost.
    """

    as_of_day: int
    position: Ints
    invoice_id: pd.Series
    open_amount: Ints
    has_stopped: Bools
    p_written_off: Floats
    exposure_share: Floats
    loss_share: Floats

    @property
    def expected_loss_share(self) -> Floats:
        """Multiply the chance and the shares."""
        return self.p_written_off * self.exposure_share * self.loss_share

    def __len__(self) -> int:
        """Count the invoices."""
        return len(self.position)


def tell_open_losses(
    world: World, *, as_of_day: int, yearly_rate: float = 0.0, within_days: int | None = None
) -> OpenLosses:
    """Tell what each open invoice is expected to cost, given the state on a day and what the ledger shows.

    The hidden states are those of `tell_open_items`, the share that a security returns among them. A security that
    is not held yet is not foreseen.

    Parameters
    ----------
    world : from `draw_world`.
    as_of_day : the day (since 1970-01-01) of the question.
    yearly_rate : at which a recovery is discounted to the day of the write-off.
    within_days : only recoveries at most so many days after the write-off count; None = all.

    Raises
    ------
    InputError
        When the day is not covered by the portfolio.
    """
    refuse_uncovered(world, as_of_day)
    chosen = find_open(world, as_of_day)
    stops, stop = world.paths.stops, world.invoices.stop[chosen]
    stop_day, resume_day = (np.append(days, NEVER)[stop] for days in (stops.stop_day, stops.resume_day))
    has_begun = stop_day <= as_of_day
    p_unpaid, cover, exposure = np.zeros(len(chosen)), np.zeros(len(chosen)), np.ones(len(chosen))
    held = _Held.find(world, as_of_day)
    for part in _split(np.flatnonzero(~has_begun)):
        sight, weights = weigh_open(world, chosen[part], as_of_day)
        p_unpaid[part] = _chance_unpaid(sight, weights)
        cover[part] = held.expect_cover(world, chosen[part], weights)
        exposure[part] = expect_exposure(world, chosen[part], sight, weights)
    for part in _split(np.flatnonzero(has_begun)):
        p_unpaid[part] = _chance_unpaid(*weigh_open(world, chosen[part], as_of_day, days_before=_DAYS_SINCE_STOP))
        cover[part] = held.cover_at(world.invoices.customer[chosen[part]], stop_day[part])
    secured, estate = _expect_recoveries(yearly_rate, within_days)
    return OpenLosses(
        as_of_day=as_of_day,
        position=chosen,
        invoice_id=make_ids("I", chosen, 8),
        open_amount=_show_open_amount(world, as_of_day)[chosen],
        has_stopped=(stop_day <= as_of_day) & (as_of_day < resume_day),
        p_written_off=p_unpaid * _chance_failed(world, stop, as_of_day),
        exposure_share=exposure,
        loss_share=1 - cover * secured - (1 - cover) * estate,
    )


def _split(rows: Ints) -> list[Ints]:
    return [rows[begin : begin + _CHUNK] for begin in range(0, len(rows), _CHUNK)]


def _chance_unpaid(sight: Sight, weights: Weights) -> Floats:
    """Chance that the customer stops, or has stopped, before it pays, given that the ledger shows the invoice as open.

    All else is paid later, paid already but not booked, or credited.
    """
    seen = weights.left(sight.day) + weights.unseen(sight)
    return weights.lost() / np.maximum(seen, _LEAST)


def _chance_failed(world: World, stop: Ints, day: int) -> Floats:
    """Chance that a stop ends in write-offs, as seen on a day; one that has ended leaves nothing to write off."""
    stops, params = world.paths.stops, world.params
    stop_day, resume_day, write_off_day = (
        np.append(days, NEVER)[stop] for days in (stops.stop_day, stops.resume_day, stops.write_off_day)
    )
    has_ended = (resume_day <= day) | (write_off_day < day)
    failed = np.where(has_ended, 0.0, 1 - cure_share(day - stop_day, params))
    return np.where(stop_day > day, 1 - params.cure_share, failed)


@dataclass(frozen=True)
class _Held:
    """The security that each customer is known to have given before a day."""

    day: int
    share: Floats  # of a loss that it returns, [customer]
    begin_day: Ints
    end_day: Ints

    @classmethod
    def find(cls, world: World, day: int) -> "_Held":
        drawn = draw_securities(world.traits, timeline=world.timeline, params=world.params, seed=world.seed)
        begin, end = (np.full(len(world.traits), at, dtype=np.int64) for at in (NEVER, -NEVER))
        begin[drawn.customer], end[drawn.customer] = drawn.begin_day, drawn.end_day
        return cls(day, np.where(begin < day, drawn.realised, 0.0), begin, end)

    def cover_at(self, customers: Ints, days: Ints) -> Floats:
        """Give the share of a loss that the security of customers that stop on these days returns."""
        was_valid = (self.begin_day[customers] <= days) & (days <= self.end_day[customers])
        return np.where(was_valid, self.share[customers], 0.0)

    def expect_cover(self, world: World, chosen: Ints, weights: Weights) -> Floats:
        """Expect the same of customers that still pay: the security may end before they stop."""
        customer, cover = world.invoices.customer[chosen], np.zeros(len(chosen))
        secured = np.flatnonzero(self.share[customer] > 0)
        natural, end = weights.times.natural[secured], self.end_day[customer[secured]][:, None]
        by_last, in_time = (
            1 - survive(world, chosen[secured], self.day, until - self.day)
            for until in (natural, np.minimum(natural, end))
        )
        share_in_time = np.divide(in_time, by_last, out=np.zeros_like(in_time), where=by_last > 0)
        stops = weights.stops[secured]
        chance = (stops * share_in_time).sum(axis=1) / np.maximum(stops.sum(axis=1), _LEAST)
        cover[secured] = chance * self.share[customer[secured]]
        return cover


def _expect_recoveries(yearly_rate: float, within_days: int | None) -> tuple[float, float]:
    """Expect the value, on the day of the write-off, of one that a security returns, and of what the estate returns."""
    values = []
    for days in (SECURED_DAYS, ESTATE_DAYS):
        after = np.arange(*days)
        counts = after <= (NEVER if within_days is None else within_days)
        values.append(float(np.mean(counts * (1 + yearly_rate) ** (-after / _YEAR))))
    mean = (1 - NOTHING_SHARE) * ESTATE_BETA[0] / sum(ESTATE_BETA)
    return values[0], mean * values[1]


def _show_open_amount(world: World, day: int) -> Ints:
    """Show what is open of each invoice by what the ledger knows at the start of a day, in minor units."""
    parts, course, receipts = world.settlements, world.settlements.course, world.receipts
    booked = receipts.part_known_day < day
    left = world.invoices.amount.copy()
    np.subtract.at(left, receipts.invoice[booked], receipts.part[booked])
    for at, amount in (
        (parts.return_day, parts.returned),
        (parts.rebate_day, parts.rebated),
        (course.credit_day, parts.credited),
        (course.final_day, parts.conceded + parts.deducted),
    ):
        left -= np.where(at < day, amount, 0)
    return left
