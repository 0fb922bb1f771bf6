"""The course of each invoice: the way of paying, and the days on which something happens to it."""

from dataclasses import dataclass

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.delays import Delays
from arrisk.sim.invoices import Invoices
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Paths
from arrisk.sim.timeline import Ints, Runs, make_generator, roll_forward

PLAIN, PARTIAL, DISPUTED, DISCOUNT = range(4)
REJECTED, PART_CREDIT, FULL_CREDIT, GOODWILL = range(4)
ARREARS_DAYS = 20  # a cured customer pays its arrears within so many days
LONG_CLAIM_DAYS = 70
CLAIM_LAG = 7  # a dispute is resolved less than so many days before its payment
CLAIM_DAYS = 5  # ... and opened by so many days past due
FIRST_PART_DAYS = (7, 29)  # before the last part


@dataclass(frozen=True)
class Course:
    """One element per invoice; NEVER = does not happen."""

    way: Ints
    outcome: Ints  # of the dispute
    first_day: Ints  # first part, of an invoice paid in two
    final_day: Ints  # the payment that settles
    opened_day: Ints  # dispute
    resolved_day: Ints
    credit_day: Ints  # credit note that ends a dispute


def draw_courses(
    paths: Paths, invoices: Invoices, delays: Delays, *, runs: Runs, params: SimulationParameters, seed: int
) -> Course:
    """Draw the way each invoice is paid from its mixture, and let those who stop not pay."""
    rng = make_generator(seed, "courses")
    way, raw = _draw_way(rng, invoices, delays)
    outcome = _draw_outcome(rng, way, params)
    natural = np.where(way == DISCOUNT, delays.discount_day, runs.next_run(delays.pattern, raw))
    final = _apply_stops(rng, paths, invoices, delays, natural, runs)
    opened, resolved = _draw_dispute(rng, invoices, way, outcome, raw, natural, final)
    is_credited = (way == DISPUTED) & np.isin(outcome, (PART_CREDIT, FULL_CREDIT))
    is_full = (way == DISPUTED) & (outcome == FULL_CREDIT)
    return Course(
        way=way,
        outcome=outcome,
        first_day=_draw_first_day(rng, paths, invoices, delays, way, natural, runs),
        final_day=np.where(is_full, NEVER, final),
        opened_day=opened,
        resolved_day=resolved,
        credit_day=np.where(is_credited, resolved, NEVER),
    )


def _draw_way(rng: np.random.Generator, invoices: Invoices, delays: Delays) -> tuple[Ints, Ints]:
    """Way of paying, and the day on which the customer would pay if every day were a payment run."""
    chance = rng.random(len(invoices))
    edges = np.cumsum([delays.p_discount, delays.p_partial, delays.p_dispute], axis=0)
    way = np.select(list(chance < edges), [DISCOUNT, PARTIAL, DISPUTED], PLAIN)
    place = rng.random(len(invoices))
    laws = (delays.plain, delays.partial, delays.disputed)
    days = np.select([way == number for number in range(3)], [law.quantile(place) for law in laws], 0.0)
    return way, invoices.due_day + np.ceil(days).astype(np.int64)


def _draw_outcome(rng: np.random.Generator, way: Ints, params: SimulationParameters) -> Ints:
    edges = np.cumsum([params.full_credit_share, params.part_credit_share, params.goodwill_share])
    choice = np.array([FULL_CREDIT, PART_CREDIT, GOODWILL, REJECTED])
    drawn = choice[np.searchsorted(edges, rng.random(len(way)), side="right")]
    return np.where(way == DISPUTED, drawn, REJECTED)


def _apply_stops(
    rng: np.random.Generator, paths: Paths, invoices: Invoices, delays: Delays, natural: Ints, runs: Runs
) -> Ints:
    """Let a customer that stopped pay when it is cured, or never."""
    stop_day = np.append(paths.stops.stop_day, NEVER)[invoices.stop]
    resume_day = np.append(paths.stops.resume_day, NEVER)[invoices.stop]
    final = natural.copy()
    met = np.flatnonzero(natural >= stop_day)
    arrears = np.maximum(resume_day[met] + rng.integers(0, ARREARS_DAYS, len(met)), natural[met])
    is_cured = resume_day[met] < NEVER
    paid = runs.next_run(delays.pattern[met], np.where(is_cured, arrears, invoices.issued_day[met]))
    final[met] = np.where(is_cured, paid, NEVER)
    return final


def _draw_dispute(
    rng: np.random.Generator,
    invoices: Invoices,
    way: Ints,
    outcome: Ints,
    raw: Ints,
    natural: Ints,
    final: Ints,
) -> tuple[Ints, Ints]:
    """Resolve a dispute shortly before payment, or leave it open when the customer stops."""
    issued, due = invoices.issued_day, invoices.due_day
    is_disputed = way == DISPUTED
    soon = np.maximum(raw - rng.integers(0, CLAIM_LAG, len(invoices)), issued + 2)
    # A claim that runs long ends with its payment: no able customer may owe undisputed items for ninety days.
    resolved = np.where(natural - due > LONG_CLAIM_DAYS, natural, np.minimum(soon, natural))
    resolved = np.where(final == natural, resolved, final)
    resolved = np.where(outcome == FULL_CREDIT, roll_forward(raw), resolved)
    latest = np.minimum(np.minimum(resolved, natural) - 1, due + CLAIM_DAYS)
    opened = issued + 1 + (rng.random(len(invoices)) * np.maximum(latest - issued - 1, 0)).astype(np.int64)
    return np.where(is_disputed, opened, NEVER), np.where(is_disputed, resolved, NEVER)


def _draw_first_day(
    rng: np.random.Generator,
    paths: Paths,
    invoices: Invoices,
    delays: Delays,
    way: Ints,
    natural: Ints,
    runs: Runs,
) -> Ints:
    """Let the first part come one to four weeks before the last, if the customer still pays then."""
    wished = np.maximum(natural - rng.integers(*FIRST_PART_DAYS, len(natural)), invoices.issued_day + 1)
    first = runs.next_run(delays.pattern, wished)
    stop_day = np.append(paths.stops.stop_day, NEVER)[invoices.stop]
    return np.where((way == PARTIAL) & (first < natural) & (first < stop_day), first, NEVER)
