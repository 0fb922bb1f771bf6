"""Commands of finance: allowance, backtest allowance."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from arrisk.allowance.closes.entities import choose_entity
from arrisk.allowance.comparison import SIDE_BY_SIDE, compare_methods
from arrisk.allowance.estimates import Allowance, describe
from arrisk.allowance.frameworks import require_elected
from arrisk.cli import allowance_tables as tables
from arrisk.cli.models import ModelName, backtest_app, open_for
from arrisk.cli.options import (
    BookFolder,
    Currency,
    Json,
    MaybeAsOf,
    PeriodEnd,
    PolicyFile,
    read_day,
    read_moment,
    read_policy,
)
from arrisk.cli.output import say, working, write_json
from arrisk.config import arrisk_home, open_records
from arrisk.errors import InputError, nearest
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.money import to_decimals
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses import allowance_proof, closing, pictures, reserve

MaybeBook = Annotated[
    Path | None, typer.Argument(metavar="[BOOK]", help="The book; none with --from-table.", show_default=False)
]
Method = Annotated[
    str | None, typer.Option("--method", metavar="matrix|roll-rate|model", help="None = that of the policy.")
]
Compare = Annotated[bool, typer.Option("--compare", help="All methods side by side, cross-checks, 90 days.")]
Frameworks = Annotated[bool, typer.Option("--frameworks", help="IFRS 9 beside ASC 326.")]
Until = Annotated[
    str | None,
    typer.Option("--collections-until", metavar="DAY", help="ASC 326: what came in until then is taken out."),
]
Sensitivity = Annotated[bool, typer.Option("--sensitivity", help="How each assumption moves it.")]
Individual = Annotated[
    Path | None,
    typer.Option("--individual", metavar="FILE", help="Customers assessed on their own: customer_id, rate, ..."),
]
Entity = Annotated[str | None, typer.Option("--entity", metavar="NAME", help="One selling company alone.")]
FromTable = Annotated[
    Path | None, typer.Option("--from-table", metavar="FILE", help="Apply given rates: bucket, gross_amount, rate.")
]
Step = Annotated[str, typer.Option("--round", metavar="STEP", help="With --from-table: round each row to this.")]
Chart = Annotated[Path | None, typer.Option("--chart", metavar="FILE", help="Draw it: .svg or .png.")]


@dataclass(frozen=True)
class _Asked:
    """Which allowance, and what is shown beside it."""

    method: str
    individual: Path | None
    entity: str | None
    compare: bool
    frameworks: bool
    until: date | None
    sensitivity: bool


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("allowance")(allowance)
    backtest_app.command("allowance")(backtest_allowance)


def allowance(
    book: MaybeBook = None,
    as_of: MaybeAsOf = None,
    period_end: PeriodEnd = None,
    method: Method = None,
    compare: Compare = False,
    frameworks: Frameworks = False,
    collections_until: Until = None,
    sensitivity: Sensitivity = False,
    individual: Individual = None,
    entity: Entity = None,
    from_table: FromTable = None,
    round_to: Step = "0.01",
    model: ModelName = None,
    currency: Currency = None,
    chart: Chart = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Estimate what will not come in of the open book, and show how it was arrived at.

    matrix: loss rates by segment and age from the ledger's own history. roll-rate: how amounts move from age to age.
    model: the payment curve's expected loss of each invoice. All three tie to the same open balance.

    Example: `arrisk allowance book --period-end 2025-06-30 --method model --compare --json allowance.json`, or
    `arrisk allowance --from-table rates.csv`
    """
    rules = read_policy(policy)
    if from_table is not None:
        if book is not None or as_of or period_end:
            raise InputError("a table has its own amounts: no book and no day", where="--from-table")
        _apply_table(from_table, _read_step(round_to), currency or rules.book.currency, json_file)
        return
    if book is None:
        raise InputError("the book is missing", hint="arrisk allowance BOOK --as-of DAY, or --from-table FILE")
    moment = read_moment(as_of, period_end)
    until = None if collections_until is None else read_day(collections_until, "--collections-until")
    if until is not None:
        require_elected(rules.allowance)
    chosen = _choose(method or rules.allowance.method)
    asked = _Asked(chosen, individual, entity, compare, frameworks or until is not None, until, sensitivity)
    ledger = open_for(book, policy, currency)
    result = _estimate(ledger, moment, asked, rules, model, chart)
    write_json(json_file, {**result, "policy": rules.hash()})


def _choose(method: str) -> str:
    if method not in reserve.METHODS:
        raise InputError(f"no method '{method}'", where="--method", hint=nearest(method, reserve.METHODS))
    return method


def _estimate(
    ledger: Book, moment: tuple[date, date], asked: _Asked, rules: Policy, model: str | None, chart: Path | None
) -> dict[str, Any]:
    """Estimate, print and draw what was asked for; give the same as data."""
    known_before, age_on = moment
    entity = choose_entity(ledger, asked.entity, as_of=known_before) if asked.entity else None
    file = asked.individual
    assessments = None if file is None else reserve.read_assessments(file, currency=ledger.currency)
    with working("Estimating the allowance") as tell:
        evidence = reserve.gather_evidence(
            ledger, as_of=known_before, age_on=age_on, policy=rules, home=arrisk_home(), model_name=model, tell=tell
        )
        names = [asked.method, *(name for name in reserve.METHODS if asked.compare and name != asked.method)]
        made = {
            name: reserve.complete_allowance(evidence, method=name, assessments=assessments, entity=entity)
            for name in names
        }
    found = made[asked.method]
    tables.show_allowance(found)
    result = {**describe(found), "movement": _show_movement(ledger, entity, found)}
    if asked.compare:
        result |= _show_comparison(evidence, made, entity)
    if asked.frameworks:
        with working("Comparing frameworks"):
            both = reserve.compare_in_frameworks(
                evidence, method=asked.method, assessments=assessments, collections_until=asked.until
            )
        result |= tables.show_frameworks(both)
    if asked.sensitivity:
        with working("Moving assumptions"):
            moved = reserve.move_assumptions(evidence, method=asked.method)
        result |= tables.show_sensitivity(moved)
    if chart is not None:
        pictures.draw_allowance(found, chart)
        say(f"drawn in {chart}")
    return result


def _show_movement(ledger: Book, entity: str | None, found: Allowance) -> dict[str, Any] | None:
    """Show what moved since the last posted close; None where there is none."""
    ageing = found.exposures.ageing
    entities = ledger["invoices"]["entity_id"].astype("str").unique()
    name = entity or (str(entities[0]) if len(entities) == 1 else "")
    last = closing.find_last_close(open_records(), ledger.name, name, ageing.age_on) if name else None
    return None if last is None else tables.show_movement(last, found)


def _show_comparison(evidence: reserve.Evidence, made: dict[str, Allowance], entity: str | None) -> dict[str, Any]:
    table, checks = compare_methods(made), reserve.cross_check(evidence, entity=entity)
    tables.show_methods(table, checks)
    if not checks:
        say(reserve.WHOLE_LEDGER_NOTE)
    presumption = reserve.judge_presumption(evidence)
    tables.show_presumption(presumption)
    return {
        "methods": to_decimals(table, SIDE_BY_SIDE),
        "cross_checks": tables.describe_checks(checks, evidence.exposures.currency),
        "presumption": {"verdict": presumption.verdict, "text": presumption.text, "rates": presumption.rates},
    }


def _read_step(text: str) -> Decimal:
    try:
        step = Decimal(text)
    except InvalidOperation:
        step = Decimal(0)
    if not step.is_finite() or step <= 0:
        raise InputError(f"'{text}' is nothing to round to", where="--round", hint="0.01 for the cent, 1 for the unit")
    return step


def _apply_table(table: Path, round_to: Decimal, currency: str, json_file: Path | None) -> None:
    rows = reserve.apply_table(table, round_to=round_to)
    total = tables.show_given(rows, currency)
    numbers = {name: rows[name].astype("float64") for name in ("gross_amount", "rate", "allowance")}
    result = {"as_of": None, "method": "given", "currency": currency, "total": float(total)}
    write_json(json_file, {**result, "rows": rows.assign(**numbers)})


def backtest_allowance(
    book: BookFolder,
    from_on: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day of the period.")],
    to_on: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day of the period.")],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="FILE", help="Write every open item of every close.")
    ] = None,
    currency: Currency = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Try the allowance on past closes: each month end by every method, beside what was really lost.

    A close sees what was known by its evening. Lost is what was written off since as bad debt, less what came back of
    it, until the end of the ledger; so leave it a year. The hit ratio is lost over expected: 1 = right.

    Example: `arrisk backtest allowance book --from 2024-01-01 --to 2024-12-31`
    """
    start, end = read_day(from_on, "--from"), read_day(to_on, "--to")
    if predictions is not None:
        find_writer(predictions)
    rules = read_policy(policy)
    ledger = open_for(book, policy, currency)
    with working("Closing the past") as tell:
        trial = allowance_proof.try_allowance(
            ledger, from_on=start, to_on=end, home=arrisk_home(), policy=rules, tell=tell
        )
        if predictions is not None:
            write_frame(trial.items, predictions)
    tables.show_trial(trial, ledger.currency)
    frames = {"closes": trial.closes, "buckets": trial.buckets, "errors": trial.errors}
    notes = {"from": start, "to": end, "currency": ledger.currency, "policy": rules.hash(), "notes": list(trial.notes)}
    write_json(json_file, {**notes, **frames})
