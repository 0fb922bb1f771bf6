"""The command that starts the HTTP service."""

import importlib
import importlib.util
import secrets
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from arrisk import store
from arrisk.cli.beside import worker_beside
from arrisk.cli.output import say, warn, working
from arrisk.config import Settings, find_sample, list_unknown, read_settings
from arrisk.errors import InputError
from arrisk.policy import load_policy
from arrisk.uses.demo_service import PEOPLE, prepare_demo

LogFormat = Literal["auto", "json", "plain"]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to the program."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on; 0.0.0.0 = every address.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; default 8000.")] = None,
    database_url: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="Default: SQLite under ARRISK_HOME.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(metavar="FILE", help="A policy of your own.")] = None,
    log_format: Annotated[LogFormat | None, typer.Option(help="auto = plain on a terminal, else JSON.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="On a first start, put the shipped portfolio in.")] = False,
    processes: Annotated[
        int | None,
        typer.Option(help="How many processes answer, default 1; each has its own books, limits and metrics."),
    ] = None,
    worker: Annotated[bool, typer.Option(help="Start a worker beside it, which does the jobs.")] = True,
) -> None:
    """Start the HTTP service, by the settings of the environment (`ARRISK_...`); an option wins.

    Example: `arrisk serve --port 8000`, then `curl localhost:8000/health/ready`
    """
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("fastapi") is None:
        raise InputError("the service is not installed", hint="pip install 'arrisk[api]'")
    for text in list_unknown():
        warn(text)
    settings = read_settings(
        host=host,
        port=port,
        database_url=database_url,
        policy=policy,
        log_format=log_format,
        processes=processes,
    )
    address = f"http://{settings.host}:{settings.port}"
    if settings.sign_in == "required":
        say(f"Pages for people: {address}/")
    say(f"{address}/health/ready says whether it is up; {address}/openapi.json what it can do")
    if demo:
        show_demo(settings)
    # The service is started by its name: nothing in arrisk imports api.
    run = importlib.import_module("api.server").run
    with worker_beside(settings) if worker else nullcontext():
        run(settings)


def show_demo(settings: Settings) -> None:
    """Prepare the demo's portfolio, and say how to sign in; a password is printed this once."""
    database = store.connect(settings.database_url or store.locate(settings.home))
    passwords = [secrets.token_urlsafe(12) for _ in PEOPLE]
    with closing(database), working("Preparing the demo's portfolio"):
        store.upgrade(database)
        policy = load_policy(settings.policy)
        made = prepare_demo(database, find_sample(), policy=policy, passwords=passwords, now=datetime.now(UTC))
    jobs = f"{made.count_jobs} jobs for the worker until every page is full (/jobs says how far)"
    say(f"The ledger {made.ledger}, as of {made.as_of}; {jobs}")
    for login, password in zip(made.logins, passwords, strict=False):
        say(f"Sign in as {login} with {password} (shown this once)")
    if not made.logins:
        say("Users are there already: arrisk user list; arrisk user password LOGIN")
    address = f"http://{settings.host}:{settings.port}"
    say(f'curl -s {address}/v1/session --json \'{{"login": "{PEOPLE[0]}", "password": "..."}}\'')
