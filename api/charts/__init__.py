"""Charts of the pages, drawn as SVG: values that are already answered in, markup out, nothing else read.

Every chart has a title and a description for who cannot see it, tells its series apart without colour, and takes its
looks from the classes of ``static/charts.css``. Where there is nothing to draw it is a sentence that says so.
"""

from api.charts.band import Span, draw_band
from api.charts.bars import Bar, draw_bars
from api.charts.columns import Columns, draw_grouped, draw_stacked
from api.charts.curve import Point, draw_curve
from api.charts.dots import Invoice, draw_dots
from api.charts.lines import Series, draw_lines
from api.charts.meter import draw_grades, draw_meter
from api.charts.sparkline import draw_sparkline
from api.charts.svg import Caption
from api.charts.waterfall import Step, draw_movement, draw_waterfall

__all__ = [
    "Bar",
    "Caption",
    "Columns",
    "Invoice",
    "Point",
    "Series",
    "Span",
    "Step",
    "draw_band",
    "draw_bars",
    "draw_curve",
    "draw_dots",
    "draw_grades",
    "draw_grouped",
    "draw_lines",
    "draw_meter",
    "draw_movement",
    "draw_sparkline",
    "draw_stacked",
    "draw_waterfall",
]
