"""Loads a mapping, shipped or a user's own; every mistake is shown with its line and the nearest name."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import Field, PrivateAttr, ValidationError

from arrisk.errors import MappingError, nearest
from arrisk.ingest.readers import Options
from arrisk.ingest.rules import BookRules, DocumentRules, Rules, SourceRules, TableRules
from arrisk.ingest.toml_lines import Path as TomlPath
from arrisk.ingest.toml_lines import find_line, index_lines
from arrisk.schema import TABLES

_COLUMN_DEPTH = 3


class SourceMapping(Rules):
    """How the files of one system become canonical tables.

    Examples
    --------
    >>> load_mapping("ibm").tables["invoices"].columns["settled_on"].from_
    ('SettledDate',)
    """

    name: str = ""
    extends: str = ""
    description: str = ""
    source: SourceRules = Field(default_factory=SourceRules)
    book: BookRules = Field(default_factory=BookRules)
    terms: dict[str, int] = Field(default_factory=dict)
    documents: DocumentRules | None = None
    tables: dict[str, TableRules]
    not_imported: dict[str, str] = Field(default_factory=dict)
    _where: str = PrivateAttr(default="mapping")
    _text: str = PrivateAttr(default="")

    def model_post_init(self, context: Mapping[str, str] | None) -> None:
        """Remember from where the mapping was read, for its messages."""
        self._where = (context or {}).get("where", self._where)
        self._text = (context or {}).get("text", self._text)

    @cached_property
    def _lines(self) -> dict[TomlPath, int]:
        return index_lines(self._text)

    def error(self, path: TomlPath, what: str, *, hint: str = "") -> MappingError:
        """Make an error that points at the line of the mapping on which a value stands.

        Parameters
        ----------
        path : the way to the value, such as ``("tables", "invoices", "columns", "amount")``.
        """
        return MappingError(what, where=_place(self._where, find_line(self._lines, path)), hint=hint)

    @property
    def options(self) -> Options:
        """How the source file is to be read."""
        rules = self.source
        return Options(rules.encoding, rules.delimiter, rules.sheet, rules.header_line)


def list_mappings() -> list[str]:
    """Give the names of the shipped mappings.

    Examples
    --------
    >>> list_mappings()
    ['generic', 'ibm', 'sap-open-items']
    """
    files = resources.files("arrisk.ingest").joinpath("mappings").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load_mapping(name: str | Path) -> SourceMapping:
    """Load a shipped mapping by its name, or a TOML file.

    Raises
    ------
    MappingError
        When there is no such mapping, or the file has a mistake.
    """
    shipped = list_mappings()
    if str(name) in shipped:
        return parse_mapping(_shipped_text(str(name)), where=f"shipped mapping {name}")
    path = Path(name)
    if not path.is_file():
        hint = f"{nearest(str(name), shipped)} Or give the path of a TOML file"
        raise MappingError(f"there is no mapping '{name}'", hint=hint)
    try:
        return parse_mapping(path.read_text(encoding="utf-8-sig"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"the mapping cannot be read: {error}", where=str(path), hint="save it as UTF-8") from error


def parse_mapping(text: str, *, where: str = "mapping") -> SourceMapping:
    r"""Read a mapping from TOML text.

    Parameters
    ----------
    text : the TOML.
    where : the file's name, for messages.

    Raises
    ------
    MappingError
        With the line and the key that is wrong, and the nearest name that exists.

    Examples
    --------
    >>> parse_mapping("[tables.invoice.columns]\namount = 'Amount'\n")
    Traceback (most recent call last):
        ...
    arrisk.errors.MappingError: there is no table 'invoice' (mapping, line 1). Try: did you mean 'invoices'?
    """
    try:
        given = _extend(tomllib.loads(text), text, where)
        _require_known_tables(given, text, where)
        mapping = SourceMapping.model_validate(given, context={"where": where, "text": text})
    except tomllib.TOMLDecodeError as error:
        raise MappingError(
            f"this is not TOML: {error}", where=where, hint='texts stand in quotes: name = "x"'
        ) from error
    except ValidationError as error:
        raise _explain(error, text, where) from error
    _verify(mapping)
    return mapping


def _require_known_tables(given: dict[str, Any], text: str, where: str) -> None:
    """Look at the names of the tables first: one wrong name makes everything below it look wrong."""
    tables = given.get("tables", {})
    for name in tables if isinstance(tables, dict) else ():
        if name not in TABLES:
            place = _place(where, find_line(index_lines(text), ("tables", name)))
            raise MappingError(f"there is no table '{name}'", where=place, hint=nearest(name, TABLES))


def _extend(given: dict[str, Any], text: str, where: str) -> dict[str, Any]:
    """Lay a mapping over the shipped one that it extends."""
    base = given.get("extends")
    if base is None:
        return given
    if base not in list_mappings():
        place = _place(where, find_line(index_lines(text), ("extends",)))
        raise MappingError(
            f"there is no shipped mapping {base!r}", where=place, hint=nearest(str(base), list_mappings())
        )
    return _overlay(tomllib.loads(_shipped_text(base)), given, depth=0)


def _overlay(base: dict[str, Any], given: dict[str, Any], *, depth: int) -> dict[str, Any]:
    merged = dict(base)
    for key, value in given.items():
        below = base.get(key)
        # tables.NAME.columns.COLUMN: what is said of a column replaces what was said of it.
        if isinstance(below, dict) and isinstance(value, dict) and depth < _COLUMN_DEPTH:
            merged[key] = _overlay(below, value, depth=depth + 1)
        else:
            merged[key] = value
    return merged


def _shipped_text(name: str) -> str:
    return resources.files("arrisk.ingest").joinpath("mappings", f"{name}.toml").read_text(encoding="utf-8")


def _place(where: str, line: int) -> str:
    return f"{where}, line {line}" if line else where


def _explain(error: ValidationError, text: str, where: str) -> MappingError:
    first = error.errors()[0]
    path: TomlPath = tuple(first["loc"])
    place = _place(where, find_line(index_lines(text), path))
    name = ".".join(map(str, path))
    if first["type"] == "extra_forbidden":
        return MappingError(f"unknown key '{name}'", where=place, hint=nearest(str(path[-1]), _known_keys(path[:-1])))
    if first["type"] == "missing":
        return MappingError(
            f"'{name}' is missing", where=place, hint=f"add [{name}]" if path == ("tables",) else "add it"
        )
    if first["type"] == "literal_error":
        choices = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return MappingError(
            f"{name}: unknown value {first['input']!r}",
            where=place,
            hint=nearest(str(first["input"]), choices),
        )
    message = first["msg"].removeprefix("Value error, ")
    return MappingError(f"{name}: {message}" if name else message, where=place)


def _known_keys(path: TomlPath) -> list[str]:
    """Give the keys that may stand under a path of the mapping."""
    model: type[Rules] = SourceMapping
    for part in path:
        # Names of tables and columns and positions in arrays are no fields: they stay in the same model.
        annotation = {info.alias or name: info.annotation for name, info in model.model_fields.items()}.get(str(part))
        model = _model_in(annotation) or model
    return [info.alias or name for name, info in model.model_fields.items()]


def _model_in(annotation: object) -> type[Rules] | None:
    """Give the model inside an annotation such as dict[str, Model]."""
    if isinstance(annotation, type) and issubclass(annotation, Rules):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _model_in(argument))), None)


def _verify(mapping: SourceMapping) -> None:
    """Check what the shape alone cannot say: names of columns, and what must be there."""
    for table_name, rules in mapping.tables.items():
        path: TomlPath = ("tables", table_name)
        table = TABLES[table_name]
        known = [column.name for column in table.all_columns]
        for name in rules.columns if not table.takes_any_column else ():
            if name not in known:
                where: TomlPath = (*path, "columns", name)
                raise mapping.error(where, f"table {table_name} has no column '{name}'", hint=nearest(name, known))
        _require_columns(mapping, table_name, [column.name for column in table.all_columns if column.is_required])
        _verify_extras(mapping, table_name, rules)
    if "invoices" not in mapping.tables:
        raise mapping.error(("tables",), "the mapping has no table 'invoices'", hint="add [tables.invoices.columns]")
    _verify_documents(mapping)


def _require_columns(mapping: SourceMapping, table: str, required: Iterable[str]) -> None:
    columns = mapping.tables[table].columns
    for name in required:
        if name not in columns:
            raise mapping.error(
                ("tables", table, "columns"),
                f"table {table} needs the column '{name}'",
                hint=f'{name} = "..."',
            )


def _verify_extras(mapping: SourceMapping, table: str, rules: TableRules) -> None:
    if rules.one_per and rules.one_per not in rules.columns:
        hint = nearest(rules.one_per, rules.columns)
        raise mapping.error(
            ("tables", table, "one_per"),
            f"one_per names no column of the table: '{rules.one_per}'",
            hint=hint,
        )
    for name, column in rules.columns.items():
        if column.baseline and name != "due_on":
            path: TomlPath = ("tables", table, "columns", name)
            raise mapping.error(path, "baseline and terms make a due date", hint="move them to due_on")


def _verify_documents(mapping: SourceMapping) -> None:
    rules = mapping.documents
    if rules is None:
        return
    if rules.types and not rules.type:
        raise mapping.error(
            ("documents",), "documents.types needs documents.type", hint='type = "the column with the type"'
        )
    if "payment" in (*rules.types.values(), rules.other) and "payments" not in mapping.tables:
        hint = "add [tables.payments.columns], or 'leave_out'"
        raise mapping.error(("documents",), "documents become payments, but there is no table 'payments'", hint=hint)
