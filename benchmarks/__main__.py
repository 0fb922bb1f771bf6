"""Measures arrisk beside what one would use instead, in one run, and writes docs/benchmarks.md: `make bench`."""

import argparse
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.close import measure_close
from benchmarks.convert import measure_convert
from benchmarks.curve import measure_curve
from benchmarks.customers import measure_customers
from benchmarks.features import measure_features
from benchmarks.peer import measure_peer
from benchmarks.scale import measure_scale
from benchmarks.serve import measure_serve

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`, or one section by `python -m benchmarks NAME`. All programs of a table ran one after another on the same files and the same machine;
times are of whole processes, start-up included. Times differ from machine to machine: look at the ratios.

{machine}
"""


def main() -> None:
    """Run every benchmark whose name is given, or all, and renew its section of the page."""
    sections = {
        "features": measure_features,
        "convert": measure_convert,
        "curve": measure_curve,
        "customers": measure_customers,
        "close": measure_close,
        "scale": measure_scale,
        "peer": measure_peer,
        "serve": measure_serve,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *sections], metavar="NAME", help=f"of {', '.join(sections)}; none = all"
    )
    parser.add_argument("--keep", type=Path, help="a folder in which `scale` keeps what takes it long to make")
    given = parser.parse_args()
    for name in given.names or list(sections):
        with tempfile.TemporaryDirectory(prefix="arrisk-bench-") as folder:
            print(name, flush=True)
            measured = sections[name](given.keep if given.keep and name == "scale" else Path(folder))
        today = datetime.now(UTC).date()
        text = "\n".join([measured[0], "", f"Measured on {today}.", *measured[1:]]).rstrip()
        print(text)
        PAGE.write_text(renew(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")


def renew(page: str, section: str) -> str:
    r"""Put a section into the page in the place of the one with the same heading, or at the end; renew the head too.

    Examples
    --------
    >>> renew("# Old\n\n## A\n\none\n\n## B\n\ntwo\n", "## A\n\nthree").count("## ")
    2
    """
    parts = page.rstrip().split("\n## ")[1:]
    held = {part.split("\n")[0]: part.rstrip() for part in parts}
    own = section.removeprefix("## ")
    held[own.split("\n")[0]] = own
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}."
    return "\n\n## ".join([HEAD.format(machine=machine).rstrip(), *held.values()]) + "\n"


if __name__ == "__main__":
    main()
