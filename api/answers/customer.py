"""Customers as answers: master data, what they owe, scores of runs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from api.answers.base import write_amount
from api.answers.ledger import describe_buckets
from api.schemas.customer import (
    Accounts,
    Application,
    CreditEvent,
    Downgrade,
    Exposure,
    ExposurePoint,
    GivenLimit,
    GroupMember,
    LedgerDispute,
    OpenItem,
    PaidInvoice,
    StoredScore,
    TrendPoint,
)
from arrisk.decisions.snapshot import make_plain
from arrisk.frames import date_of
from arrisk.money import write_minor
from arrisk.store.runs import Run
from arrisk.uses.customers import CustomerView
from arrisk.uses.what_if import FIGURES

_MASTER = (
    *("customer_id", "name", "country", "industry", "legal_form", "incorporated_on", "onboarded_on", "parent_id"),
    "employees",
)
_EXPOSURE = ("open_amount", "overdue_amount", "unapplied_amount", "order_amount", "exposure_amount")
_ITEMS = 25
_ITEM = ("invoice_id", "entity_id", "kind", "currency", "issued_on", "due_on", "days_past_due")


def list_plain(frame: pd.DataFrame, *names: str) -> list[dict[str, Any]]:
    """Give rows of a frame as plain values."""
    columns = ([make_plain(value) for value in frame[name].tolist()] for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def describe_view(view: CustomerView, *, currency: str) -> dict[str, Any]:
    """Give what the ledger says of a customer, by the names of ``CustomerAnswer``."""
    ageing = view.ageing
    return {
        **{name: make_plain(view.master[name]) for name in _MASTER},
        "currency": currency,
        "group": [GroupMember(**row) for row in list_plain(view.group, "customer_id", "name")],
        "open_amount": write_minor(ageing.total, currency),
        "unapplied_amount": write_minor(ageing.unapplied, currency),
        "ageing": describe_buckets(ageing),
        "exposure": [
            _write_minors(row, _EXPOSURE, Exposure) for row in list_plain(view.exposure, "currency", *_EXPOSURE)
        ],
        "count_items": len(view.items),
        "items": describe_items(view.items.head(_ITEMS)),
        "limits": [
            _write_minors(row, ("limit_amount",), GivenLimit)
            for row in list_plain(view.limits, *GivenLimit.model_fields)
        ],
        "disputes": [LedgerDispute(**row) for row in list_plain(view.disputes, *LedgerDispute.model_fields)],
        "applications": [
            _write_minors({**row, "currency": currency}, ("requested_limit", "expected_monthly_sales"), Application)
            for row in list_plain(view.applications, *Application.model_fields)
        ],
        "credit_events": [CreditEvent(**row) for row in list_plain(view.credit_events, *CreditEvent.model_fields)],
        "accounts": _describe_accounts(view.financials),
        "attributes": view.attributes,
    }


def _describe_accounts(financials: pd.DataFrame) -> list[Accounts]:
    dates = ("period_end_on", "known_on", "currency")
    rows = list_plain(financials, *dates, *FIGURES)
    return [Accounts(**{name: row[name] for name in dates}, figures={one: row[one] for one in FIGURES}) for row in rows]


def describe_items(items: pd.DataFrame) -> list[OpenItem]:
    """Give open items, each in its own currency."""
    amounts = ("amount", "open_amount", "disputed_amount")
    return [_write_minors(row, amounts, OpenItem) for row in list_plain(items, *_ITEM, *amounts)]


def describe_payments(due: pd.DataFrame) -> list[PaidInvoice]:
    """Give how invoices were paid, each in its own currency."""
    names = ("invoice_id", "currency", "amount", "due_day", "days_late", "ending")
    rows = [{**row, "due_on": date_of(row["due_day"])} for row in list_plain(due, *names)]
    return [_write_minors(row, ("amount",), PaidInvoice) for row in rows]


def describe_exposures(traced: Sequence[Sequence[Any]], currency: str) -> list[ExposurePoint]:
    """Give a customer's exposure and limit over time."""
    return [
        ExposurePoint(
            as_of=day,
            exposure_amount=write_amount(amount, currency),
            limit_amount=None if limit is None else write_amount(limit, currency),
        )
        for day, amount, limit in traced
    ]


def describe_score(row: Mapping[Any, Any], run: Run) -> StoredScore:
    """Give what a run found of a customer."""
    amounts = ("expected_loss", "open_amount", "overdue_amount", "recommended_limit")
    return StoredScore(
        run_id=run.run_id,
        as_of=run.as_of,
        made_at=run.made_at,
        currency=run.currency,
        payment_model=run.payment_model,
        default_model=run.default_model,
        policy=run.policy_hash,
        **{name: make_plain(row[name]) for name in ("p_default_12m", "grade", "lgd", "p_late", "binding")},
        **{name: _write(row[name], run.currency) for name in amounts},
        **{name: _split(row[name]) for name in ("reasons", "reasons_late", "adverse_reasons")},
    )


def describe_downgrade(row: Mapping[str, Any], currency: str) -> Downgrade:
    """Give a customer whose grade fell."""
    parts = [make_plain(row[name]) for name in ("limit_open_amount", "orders_amount")]
    names = ("customer_id", "name", "grade", "grade_before", "p_default_12m", "p_before")
    return Downgrade(
        **{name: make_plain(row[name]) for name in names},
        exposure_amount=None if None in parts else write_amount(sum(parts), currency),
    )


def describe_point(row: Mapping[str, Any], run_id: int, as_of: date, currency: str) -> TrendPoint:
    """Give what an earlier run found of a customer."""
    return TrendPoint(
        run_id=run_id,
        as_of=as_of,
        **{name: make_plain(row[name]) for name in ("p_default_12m", "grade", "p_late")},
        **{name: _write(row[name], currency) for name in ("open_amount", "recommended_limit")},
    )


def _write(amount: object, currency: str) -> str | None:
    plain = make_plain(amount)
    return None if plain is None else write_amount(plain, currency)


def _split(text: object) -> list[str]:
    plain = make_plain(text)
    return plain.split("; ") if plain else []


def _write_minors(row: dict[str, Any], names: tuple[str, ...], kind: type[Any]) -> Any:  # noqa: ANN401 - kind's own
    """Give a row as an answer, its amounts as text; they are minor units of its currency."""
    written = {name: None if row[name] is None else write_minor(int(row[name]), row["currency"]) for name in names}
    found = {**row, **written}
    return kind(**{name: found[name] for name in kind.model_fields})
