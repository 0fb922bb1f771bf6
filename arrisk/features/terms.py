"""Reads from the terms of payment, as written on an invoice, whether they offer a cash discount."""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

_RATE = r"(?<![\d.,/])(?:[1-9](?:[.,]\d+)?|0[.,]0*[1-9]\d*)\s*"
_DAYS = r"\d{1,3}(?![\d.,]*\d|\s*%)"
_DISCOUNT = re.compile(
    # "2% 10", "2 % within 10 days": a rate in per cent and its days. "2/10 net 30", "2/10, n/30": both before the net.
    rf"{_RATE}(?:%\s*(?:/|in|within)?\s*{_DAYS}|/\s*{_DAYS}\s*(?:days?|d)?[\s,;-]*n(?:et|\s*/))",
    re.IGNORECASE,
)


def offers_discount(terms: pd.Series) -> npt.NDArray[np.float64]:
    """Say of each text whether it offers a cash discount: 1 = yes, 0 = no, NaN = there is no text.

    Parameters
    ----------
    terms : as written, in the usual notation "2/10 net 30": 2 % less within 10 days, else all of it within 30. A rate
        of ten per cent or more is read as an instalment.

    Returns
    -------
    array of float64, shape (n,)

    Examples
    --------
    >>> offers_discount(pd.Series(["2/10 NET30", "2% 10 net 30", "NET30", "50% 30 days, 50% 60 days", None]))
    array([ 1.,  1.,  0.,  0., nan])
    """
    codes, texts = pd.factorize(terms)
    found = np.array([*(bool(_DISCOUNT.search(str(text))) for text in texts), np.nan], dtype="float64")
    return found[codes]
