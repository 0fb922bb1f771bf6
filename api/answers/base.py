"""Frames to answers: one object per row, money as text, what is missing as null."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel

from api.schemas.base import Reason, RecommendedLimit, ScoredInvoice, UsedModel
from arrisk.decisions.limits import CAPS
from arrisk.frames import date_of
from arrisk.modeling.explain import Explanation
from arrisk.modeling.scorer import Card
from arrisk.money import exponent, write_minor
from arrisk.registry import Saved
from arrisk.schema import Book

Row = TypeVar("Row", bound=BaseModel)

_FEW_SHARE = 0.5
_PLAIN = (
    "invoice_id",
    "customer_id",
    "currency",
    "days_past_due",
    "p_late",
    "p_late_30",
    "p_late_60",
    "p_late_90",
    "p_written_off",
)
_DAYS = ("expected_paid_on", "paid_on_p10", "paid_on_p90")


def describe_model(saved: Saved, book: Book) -> UsedModel:
    """Say which model scored a book."""
    return UsedModel(
        reference=saved.reference,
        trained_as_of=date_of(saved.as_of_day),
        ledger=saved.ledger,
        is_other_ledger=saved.ledger != book.name,
    )


def describe_limits(limits: pd.DataFrame, *, currency: str) -> list[RecommendedLimit]:
    """Give recommended limits, in the order of the frame."""
    names = ("customer_id", "current_limit_kind", "limit_kind", "binding", "p_default_12m", "grade", "reasons")
    plain = {name: to_plain(limits[name]) for name in (*names, "recommended_terms_days", "deposit_share")}
    money = ("current_limit", "recommended_limit", "need_amount", "own_amount", "cover_amount")
    columns = plain | {name: to_amounts(limits[name], currency) for name in money}
    columns |= {name: _to_days(limits[name]) for name in ("review_on", "valid_to_on")}
    caps = {name: to_amounts(limits[f"{name}_cap_amount"], currency) for name in CAPS}
    columns["caps"] = [dict(zip(caps, row, strict=True)) for row in zip(*caps.values(), strict=True)]
    return [RecommendedLimit(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def write_amount(amount: float, currency: str) -> str:
    """Write an amount of whole units as text, with the currency's decimals."""
    return f"{amount:.{exponent(currency)}f}"


def to_amounts(amounts: pd.Series, currency: str) -> list[str | None]:
    """Write amounts of whole units as text, what is missing as None."""
    return [None if math.isnan(amount) else write_amount(amount, currency) for amount in amounts.tolist()]


def to_plain(values: pd.Series) -> list[Any]:
    """Give values as plain ones, what is missing as None."""
    return [None if pd.isna(value) else value for value in values.tolist()]


def describe_invoices(
    scored: pd.DataFrame, explanation: Explanation, *, count_reasons: int | None
) -> list[ScoredInvoice]:
    """Give scored invoices with their reasons; what is cut off is summed."""
    reasons: list[list[Reason]] = [[] for _ in range(len(scored))]
    listed = explanation.reasons
    for row, reason in zip(listed["row"].tolist(), _to_reasons(listed), strict=True):
        reasons[row].append(reason)
    columns = {name: scored[name].tolist() for name in _PLAIN} | {name: _to_days(scored[name]) for name in _DAYS}
    columns["open_amount"] = list(map(write_minor, scored["open_amount"].tolist(), columns["currency"]))
    facts = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [
        ScoredInvoice(
            **fact,
            starting_value=start,
            horizon_days=horizon,
            margin=margin,
            other_contribution=sum(reason.contribution for reason in why[len(why[:count_reasons]) :]),
            reasons=why[:count_reasons],
        )
        for fact, start, margin, horizon, why in zip(
            facts,
            explanation.starting_values.tolist(),
            explanation.margins.tolist(),
            explanation.horizon.tolist(),
            reasons,
            strict=True,
        )
    ]


def list_rows(frame: pd.DataFrame, kind: type[Row]) -> list[Row]:
    """Give a frame's rows as objects with the same names."""
    return [kind.model_validate(row) for row in frame.to_dict("records")]


def list_notes(book: Book, card: Card) -> list[str]:
    """Say what to know before relying on scores: a small part of a ledger is compared with itself."""
    if not is_part(book, card):
        return []
    count = _count_customers(book)
    sizes = f"customers sent: {count:,}, customers that the model learnt from: {card.customers:,}"
    rests = "features that compare with the ledger, its industries and countries rest on what was sent"
    return [f"{sizes}; {rests}, and the times are those of the training"]


def is_part(book: Book, card: Card) -> bool:
    """Say whether what was sent is but a small part of the ledger that a model learnt from."""
    return _count_customers(book) < _FEW_SHARE * card.customers


def _count_customers(book: Book) -> int:
    return int(book["customers"]["customer_id"].nunique())


def _to_reasons(listed: pd.DataFrame) -> Iterable[Reason]:
    rows = zip(*(listed[name].tolist() for name in ("feature", "value", "contribution", "text")), strict=True)
    for feature, value, contribution, text in rows:
        known = None if value != value else value  # noqa: PLR0124 - NaN
        yield Reason(feature=feature, value=known, contribution=contribution, text=text)


def _to_days(values: pd.Series) -> list[date | None]:
    return [None if day is pd.NaT else day.date() for day in values]


def to_finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Give plain data without numbers that JSON cannot hold: these become None."""
    if isinstance(value, Mapping):
        return {name: to_finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
