"""Runs whole programs, one after another, and reports wall time and peak memory side by side."""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """One program's runs.

    Parameters
    ----------
    name : as it stands in the table.
    seconds : wall time of each run.
    peak_mib : the largest resident set of a run, in MiB.
    is_stopped : whether it was stopped at its time limit, so that its time is a lower bound.
    """

    name: str
    seconds: tuple[float, ...]
    peak_mib: float
    is_stopped: bool = False

    @property
    def median(self) -> float:
        """The median wall time in seconds."""
        return statistics.median(self.seconds)


def run(
    name: str,
    command: Sequence[str],
    *,
    runs: int = 3,
    environment: dict[str, str] | None = None,
    limit_seconds: float | None = None,
) -> Measured:
    """Run a program several times; it must succeed, or be stopped at its time limit.

    Parameters
    ----------
    name : as it stands in the table.
    command : the program and its arguments.
    runs : how often.
    environment : variables added to this process's own.
    limit_seconds : after so long it is stopped, and not run again.
    """
    seconds, peak = [], 0.0
    for _ in range(runs):
        start = time.perf_counter()
        variables = {**os.environ, **(environment or {})}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=variables) as process:  # noqa: S603 - our own
            timer = threading.Timer(limit_seconds or threading.TIMEOUT_MAX, process.kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            is_stopped = not timer.is_alive()
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds.append(time.perf_counter() - start)
        if is_stopped:
            return Measured(name, (seconds[-1],), max(peak, usage.ru_maxrss / 1024), is_stopped=True)
        if process.returncode:
            sys.exit(f"{name}: {' '.join(command)} ended with {process.returncode}")
        peak = max(peak, usage.ru_maxrss / 1024)
        print(f"  {name}: {seconds[-1]:.1f} s, {usage.ru_maxrss / 1024:,.0f} MiB", flush=True)
    return Measured(name, tuple(seconds), peak)


def tabulate(measured: Sequence[Measured], *, against: str | None = None) -> list[str]:
    """Write a Markdown table; where one program is named, each program's time also as a ratio of that one's."""
    base = next((one.median for one in measured if one.name == against), None)
    ratio, rule = (f" time / {against} |", "---|") if base else ("", "")
    return [
        f"| program | median s | min..max s | peak MiB |{ratio}",
        f"|---|---|---|---|{rule}",
        *(_write_row(one) + (f" {'> ' * one.is_stopped}{one.median / base:.2f} |" if base else "") for one in measured),
    ]


def _write_row(one: Measured) -> str:
    span = "stopped" if one.is_stopped else f"{min(one.seconds):.1f}..{max(one.seconds):.1f}"
    return f"| {one.name} | {'> ' * one.is_stopped}{one.median:.1f} | {span} | {one.peak_mib:,.0f} |"
