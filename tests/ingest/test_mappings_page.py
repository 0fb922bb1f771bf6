"""The page about mappings: its examples work, and it leaves no key out."""

import re
from pathlib import Path

import pytest

from arrisk.ingest.mapping import SourceMapping, list_mappings, parse_mapping
from arrisk.ingest.rules import (
    BookRules,
    ColumnRules,
    CreditRules,
    DocumentRules,
    RowRules,
    SourceRules,
    TableRules,
)
from arrisk.ingest.staging import convert

PAGE = (Path(__file__).parents[2] / "docs" / "users" / "mappings.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("position", range(len(EXAMPLES)))
def test_every_example_is_a_mapping(position):
    assert parse_mapping(EXAMPLES[position], where="docs/users/mappings.md").tables


def test_the_shortest_mapping_gives_the_table_on_the_page(write_file):
    export = re.search(r"```csv\n(.*?)```", PAGE, flags=re.DOTALL)[1]
    invoices = convert(write_file("export.csv", export), parse_mapping(EXAMPLES[0])).tables["invoices"]
    shown = [line.strip("|\n").split("|") for line in PAGE.splitlines() if line.startswith("| R-")]
    cells = invoices.drop(columns="source_row").fillna("").to_numpy().tolist()
    assert cells == [[cell.strip() for cell in row] for row in shown]


def test_the_message_on_the_page_is_the_message(write_file):
    wrong = EXAMPLES[0].replace("tables.invoices", "tables.invoice")
    with pytest.raises(Exception, match="no table") as caught:
        parse_mapping(wrong, where="ledger.toml")
    assert f"`{caught.value}`" in PAGE


@pytest.mark.parametrize(
    "rules",
    [SourceMapping, SourceRules, BookRules, ColumnRules, RowRules, TableRules, CreditRules, DocumentRules],
)
def test_every_key_is_on_the_page(rules):
    keys = [field.alias or name for name, field in rules.model_fields.items()]
    missing = [key for key in keys if not re.search(rf"(\b{key} = |\[+{key}|\.{key}\]|`{key}`)", PAGE)]
    assert missing == []


def test_every_shipped_mapping_is_on_the_page():
    assert all(f"`{name}`" in PAGE for name in list_mappings())
