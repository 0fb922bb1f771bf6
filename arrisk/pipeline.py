"""READ FIRST: the use cases, top-down; the only place that joins the core (frames) and the edges (files, MLflow)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk import registry
from arrisk.errors import BookError, InputError
from arrisk.features import iterate_features, questions_at_issue, questions_on
from arrisk.frames import date_of, day_of, to_dates
from arrisk.ingest.atomic import atomic_file, atomic_folder
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
from arrisk.modeling.chain import LateModel, predict_at_issue
from arrisk.modeling.describe import NAME, describe_training, list_figures
from arrisk.modeling.explain import Explanation, explain
from arrisk.modeling.late_payment import report_late
from arrisk.modeling.open_scores import AMOUNTS, Scores, add_reasons, score_open
from arrisk.modeling.scorer import Card, Scorer, dump_scorer, parse_scorer
from arrisk.money import to_decimals
from arrisk.policy import Policy
from arrisk.reports.charts import render_ageing_chart, render_kpi_chart
from arrisk.reports.kpis import KpiReport, measure_kpis
from arrisk.reports.trends import measure_kpi_trend, tabulate_kpis
from arrisk.schema import Book, Checked, choose_book_currency
from arrisk.schema import check as check_tables
from arrisk.sim import Portfolio, Shock, simulate_portfolio, write_portfolio
from arrisk.worklist import build_worklist

_ONE_DAY = timedelta(days=1)

Tell = Callable[[str], None]


def _silent(_: str) -> None:
    """Nobody wants to be told."""


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
    tell: Tell = _silent,
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


def find_sample() -> Path:
    """Give the folder of the shipped portfolio, in an installed package or in a checkout.

    Raises
    ------
    BookError
        When it is in neither place.
    """
    package = Path(__file__).parent
    for folder in (package / "sample_data" / "book", package.parent / "data" / "sample" / "book"):
        if folder.is_dir():
            return folder
    raise BookError("the shipped portfolio is not there", where=str(package), hint="install arrisk again")


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


def draw_ageing(ageing: Ageing, path: Path) -> None:
    """Draw an ageing into a file, .svg, .png or .pdf."""
    with atomic_file(path) as partial:
        partial.write_bytes(render_ageing_chart(ageing, suffix=path.suffix))


def draw_trend(trend: list[KpiReport], path: Path) -> None:
    """Draw a trend of key figures into a file, .svg, .png or .pdf."""
    with atomic_file(path) as partial:
        partial.write_bytes(render_kpi_chart(tabulate_kpis(trend), suffix=path.suffix))


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


# --- from features to a model ---------------------------------------------------------------------------------------


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


def backtest_payment(
    book: Book, *, cutoff: date, policy: Policy, tell: Tell = _silent
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Predict every invoice issued on or after a day with a model fitted on what was known before it.

    Returns
    -------
    (dict, DataFrame)
        The report, measured on complete outcomes only; and one row per invoice: invoice_id, as_of, p_late, p_late_30,
        p_late_60, p_late_90, expected_paid_on, paid_on_p10, paid_on_p90.

    Raises
    ------
    InputError
        When no invoice was issued on or after the day, or none was due before it.
    """
    tell("Computing features as of each invoice's issue")
    asked = ask_at_issue(book, policy=policy)
    tell("Fitting on what was known before the cutoff")
    training = train_asked(asked, book, as_of=cutoff, end=policy.end)
    tell("Predicting what came later")
    later = asked.take(asked.questions["issued_day"].to_numpy() >= day_of(cutoff))
    if not len(later.questions):
        last = book["invoices"]["issued_on"].max().date()
        raise InputError(f"no invoice was issued on or after {cutoff}", hint=f"a day before {last}")
    known, outcomes = later.with_outcomes(book, as_of=book.extract_end_on + _ONE_DAY, end=policy.end)
    report = report_late(training, known.features, outcomes, end_day=day_of(book.extract_end_on))
    issued, due = (later.questions[name].to_numpy() for name in ("issued_day", "due_day"))
    predicted = predict_at_issue(training.model, later.features, issued_day=issued, due_day=due)
    keys = pd.DataFrame({"invoice_id": later.questions["invoice_id"], "as_of": to_dates(issued)})
    return {"cutoff": cutoff.isoformat(), "ledger": book.name, **report}, pd.concat([keys, predicted], axis=1)


def train(book: Book, *, as_of: date, home: Path, policy: Policy, tell: Tell = _silent) -> tuple[registry.Saved, Card]:
    """Fit the models on what was known before a day; save, promote and log them.

    Returns
    -------
    (Saved, Card)
        Where the model is, and what it is.
    """
    tell("Computing features as of each invoice's issue")
    asked = ask_at_issue(book, policy=policy)
    tell("Fitting")
    training = train_asked(asked, book, as_of=as_of, end=policy.end)
    scorer = describe_training(training, ledger=book.name, policy_hash=policy.hash("end", "late"))
    tell("Registering")
    saved = registry.save_model(home, dump_scorer(scorer))
    registry.promote(saved)
    registry.track(home, saved, metrics=list_figures(training), settings=dict(scorer.card.champions))
    return saved, scorer.card


# --- what to do today -----------------------------------------------------------------------------------------------


def score(
    book: Book,
    *,
    as_of: date,
    model_name: str | None,
    home: Path,
    policy: Policy,
    count_reasons: int | None = 1000,
    tell: Tell = _silent,
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
    model, note = _find_model(book, as_of=as_of, name=model_name, home=home, policy=policy, tell=tell)
    tell("Scoring open invoices")
    scored, features = score_open(book, model, as_of=as_of, policy=policy)
    scored = add_reasons(model, scored, features, count=count_reasons)
    return Scores(scored, to_book_currency(scored, book, amounts=AMOUNTS, as_of=as_of), note)


def make_worklist(book: Book, scores: Scores, *, policy: Policy) -> pd.DataFrame:
    """List whom to contact, in order: one row per customer with something at stake."""
    items = to_decimals(scores.in_book, AMOUNTS).rename(columns={"p_still_open": "p_open", "main_reason": "why"})
    names = book["customers"].drop_duplicates("customer_id", keep="last")
    return build_worklist(items, names, policy=policy.worklist)


def explain_scores(
    book: Book,
    model: LateModel,
    *,
    as_of: date,
    policy: Policy,
    customer_ids: Sequence[str] | None = None,
    count_reasons: int | None = None,
) -> tuple[pd.DataFrame, Explanation]:
    """Score open invoices with a model at hand, and give the reasons as numbers.

    Parameters
    ----------
    customer_ids : only invoices of these customers; None = of all.
    count_reasons : how many reasons an invoice gets at most; None = all.
    """
    scored, features = score_open(book, model, as_of=as_of, policy=policy, customer_ids=customer_ids)
    return scored, explain(model.links[0].model, features, top=count_reasons)


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


def load_model(saved: registry.Saved) -> Scorer:
    """Read a saved model.

    Raises
    ------
    ModelError
        When one of its files is missing, changed or unreadable.
    """
    return parse_scorer(registry.read_files(saved))


def _find_model(
    book: Book, *, as_of: date, name: str | None, home: Path, policy: Policy, tell: Tell
) -> tuple[LateModel, str]:
    saved = find_model(home, ledger=book.name, as_of=as_of, name=name)
    if saved is not None:
        return load_model(saved).model, _note_model(saved, book)
    tell("No model is registered for this ledger: fitting one")
    training = train_asked(ask_at_issue(book, policy=policy), book, as_of=as_of, end=policy.end)
    return (
        training.model,
        f"no model of this ledger was trained before {as_of}: one was fitted now, on what was known then",
    )


def _note_model(saved: registry.Saved, book: Book) -> str:
    trained = f"model {saved.reference}, trained as of {date_of(saved.as_of_day)}"
    return trained if saved.ledger == book.name else f"{trained}, ON ANOTHER LEDGER ({saved.ledger})"
