"""What a case holds of its customer as of the day: inputs, five C's, recommendation, history; as JSON can hold it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.decisions.limits import CAPS, WORDS
from arrisk.features.catalogue import FiveC
from arrisk.features.meanings import MEANINGS, explain_value
from arrisk.features.sizes import read_current_limits
from arrisk.frames import date_of, day_of, match, visible
from arrisk.ledger import list_outcomes
from arrisk.ledger.ageing import age_ledger
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.exposure_path import trace_exposures
from arrisk.modeling.default.adverse import list_adverse_reasons
from arrisk.modeling.default.model import DefaultModel
from arrisk.modeling.default.reasons import explain_customers
from arrisk.modeling.grades import PointScale
from arrisk.policy import Policy
from arrisk.schema import Book

_MOST_INVOICES, _MONTHS, _FACTS = 300, 24, 3
_TELLING = {
    FiveC.CHARACTER: ("mean_days_late_365", "late_share_365", "oldest_overdue_days", "days_since_first_invoice"),
    FiveC.CAPACITY: ("quick_ratio", "interest_cover", "ebit_margin", "limit_utilisation", "invoiced_amount_365"),
    FiveC.CAPITAL: ("altman_z1", "leverage", "retained_earnings_share", "firm_age_days"),
    FiveC.CONDITIONS: ("industry_default_rate", "country_default_rate", "industry_late_share_365"),
    FiveC.COLLATERAL: ("covered_share", "collateral_amount"),
}
"""What speaks for each C where no model says what weighs most, the most telling first."""

_OF_INVOICE = ("disputes", "write_offs", "recoveries")
_LIMIT = (
    *("current_limit", "current_limit_kind", "recommended_limit", "limit_kind", "binding", "reasons", "need_amount"),
    *("need_source", "own_amount", "cover_amount", "open_amount", "orders_amount", "recommended_terms_days"),
    *("deposit_share", "discount_share", "review_on", "valid_to_on"),
)


def take_snapshot(
    book: Book,
    row: pd.Series,
    features: pd.DataFrame,
    model: DefaultModel | None,
    *,
    as_of: date,
    policy: Policy,
) -> dict[str, Any]:
    """Take down all that a decision on one customer rests on.

    Parameters
    ----------
    book : a checked book.
    row : the customer's row of the limit review of that day.
    features : of that customer, one row.
    model : gave its probability of default; None = there is none.
    as_of : what was known before the start of this day counts.
    policy : all of it.

    Returns
    -------
    dict
        Numbers, texts, lists and dictionaries alone; None = not known.
    """
    reasons = _explain(model, features, row)
    own = restrict_customer(book, str(row["customer_id"]))
    recommendation = {name: make_plain(row[name]) for name in _LIMIT}
    return {
        "as_of": as_of.isoformat(),
        "currency": book.currency,
        "customer": _read_master(book, str(row["customer_id"]), as_of_day=day_of(as_of)),
        "risk": {name: make_plain(row[name]) for name in ("p_default_12m", "grade", "lgd", "depth")},
        "recommendation": recommendation
        | {
            "binding_words": WORDS[str(row["binding"])],
            "caps": {name: make_plain(row[f"{name}_cap_amount"]) for name in CAPS},
        },
        "five_cs": group_five_cs(features.iloc[0].to_dict(), reasons["all"], policy),
        "reasons": reasons,
        "features": {str(name): make_plain(value) for name, value in features.iloc[0].items()},
        "payments": list_payments(own, as_of=as_of, policy=policy),
        "exposure": trace_exposure(own, as_of=as_of),
        "ageing": _age(own, as_of=as_of, policy=policy),
    }


def make_plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Turn one value of a frame into what JSON can hold; missing and infinite numbers become None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value.isoformat()[:10] if isinstance(value, date) else value


def _read_master(book: Book, customer_id: str, *, as_of_day: int) -> dict[str, Any]:
    known = visible(book["customers"], as_of_day=as_of_day)
    own = known.loc[(known["customer_id"] == customer_id).to_numpy()].iloc[0]
    names = ("customer_id", "name", "country", "industry", "legal_form", "incorporated_on", "onboarded_on", "parent_id")
    return {name: make_plain(own[name]) for name in names}


def _explain(model: DefaultModel | None, features: pd.DataFrame, row: pd.Series) -> dict[str, Any]:
    """Keep the reasons of the probability of default with their parts, so that they can be added up again."""
    if model is None or pd.isna(row["p_default_12m"]):
        return {"starting_value": None, "margin": None, "all": [], "adverse": []}
    found = explain_customers(model, features)
    adverse = list_adverse_reasons(model, features, found=found)
    columns = ["rank", "reason", "feature", "value", "contribution", "text"]
    return {
        "starting_value": float(found.starting_values[0]),
        "margin": float(found.margins[0]),
        "all": _list_rows(found.reasons, columns),
        "adverse": _list_rows(adverse, [*columns, "usual", "p_at_reference"]),
    }


def _list_rows(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    return [{name: make_plain(row[name]) for name in columns} for row in frame[columns].to_dict("records")]


def group_five_cs(features: Mapping[Any, Any], reasons: Sequence[Mapping[str, Any]], policy: Policy) -> dict[str, Any]:
    """Group what is known by the five C's: points, how much is known, and the reasons that weigh most.

    Points are those of the scale of the grades, more = less risk; a reason belongs to the C of the feature that speaks
    for it. Attributes speak for character.

    Parameters
    ----------
    features : of one customer.
    reasons : all of them: feature, contribution, text.
    policy : the scale.
    """
    factor = PointScale.of(policy.grades).factor
    grouped: dict[str, Any] = {}
    for letter in FiveC:
        names = [str(name) for name in features if find_five_c(str(name)) == letter]
        own = [reason for reason in reasons if find_five_c(reason["feature"]) == letter]
        known = [name for name in names if pd.notna(features[name])]
        facts = [{"text": one["text"], "points": -factor * one["contribution"]} for one in own]
        telling = [name for name in _TELLING[letter] if name in known]
        said = [explain_value(name, float(features[name])) for name in telling]
        facts = facts or [{"text": text, "points": None} for text in said]
        grouped[letter.value] = {
            "points": 0.0 - factor * sum(reason["contribution"] for reason in own),
            "known": len(known),
            "asked": len(names),
            "facts": facts[:_FACTS],
        }
    return grouped


def find_five_c(feature: str) -> FiveC:
    """Find the C that a feature speaks for."""
    return MEANINGS[feature].five_c if feature in MEANINGS else FiveC.CHARACTER


def restrict_customer(book: Book, customer_id: str) -> Book:
    """Keep one customer's own rows, and those of the whole ledger that are nobody's."""
    invoices = book["invoices"]
    ids = invoices.loc[(invoices["customer_id"] == customer_id).to_numpy(), "invoice_id"]
    applied, receipts = book["allocations"], book["payments"]
    payers = receipts.loc[(receipts["customer_id"] == customer_id).to_numpy(), "payment_id"], ids
    is_own = match(applied["invoice_id"], ids) >= 0
    for payer in payers:
        is_own |= match(applied["payment_id"], payer) >= 0
    tables = {"allocations": applied.loc[is_own].reset_index(drop=True)}
    for name, table in book.tables.items():
        if name in _OF_INVOICE:
            tables[name] = table.loc[match(table["invoice_id"], ids) >= 0].reset_index(drop=True)
        elif "customer_id" in table:
            tables[name] = table.loc[(table["customer_id"] == customer_id).to_numpy()].reset_index(drop=True)
    return book.with_tables(**tables)


def list_due(own: Book, *, as_of: date, policy: Policy) -> pd.DataFrame:
    """List the invoices of one customer that are due, and how they ended.

    Returns
    -------
    DataFrame
        One row per invoice by due day: invoice_id, currency, amount (int64 minor units), due_day, days_late (of an open
        one so far), ending (``open`` = not ended).
    """
    ended = list_outcomes(own, as_of=as_of, end=policy.end)
    due = ended.loc[((ended["kind"] == "invoice") & (ended["due_day"] < day_of(as_of))).to_numpy()]
    due = due.sort_values(["due_day", "invoice_id"], kind="stable", ignore_index=True)
    late = np.minimum(due["ended_day"].to_numpy(), day_of(as_of)) - due["due_day"].to_numpy()
    ending = due["cause"].where(due["cause"] != "", "open")
    return due[["invoice_id", "currency", "amount", "due_day"]].assign(days_late=late, ending=ending)


def list_payments(own: Book, *, as_of: date, policy: Policy) -> list[list[Any]]:
    """List the newest invoices of one customer that are due: due_on, days late (so far, where open), amount, ending.

    Amounts are in units of the invoice's currency; ``open`` = not ended.
    """
    due = list_due(own, as_of=as_of, policy=policy).tail(_MOST_INVOICES)
    amounts = money.to_major(due["amount"].to_numpy(), due["currency"])
    return [
        [date_of(day).isoformat(), int(late), float(amount), ending]
        for day, late, amount, ending in zip(due["due_day"], due["days_late"], amounts, due["ending"], strict=True)
    ]


def trace_exposure(own: Book, *, as_of: date) -> list[list[Any]]:
    """Trace one customer's exposure and limit at the starts of the last months: day, exposure, limit (None = without).

    In book currency, at the newest rates of the day of the snapshot throughout.
    """
    first = as_of.replace(day=1)
    starts = [day.date() for day in pd.date_range(end=first, periods=_MONTHS, freq="MS")]
    days = [*starts, as_of] if as_of != first else starts
    asked = pd.DataFrame(
        {"customer_id": str(own["customers"]["customer_id"].iloc[0]), "as_of_day": [*map(day_of, days)]}
    )
    limits = read_current_limits(own, asked)
    held = limits["current_limit"].mask(limits["current_limit_kind"] == "zero", 0.0)
    traced = to_book_currency(trace_exposures(own, days), own, amounts=["exposure_amount"], as_of=as_of)
    sums = traced.groupby("place")["exposure_amount"].sum().reindex(range(len(days)), fill_value=0)
    scale = 10.0 ** money.exponent(own.currency)
    return [
        [day.isoformat(), amount / scale, make_plain(limit)]
        for day, amount, limit in zip(days, sums.tolist(), held, strict=True)
    ]


def _age(own: Book, *, as_of: date, policy: Policy) -> list[list[Any]]:
    buckets = age_ledger(own, as_of=as_of, age_on=as_of, ageing=policy.ageing).buckets
    scale = 10.0 ** money.exponent(own.currency)
    return [[name, amount / scale] for name, amount in zip(buckets["bucket"], buckets["amount"].tolist(), strict=True)]
