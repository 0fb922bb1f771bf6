"""The commands of writing off: candidates, proposals, approvals, what is to be booked, what came back."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from typer.core import TyperGroup

from arrisk.allowance.bad_debt.approvals import read_minor
from arrisk.allowance.bad_debt.candidates import AMOUNTS
from arrisk.allowance.bad_debt.recovered import list_recovered, sum_by_year
from arrisk.allowance.bad_debt.standing import CHANGED, UNAPPROVED, Standing, list_bookings
from arrisk.cli.acting import act_now, require_sound
from arrisk.cli.models import open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import list_rows, say, show_money, show_table, warn, working, write_json
from arrisk.config import open_records
from arrisk.errors import InputError
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.ledger.conversion import to_book_currency
from arrisk.money import format_minor, to_decimals, to_major
from arrisk.uses import write_offs
from arrisk.uses.desk import Desk

_MOST = 20
_LIST = "list"


class _ListFirst(TyperGroup):
    """A group whose first command may be left out: `write-offs BOOK` is `write-offs list BOOK`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's class is private
        """Name the command where none is named; what is nearly a command and no folder is left to be complained of."""
        first = args[0] if args else "--help"
        is_named = first in {*self.commands, "--help"}
        is_slip = bool(get_close_matches(first, self.commands)) and not Path(first).exists()
        return super().parse_args(ctx, args if is_named or is_slip else [_LIST, *args])


write_offs_app = typer.Typer(
    cls=_ListFirst,
    no_args_is_help=True,
    help="Write off what has no prospect: `write-offs BOOK` lists candidates, one person proposes them, another one "
    "approves, and what comes back is followed.\n\n"
    "Example: `arrisk write-offs book --as-of 2025-01-01 --out candidates.xlsx`",
)
Ids = Annotated[list[str] | None, typer.Argument(metavar="[INVOICE]...", help="The invoices.")]
Every = Annotated[bool, typer.Option("--all", help="All of them, instead of naming invoices.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What else is to be known.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="A .csv, .xlsx or .parquet file.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.add_typer(write_offs_app, name="write-offs")


@write_offs_app.command(_LIST)
def list_all(
    book: BookFolder,
    as_of: AsOf,
    out: Out = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """List the open invoices that ought to be written off, with evidence, the tax apart, and what is expected back.

    Rules are in the section `write_offs` of the policy. `list` may be left out.

    Example: `arrisk write-offs book --as-of 2025-01-01 --out candidates.xlsx`
    """
    if out:
        find_writer(out)
    desk = open_desk(book, as_of, policy, currency)
    with working("Listing candidates") as tell:
        found = write_offs.find_candidates(desk, tell=tell)
        shown = to_decimals(found, AMOUNTS).assign(book_amount=_major(found["book_amount"], desk))
        if out:
            write_frame(shown, out)
    show_candidates(found, desk)
    write_json(json_file, {"as_of": desk.as_of, "currency": desk.book.currency, "candidates": shown})


@write_offs_app.command("propose")
def propose(
    book: BookFolder,
    as_of: AsOf,
    by: By,
    invoices: Ids = None,
    every: Every = False,
    note: Note = "",
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Propose candidates; with --all those that need not wait.

    Example: `arrisk write-offs propose book I000042 I000057 --as-of 2025-01-01 --by ana`
    """
    names = read_names(invoices, every)
    desk = open_desk(book, as_of, policy)
    with working("Proposing") as tell:
        found = write_offs.propose(desk, names, actor=act_now(by), note=note, tell=tell)
    show_standings(found, json_file)


@write_offs_app.command("approve")
def approve(
    book: BookFolder,
    as_of: AsOf,
    by: By,
    invoices: Ids = None,
    every: Every = False,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Approve what others proposed, if as much is open as was proposed; with --all everything they proposed.

    Whoever approves needs the authority for all that a customer is let off; above an amount two persons approve.

    Example: `arrisk write-offs approve book I000042 --as-of 2025-01-02 --by ben --policy policy.toml`
    """
    names = read_names(invoices, every)
    found = write_offs.approve(open_desk(book, as_of, policy), names, actor=act_now(by))
    show_standings(found, json_file, nothing="nothing waits that somebody else proposed")


@write_offs_app.command("decline")
def decline(
    book: BookFolder,
    as_of: AsOf,
    by: By,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.")],
    invoices: Ids = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Decline what was proposed, or take an approval back before it is booked.

    Example: `arrisk write-offs decline book I000042 --as-of 2025-01-02 --by ben --note "pays by instalments"`
    """
    desk = open_desk(book, as_of, policy)
    show_standings(write_offs.decline(desk, invoices or [], actor=act_now(by), note=note), json_file)


@write_offs_app.command("record")
def record(book: BookFolder, as_of: AsOf, policy: PolicyFile = None, json_file: Json = None) -> None:
    """Show every proposed write-off: where it stands, and whether the ledger has booked it.

    Example: `arrisk write-offs record book --as-of 2025-02-01`
    """
    show_standings(write_offs.read_standings(open_desk(book, as_of, policy)), json_file)


@write_offs_app.command("export")
def export(
    book: BookFolder,
    as_of: AsOf,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .csv, .xlsx or .parquet file.")],
    policy: PolicyFile = None,
) -> None:
    """Write what is approved and not booked yet, for the ledger: the table `write_offs`, and the tax in the amount.

    Example: `arrisk write-offs export book --as-of 2025-01-03 --out write_offs.csv`
    """
    find_writer(out)
    standings = write_offs.read_standings(open_desk(book, as_of, policy))
    bookings = list_bookings(standings)
    write_frame(bookings, out)
    for one, stand, _ in standings:
        if stand in {CHANGED, UNAPPROVED}:
            warn(f"left out: {one.invoice_id}, {stand}")
    say(f"{out}: {len(bookings):,} write-offs to book")


@write_offs_app.command("recovered")
def recovered(
    book: BookFolder,
    as_of: AsOf,
    out: Out = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Show what came back of what was written off as bad debt, by year of the write-off; each invoice with --out.

    Example: `arrisk write-offs recovered book --as-of 2025-01-01 --out recovered.xlsx`
    """
    if out:
        find_writer(out)
    desk = open_desk(book, as_of, policy, currency)
    found = list_recovered(desk.book, as_of=desk.as_of)
    amounts = ["amount", "recovered_amount"]
    years = to_decimals(sum_by_year(found, desk.book, as_of=desk.as_of), amounts)
    invoices = to_decimals(found, amounts)
    if out:
        write_frame(invoices, out)
    rows = [
        [str(year), count, show_money(lost), show_money(back), f"{share:.1%}"]
        for year, count, lost, back, share in list_rows(years, ["year", "invoices", *amounts, "recovered_share"])
    ]
    if rows:
        titles = ["written off in", "invoices", "amount", "came back", "share"]
        show_table(f"Bad debt, in {desk.book.currency}", titles, rows, left=["written off in"])
    else:
        say("nothing is written off as bad debt")
    write_json(json_file, {"as_of": desk.as_of, "years": years, "invoices": invoices})


@write_offs_app.command("verify")
def verify() -> None:
    """Check that no line of the records was changed.

    Example: `arrisk write-offs verify`
    """
    require_sound("write-offs")


def open_desk(folder: Path, as_of: str, policy: Path | None, currency: str | None = None) -> Desk:
    """Open a book to work on its write-offs."""
    day, rules = read_day(as_of, "--as-of"), read_policy(policy)
    return Desk(open_for(folder, policy, currency), day, open_records(), rules)


def read_names(invoices: list[str] | None, every: bool) -> list[str]:
    """Read which invoices are meant; none = all.

    Raises
    ------
    InputError
        When neither invoices nor --all are given, or both.
    """
    if bool(invoices) == every:
        raise InputError("which write-offs is not said", hint="their invoice ids, or --all")
    return invoices or []


def show_candidates(found: pd.DataFrame, desk: Desk) -> None:
    """Print how much there is to write off and what waits, and the customers it is about."""
    if not len(found):
        say("no open invoice ought to be written off, by the section [write_offs] of the policy")
        return
    in_book = to_book_currency(found, desk.book, amounts=list(AMOUNTS), as_of=desk.as_of)
    in_book = to_decimals(in_book, AMOUNTS)
    sums = in_book.groupby(["reason", "recommendation"], as_index=False, sort=False)[list(AMOUNTS)].sum()
    counts = in_book.groupby(["reason", "recommendation"], sort=False).size().tolist()
    texts = list_rows(sums, ["reason", "recommendation"])
    amounts = [[show_money(value) for value in row] for row in list_rows(sums, AMOUNTS)]
    rows = [[*text, count, *row] for text, count, row in zip(texts, counts, amounts, strict=True)]
    titles = ["reason", "what to do", "invoices", "amount", "net", "tax in it", "expected back"]
    show_table(f"Candidates for a write-off, in {desk.book.currency}", titles, rows, left=titles[:2])
    show_customers(in_book)
    say("The book holds no reminders or legal steps: say with --note what else was done when you propose.")


def show_customers(in_book: pd.DataFrame) -> None:
    """Print the customers with most to be written off, each with the evidence of its largest invoice."""
    grouped = in_book.groupby("customer_id", sort=False)
    customers = grouped.agg(count=("invoice_id", "size"), amount=("open_amount", "sum"), evidence=("evidence", "first"))
    largest = customers.nlargest(_MOST, "amount").reset_index()
    rows = [
        [customer, count, show_money(amount), evidence]
        for customer, count, amount, evidence in list_rows(largest, ["customer_id", "count", "amount", "evidence"])
    ]
    title = f"The {len(rows)} customers with most of it, of {len(customers):,}"
    show_table(
        title,
        ["customer", "invoices", "amount", "evidence of the largest"],
        rows,
        left=["customer", "evidence of the largest"],
    )


def show_standings(standings: list[Standing], json_file: Path | None, *, nothing: str = "nothing is proposed") -> None:
    """Print where write-offs stand."""
    rows = []
    for one, stand, left in standings:
        said, currency = one.proposal, one.proposal["currency"]
        by = ", ".join(dict.fromkeys(act.by for act in one.acts))
        minor = [one.amount, read_minor(said["tax_amount"], currency), left]
        amounts = [*(format_minor(amount, currency) for amount in minor), currency]
        rows.append([one.invoice_id, said["customer_id"], *amounts, said["reason"], stand, by])
    titles = ["invoice", "customer", "amount", "tax in it", "open", "currency", "reason", "state", "by"]
    if rows:
        left_titles = ["invoice", "customer", "currency", "reason", "state", "by"]
        show_table("Write-offs", titles, rows[:_MOST], left=left_titles)
    counts = pd.Series([stand for _, stand, _ in standings], dtype="str").value_counts(sort=False)
    say(", ".join(f"{count:,} {stand}" for stand, count in counts.items()) or nothing)
    write_json(json_file, {"write_offs": [describe(one) for one in standings]})


def describe(found: Standing) -> dict[str, object]:
    """Give a write-off as plain values."""
    one = found.write_off
    return {
        **one.proposal,
        "state": found.stand,
        "open_amount": format_minor(found.open_amount, one.proposal["currency"]).replace(",", ""),
        "proposer": one.proposer,
        "approvals": list(one.approvals),
        "approved_on": one.approved_on or None,
        "acts": [{"at": act.at, "by": act.by, "action": act.action} for act in one.acts],
    }


def _major(minor: pd.Series, desk: Desk) -> pd.Series:
    currencies = pd.Series(desk.book.currency, index=minor.index, dtype="str")
    return pd.Series(to_major(minor, currencies), index=minor.index)
