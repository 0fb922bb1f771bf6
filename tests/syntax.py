"""Reads Python files as syntax trees, for the rules of the house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (".ci", "api", "arrisk", "benchmarks", "data", "docs", "notebooks", "tests", "tools")

_WRITES_OR_READS = {
    "mkdir", "read_bytes", "read_csv", "read_excel", "read_parquet", "read_pickle", "read_sql",
    "read_table", "read_text", "rmdir", "save_model", "savefig", "touch", "unlink",
    "write_bytes", "write_table", "write_text",
}  # fmt: skip
_CLOCK = {"fromtimestamp", "now", "today", "utcnow"}
_ENVIRONMENT = {"environ", "getenv", "cwd", "home"}
_OUTSIDE = {"glob", "os", "random", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "time", "urllib"}
_SEEDABLE = {"BitGenerator", "Generator", "PCG64", "Philox", "SeedSequence", "default_rng"}

_RUNS_CODE = {
    "allow_pickle", "cloudpickle", "dill", "eval", "exec", "joblib", "marshal", "pickle", "pyfunc", "read_pickle",
    "shelve", "skops", "to_pickle", "torch",
}  # fmt: skip


def list_python_files(*folders: str) -> list[Path]:
    """List the Python files of folders of the checkout, in a fixed order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def list_text_files() -> list[Path]:
    """List the files of the checkout that are ours and hold text."""
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    at_top = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".coverage"]
    return sorted(path for path in inside + at_top if _is_text(path) and "__pycache__" not in path.parts)


def list_functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """List the functions and methods of a module, inner ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def count_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function, its docstring left out."""
    docstring = ast.get_docstring(function, clean=False)
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    return lines - (docstring.count("\n") + 1 if docstring else 0)


def list_effects(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """List what code of the core must not do: line, and the name by which it reaches outside."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names if name.name.split(".")[0] in _OUTSIDE)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in _OUTSIDE:
                yield node.lineno, module
            case ast.Call(func=ast.Name(id="open" | "input" as name) | ast.Attribute(attr="open" as name)):
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr="default_rng") | ast.Name(id="default_rng")) if _is_unseeded(node):
                yield node.lineno, "default_rng without a seed"
            case ast.Attribute(value=ast.Attribute(attr="random"), attr=attr) if attr not in _SEEDABLE:
                yield node.lineno, f"random.{attr}"
            case ast.Attribute(attr=attr) if attr in _WRITES_OR_READS | _CLOCK | _ENVIRONMENT:
                yield node.lineno, attr


def list_code_loaders(tree: ast.AST) -> list[str]:
    """List the names by which code could load a file that runs code while it is loaded."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [part for name in names for part in name.name.split(".")]
            case ast.ImportFrom(module=str(module), names=names):
                found += [*module.split("."), *(name.name for name in names)]
                found += ["pickle"] if module.startswith("mlflow") and "load_model" in found else []
            case ast.Attribute(attr="load_model", value=value) if "mlflow" in ast.unparse(value):
                found.append("pickle")
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.keyword(arg=str(name)):
                found.append(name)
    return sorted(set(found) & _RUNS_CODE)


def _is_unseeded(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return not given or (isinstance(given[0], ast.Constant) and given[0].value is None)


def _is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]
