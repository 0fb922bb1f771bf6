"""The tables of a backtest's page, from its report as plain data; a part that is not there is left out."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from arrisk.reports.backtest_charts import name_words
from arrisk.reports.html import NONE, format_figure, format_share, make_section, make_table

Plain = Mapping[str, Any]

_MEASURES = (
    ("auc", "AUC"),
    ("brier", "Brier"),
    ("log_loss", "log loss"),
    ("ece", "ECE"),
    ("calibration_slope", "slope"),
    ("calibration_intercept", "intercept"),
    ("ipcw_brier", "Brier, IPCW"),
)
_OVER_CUTOFFS = (_MEASURES[0], *_MEASURES[2:3], *_MEASURES[4:6])
_TIMES = (("mae_median_days", "days off, mean"), ("coverage", "in p10-p90"))
_MOST_REASONS = 15
_EITHER_WAY = 0.1
_CHAMPION = " (champion)"
_MODELS = {
    "base_rate": "base rate",
    "shrunk_rate": "customer's own late rate",
    "customer_median": "due date + customer's median delay",
    "due_date": "paid on the due date",
}
LATE, RISK = ("more often late", "less often late"), ("more risk", "less risk")
"""What a higher and a lower score mean, in words."""


def name_model(name: str) -> str:
    """Name a candidate or a baseline in words."""
    return _MODELS.get(name, name_words(name))


def name_target(name: str) -> str:
    """Name a probability in words.

    Examples
    --------
    >>> name_target("p_late"), name_target("p_late_30")
    ('late at all (p_late)', 'more than 30 days late (p_late_30)')
    """
    days = name.removeprefix("p_late").removeprefix("_")
    return f"more than {days} days late ({name})" if days else f"late at all ({name})"


def list_horizons(report: Plain) -> dict[str, Plain]:
    """List the parts of a report by probability; that of p_late is the report itself where it has no part."""
    parts = dict(report.get("horizons", {}))
    return {"p_late": parts.pop("p_late", report), **parts}


def tabulate_models(report: Plain) -> str:
    """Show candidates and baselines of each horizon side by side."""
    return "\n".join(_tabulate_horizon(report, name, part) for name, part in list_horizons(report).items())


def _tabulate_horizon(report: Plain, name: str, part: Plain) -> str:
    champion = report.get("trials", {}).get(name, {}).get("champion", report["champion"])
    models = _list_models({"candidates": {champion: part}, **part}, champion=champion)
    kept = [(key, label) for key, label in _MEASURES if any(said.get(key) is not None for _, said in models)]
    rows = [[model, *_read(said, kept)] for model, said in models if said.get("log_loss") is not None]
    marked = frozenset(place for place, row in enumerate(rows) if row[0].endswith(_CHAMPION))
    counted = f"{part['rows_test']:,} invoices with a complete outcome, {format_share(part['base_rate'])} of them late"
    table = make_table(["", *_name(kept)], rows, marked=marked)
    return make_section(f"{name_target(name).capitalize()}: {counted}", table, level=3)


def tabulate_integrated(report: Plain) -> str:
    """Show the Brier score integrated over days past due."""
    found = report.get("integrated_brier", {})
    models = found.get("models", {}).items()
    rows = [[name_model(name), format_figure(said["integrated_brier"], digits=4)] for name, said in models]
    if not rows:
        return ""
    caption = f"Brier of lateness, IPCW, from {found['days'][0]} to {found['days'][-1]} days past due"
    return make_table(["", "integrated Brier"], rows, caption=caption)


def tabulate_groups(report: Plain, key: str, *, head: str) -> str:
    """Show the champion's measures by group, for p_late and p_late_30.

    Parameters
    ----------
    key : ``by_history_depth`` or ``by_amount_decile``.
    head : what the groups are.
    """
    parts = {name: part for name, part in list_horizons(report).items() if name in {"p_late", "p_late_30"}}
    return "\n".join(_tabulate_group(name, part.get(key, {}), head) for name, part in parts.items())


def _tabulate_group(name: str, groups: Plain, head: str) -> str:
    rows = [
        [group, format_figure(said["rows"], digits=0), format_share(said.get("base_rate")), *_read(said, _MEASURES[:6])]
        for group, said in groups.items()
    ]
    return make_table([head, "invoices", "late", *_name(_MEASURES[:6])], rows, caption=name_target(name).capitalize())


def tabulate_amounts(report: Plain) -> str:
    """Show measures in which each invoice counts as much as its amount."""
    tables = []
    for target, part in list_horizons(report).items():
        weighed = {name: said["amount_weighted"] for name, said in _list_models(part) if said.get("amount_weighted")}
        rows = [
            [
                model,
                *(format_share(said[key] / said["amount"]) for key in ("observed", "expected")),
                *(format_figure(said[key]) for key in ("brier", "log_loss")),
            ]
            for model, said in weighed.items()
            if said.get("log_loss") is not None
        ]
        head = ["", "of the amount late", "expected", "Brier", "log loss"]
        tables.append(make_table(head, rows, caption=name_target(target).capitalize()))
    return "\n".join(filter(None, tables))


def tabulate_timing(report: Plain) -> str:
    """Show how far the median day is off, and how often the payment fell between p10 and p90."""
    timing = report.get("timing", {})
    head = ["", "paid invoices", "days off, mean", "in p10-p90", "before p10", "after p90", "width, days"]
    marked = frozenset(place for place, name in enumerate(timing.get("candidates", {})) if name == report["champion"])
    rows = [_list_timing(name, said) for name, said in _list_models(timing) if said.get("mae_median_days") is not None]
    depths = [_list_timing(name, said) for name, said in timing.get("by_history_depth", {}).items() if said["rows"]]
    by_depth = make_table(["champion, by settled invoices", *head[1:]], depths)
    return "\n".join(filter(None, [make_table(head, rows, marked=marked), by_depth]))


def _list_timing(name: str, said: Plain) -> list[str]:
    shares = [format_share(said.get(key), digits=0) for key in ("coverage", "below", "above")]
    days = [format_figure(said.get(key), digits=1) for key in ("mae_median_days", "mean_width_days")]
    return [name, format_figure(said.get("rows"), digits=0), days[0], *shares, days[1]]


def tabulate_ageing(ageing: Plain) -> str:
    """Show how each variant of the calibration did over all periods."""
    rows = []
    for name, said in ageing.get("variants", {}).items():
        shares = [format_share(said.get(key)) for key in ("observed", "expected")]
        figures = [format_figure(said.get(key)) for key in ("brier", "log_loss")]
        rows.append([name_words(name), *shares, *figures, format_interval(said.get("log_loss_gain"))])
    return make_table(["", "observed", "expected", "Brier", "log loss", "gain over the first (95 %)"], rows)


def tabulate_origins(origins: Plain) -> str:
    """Show the mean and the range of the measures over several cutoffs."""
    lateness = [
        _tabulate_ranges(part, _OVER_CUTOFFS, name_target(name).capitalize())
        for name, part in origins.get("horizons", {}).items()
    ]
    timing = _tabulate_ranges(origins.get("timing", {}), _TIMES, "Day of payment", digits=2)
    return "\n".join(filter(None, [*lateness, timing]))


def _tabulate_ranges(part: Plain, measures: Sequence[tuple[str, str]], caption: str, *, digits: int = 3) -> str:
    models = _list_models(part)
    kept = [key for key, _ in measures if any(said.get(key) for _, said in models)]
    rows = [[model, *(format_range(said.get(key), digits=digits) for key in kept)] for model, said in models]
    known = [row for row in rows if set(row[1:]) != {NONE}]
    return make_table(["", *(label for key, label in measures if key in kept)], known, caption=caption)


def tabulate_reliability(table: pd.DataFrame) -> str:
    """Show the groups behind the picture."""
    rows = [
        [
            format_figure(row["count"], digits=0),
            *(format_share(row[name]) for name in ("predicted_share", "observed_share")),
            f"{format_share(row['low_share'])} to {format_share(row['high_share'])}",
        ]
        for row in table.to_dict("records")
    ]
    return make_table(["invoices", "predicted late", "observed late", "95 % interval"], rows)


def tabulate_curves(table: pd.DataFrame, *, days: Sequence[int] = (0, 30, 60, 90)) -> str:
    """Show predicted and observed shares paid on some days."""
    rows = []
    for name, part in table.groupby("group", sort=False):
        chosen = part.set_index("day").loc[list(days), ["predicted_share", "observed_share"]].to_numpy("float64")
        shares = [f"{format_share(predicted)} / {format_share(observed)}" for predicted, observed in chosen]
        rows.append([str(name), f"{part['count'].iloc[0]:,}", *shares])
    return make_table(["paid by: predicted / observed", "invoices", *(f"day {day}" for day in days)], rows)


def tabulate_reasons(reasons: Sequence[Plain], *, ways: tuple[str, str] = LATE) -> str:
    """Show how much the strongest reasons move scores, and which way; the others together.

    Parameters
    ----------
    reasons : each with its mean absolute contribution, its share of the whole and its direction.
    ways : ``LATE`` or ``RISK``.
    """
    rows = [
        [
            name_words(said["reason"]),
            format_figure(said["mean_absolute"]),
            format_share(said["share"]),
            _describe_direction(said["direction"], ways),
        ]
        for said in reasons[:_MOST_REASONS]
    ]
    if others := reasons[_MOST_REASONS:]:
        mean, share = (sum(said[key] for said in others) for key in ("mean_absolute", "share"))
        rows.append([f"{len(others)} others together", format_figure(mean), format_share(share), NONE])
    return make_table(["reason", "mean size, logits", "of the whole", "direction"], rows)


def format_interval(interval: Plain | None, *, digits: int = 3) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> format_interval({"value": 0.1027, "low": 0.0881, "high": 0.1193})
    '0.103 (0.088 to 0.119)'
    """
    if not interval or interval.get("value") is None:
        return NONE
    value, low, high = (format_figure(interval[key], digits=digits) for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def format_range(summary: Plain | None, *, digits: int = 3) -> str:
    """Write a mean with its range, a dash where there is none."""
    return format_interval({**summary, "value": summary["mean"]}, digits=digits) if summary else NONE


def _list_models(part: Plain, *, champion: str = "") -> list[tuple[str, Plain]]:
    """List candidates, then baselines, by what they are called on the page."""
    candidates = part.get("candidates", {}).items()
    named = [(f"{name_model(name)}{_CHAMPION if name == champion else ''}", said) for name, said in candidates]
    return named + [(f"baseline: {name_model(name)}", said) for name, said in part.get("baselines", {}).items()]


def _read(said: Plain, measures: Sequence[tuple[str, str]]) -> list[str]:
    return [format_figure(said.get(key)) for key, _ in measures]


def _name(measures: Sequence[tuple[str, str]]) -> list[str]:
    return [label for _, label in measures]


def _describe_direction(correlation: float | None, ways: tuple[str, str]) -> str:
    if correlation is None:
        return NONE
    if abs(correlation) < _EITHER_WAY:
        return "either way"
    return f"more of it, {ways[correlation < 0]}"
