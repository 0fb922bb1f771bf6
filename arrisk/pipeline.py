"""READ FIRST: the use cases, top-down; the only place that joins the core (frames) and the edges (files, MLflow)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from arrisk import registry
from arrisk.features import iterate_features, questions_at_issue, questions_on
from arrisk.forecast import CashForecast
from arrisk.forecast import forecast_cash as forecast_receipts
from arrisk.frames import date_of, day_of, to_dates
from arrisk.ingest.atomic import atomic_folder
from arrisk.ingest.books import read_book
from arrisk.ingest.mapping import load_mapping
from arrisk.ingest.problems import add_staging
from arrisk.ingest.readers import read_source
from arrisk.ingest.staging import convert as stage_export
from arrisk.ingest.writing import FileFormat, book_tables, write_book
from arrisk.ledger.ageing import Ageing, age_ledger
from arrisk.ledger.conversion import restrict_currency, to_book_currency
from arrisk.ledger.reconcile import Reconciliation, reconcile_control
from arrisk.modeling.asking import ask_at_issue, train_asked
from arrisk.modeling.curves import Curves
from arrisk.modeling.describe import NAME
from arrisk.modeling.explain import Explanation, explain
from arrisk.modeling.open_scores import AMOUNTS, Scores, add_reasons, score_open, score_open_curves
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.scorer import Scorer, parse_scorer
from arrisk.money import to_decimals
from arrisk.policy import Policy
from arrisk.reports.kpis import KpiReport, measure_kpis
from arrisk.reports.trends import measure_kpi_trend
from arrisk.schema import Book, Checked, choose_book_currency
from arrisk.schema import check as check_tables
from arrisk.sim import Portfolio, Shock, simulate_portfolio, write_portfolio
from arrisk.worklist import build_worklist

SECTIONS = ("end", "late")
"""The sections of the policy that say what the payment curve predicts, and what its features mean."""

Tell = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Conversion:
    """What became of an export: the checked book, what was detected, and what no table took."""

    checked: Checked
    notes: list[str]
    left_out: pd.DataFrame


# --- the book: from an export to checked tables ---------------------------------------------------------------------


def convert_export(
    source: Path,
    *,
    mapping: str,
    out: Path,
    file_format: FileFormat,
    overwrite: bool,
    policy: Policy,
    tell: Tell = silent,
) -> Conversion:
    """Turn an ERP export into a book on disk.

    Parameters
    ----------
    source : CSV, XLSX or Parquet.
    mapping : a shipped mapping's name, or the path of a TOML file.
    out : the folder to make; it appears whole or not at all.
    file_format : of the tables.
    overwrite : whether a book that is there may be replaced.
    policy : gives the currency where the mapping gives none.
    tell : is told what goes on.

    Raises
    ------
    InputError
        When the source cannot be read, the mapping has a mistake, no invoice is usable, or ``out`` cannot be written.
    """
    staging = stage_export(source, load_mapping(mapping))
    staging.require_invoices()
    tell(f"Checking {sum(map(len, staging.tables.values())):,} rows")
    settings = staging.settings
    currency = choose_book_currency(staging.tables, stated=settings.currency, fallback=policy.book.currency)
    checked = check_tables(
        staging.tables, name=settings.name, currency=currency, extract_end_on=settings.extract_end_on
    )
    checked = add_staging(checked, staging.problems, staging.counts)
    tell(f"Writing {out}")
    write_book(
        book_tables(checked.book),
        out,
        settings=replace(settings, currency=currency),
        problems=checked.problems,
        file_format=file_format,
        overwrite=overwrite,
    )
    return Conversion(checked, staging.notes, staging.left_out)


def open_book(folder: Path, *, policy: Policy, currency: str | None = None) -> Checked:
    """Read and check a book.

    Parameters
    ----------
    folder : canonical tables, ``NAME.csv`` or ``NAME.parquet``, and perhaps ``book.toml``.
    policy : gives the book currency where ``book.toml`` gives none.
    currency : keep only rows of this currency, which becomes the book currency; None = all.

    Raises
    ------
    BookError
        When the book cannot be used.
    """
    raw = read_book(folder)
    checked = check_tables(
        raw.tables,
        name=raw.settings.name,
        currency=choose_book_currency(raw.tables, stated=raw.settings.currency, fallback=policy.book.currency),
        extract_end_on=raw.settings.extract_end_on,
    )
    # Arrow keeps what checking needed for a while; of a large ledger that is more than the ledger itself.
    del raw
    pa.default_memory_pool().release_unused()
    return checked if currency is None else replace(checked, book=restrict_currency(checked.book, currency))


def describe_check(checked: Checked) -> dict[str, object]:
    """Give a check's result as plain data."""
    book = checked.book
    return {
        "name": book.name,
        "currency": book.currency,
        "extract_end_on": book.extract_end_on,
        "rows": checked.counts,
        "problems": checked.problems,
    }


def simulate(
    out: Path, *, customers: int, months: int, seed: int, file_format: FileFormat, shock: Shock | None = None
) -> Portfolio:
    """Make a synthetic portfolio on disk: ``out/book`` and ``out/truth``, whole or not at all."""
    portfolio = simulate_portfolio(customers=customers, months=months, seed=seed, shock=shock)
    with atomic_folder(out) as partial:
        write_portfolio(portfolio, partial, file_format=file_format)
    return portfolio


# --- the ledger as of a day -----------------------------------------------------------------------------------------


def age(book: Book, *, as_of: date, age_on: date, policy: Policy) -> Ageing:
    """Age what is open, by what was known before ``as_of``, with ages and rates of ``age_on``."""
    return age_ledger(book, as_of=as_of, age_on=age_on, ageing=policy.ageing)


def measure(book: Book, *, as_of: date, age_on: date, policy: Policy) -> KpiReport:
    """Measure the key figures of the policy's window that ends before ``as_of``."""
    return measure_kpis(book, as_of=as_of, age_on=age_on, policy=policy)


def measure_trend(book: Book, *, from_on: date, to_on: date, policy: Policy) -> list[KpiReport]:
    """Measure the key figures at each month end of a range."""
    return measure_kpi_trend(book, from_on=from_on, to_on=to_on, policy=policy)


def reconcile(book: Book, control: Path) -> Reconciliation:
    """Compare the ledger's open balances by day with a control account's file (day, amount, currency).

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    return reconcile_control(book, read_source(control).frame)


def describe_reconciliation(result: Reconciliation) -> dict[str, object]:
    """Give a reconciliation as plain data, money as decimals."""
    days = [str(name) for name in result.days if str(name).endswith("_amount")]
    return {
        "days": to_decimals(result.days, days),
        "parts": to_decimals(result.parts, ["amount"]),
        "notes": list(result.notes),
    }


# --- features ---------------------------------------------------------------------------------------------------------


def compute_features(book: Book, *, on: date | None, policy: Policy) -> Iterator[pd.DataFrame]:
    """Compute every feature of each invoice as of its issue, or of each customer as of a day.

    Yields
    ------
    DataFrame
        One row per invoice (invoice_id, customer_id, as_of, features), those of one customer together, or one row per
        customer (customer_id, as_of, features); some thousand rows at a time.
    """
    questions = questions_at_issue(book) if on is None else questions_on(book, as_of_day=day_of(on))
    keys = questions[[name for name in ("invoice_id", "customer_id") if name in questions]]
    keys = keys.assign(as_of=to_dates(questions["as_of_day"]))
    for rows, features in iterate_features(book, questions, policy=policy):
        yield pd.concat([keys.iloc[rows].reset_index(drop=True), features], axis=1)


# --- what to do today -----------------------------------------------------------------------------------------------


def score(
    book: Book,
    *,
    as_of: date,
    model_name: str | None,
    home: Path,
    policy: Policy,
    count_reasons: int | None = 1000,
    tell: Tell = silent,
) -> Scores:
    """Score the invoices that are open as of a day, given that they are.

    Parameters
    ----------
    model_name : use this model, also if it belongs to another ledger; None = the newest promoted one of this ledger
        that was trained by then, or, where there is none, one fitted now.
    count_reasons : for how many invoices, those with the most at stake, reasons are given; None = for all.

    Raises
    ------
    CurrencyError
        When an open invoice is in a currency without a rate.
    ModelError
        When the named model is not there, was trained later, or nothing can be learnt from this ledger yet.
    """
    model, note, used = find_curve(book, as_of=as_of, name=model_name, home=home, policy=policy, tell=tell)
    tell("Scoring open invoices")
    opened = score_open_curves(book, model, as_of=as_of, policy=policy)
    scored = score_open(opened, horizon_days=policy.worklist.horizon_days)
    scored = add_reasons(model, scored, opened, count=count_reasons)
    return Scores(scored, to_book_currency(scored, book, amounts=AMOUNTS, as_of=as_of), note, opened.past, used)


def make_worklist(book: Book, scores: Scores, *, policy: Policy) -> pd.DataFrame:
    """List whom to contact, in order: one row per customer with something at stake."""
    items = to_decimals(scores.in_book, AMOUNTS).rename(columns={"p_still_open": "p_open", "main_reason": "why"})
    names = book["customers"].drop_duplicates("customer_id", keep="last")
    return build_worklist(items, names, policy=policy.worklist)


@dataclass(frozen=True)
class Forecast:
    """A cash forecast and which model it rests on."""

    cash: CashForecast
    model_note: str


def forecast_cash(
    book: Book,
    *,
    as_of: date,
    weeks: int,
    model_name: str | None,
    home: Path,
    policy: Policy,
    tell: Tell = silent,
) -> Forecast:
    """Forecast the receipts of the coming weeks, from the open book and from future sales.

    Parameters
    ----------
    weeks : how many, the first beginning on ``as_of``.
    model_name : as for ``score``.

    Raises
    ------
    CurrencyError
        When a currency of the book has no rate.
    InputError
        When the number of weeks is out of range, or no week of invoicing is known yet.
    ModelError
        As for ``score``.
    """
    model, note, _ = find_curve(book, as_of=as_of, name=model_name, home=home, policy=policy, tell=tell)
    tell("Forecasting receipts")
    cash = forecast_receipts(
        book,
        curves_of=read_curves(book, model, policy),
        as_of=as_of,
        weeks=weeks,
        end=policy.end,
    )
    return Forecast(cash, note)


def explain_scores(
    book: Book,
    model: PaymentCurve,
    *,
    as_of: date,
    policy: Policy,
    is_part: bool,
    customer_ids: Sequence[str] | None = None,
    count_reasons: int | None = None,
) -> tuple[pd.DataFrame, Explanation]:
    """Score open invoices with a model at hand, and give the reasons as numbers.

    Parameters
    ----------
    is_part : whether the book is a part of its ledger, which does not show the drift: it is that of the training then.
        Otherwise it is read from the book, as ``score`` does.
    customer_ids : only invoices of these customers; None = of all.
    count_reasons : how many reasons an invoice gets at most; None = all.
    """
    shift = model.shift if is_part else None
    opened = score_open_curves(book, model, as_of=as_of, policy=policy, customer_ids=customer_ids, shift=shift)
    scored = score_open(opened, horizon_days=policy.worklist.horizon_days)
    age = opened.items["days_past_due"].to_numpy()
    return scored, explain(model.open, opened.features, age=age, shift=opened.shift, top=count_reasons)


def find_model(home: Path, *, ledger: str, as_of: date, name: str | None) -> registry.Saved | None:
    """Find the model that a user names, or the newest promoted one of a ledger that was trained before a day.

    Raises
    ------
    ModelError
        When the named model is not there, or was trained on that day or later.
    """
    day = day_of(as_of)
    if name is None:
        return registry.find_promoted(home, name=NAME, ledger=ledger, before_day=day)
    return registry.find_named(home, name, before_day=day)


def load_model(saved: registry.Saved, *, policy: Policy) -> Scorer:
    """Read a saved model.

    Raises
    ------
    ModelError
        When one of its files is missing, changed or unreadable, or it learnt under another policy.
    """
    return parse_scorer(registry.read_files(saved), policy_hash=policy.hash(*SECTIONS))


def find_curve(
    book: Book, *, as_of: date, name: str | None, home: Path | None, policy: Policy, tell: Tell
) -> tuple[PaymentCurve, str, str]:
    """Find the model, or fit one, as ``score`` does; ``home`` None = no saved one is looked for.

    Returns
    -------
    model, note, reference
        Which one it is in words, and its reference; that is empty for one that is fitted now.
    """
    saved = None if home is None else find_model(home, ledger=book.name, as_of=as_of, name=name)
    if saved is not None:
        return load_model(saved, policy=policy).model, note_model(saved, book), saved.reference
    tell("No model is registered for this ledger: fitting one")
    training = train_asked(ask_at_issue(book, policy=policy), book, as_of=as_of, policy=policy)
    return (
        training.model,
        f"no model of this ledger was trained before {as_of}: one was fitted now, on what was known then",
        "",
    )


def read_curves(book: Book, model: PaymentCurve, policy: Policy) -> Callable[[date], tuple[pd.DataFrame, Curves]]:
    """Give what reads the open book and its curves as of any day."""

    def read(day: date) -> tuple[pd.DataFrame, Curves]:
        opened = score_open_curves(book, model, as_of=day, policy=policy)
        return opened.items, opened.curves

    return read


def note_model(saved: registry.Saved, book: Book) -> str:
    """Say which saved model is used, and whether it belongs to another ledger."""
    trained = f"model {saved.reference}, trained as of {date_of(saved.as_of_day)}"
    return trained if saved.ledger == book.name else f"{trained}, ON ANOTHER LEDGER ({saved.ledger})"
