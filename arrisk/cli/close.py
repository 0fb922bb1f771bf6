"""The command of the month end: close."""

import getpass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from arrisk.allowance.closes.document import Period, describe_close
from arrisk.allowance.closes.entities import choose_entity
from arrisk.allowance.closes.journal import list_journal
from arrisk.allowance.closes.states import Close, State
from arrisk.cli.acting import act_now
from arrisk.cli.models import open_for
from arrisk.cli.options import BookFolder, Json, MaybeAsOf, PeriodEnd, PolicyFile, read_day, read_moment, read_policy
from arrisk.cli.output import list_rows, say, show_table, warn, working, write_json
from arrisk.config import arrisk_home, open_records
from arrisk.errors import InputError
from arrisk.ingest.outputs import find_writer
from arrisk.money import format_minor, parse_minor
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses import audit, closing

Method = Annotated[
    str | None,
    typer.Option("--method", metavar="matrix|roll-rate|model", help="None = that of the draft, or of the policy."),
]
Entity = Annotated[
    str | None, typer.Option("--entity", metavar="NAME", help="The selling company; needed where there are several.")
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does it; a draft takes the login name.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why it is reversed, or why there is an --other.")
]
Assessments = Annotated[
    Path | None,
    typer.Option("--individual", metavar="FILE", help="Customers assessed on their own, as for `arrisk allowance`."),
]
Pack = Annotated[
    Path | None,
    typer.Option(
        "--pack", metavar="DIR", help="Write all that stands behind it for an auditor: a page and a workbook."
    ),
]
Opening = Annotated[
    str | None, typer.Option("--opening", metavar="AMOUNT", help="The allowance before the first close.")
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="DAY", help="The first close's period begins after this day; else its month."),
]
Other = Annotated[
    str | None,
    typer.Option("--other", metavar="AMOUNT", help="Neither expense nor exchange rates, such as a first adoption."),
]

_MOVEMENT = {
    "opening": "opening",
    "charge": "+ charge",
    "write_offs": "- write-offs",
    "recoveries": "+ recoveries",
    "fx": "+ exchange rates",
    "other": "+ other",
    "closing": "= closing",
}
_RECEIVABLES = {
    "opening": "opening",
    "sales": "+ sales",
    "receipts": "- receipts",
    "credit_notes": "- credit notes",
    "write_offs": "- write-offs (bad debt)",
    "other_write_offs": "- other write-offs",
    "fx": "+ exchange rates",
    "closing": "= closing",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("close")(close)


def close(
    book: BookFolder,
    period_end: PeriodEnd = None,
    as_of: MaybeAsOf = None,
    method: Method = None,
    entity: Entity = None,
    to: Annotated[State | None, typer.Option("--to", help="None = draft it, or show it once it is posted.")] = None,
    by: By = None,
    reason: Reason = "",
    assessments: Assessments = None,
    opening: Opening = None,
    since: Since = None,
    other: Other = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", metavar="FILE.csv", help="Write the journal entries.")
    ] = None,
    pack: Pack = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Close a period: the allowance with its movement to the cent, that of the receivables, and the journal entries.

    draft, reviewed, posted, reversed: who drafted it does not review it, and a posted period is never changed, only
    reversed. The opening is the closing of the last posted close.

    Example: `arrisk close book --period-end 2025-06-30 --by ana`, then
    `arrisk close book --period-end 2025-06-30 --to reviewed --by ben`, then
    `arrisk close book --period-end 2025-06-30 --to posted --by ana --journal journal.csv`
    """
    if journal is not None:
        find_writer(journal)
    rules, end = read_policy(policy), read_moment(as_of, period_end)[0] - timedelta(days=1)
    ledger = open_for(book, policy, None)
    name = choose_entity(ledger, entity, as_of=end + timedelta(days=1))
    if to in (None, State.DRAFT):
        amounts = [_read_amount(text, ledger, option) for text, option in ((opening, "--opening"), (other, "--other"))]
        before = None if since is None else read_day(since, "--since")
        period = Period(name, end, opening=amounts[0], since=before, other=amounts[1], reason=reason)
        found = _draft(ledger, period, (method, assessments), to, by, rules)
    else:
        found = _sign(ledger, name, end, to, by, reason, rules)
    show_close(found)
    if journal is not None:
        closing.write_journal(found, journal)
        say(f"journal entries in {journal}")
    if pack is not None:
        with working("Gathering what stands behind it") as tell:
            audit.write_pack(ledger, found, pack, home=arrisk_home(), policy=rules, tell=tell)
        say(f"the auditor's pack in {pack}")
    write_json(json_file, describe_close(found))


def _draft(
    ledger: Book, period: Period, how: tuple[str | None, Path | None], to: State | None, by: str | None, policy: Policy
) -> Close:
    records = open_records()
    standing = closing.find_close(records, ledger.name, period.entity, period.end)
    if standing and standing.state is State.POSTED and to is None:
        return standing
    with working("Closing the period") as tell:
        planned = closing.plan_calculation(
            ledger,
            method=closing.choose_method(how[0], standing, policy),
            period_end=period.end,
            home=arrisk_home(),
            policy=policy,
            assessments=how[1],
            tell=tell,
        )
        actor = act_now(by or getpass.getuser())
        return closing.draft_close(ledger, period, planned, actor=actor, records=records, policy=policy, tell=tell)


def _sign(ledger: Book, entity: str, end: date, to: State, by: str | None, reason: str, policy: Policy) -> Close:
    if by is None:
        raise InputError("who signs is not said", where="--by", hint="--by NAME")
    actor, records = act_now(by), open_records()
    if to is State.REVERSED:
        return closing.reverse_close(
            ledger.name, entity, end, reason=reason, actor=actor, records=records, policy=policy
        )
    return closing.sign_close(ledger, entity, end, to=to, actor=actor, records=records, policy=policy)


def _read_amount(text: str | None, ledger: Book, option: str) -> int | None:
    return None if text is None else parse_minor(text, ledger.currency, where=option)


def show_close(found: Close) -> None:
    """Print a close."""
    document = found.document
    currency = str(document["currency"])
    say(f"{found.name}: {found.state}" + (f" (version {found.version})" if found.version > 1 else ""))
    for who, what in ((found.drafted_by, "drafted"), (found.reviewed_by, "reviewed"), (found.posted_by, "posted")):
        if who:
            say(f"{what} by {who}")
    if found.reason:
        say(f"reversed: {found.reason}")
    show_rows(document["rows"], f"The allowance on {found.period_end} by {document['method']}, in {currency}", currency)
    for title, names, part in (
        (f"The allowance since {document['since']}", _MOVEMENT, "movement"),
        (f"The receivables since {document['since']}", _RECEIVABLES, "receivables"),
    ):
        rows = [[label, format_minor(document[part][name], currency)] for name, label in names.items()]
        show_table(title, ["", currency], rows, left=[""])
    net = document["receivables"]["closing"] - document["movement"]["closing"]
    say(f"net receivables: {format_minor(net, currency)}")
    show_late(found, currency)
    show_journal(list_journal(found))
    for note in document["notes"]:
        say(note)


def show_rows(rows: list[dict[str, object]], title: str, currency: str) -> None:
    """Print the allowance, a line per bucket over all segments."""
    frame = pd.DataFrame(rows)
    sums = (
        frame.groupby("bucket", sort=False)[["count", "gross_amount", "base_amount", "allowance"]].sum().reset_index()
    )
    listed = list_rows(sums, ["bucket", "count", "gross_amount", "base_amount", "allowance"])
    listed.append(["total", *(int(sums[name].sum()) for name in list(sums)[1:])])
    shown = [
        [
            name,
            count,
            format_minor(gross, currency),
            f"{booked / base:.3%}" if base else "–",
            format_minor(booked, currency),
        ]
        for name, count, gross, base, booked in listed
    ]
    show_table(title, ["bucket", "items", "gross", "rate", "allowance"], shown, left=["bucket"])


def show_late(found: Close, currency: str) -> None:
    """Print what had happened by the last period end and was known only later."""
    document = found.document
    rows = [
        [
            row["line"].replace("_", " "),
            row["count"],
            format_minor(row["amount"], currency),
            row["largest_item"],
            format_minor(row["largest_amount"], currency),
        ]
        for row in document["later_known"]
    ]
    if rows:
        title = f"Happened by {document['since']}, known or corrected only after it: counted in this period"
        show_table(title, ["line", "items", "amount", "largest", "its amount"], rows, left=["line", "largest"])
    for line, amount in document["changed_past"].items():
        what = f"{line.replace('_', ' ')} {format_minor(amount, currency)}"
        warn(f"the ledger now says that by {document['since']} more or less was known than at the last close: {what}")


def show_journal(journal: pd.DataFrame) -> None:
    """Print journal entries."""
    columns = ["entry_id", "account", "role", "debit", "credit", "currency"]
    rows = [
        [*names, *(_show_side(side, currency) for side in (debit, credit))]
        for *names, debit, credit, currency in list_rows(journal, columns)
    ]
    if rows:
        titles = ["entry", "account", "", "debit", "credit"]
        show_table("Journal entries", titles, rows, left=["entry", "account", ""])


def _show_side(amount: int, currency: str) -> str:
    return format_minor(amount, currency) if amount else ""
