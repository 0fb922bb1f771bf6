"""Writes a simulated portfolio into a folder; the same portfolio gives the same bytes."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from arrisk.errors import OutputError
from arrisk.sim.portfolio import Portfolio

FORMATS = ("csv", "parquet")
_MONEY = {"amount", "limit_amount", "requested_limit", "expected_monthly_sales"}


def write_portfolio(portfolio: Portfolio, folder: Path, *, file_format: str = "parquet") -> list[Path]:
    """Write the tables and the truth of a portfolio.

    Parameters
    ----------
    portfolio : from `simulate_portfolio`.
    folder : an existing folder, usually a temporary one that is renamed when everything is written.
    file_format : `csv` or `parquet`.

    Returns
    -------
    list of Path
        The files written, in order.

    Raises
    ------
    OutputError
        When the format is unknown or a file cannot be written.
    """
    if file_format not in FORMATS:
        raise OutputError(f"unknown file format '{file_format}'", hint="one of: " + ", ".join(FORMATS))
    frames = {f"book/{name}": table for name, table in portfolio.tables.items()}
    frames["truth/invoices"] = portfolio.truth_invoices
    frames["truth/customers"] = portfolio.truth_customers
    try:
        return [_write_settings(portfolio, folder), *_write_frames(frames, folder, file_format)]
    except OSError as error:
        hint = "a folder with room in which you may write"
        raise OutputError(f"cannot write the portfolio: {error}", where=str(folder), hint=hint) from error


def _write_settings(portfolio: Portfolio, folder: Path) -> Path:
    path = folder / "book" / "book.toml"
    path.parent.mkdir(exist_ok=True)
    lines = [
        f'name = "{portfolio.name}"',
        f'currency = "{portfolio.currency}"',
        f"extract_end_on = {portfolio.extract_end_on.isoformat()}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _write_frames(frames: dict[str, pd.DataFrame], folder: Path, file_format: str) -> list[Path]:
    paths = []
    for name, frame in frames.items():
        path = folder / f"{name}.{file_format}"
        path.parent.mkdir(exist_ok=True)
        table = _to_arrow(frame)
        if file_format == "csv":
            _write_csv(table, path)
        else:
            pyarrow.parquet.write_table(table, path, compression="zstd", store_schema=False)
        paths.append(path)
    return paths


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Dates become days without a time, text plain strings; nothing of pandas stays in the file."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.date32()))
        elif pa.types.is_large_string(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table


def _write_csv(table: pa.Table, path: Path) -> None:
    """Amounts are written with two decimals, so that a person reads cents."""
    for place, field in enumerate(table.schema):
        if field.name in _MONEY and pa.types.is_floating(field.type):
            exact = table.column(place).cast(pa.decimal128(18, 2))
            table = table.set_column(place, field.name, exact)
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(table, path, write_options=options)
