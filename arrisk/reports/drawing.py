"""How every chart looks: colours, letters, and the bytes of its file."""

import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from arrisk.errors import InputError, OutputError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, QUIET, GRID = "#1f2933", "#66727f", "#e3e7eb"
BLUE, ORANGE, GREEN = "#1f6fb2", "#c8501e", "#2f8f6b"
_STYLE: dict[Any, Any] = {
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    # A name with two dollar signs is a name, not a formula.
    "text.parse_math": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    # The same chart is the same file: ids come from a fixed salt, letters are drawn as shapes.
    "svg.fonttype": "path",
    "svg.hashsalt": "arrisk",
}
_TITLE_LETTERS = 88
_METADATA: Mapping[str, Mapping[str, None]] = {
    ".svg": {"Date": None},
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None},
}


def render_figure(draw: Callable[["Figure"], None], *, title: str, height: float, suffix: str) -> bytes:
    """Draw a chart into the bytes of a file.

    Parameters
    ----------
    draw : puts the axes on the empty figure.
    title : what the chart shows, in one sentence; empty where the page around it says so.
    height : of the figure in inches; it is nine wide.
    suffix : the ending of the file: .svg, .png or .pdf.

    Raises
    ------
    InputError
        When matplotlib is not installed.
    OutputError
        When the ending is another.
    """
    kind = suffix.lower()
    if kind not in _METADATA:
        raise OutputError(f"a chart cannot be written as '{suffix}'", hint=nearest(suffix, _METADATA))
    require_plots()
    from matplotlib import rc_context  # noqa: PLC0415 - an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    buffer = BytesIO()
    with rc_context(_STYLE), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; the figures beside the chart have the name in full.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        figure = Figure(figsize=(9.0, height), layout="constrained")
        if title:
            figure.suptitle(fill(title, _TITLE_LETTERS), x=0.01, ha="left", fontsize=13, fontweight="bold")
        draw(figure)
        figure.canvas.print_figure(buffer, format=kind[1:], dpi=150, metadata=dict(_METADATA[kind]))
    return buffer.getvalue()


def require_plots() -> None:
    """Make sure that charts can be drawn, before anything is computed for them.

    Raises
    ------
    InputError
        When matplotlib is not installed.
    """
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise InputError("charts need matplotlib", hint="pip install 'arrisk[plots]'") from error


def draw_line(axes: "Axes", when: np.ndarray, values: np.ndarray, color: str) -> None:
    """Draw values over time."""
    axes.plot(when, values, color=color, linewidth=2, marker="o", markersize=3.5, clip_on=False)


def label_months(axes: "Axes", months: pd.Series) -> None:
    """Name at most eight months below the level axis, the last one always."""
    step = -(-len(months) // 8)
    chosen = months.iloc[::-1].iloc[::step]
    axes.set_xticks(chosen.to_numpy(), [f"{month:%b %Y}" for month in chosen])


def tidy_axes(axes: "Axes", unit: str) -> None:
    """Name the unit of the upright axis, and draw its grid faintly behind the values."""
    axes.set_ylabel(unit)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
