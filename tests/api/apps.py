"""Services for tests of what is posted and forgotten again: nobody signs in."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.main import create_app
from arrisk.config import Settings


def create_open_app(home: Path, **limits: Any) -> FastAPI:
    """Make a service without sign-in."""
    return create_app(home, settings=Settings(sign_in="off"), **limits)
