"""Prints the part of requirements.lock that a running service needs: the image holds no compilers, tests or notebooks.

Reads what the installed packages say they need, so it runs where the whole lock is installed.
"""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("api", "mlflow", "pdf")


def list_needed(root: Path = ROOT, extras: tuple[str, ...] = EXTRAS) -> set[str]:
    """List the packages that arrisk with these extras needs, and all that those need."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    waiting = [*project["dependencies"], *(one for extra in extras for one in optional[extra])]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = Requirement(waiting.pop())
        name = _normalize(wanted.name)
        for extra in ("", *wanted.extras):
            if (name, extra) in seen or not _applies(wanted, ""):
                continue
            seen.add((name, extra))
            waiting += optional.get(extra, []) if name == "arrisk" else _list_below(name, extra)
    return {name for name, _ in seen} - {"arrisk"}


def cut_lock(text: str, names: set[str]) -> str:
    """Keep the entries of some packages."""
    entries = re.split(r"^(?=[a-z0-9][\w.-]*==)", text, flags=re.MULTILINE)
    return "".join(entry for entry in entries if _normalize(entry.split("==")[0]) in names)


def _list_below(name: str, extra: str) -> list[str]:
    wanted = [Requirement(text) for text in metadata.requires(name) or []]
    return [str(one) for one in wanted if _applies(one, extra) and (not extra or not _applies(one, ""))]


def _applies(wanted: Requirement, extra: str) -> bool:
    return wanted.marker is None or wanted.marker.evaluate({"extra": extra})


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.stdout.write(cut_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"), list_needed()))
