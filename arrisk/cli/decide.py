"""The commands of credit decisions: open a case, decide it, write its papers, check the record."""

from pathlib import Path
from typing import Annotated

import typer

from arrisk.cli.acting import act_now, require_sound
from arrisk.cli.models import open_for
from arrisk.cli.options import AsOf, BookFolder, Currency, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import say, show_money, show_table, working, write_json
from arrisk.config import arrisk_home, open_records
from arrisk.decisions.authority import Verdict
from arrisk.decisions.cases import Case, State
from arrisk.ingest.atomic import atomic_file
from arrisk.uses import casework, papers
from arrisk.uses.desk import Desk

decide_app = typer.Typer(
    no_args_is_help=True,
    help="Decide on limits: a case with all that was known, a recommendation, people with the authority, a record.",
)
CaseName = Annotated[str, typer.Argument(metavar="CASE", help="The case: LEDGER/C-0001, or C-0001 alone.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="What else is to be known.")]
Override = Annotated[
    str,
    typer.Option("--override-reason", metavar="CODE", help="Why otherwise than recommended: a code of the policy."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.add_typer(decide_app, name="decide")


@decide_app.command("open")
def open_case(
    book: BookFolder,
    as_of: AsOf,
    customer: Annotated[str, typer.Option("--customer", metavar="ID", help="Whose limit.")],
    by: By,
    requested_limit: Annotated[
        float | None,
        typer.Option("--requested-limit", metavar="AMOUNT", help="In book currency; else the newest application's."),
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Open a case: take down all that is known of the customer as of the day, and recommend a limit.

    Example: `arrisk decide open book --customer C000042 --as-of 2025-01-01 --requested-limit 40000 --by ana`
    """
    day, rules = read_day(as_of, "--as-of"), read_policy(policy)
    ledger = open_for(book, policy, currency)
    with working("Opening a case") as tell:
        case = casework.open_case(
            Desk(ledger, day, open_records(), rules),
            customer,
            requested_limit=requested_limit,
            actor=act_now(by),
            home=arrisk_home(),
            tell=tell,
        )
    show_case(case, json_file)


@decide_app.command("score")
def score(
    book: BookFolder,
    case: CaseName,
    as_of: AsOf,
    by: By,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Take down what is known by a later day, and recommend anew; approvals so far no longer count.

    Example: `arrisk decide score book C-0001 --as-of 2025-02-01 --by ana`
    """
    day, rules = read_day(as_of, "--as-of"), read_policy(policy)
    ledger = open_for(book, policy, currency)
    with working("Scoring the case") as tell:
        found = casework.score_again(
            Desk(ledger, day, open_records(), rules), case, actor=act_now(by), home=arrisk_home(), tell=tell
        )
    show_case(found, json_file)


@decide_app.command("show")
def show(case: CaseName, json_file: Json = None) -> None:
    """Show a case: where it stands, what is recommended, and who did what.

    Example: `arrisk decide show C-0001`
    """
    show_case(casework.find_case(open_records(), case)[1], json_file)


@decide_app.command("list")
def list_all(json_file: Json = None) -> None:
    """List all cases.

    Example: `arrisk decide list`
    """
    today = act_now("").on
    cases = casework.list_cases(open_records())
    rows = [
        [
            case.reference,
            case.customer_id,
            case.name,
            str(case.stand(today)),
            show_money(case.requested_limit, 0),
            show_money(case.snapshot["recommendation"]["recommended_limit"], 0),
            show_money(case.decision.get("limit"), 0),
            case.proposer,
        ]
        for case in cases
    ]
    titles = ["case", "customer", "name", "state", "requested", "recommended", "decided", "proposed by"]
    if rows:
        show_table("Cases", titles, rows, left=["case", "customer", "state", "proposed by", "name"])
    say(f"{len(cases):,} cases")
    write_json(json_file, {"cases": [describe_case(case) for case in cases]})


@decide_app.command("approve")
def approve(
    case: CaseName,
    limit: Annotated[float, typer.Option("--limit", metavar="AMOUNT", help="The limit, in book currency.")],
    by: By,
    override_reason: Override = "",
    note: Note = "",
    conditions: Annotated[
        str, typer.Option("--conditions", metavar="TEXT", help="On what condition the limit is given.")
    ] = "",
    valid_days: Annotated[
        int | None, typer.Option("--valid-days", metavar="N", min=1, help="How long it holds; else the policy's days.")
    ] = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Approve a limit, or offer a lower one than was asked for.

    Whoever approves needs the authority for the amount and is not who proposed it; above an amount two persons approve.
    A limit other than recommended needs a reason of the policy and a note.

    Example: `arrisk decide approve C-0001 --limit 25000 --by ben --policy policy.toml`
    """
    rules, actor = read_policy(policy), act_now(by)
    days = rules.limits.valid_days if valid_days is None else valid_days
    verdict = Verdict(by, actor.on, limit, override_reason, note, conditions, days)
    show_case(casework.approve_case(case, verdict, actor=actor, records=open_records(), policy=rules), json_file)


@decide_app.command("decline")
def decline(
    case: CaseName,
    by: By,
    override_reason: Override = "",
    note: Note = "",
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Decline a case; where a limit was recommended, with a reason of the policy and a note.

    Example: `arrisk decide decline C-0001 --by ben --policy policy.toml`
    """
    rules, actor = read_policy(policy), act_now(by)
    verdict = Verdict(by, actor.on, 0.0, override_reason, note)
    show_case(casework.decline_case(case, verdict, actor=actor, records=open_records(), policy=rules), json_file)


@decide_app.command("accept")
def accept(case: CaseName, by: By, note: Note = "") -> None:
    """Record that the customer accepts what was offered.

    Example: `arrisk decide accept C-0001 --by ana`
    """
    show_case(casework.close_case(case, "accept", State.ACCEPTED, note=note, actor=act_now(by), records=open_records()))


@decide_app.command("withdraw")
def withdraw(case: CaseName, by: By, note: Note = "") -> None:
    """Record that the request is withdrawn.

    Example: `arrisk decide withdraw C-0001 --by ana --note "the customer pays in advance"`
    """
    show_case(
        casework.close_case(case, "withdraw", State.WITHDRAWN, note=note, actor=act_now(by), records=open_records())
    )


@decide_app.command("memo")
def memo(
    case: CaseName,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .html or .pdf file.")],
) -> None:
    """Write the credit memo: one page on the case for a committee, with the payment history drawn.

    Example: `arrisk decide memo C-0001 --out memo.pdf`
    """
    papers.require_memo_format(out.suffix)
    found = casework.find_case(open_records(), case)[1]
    write_file(papers.write_memo(found, out.suffix, on=act_now("").on), out)
    say(f"{out}: to read, or to print")


@decide_app.command("letter")
def letter(
    case: CaseName,
    by: By,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="A .txt or .html file.")],
    policy: PolicyFile = None,
) -> None:
    """Write the letter about a decision against the customer, with its principal reasons, and start the clocks.

    Example: `arrisk decide letter C-0001 --by ana --out letter.txt`
    """
    papers.require_letter_format(out.suffix)
    found, written = casework.send_letter(case, actor=act_now(by), records=open_records(), policy=read_policy(policy))
    write_file(papers.format_letter(written, out.suffix).encode(), out)
    say(
        f"{out}: the customer may ask until {found.letter['ask_until_on']}; "
        f"keep the papers until {found.letter['retain_until_on']}"
    )


@decide_app.command("asked")
def asked(case: CaseName, by: By, policy: PolicyFile = None) -> None:
    """Record that the customer asked in writing for the reasons, or that the papers be kept.

    Example: `arrisk decide asked C-0001 --by ana`
    """
    found = casework.note_request(case, actor=act_now(by), records=open_records(), policy=read_policy(policy))
    say(f"answer until {found.asked['answer_until_on']}; keep the papers until {found.asked['retain_until_on']}")


@decide_app.command("verify")
def verify() -> None:
    """Check that no line of the records was changed.

    Example: `arrisk decide verify`
    """
    require_sound("decisions")


def show_case(case: Case, json_file: Path | None = None) -> None:
    """Print a case."""
    now = act_now("").on
    found = case.snapshot["recommendation"]
    say(f"case {case.reference}: {case.customer_id} {case.name}, {case.stand(now)}")
    say(papers.state_proposal(case))
    say(f"{found['reasons']}; as of {case.snapshot['as_of']}; {papers.state_basis(case)}")
    rows = papers.list_trail(case)
    show_table("Steps", ["when", "who", "what"], rows, left=["when", "who", "what"])
    write_json(json_file, describe_case(case))


def describe_case(case: Case) -> dict[str, object]:
    """Give a case as plain values."""
    return {
        "case": case.reference,
        "customer_id": case.customer_id,
        "state": str(case.stand(act_now("").on)),
        "proposer": case.proposer,
        "requested_limit": case.requested_limit,
        "snapshot": case.snapshot,
        "decision": case.decision,
        "approvals": list(case.approvals),
        "letter": case.letter,
        "asked": case.asked,
        "steps": [{"at": step.at, "by": step.by, "action": step.action} for step in case.steps],
    }


def write_file(content: bytes, path: Path) -> None:
    """Write a file whole, or not at all."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)
