"""The whole way on the shipped portfolio, each step with its result, no network, no arguments."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.rule import Rule

from arrisk import pipeline
from arrisk.allowance.comparison import compare_methods
from arrisk.cli.allowance_tables import show_allowance, show_methods
from arrisk.cli.books import describe_book, show_counts, show_problems
from arrisk.cli.credit import show_bounds, show_changes
from arrisk.cli.ledger import show_ageing, show_kpis
from arrisk.cli.models import (
    show_backtest,
    show_grades,
    show_scores,
    show_worklist,
)
from arrisk.cli.output import out as console
from arrisk.cli.output import say, working
from arrisk.cli.training import show_rating, show_state, show_training, train_default
from arrisk.config import arrisk_home, find_sample
from arrisk.ingest.outputs import write_frame
from arrisk.policy import Policy, load_policy
from arrisk.schema import Book
from arrisk.uses import credit, proof, rating, reserve, training
from arrisk.uses.provenance import describe_run, write_scores

_TEST_DAYS = 270


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to the program."""
    app.command("demo")(demo)


def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Where results go; default ARRISK_HOME/demo."),
    ] = None,
) -> None:
    """Show the whole way on a small simulated portfolio, from the check of a ledger to limits and the allowance.

    Example: `arrisk demo`
    """
    policy, folder = load_policy(), out or arrisk_home() / "demo"
    if folder.exists() and out is None:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sample = find_sample()
    book = _show_book(sample, policy)
    _show_ledger(book, policy)
    _show_model(book, folder, policy)
    _show_limits(book, folder, policy)
    _show_allowance(book, policy)
    _say_what_next(folder)


def _step(number: int, title: str, command: str) -> None:
    console.print()
    console.print(Rule(f"[bold]{number}. {title}[/]", align="left", style="dim"))
    say(f"$ {command}")


def _show_book(sample: Path, policy: Policy) -> Book:
    _step(1, "Is the ledger usable?", "arrisk check BOOK")
    with working("Checking"):
        checked = pipeline.open_book(sample, policy=policy)
    show_counts(checked)
    show_problems(checked.problems)
    say(describe_book(checked))
    return checked.book


def _show_ledger(book: Book, policy: Policy) -> None:
    end = book.extract_end_on
    _step(2, "What is open, and how old is it?", f"arrisk aging BOOK --period-end {end}")
    show_ageing(pipeline.age(book, as_of=end + timedelta(days=1), age_on=end, policy=policy))
    _step(3, "How well do we collect?", f"arrisk kpis BOOK --period-end {end}")
    show_kpis(pipeline.measure(book, as_of=end + timedelta(days=1), age_on=end, policy=policy))


def _show_model(book: Book, folder: Path, policy: Policy) -> None:
    as_of = book.extract_end_on + timedelta(days=1)
    cutoff = book.extract_end_on - timedelta(days=_TEST_DAYS)
    _step(
        4,
        "Can lateness be predicted? Tested on later invoices",
        f"arrisk backtest payment BOOK --cutoff {cutoff}",
    )
    with working("Backtesting") as tell:
        report, _ = proof.backtest_payment(book, cutoff=cutoff, policy=policy, tell=tell)
    show_backtest(report)
    _step(
        5,
        "Train, register, score what is open",
        f"arrisk train BOOK --as-of {as_of}; arrisk score BOOK --as-of {as_of}",
    )
    home = arrisk_home()
    with working("Training") as tell:
        trained_on = as_of - timedelta(days=1)
        saved, card = training.train_payment(
            book, as_of=trained_on, home=home, policy=policy, at=datetime.now(UTC), tell=tell
        )
        rated = train_default(book, as_of=trained_on, policy=policy, tell=tell)
    show_training(saved, card)
    show_rating(rated)
    show_state(home, saved)
    with working("Scoring") as tell:
        scores = pipeline.score(book, as_of=as_of, model_name=None, home=home, policy=policy, tell=tell)
        rates = rating.rate(book, scores, as_of=as_of, home=home, policy=policy, tell=tell)
        run = describe_run(book, scores, rates, as_of=as_of, home=home, policy=policy)
        write_scores(rates, run, folder / "scores")
    say(scores.model_note)
    say(f"default: {rates.model_note}")
    show_scores(rates.invoices)
    show_grades(rates.customers)
    _step(6, "Whom to contact today?", f"arrisk worklist BOOK --as-of {as_of} --out worklist.csv")
    rows = pipeline.make_worklist(book, scores, policy=policy)
    write_frame(rows, folder / "worklist.csv")
    show_worklist(rows)


def _show_limits(book: Book, folder: Path, policy: Policy) -> None:
    as_of = book.extract_end_on + timedelta(days=1)
    _step(7, "How much may each customer owe?", f"arrisk limits BOOK --as-of {as_of} --out limits.csv")
    with working("Reviewing limits") as tell:
        review = credit.review_limits(book, as_of=as_of, home=arrisk_home(), policy=policy, tell=tell)
        write_frame(review.limits, folder / "limits.csv")
    show_bounds(review.limits)
    show_changes(review.limits, most=5)


def _show_allowance(book: Book, policy: Policy) -> None:
    end = book.extract_end_on
    _step(8, "What will not come in, and what do we book?", f"arrisk allowance BOOK --period-end {end} --compare")
    with working("Estimating the allowance") as tell:
        evidence = reserve.gather_evidence(
            book, as_of=end + timedelta(days=1), age_on=end, policy=policy, home=arrisk_home(), tell=tell
        )
        made = {name: reserve.complete_allowance(evidence, method=name) for name in reserve.METHODS}
    show_allowance(made[policy.allowance.method])
    show_methods(compare_methods(made), reserve.cross_check(evidence))


def _say_what_next(folder: Path) -> None:
    console.print()
    console.print(Rule("[bold]Your own ledger[/]", align="left", style="dim"))
    say(f"Results of this demo: {folder}")
    say("1. Export your invoices, open and settled, two years or more, as CSV, XLSX or Parquet.")
    say("2. arrisk convert EXPORT --mapping generic --out book      (or ibm, sap-open-items, or a TOML file of yours)")
    say("3. arrisk check book; then the commands shown above, with your own dates.")
