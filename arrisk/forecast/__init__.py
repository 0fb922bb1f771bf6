"""Cash forecast: receipts by week from the open book and from future sales, their band, and how well they did."""

from arrisk.forecast.backtest import CashBacktest, backtest_cash
from arrisk.forecast.cash import CashForecast, forecast_cash
from arrisk.forecast.receipts import CurvesOf, Horizon

__all__ = ["CashBacktest", "CashForecast", "CurvesOf", "Horizon", "backtest_cash", "forecast_cash"]
