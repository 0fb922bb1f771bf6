"""Paths of weekly receipts: invoices of one customer, and all invoices of the book, are paid early or late together.

A Gaussian copula: each invoice's normal score is a weighted sum of a factor of the book, one of its customer and one of
its own; it is paid in the first week by whose end its curve has reached the score's probability.
"""

import math

import numpy as np
from scipy.special import ndtri

from arrisk.forecast.dependence import Dependence
from arrisk.forecast.receipts import OpenAmounts
from arrisk.modeling.rows import Floats

_SCORES_AT_ONCE = 200_000


def simulate_open(open_book: OpenAmounts, *, dependence: Dependence, paths: int, seed: int) -> Floats:
    """Draw paths of the receipts of the open book.

    Parameters
    ----------
    open_book : amounts, curves and weeks.
    dependence : what invoices have in common.
    paths : how many.
    seed : the same seed gives the same paths.

    Returns
    -------
    array of shape (paths, weeks)
        Receipts of each week, minor units.
    """
    rng = np.random.default_rng(seed)
    customer = open_book.customers
    of_book = math.sqrt(dependence.book) * rng.standard_normal(paths, dtype="float32")
    of_customer = rng.standard_normal((int(customer.max(initial=-1)) + 1, paths), dtype="float32")
    limits, amounts = ndtri(_list_limits(open_book)).astype("float32"), open_book.amounts
    cells = limits.shape[1] + 1
    received = np.zeros(paths * cells)
    path_cell = cells * np.arange(paths)
    step = max(1, _SCORES_AT_ONCE // paths)
    for first in range(0, len(amounts), step):
        rows = slice(first, first + step)
        scores = math.sqrt(dependence.customer) * of_customer[customer[rows]] + of_book
        scores += math.sqrt(dependence.own) * rng.standard_normal(scores.shape, dtype="float32")
        cell = np.zeros(scores.shape, dtype="uint8")
        for limit in limits[rows].T:
            cell += scores > limit[:, None]
        weight = np.broadcast_to(amounts[rows, None], cell.shape)
        received += np.bincount((path_cell + cell).ravel(), weight.ravel(), minlength=len(received))
    return received.reshape(paths, cells)[:, 1:-1]


def _list_limits(open_book: OpenAmounts) -> Floats:
    """Give P(paid before the first week, though not booked), then by the end of each week, shape (n, weeks + 1)."""
    weekly = open_book.weekly
    return np.column_stack([open_book.waiting.unbooked * weekly[:, 0], weekly])
