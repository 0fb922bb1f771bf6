"""Fixtures for the ledger's tests."""

import pytest

from tests.ledger.ibm import read_ibm_ledger


@pytest.fixture(scope="session")
def ibm_ledger(realdata):
    """Give the book of the IBM sample ledger, and its export as text."""
    return read_ibm_ledger(realdata)
