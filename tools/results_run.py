"""Runs the program's own commands for docs/results.md and reads what they say."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


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
    result = folder / "result.json"
    command = [sys.executable, "-m", "arrisk", *words, "--json", str(result)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    print("  arrisk", *words, flush=True)
    return dict(json.loads(result.read_text(encoding="utf-8")))
