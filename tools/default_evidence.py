"""What an observer sees of one customer and its group, as the filter of the hidden state reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from arrisk.sim.accounts import SEEN_BEFORE
from arrisk.sim.timeline import Floats, Ints
from arrisk.sim.world import World
from tools.default_filter import MOST_PASSED, PASS, READ, REPORT, TRADE, Seen
from tools.default_readings import Accounts, Readings

_LEAST = 1e-30
_SEED = 20_250_101


def index_rows(codes: Ints, count: int) -> Callable[[int], Ints]:
    """Give a function that lists the positions at which a code stands."""
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(count + 1))
    return lambda code: order[ends[code] : ends[code + 1]]


@dataclass
class Evidence:
    """What is seen of one customer, in any order; `shape` is slots, disciplines, strengths."""

    first_day: int
    shape: tuple[int, int, int]
    events: list[tuple[int, int, int]] = field(default_factory=list)
    chances: list[Floats] = field(default_factory=list)
    levels: list[Floats] = field(default_factory=list)

    def see(self, day: int, kind: int, chance: Floats) -> None:
        """Add a reading of a day: its chance, [strength] or [discipline, strength] or with slots before."""
        whole = np.broadcast_to(chance, self.shape)
        self.events.append((day - self.first_day, kind, len(self.chances)))
        self.chances.append(whole / whole[0].max())

    def see_level(self, end_day: int, log_chance: Floats) -> None:
        """Add accounts: the log of the chance of what they show by the level in tenths."""
        *before, last = (end_day - self.first_day - back for back, _ in SEEN_BEFORE)
        self.events += [(day, PASS, round(10 * weight)) for day, (_, weight) in zip(before, SEEN_BEFORE, strict=False)]
        self.events.append((last, READ, len(self.levels)))
        self.levels.append(np.exp(log_chance - log_chance.max()) + _LEAST)

    def finish(self, differs_from: int) -> Seen:
        """Put all in order of days."""
        day, kind, row = np.array(sorted(self.events), dtype=np.int64).reshape(-1, 3).T.copy()
        levels = np.array(self.levels).reshape(-1, len(list_levels()))
        return Seen(day, kind, row, levels, np.array(self.chances).reshape(-1, *self.shape), differs_from)


def list_levels() -> Floats:
    """List the levels that accounts can show."""
    return np.arange(MOST_PASSED + 4 * 7 + 1) / 10


class Sight:
    """All readings of a portfolio before a day; payments are left out of an applicant's.

    Parameters
    ----------
    payments : as given by ``read_payments``, or nothing.
    """

    def __init__(
        self, world: World, accounts: Accounts, reports: Readings, payments: tuple[Readings, Readings] | None
    ) -> None:
        count = len(world.traits)
        self._world, self._accounts = world, accounts
        self._accounts_of = index_rows(accounts.customer, count)
        ended = [] if payments is None else [payments[0]]
        self._steady = [(each, index_rows(each.customer, count)) for each in (reports, *ended)]
        self._waiting = None if payments is None else payments[1]
        self._waiting_of = None if payments is None else index_rows(payments[1].customer, count)
        self._rng = np.random.default_rng(_SEED)

    def gather(self, evidence: Evidence, customer: int, members: Sequence[int]) -> None:
        """Add all that is seen of a customer and of the members of its group, whose discipline is told."""
        self._gather_accounts(evidence, customer, members)
        first, discipline = self._world.paths.first_day, self._world.paths.discipline
        for member in members:
            for place, (readings, rows_of) in enumerate(self._steady):
                is_own = member == customer and evidence.shape[1] > 1
                for row in rows_of(member):
                    day, chance = int(readings.day[row]), readings.chance[row].astype(np.float64)
                    told = chance if is_own else chance[discipline[day - first, member]]
                    evidence.see(day, TRADE if is_own and place else REPORT, told)
        if self._waiting is not None and self._waiting_of is not None:
            for row in self._waiting_of(customer):
                evidence.see(int(self._waiting.day[row]), TRADE, self._waiting.chance[row])

    def find_first_waiting(self, customer: int, day: int) -> int:
        """Find the first day of issue of what waits, at most another day."""
        if self._waiting is None or self._waiting_of is None:
            return day
        return int(self._waiting.day[self._waiting_of(customer)].min(initial=day))

    def _gather_accounts(self, evidence: Evidence, customer: int, members: Sequence[int]) -> None:
        """Add the accounts of the group.

        The filter follows one year at a time. Of members whose year ends in another month the observer is told more:
        the strength of each of the four days with an error, so that their mean is what the accounts show.
        """
        accounts, rows = self._accounts, np.concatenate([self._accounts_of(member) for member in members])
        if not len(rows):
            return
        month = accounts.end_day[rows].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        own = month[accounts.customer[rows] == customer]
        main = own[0] if len(own) else np.bincount(month).argmax()
        together: dict[int, Floats] = {}
        for row, is_main in zip(rows, month == main, strict=True):
            precision = accounts.readings[row] / self._world.params.accounts_noise**2
            end, level = int(accounts.end_day[row]), float(accounts.level[row])
            if is_main:
                together[end] = together.get(end, 0.0) - precision / 2 * (level - list_levels()) ** 2
            else:
                self._tell_days(evidence, self._world.traits.unit[customer], end, level, precision)
        for end, log_chance in together.items():
            evidence.see_level(end, log_chance)

    def _tell_days(self, evidence: Evidence, unit: int, end: int, level: float, precision: float) -> None:
        backs, weights = (np.array(part) for part in zip(*SEEN_BEFORE, strict=True))
        variance = 1 / precision / (weights @ weights)
        strength = self._world.paths.strength_at(np.full(len(backs), unit), end - backs.astype(np.int64))
        errors = np.sqrt(variance) * self._rng.standard_normal(len(backs))
        errors += weights * (level - weights @ (strength + errors)) / (weights @ weights)
        for back, told in zip(backs, strength + errors, strict=True):
            chance = np.exp(-((told - np.arange(evidence.shape[2])) ** 2) / (2 * variance)) + _LEAST
            evidence.see(end - int(back), REPORT, chance)
