"""The command that trains."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from arrisk import registry
from arrisk.cli.models import open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import say, show_table, working, write_json
from arrisk.config import arrisk_home
from arrisk.errors import InputError, ModelError
from arrisk.modeling.default.scorer import NAME as DEFAULT
from arrisk.modeling.describe import NAME as PAYMENT
from arrisk.modeling.scorer import Card
from arrisk.pipeline import SECTIONS, Tell
from arrisk.policy import Policy
from arrisk.registry import Saved
from arrisk.schema import Book
from arrisk.uses import governance, training
from arrisk.uses.basis import DEFAULT_SECTIONS

Trained = tuple[Saved, Card]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to the program."""
    app.command("train")(train)


def train(
    book: BookFolder,
    as_of: AsOf,
    promote: Annotated[
        list[Path] | None,
        typer.Option(
            "--promote",
            metavar="REPORT",
            help="Promote at once, on this passed report; one for each model. Needs --by and --reason.",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who promotes: a person.")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is logged.")] = "",
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Fit all models on what was known before a day, save and log them.

    The first model of a ledger scores at once (policy [governance]); a later one waits until a person promotes it, and
    until then the models before it score.

    Example: `arrisk train book --as-of 2013-06-01`
    """
    day, rules, home = read_day(as_of, "--as-of"), read_policy(policy), arrisk_home()
    person = read_person(by, reason, is_wanted=bool(promote))
    ledger = open_for(book, policy, currency)
    reports = read_reports(promote or [], ledger, as_of=day, policy=rules)
    with working("Training") as tell:
        trained = training.train_payment(ledger, as_of=day, home=home, policy=rules, at=datetime.now(UTC), tell=tell)
        rated = train_default(ledger, as_of=day, policy=rules, tell=tell)
    show_training(*trained)
    show_rating(rated)
    done = [trained] if isinstance(rated, str) else [trained, rated]
    for saved, _ in done:
        if person and saved.name in reports and not registry.is_promoted(home, saved):
            report, at = reports[saved.name], datetime.now(UTC)
            governance.promote(home, saved.reference, report=report, person=person, at=at, policy=rules.governance)
        show_state(home, saved)
    described = {"model": trained[0].reference, "folder": str(trained[0].folder), "card": asdict(trained[1])}
    default = rated if isinstance(rated, str) else {"model": rated[0].reference, "card": asdict(rated[1])}
    promoted = [saved.reference for saved, _ in done if registry.is_promoted(home, saved)]
    write_json(json_file, {**described, "default": default, "promoted": promoted})


def read_person(by: str, reason: str, *, is_wanted: bool) -> governance.Person | None:
    """Read who promotes; nobody where nothing is promoted.

    Raises
    ------
    InputError
        When a person is named without a report, or the other way round.
    """
    if is_wanted:
        return governance.Person(by, reason)
    if by or reason:
        raise InputError("--by and --reason belong to --promote", hint="--promote REPORT --by NAME --reason TEXT")
    return None


def read_reports(paths: list[Path], book: Book, *, as_of: date, policy: Policy) -> dict[str, governance.Report]:
    """Read and check the reports of what will be trained, by model: a wrong one is refused before the work."""
    reports = {report.model: report for report in map(governance.read_report, paths)}
    for model, report in reports.items():
        learnt = policy.hash(*(SECTIONS if model == PAYMENT else DEFAULT_SECTIONS))
        governance.check_report(
            report, model=model, ledger=book.name, as_of=as_of, policy_hash=learnt, policy=policy.governance
        )
    return reports


def train_default(ledger: Book, *, as_of: date, policy: Policy, tell: Tell) -> Trained | str:
    """Fit the default model too, or say why this ledger cannot carry one yet."""
    try:
        return training.train_default(
            ledger, as_of=as_of, home=arrisk_home(), policy=policy, at=datetime.now(UTC), tell=tell
        )
    except ModelError as error:
        return str(error)


def show_training(saved: Saved, card: Card) -> None:
    """Print which candidate was chosen for each horizon, and where the model is."""
    rows = [[horizon, champion] for horizon, champion in card.champions.items()]
    show_table(
        "Chosen on later invoices, by the champion rule",
        ["probability", "champion"],
        rows,
        left=["probability", "champion"],
    )
    say(f"fitted on {card.rows:,} invoices of {card.customers:,} customers, {card.base_rate:.1%} of them late")
    say(f"saved as {saved.reference} in {saved.folder}")


def show_rating(rated: Trained | str) -> None:
    """Print how the default model was chosen, and where it is, or why there is none."""
    if isinstance(rated, str):
        say(f"no default model: {rated}")
        return
    saved, card = rated
    chosen = ", ".join(f"{name} {champion}" for name, champion in card.champions.items())
    say(f"default within a year: {chosen}; fitted on {card.rows:,} customer-quarters of {card.customers:,} customers")
    say(f"{card.base_rate:.2%} of them came into default; saved as {saved.reference}")


def show_state(home: Path, saved: Saved) -> None:
    """Print whether a new version scores, or what a person has to do."""
    if registry.is_promoted(home, saved):
        say(f"{saved.reference} is promoted: it scores days after its training")
        return
    champion = registry.find_champion(home, name=saved.name, ledger=saved.ledger)
    instead = f"{champion.reference} scores" if champion else "none is promoted, a score fits its own"
    proof = {PAYMENT: "backtest payment", DEFAULT: "backtest default"}[saved.name]
    say(f"{saved.reference} waits; until then {instead}. To promote it:")
    say(f"  arrisk {proof} BOOK --cutoff DAY --json report.json")
    say(f"  arrisk promote {quote(saved.reference)} --report report.json --by NAME --reason TEXT")
