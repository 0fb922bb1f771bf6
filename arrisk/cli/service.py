"""The command that starts the HTTP service."""

import importlib
import importlib.util
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from arrisk.cli.beside import worker_beside
from arrisk.cli.output import say, warn
from arrisk.config import list_unknown, read_settings
from arrisk.errors import InputError

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
    worker: Annotated[bool, typer.Option(help="Start a worker beside it, which does the jobs.")] = True,
) -> None:
    """Start the HTTP service, by the settings of the environment (`ARRISK_...`); an option wins.

    Example: `arrisk serve --port 8000`, then `curl localhost:8000/health/ready`
    """
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("fastapi") is None:
        raise InputError("the service is not installed", hint="pip install 'arrisk[api]'")
    for text in list_unknown():
        warn(text)
    settings = read_settings(host=host, port=port, database_url=database_url, policy=policy, log_format=log_format)
    address = f"http://{settings.host}:{settings.port}"
    say(f"{address}/health/ready says whether it is up; {address}/openapi.json what it can do")
    # The service is started by its name: nothing in arrisk imports api.
    run = importlib.import_module("api.server").run
    with worker_beside(settings) if worker else nullcontext():
        run(settings)
