"""Past allowances against what was really lost: each close judged by what became of the items that were open then."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.allowance.exposures import Exposures, read_currencies
from arrisk.frames import Days, day_of, sum_matched, visible
from arrisk.ledger.conversion import list_unit_worths
from arrisk.ledger.movements import WRITTEN_OFF, list_movements
from arrisk.modeling.bootstrap import draw_weights
from arrisk.modeling.rows import Floats
from arrisk.money import exponent
from arrisk.schema import Book

LOST = "lost_amount"
_PARTS = ("performing", "in_default")


def follow_items(exposures: Exposures, book: Book) -> pd.DataFrame:
    """Follow what was open on a day to the end of the ledger.

    Parameters
    ----------
    exposures : the open items of the day.
    book : reaches beyond that day.

    Returns
    -------
    DataFrame
        One row per item: written_off_amount (bad debt), lost_amount (less what was recovered of it), still_open_amount
        at the end; floats in major units of the book currency, at the rates of the day.
    """
    items = exposures.items
    unit = list_unit_worths(read_currencies(book, items, as_of=exposures.as_of), book, as_of=exposures.as_of)
    after = book.extract_end_on + timedelta(days=1)
    moved = [_sum_moves(book, items["invoice_id"], before=day) for day in (exposures.as_of, after)]
    gone, written_off = (end - start for start, end in zip(*moved, strict=True))
    recovered = np.minimum(_sum_recovered(book, items["invoice_id"], after=exposures.as_of), written_off)
    is_invoice = (items["kind"] == "invoice").to_numpy()
    left = items["open_amount"].to_numpy() / 10.0 ** exponent(exposures.currency) - gone * unit
    return pd.DataFrame(
        {
            "written_off_amount": np.where(is_invoice, written_off * unit, 0.0),
            LOST: np.where(is_invoice, (written_off - recovered) * unit, 0.0),
            "still_open_amount": np.where(is_invoice, np.maximum(left, 0.0), 0.0),
        }
    )


def _sum_moves(book: Book, invoice_ids: pd.Series, *, before: date) -> tuple[Days, Days]:
    """Sum what has gone of each invoice by what was known before a day, and how much of it was written off."""
    moves = visible(list_movements(book), as_of_day=day_of(before))
    bad = moves.loc[(moves["cause"] == WRITTEN_OFF).to_numpy()]
    gone, lost = (sum_matched(rows["invoice_id"], rows["amount"], invoice_ids) for rows in (moves, bad))
    return gone, lost


def _sum_recovered(book: Book, invoice_ids: pd.Series, *, after: date) -> Days:
    recoveries = visible(book["recoveries"], as_of_day=day_of(book.extract_end_on) + 1)
    recoveries = recoveries.loc[(recoveries["known_day"] >= day_of(after)).to_numpy()]
    return sum_matched(recoveries["invoice_id"], recoveries["amount"], invoice_ids)


def sum_closes(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Sum followed items of several closes, performing customers and those in default apart.

    Parameters
    ----------
    rows : one row per close and item: close_on, is_in_default, open_amount, still_open_amount and the columns.
    columns : the methods' expected losses and what was lost.

    Returns
    -------
    DataFrame
        One row per close and part: close_on, part ('performing', 'in_default'), open_amount, still_open_amount, and the
        columns.
    """
    parts = rows.assign(part=np.where(rows["is_in_default"], _PARTS[1], _PARTS[0]))
    amounts = ["open_amount", "still_open_amount", *columns]
    return parts.groupby(["close_on", "part"], as_index=False)[amounts].sum()


def rate_buckets(rows: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """Compare what each method expected with what was lost, by bucket over all closes.

    Returns
    -------
    DataFrame
        One row per part and bucket: part, bucket, open_amount, lost_amount, and for each method what it expected and
        ``hit_METHOD``, the lost over the expected amount (1 = right, above 1 = too little was set aside).
    """
    parts = rows.assign(part=np.where(rows["is_in_default"], _PARTS[1], _PARTS[0]))
    keys, amounts = ["part", "bucket"], ["open_amount", "still_open_amount", LOST, *methods]
    sums = parts.groupby(keys, as_index=False, observed=True, sort=True)[amounts].sum()
    hits = {f"hit_{name}": (sums[LOST] / sums[name]).where(sums[name] > 0) for name in methods}
    return sums.assign(**hits, bucket=sums["bucket"].astype("str"))


def compare_errors(rows: pd.DataFrame, methods: Sequence[str], *, against: str, draws: int = 1000) -> pd.DataFrame:
    """Compare how far the methods are from what they aim at, over all closes, with paired intervals over customers.

    The error is the distance of the expected from the aimed-at amount, summed over the closes, as a share of all that
    was aimed at. Each draw takes the same customers for all methods.

    Parameters
    ----------
    rows : one row per close and item: close_on, customer_id, the methods' expected losses, and ``against``.
    methods : names of columns.
    against : the column that they aim at: what was lost, or the truth.

    Returns
    -------
    DataFrame
        One row per pair of methods: method, other, error, other_error, gain (the other's error less the method's), low
        and high (95 %).
    """
    names = [*methods, against]
    closes, owner = pd.factorize(rows["close_on"], sort=True)[0], pd.factorize(rows["customer_id"], sort=True)[0]
    customers, count = int(owner.max()) + 1, int(closes.max()) + 1
    cells = {name: np.zeros((customers, count)) for name in names}
    for name, cell in cells.items():
        np.add.at(cell, (owner, closes), rows[name].to_numpy(dtype="float64"))
    whole = _measure_errors(np.ones((1, customers)), cells, methods, against)
    blocks = draw_weights(np.arange(customers), draws=draws)
    drawn = [_measure_errors(block, cells, methods, against) for block in blocks]
    errors = {name: np.concatenate([part[name] for part in drawn]) for name in methods}
    pairs = [(one, other) for place, one in enumerate(methods) for other in methods[place + 1 :]]
    return pd.DataFrame([_compare(one, other, whole, errors) for one, other in pairs])


def _measure_errors(
    weights: Floats, cells: dict[str, Floats], methods: Sequence[str], against: str
) -> dict[str, Floats]:
    """Give each method's error over the closes, shape (draws,)."""
    aim = weights @ cells[against]
    whole = aim.sum(axis=1)
    whole = np.where(whole > 0, whole, np.nan)
    return {name: np.abs(weights @ cells[name] - aim).sum(axis=1) / whole for name in methods}


def _compare(one: str, other: str, whole: dict[str, Floats], errors: dict[str, Floats]) -> dict[str, object]:
    gains = errors[other] - errors[one]
    gains = gains[np.isfinite(gains)]
    low, high = np.quantile(gains, [0.025, 0.975]) if len(gains) else (np.nan, np.nan)
    own, others = float(whole[one][0]), float(whole[other][0])
    gain = {"gain": others - own, "low": float(low), "high": float(high)}
    return {"method": one, "other": other, "error": own, "other_error": others, **gain}
