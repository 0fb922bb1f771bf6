"""The text of each generated reference page, told by the code it describes."""

from collections.abc import Iterable, Iterator, Sequence

import typer.main
from typer.core import TyperCommand, TyperGroup

from arrisk.cli.app import app
from arrisk.features.catalogue import CATALOGUE, Feature
from arrisk.features.five_cs import FIVE_CS
from arrisk.features.meanings import DEFAULTS, find_reason
from arrisk.features.readings import READINGS
from arrisk.schema.tables import TABLES, Column, Table

_NOTE = "<!-- Written by `make docs` from {source}; edit that instead. -->"

_FEATURES = """\
What the models look at, by the C of credit that it speaks for. Each value is as of a day, from what was known
before it. *Later with* tells whether a higher or a lower value goes with later payment; empty = not known
beforehand. *Reason* is the business reason of a probability of default that it belongs to. Features marked \\* speak of the invoice that is asked about; they are missing for a customer."""
_DEFAULT_FEATURES = """\
Beside these it reads for every column of `attributes` a `mean_attribute_` of the reports of the firm and its group, and a
`category_` where it is text; together they are a reason by themselves. A mean is over all reports on the firm and its group, the
newer the heavier. Here *later with* tells whether a higher or a lower value goes with default."""
_DIRECTIONS = {1: "higher", 0: "", -1: "lower"}


def describe_commands() -> str:
    """Describe every command of the console script: what it does, its arguments and options.

    Returns
    -------
    str
        A Markdown page.
    """
    group = typer.main.get_group(app)
    parts = ["# Commands", _NOTE.format(source="`arrisk/cli/`")]
    for name, command in _list_commands(group, "arrisk"):
        context = command.make_context(name, [], resilient_parsing=True)
        records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
        rows = [record for record in records if record and not record[0].startswith("--help")]
        parts += [f"## {name}", (command.help or "").replace("\b\n", "").strip()]
        if rows:
            parts += [_table(("argument or option", "meaning"), [(f"`{what}`", text) for what, text in rows])]
    return "\n\n".join(parts) + "\n"


def describe_tables() -> str:
    """Describe every canonical table: what a row is, its key, its columns.

    Returns
    -------
    str
        A Markdown page.
    """
    parts = ["# Tables", _NOTE.format(source="`arrisk/schema/tables.py`")]
    for table in TABLES.values():
        parts += [f"## {table.name}", _sentence(table)]
        parts += [_table(("column", "kind", "meaning"), [_row(column) for column in table.all_columns])]
    return "\n\n".join(parts) + "\n"


def describe_features() -> str:
    """Describe every feature of the models: its meaning, unit, direction and the C it belongs to.

    Returns
    -------
    str
        A Markdown page.
    """
    parts = ["# Features", _NOTE.format(source="`arrisk/features/catalogue.py`"), _FEATURES]
    head = ("feature", "meaning", "unit", "later with", "reason")
    for five_c in dict.fromkeys(feature.five_c for feature in CATALOGUE.values()):
        rows = [_feature_row(feature) for feature in CATALOGUE.values() if feature.five_c == five_c]
        parts += [f"## {five_c.capitalize()}", _table(head, rows)]
    default = [_feature_row(feature) for feature in (*FIVE_CS.values(), *READINGS.values(), *DEFAULTS.values())]
    parts += ["## What only the default model reads", _DEFAULT_FEATURES, _table(head, default)]
    return "\n\n".join(parts) + "\n"


def _list_commands(group: TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand]]:
    """List the commands of a group and of the groups in it, with their full names."""
    for word, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _list_commands(command, f"{name} {word}")
        elif isinstance(command, TyperCommand):
            yield f"{name} {word}", command


def _sentence(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    known = f"on its `{table.event_on}`" if table.event_on else "from the start"
    later = [f"`{column}` on `{day}`" for column, day in table.filled_later.items()]
    filled = f" Filled later: {', '.join(later)}." if later else ""
    return f"One row per {table.one_row_per}. Key: {key}. Known, where `known_on` is missing, {known}.{filled}"


def _row(column: Column) -> tuple[str, str, str]:
    star = "\\*" if column.is_required else ""
    choices = f"; one of {', '.join(f'`{choice}`' for choice in column.choices)}" if column.choices else ""
    says = not column.default or "missing" in column.meaning
    default = "" if says else f"; missing = `{column.default}`"
    return f"`{column.name}`{star}", str(column.kind), f"{column.meaning}{choices}{default}"


def _feature_row(feature: Feature) -> tuple[str, ...]:
    star = "\\*" if feature.is_own else ""
    direction = _DIRECTIONS[feature.direction]
    return f"`{feature.name}`{star}", feature.meaning, str(feature.unit), direction, find_reason(feature.name)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
