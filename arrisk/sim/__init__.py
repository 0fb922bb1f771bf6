"""A synthetic portfolio with known truth: what tests, the sample and the demonstration stand on."""

from arrisk.sim.params import DEFAULTS, Shock, SimulationParameters
from arrisk.sim.portfolio import Portfolio, simulate_portfolio
from arrisk.sim.writer import write_portfolio

__all__ = ["DEFAULTS", "Portfolio", "Shock", "SimulationParameters", "simulate_portfolio", "write_portfolio"]
