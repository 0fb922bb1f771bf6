"""The forward filter of the observer of defaults: what is known of one customer's hidden state, day by day.

The state is the customer's own payment discipline, the financial strength of its group, and what has passed of the
level that the next accounts will show: that level is the strength of four days, weighed 1, 2, 3 and 4 tenths. Beside
the state of a customer that pays until today there is a slot for each span of days in which it may have stopped without
a sign, in which it pays until then, and a last one in which it has stopped.
"""

from typing import NamedTuple

import numpy as np

from arrisk.features.compiled import entry, inner
from arrisk.sim.timeline import Floats, Ints

MOST_PASSED = 7 * (1 + 2 + 3)
"""The largest sum of the first three days' strengths, in tenths."""

PASS, READ, TRADE, REPORT = range(4)
"""What happens on a day: one of the first three days of the level passes; accounts show the level; a customer that pays
has an invoice; something is read that does not depend on whether it still pays."""

_RESCALE_DAYS = 16


class Laws(NamedTuple):
    """Chances a day of one customer; days are counted from the first.

    `start` [discipline, strength] is that of the day before; strength rises by `up` [strength] and falls by `down`
    [regime, strength]; discipline moves by `turn` [from, to] from day `turns_from` on; `spared` [day, strength] is the
    chance that nobody of the group stops, `hazard` [day, strength] that the customer does.
    """

    start: Floats
    up: Floats
    down: Floats
    regime: Ints
    turn: Floats
    turns_from: int
    spared: Floats
    hazard: Floats


class Silence(NamedTuple):
    """By day, the slot (-1 = none) in which a stop on it has given no sign, and how likely there is none."""

    slot: Ints
    unseen: Floats


class Seen(NamedTuple):
    """What is seen, by day: of `PASS` the row is the weight in tenths, of the others it counts in a table.

    `levels` [row, tenths] is how likely accounts are, `chances` [row, slot, discipline, strength] all else; before
    `differs_from` the slots do not differ.
    """

    day: Ints
    kind: Ints
    row: Ints
    levels: Floats
    chances: Floats
    differs_from: int


@entry
def run_filter(laws: Laws, silence: Silence, seen: Seen) -> Floats:
    """Run one customer's states to the last day; give their weights, not scaled: [slot, strength]."""
    slots = seen.chances.shape[1]
    state = np.zeros((slots, laws.start.shape[0], MOST_PASSED + 1, laws.start.shape[1]))
    state[0, :, 0, :] = laws.start
    used, passed, at = 1, 1, 0
    for day in range(len(laws.regime)):
        if day == seen.differs_from:
            used = slots
            for slot in range(1, slots - 1):
                state[slot] = state[0]
        _move(state[:used], passed, laws.up, laws.down[laws.regime[day]])
        if day >= laws.turns_from:
            _turn(state[:used], passed, laws.turn)
        if silence.slot[day] >= 0:
            _stop(state, passed, laws.hazard[day], silence.slot[day], silence.unseen[day])
        _spare(state[: max(1, used - 1)], passed, laws.spared[day])
        while at < len(seen.day) and seen.day[at] == day:
            passed = _see(state[:used], passed, seen.kind[at], seen.row[at], seen.levels, seen.chances)
            at += 1
        if day % _RESCALE_DAYS == 0:
            state[:used] /= state[0].sum()
    return state.sum(axis=2).sum(axis=1)


@inner
def _move(state: Floats, passed: int, up: Floats, down: Floats) -> None:
    last = len(up) - 1
    for slot in range(state.shape[0]):
        for discipline in range(state.shape[1]):
            for part in range(passed):
                line = state[slot, discipline, part]
                below = 0.0
                for s in range(last + 1):
                    above = line[s + 1] * down[s + 1] if s < last else 0.0
                    here = line[s]
                    line[s] = here * (1 - up[s] - down[s]) + below + above
                    below = here * up[s]


@inner
def _turn(state: Floats, passed: int, turn: Floats) -> None:
    last = state.shape[1] - 1
    for slot in range(state.shape[0]):
        for part in range(passed):
            for s in range(state.shape[3]):
                below = 0.0
                for d in range(last + 1):
                    above = state[slot, d + 1, part, s] * turn[d + 1, d] if d < last else 0.0
                    here = state[slot, d, part, s]
                    state[slot, d, part, s] = here * turn[d, d] + below + above
                    below = here * turn[d, d + 1] if d < last else 0.0


@inner
def _stop(state: Floats, passed: int, hazard: Floats, slot: int, unseen: float) -> None:
    for discipline in range(state.shape[1]):
        for part in range(passed):
            for s in range(state.shape[3]):
                state[-1, discipline, part, s] += state[slot, discipline, part, s] * hazard[s] * unseen


@inner
def _spare(state: Floats, passed: int, spared: Floats) -> None:
    for slot in range(state.shape[0]):
        for discipline in range(state.shape[1]):
            for part in range(passed):
                for s in range(state.shape[3]):
                    state[slot, discipline, part, s] *= spared[s]


@inner
def _see(state: Floats, passed: int, kind: int, row: int, levels: Floats, chances: Floats) -> int:
    """Weigh the states by what is seen; return over how many tenths the level may have passed then."""
    if kind == PASS:
        for s in range(1, state.shape[3]):
            for part in range(passed - 1, -1, -1):
                state[:, :, part + row * s, s] = state[:, :, part, s]
                state[:, :, part, s] = 0.0
        return passed + row * (state.shape[3] - 1)
    if kind == READ:
        _read_level(state, passed, levels[row])
        return 1
    until = state.shape[0]
    if kind == TRADE and until > 1:
        until -= 1
    for part in range(passed):
        state[:until, :, part, :] *= chances[row, :until]
    return passed


@inner
def _read_level(state: Floats, passed: int, likely: Floats) -> None:
    for slot in range(state.shape[0]):
        for discipline in range(state.shape[1]):
            for s in range(state.shape[3]):
                total = 0.0
                for part in range(passed):
                    total += state[slot, discipline, part, s] * likely[part + 4 * s]
                    state[slot, discipline, part, s] = 0.0
                state[slot, discipline, 0, s] = total
