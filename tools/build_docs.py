"""Writes the reference pages that are generated from the code, or checks that they are up to date.

Run by `make docs`, and with --check by `make check`. A new page is one more line in PAGES.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tools.pages import describe_commands, describe_features, describe_tables

ROOT = Path(__file__).resolve().parent.parent
PAGES: tuple[tuple[str, Callable[[], str]], ...] = (
    ("docs/reference/commands.md", describe_commands),
    ("docs/reference/tables.md", describe_tables),
    ("docs/reference/features.md", describe_features),
)


def list_stale(root: Path = ROOT) -> list[str]:
    """Name the generated pages that are missing or differ from what the code says.

    Parameters
    ----------
    root : the checkout.

    Returns
    -------
    list of str
        Paths below `root`, in the order of PAGES.
    """
    return [name for name, describe in PAGES if _read(root / name) != describe()]


def write_pages(root: Path = ROOT) -> list[str]:
    """Write every generated page.

    Parameters
    ----------
    root : the checkout.

    Returns
    -------
    list of str
        The paths below `root` that changed.
    """
    stale = list_stale(root)
    for name, describe in PAGES:
        if name in stale:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(describe(), encoding="utf-8")
    return stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with --check only tell which are stale.

    Returns
    -------
    int
        The exit code: 1 when --check finds a stale page.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    if parser.parse_args(arguments).check:
        stale = list_stale()
        _say(f"{name} is not what the code says. Try: make docs" for name in stale)
        return int(bool(stale))
    _say(f"wrote {name}" for name in write_pages())
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
