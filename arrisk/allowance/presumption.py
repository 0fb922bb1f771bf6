"""Default no later than 90 days past due: what a ledger's own outcomes say for or against that presumption."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from arrisk.allowance.estimates import divide
from arrisk.frames import NEVER, Days, day_of, match, to_days, visible
from arrisk.ledger.conversion import list_unit_worths
from arrisk.ledger.movements import WRITTEN_OFF, list_movements
from arrisk.modeling.rows import Floats, Mask
from arrisk.policy.allowance import AllowancePolicy
from arrisk.schema import Book

DAYS_PAST_DUE = (30, 60, 90)
PRESUMED_DAYS = 90
SUPPORTED, REBUTTED, OPEN = "supported", "rebutted", "not decided"


@dataclass(frozen=True)
class Presumption:
    """What became of what was past due.

    Parameters
    ----------
    verdict : ``SUPPORTED``, ``REBUTTED`` or ``OPEN``, of the presumption at ``PRESUMED_DAYS``.
    text : the same in words, with the figures that say so.
    rates : one row per number of days past due and measure (amount, invoices, customers): days_past_due, measure,
        past_due (the denominator), written_off (the numerator), still_open, share, low, high (an interval of the
        policy's confidence; evidence is customers), customers (their effective number).
    """

    verdict: str
    text: str
    rates: pd.DataFrame


def weigh_presumption(book: Book, *, as_of: date, policy: AllowancePolicy) -> Presumption:
    """Show which share of what was ever so many days past due was written off in the end.

    Only what came so far at least ``presumption_days`` before the day counts, whatever became of it: leaving out what
    is still open would favour what ends early, which ends well.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.
    policy : how long an outcome takes, from which share on the data support the presumption, and the confidence.

    Notes
    -----
    IFRS 9 B5.5.37: default does not occur later than when an asset is 90 days past due, unless there is reasonable and
    supportable information that a more lagging criterion is more appropriate. An interval is that of Jeffreys' prior;
    of amounts and invoices with the effective number of customers, (sum w)^2 / sum w^2 (Kish, Survey Sampling, 1965).
    """
    ledger = _Ledger.read(book, as_of)
    parts = [
        _measure(ledger, days, day_of(as_of) - policy.presumption_days, policy.confidence) for days in DAYS_PAST_DUE
    ]
    rates = pd.concat(parts, ignore_index=True)
    row = rates.loc[(rates["days_past_due"] == PRESUMED_DAYS) & (rates["measure"] == "amount")].iloc[0]
    verdict = SUPPORTED if row["low"] >= policy.presumption_share else OPEN
    verdict = REBUTTED if row["high"] < policy.presumption_share else verdict
    return Presumption(verdict, _explain(verdict, row, policy), rates)


@dataclass(frozen=True)
class _Ledger:
    """Invoices as known on a day, and what left them."""

    invoices: pd.DataFrame
    due_day: Days
    unit: Floats
    moves: pd.DataFrame
    place: Days

    @classmethod
    def read(cls, book: Book, as_of: date) -> "_Ledger":
        day = day_of(as_of)
        invoices = visible(book["invoices"], as_of_day=day)
        unit = list_unit_worths(invoices["currency"], book, as_of=as_of)
        rows = ((invoices["kind"] == "invoice") & invoices["due_on"].notna()).to_numpy() & ~np.isnan(unit)
        invoices, unit = invoices.loc[rows].reset_index(drop=True), unit[rows]
        moves = visible(list_movements(book), as_of_day=day)
        place = match(moves["invoice_id"], invoices["invoice_id"])
        return cls(invoices, to_days(invoices["due_on"]), unit, moves.loc[place >= 0], place[place >= 0])

    def sum_moves(self, chosen: Mask) -> Floats:
        """Sum chosen movements by invoice."""
        amount = self.moves["amount"].to_numpy(dtype="float64")
        sums = np.bincount(self.place[chosen], weights=amount[chosen], minlength=len(self.invoices))
        return np.asarray(sums, dtype="float64")


def _measure(ledger: _Ledger, days: int, latest: int, confidence: float) -> pd.DataFrame:
    """Measure what became of what was more than so many days past due by the latest day."""
    amount = ledger.invoices["amount"].to_numpy(dtype="float64")
    passed = ledger.due_day + days
    is_before = ledger.moves["applied_day"].to_numpy() <= passed[ledger.place]
    is_bad = (ledger.moves["cause"] == WRITTEN_OFF).to_numpy()
    left = np.clip(amount - ledger.sum_moves(is_before), 0.0, None)
    lost = np.clip(ledger.sum_moves(~is_before & is_bad), 0.0, left)
    rest = np.clip(amount - ledger.sum_moves(np.ones(len(is_bad), dtype=bool)), 0.0, left)
    late = (left > 0) & (passed < latest) & (ledger.due_day < NEVER)
    frame = pd.DataFrame(
        {
            "customer": ledger.invoices["customer_id"][late],
            "amount": (left * ledger.unit)[late],
            "amount_lost": (lost * ledger.unit)[late],
            "amount_open": (rest * ledger.unit)[late],
            "invoices": 1.0,
            "invoices_lost": (lost[late] > 0).astype("float64"),
            "invoices_open": (rest[late] > 0).astype("float64"),
        }
    )
    return _sum_measures(frame.groupby("customer").sum(), days, confidence)


def _sum_measures(by_customer: pd.DataFrame, days: int, confidence: float) -> pd.DataFrame:
    by_customer = by_customer.assign(
        customers=1.0,
        customers_lost=(by_customer["amount_lost"] > 0).astype("float64"),
        customers_open=(by_customer["amount_open"] > 0).astype("float64"),
    )
    rows = []
    for measure in ("amount", "invoices", "customers"):
        weight = by_customer[measure].to_numpy()
        whole, squares = weight.sum(), (weight**2).sum()
        sums = [whole, by_customer[f"{measure}_lost"].sum(), by_customer[f"{measure}_open"].sum()]
        rows.append([days, measure, *sums, whole**2 / squares if squares > 0 else 0.0])
    names = ["days_past_due", "measure", "past_due", "written_off", "still_open", "customers"]
    table = pd.DataFrame(rows, columns=names)
    share = divide(table["written_off"], table["past_due"])
    lost = share * table["customers"].to_numpy() + 0.5
    kept = (1.0 - share) * table["customers"].to_numpy() + 0.5
    low, high = (betaincinv(lost, kept, (1.0 + side * confidence) / 2.0) for side in (-1.0, 1.0))
    return table.assign(share=share, low=low, high=high)


def _explain(verdict: str, row: pd.Series, policy: AllowancePolicy) -> str:
    if not row["past_due"]:
        return f"nothing was more than {PRESUMED_DAYS} days past due for long enough: the presumption stands"
    figures = (
        f"of the amounts more than {PRESUMED_DAYS} days past due at least {policy.presumption_days} days ago, "
        f"{row['share']:.1%} was written off (between {row['low']:.1%} and {row['high']:.1%}; "
        f"as much evidence as {row['customers']:.1f} customers)"
    )
    words = {
        SUPPORTED: f"at least {policy.presumption_share:.0%}: the ledger's own data support the presumption",
        REBUTTED: (
            f"below {policy.presumption_share:.0%}: the ledger's own data speak for a later day, "
            "which is for a person to decide and to document"
        ),
        OPEN: (
            f"neither surely above nor surely below {policy.presumption_share:.0%}: "
            "the data do not rebut the presumption, so that it stands"
        ),
    }
    return f"{figures}; {words[verdict]}"
