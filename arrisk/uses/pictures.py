"""The use cases of drawing: a result becomes a picture in a file, whole or not at all."""

from pathlib import Path

from arrisk.allowance.estimates import Allowance
from arrisk.forecast import CashForecast
from arrisk.ingest.atomic import atomic_file
from arrisk.ledger.ageing import Ageing
from arrisk.reports.allowance_chart import render_allowance_chart
from arrisk.reports.charts import render_ageing_chart, render_kpi_chart
from arrisk.reports.forecast_chart import render_forecast_chart
from arrisk.reports.kpis import KpiReport
from arrisk.reports.trends import tabulate_kpis


def draw_ageing(ageing: Ageing, path: Path) -> None:
    """Draw an ageing into a file, .svg, .png or .pdf."""
    with atomic_file(path) as partial:
        partial.write_bytes(render_ageing_chart(ageing, suffix=path.suffix))


def draw_allowance(allowance: Allowance, path: Path) -> None:
    """Draw what is open and what of it will not come in, by age, into a file, .svg, .png or .pdf."""
    ageing = allowance.exposures.ageing
    drawn = render_allowance_chart(
        allowance.sum_by("bucket"), currency=ageing.currency, age_on=ageing.age_on, suffix=path.suffix
    )
    with atomic_file(path) as partial:
        partial.write_bytes(drawn)


def draw_trend(trend: list[KpiReport], path: Path) -> None:
    """Draw a trend of key figures into a file, .svg, .png or .pdf."""
    with atomic_file(path) as partial:
        partial.write_bytes(render_kpi_chart(tabulate_kpis(trend), suffix=path.suffix))


def draw_forecast(forecast: CashForecast, path: Path) -> None:
    """Draw a cash forecast into a file, .svg, .png or .pdf."""
    with atomic_file(path) as partial:
        partial.write_bytes(render_forecast_chart(forecast.tabulate(), suffix=path.suffix))
