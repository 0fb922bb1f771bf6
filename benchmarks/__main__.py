"""Measures arrisk beside what one would use instead, in one run, and writes docs/benchmarks.md: `make bench`."""

import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.close import measure_close
from benchmarks.convert import measure_convert
from benchmarks.curve import measure_curve
from benchmarks.customers import measure_customers
from benchmarks.features import measure_features
from benchmarks.peer import measure_peer

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Run every benchmark whose name is given, or all, and write the page."""
    sections = {
        "features": measure_features,
        "convert": measure_convert,
        "curve": measure_curve,
        "customers": measure_customers,
        "close": measure_close,
        "peer": measure_peer,
    }
    chosen = sys.argv[1:] or list(sections)
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. All programs of a table ran one after another on the same files and the same machine;",
        "times are of whole processes, start-up included. Times differ from machine to machine: look at the ratios.",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
    ]
    with tempfile.TemporaryDirectory(prefix="arrisk-bench-") as folder:
        for name in chosen:
            print(name, flush=True)
            lines += sections[name](Path(folder))
    text = "\n".join(lines).rstrip() + "\n"
    if len(chosen) == len(sections):
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
