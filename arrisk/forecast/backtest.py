"""The forecast on past days: its weekly error beside the rule's, its bias, and how often its band held what came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.errors import InputError
from arrisk.forecast.accuracy import measure_errors
from arrisk.forecast.cash import PARTS, PATHS, SEED, look_ahead
from arrisk.forecast.history import Ledger
from arrisk.forecast.receipts import CurvesOf, OpenAmounts
from arrisk.forecast.rule import forecast_by_rule
from arrisk.frames import to_dates
from arrisk.modeling.rows import Floats
from arrisk.policy import EndPolicy
from arrisk.schema import Book

Peer = Callable[[OpenAmounts], Floats]
"""Another forecast of the open book: minor units by week."""

_KEPT = 32
"""So many days' curves are kept: the open books from which a forecast learns were origins of earlier ones."""


@dataclass(frozen=True)
class CashBacktest:
    """A backtest of the cash forecast.

    Parameters
    ----------
    report : plain data, money in decimals of the book currency.
    rows : one row per origin and week: as_of, week, from, to, is_complete, currency, and by part of the receipts the
        amount that came (missing where it is not complete), mean, p10, p90, rule and further peers.
    """

    report: dict[str, Any]
    rows: pd.DataFrame


def backtest_cash(
    book: Book,
    *,
    curves_of: CurvesOf,
    cutoff: date,
    weeks: int,
    end: EndPolicy,
    every_weeks: int = 1,
    peers: Mapping[str, Peer] | None = None,
    paths: int = PATHS,
) -> CashBacktest:
    """Forecast week after week from a day on, and compare with what came.

    Parameters
    ----------
    book : a checked book.
    curves_of : gives the open invoices as of a day and their curves, by a model fitted before ``cutoff``.
    cutoff : the first origin; the last is the one whose first week the extract still covers.
    weeks : how many weeks each forecast has.
    end : when an invoice counts as settled.
    every_weeks : from one origin to the next; with more than one there are fewer forecasts, and it takes less time.
    peers : further forecasts of the open book, by name, measured in the same way.
    paths : of the simulation.

    Raises
    ------
    InputError
        When no week after the cutoff is complete by the end of the extract.
    """
    ledger, seen_curves = Ledger.of(book), lru_cache(_KEPT)(curves_of)
    origins = [
        _forecast_once(ledger, seen_curves, as_of=day, weeks=weeks, end=end, peers=peers or {}, paths=paths)
        for day in _list_origins(cutoff, book.extract_end_on, every_weeks)
    ]
    rows = pd.concat(origins, ignore_index=True) if origins else pd.DataFrame({"is_complete": []}, dtype=bool)
    if not rows["is_complete"].any():
        last = book.extract_end_on - timedelta(weeks=1)
        raise InputError(
            f"no week from {cutoff} on is complete by the end of the extract, {book.extract_end_on}",
            hint=f"a day well before {last}",
        )
    report = {
        "cutoff": cutoff.isoformat(),
        "ledger": book.name,
        "currency": book.currency,
        "weeks": weeks,
        "every_weeks": every_weeks,
    }
    return CashBacktest({**report, "paths": paths, **measure_errors(rows, peers=["rule", *(peers or {})])}, rows)


def _list_origins(cutoff: date, end_on: date, every_weeks: int) -> list[date]:
    count = max((end_on - cutoff).days + 1 - 7, -1) // (7 * every_weeks) + 1
    return [cutoff + timedelta(weeks=every_weeks * number) for number in range(count)]


def _forecast_once(
    ledger: Ledger,
    curves_of: CurvesOf,
    *,
    as_of: date,
    weeks: int,
    end: EndPolicy,
    peers: Mapping[str, Peer],
    paths: int,
) -> pd.DataFrame:
    outlook = look_ahead(ledger, curves_of, as_of=as_of, weeks=weeks, end=end, seed=SEED)
    open_book, horizon = outlook.open_book, outlook.open_book.horizon
    after = ledger.book.extract_end_on + timedelta(days=1)
    is_complete = ledger.find_complete(horizon, known_before=after)
    came = dict(zip(PARTS, ledger.sum_received(open_book, known_before=after), strict=False))
    came["total"] = came["open_book"] + came["future_sales"]
    by_rule = {"rule": forecast_by_rule(open_book.items, outlook.outcomes, horizon=horizon)}
    by_peers = by_rule | {name: peer(open_book) for name, peer in peers.items()}
    table = {
        **{f"{part}_actual": np.where(is_complete, amount, np.nan) for part, amount in came.items()},
        **outlook.draw(paths=paths, seed=SEED),
        **{f"open_book_{name}": amount for name, amount in by_peers.items()},
    }
    scale = 10.0 ** money.exponent(ledger.book.currency)
    return pd.DataFrame(
        {
            "as_of": to_dates(np.full(horizon.weeks, horizon.as_of_day)),
            "week": np.arange(1, horizon.weeks + 1),
            "from": to_dates(horizon.last_days - 6),
            "to": to_dates(horizon.last_days),
            "currency": pd.Series([ledger.book.currency] * horizon.weeks, dtype="str"),
            "is_complete": is_complete,
            **{name: amount / scale for name, amount in table.items()},
        }
    )
