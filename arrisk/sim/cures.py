"""When a customer that has stopped pays what it owes, as seen on a day on which that is not decided yet."""

import numpy as np

from arrisk.frames import NEVER
from arrisk.sim.courses import ARREARS_DAYS
from arrisk.sim.params import SimulationParameters
from arrisk.sim.paths import Stops
from arrisk.sim.timeline import Floats, Ints


def cure_chances(
    stops: Stops, stop: Ints, after: Floats, last: Ints, *, day: int, params: SimulationParameters
) -> Floats:
    """Chance that invoices of customers that have stopped are paid from a day to each of some runs.

    Parameters
    ----------
    stop : each invoice's stop; where it is not before the day, what is returned means nothing.
    after : chance that the customer would not have paid by each run had it not stopped, [invoice, run].
    last : runs; the first column is the last run before the day, [invoice, run].

    Returns
    -------
    array of shape [invoice, run - 1]
        Given that the invoice is neither paid nor written off before the day.
    """
    stop_day, resume_day = (np.append(days, NEVER)[stop][:, None] for days in (stops.stop_day, stops.resume_day))
    waited = day - stop_day
    is_resumed = resume_day <= day
    arrears = np.where(is_resumed, _resumed_by(last - resume_day), _cured_by(last - stop_day, waited, params))
    by = arrears * (1 - after)
    before = by[:, :1]
    paid = np.clip((by[:, 1:] - before) / np.maximum(1 - before, 1e-12), 0.0, 1.0)
    return np.asarray(paid * np.where(is_resumed, 1.0, cure_share(waited, params)))


def _resumed_by(days: Ints) -> Floats:
    """Chance that arrears are paid so many days after the customer resumes, or earlier."""
    return np.clip((days + 1) / ARREARS_DAYS, 0.0, 1.0)


def _cured_by(days: Ints, waited: Ints, params: SimulationParameters) -> Floats:
    """Chance that a customer which is cured later pays so many days after it stopped, or earlier."""
    first, end = np.maximum(params.cure_days[0], waited + 1), params.cure_days[1]
    total = np.zeros(days.shape)
    for arrears in range(ARREARS_DAYS):
        total += np.clip((days - arrears - first + 1) / np.maximum(end - first, 1), 0.0, 1.0)
    return total / ARREARS_DAYS


def cure_share(waited: Ints, params: SimulationParameters) -> Floats:
    """Chance that a customer is cured which has neither resumed nor been written off in the days since it stopped."""
    cured = params.cure_share * _left(waited + 1, params.cure_days)
    failed = (1 - params.cure_share) * _left(waited, params.write_off_days)
    return cured / np.maximum(cured + failed, 1e-12)


def _left(waited: Ints, days: tuple[int, int]) -> Floats:
    """Share of an even spread over days that lies at or beyond some days."""
    return np.clip((days[1] - np.maximum(waited, days[0])) / (days[1] - days[0]), 0.0, 1.0)
