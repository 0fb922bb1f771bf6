"""An allowance from rates that somebody gives: each row rounded once, and the total their sum."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import pandas as pd

from arrisk.errors import InputError, nearest

COLUMNS = ("bucket", "gross_amount", "rate")


def apply_rates(table: pd.DataFrame, *, round_to: Decimal) -> pd.DataFrame:
    """Multiply each bucket's gross amount by its rate.

    Parameters
    ----------
    table : bucket, gross_amount, rate (a share, 0..1), as text or numbers; optionally segment.
    round_to : what each row is rounded to, half away from zero, such as 0.01.

    Returns
    -------
    DataFrame
        One row per row: segment, bucket, gross_amount, rate, allowance; numbers are exact decimals.

    Raises
    ------
    InputError
        When a column is missing, or a value is no number, or a rate is not a share.

    Examples
    --------
    >>> table = pd.DataFrame({"bucket": ["not_due", "1-30"], "gross_amount": [200.1, 50], "rate": ["0.01", "0.333"]})
    >>> apply_rates(table, round_to=Decimal("0.01"))["allowance"].tolist()
    [Decimal('2.00'), Decimal('16.65')]
    """
    for name in COLUMNS:
        if name not in table:
            hint = nearest(name, [str(column) for column in table.columns])
            raise InputError(f"the table of rates has no column '{name}'", hint=hint)
    gross, rates = _read_numbers(table, "gross_amount"), _read_numbers(table, "rate")
    for row, rate in enumerate(rates, start=1):
        if not 0 <= rate <= 1:
            hint = "a share between 0 and 1, such as 0.016 for 1.6 %"
            raise InputError(f"the rate {rate} is not a share", where=f"row {row}, column rate", hint=hint)
    return pd.DataFrame(
        {
            "segment": table["segment"].astype("str") if "segment" in table else "all",
            "bucket": table["bucket"].astype("str"),
            "gross_amount": gross,
            "rate": rates,
            "allowance": [_round(amount * rate, round_to) for amount, rate in zip(gross, rates, strict=True)],
        }
    )


def _round(amount: Decimal, round_to: Decimal) -> Decimal:
    # The quotient is rounded first: quantize alone would only know powers of ten.
    steps = (amount / round_to).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return steps * round_to


def _read_numbers(table: pd.DataFrame, column: str) -> Sequence[Decimal]:
    numbers = []
    for row, value in enumerate(table[column].tolist(), start=1):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            hint = "a plain decimal number, such as 15000000.00"
            raise InputError(f"'{value}' is not a number", where=f"row {row}, column {column}", hint=hint)
        numbers.append(number)
    return numbers
