"""What the library says of a mistake suits a command as well as a request: it names no option of the command line."""

import ast
import re

import pytest

from tests.syntax import ROOT

OPTION = re.compile(r"(?<![\w-])--[a-z]")
OF_COMMANDS = {"allowance_proof.py", "limit_proof.py", "bookkeeping.py", "trail_check.py", "governance.py"}
"""Use cases that only a command has, or that name the command which writes the file they want."""

PLACES = [ROOT / "arrisk" / name for name in ("decisions", "allowance", "contacts", "ledger", "policy", "records")]
FILES = [
    ROOT / "arrisk" / "acts.py",
    *(path for place in PLACES for path in sorted(place.rglob("*.py"))),
    *(path for path in sorted((ROOT / "arrisk" / "uses").glob("*.py")) if path.name not in OF_COMMANDS),
]


def list_texts(source):
    """Give the texts of a file that are neither docstrings nor looked-up names."""
    tree = ast.parse(source)
    standing = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in standing
    ]


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(ROOT).as_posix() for path in FILES])
def test_no_text_names_an_option(path):
    # A whole command between ticks is a command, whoever reads it.
    found = [
        (line, text)
        for line, text in list_texts(path.read_text("utf-8"))
        if OPTION.search(re.sub(r"`arrisk [^`]*`", "", text))
    ]
    assert found == []


def test_an_option_would_be_found():
    source = 'raise InputError(f"{who} may not", where="--by", hint="see `arrisk close --to x`")'
    assert [text for _, text in list_texts(source) if OPTION.search(text)] == ["--by", "see `arrisk close --to x`"]
