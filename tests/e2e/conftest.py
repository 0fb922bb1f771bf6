"""The program on public ledgers, as a user runs it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from arrisk.cli import main


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict]:
    """Give a function that runs one command, which must succeed, and returns what it writes with --json."""
    folder = tmp_path_factory.mktemp("results")

    def run_command(*arguments: object) -> dict:
        result = folder / "result.json"
        words, sys.argv = sys.argv, ["arrisk", *map(str, arguments), "--json", str(result)]
        try:
            with pytest.raises(SystemExit) as stop:
                main()
        finally:
            sys.argv = words
        assert stop.value.code == 0
        return dict(json.loads(result.read_text()))

    return run_command


@pytest.fixture(scope="session")
def ibm(run: Callable[..., dict], realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the IBM extract as a book."""
    folder = tmp_path_factory.mktemp("ibm") / "book"
    run("convert", realdata / "ibm_ar" / "receivables_extract_2013-06-30.csv", "-m", "ibm", "-o", folder)
    return folder
