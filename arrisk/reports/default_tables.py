"""The tables of a default model's validation, from its report as plain data; a part that is not there is left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from arrisk.reports.backtest_charts import name_words
from arrisk.reports.backtest_tables import format_interval
from arrisk.reports.default_texts import CHECKS, STEPS
from arrisk.reports.html import NONE, format_figure, format_share, make_table

Plain = Mapping[str, Any]

_MEASURES = (
    ("gini", "Gini"),
    ("ks", "KS"),
    ("brier", "Brier"),
    ("log_loss", "log loss"),
    ("calibration_slope", "slope"),
    ("calibration_intercept", "intercept"),
)
_NAMES = {"base_rate": "base rate", "shrunk_rate": "customer's own late rate", "altman_rule": "Altman's rule"}


def name_model(name: str) -> str:
    """Name a candidate or a baseline in words."""
    return _NAMES.get(name, name_words(name))


def tabulate_checks(checks: Sequence[Plain]) -> str:
    """Show what policy asks, what was found, and what comes of it."""
    rows = [[f"{check['model']}: {CHECKS[check['name']]}", *describe_check(check), check["result"]] for check in checks]
    failed = frozenset(place for place, check in enumerate(checks) if check["result"] == "failed")
    return make_table(["", "found", "asked for", "result"], rows, marked=failed)


def describe_check(check: Plain) -> list[str]:
    """Say what was found, and what is asked for.

    Examples
    --------
    >>> describe_check({"name": "slope", "value": 0.9, "at_least": 0.8, "at_most": 1.25})
    ['0.900', '0.800 to 1.250']
    """
    digits = 0 if check["name"] == "customers" else 3
    low, high = (format_figure(check[name], digits=digits) for name in ("at_least", "at_most"))
    ends = {(False, False): f"{low} to {high}", (True, False): f"at most {high}", (False, True): f"at least {low}"}
    asked = ends[(check["at_least"] is None, check["at_most"] is None)]
    return [format_figure(check["value"], digits=digits), asked]


def tabulate_models(own: Plain) -> str:
    """Show the champion, its rivals and the baselines side by side."""
    rows, marked = [], set()
    for place, said in enumerate(own["models"]):
        is_champion = not said["is_baseline"] and said["model"] == own["champion"]
        gain = {"value": said["gain"], "low": said["gain_low"], "high": said["gain_high"]}
        name = f"{'baseline: ' if said['is_baseline'] else ''}{name_model(said['model'])}"
        figures = [format_figure(said[key]) for key, _ in _MEASURES]
        rows.append([f"{name} (champion)" if is_champion else name, *figures, format_gain(gain, is_champion)])
        marked |= {place} if is_champion else set()
    head = ["", *(label for _, label in _MEASURES), "the champion gains (95 %)"]
    return make_table(head, rows, marked=frozenset(marked))


def format_gain(gain: Plain, is_own: bool) -> str:  # noqa: FBT001 - one word of a table
    """Write what the champion gains over another; over itself nothing."""
    return NONE if is_own else format_interval(gain, digits=4)


def tabulate_grades(grades: Sequence[Plain]) -> str:
    """Show each grade: observed, predicted, and whether the one is more than the other by chance."""
    rows = [
        [
            str(said["group"]),
            format_figure(said["count"], digits=0),
            format_figure(said["defaults"], digits=0),
            format_figure(said["count"] * said["p_default"], digits=1),
            *(format_share(said[name], digits=2) for name in ("default_rate", "p_default")),
            format_figure(said["jeffreys"]),
            *(format_share(said[name], digits=2) for name in ("posterior_mean", "upper_bound")),
        ]
        for said in grades
    ]
    head = ["grade", "customers", "defaults", "expected", "observed", "predicted", "Jeffreys p"]
    return make_table([*head, "posterior mean", "bound, limits only"], rows)


def tabulate_deciles(deciles: Sequence[Plain]) -> str:
    """Show the groups behind the test of Hosmer and Lemeshow."""
    rows = [
        [
            str(said["group"]),
            format_figure(said["count"], digits=0),
            format_figure(said["defaults"], digits=0),
            format_figure(said["count"] * said["p_default"], digits=1),
            *(format_share(said[name], digits=2) for name in ("default_rate", "p_default")),
        ]
        for said in deciles
    ]
    return make_table(["tenth by prediction", "customers", "defaults", "expected", "observed", "predicted"], rows)


def tabulate_shifts(shifts: Sequence[Plain], *, limit: float) -> str:
    """Show the features that moved most; those beyond the limit of policy stand out."""
    rows = [[name_words(said["feature"]), said["feature"], format_figure(said["psi"])] for said in shifts]
    marked = frozenset(place for place, said in enumerate(shifts) if (said["psi"] or 0) > limit)
    return make_table(["", "feature", "PSI"], rows, marked=marked)


def tabulate_segments(segments: Sequence[Plain]) -> str:
    """Show each segment: observed, predicted, and how well it is ranked."""
    tables = []
    for name in dict.fromkeys(said["segment"] for said in segments):
        rows = [
            [
                str(said["group"]),
                format_figure(said["customers"], digits=0),
                format_figure(said["defaults"], digits=0),
                *(format_share(said[key], digits=2) for key in ("default_rate", "p_default")),
                *(format_figure(said[key]) for key in ("jeffreys", "gini")),
            ]
            for said in segments
            if said["segment"] == name
        ]
        tables.append(make_table([name, "customers", "defaults", "observed", "predicted", "Jeffreys p", "Gini"], rows))
    return "\n".join(tables)


def tabulate_unseen(unseen: Plain) -> str:
    """Show the model beside its kind fitted on other customers, on the same questions."""
    if not unseen:
        return ""
    names = {"model": "the model", "fitted_on_others": "fitted on others"}
    rows = [[name, *(format_figure(unseen[key][what]) for what in ("gini", "log_loss"))] for key, name in names.items()]
    return make_table(["", "Gini", "log loss"], rows, caption=f"{unseen['rows']:,} questions")


def tabulate_counts(counts: Sequence[Plain], *, key: str, head: str) -> str:
    """Show how many customers went or stand where.

    Parameters
    ----------
    counts : one per row: the grade under ``key``, and how many under each other grade.
    key : the name of the row's own grade.
    head : what rows and columns are.
    """
    if not counts:
        return ""
    columns = [name for name in counts[0] if name != key]
    rows = [[str(said[key]), *(format_figure(said[name], digits=0) for name in columns)] for said in counts]
    return make_table([head, *columns], rows)


def tabulate_bridge(bridge: Plain) -> str:
    """Show the way from one expected loss to the other."""
    rows = [[STEPS[step["step"]], format_figure(step["amount"], digits=0)] for step in bridge["steps"]]
    marked = frozenset(place for place, step in enumerate(bridge["steps"]) if step["is_total"])
    return make_table(["", bridge["currency"]], rows, marked=marked)
