"""The truth: chances of the outcomes, given the hidden state on the day of the question and nothing later."""

import numpy as np

from arrisk.sim.chain import LONGEST, Chain
from arrisk.sim.customers import Traits
from arrisk.sim.delays import Delays, Law
from arrisk.sim.invoices import Invoices
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Paths
from arrisk.sim.timeline import Bools, Floats, Ints, Runs

_NODES = 5  # of the numerical integration of survival over the day of payment
_CHUNK = 200_000
_ANY_DAY = 0  # the run pattern of every business day


def late_chances(
    traits: Traits,
    paths: Paths,
    invoices: Invoices,
    delays: Delays,
    *,
    chain: Chain,
    runs: Runs,
    params: SimulationParameters,
    tolerances: tuple[int, ...],
) -> Floats:
    """Chance that each invoice is late by k days, given that it is not credited before; [invoice, k].

    Late means not paid by due day + k: paid later, or not at all because the customer stops first.
    """
    result = np.empty((len(invoices), len(tolerances)))
    survival = chain.survival.reshape(-1, LONGEST + 1)
    state = state_rows(traits, paths, invoices.customer, invoices.issued_day, chain)
    stop_day = np.append(paths.stops.stop_day, 2**31)[invoices.stop]
    pays = stop_day > invoices.issued_day
    for begin in range(0, len(invoices), _CHUNK):
        part = np.arange(begin, min(begin + _CHUNK, len(invoices)))
        question = _Question(invoices, delays.take(part), runs, survival, state[part], part, params)
        for column, tolerance in enumerate(tolerances):
            result[part, column] = question.late_chance(tolerance, pays[part])
    return result


def state_rows(traits: Traits, paths: Paths, customers: Ints, days: Ints, chain: Chain) -> Ints:
    """Row of the survival table that belongs to each customer's class and state on a day."""
    shape = chain.hazard.shape
    strength = paths.strength_at(traits.unit[customers], days)
    rows = np.ravel_multi_index((traits.hazard_class[customers], paths.regime_at(days), strength), shape)
    return np.asarray(rows, dtype=np.int64)


class _Question:
    """The chances of a chunk of invoices."""

    def __init__(
        self,
        invoices: Invoices,
        delays: Delays,
        runs: Runs,
        survival: Floats,
        state: Ints,
        part: Ints,
        params: SimulationParameters,
    ) -> None:
        self.issued, self.due = invoices.issued_day[part], invoices.due_day[part]
        self.delays, self.runs, self.survival, self.state = delays, runs, survival, state
        self.full_credit_share = params.full_credit_share

    def late_chance(self, tolerance: int, pays: Bools) -> Floats:
        delays, end = self.delays, self.due + tolerance
        p_plain = 1 - delays.p_discount - delays.p_partial - delays.p_dispute
        p_settled = delays.p_dispute * (1 - self.full_credit_share)
        paid = delays.p_discount * self._alive(delays.discount_day)
        for chance, law in (
            (p_plain, delays.plain),
            (delays.p_partial, delays.partial),
            (p_settled, delays.disputed),
        ):
            paid += chance * self._paid_by(law, end)
        last = self.runs.last_run(np.full(len(end), _ANY_DAY), end)
        credited = delays.p_dispute * self.full_credit_share * delays.disputed.chance((last - self.due).astype(float))
        return np.clip((1 - np.where(pays, paid, 0.0) - credited) / (1 - credited), 0.0, 1.0)

    def _paid_by(self, law: Law, end: Ints) -> Floats:
        """Give the chance of paying by a day: over the days of payment, times that of still paying then."""
        last = self.runs.last_run(self.delays.pattern, end)
        chance = law.chance((last - self.due).astype(float))
        alive = np.zeros(len(end))
        for node in range(_NODES):
            days = np.ceil(law.quantile(chance * (node + 0.5) / _NODES)).astype(np.int64)
            alive += self._alive(self.runs.next_run(self.delays.pattern, self.due + days))
        return chance * alive / _NODES

    def _alive(self, days: Ints) -> Floats:
        alive: Floats = self.survival[self.state, np.clip(days - self.issued, 0, LONGEST)]
        return alive


def default_chances(
    traits: Traits,
    paths: Paths,
    customers: Ints,
    day: int,
    *,
    chain: Chain,
    lag: Floats,
    horizon_days: int = 365,
) -> Floats:
    """Chance that a customer who pays on a day defaults within the horizon.

    Parameters
    ----------
    customers : positions of customers that pay on that day.
    lag : [customer, days] chance that a default is known at most so many days after the stop.
    """
    rows = state_rows(traits, paths, customers, np.full(len(customers), day), chain)
    survival = chain.survival.reshape(-1, LONGEST + 1)[rows]
    stops_on = survival[:, : horizon_days - 1] - survival[:, 1:horizon_days]
    left = horizon_days - 1 - np.arange(1, horizon_days)
    chances: Floats = np.einsum("cd,cd->c", stops_on, lag[:, np.minimum(left, lag.shape[1] - 1)])
    return chances
