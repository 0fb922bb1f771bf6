"""How every chart looks: colours, letters, and the bytes of its file."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

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
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    # The same chart is the same file: ids come from a fixed salt, letters are drawn as shapes.
    "svg.fonttype": "path",
    "svg.hashsalt": "arrisk",
}
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
    title : what the chart shows, in one line.
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
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - an extra, and slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise InputError("charts need matplotlib", hint="pip install 'arrisk[plots]'") from error
    buffer = BytesIO()
    with rc_context(_STYLE):
        figure = Figure(figsize=(9.0, height), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        draw(figure)
        figure.canvas.print_figure(buffer, format=kind[1:], dpi=150, metadata=dict(_METADATA[kind]))
    return buffer.getvalue()


def draw_line(axes: "Axes", when: np.ndarray, values: np.ndarray, color: str) -> None:
    """Draw values over time."""
    axes.plot(when, values, color=color, linewidth=2, marker="o", markersize=3.5, clip_on=False)


def tidy_axes(axes: "Axes", unit: str) -> None:
    """Name the unit of the upright axis, and draw its grid faintly behind the values."""
    axes.set_ylabel(unit)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
