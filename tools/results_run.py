"""Runs the program's own commands for docs/results.md and reads what they say."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

_AT_ONCE = 2
"""Most of a backtest runs on one core."""

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_together(work: Callable[[Job], Result], jobs: Iterable[Job]) -> list[Result]:
    """Do the same for several jobs, two at a time; the results are in the order of the jobs.

    Examples
    --------
    >>> run_together(abs, [-1, 2])
    [1, 2]
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(work, jobs))


def run_command(folder: Path, *words: str) -> dict[str, Any]:
    """Run `arrisk` with --json.

    Parameters
    ----------
    folder : where the JSON goes.
    words : the command and its arguments.

    Returns
    -------
    dict
        What the command wrote.
    """
    with NamedTemporaryFile(dir=folder, suffix=".json") as file:
        command = [sys.executable, "-m", "arrisk", *words, "--json", file.name]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        print("  arrisk", *words, flush=True)
        return dict(json.loads(Path(file.name).read_text(encoding="utf-8")))
