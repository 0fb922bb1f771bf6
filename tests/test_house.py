"""The rules of CONTRIBUTING.md that no linter knows."""

import ast
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

import arrisk
from tests.syntax import (
    ROOT,
    count_lines,
    list_code_loaders,
    list_effects,
    list_functions,
    list_python_files,
    list_text_files,
)

EDGES = {"cli", "config", "ingest", "pipeline", "records", "registry", "store", "uses"}
WRITERS = {"arrisk/sim/writer.py"}  # puts a simulated portfolio on disk
# The policy is a file of its own format, the user's or the shipped one.
MAY_READ = {"arrisk/policy/__init__.py": {"read_text"}}
LONGEST_FUNCTION, LONGEST_FILE = 50, 400
PRODUCT = ("arrisk", "api", "tools", "benchmarks")
# A user's folder, a container's root, a package registry: true on one machine only.
ONE_MACHINE = re.compile(r"/home/\w|/root/|/Users/\w|[A-Z]:\\Users|/work/|pypi\.org|pythonhosted|npmjs\.")


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """Give the syntax tree of every file, read once for all rules."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in list_python_files(*PRODUCT, "tests")}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_core(path: Path) -> bool:
    part = path.relative_to(ROOT / "arrisk").parts[0].removesuffix(".py")
    return part not in EDGES and name_of(path) not in WRITERS


@pytest.mark.slow
def test_the_core_reaches_nothing_outside(trees):
    found = [
        f"{name_of(path)}:{line} {effect}"
        for path in list_python_files("arrisk")
        if is_core(path)
        for line, effect in list_effects(trees[path])
        if effect not in MAY_READ.get(name_of(path), set())
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "open('x')",
        "Path('x').open()",
        "Path('x').read_text()",
        "pd.read_csv('x')",
        "booster.save_model('x')",
        "import os",
        "from time import time",
        "from os import path",
        "date.today()",
        "pd.Timestamp.now()",
        "np.random.normal()",
        "np.random.default_rng()",
        "default_rng(None)",
    ],
)
def test_a_step_outside_is_seen(code):
    assert list(list_effects(ast.parse(code)))


@pytest.mark.parametrize("code", ["np.random.default_rng(seed)", "rng.normal()", "np.random.Generator"])
def test_seeded_randomness_is_no_step_outside(code):
    assert list(list_effects(ast.parse(code))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import a.dill",
        "pd.read_pickle(x)",
        "frame.to_pickle(x)",
        "torch.load(x)",
        "np.load(x, allow_pickle=True)",
        "mlflow.lightgbm.load_model(x)",
        "from mlflow.pyfunc import load_model",
        "eval(x)",
    ],
)
def test_a_source_that_could_run_what_a_stranger_saved_is_seen(code):
    assert list_code_loaders(ast.parse(code))


@pytest.mark.slow
def test_no_source_can_run_what_a_stranger_saved(trees):
    sources = list_python_files("arrisk", "api")
    assert len(sources) > 50
    assert [name_of(path) for path in sources if list_code_loaders(trees[path])] == []


@pytest.mark.slow
def test_functions_fit_on_a_screen(trees):
    found = [
        f"{name_of(path)}:{function.lineno} {function.name} has {count_lines(function)} lines"
        for path in list_python_files(*PRODUCT, "tests")
        for function in list_functions(trees[path])
        if count_lines(function) > LONGEST_FUNCTION
    ]
    assert found == []


def test_files_have_one_subject():
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in list_python_files(*PRODUCT, "tests")}
    assert [f"{name_of(path)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE] == []


@pytest.mark.slow
def test_every_file_says_what_it_is_for(trees):
    files = list_python_files(*PRODUCT)
    assert [name_of(path) for path in files if not ast.get_docstring(trees[path])] == []


@pytest.mark.slow
def test_every_public_function_has_a_docstring(trees):
    found = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in list_python_files(*PRODUCT)
        for scope in ast.walk(trees[path])
        if isinstance(scope, ast.Module | ast.ClassDef) and not getattr(scope, "name", "").startswith("_")
        for function in scope.body
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        if not function.name.startswith("_") and not ast.get_docstring(function)
    ]
    assert found == []


def test_every_package_folder_is_a_package():
    folders = {path.parent for path in list_python_files("arrisk", "api")}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_file_is_true_on_one_machine_only():
    found = [
        f"{name_of(path)}:{number} {line.strip()[:80]}"
        for path in list_text_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if ONE_MACHINE.search(line)
    ]
    assert found == []


def test_the_lock_has_hashes_and_no_addresses():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    starts = [match.start() for match in re.finditer(r"^[a-z0-9][\w.-]*==", lock, flags=re.MULTILINE)]
    entries = [lock[start:end] for start, end in pairwise([*starts, len(lock)])]
    assert "://" not in lock
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_covers_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {re.split(r"[\[<>=;\s]", requirement)[0] for requirement in asked} - {"arrisk"}
    locked = set(re.findall(r"^([a-z0-9][\w.-]*)==", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
    assert sorted(names - locked) == []


def test_the_changelog_has_a_place_for_the_next_change():
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_link_between_pages_leads_somewhere():
    pages = [path for path in list_text_files() if path.suffix == ".md"]
    broken = [
        f"{name_of(page)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:")
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_decision_is_listed():
    index = (ROOT / "docs" / "decisions" / "index.md").read_text(encoding="utf-8")
    decisions = (ROOT / "docs" / "decisions").glob("[0-9]*.md")
    assert [path.name for path in sorted(decisions) if f"({path.name})" not in index] == []


def test_exported_names_exist_and_are_sorted():
    assert sorted(arrisk.__all__) == list(arrisk.__all__)
    assert [name for name in arrisk.__all__ if not hasattr(arrisk, name)] == []
