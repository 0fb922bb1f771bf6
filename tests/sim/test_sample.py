"""The shipped portfolio is what the simulator makes, to the byte."""

from pathlib import Path

import pytest

from arrisk.sim import simulate_portfolio, write_portfolio

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "book"


@pytest.mark.slow
def test_the_shipped_portfolio_can_be_made_again_to_the_byte(tmp_path):
    # arrisk simulate --out DIR --customers 150 --months 30 --seed 7
    write_portfolio(simulate_portfolio(customers=150, months=30, seed=7), tmp_path, file_format="csv")
    made = {path.name: path.read_bytes() for path in (tmp_path / "book").iterdir()}
    shipped = {path.name: path.read_bytes() for path in SAMPLE.iterdir()}
    assert sorted(made) == sorted(shipped)
    assert made == shipped
