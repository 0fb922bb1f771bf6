"""Two coarse ways to the allowance, to hold beside the methods: remaining life times loss rate, and losses by vintage.

Each gives one number for the whole book, from its own history alone, with what went into it.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import YEAR, divide, round_half_up
from arrisk.allowance.exposures import Exposures
from arrisk.allowance.flows import STEP_DAYS
from arrisk.allowance.loss_shares import read_loss_shares
from arrisk.allowance.methods.chain import follow_life
from arrisk.allowance.methods.roll_cells import number_steps
from arrisk.frames import day_of, match, to_days, visible
from arrisk.ledger.conversion import list_unit_worths
from arrisk.ledger.movements import WRITTEN_OFF, list_movements
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.rows import Floats, Ints
from arrisk.money import exponent
from arrisk.schema import Book

LIFE, VINTAGES = "remaining life", "vintages"

_LIFE_NOTE = (
    "every amount counts with the remaining life of all, but losses sit in the few that live longest: where most is "
    "paid within weeks and what is lost is written off after months, this comes out far too low"
)
_VINTAGE_NOTE = "a month of which more than usual is still open is taken to lose as much as the others did"
_NOTES = {LIFE: _LIFE_NOTE, VINTAGES: _VINTAGE_NOTE}
_SILENT_NOTE = "nothing was written off in the history, so that this says nothing"

_FIRST_STEP = -12


@dataclass(frozen=True)
class CrossCheck:
    """One number to hold beside the totals of the methods.

    Parameters
    ----------
    name : how it was arrived at.
    total : int64 minor units of the book currency, net of what comes back; None = nothing was ever written off, so that
        it says nothing.
    inputs : one row per figure that went into it: name, value, unit.
    table : the history behind it; amounts in major units.
    note : what a reader has to know when it differs.
    """

    name: str
    total: int | None
    inputs: pd.DataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    note: str


def check_remaining_life(exposures: Exposures, flows: pd.DataFrame, losses: Losses, *, steps: int) -> CrossCheck:
    """Multiply the annual write-off rate by the weighted-average remaining life and the balance (WARM).

    Parameters
    ----------
    exposures : the open items.
    flows : as given by ``list_flows`` as of the same day.
    losses : fitted on what was known before the day.
    steps : how many of the newest steps stand behind the rate.

    Returns
    -------
    CrossCheck
        Its table has one row per step of age: the share that stays open, and the days for which it then stays.

    Notes
    -----
    FASB Staff Q&A, Topic 326, No. 1, 2019: the weighted-average remaining maturity method. Of receivables the remaining
    life is until they are paid or written off, not until they are due.
    """
    newest = flows.loc[flows["step"] < steps]
    count = max(1, newest["step"].nunique())
    average, lost = newest["open_amount"].sum() / count, newest["written_off_amount"].sum()
    rate = lost * (YEAR / (STEP_DAYS * count)) / average if average > 0 else 0.0
    table = _measure_life(newest)
    base = exposures.items["base_amount"].to_numpy(dtype="float64")
    life = _weigh(_read_life(exposures, table), base)
    share = _weigh(read_loss_shares(exposures, losses)[0], base)
    unit = 10.0 ** -exponent(exposures.currency)
    inputs = [
        ("written off in the window", lost, exposures.currency),
        ("length of the window", float(STEP_DAYS * count), "days"),
        ("average balance", average, exposures.currency),
        ("annual write-off rate", rate, "share per year"),
        ("weighted-average remaining life", life, "days"),
        ("balance", base.sum() * unit, exposures.currency),
        ("loss share after recoveries and cover", share, "share"),
    ]
    return _conclude(LIFE, base.sum() * rate * life / YEAR * share, lost, inputs, table)


def _measure_life(flows: pd.DataFrame) -> pd.DataFrame:
    """Measure for how long what is open stays open, by step of age; the last step is open-ended."""
    step = np.maximum(number_steps(flows["age_days"].to_numpy()), _FIRST_STEP)
    table = flows.groupby(step)[["open_amount", "left_amount"]].sum().rename_axis("step").reset_index()
    stays = divide(table["left_amount"], table["open_amount"])
    return table.assign(stayed_share=stays, remaining_days=follow_life(stays) * STEP_DAYS)


def _read_life(exposures: Exposures, table: pd.DataFrame) -> Floats:
    if table.empty:
        return np.zeros(len(exposures.items))
    age = day_of(exposures.as_of) - to_days(exposures.items["due_on"])
    place = np.searchsorted(table["step"].to_numpy(), number_steps(age))
    return np.asarray(table["remaining_days"].to_numpy()[np.minimum(place, len(table) - 1)])


def check_vintages(exposures: Exposures, book: Book, losses: Losses) -> CrossCheck:
    """Add up what invoices of each month still lose, as those of earlier months did at the same age.

    Months are of 30 days back from the day, so that each is complete. An earlier month's loss at an age is taken over
    what was issued, not over what it had lost before: a young month has lost nothing yet, and would lose nothing ever.

    Parameters
    ----------
    exposures : the open items.
    book : a checked book.
    losses : fitted on what was known before the day of the exposures.

    Returns
    -------
    CrossCheck
        Its table has one row per month of issue, as given by ``develop_losses``, with open_amount.

    Notes
    -----
    The chain ladder in its additive form: Schmidt, Zocher, The Bornhuetter-Ferguson Principle, Variance 2, 2008.
    """
    issued, lost = _sum_vintages(book, exposures.as_of)
    items = exposures.items
    base = items["base_amount"].to_numpy(dtype="float64") * 10.0 ** -exponent(exposures.currency)
    age = np.minimum(_count_months(to_days(items["issued_on"]), exposures.as_of), len(issued) - 1)
    owed = np.bincount(age, weights=base, minlength=len(issued))[::-1]
    table = develop_losses(issued, lost).assign(open_amount=owed)
    # What is not open any more cannot be lost.
    coming = np.minimum(table["coming_amount"].to_numpy(), owed)
    share = _weigh(read_loss_shares(exposures, losses)[0], base)
    inputs = [
        ("still to be written off", float(coming.sum()), exposures.currency),
        ("loss share after recoveries and cover", share, "share"),
    ]
    net = float(coming.sum()) * share * 10.0 ** exponent(exposures.currency)
    return _conclude(VINTAGES, net, float(lost.sum()), inputs, table)


def develop_losses(issued: Floats, lost: Floats) -> pd.DataFrame:
    """Develop the losses of each month of issue to their ultimate.

    Parameters
    ----------
    issued : amount issued by month, the oldest first, shape (n,).
    lost : what was written off of each month's invoices, by months since issue, shape (n, n); the newest month has seen
        month 0 alone, the one before it months 0 and 1, and so on: what is further is ignored.

    Returns
    -------
    DataFrame
        One row per month, the oldest first: age_months, issued_amount, lost_amount (so far), loss_rate (in the month of
        that age, of all months that reached it), coming_rate (at later ages), coming_amount, ultimate_amount.

    Examples
    --------
    >>> lost = np.array([[1.0, 3.0, 2.0], [1.0, 5.0, 0.0], [4.0, 0.0, 0.0]])
    >>> develop_losses(np.array([100.0, 100.0, 200.0]), lost)["coming_amount"].tolist()
    [0.0, 2.0, 12.0]
    """
    count = len(issued)
    age = np.arange(count)[::-1]
    is_seen = np.arange(count)[None, :] <= age[:, None]
    seen_lost = np.where(is_seen, lost, 0.0)
    exposed = (issued[:, None] * is_seen).sum(axis=0)
    rate = np.divide(seen_lost.sum(axis=0), exposed, out=np.zeros(count), where=exposed > 0)
    later = rate.sum() - np.cumsum(rate)
    coming = np.maximum(later[age], 0.0)
    so_far = seen_lost.sum(axis=1)
    return pd.DataFrame(
        {
            "age_months": age,
            "issued_amount": issued,
            "lost_amount": so_far,
            "loss_rate": rate[age],
            "coming_rate": coming,
            "coming_amount": issued * coming,
            "ultimate_amount": so_far + issued * coming,
        }
    )


def _sum_vintages(book: Book, as_of: date) -> tuple[Floats, Floats]:
    """Sum issues by month, and write-offs by month of issue and age; major units of the book currency."""
    day = day_of(as_of)
    invoices = visible(book["invoices"], as_of_day=day)
    unit = list_unit_worths(invoices["currency"], book, as_of=as_of)
    unit = np.where((invoices["kind"] == "invoice").to_numpy(), np.nan_to_num(unit), 0.0)
    month = _count_months(to_days(invoices["issued_on"]), as_of)
    count = int(month.max()) + 1 if len(month) else 1
    issued = np.zeros(count)
    np.add.at(issued, count - 1 - month, invoices["amount"].to_numpy() * unit)
    moves = visible(list_movements(book), as_of_day=day)
    moves = moves.loc[moves["cause"] == WRITTEN_OFF]
    place = match(moves["invoice_id"], invoices["invoice_id"])
    moves, place = moves.loc[place >= 0], place[place >= 0]
    age = np.maximum(month[place] - _count_months(moves["known_day"].to_numpy(), as_of), 0)
    lost = np.zeros((count, count))
    np.add.at(lost, (count - 1 - month[place], age), moves["amount"].to_numpy() * unit[place])
    return issued, lost


def _count_months(days: Ints, as_of: date) -> Ints:
    return np.asarray(np.maximum(day_of(as_of) - 1 - days, 0) // STEP_DAYS)


def _weigh(values: Floats, weights: Floats) -> float:
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else 0.0


def _conclude(
    name: str, net: float, lost: float, inputs: list[tuple[str, float, str]], table: pd.DataFrame
) -> CrossCheck:
    is_silent = lost <= 0
    total = None if is_silent else int(round_half_up(np.array([net]))[0])
    note = _SILENT_NOTE if is_silent else _NOTES[name]
    return CrossCheck(name, total, pd.DataFrame(inputs, columns=["name", "value", "unit"]), table, note)
