"""How each invoice's amount is settled: what is credited, conceded, deducted, paid and lost."""

from dataclasses import dataclass

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.courses import DISCOUNT, DISPUTED, FULL_CREDIT, GOODWILL, PLAIN, Course
from arrisk.sim.customers import Traits
from arrisk.sim.invoices import Invoices
from arrisk.sim.params import BOOK_CURRENCY, SimulationParameters
from arrisk.sim.paths import Stops
from arrisk.sim.rebates import Rebates
from arrisk.sim.timeline import Bools, Floats, Ints, make_generator

_SHORT_MOST = 0.008  # a short payment stays below the tolerance within which an invoice counts as settled


@dataclass(frozen=True)
class Settlements:
    """One element per invoice; all parts together are its amount, in minor units; NEVER = does not happen."""

    course: Course
    return_day: Ints  # credit note for goods sent back
    rebate_day: Ints  # a rebate is set off
    written_off_day: Ints  # bad debt
    returned: Ints
    credited: Ints
    rebated: Ints
    conceded: Ints  # commercial write-off
    deducted: Ints  # discount
    short: Ints  # bank charges, written off later
    first_part: Ints
    last_part: Ints  # paid on the final day, or written off, or open for ever


def settle(
    traits: Traits,
    stops: Stops,
    invoices: Invoices,
    course: Course,
    rebates: Rebates,
    *,
    params: SimulationParameters,
    seed: int,
) -> Settlements:
    """Split each amount along the course of its invoice."""
    rng = make_generator(seed, "settlements")
    count, amount, way = len(invoices), invoices.amount, course.way
    is_paid = course.final_day < NEVER
    return_day = invoices.issued_day + rng.integers(3, 13, count)
    is_returned = (rng.random(count) < params.return_share) & (way == PLAIN) & (return_day < course.final_day)
    returned = _share_of(amount, rng.uniform(0.05, 0.4, count), is_returned)
    is_rebated = _can_be_rebated(course, rebates) & ~is_returned
    credit_share = np.where(course.outcome == FULL_CREDIT, 1.0, rng.uniform(0.1, 0.6, count))
    conceded_share = rng.uniform(0.03, 0.10, count)
    parts = {
        "returned": returned,
        "rebated": np.where(is_rebated, rebates.amount, 0),
        "credited": _share_of(amount, credit_share, course.credit_day < NEVER),
        "conceded": _share_of(amount, conceded_share, (course.outcome == GOODWILL) & is_paid),
        "deducted": _share_of(amount, np.full(count, 0.02), (way == DISCOUNT) & is_paid),
        "short": _draw_short(rng, traits, invoices, (way == PLAIN) & is_paid & ~is_returned, params),
    }
    rest = amount - sum(parts.values())
    first_part = _share_of(rest, rng.uniform(0.3, 0.7, count), course.first_day < NEVER)
    is_lost = ~is_paid & (rest > first_part)
    return Settlements(
        course=course,
        return_day=np.where(is_returned, return_day, NEVER),
        rebate_day=np.where(is_rebated, rebates.applied_day, NEVER),
        written_off_day=np.where(is_lost, np.append(stops.write_off_day, NEVER)[invoices.stop], NEVER),
        first_part=first_part,
        last_part=rest - first_part,
        **parts,
    )


def _can_be_rebated(course: Course, rebates: Rebates) -> Bools:
    is_before = rebates.applied_day < np.minimum(course.final_day, course.first_day)
    return is_before & ~np.isin(course.way, (DISPUTED, DISCOUNT))


def _share_of(amount: Ints, share: Floats, chosen: Bools) -> Ints:
    return np.where(chosen, np.rint(amount * share), 0).astype(np.int64)


def _draw_short(
    rng: np.random.Generator, traits: Traits, invoices: Invoices, can: Bools, params: SimulationParameters
) -> Ints:
    """Bank charges are kept back, more often by customers in another currency."""
    charges = rng.integers(300, 1_500, len(invoices))
    foreign = traits.currency[invoices.customer] != BOOK_CURRENCY
    chosen = can & (rng.random(len(invoices)) < params.short_share * np.where(foreign, 2.0, 0.7))
    return np.where(chosen & (charges < _SHORT_MOST * invoices.amount), charges, 0).astype(np.int64)
