"""Payments to come as answers."""

from datetime import date

from api.answers.base import to_plain
from api.schemas.payment import ExpectedInvoice, PaymentCurveAnswer
from arrisk.money import write_minor
from arrisk.uses.paying import DAYS, Paying

_PLAIN = ("invoice_id", "currency", "days_past_due", "p_late", "p_late_30", "p_late_60", "p_late_90", "p_written_off")
_DAYS = ("due_on", "expected_paid_on", "paid_on_p10", "paid_on_p90")


def describe_paying(paying: Paying, as_of: date, *, currency: str, model: str, limit: int) -> PaymentCurveAnswer:
    """Give when a customer's open invoices are likely to be paid, the first of them one by one."""
    shown = paying.invoices.head(limit)
    columns = {name: to_plain(shown[name]) for name in _PLAIN if name in shown}
    columns |= {name: [day.date() for day in shown[name]] for name in _DAYS if name in shown}
    columns["p_paid"] = paying.p_paid[:limit].tolist()
    amounts = zip(shown["open_amount"], shown["currency"], strict=True)
    columns["open_amount"] = [write_minor(int(amount), name) for amount, name in amounts]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return PaymentCurveAnswer(
        as_of=as_of,
        currency=currency,
        model=model,
        count=len(paying.invoices),
        open_amount=write_minor(paying.open_amount, currency),
        days=list(DAYS),
        share_paid=paying.share_paid.tolist(),
        invoices=[ExpectedInvoice(**row) for row in rows],
    )
