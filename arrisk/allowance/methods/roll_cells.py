"""What rolled where: amounts of a step of 30 days by chain, segment and age, customer by customer.

There are two chains, of customers in good standing and of those in default; an amount may cross to the other one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from arrisk.allowance.flows import STEP_DAYS
from arrisk.modeling.rows import Floats, Ints

GOINGS = ("stayed", "crossed", "written_off", "other")
"""Where an amount goes in a step: on in its chain, on in the other one, written off, or paid or credited."""

_OLDEST_STEP = 24


@dataclass(frozen=True)
class Span:
    """The steps of a chain, by number: 1 = 1 to 30 days past due. The first and the last one are open-ended."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def place(self, steps: Ints) -> Ints:
        """Give the place of each step in the chain."""
        return np.asarray(np.clip(steps, self.first, self.last) - self.first)

    def list_steps(self) -> list[int]:
        """List the numbers of the steps."""
        return list(range(self.first, self.last + 1))

    def name(self) -> list[str]:
        """Name the steps by days past due.

        Examples
        --------
        >>> Span(-1, 2).name()
        ['due in 30-59 or later', 'due in 0-29', '1-30', '31-60 or older']
        """
        if len(self) == 1:
            return ["any age"]
        first, *names, last = (_name_step(step) for step in range(self.first, self.last + 1))
        return [f"{first} or {'later' if self.first < 1 else 'younger'}", *names, f"{last} or older"]


def _name_step(step: int) -> str:
    end = step * STEP_DAYS
    return f"{end - STEP_DAYS + 1}-{end}" if step > 0 else f"due in {-end}-{STEP_DAYS - 1 - end}"


def number_steps(age_days: Ints) -> Ints:
    """Give each age the number of its step: 0 = due within 29 days, 1 = 1 to 30 days past due, up to two years.

    Examples
    --------
    >>> number_steps(np.array([-30, -29, 0, 1, 30, 31])).tolist()
    [-1, 0, 0, 1, 1, 2]
    """
    return np.asarray(np.minimum(-(-age_days // STEP_DAYS), _OLDEST_STEP))


@dataclass(frozen=True)
class RollCells:
    """Amounts by customer (rows) and cell (columns), a matrix for each of ``GOINGS``.

    Parameters
    ----------
    segments : their names; a cell is a segment's step of the performing chain, then those of the chain in default.
    spans : the steps of both chains.
    amounts : four matrices of shape (customers, cells), major units of the book currency.
    customers, leavers : of how many customers anything was there, and of how many anything left; shape (cells,).
    """

    segments: tuple[str, ...]
    performing: Span
    in_default: Span
    amounts: tuple[sparse.csr_array, ...]
    customers: Floats
    leavers: Floats

    def sum_amounts(self, weights: Floats) -> Floats:
        """Sum the amounts over customers, each counted so often; shape (draws, customers) to (draws, cells, 4)."""
        return np.stack([np.asarray((matrix.T @ weights.T).T) for matrix in self.amounts], axis=-1)

    def split(self, values: Floats) -> tuple[Floats, Floats]:
        """Split the second axis: (draws, cells, ...) to (draws, segments, steps, ...) and (draws, steps, ...)."""
        border = len(self.segments) * len(self.performing)
        shape = (len(values), len(self.segments), len(self.performing), *values.shape[2:])
        return values[:, :border].reshape(shape), values[:, border:]


def collect_cells(flows: pd.DataFrame, *, customers_at_least: int) -> RollCells:
    """Sum flows to cells.

    Parameters
    ----------
    flows : as given by ``list_flows``, with segment (of the customer).
    customers_at_least : a chain ends where a step has fewer; what is younger or older counts with its end.
    """
    step = number_steps(flows["age_days"].to_numpy())
    is_bad = flows["is_in_default"].to_numpy()
    customer, _ = pd.factorize(flows["customer_id"], sort=True)
    segment, names = pd.factorize(flows["segment"], sort=True)
    performing, in_default = (_find_span(step[rows], customer[rows], customers_at_least) for rows in (~is_bad, is_bad))
    border = len(names) * len(performing)
    good_cell = segment * len(performing) + performing.place(step)
    cell = np.where(is_bad, border + in_default.place(step), good_cell)
    shape = (int(customer.max()) + 1 if len(customer) else 1, border + len(in_default))
    goings = list_goings(flows)
    left = goings[:, 1:].sum(axis=1) > 0
    return RollCells(
        segments=tuple(str(name) for name in names),
        performing=performing,
        in_default=in_default,
        amounts=tuple(sparse.csr_array((goings[:, way], (customer, cell)), shape=shape) for way in range(len(GOINGS))),
        customers=_count(customer, cell, shape),
        leavers=_count(customer[left], cell[left], shape),
    )


def list_goings(flows: pd.DataFrame) -> Floats:
    """List where each amount went, shape (n, 4): the columns of ``GOINGS``."""
    left, written = flows["left_amount"].to_numpy(), flows["written_off_amount"].to_numpy()
    crossed = (flows["is_in_default"] != flows["is_in_default_after"]).to_numpy()
    other = np.maximum(flows["open_amount"].to_numpy() - left - written, 0.0)
    return np.column_stack([np.where(crossed, 0.0, left), np.where(crossed, left, 0.0), written, other])


def _find_span(steps: Ints, customers: Ints, at_least: int) -> Span:
    """Find the run of steps, each with enough customers, about the one with the most."""
    pairs = np.unique(np.column_stack([steps, customers]), axis=0)
    numbers, counts = np.unique(pairs[:, 0], return_counts=True)
    if not len(numbers) or counts.max() < at_least:
        return Span(0, 0)
    first = last = int(numbers[np.argmax(counts)])
    enough = set(numbers[counts >= at_least].tolist())
    while first - 1 in enough:
        first -= 1
    while last + 1 in enough:
        last += 1
    return Span(first, last)


def _count(customer: Ints, cell: Ints, shape: tuple[int, int]) -> Floats:
    pairs = np.unique(customer * shape[1] + cell)
    return np.bincount(pairs % shape[1], minlength=shape[1]).astype("float64")
