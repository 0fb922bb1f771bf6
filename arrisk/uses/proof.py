"""The use cases of proof: predict the past as it was known then, and compare with what became of it."""

from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk.forecast import CashBacktest, backtest_cash
from arrisk.frames import day_of, match, to_dates, to_days
from arrisk.ingest.atomic import atomic_folder
from arrisk.ledger import list_outcomes
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.asking import ask_at_issue, train_asked
from arrisk.modeling.backtest import Backtest, report_backtest, run_backtest
from arrisk.modeling.chain import describe_curves
from arrisk.modeling.curves import Curves
from arrisk.modeling.default.backtest import (
    DefaultBacktest,
    observe_year_later,
    predict_by_application,
    report_default_backtest,
    run_default_backtest,
)
from arrisk.modeling.default.bridge import Bridge, list_exposures, reconcile_losses
from arrisk.modeling.default.facts import gather_facts
from arrisk.modeling.default.validation import Validation, describe_validation, validate_default
from arrisk.modeling.default.verdict import judge_validation
from arrisk.modeling.lgd.losses import Losses, fit_losses
from arrisk.modeling.open_scores import score_open_curves
from arrisk.modeling.verdict import judge_payment
from arrisk.pipeline import SECTIONS, Tell, read_curves, silent
from arrisk.policy import Policy
from arrisk.reports.backtest_evidence import gather_evidence
from arrisk.reports.backtest_page import write_backtest
from arrisk.reports.default_evidence import gather_default_evidence
from arrisk.reports.default_page import write_validation
from arrisk.reports.drawing import require_plots
from arrisk.schema import Book, fingerprint_tables
from arrisk.uses.basis import DEFAULT_SECTIONS, name_basis

_ONE_DAY = timedelta(days=1)


def backtest_payment(
    book: Book, *, cutoff: date, policy: Policy, report_to: Path | None = None, tell: Tell = silent
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Predict every invoice issued on or after a day with a model fitted on what was known before it.

    Parameters
    ----------
    report_to : a folder to make, with a page to read and its pictures; None = none.

    Returns
    -------
    (dict, DataFrame)
        The report, measured on complete outcomes only, with the policy's hash and the data's fingerprint; and one row
        per invoice: invoice_id, as_of, p_late, p_late_30, p_late_60, p_late_90, expected_paid_on, paid_on_p10,
        paid_on_p90, p_written_off.

    Raises
    ------
    InputError
        When no invoice was issued on or after the day, or none was due before it.
    """
    if report_to is not None:
        require_plots()
    # The folder is asked for first: a report that has nowhere to go is refused before the work, not after.
    with nullcontext() if report_to is None else atomic_folder(report_to) as folder:
        backtest = _run(book, cutoff=cutoff, policy=policy, tell=tell)
        tell("Measuring")
        questions = backtest.asked.questions
        outcomes = list_outcomes(book, as_of=book.extract_end_on + _ONE_DAY, end=policy.end)
        outcomes = outcomes.iloc[match(questions["invoice_id"], outcomes["invoice_id"])].reset_index(drop=True)
        report = report_backtest(backtest, outcomes, end_day=day_of(book.extract_end_on))
        verdict = judge_payment(report, policy=policy.governance)
        basis = _name_basis(book, cutoff=cutoff, policy=policy)
        report = {**basis, "model_policy_hash": policy.hash(*SECTIONS), **report, "verdict": verdict}
        described = describe_curves(backtest.curves, due_day=questions["due_day"].to_numpy(), index=questions.index)
        keys = pd.DataFrame({"invoice_id": questions["invoice_id"], "as_of": to_dates(questions["as_of_day"])})
        predicted = pd.concat([keys, described], axis=1)
        if folder is not None:
            tell("Drawing the report")
            report["reasons"], evidence = gather_evidence(backtest, predicted, outcomes, book)
            for name, content in write_backtest(report, evidence).items():
                (folder / name).write_bytes(content)
    return report, predicted


def _name_basis(book: Book, *, cutoff: date, policy: Policy) -> dict[str, str]:
    """Say what a report rests on: all rows of the extract, as outcomes are read from them too."""
    tables = fingerprint_tables(book, as_of_day=day_of(book.extract_end_on + _ONE_DAY))
    return {"cutoff": cutoff.isoformat(), **name_basis(book, tables, policy=policy)}


def _run(book: Book, *, cutoff: date, policy: Policy, tell: Tell) -> Backtest:
    tell("Computing features as of each invoice's issue")
    asked = ask_at_issue(book, policy=policy)
    tell("Fitting on what was known before the cutoff, and predicting what came later")
    return run_backtest(book, asked, cutoff=cutoff, policy=policy)


def backtest_default(
    book: Book, *, cutoff: date, policy: Policy, report_to: Path | None = None, tell: Tell = silent
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Predict default within a year of every customer as of a day, and as of each later quarter start.

    Parameters
    ----------
    report_to : a folder to make, with a page to read, the model's card and pictures; None = none. With it the expected
        losses are reconciled, for which a payment curve is fitted.

    Returns
    -------
    (dict, DataFrame)
        The report, measured on years that are over only, with the policy's hash, the data's fingerprint and the verdict
        of the validation; and one row per customer and day, customers in default on it left out: customer_id, as_of,
        p_default_12m, p_default_12m_as_applicant (by what is known without trading).

    Raises
    ------
    InputError
        When the extract ends before the day.
    ModelError
        When no customer had been observed for a year by then.
    """
    if report_to is not None:
        require_plots()
    # The folder is asked for first: a report that has nowhere to go is refused before the work, not after.
    with nullcontext() if report_to is None else atomic_folder(report_to) as folder:
        tell("Fitting on years that were over before the cutoff, and predicting what came later")
        backtest = run_default_backtest(book, cutoff=cutoff, policy=policy)
        tell("Measuring")
        validation = _validate(book, backtest, cutoff=cutoff, policy=policy)
        report = {
            **_name_basis(book, cutoff=cutoff, policy=policy),
            "model_policy_hash": policy.hash(*DEFAULT_SECTIONS),
            **report_default_backtest(backtest),
            "validation": describe_validation(validation),
            "verdict": judge_validation(validation, policy.validation).to_json(),
        }
        if folder is not None:
            losses = fit_losses(book, list_defaults(book, as_of=cutoff, policy=policy), as_of=cutoff, policy=policy)
            report["facts"] = gather_facts(backtest, book, losses=losses, policy=policy)
            report["bridge"] = _reconcile(book, backtest, losses, cutoff=cutoff, policy=policy, tell=tell).to_json()
            tell("Drawing the report")
            for name, content in write_validation(report, gather_default_evidence(validation)).items():
                (folder / name).write_bytes(content)
    return report, _list_predictions(backtest)


def _list_predictions(backtest: DefaultBacktest) -> pd.DataFrame:
    observed = backtest.observed
    return pd.DataFrame(
        {
            "customer_id": observed.customer_id,
            "as_of": to_dates(observed.asked_day),
            "p_default_12m": backtest.p,
            "p_default_12m_as_applicant": predict_by_application(backtest),
        }
    )


def _validate(book: Book, backtest: DefaultBacktest, *, cutoff: date, policy: Policy) -> Validation:
    later = observe_year_later(book, cutoff=cutoff, policy=policy)
    customers = book["customers"].drop_duplicates("customer_id", keep="last")
    return validate_default(backtest, year_later=later, customers=customers, policy=policy)


def _reconcile(
    book: Book, backtest: DefaultBacktest, losses: Losses, *, cutoff: date, policy: Policy, tell: Tell
) -> Bridge:
    """Reconcile what both models expect to lose of the book that is open at the cutoff."""
    tell("Fitting the payment curve, to reconcile the expected losses")
    invoices = book["invoices"]
    is_before = to_days(invoices["issued_on"]) < day_of(cutoff)
    asked = ask_at_issue(book, policy=policy, invoice_ids=invoices.loc[is_before, "invoice_id"].drop_duplicates())
    model = train_asked(asked, book, as_of=cutoff, policy=policy).model
    opened = score_open_curves(book, model, as_of=cutoff, policy=policy)
    first = backtest.observed.asked_day == day_of(cutoff)
    p = pd.Series(backtest.p[first], index=backtest.observed.customer_id[first].to_numpy())
    exposures = list_exposures(book, opened, losses, p, as_of=cutoff, policy=policy)
    return reconcile_losses(exposures, currency=book.currency)


def backtest_forecast(
    book: Book, *, cutoff: date, weeks: int, every_weeks: int, policy: Policy, tell: Tell = silent
) -> CashBacktest:
    """Forecast week after week from a day on, with a model fitted on what was known before it, and compare.

    Raises
    ------
    InputError
        When no week from the cutoff on is complete by the end of the extract.
    """
    tell("Fitting on what was known before the cutoff")
    model = train_asked(ask_at_issue(book, policy=policy), book, as_of=cutoff, policy=policy).model
    read = read_curves(book, model, policy)

    def curves_of(day: date) -> tuple[pd.DataFrame, Curves]:
        tell(f"Forecasting week after week: what was open on {day}")
        return read(day)

    return backtest_cash(
        book,
        curves_of=curves_of,
        cutoff=cutoff,
        weeks=weeks,
        end=policy.end,
        every_weeks=every_weeks,
    )
