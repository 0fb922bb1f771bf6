import pytest

from tests.modeling.samples import TRAINED_DAY, make_portfolio, make_sample, train_portfolio


@pytest.fixture(scope="session")
def sample():
    return make_sample()


@pytest.fixture(scope="session")
def portfolio():
    return make_portfolio()


@pytest.fixture(scope="session")
def training(portfolio):
    return train_portfolio(*portfolio)


@pytest.fixture(scope="session")
def later(portfolio):
    """Give what was issued after the day of training, with what became of it."""
    features, outcomes = portfolio
    rows = outcomes["issued_day"] >= TRAINED_DAY
    return features.loc[rows].reset_index(drop=True), outcomes.loc[rows].reset_index(drop=True)
