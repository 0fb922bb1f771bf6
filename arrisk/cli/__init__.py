"""The command line: it translates words into use cases and results into tables; it decides nothing."""

from arrisk.cli.app import app, main

__all__ = ["app", "main"]
