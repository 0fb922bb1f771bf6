"""Key figures of the receivables as of a day: DSO and its relatives, effectiveness, days to pay, bad debt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from arrisk import money
from arrisk.errors import InputError
from arrisk.ledger.ageing import age_ledger
from arrisk.policy import Policy
from arrisk.reports import formulas
from arrisk.reports.flows import Flows, list_flows
from arrisk.reports.formulas import Figure
from arrisk.schema import Book


@dataclass(frozen=True)
class Kpi:
    """What a key figure is: title, unit (days, share, amount, per year), meaning in one clause."""

    title: str
    unit: str
    meaning: str


KPIS: Mapping[str, Kpi] = MappingProxyType(
    {
        "dso": Kpi("DSO", "days", "receivables in days of credit sales"),
        "count_back_dso": Kpi("DSO, count-back", "days", "days of the newest sales that the receivables stand for"),
        "best_possible_dso": Kpi("Best possible DSO", "days", "DSO if nothing were past due"),
        "average_days_delinquent": Kpi("Average days delinquent", "days", "DSO less best possible DSO"),
        "cei": Kpi("Collection effectiveness", "share", "collected part of what could be collected in the window"),
        "turnover": Kpi("Receivables turnover", "per year", "credit sales of a year by average receivables"),
        "weighted_days_to_pay": Kpi("Days to pay", "days", "invoice to receipt, payments of the window by amount"),
        "weighted_days_late": Kpi("Days late", "days", "due date to receipt, payments of the window by amount"),
        "median_days_to_pay": Kpi(
            "Median days to pay", "days", "half of the invoices are paid by then, open ones counted"
        ),
        "current_share": Kpi("Current share", "share", "part of the receivables that is not past due"),
        "bad_debt_share": Kpi("Bad-debt ratio", "share", "written off less recovered, by credit sales"),
        "receivables": Kpi("Receivables", "amount", "open invoices less open credit notes"),
        "current": Kpi("Receivables not past due", "amount", "due on the day or later"),
        "beginning_receivables": Kpi("Receivables before the window", "amount", "as they were known then"),
        "sales": Kpi("Credit sales", "amount", "invoices less credit notes issued in the window"),
        "receipts": Kpi("Receipts", "amount", "money that came in during the window"),
        "bad_debt": Kpi("Bad debt", "amount", "written off as bad debt less recovered, in the window"),
    }
)
"""Every key figure by its name, in the order in which they are shown."""


@dataclass(frozen=True)
class KpiReport:
    """The key figures of one window.

    Parameters
    ----------
    as_of : only what was known before the start of this day counts; the window ends on the day before.
    age_on : the day of ages and rates.
    from_on : the first day of the window.
    days : its length.
    currency : the currency of the amounts.
    figures : by the names of ``KPIS``; amounts in decimal major units, shares 0..1.
    notes : what a reader should know about the whole window.
    """

    as_of: date
    age_on: date
    from_on: date
    days: int
    currency: str
    figures: Mapping[str, Figure]
    notes: tuple[str, ...]

    @property
    def to_on(self) -> date:
        """The last day of the window."""
        return self.as_of - timedelta(days=1)

    def to_dict(self) -> dict[str, object]:
        """Give plain values for JSON: an undefined figure is None, with its reason under ``reasons``."""
        return {
            "as_of": self.as_of.isoformat(),
            "age_on": self.age_on.isoformat(),
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "days": self.days,
            "currency": self.currency,
            **{name: figure.value if figure.is_defined else None for name, figure in self.figures.items()},
            "reasons": {name: figure.reason for name, figure in self.figures.items() if figure.reason},
            "notes": list(self.notes),
        }


def measure_kpis(
    book: Book, *, as_of: date, policy: Policy, age_on: date | None = None, from_on: date | None = None
) -> KpiReport:
    """Measure the key figures as of a day.

    Sales, receipts and write-offs belong to the day on which they happened, and count when they were known
    before ``as_of``. Beginning receivables are those known before the window. One rate, that of ``age_on``,
    holds for all amounts, so that a change of rates does not look like a collection.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts; the window ends on the day before.
    policy : ageing buckets, tolerance of an invoice's end, length of the window.
    age_on : the day of ages and rates; None = ``as_of``. A period end E is ``as_of`` E + 1 and ``age_on`` E.
    from_on : the first day of the window; None = as many days back as the policy says.

    Raises
    ------
    InputError
        When the window has no day.
    CurrencyError
        When an amount is in a currency without a rate.
    """
    start = from_on or as_of - timedelta(days=policy.kpis.window_days)
    days = (as_of - start).days
    if days < 1:
        raise InputError(f"the window from {start} ends on {as_of - timedelta(days=1)}", hint="an earlier first day")
    day = age_on or as_of
    flows = list_flows(book, as_of=as_of, on=day, from_on=start, end=policy.end)
    ageing = age_ledger(book, as_of=as_of, age_on=day, ageing=policy.ageing)
    figures = _calculate(flows, ageing.total, ageing.not_due, days)
    scale = 10.0 ** money.exponent(book.currency)
    shown = {
        name: Figure(figures[name].value / scale, figures[name].reason) if kpi.unit == "amount" else figures[name]
        for name, kpi in KPIS.items()
    }
    return KpiReport(as_of, day, start, days, book.currency, shown, _list_notes(flows, book, start, as_of))


def _calculate(flows: Flows, receivables: int, current: int, days: int) -> dict[str, Figure]:
    sales, before = flows.sales, flows.beginning
    dso = formulas.calculate_dso(receivables, sales, days)
    best = formulas.calculate_best_possible_dso(receivables, current, sales, days)
    bad_debt = flows.bad_debt
    return {
        "dso": dso,
        "count_back_dso": formulas.count_back(receivables, flows.monthly_sales, flows.monthly_days),
        "best_possible_dso": best,
        "average_days_delinquent": formulas.calculate_average_days_delinquent(dso, best),
        "cei": formulas.calculate_collection_effectiveness(before, sales, receivables, current),
        "turnover": formulas.calculate_turnover(sales, before, receivables, days),
        "weighted_days_to_pay": formulas.average_by_amount(flows.payments["days_to_pay"], flows.payments["amount"]),
        "weighted_days_late": formulas.average_by_amount(flows.payments["days_late"], flows.payments["amount"]),
        "median_days_to_pay": formulas.find_median_time(*(flows.spells[c] for c in ("entered", "left", "is_paid"))),
        "current_share": formulas.calculate_current_share(receivables, current),
        "bad_debt_share": formulas.calculate_bad_debt_share(bad_debt, sales),
        "receivables": Figure(receivables),
        "current": Figure(current),
        "beginning_receivables": Figure(before),
        "sales": Figure(sales),
        "receipts": Figure(flows.receipts),
        "bad_debt": bad_debt,
    }


def _list_notes(flows: Flows, book: Book, start: date, as_of: date) -> tuple[str, ...]:
    notes = []
    if flows.first_issued_on is None or flows.first_issued_on > start:
        first = flows.first_issued_on or "a later day"
        notes.append(f"the first invoice on record is of {first}: the window from {start} may not be covered")
    if book.extract_end_on < as_of - timedelta(days=1):
        notes.append(f"the extract ends on {book.extract_end_on}: the last days of the window are not covered")
    return tuple(notes)
