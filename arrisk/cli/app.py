"""The ``arrisk`` program: its commands in the order in which a user meets them, and how errors leave it."""

import sys
from importlib import metadata
from typing import Annotated

import typer

from arrisk.cli import (
    allowance,
    audit,
    bookkeeping,
    books,
    close,
    credit,
    decide,
    default,
    demo,
    forecast,
    hold,
    ledger,
    models,
    operate,
    people,
    registry,
    service,
    training,
    work,
    write_offs,
)
from arrisk.cli.output import err, say
from arrisk.errors import ArriskError, InputError

app = typer.Typer(
    name="arrisk",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Credit risk of what your customers owe you: a ledger as of any day, late-payment probabilities with reasons, "
    "and a list of whom to contact first.\n\nStart with `arrisk demo`, then `arrisk convert` with your own export.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"arrisk {metadata.version('arrisk')}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop."),
    ] = False,
) -> None:
    del version


demo.add_to(app)
books.add_to(app)
ledger.add_to(app)
models.add_to(app)
training.add_to(app)
registry.add_to(app)
default.add_to(app)
forecast.add_to(app)
credit.add_to(app)
hold.add_to(app)
decide.add_to(app)
allowance.add_to(app)
write_offs.add_to(app)
close.add_to(app)
audit.add_to(app)
service.add_to(app)
operate.add_to(app)
bookkeeping.add_to(app)
work.add_to(app)
people.add_to(app)


def main() -> None:
    """Run the program: exit 0 = done, 2 = the input or the arguments are wrong, 1 = our fault; 3 is `watch`'s own."""
    try:
        code = app(standalone_mode=False)
    except ArriskError as error:
        err.print(f"[bold red]error:[/] {_escaped(str(error))}")
        sys.exit(2 if isinstance(error, InputError) else 1)
    except typer.TyperException as error:
        # Without a message the help was printed already.
        if message := _explain_usage(error):
            err.print(f"[bold red]error:[/] {_escaped(message)}")
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        err.print("stopped; nothing was left half written")
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _explain_usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    what = error.format_message() if hasattr(error, "format_message") else str(error)
    return f"{what} See: {context.command_path} --help" if context and what else what


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
