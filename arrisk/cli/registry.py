"""Commands of governance: promote, rollback, promotions, watch."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from arrisk.cli.models import open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import say, show_table, working, write_json
from arrisk.config import arrisk_home, open_records
from arrisk.monitoring import FEED, State
from arrisk.registry import Entry, check_log, explain_fault
from arrisk.uses import casework, governance
from arrisk.uses.watch import watch as watch_models

SOMEBODY_HAS_TO_LOOK = 3
"""The exit code of a watch that found something."""

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides: a person.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in words; it is logged.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    app.command("promotions")(promotions)
    app.command("watch")(watch)


def promote(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="NAME/LEDGER/VERSION, or the model's folder.")],
    report: Annotated[
        Path,
        typer.Option(
            "--report", metavar="FILE", help="What `arrisk backtest ... --json FILE` wrote; it has to have passed."
        ),
    ],
    by: By,
    reason: Reason,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Let a trained model score from now on: a person's act, on a report that passed.

    Example: `arrisk promote payment-curve/main/2 --report report.json --by "A. Smith" --reason "spring training"`
    """
    entry = governance.promote(
        arrisk_home(),
        model,
        report=governance.read_report(report),
        person=governance.Person(by, reason),
        at=datetime.now(UTC),
        policy=read_policy(policy).governance,
    )
    say(f"promoted {entry.reference}")
    show_champion(entry)
    write_json(json_file, asdict(entry))


def rollback(
    model: Annotated[str, typer.Argument(metavar="NAME/LEDGER", help="Whose champion is taken back.")],
    by: By,
    reason: Reason,
    json_file: Json = None,
) -> None:
    """Take the champion's promotion back: the champion before it scores again.

    Example: `arrisk rollback payment-curve/main --by "A. Smith" --reason "scores jumped"`
    """
    entry = governance.roll_back(arrisk_home(), model, person=governance.Person(by, reason), at=datetime.now(UTC))
    say(f"rolled back {entry.reference}")
    show_champion(entry)
    write_json(json_file, asdict(entry))


def show_champion(entry: Entry) -> None:
    """Print which version scores now."""
    own = f"{entry.model}/{entry.ledger}"
    if entry.champion != entry.version and entry.action == "promote":
        say(f"{own}/{entry.champion} was trained later and goes on to score today")
    elif entry.champion_before:
        say(f"{own}/{entry.champion} scores now; before it was {own}/{entry.champion_before}")


def promotions(json_file: Json = None) -> None:
    """Show who let which model score, when and why, and check that no line was changed (exit 2).

    Lines cut off at the end leave no trace in the log itself: keep the last line's hash, which is printed, elsewhere.

    Example: `arrisk promotions`
    """
    log = check_log(arrisk_home())
    entries, fault = log.entries, log.fault
    columns = ["", "when", "what", "model", "by", "champion", "report", "reason"]
    rows = [show_entry(entry) for entry in entries]
    show_table("Promotions", columns, rows, left=["when", "what", "report", "model", "by", "reason"])
    last = log.last_sha256 if entries else None
    listed = [asdict(entry) for entry in entries]
    write_json(json_file, {"entries": listed, "last_sha256": last, "fault": fault or None})
    if fault:
        raise explain_fault(arrisk_home(), fault)
    say(f"{len(entries)} entries, unchanged; SHA-256 of the last: {last}" if entries else "nothing was promoted yet")


def show_entry(entry: Entry) -> list[object]:
    """Give an entry as a row of a table."""
    facts = [entry.seq, entry.at, entry.action, entry.reference, entry.by]
    return [*facts, entry.champion, entry.report_sha256[:12], entry.reason]


def watch(
    book: BookFolder,
    as_of: AsOf,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Check whether the promoted models still are what they were when they were trained, for a scheduler to run.

    Compared are scores and features with those of the day of training, outcomes with what was predicted, also of
    whom people decided otherwise than recommended, the age of each table's newest row and of the models, each with the
    limits of policy [watch] and [stale].

    Exit code: 0 = all quiet, 3 = somebody has to look, 2 = the input or the arguments are wrong.

    Example: `arrisk watch book --as-of 2013-06-30 --json watch.json`
    """
    day, rules = read_day(as_of, "--as-of"), read_policy(policy)
    ledger = open_for(book, policy, currency)
    with working("Watching") as tell:
        cases = casework.list_cases(open_records())
        found = watch_models(ledger, as_of=day, home=arrisk_home(), policy=rules, cases=cases, tell=tell)
    columns = ["about", "check", "value", "limit", "state", "note"]
    shown = [check for check in found.checks if check.state == State.LOOK or not check.about.startswith(FEED)]
    rows = [[check.about, check.name, check.value, check.limit, check.state, check.note] for check in shown]
    show_table(f"As of {day}", columns, rows, left=["about", "check", "limit", "state", "note"])
    if len(shown) < len(found.checks):
        say(f"{len(found.checks) - len(shown)} tables have new rows, as policy [stale] asks")
    for note in found.notes:
        say(note)
    say(f"{len(found.fired)} of {len(found.checks)} checks fired" if found.fired else "all quiet")
    checks = [asdict(check) for check in found.checks]
    write_json(
        json_file,
        {"as_of": day, "ledger": ledger.name, "fired": bool(found.fired), "checks": checks, "notes": found.notes},
    )
    if found.fired:
        raise typer.Exit(SOMEBODY_HAS_TO_LOOK)
