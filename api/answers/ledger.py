"""Ageing, key figures and reconciliation to their answers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from api.answers.base import write_amount
from api.schemas.ledger import (
    AgedCustomer,
    AgedItem,
    AgeingAnswer,
    Bucket,
    KpiAnswer,
    KpiFigure,
    ReconciledDay,
    ReconciledPart,
    ReconciliationAnswer,
    Segment,
)
from arrisk.ledger.ageing import Ageing
from arrisk.ledger.reconcile import MEANINGS, Reconciliation
from arrisk.money import write_minor
from arrisk.reports.formulas import Figure
from arrisk.reports.kpis import KPIS, KpiReport
from arrisk.uses.drill import Drill

ITEM_AMOUNTS = ("amount", "open_amount", "disputed_amount")
CUSTOMER_AMOUNTS = ("open_amount", "unapplied_amount")


def describe_ageing(found: Drill, entity: str | None) -> AgeingAnswer:
    """Give an ageing by bucket and segment."""
    ageing, currency = found.ageing, found.ageing.currency
    return AgeingAnswer(
        as_of=ageing.as_of,
        age_on=ageing.age_on,
        currency=currency,
        entity=entity,
        total=write_minor(ageing.total, currency),
        unapplied=write_minor(ageing.unapplied, currency),
        count=len(found.items),
        buckets=describe_buckets(ageing),
        segments=[
            Segment(**{**row, "open_amount": write_minor(row["open_amount"], currency)})
            for row in _list_with_buckets(found.segments, found.buckets, currency)
        ],
    )


def describe_buckets(ageing: Ageing) -> list[Bucket]:
    """Give what is open by range of days past due."""
    return [
        Bucket(bucket=str(bucket), amount=write_minor(int(amount), ageing.currency), count=int(count))
        for bucket, amount, count in ageing.buckets.itertuples(index=False)
    ]


def describe_customers(rows: pd.DataFrame, found: Drill) -> list[AgedCustomer]:
    """Give some customers of an ageing."""
    currency = found.ageing.currency
    return [
        AgedCustomer(
            **{
                **row,
                **{name: write_minor(row[name], currency) for name in CUSTOMER_AMOUNTS},
                **{name: None for name in ("name", "oldest_days_past_due") if pd.isna(row[name])},
            }
        )
        for row in _list_with_buckets(rows, found.buckets, currency)
    ]


def describe_items(rows: pd.DataFrame, currency: str) -> list[AgedItem]:
    """Give some open items of an ageing."""
    return [
        AgedItem(
            **{
                **row,
                "issued_on": row["issued_on"].date(),
                "due_on": None if pd.isna(row["due_on"]) else row["due_on"].date(),
                **{name: write_minor(row[name], currency) for name in ITEM_AMOUNTS},
            }
        )
        for row in _list_records(rows, list(AgedItem.model_fields))
    ]


def describe_kpis(report: KpiReport) -> KpiAnswer:
    """Give the key figures of one window."""
    return KpiAnswer(
        as_of=report.as_of,
        age_on=report.age_on,
        from_on=report.from_on,
        to_on=report.to_on,
        days=report.days,
        currency=report.currency,
        figures=[_describe_figure(name, figure, report.currency) for name, figure in report.figures.items()],
        notes=list(report.notes),
    )


def describe_reconciliation(found: Reconciliation) -> ReconciliationAnswer:
    """Give the control account against the ledger."""
    days = [
        ReconciledDay(**_write_row(row, [name for name in row if name.endswith("_amount")]))
        for row in _list_records(found.days, list(ReconciledDay.model_fields))
    ]
    names = [name for name in ReconciledPart.model_fields if name != "meaning"]
    parts = [
        ReconciledPart(**_write_row(row, ["amount"]), meaning=MEANINGS[row["reason"]])
        for row in _list_records(found.parts, names)
    ]
    return ReconciliationAnswer(
        count_days=len(days),
        count_different=int((found.days["difference_amount"] != 0).sum()),
        count_unexplained=int((found.days["unexplained_amount"] != 0).sum()),
        days=days,
        parts=parts,
        notes=list(found.notes),
    )


def _describe_figure(name: str, figure: Figure, currency: str) -> KpiFigure:
    kpi = KPIS[name]
    is_money = kpi.unit == "amount"
    return KpiFigure(
        name=name,
        title=kpi.title,
        unit=kpi.unit,
        value=figure.value if figure.is_defined and not is_money and math.isfinite(figure.value) else None,
        amount=write_amount(figure.value, currency) if figure.is_defined and is_money else None,
        reason=figure.reason or "",
        meaning=kpi.meaning,
    )


def _list_with_buckets(rows: pd.DataFrame, buckets: Sequence[str], currency: str) -> list[dict[str, Any]]:
    """Give rows with the amounts of their buckets in one value."""
    return [
        {
            **{name: value for name, value in row.items() if name not in buckets},
            "buckets": {name: write_minor(row[name], currency) for name in buckets},
        }
        for row in _list_records(rows, list(map(str, rows)))
    ]


def _list_records(rows: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    columns = [rows[name].tolist() for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _write_row(row: Mapping[str, Any], amounts: Sequence[str]) -> dict[str, Any]:
    currency = row["currency"]
    return {**row, "day": row["day"].date(), **{name: write_minor(row[name], currency) for name in amounts}}
