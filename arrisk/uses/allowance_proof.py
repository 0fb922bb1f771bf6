"""The use case of trying the allowance on past closes: what it would have been, and what was really lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from arrisk.allowance.backtest import LOST, compare_errors, follow_items, rate_buckets, sum_closes
from arrisk.errors import InputError
from arrisk.frames import day_of
from arrisk.modeling.rows import Floats
from arrisk.money import exponent
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.reports.trends import list_month_ends
from arrisk.schema import Book
from arrisk.uses.reserve import METHODS, Evidence, estimate_allowance, gather_evidence

LATER = 366
"""Days after the last close that a ledger should reach, so that losses have had their time."""


@dataclass(frozen=True)
class AllowanceTrial:
    """Allowances of past closes beside what was lost; amounts are in major units of the book currency.

    Parameters
    ----------
    items : one row per close and open item: close_on, invoice_id, customer_id, segment, bucket, is_in_default,
        open_amount, what each method expected, lost_amount, still_open_amount.
    methods : the names of the columns of what was expected.
    closes : the sums by close, performing customers and those in default apart.
    buckets : the sums by bucket over all closes, with the ratio of lost to expected.
    errors : the methods compared in pairs, on performing customers.
    notes : what a reader has to know.
    """

    items: pd.DataFrame
    methods: tuple[str, ...]
    closes: pd.DataFrame
    buckets: pd.DataFrame
    errors: pd.DataFrame
    notes: tuple[str, ...]


def try_allowance(
    book: Book,
    *,
    from_on: date,
    to_on: date,
    home: Path,
    policy: Policy,
    methods: Sequence[str] = tuple(METHODS),
    tell: Tell = silent,
) -> AllowanceTrial:
    """Estimate the allowance of each month end of a past period by every method, and follow what became of it.

    Each close sees what was known by the evening of its day. What is lost is what was written off since as bad debt,
    less what came back of it, until the end of the ledger; what is still open then stands beside it.

    Parameters
    ----------
    book : a checked book; it should reach a year beyond the period.
    from_on, to_on : the first and the last day of the period.
    home : the state folder. The payment curve of all closes is the one that was known at the first; where none was, it
        is fitted on what was known then.
    policy : the whole policy.
    methods : which ones.

    Raises
    ------
    InputError
        When no month end lies within the period and the ledger.
    """
    closes = list_month_ends(from_on, to_on)
    issued = book["invoices"]["known_day"]
    closes = [day for day in closes if len(issued) and day_of(day) >= issued.min() and day <= book.extract_end_on]
    if not closes:
        hint = f"a period with a month end until {book.extract_end_on}"
        raise InputError(f"no month end of {from_on} to {to_on} is within the ledger", where="--from, --to", hint=hint)
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    first: Evidence | None = None
    for day in closes:
        tell(f"Closing {day}")
        evidence = gather_evidence(book, as_of=day + timedelta(days=1), age_on=day, policy=policy, home=home, tell=tell)
        if first is None:
            first = evidence
        elif "model" in methods:
            evidence.keep_model(first)
        items, said = _close(evidence, methods)
        parts.append(items)
        notes.extend(said)
    rows = pd.concat(parts, ignore_index=True)
    if (book.extract_end_on - closes[-1]).days < LATER:
        notes.append(f"the ledger ends on {book.extract_end_on}: losses of the last closes are not complete")
    healthy = rows.loc[~rows["is_in_default"]]
    return AllowanceTrial(
        items=rows,
        methods=tuple(methods),
        closes=sum_closes(rows, [*methods, LOST]),
        buckets=rate_buckets(rows, methods),
        errors=compare_errors(healthy, methods, against=LOST),
        notes=tuple(dict.fromkeys(notes)),
    )


def _close(evidence: Evidence, methods: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    exposures = evidence.exposures
    unit = 10.0 ** exponent(exposures.currency)
    columns: dict[str, Floats] = {}
    notes: list[str] = []
    for name in methods:
        found = estimate_allowance(evidence, method=name)
        columns[name] = found.items["expected_loss"].to_numpy() / unit
        notes.extend(f"{name}: {note}" for note in found.notes)
    names = ["invoice_id", "customer_id", "segment", "bucket", "is_in_default"]
    rows = exposures.items[names].assign(
        close_on=pd.Timestamp(exposures.ageing.age_on), open_amount=exposures.items["open_amount"] / unit, **columns
    )
    return pd.concat([rows, follow_items(exposures, evidence.book)], axis=1), notes
