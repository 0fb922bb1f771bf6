"""What a person sees: tables on stdout, progress on stderr, and the same result as JSON where asked for."""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from arrisk.ingest.atomic import atomic_file
from arrisk.uses.plain import to_plain

_WIDTH_OF_FILES = 160
"""Columns when the output goes to a file or a pipe, where no terminal says how wide it is."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Tell = Callable[[str], None]


@contextmanager
def working(what: str) -> Iterator[Tell]:
    """Show on stderr what is going on and for how long; the given function changes the text."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda text: progress.update(task, description=text)


def show_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[object]], *, left: Sequence[str] = ()
) -> None:
    """Print a table; columns are right-aligned unless named in ``left``, of which the last two may wrap."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in header:
        wraps = name in left[-2:]
        table.add_column(name, justify="left" if name in left else "right", overflow="fold", no_wrap=not wraps)
    for row in rows:
        table.add_row(*(escape(show_value(value)) for value in row))
    out.print(table)


def list_rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[list[Any]]:
    """Give some columns of a frame row by row, as plain values."""
    return [list(row) for row in zip(*(frame[name].tolist() for name in columns), strict=True)]


def show_value(value: object) -> str:
    """Write one value for a person: a missing one as a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT or value is pd.NA:
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{int(value):,}"
    if isinstance(value, float | np.floating):
        return f"{float(value):,.3f}"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)


def show_money(value: float | None, decimals: int = 2) -> str:
    """Write an amount of major units with thousands separators."""
    return "–" if value is None or math.isnan(value) else f"{value:,.{decimals}f}"


def say(text: str) -> None:
    """Print a line of plain text."""
    out.print(escape(text), soft_wrap=True)


def warn(text: str) -> None:
    """Print a line of plain text on stderr."""
    err.print(escape(text))


def write_json(path: Path | None, result: Mapping[str, object]) -> None:
    """Write a result whole, or not at all; no path writes nothing."""
    if path is None:
        return
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(to_plain(result), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
