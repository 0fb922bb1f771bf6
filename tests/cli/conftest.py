"""Runs the program as a user does, inside this process."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from arrisk.cli import main


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def arrisk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Give a function that runs one command and returns its exit code and what it printed."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["arrisk", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        return Ran(int(stop.value.code or 0), printed.out, printed.err)

    return run


EXPORT = (
    "invoice_id,customer_id,customer_name,issued_on,due_on,amount,settled_on\n"
    "1,A,Alder Ltd,2024-01-02,2024-02-01,100.50,2024-02-11\n"
    "2,A,Alder Ltd,2024-02-05,2024-03-06,200.00,\n"
    "3,B,Birch AG,2024-02-10,2024-03-11,50.00,2024-03-01\n"
    "4,B,Birch AG,2024-03-01,2024-03-31,75.25,\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Give a small export in the generic layout."""
    path = tmp_path / "export.csv"
    path.write_text(EXPORT)
    return path


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the export as a book, converted once; nobody may change it."""
    folder = tmp_path_factory.mktemp("converted")
    (folder / "export.csv").write_text(EXPORT)
    words = ["arrisk", "convert", folder / "export.csv", "--mapping", "generic", "--out", folder / "book"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", list(map(str, words)))
        with pytest.raises(SystemExit) as stop:
            main()
    assert not stop.value.code
    return folder / "book"


@pytest.fixture
def book(converted: Path, export: Path, tmp_path: Path) -> Path:
    """Give the export as a book of the test's own, beside the export."""
    return shutil.copytree(converted, tmp_path / "book")
