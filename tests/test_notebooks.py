"""Every notebook runs as it stands, shows what it promises, and holds neither outputs nor logic."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.syntax import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PICTURES = {
    "01-tour.ipynb": 4,
    "02-curve.ipynb": 5,
    "03-default.ipynb": 3,
    "04-limits.ipynb": 2,
    "05-allowance.ipynb": 2,
}
LOGIC = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try)


def read(path: Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code_of(path: Path) -> list:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_outputs(path):
    assert [cell.source for cell in code_of(path) if cell.outputs or cell.execution_count] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_no_logic(path):
    found = [
        f"{type(node).__name__}: {cell.source.splitlines()[node.lineno - 1]}"
        for cell in code_of(path)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, LOGIC)
    ]
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs_and_draws(path, tmp_path):
    notebook = read(path)
    NotebookClient(notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    pictures = [output for output in outputs if "image/svg+xml" in output.get("data", {})]
    assert len(pictures) == PICTURES[path.name]
    assert [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"] == []


def test_every_notebook_is_known_with_its_pictures():
    assert sorted(PICTURES) == [path.name for path in NOTEBOOKS]
