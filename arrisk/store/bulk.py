"""Many rows at once, as Arrow tables: through COPY on PostgreSQL, in chunks on SQLite."""

from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from sqlalchemy import BigInteger, Connection, Double, Integer, Select, Table, insert

_CHUNK = 5_000
"""Rows at once on SQLite: more are slower, since Python looks through all of them for garbage."""
_MANY = 1_000
_BLOCK = 16 * 2**20


def add_rows(connection: Connection, table: Table, rows: pa.Table) -> None:
    """Add rows.

    Parameters
    ----------
    rows : every column of the table by its name; whole numbers, doubles and text, missing cells null.
    """
    if not len(rows):
        return
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, rows)
        return
    rows = rows.select([column.name for column in table.columns])
    statement = str(insert(table).compile(dialect=connection.dialect))
    cursor = connection.connection.cursor()
    for batch in rows.to_batches(max_chunksize=_CHUNK):
        cursor.executemany(statement, list(zip(*(column.to_pylist() for column in batch.columns), strict=True)))
    cursor.close()


def read_rows(connection: Connection, query: Select[Any]) -> pa.Table:
    """Read the rows of a query.

    Parameters
    ----------
    query : of whole numbers, doubles and text; its parameters are whole numbers and text of the program's own.

    Returns
    -------
    pa.Table
        int64, float64 and large_string.
    """
    schema = pa.schema([(column.name, _arrow_type(column.type)) for column in query.selected_columns])
    if connection.dialect.name == "postgresql":
        return _copy_out(connection, query, schema)
    cursor = connection.connection.cursor()
    compiled = query.compile(dialect=connection.dialect)
    cursor.execute(str(compiled), [compiled.params[name] for name in compiled.positiontup or ()])
    batches = []
    while rows := cursor.fetchmany(_CHUNK):
        cells = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
        batches.append(pa.record_batch(cells, schema=schema))
    cursor.close()
    return pa.Table.from_batches(batches, schema=schema)


def _arrow_type(kind: object) -> pa.DataType:
    if isinstance(kind, Integer | BigInteger):
        return pa.int64()
    return pa.float64() if isinstance(kind, Double) else pa.large_string()


def _copy_in(connection: Connection, table: Table, rows: pa.Table) -> None:
    file = BytesIO()
    # Arrow puts quotes around every text, so that an empty one is none that is missing.
    pacsv.write_csv(rows, file, pacsv.WriteOptions(include_header=False))
    file.seek(0)
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    cursor: Any = connection.connection.cursor()
    cursor.execute(f"COPY {table.name} ({columns}) FROM STDIN WITH (FORMAT csv)", stream=file)
    if len(rows) > _MANY:
        # Who asks for one customer next gets a plan for the table as it is now, not as it was when it was empty.
        cursor.execute(f"ANALYZE {table.name}")
    cursor.close()


def _copy_out(connection: Connection, query: Select[Any], schema: pa.Schema) -> pa.Table:
    statement = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    file = BytesIO()
    cursor: Any = connection.connection.cursor()
    cursor.execute(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *)", stream=file)
    cursor.close()
    if not file.tell():
        return schema.empty_table()
    file.seek(0)
    return pacsv.read_csv(
        file,
        read_options=pacsv.ReadOptions(column_names=schema.names, block_size=_BLOCK),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=schema, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
        ),
    )
