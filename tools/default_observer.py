"""What can be known of default in a simulated portfolio: an observer who knows all laws, and sees only the ledger.

The truth knows the financial strength of every customer, and on the day itself that it stops paying. The observer knows
every parameter and law, the macro regime, and the lasting traits and errors of every firm; of its strength and payment
discipline it knows what follows by Bayes' rule from all accounts and bureau reports of the firm and its group, from
every invoice, the day and the way it was paid, from what still waits, and from nobody's having stopped otherwise. It is
told more than the ledger shows, and less in two things alone that strength hardly moves or few have: the volume of
sales, and a market value. No model of the ledger can be expected to do better.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import day_of
from arrisk.sim import DEFAULTS
from arrisk.sim.chain import DAYS_A_MONTH
from arrisk.sim.lags import tabulate_lags
from arrisk.sim.tables import make_ids
from arrisk.sim.timeline import Bools, Floats, Ints
from arrisk.sim.truth import default_chances
from arrisk.sim.world import World, draw_world
from tools.default_evidence import Evidence, Sight, index_rows
from tools.default_filter import REPORT, Laws, Silence, run_filter
from tools.default_payments import read_payments
from tools.default_readings import read_accounts, read_reports

_SPAN_DAYS = 5
"""Days on which a customer may have stopped are told apart by so many."""

_NOT_KNOWN_DAYS = 200
"""A default is known so long after a stop."""


def tell_defaults(*, customers: int, months: int, seed: int, as_of: date, chosen: pd.Series) -> pd.DataFrame:
    """Tell how likely the observer thinks default within a year.

    Parameters
    ----------
    customers, months, seed : as given to ``arrisk simulate``.
    as_of : the day of the question; the observer sees what is known before it.
    chosen : ids of customers that are not in default on that day.

    Returns
    -------
    DataFrame
        One row per chosen customer, by customer_id: behaviour; application, known by accounts and bureau alone.
    """
    observer = Observer(draw_world(customers, months, seed, None, DEFAULTS), day_of(as_of))
    ids = make_ids("C", np.arange(customers), 6)
    rows = np.flatnonzero(ids.isin(chosen))
    told = {name: [observer.tell(int(row), trades=trades) for row in rows] for name, trades in _MODELS.items()}
    return pd.DataFrame(told, index=ids.iloc[rows])


_MODELS = {"behaviour": True, "application": False}


class Observer:
    """All that is the same for every customer of a world, as of the start of a day."""

    def __init__(self, world: World, today: int) -> None:
        self._world, self._today = world, today
        self._days = np.arange(world.paths.first_day, today + 1)
        stops, count = world.paths.stops, len(world.traits)
        self._is_known = np.minimum(stops.event_day, stops.hold_day) < today
        spans = world.params.hold_days[1] // _SPAN_DAYS
        # A customer that stopped in the middle of a span has paid nothing until the day before.
        middles = today - _SPAN_DAYS * np.arange(spans) - _SPAN_DAYS // 2
        until = np.concatenate([[today], middles, [today]]) - 1
        reports, accounts = read_reports(world, today), read_accounts(world, today)
        self._last_paid = _find_last_paid(world, today)
        payments = read_payments(world, today, is_known=self._is_known, until=until, last_paid=self._last_paid)
        self._sights = {True: Sight(world, accounts, reports, payments), False: Sight(world, accounts, reports, None)}
        self._slots = {True: len(until), False: 2}
        self._members = index_rows(world.traits.unit, count)
        self._stops = index_rows(stops.customer, count)
        self._lag = tabulate_lags(
            world.traits, world.chain, first_day=world.timeline.first_day, runs=world.runs, params=world.params
        )
        self._defaults = _tabulate_defaults(world, today, self._lag)
        self._regime = world.paths.regime[: len(self._days)]
        self._usual, self._turn = _find_long_run(world), _build_turn(world)

    def tell(self, customer: int, *, trades: bool) -> float:
        """Tell how likely a customer defaults within a year; without ``trades``, as if we had none with it."""
        world, sight = self._world, self._sights[trades]
        if trades and self._shows_stop(customer):
            return 1.0
        disciplines, strengths = len(world.params.discipline_days), len(world.params.strength_days)
        shape = (self._slots[trades], disciplines if trades else 1, strengths)
        evidence = Evidence(world.paths.first_day, shape)
        members = self._members(world.traits.unit[customer])
        sight.gather(evidence, customer, list(members))
        pays, spared = self._follow_stops(evidence, customer, members)
        silence = self._weigh_silence(customer, pays) if trades else self._weigh_default(customer, pays)
        is_told = silence.slot >= 0
        first = int(self._days[is_told.argmax()]) if is_told.any() else self._today
        differs_from = sight.find_first_waiting(customer, first) - world.paths.first_day
        laws = self._find_laws(customer, spared, trades=trades)
        weights = run_filter(laws, silence, evidence.finish(differs_from))
        pays_on, stopped = weights[0], weights[-1].sum()
        return float((stopped + pays_on @ self._defaults[customer]) / (stopped + pays_on.sum()))

    def _shows_stop(self, customer: int) -> bool:
        rows, stops = self._stops(customer), self._world.paths.stops
        standing = (stops.stop_day[rows] < self._today) & (stops.resume_day[rows] >= self._today)
        return bool((standing & self._is_known[rows]).any())

    def _follow_stops(self, evidence: Evidence, customer: int, members: Ints) -> tuple[Bools, Floats]:
        """Add the stops of the group; give when the customer may stop, and the chance that nobody does, by day."""
        stops, start = self._world.paths.stops, self._world.timeline.start_day
        spared, may_stop = np.ones((len(self._days), evidence.shape[2])), np.zeros(len(self._days), dtype=bool)
        for member in members:
            hazard = self._hazard_of(member)
            pays = self._days > max(int(self._world.traits.onboarded_day[member]), start)
            for row in self._stops(member):
                stop, resumed = int(stops.stop_day[row]), int(stops.resume_day[row])
                # Of the others of its group the observer is told, of the customer itself it sees what is over.
                if stop > self._today or (member == customer and resumed >= self._today):
                    continue
                pays &= (self._days < stop) | (self._days > resumed)
                evidence.see(stop, REPORT, hazard[stop - evidence.first_day])
            spared *= np.where(pays[:, None], 1 - hazard, 1.0)
            may_stop = pays if member == customer else may_stop
        return may_stop, spared

    def _hazard_of(self, customer: int) -> Floats:
        chances: Floats = self._world.chain.hazard[self._world.traits.hazard_class[customer]][self._regime]
        return chances

    def _weigh_silence(self, customer: int, may_stop: Bools) -> Silence:
        """Weigh the last days on which the customer may have stopped: nothing is held, and no event is known."""
        since, unseen = self._today - self._days, np.ones(len(self._days))
        for first, last in (self._world.params.hold_days, self._world.params.event_days):
            unseen *= np.clip((last - since) / (last - first), 0.0, 1.0)
        span = since // _SPAN_DAYS
        resumed = self._days > self._find_resumed(customer)
        can = may_stop & resumed & (self._days > self._last_paid[customer]) & (span < self._slots[True] - 2)
        return Silence(np.where(can, 1 + span, -1), unseen)

    def _weigh_default(self, customer: int, may_stop: Bools) -> Silence:
        """Weigh the days on which the customer may have stopped by the chance that no default is known yet."""
        since = self._today - self._days
        can = may_stop & (self._days > self._find_resumed(customer)) & (since < _NOT_KNOWN_DAYS)
        return Silence(np.where(can, 0, -1), 1 - self._lag[customer, np.minimum(since, _NOT_KNOWN_DAYS)])

    def _find_resumed(self, customer: int) -> int:
        resumed = self._world.paths.stops.resume_day[self._stops(customer)]
        return int(resumed[resumed < self._today].max(initial=-1))

    def _find_laws(self, customer: int, spared: Floats, *, trades: bool) -> Laws:
        world, unit = self._world, self._world.traits.unit[customer]
        usual = self._usual[int(world.traits.size[unit] == world.traits.size.max())]
        weights = np.array(world.params.discipline_weights) if trades else np.ones(1)
        return Laws(
            start=np.outer(weights / weights.sum(), usual),
            up=world.chain.up,
            down=world.chain.down,
            regime=self._regime,
            turn=self._turn if trades else np.ones((1, 1)),
            turns_from=world.timeline.start_day - world.paths.first_day if trades else len(self._days),
            spared=spared,
            hazard=self._hazard_of(customer),
        )


def _find_last_paid(world: World, today: int) -> Ints:
    """Find the last day on which each customer is seen to have paid; -1 = none."""
    course, last = world.settlements.course, np.full(len(world.traits), -1)
    for day in (course.final_day, course.first_day):
        np.maximum.at(last, world.invoices.customer[day < today], day[day < today])
    return last


def _tabulate_defaults(world: World, today: int, lag: Floats) -> Floats:
    """Give the truth of a customer that pays by its strength, [customer, strength]."""
    everyone, table = np.arange(len(world.traits)), []
    for strength in range(len(world.params.strength_days)):
        fixed = replace(world.paths, strength=np.broadcast_to(np.int8(strength), world.paths.strength.shape))
        table.append(default_chances(world.traits, fixed, everyone, today, chain=world.chain, lag=lag))
    return np.stack(table, axis=1)


def _find_long_run(world: World) -> tuple[Floats, Floats]:
    """Give the shares of strength on the first day: of most, and of the large, who are one level better."""
    shares = np.cumprod(np.append(1.0, world.chain.up[:-1] / world.chain.down[1, 1:]))
    most: Floats = shares / shares.sum()
    large = np.append(0.0, most[:-1])
    large[-1] += most[-1]
    return most, large


def _build_turn(world: World) -> Floats:
    """Build the daily matrix of discipline, [from, to]."""
    weights = np.array(world.params.discipline_weights)
    move = world.params.discipline_move / DAYS_A_MONTH / 2
    up, down = (move * np.minimum(1, ratio) for ratio in (weights[1:] / weights[:-1], weights[:-1] / weights[1:]))
    turn = np.diag(up, 1) + np.diag(down, -1)
    return np.asarray(turn + np.diag(1 - turn.sum(axis=1)))
