"""Charts of a backtest: how its calibration ages, and what moves its scores."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from arrisk.features.meanings import ATTRIBUTES, MEANINGS, find_reason
from arrisk.features.readings import MEAN_ATTRIBUTE
from arrisk.modeling.rates import LEFT
from arrisk.modeling.rows import Floats, Ints
from arrisk.modeling.shap_summary import read_value
from arrisk.reports.drawing import (
    BLUE,
    GREEN,
    GRID,
    INK,
    ORANGE,
    QUIET,
    draw_line,
    label_months,
    render_figure,
    tidy_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (BLUE, GREEN, QUIET)
_MOST_REASONS, _LEAST_SHARE = 12, 0.005
_SLOTS, _REACH, _LABEL_LETTERS = 90, 0.4, 44


def name_words(name: str) -> str:
    """Turn the name of a candidate, a measure, a feature or a reason into words.

    Examples
    --------
    >>> name_words("boosted_trees"), name_words("attribute_bureau_score"), name_words("settled_count")
    ('boosted trees', 'attribute "bureau_score"', 'invoices paid so far')
    """
    if name in MEANINGS:
        return MEANINGS[name].meaning
    if name.startswith(ATTRIBUTES):
        return find_reason(name) + (" over the years" if name.startswith(MEAN_ATTRIBUTE) else "")
    return "how much time is left" if name == LEFT else name.replace("_", " ")


def render_ageing_of_calibration(ageing: Mapping[str, Any], *, suffix: str = ".svg") -> bytes:
    """Draw, period by period after the cutoff, the observed late share and what each variant expected.

    Parameters
    ----------
    ageing : as given by ``report_ageing``, at least one period.
    suffix : as ``render_figure`` takes it, with what that raises.
    """
    rows = pd.DataFrame(ageing["periods"])
    rows["starts_on"] = pd.to_datetime(rows["starts_on"])

    def draw(figure: "Figure") -> None:
        _draw_shares(figure.subplots(), rows)

    return render_figure(draw, title=describe_ageing_of_calibration(ageing), height=4.0, suffix=suffix)


def describe_ageing_of_calibration(ageing: Mapping[str, Any]) -> str:
    """Say in one line how far expected and observed late shares lie apart, by variant.

    Examples
    --------
    >>> variants = {"as fitted": {"mean_gap": 0.058}, "corrected": {"mean_gap": 0.03}}
    >>> describe_ageing_of_calibration({"variants": variants})
    'Expected late shares miss the observed ones by 5.8 points (as fitted), 3.0 (corrected)'
    """
    gaps = {name_words(name): said["mean_gap"] for name, said in ageing["variants"].items()}
    said = ", ".join(f"{100 * gap:.1f} ({name})" for name, gap in gaps.items() if gap is not None)
    return f"Expected late shares miss the observed ones by {said.replace(' (', ' points (', 1)}"


def render_reason_chart(
    reasons: Sequence[Mapping[str, Any]],
    parts: pd.DataFrame,
    values: pd.DataFrame,
    *,
    right: str = "later",
    suffix: str = ".svg",
) -> bytes:
    """Draw each row's parts by reason, coloured by how high the feature's value is.

    Parameters
    ----------
    reasons : as given by ``describe_reasons``, the strongest first, at least one.
    parts : one row per invoice, or other question, one column per reason, in logits.
    values : the same rows; the features.
    right : what a part to the right makes more likely.
    suffix : as ``render_figure`` takes it, with what that raises.
    """
    shown = [reason for reason in reasons[:_MOST_REASONS] if reason["share"] >= _LEAST_SHARE]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        for place, name in enumerate(str(reason["reason"]) for reason in shown):
            _draw_swarm(axes, place, parts[name].to_numpy(dtype="float64"), read_value(values, name))
        _label_reasons(axes, shown, right)

    return render_figure(draw, title=describe_reason_shares(reasons), height=1.6 + 0.4 * len(shown), suffix=suffix)


def describe_reason_shares(reasons: Sequence[Mapping[str, Any]]) -> str:
    """Say in one line which reasons move scores most.

    Examples
    --------
    >>> describe_reason_shares([{"reason": "late_share", "share": 0.6}, {"reason": "interaction", "share": 0.4}])
    'Scores are moved most by late share of the invoices paid (60%) and interaction (40%)'
    """
    words = [name_words(str(reason["reason"])).split(",")[0] for reason in reasons[:2]]
    named = [f"{name} ({reason['share']:.0%})" for name, reason in zip(words, reasons, strict=False)]
    return f"Scores are moved most by {' and '.join(named)}"


def _draw_shares(axes: "Axes", rows: pd.DataFrame) -> None:
    variants = list(rows.groupby("variant", sort=False))
    first = variants[0][1]
    size = 20 + 100 * first["rows"] / first["rows"].max()
    axes.scatter(first["starts_on"], 100 * first["observed"], s=size, color=ORANGE, label="observed", zorder=3)
    for place, (name, part) in enumerate(variants):
        colour = _COLOURS[min(place, len(_COLOURS) - 1)]
        draw_line(axes, part["starts_on"].to_numpy(), 100 * part["expected"].to_numpy(dtype="float64"), colour)
        axes.lines[-1].set(label=f"expected, {name_words(str(name))}", linestyle=("-", "--", ":")[place % 3])
    axes.set_ylim(bottom=0)
    axes.margins(y=0.15)
    label_months(axes, first["starts_on"])
    axes.set_xlabel("month of issue; the larger the dot, the more invoices")
    axes.legend(loc="lower left", frameon=False)
    tidy_axes(axes, "per cent late")


def _draw_swarm(axes: "Axes", place: int, part: Floats, value: Floats) -> None:
    known = ~np.isnan(value)
    height = place + spread_swarm(part)
    axes.scatter(part[~known], height[~known], s=6, color=QUIET, linewidths=0, rasterized=True)
    rank = pd.Series(value[known]).rank(pct=True).to_numpy()
    axes.scatter(
        part[known], height[known], s=6, c=rank, cmap=_make_scale(), vmin=0, vmax=1, linewidths=0, rasterized=True
    )


def spread_swarm(part: Floats) -> Floats:
    """Give points of about the same size different heights, so that their number shows as width.

    Returns
    -------
    array of shape (n,)
        Heights from -0.4 to 0.4; points alone in their place are at 0.

    Examples
    --------
    >>> spread_swarm(np.array([0.0, 1.0, 1.0, 1.0])).tolist()
    [0.0, 0.0, 0.4, -0.4]
    """
    width = float(np.ptp(part)) if len(part) else 0.0
    slot: Ints = (np.round((part - part.min()) / width * _SLOTS) if width else np.zeros(len(part))).astype("int64")
    rank = pd.Series(slot).groupby(slot).cumcount().to_numpy()
    side = np.where(rank % 2 == 1, 1, -1) * ((rank + 1) // 2)
    return np.asarray(_REACH * side / max(1, int(np.abs(side).max(initial=0))))


def _make_scale() -> Any:  # noqa: ANN401 - matplotlib's type, which is an extra
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    return LinearSegmentedColormap.from_list("low to high", [BLUE, "#c9ced3", ORANGE])


def _label_reasons(axes: "Axes", reasons: Sequence[Mapping[str, Any]], right: str) -> None:
    words = [fill(name_words(str(reason["reason"])), _LABEL_LETTERS) for reason in reasons]
    names = [f"{name}  {reason['mean_absolute']:.2f}" for name, reason in zip(words, reasons, strict=True)]
    axes.set_yticks(np.arange(len(names)), names, color=INK)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.axvline(0, color=QUIET, linewidth=1)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"part of the score, logits (right = {right})")
