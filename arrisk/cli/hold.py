"""The command of the order desk: hold."""

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

from arrisk.cli.models import open_for
from arrisk.cli.options import AsOf, BookFolder, Json, PolicyFile, read_day, read_policy
from arrisk.cli.output import list_rows, say, show_money, show_table, warn, working, write_json
from arrisk.config import arrisk_home
from arrisk.decisions.holds import HOLD, NOT_CHECKED, SHIP
from arrisk.errors import InputError
from arrisk.ingest.outputs import find_writer, write_frame
from arrisk.schema import Book
from arrisk.uses import holding

_MOST = 20


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the program."""
    app.command("hold")(hold)


def hold(
    book: BookFolder,
    as_of: AsOf,
    order: Annotated[
        str | None, typer.Option("--order", metavar="ORDER", help="One open order of the book; else all of them.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="ID", help="Who gives an order that is not in the book yet.")
    ] = None,
    amount: Annotated[str | None, typer.Option("--amount", metavar="AMOUNT", help="The amount of that order.")] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CODE", help="The currency of that amount; else the book's.")
    ] = None,
    stage: Annotated[
        Literal["order", "ship"],
        typer.Option("--stage", help="Taking the order, or shipping it, when the rules of both stages count."),
    ] = "ship",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="A .csv, .xlsx or .parquet file.")
    ] = None,
    policy: PolicyFile = None,
    json_file: Json = None,
) -> None:
    """Say which orders may ship, and for those that wait every rule that holds them and who may release it.

    Orders are held by the rules in the section `holds` of the policy; without an active rule every order waits. What is
    shipped already, refunds, and what was paid in advance are never held.

    Example: `arrisk hold book --as-of 2025-01-01 --customer C000042 --amount 12500`
    """
    if out:
        find_writer(out)
    day, rules = read_day(as_of, "--as-of"), read_policy(policy)
    ledger = open_for(book, policy, None)
    asked = read_asked(ledger, order, customer, amount, currency)
    with working("Checking orders") as tell:
        found = holding.check_holds(
            ledger, as_of=day, home=arrisk_home(), policy=rules, stage=stage, asked=asked, tell=tell
        )
        if out:
            write_frame(found.orders, out)
    for stranger in found.strangers:
        warn(f"a rule is for somebody the book does not know: {stranger}")
    if found.model_note:
        say(f"default: {found.model_note}")
    show_orders(found.orders, ledger.currency)
    notes = {"as_of": day, "stage": stage, "default_model": found.model_note, "policy": rules.hash()}
    write_json(json_file, {**notes, "orders": found.orders, "reasons": found.reasons})


def read_asked(
    book: Book, order: str | None, customer: str | None, amount: str | None, currency: str | None
) -> str | holding.NewOrder | None:
    """Read which orders are asked about.

    Raises
    ------
    InputError
        When the options do not go together.
    """
    if order and (customer or amount or currency):
        raise InputError("--order is an order of the book, --customer with --amount a new one", hint="one of them")
    if bool(customer) != bool(amount) or (currency and not customer):
        raise InputError("a new order needs both --customer and --amount", hint="--customer ID --amount 1250.00")
    if customer and amount:
        return holding.NewOrder(customer, amount, currency or book.currency)
    return order


def show_orders(orders: pd.DataFrame, currency: str) -> None:
    """Print the orders that wait, and count the others."""
    waiting = orders.loc[(orders["decision"] == HOLD).to_numpy()].nlargest(_MOST, "amount")
    columns = ["order_id", "customer_id", "amount", "exposure_amount", "limit_amount", "reasons", "release_by"]
    rows = [
        [show_money(value) if name.endswith("amount") else value for name, value in zip(columns, row, strict=True)]
        for row in list_rows(waiting, columns)
    ]
    if rows:
        titles = ["order", "customer", "amount", "exposure", "limit", "why", "released by"]
        show_table("Orders that wait", titles, rows, left=["order", "customer", "why", "released by"])
    parts = [
        f"{len(chosen):,} {words} ({show_money(float(chosen['amount'].sum()))} {currency})"
        for decision, words in ((SHIP, "may ship"), (HOLD, "wait"), (NOT_CHECKED, "not checked"))
        if len(chosen := orders.loc[(orders["decision"] == decision).to_numpy()])
    ]
    say(", ".join(parts) or "no order is open")
    if len(orders) == 1:
        say(str(orders["reasons"].iloc[0]) or "no rule speaks against it")
