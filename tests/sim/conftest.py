"""Portfolios that several tests look at."""

import pytest

from arrisk.sim import simulate_portfolio, write_portfolio


@pytest.fixture(scope="session")
def portfolio():
    return simulate_portfolio(customers=220, months=27, seed=5)


@pytest.fixture(scope="session")
def written(portfolio, tmp_path_factory):
    folder = tmp_path_factory.mktemp("portfolio")
    write_portfolio(portfolio, folder, file_format="csv")
    return folder
