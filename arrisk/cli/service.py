"""The command that starts the HTTP service."""

import importlib
import importlib.util
from typing import Annotated

import typer

from arrisk.cli.output import say
from arrisk.errors import InputError


def add_to(app: typer.Typer) -> None:
    """Add the command of this file to the program."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 = every address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8000,
) -> None:
    """Start the HTTP service.

    Example: `arrisk serve --port 8000`, then `curl localhost:8000/health/ready`
    """
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("fastapi") is None:
        raise InputError("the service is not installed", hint="pip install 'arrisk[api]'")
    say(f"http://{host}:{port}/health/ready says whether it is up; http://{host}:{port}/openapi.json what it can do")
    # The service is started by its name: nothing in arrisk imports api.
    importlib.import_module("uvicorn").run("api.main:app", host=host, port=port, log_level="info")
