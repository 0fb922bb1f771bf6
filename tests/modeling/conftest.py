import pytest

from arrisk.modeling.late_payment import train_late
from tests.modeling.samples import INPUTS, make_portfolio, make_sample, see_as_of


@pytest.fixture(scope="session")
def sample():
    return make_sample()


@pytest.fixture(scope="session")
def portfolio():
    return make_portfolio()


@pytest.fixture(scope="session")
def training(portfolio):
    features, outcomes = portfolio
    seen = see_as_of(outcomes, 15_550)
    return train_late(features.loc[seen.index], seen, inputs=INPUTS, as_of_day=15_550)
