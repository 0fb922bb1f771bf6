"""Two expected losses of one open book, and the way from one to the other, step by step.

The payment curve expects of each open invoice: P(written off) x loss given write-off x open amount. The default model
expects of each customer: P(default within a year) x loss given default x open amount. They answer different questions,
and differ; what of the difference can be computed stands in a step of its own, what is left stands as such.
"""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from arrisk.frames import day_of, match
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.defaults import list_defaults
from arrisk.ledger.movements import WRITTEN_OFF
from arrisk.ledger.outcomes import list_outcomes
from arrisk.modeling.default.customers import cover, expect_losses, list_owed
from arrisk.modeling.default.model import HORIZON_DAYS
from arrisk.modeling.evaluate import to_plain
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.open_scores import OpenBook
from arrisk.money import to_decimals
from arrisk.policy import Policy
from arrisk.schema import Book

FEWEST_DEFAULTERS = 10
"""With fewer customers who owed something and came into default, what was still open then is not told from chance."""


@dataclass(frozen=True)
class Exposures:
    """What was open as of a day, in major units of the book currency.

    Parameters
    ----------
    invoices : one row per open invoice: customer_id, open_amount, p_written_off (over its life), p_written_off_12m (by
        the end of the year), loss_share (given write-off), is_in_default (its customer).
    customers : one row per customer who owed something: customer_id, open_amount, p_default (NaN in default), lgd
        (given default), loss_share (given write-off, mean by amount), is_in_default.
    written_off : of what was open, written off by the end of the year; NaN when that is not over.
    defaulters : customers who owed something and came into default within the year; 0 when that is not over.
    still_open : share of what these owed on the day that was still open when they came into default; NaN without any.
    """

    invoices: pd.DataFrame
    customers: pd.DataFrame
    written_off: float
    defaulters: int
    still_open: float


@dataclass(frozen=True)
class Bridge:
    """The way from one expected loss to the other.

    Parameters
    ----------
    currency : of all amounts, major units.
    open_amount : of the whole book.
    steps : one row per line: step, amount, is_total. Between two totals, the steps add up to their difference.
    expected_written_off, written_off : of what was open, within the year, before anything is recovered.
    defaulters, still_open : as in ``Exposures``.
    """

    currency: str
    open_amount: float
    steps: pd.DataFrame = field(repr=False)
    expected_written_off: float
    written_off: float
    defaulters: int
    still_open: float

    def to_json(self) -> dict[str, Any]:
        """Describe the bridge as plain data."""
        own = {name: value for name, value in asdict(self).items() if name != "steps"}
        return dict(to_plain({**own, "steps": self.steps.to_dict("records")}))


def list_exposures(
    book: Book, opened: OpenBook, losses: Losses, p_default: pd.Series, *, as_of: date, policy: Policy
) -> Exposures:
    """List what was open as of a day with what both models say of it, and what became of it within a year.

    Parameters
    ----------
    book : a checked book.
    opened : as given by ``score_open_curves`` as of the day.
    losses : fitted on what was known before the day.
    p_default : of each customer who is not in default, by customer_id.
    as_of : the day.
    policy : says what a default is, and when an invoice has ended.

    Raises
    ------
    CurrencyError
        When an open invoice is in a currency without a rate.
    """
    curves, age = opened.curves, opened.items["days_past_due"].to_numpy(dtype="int64")
    items = to_book_currency(opened.items, book, amounts=["open_amount"], as_of=as_of)
    amount = to_decimals(items, ["open_amount"])["open_amount"].astype("float64")
    invoices = pd.DataFrame(
        {
            "invoice_id": items["invoice_id"],
            "customer_id": items["customer_id"],
            "open_amount": amount,
            "p_written_off": curves.read_written_off(curves.grid.end_day),
            "p_written_off_12m": curves.read_written_off(age + HORIZON_DAYS - 1),
            "loss_share": _read_loss_share(opened.items, book, losses, as_of=as_of),
            "is_in_default": ~items["customer_id"].isin(p_default.index).to_numpy(),
        }
    )
    owed = list_owed(items)
    customers = pd.DataFrame(
        {
            "customer_id": owed["customer_id"],
            "open_amount": to_decimals(owed, ["open_amount"])["open_amount"].astype("float64"),
            "p_default": owed["customer_id"].map(p_default),
            "lgd": losses.given_default.predict(cover(owed, book, as_of=as_of)),
        }
    )
    lost = (invoices["open_amount"] * invoices["loss_share"]).groupby(invoices["customer_id"]).sum()
    share = customers["customer_id"].map(lost) / customers["open_amount"]
    customers = customers.assign(loss_share=share, is_in_default=customers["p_default"].isna())
    return Exposures(invoices, customers, *_follow(book, invoices, as_of=as_of, policy=policy))


def reconcile_losses(exposures: Exposures, *, currency: str) -> Bridge:
    """Walk from the loss that the curve expects to the one that the default model expects.

    Parameters
    ----------
    exposures : as given by ``list_exposures``.
    currency : of its amounts.
    """
    own, held = exposures.invoices, exposures.customers
    by_curve = own["open_amount"] * own["loss_share"]
    of_healthy = by_curve * ~own["is_in_default"]
    curve, healthy = float((by_curve * own["p_written_off"]).sum()), float((of_healthy * own["p_written_off"]).sum())
    in_year = float((of_healthy * own["p_written_off_12m"]).sum())
    at_default = held["open_amount"] * held["p_default"].fillna(0.0)
    full, expected = float((at_default * held["loss_share"]).sum()), float((at_default * held["lgd"]).sum())
    already = float((held["open_amount"] * held["lgd"] * held["is_in_default"]).sum())
    is_known = exposures.defaulters >= FEWEST_DEFAULTERS and not np.isnan(exposures.still_open)
    replaced = full * (1.0 - exposures.still_open) if is_known else 0.0
    lines = [
        ("curve", curve, True),
        ("curve_in_default", healthy - curve, False),
        ("curve_later", in_year - healthy, False),
        ("curve_in_year", in_year, True),
        *([("new_sales", replaced, False)] if is_known else []),
        ("not_separated" if is_known else "not_separated_with_sales", full - in_year - replaced, False),
        ("paid_in_default", expected - full, False),
        ("default_in_year", expected, True),
        ("default_already", already, False),
        ("default", expected + already, True),
    ]
    return Bridge(
        currency=currency,
        open_amount=float(own["open_amount"].sum()),
        steps=pd.DataFrame(lines, columns=["step", "amount", "is_total"]),
        expected_written_off=float((own["open_amount"] * own["p_written_off_12m"]).sum()),
        written_off=exposures.written_off,
        defaulters=exposures.defaulters,
        still_open=exposures.still_open,
    )


def _read_loss_share(items: pd.DataFrame, book: Book, losses: Losses, *, as_of: date) -> pd.Series:
    """Read the loss given write-off of each invoice as scores use it: that of its customer in its currency."""
    surely = items.assign(p_written_off=1.0)
    return expect_losses(surely, book, losses, as_of=as_of) / items["open_amount"]


def _follow(book: Book, invoices: pd.DataFrame, *, as_of: date, policy: Policy) -> tuple[float, int, float]:
    """Follow what was open for a year: how much was written off, and what of it was left when customers failed."""
    start, end_day = day_of(as_of), day_of(book.extract_end_on)
    if start + HORIZON_DAYS - 1 > end_day:
        return np.nan, 0, np.nan
    after = date.fromordinal(book.extract_end_on.toordinal() + 1)
    outcomes = list_outcomes(book, as_of=after, end=policy.end)
    own = outcomes.iloc[match(invoices["invoice_id"], outcomes["invoice_id"])]
    ended, amount = own["ended_day"].to_numpy(), invoices["open_amount"].to_numpy()
    is_lost = (own["cause"] == WRITTEN_OFF).to_numpy() & (ended < start + HORIZON_DAYS)
    episodes = list_defaults(book, as_of=after, policy=policy)
    entered = episodes["entered_day"].to_numpy()
    soon = episodes.loc[(entered >= start) & (entered < start + HORIZON_DAYS)].drop_duplicates("customer_id")
    failed = invoices["customer_id"].map(soon.set_index("customer_id")["entered_day"]).to_numpy(dtype="float64")
    rows = ~np.isnan(failed) & ~invoices["is_in_default"].to_numpy()
    owed = float(amount[rows].sum())
    left = float(amount[rows & (ended >= failed)].sum())
    count = int(invoices.loc[rows, "customer_id"].nunique())
    return float(amount[is_lost].sum()), count, left / owed if owed else np.nan
