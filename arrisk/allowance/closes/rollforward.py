"""How the allowance moved from one close to the next: every part to the cent, or there is no close."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from arrisk.allowance.estimates import Allowance
from arrisk.errors import CurrencyError
from arrisk.ledger.ageing import require_tie


@dataclass(frozen=True, kw_only=True)
class Rollforward:
    """The movement of an allowance: opening + charge - write-offs + recoveries + fx + other = closing.

    All amounts are whole minor units of the book currency; what is owed to nobody, such as a reserve, is positive.

    Parameters
    ----------
    opening : the closing of the last posted close.
    charge : the expense of the period; negative = a release.
    write_offs : bad debt taken off the receivables, and off the allowance with it; never an expense.
    recoveries : what came in of amounts written off before.
    fx : what new exchange rates made of the opening allowance in other currencies.
    other : what is neither, such as the first adoption of a standard.
    closing : what is required.

    Raises
    ------
    ArriskError
        When the parts do not sum to the closing.
    """

    opening: int
    charge: int
    write_offs: int
    recoveries: int
    fx: int
    other: int
    closing: int

    def __post_init__(self) -> None:
        """Refuse a movement that does not tie."""
        parts = [self.balance_before_charge, self.charge]
        require_tie(parts, self.closing, what="the movement of the allowance")

    @property
    def balance_before_charge(self) -> int:
        """What stands on the account before the charge is booked."""
        return self.opening - self.write_offs + self.recoveries + self.fx + self.other

    def to_plain(self) -> dict[str, int]:
        """Give it as plain data."""
        return asdict(self)


def roll_forward(
    *, opening: int, closing: int, write_offs: int = 0, recoveries: int = 0, fx: int = 0, other: int = 0
) -> Rollforward:
    """Find the charge that leads from the opening to what is required.

    Examples
    --------
    >>> roll_forward(opening=9350, write_offs=7831, recoveries=3184, closing=24100).charge
    19397
    """
    before = opening - write_offs + recoveries + fx + other
    return Rollforward(
        opening=opening,
        charge=closing - before,
        write_offs=write_offs,
        recoveries=recoveries,
        fx=fx,
        other=other,
        closing=closing,
    )


def compare_buckets(rows: Sequence[Mapping[str, Any]], now: Allowance) -> pd.DataFrame:
    """Compare what a close holds for each bucket with an allowance of a later day.

    Parameters
    ----------
    rows : those of the close's document.
    now : in the same currency.

    Returns
    -------
    DataFrame
        One row per bucket, in their order: bucket, before, now, change (int64 minor units).

    Notes
    -----
    A bucket that the policy no longer has stands behind the others.
    """
    then = pd.DataFrame(rows, columns=["bucket", "allowance"])
    names = list(dict.fromkeys([*now.exposures.ageing.buckets["bucket"], *then["bucket"]]))
    before, after = (
        frame.groupby("bucket")["allowance"].sum().reindex(names, fill_value=0).astype("int64").to_numpy()
        for frame in (then, now.rows)
    )
    return pd.DataFrame({"bucket": names, "before": before, "now": after, "change": after - before})


def revalue(amounts: Mapping[str, int], *, old: Mapping[str, float], new: Mapping[str, float]) -> int:
    """Find what new exchange rates make of amounts in other currencies.

    Parameters
    ----------
    amounts : by currency, in minor units of the book currency at the old rates.
    old, new : book currency for one unit.

    Returns
    -------
    int
        The sum at the new rates less at the old ones; each currency rounded half away from zero.

    Raises
    ------
    CurrencyError
        When a currency has no new rate.

    Examples
    --------
    >>> revalue({"EUR": 110_00}, old={"EUR": 1.1}, new={"EUR": 1.2})
    1000
    """
    return sum(_revalue(currency, amount, old, new) for currency, amount in amounts.items() if amount)


def _revalue(currency: str, amount: int, old: Mapping[str, float], new: Mapping[str, float]) -> int:
    if currency not in new:
        raise CurrencyError(f"the opening allowance in {currency} has no rate", where="table rates")
    # Rates stand for the decimals they print as, as everywhere.
    value = Decimal(amount) * Decimal(str(new[currency])) / Decimal(str(old[currency]))
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP)) - amount
