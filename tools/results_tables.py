"""Turns reports of backtests into the tables of docs/results.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]

_MEASURES = ("auc", "brier", "log_loss", "ece", "calibration_slope", "calibration_intercept")
_GROUP_MEASURES = ("auc", "brier", "log_loss", "calibration_slope")
_TIMING = {"mae_median_days": 1, "coverage": 3, "mean_width_days": 1}


def make_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Write a table in Markdown.

    Examples
    --------
    >>> make_table(["seed", "gain"], [[1, "70%"]])
    ['| seed | gain |', '|---|---|', '| 1 | 70% |']
    """
    first, *others = (f"| {' | '.join(map(str, row))} |" for row in (header, *rows))
    return [first, f"|{'|'.join(['---'] * len(header))}|", *others]


def show(value: float | None, digits: int = 3) -> str:
    """Write a figure; a dash where there is none.

    Examples
    --------
    >>> show(0.12345), show(None)
    ('0.123', '–')
    """
    return "–" if value is None else f"{value:.{digits}f}"


def show_share(value: float | None, digits: int = 1) -> str:
    """Write a share as per cent; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}%}"


def tabulate_models(report: Report) -> list[str]:
    """Tabulate all candidates and baselines of a backtest by their measures of p_late, with the curve's intervals."""
    rows = [
        [
            kind[:-1],
            f"**{name}**" if kind == "candidates" and name == report["champion"] else name,
            *(show(values[m]) for m in _MEASURES),
        ]
        for kind in ("baselines", "candidates")
        for name, values in report[kind].items()
    ]
    found = {name: value for name, value in report["intervals"].items() if isinstance(value, dict) and value["low"]}
    shown = ", ".join(f"{n.replace('_', ' ')} {v['low']:.3f}..{v['high']:.3f}" for n, v in found.items())
    return [
        f"{report['rows_train']:,} invoices to learn from, {report['rows_test']:,} tested; {report['base_rate']:.1%} late.",
        "",
        *make_table(["", "model", "AUC", "Brier", "log loss", "ECE", "slope", "intercept"], rows),
        "",
        f"95 % intervals of the curve, bootstrap over customers: {shown}.",
        "",
    ]


def tabulate_horizons(reports: Sequence[Report]) -> list[str]:
    """Tabulate the curve at every horizon of some backtests, beside the baselines."""
    rows = []
    for report in reports:
        for name, part in report["horizons"].items():
            own = part["candidates"][report["champion"]]
            rates = (part["baselines"].get(kind, {}).get("log_loss") for kind in ("shrunk_rate", "base_rate"))
            figures = (show(own[m], 4 if m == "log_loss" else 3) for m in _GROUP_MEASURES)
            plain, weighted = show(own["brier"], 4), show(own["ipcw_brier"], 4)
            shown = [report["cutoff"], f"`{name}`", f"{part['rows_test']:,}", show_share(part["base_rate"]), *figures]
            rows.append([*shown, *(show(rate, 4) for rate in rates), f"{plain} / {weighted}"])
    header = [
        "cutoff",
        "",
        "rows",
        "late",
        "AUC",
        "Brier",
        "log loss",
        "slope",
        "log loss, own rate",
        "log loss, base rate",
    ]
    return [*make_table([*header, "Brier complete / all (IPCW)"], rows), ""]


def tabulate_origins(summary: Report, *, models: Mapping[str, str]) -> list[str]:
    """Tabulate the mean and the range of each measure of p_late over several cutoffs.

    Parameters
    ----------
    summary : as given by ``summarise_origins``.
    models : by name, whether it is among the "candidates" or the "baselines".
    """
    part = summary["horizons"]["p_late"]
    rows = [
        [name, *(_show_range(part[kind][name].get(measure)) for measure in _MEASURES)] for name, kind in models.items()
    ]
    return [*make_table(["model", "AUC", "Brier", "log loss", "ECE", "slope", "intercept"], rows), ""]


def _show_range(found: Mapping[str, float] | None) -> str:
    return "–" if not found else f"{found['mean']:.3f} ({found['low']:.3f}..{found['high']:.3f})"


def tabulate_groups(report: Report, part: str, *, head: str) -> list[str]:
    """Tabulate the curve's measures of p_late in groups; empty groups are left out."""
    rows = [
        [
            name,
            f"{values['rows']:,}",
            show_share(values["base_rate"]),
            *(show(values[m]) for m in _GROUP_MEASURES),
            show_share(_weigh(values, "observed")),
            show_share(_weigh(values, "expected")),
        ]
        for name, values in report[part].items()
        if values["rows"]
    ]
    header = [head, "rows", "late", "AUC", "Brier", "log loss", "slope", "late by amount", "expected by amount"]
    return [*make_table(header, rows), ""]


def _weigh(values: Mapping[str, Any], name: str) -> float | None:
    weighted = values["amount_weighted"]
    return weighted[name] / weighted["amount"] if weighted["amount"] else None


def describe_amounts(report: Report) -> str:
    """Say how the curve does when every invoice counts by its amount."""
    said = report["candidates"][report["champion"]]["amount_weighted"]
    late, expected = (said[name] / said["amount"] for name in ("observed", "expected"))
    return (
        f"Weighted by amount: {late:.1%} late, {expected:.1%} expected; "
        f"Brier {show(said['brier'])}, log loss {show(said['log_loss'])}."
    )


def list_timing(report: Report) -> Iterator[tuple[str, list[str]]]:
    """List for each model that gives days: its name and, as words, error, coverage and width."""
    for kind in ("candidates", "baselines"):
        for name, values in report["timing"][kind].items():
            yield name, [show(values.get(measure), digits) for measure, digits in _TIMING.items()]


def tabulate_timing(report: Report) -> list[str]:
    """Tabulate how well the day of payment was foretold, of the invoices paid and followed long enough."""
    timing = report["timing"]
    if not timing["rows"]:
        return [f"No invoice was followed for {timing['window_days']} days past due.", ""]
    rows = [[name, *figures] for name, figures in list_timing(report)]
    return [
        f"{timing['rows']:,} invoices paid and followed for {timing['window_days']} days past due.",
        "",
        *make_table(["model", "days off the median", "share in p10..p90", "days from p10 to p90"], rows),
        "",
    ]
