"""Decisions that went against the recommendation, with the risk as it was known when that was made."""

from collections.abc import Iterable, Iterator
from datetime import date

import pandas as pd

from arrisk.decisions.authority import propose
from arrisk.decisions.cases import Case, State, rewind_case
from arrisk.frames import day_of

_COLUMNS = {"customer_id": "str", "as_of_day": "int64", "p_default_12m": "float64", "is_above": "bool"}


def list_overrides(cases: Iterable[Case], *, ledger: str, before: date) -> pd.DataFrame:
    """List what people decided otherwise than recommended, by what was recorded before a day.

    Parameters
    ----------
    cases : of any ledgers.
    ledger : whose.
    before : the day.

    Returns
    -------
    DataFrame
        One row per decision, in the order of ``as_of_day``: customer_id; as_of_day (days since 1970-01-01; what was
        known before it counted); p_default_12m, as the case holds it; is_above (the limit is above the one
        recommended, else below, as a refusal is). Customers who were in default then are left out: they have no
        probability.
    """
    own = (rewind_case(case, before=before) for case in cases if case.ledger == ledger)
    rows = [row for case in own if case is not None for row in _read_override(case)]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    return frame.sort_values("as_of_day", kind="stable", ignore_index=True)


def _read_override(case: Case) -> Iterator[tuple[str, int, float, bool]]:
    """Give the row of a case, where a person decided otherwise and nobody else has to agree."""
    decision, snapshot = case.decision, case.snapshot
    if not decision.get("override_code") or decision["state"] == State.IN_REVIEW.value:
        return
    p, recommended = snapshot["risk"]["p_default_12m"], float(snapshot["recommendation"]["recommended_limit"])
    if p is not None:
        is_above = decision["limit"] > propose(case.requested_limit, recommended)
        yield case.customer_id, day_of(date.fromisoformat(snapshot["as_of"])), float(p), is_above
